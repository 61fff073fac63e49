// line: 13
// expect: it is large: load some of it, by a limit
import { Column, Entity, Load, Query } from "athanor"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
  static readonly posts = this.hasMany(() => Post, { large: true })
}
class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
  static readonly user = this.belongsTo(() => User)
}

const all = Load.some(Post, { orderBy: Post.c.id })
Load.all(Query.from(User), { posts: all })
