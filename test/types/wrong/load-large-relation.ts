// line: 13
// expect: LargeHasMany
import { Column, Entity, Session } from "athanor"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
  static readonly posts = this.hasMany(() => Post, { large: true })
}
class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
  static readonly user = this.belongsTo(() => User)
}

declare const user: User
Session.load(user, User.posts)
