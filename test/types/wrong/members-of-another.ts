// line: 12
// expect: 'text' does not exist in type
import { Column, Entity, Session } from "athanor"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
  static readonly posts = this.hasMany(() => Post)
}
class Post extends Entity<Post>()("posts", { id: Column.id(), title: Column.text(), userId: Column.integer() }) {
  static readonly user = this.belongsTo(() => User)
}

Session.append(User.ref(1), User.posts, { title: "a", text: "b" })
