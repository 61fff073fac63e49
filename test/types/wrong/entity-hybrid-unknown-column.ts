// line: 6
// expect: Property 'title' does not exist on type
import { Column, Entity } from "athanor"

class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
  static readonly shown = this.hybrid((u) => u.title)
}
export const shown = User.shown
