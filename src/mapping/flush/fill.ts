import type { Generator } from "../../algebra/Generator.ts"
import type { ColumnNode, TableSource } from "../../algebra/Source.ts"
import { type Change, type ChangeSet, inOrder } from "../ChangeSet.ts"
import { rowOf } from "../RowRef.ts"

/** Makes one client-side value: the only place where time and chance come in. */
export type Generate = (column: ColumnNode, generator: Generator) => unknown

/** The columns of a table that the client makes. */
interface Made {
  readonly inserted: ReadonlyArray<ColumnNode>
  readonly updated: ReadonlyArray<ColumnNode>
}

const madeIn = new WeakMap<TableSource, Made>()

const madeOf = (table: TableSource): Made => {
  let made = madeIn.get(table)
  if (made === undefined) {
    const inserted = table.columns.filter((column) => column.default !== null)
    const updated = table.columns.filter((column) => column.onUpdate !== null)
    madeIn.set(table, (made = { inserted, updated }))
  }
  return made
}

const fillChange = (change: Change, made: Made, generate: Generate): Change => {
  if (change._tag === "Delete") return change
  const columns = change._tag === "Insert" ? made.inserted : made.updated
  if (columns.length === 0) return change
  const given = change._tag === "Insert" ? change.row : change.set
  const filled = rowOf(given)
  let isFilled = false
  for (const column of columns) {
    const generator = change._tag === "Insert" ? column.default : column.onUpdate
    if (given[column.key] !== undefined) continue
    filled[column.key] = generate(column, generator!)
    isFilled = true
  }
  if (!isFilled) return change
  return Object.freeze(
    change._tag === "Insert" ? { ...change, row: filled } : { ...change, set: filled }
  )
}

/**
 * The same changes with defaults in inserts and on-update values in updates that leave them out.
 *
 * **Shape** once a flush, after `diff`: an update that changes nothing must not get a new time.
 */
export const fill = (set: ChangeSet, generate: Generate): ChangeSet => {
  let table: TableSource | null = null
  let made: Made | null = null
  let isSame = true
  const changes = set.changes.map((change) => {
    if (change.ref.table !== table) made = madeOf((table = change.ref.table))
    const filled = fillChange(change, made!, generate)
    isSame &&= filled === change
    return filled
  })
  return isSame ? set : inOrder(changes)
}
