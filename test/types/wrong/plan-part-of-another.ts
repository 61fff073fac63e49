// line: 11
// expect: a part of another entity
import { Column, Entity, Load, Query } from "athanor"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
  static readonly posts = this.hasMany(() => Post)
}
class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {}

const some = Load.some(User, { limit: 1 })
Load.all(Query.from(User), { posts: some })
