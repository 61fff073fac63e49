// line: 13
// expect: Ref<"posts">
// expect: OneOf<"users">
import { Column, Entity, Session } from "athanor"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
  static readonly posts = this.hasMany(() => Post)
}
class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
  static readonly user = this.belongsTo(() => User)
}

Session.replace(Post.ref(1), User.posts, [])
