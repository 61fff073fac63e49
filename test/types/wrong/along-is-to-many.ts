// line: 12
// expect: '"posts"' is not assignable to parameter of type '"boss"'
import { Along, Column, Entity } from "athanor"

class User extends Entity<User>()("users", {
  id: Column.id(), bossId: Column.integer().nullable()
}) {
  static readonly boss = this.belongsTo(() => User)
  static readonly posts = this.hasMany(() => Post)
}
class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {}
Along.is(User, "posts", 1)
