import { Column, Entity } from "athanor"
import { Left } from "./orm-cycle-left.ts"

/** The other one. */
export class Right extends Entity<Right>()("rights", {
  id: Column.id(),
  name: Column.varchar(20),
  leftId: Column.integer()
}) {
  static readonly left = this.belongsTo(() => Left)
}
