// line: 22
// expect: Type '"name"' is not assignable to type '"media" | "notes" | "photo"'
import { Column, Entity, Load, Query, Session } from "athanor"

class User extends Entity<User>()("users", {
  id: Column.id(), name: Column.text(), notes: Column.text().deferred(),
  photo: Column.text().deferred("media").nullable()
}) {
  static readonly posts = this.hasMany(() => Post)
  get loud(): string {
    return `${this.name}!`
  }
}
class Post extends Entity<Post>()("posts", { id: Column.id(), title: Column.text(), userId: Column.integer() }) {
  static readonly user = this.belongsTo(() => User)
}
declare const user: User
declare const part: Load.Loaded<typeof User, ReturnType<typeof named>>
const named = () => Load.columns(User, ["name"])
export { user, part, Query, Session, Post }

Load.also(User, ["name"])
