// line: 12
// expect: Property 'length' does not exist on type 'Some<Post>'
import { Column, Entity, Load } from "athanor"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
  static readonly posts = this.hasMany(() => Post)
}
class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {}

declare const rows: ReadonlyArray<{ readonly user: User; readonly post: Post | null }>
const [one] = Load.nested(rows, User, "user", { posts: "post" })
const count: number = one!.posts.length
