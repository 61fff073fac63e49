// line: 12
// expect: 'Some<Post>' is missing the following properties from type 'readonly Post[]'
import { Column, Entity, Load } from "athanor"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
  static readonly posts = this.hasMany(() => Post)
}
class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {}

declare const withSome: User & { readonly posts: Load.Some<Post> }
const complete = (user: User & { readonly posts: ReadonlyArray<Post> }) => user.posts.length
complete(withSome)
