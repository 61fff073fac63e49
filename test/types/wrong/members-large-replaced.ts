// line: 12
// expect: it is large: append to it, remove from it
import { Column, Entity, Session } from "athanor"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
  static readonly posts = this.hasMany(() => Post, { large: true })
}
class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
  static readonly user = this.belongsTo(() => User)
}

Session.replace(User.ref(1), User.posts, [])
