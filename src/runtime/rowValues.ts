import * as Effect from "effect/Effect"
import type { TableSource } from "../algebra/Source.ts"
import type { Mapped } from "../mapping/EntityClass.ts"
import { refsOf } from "../mapping/EntityTables.ts"
import { keyRow, type KnownRef, type RowRef } from "../mapping/RowRef.ts"
import { standingOf, valueOver } from "./edits.ts"
import { rowsByKey } from "./rowsByKey.ts"
import * as State from "./SessionState.ts"
import { inside, learning, type Unit } from "./Unit.ts"

/** What tells a row: its class, and its key where that is known. */
export interface Told {
  readonly entity: Mapped
  readonly ref: KnownRef | null
}

type Keys = ReadonlyArray<ReadonlyArray<unknown>>

/** Reads rows by some of their columns, and believes them where nothing was written since. */
export const readRows = (
  unit: Unit,
  table: TableSource,
  columns: ReadonlyArray<string>,
  keys: Keys
) =>
  Effect.suspend(() => {
    const heard = learning(unit)
    return Effect.map(inside(unit, rowsByKey(unit.engine, { table, columns, keys })), (rows) => {
      heard(rows)
      return rows
    })
  })

/** Reads the rows of which something is not known: one query a table. */
export const loadRows = (unit: Unit, rows: ReadonlyArray<Told>) =>
  Effect.forEach(
    Map.groupBy(unknownIn(unit, rows), ({ table }) => table),
    ([table, own]) => readRows(unit, table, table.primaryKey, keysOf(own))
  )

const keysOf = (refs: ReadonlyArray<KnownRef>): Keys => refs.map(({ key }) => key)

const unknownIn = (unit: Unit, rows: ReadonlyArray<Told>): ReadonlyArray<KnownRef> =>
  rows.flatMap(({ entity, ref }) => {
    const now = ref === null ? null : standingOf(unit.state, entity, ref)
    const isKnown = now === null || (now._tag === "Here" && now.isWhole)
    return isKnown ? [] : (refsOf(entity, ref!) as ReadonlyArray<KnownRef>)
  })

/** The newest values of rows that were flushed: what the server made of new ones is read. */
export const rowValues = Effect.fnUntraced(function* (
  unit: Unit,
  rows: ReadonlyArray<readonly [entity: Mapped, ref: RowRef]>
) {
  const now = rows.map(([entity, ref]) => ({ entity, ref: State.resolve(unit.state, ref) }))
  yield* loadRows(unit, now as ReadonlyArray<Told>)
  return now.map(({ entity, ref }) => {
    const standing = standingOf(unit.state, entity, ref)
    return valueOver(entity, standing._tag === "Here" ? standing.row : keyRow(ref), null)
  })
})
