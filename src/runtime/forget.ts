import { refuse } from "../algebra/StatementError.ts"
import type { Mapped, OneOf, RelationFacts } from "../mapping/EntityClass.ts"
import { entitiesOf, holdersOf, refIn } from "../mapping/EntityTables.ts"
import { tupleOf } from "../mapping/flush/tuple.ts"
import {
  isPromisedCell,
  keyRow,
  type Row,
  rowKeyOf,
  rowOf,
  type RowRef
} from "../mapping/RowRef.ts"
import { refOf } from "./edits.ts"
import { everHeld, soughtIn } from "./holding.ts"
import * as State from "./SessionState.ts"
import type { SessionState } from "./SessionState.ts"
import type { Unit } from "./Unit.ts"

/** What is known and pending of a row, whatever becomes of it. */
const cellsOf = (state: SessionState, ref: RowRef): Row => {
  const now = State.standing(state, ref)
  return rowOf(
    keyRow(ref),
    state.rows.row(ref.table, rowKeyOf(ref)) ?? {},
    now._tag === "Here" ? now.row : {}
  )
}

/** The rows that go where this one goes: children its relation deletes with it, and its links. */
const owned = (
  state: SessionState,
  ref: RowRef,
  relation: RelationFacts
): ReadonlyArray<RowRef> => {
  const { children, columns, on, related, targetColumns, through } = relation
  if (on !== null || (through === null && children !== "delete")) return []
  const row = cellsOf(state, ref)
  const keys = through?.near ?? targetColumns
  const tables = through === null ? holdersOf(related, targetColumns) : [through.table]
  const own = rowOf(Object.fromEntries(keys.map((key, at) => [key, row[columns[at]!]])))
  return tables.flatMap((owner) => {
    const sought = soughtIn(owner, keys, own)
    if (sought === null) return []
    return everHeld(state, { owner, columns: keys }, sought).filter(
      (child) => tupleOf(owner, keys, cellsOf(state, child)) === sought.tuple
    )
  })
}

/** The same row in the other tables that keep some of it. */
const elsewhere = (entity: Mapped, ref: RowRef): ReadonlyArray<RowRef> =>
  entity.tables.includes(ref.table)
    ? entity.tables.filter((table) => table !== ref.table).map((table) => refIn(table, ref))
    : []

/**
 * The state without these rows, and without the children they own: neither believed nor pending.
 *
 * **Errors** `StatementError` where another pending row refers to a key only a forgotten one gets.
 */
export const forgotten = (unit: Unit, values: ReadonlyArray<OneOf<string>>): SessionState => {
  const refs = new Map<string, RowRef>()
  const queue = values.map((value) => refOf(unit, value))
  for (const ref of queue) {
    if (refs.has(ref.id)) continue
    refs.set(ref.id, ref)
    for (const entity of entitiesOf(ref.table)) {
      queue.push(...elsewhere(entity, ref))
      for (const relation of entity.relations().values())
        queue.push(...owned(unit.state, ref, relation))
    }
  }
  const { state } = unit
  for (const edit of State.allEdits(state)) {
    if (refs.has(edit.ref.id)) continue
    const cells = edit._tag === "Put" ? edit.row : edit._tag === "Patch" ? edit.values : {}
    const left = Object.values(cells).find((cell) => isPromisedCell(cell) && refs.has(cell.ref.id))
    if (left === undefined) continue
    refuse(`forget: a pending row of "${edit.ref.table.name}" refers to one that is forgotten`)
  }
  return State.dropped(state, refs.values())
}
