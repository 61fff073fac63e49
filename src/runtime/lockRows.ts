import * as Effect from "effect/Effect"
import type { LockStrength } from "../algebra/Relation.ts"
import type { TableSource } from "../algebra/Source.ts"
import type { ReadError } from "../effects/DatabaseError.ts"
import type { Mapped } from "../mapping/EntityClass.ts"
import type { KnownRef } from "../mapping/RowRef.ts"
import { rowsByKey, wholeKeys } from "./rowsByKey.ts"
import { inside, type Unit } from "./Unit.ts"

type Keys = ReadonlyArray<KnownRef["key"]>

/**
 * Locks the rows of a class over tables that are there, in each table that keeps a part of them.
 *
 * **Shape** no server locks the rows behind a derived table, and who writes a member's own columns
 * may write its table alone. The table that tells rows apart comes first, whoever asks: two who
 * lock the same rows wait for each other there.
 */
export const lockRows: (
  unit: Unit,
  entity: Mapped,
  keys: Keys,
  lock: LockStrength
) => Effect.Effect<void, ReadError> = Effect.fnUntraced(function* (
  unit,
  { members, tables },
  keys,
  lock
) {
  const taken = (table: TableSource, own: Keys, columns = table.primaryKey) =>
    inside(unit, rowsByKey(unit.engine, wholeKeys(table, own), { columns, lock }))
  const [home, ...others] = tables
  if (home === undefined) return
  const tag = members?.by
  const isTagged = tag !== undefined && home.byKey.has(tag)
  const found = yield* taken(home, keys, isTagged ? [...home.primaryKey, tag] : home.primaryKey)
  for (const table of others) yield* taken(table, keys)
  if (!isTagged) return
  for (const [is, rows] of Map.groupBy(found, ({ row }) => row[tag])) {
    const own = rows.map(({ ref }) => (ref as KnownRef).key)
    for (const table of members!.classes.get(is)?.tables.slice(1) ?? []) yield* taken(table, own)
  }
})
