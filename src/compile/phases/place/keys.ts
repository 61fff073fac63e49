import { children } from "../../../algebra/fold.ts"
import { and, isVolatile, type Presence, type Ref, type Scalar } from "../../../algebra/Scalar.ts"
import { isFixedColumn } from "../emulate/absentConstants.ts"
import { booleanType } from "../../internalTypes.ts"
import { negatable } from "../../levels.ts"
import type { Term } from "../../Placed.ts"
import type { Junction, Visible } from "./Scope.ts"
import { inCall, operator } from "./operator.ts"

/** A key said again: PostgreSQL knows `NOT (s IS NULL)` by its key, and not `s IS NOT NULL`. */
export const saidAgain = (key: Term): Term =>
  negatable(key) ? operator(and([], booleanType), { parts: [key] }) : key

/**
 * A key said above its groups on MariaDB. Beside an aggregate MariaDB 10.11 takes a constant of a
 * derived table for there where an outer join left the row out: `concat(d.one, min(t.s)) … GROUP BY
 * d.one`.
 */
export const saidBeside = (key: Term, node: Scalar): Term =>
  isFixedColumn(node) ? inCall(key) : saidAgain(key)

/** PostgreSQL's parser makes one list of nested junctions, and finds no key in it again. */
export const isJunction = (node: Scalar): node is Junction =>
  node._tag === "And" || node._tag === "Or"

export const draws = (node: Scalar): boolean =>
  isVolatile(node) || children(node).some((one) => draws(one as Scalar))

/**
 * A column the keys determine becomes a key itself when somebody asks for it: no server knows that
 * they do through a derived table, and some never know.
 */
export const grouping = (visible: Visible, keys: Array<Term>, byKey: boolean): Visible => {
  const grouped = (made: Term): Term => {
    const told = (key: Term): boolean =>
      key._tag === "Column" &&
      made._tag === "Column" &&
      key.table === made.table &&
      key.name === made.name
    if (made._tag === "Column" && !(byKey && made.stored) && !keys.some(told)) keys.push(made)
    return made
  }
  return {
    column: (node) => grouped(visible.column(node)),
    present: (node) => {
      const made = visible.present(node)
      if (made._tag === "IsTrue") grouped(made.self)
      return made
    }
  }
}

/** Grouped by a table's whole primary key, every column of that table has one value a group. */
export const keysDetermine = (keys: ReadonlyArray<Scalar>, node: Ref | Presence): boolean => {
  const { source } = node
  if (source._tag !== "TableSource" || source.primaryKey.length === 0) return false
  return source.primaryKey.every((column) =>
    keys.some((key) => key._tag === "Ref" && key.alias === node.alias && key.path[0] === column)
  )
}

/** Whether two columns of one name are grouped by. */
export const hasNamesakes = (keys: ReadonlyArray<Term>): boolean => {
  const names = keys.flatMap((key) => (key._tag === "Column" ? [key.name] : []))
  return new Set(names).size < names.length
}
