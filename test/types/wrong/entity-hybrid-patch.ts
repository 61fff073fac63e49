// line: 8
// expect: Type 'string' is not assignable to type 'number'.
import { Column, Entity } from "athanor"

class User extends Entity<User>()("users", { id: Column.id(), cents: Column.integer() }) {
  static readonly doubled = this.hybrid(
    (u) => u.cents.mul(2),
    { set: (sum) => ({ cents: String(sum) }) }
  )
}
export const doubled = User.doubled
