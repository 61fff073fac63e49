// line: 9
// expect: Property 'of' does not exist on type 'EntityExpr<typeof User, string, "users">'.
import { Column, Entity, Fn } from "athanor"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
  static readonly low = this.expr((u) => Fn.lower(u.name))
}
declare const user: User
User.low.of(user)
