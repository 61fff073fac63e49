// line: 8
// expect: Type '"end"' is not assignable to type '"begins" | "ends" | "id"'. Did you mean '"ends"'?
import { Column, Entity } from "athanor"

export class Shift extends Entity<Shift>()("shifts", {
  id: Column.id(), begins: Column.integer(), ends: Column.integer()
}) {
  static readonly inOrder = this.rule(["begins", "end"], "an end after its beginning", () => true)
}
