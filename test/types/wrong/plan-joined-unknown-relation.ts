// line: 12
// expect: '{ readonly writer: true; }' is not assignable to type
import { Column, Entity, Load, Query } from "athanor"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
  static readonly posts = this.hasMany(() => Post)
}
class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
  static readonly user = this.belongsTo(() => User)
}

Load.all(Query.from(User), { posts: Load.json({ writer: true }) })
