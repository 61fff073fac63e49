import { Column, Entity } from "athanor"
import { Right } from "./orm-cycle-right.ts"

/** One of two entities whose modules import each other. */
export class Left extends Entity<Left>()("lefts", { id: Column.id() }) {
  static readonly rights = this.hasMany(() => Right, { children: "delete" })
}
