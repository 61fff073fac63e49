// line: 6
// expect: Property 'toUpperCase' does not exist on type 'Expr<string, "users">'.
import { Column, Entity } from "athanor"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
  static readonly loud = this.hybrid((u) => u.name.toUpperCase())
}
export const loud = User.loud
