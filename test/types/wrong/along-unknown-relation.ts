// line: 9
// expect: '"comments"' is not assignable to parameter of type '"posts"'
import { Along, Column, Entity } from "athanor"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
  static readonly posts = this.hasMany(() => Post)
}
class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {}
Along.any(User, "comments")
