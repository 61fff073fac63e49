// line: 11
// expect: one row has no part
import { Column, Entity, Load, Query } from "athanor"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
  static readonly user = this.belongsTo(() => User)
}

const some = Load.some(User, { limit: 1 })
Load.all(Query.from(Post), { user: some })
