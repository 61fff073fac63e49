import type { TableSource } from "../algebra/Source.ts"
import { entitiesKnown, entitiesOf, holdersOf } from "../mapping/EntityTables.ts"
import type { SessionState } from "./SessionState.ts"

/** What may hang on rows that were removed: a flush takes it along, or detaches it. */

/** These tables, and below them all whose rows can hang on theirs. */
export const withChildren = (first: Iterable<TableSource>): Set<TableSource> => {
  const tables = new Set(first)
  for (const table of tables) for (const child of childrenOf(table)) tables.add(child)
  return tables
}

const childrenOf = (table: TableSource): ReadonlyArray<TableSource> =>
  entitiesOf(table).flatMap(({ relations, tables }) => [
    ...tables,
    ...[...relations().values()].flatMap(({ kind, on, related, targetColumns, through }) =>
      kind === "belongsTo" || on !== null
        ? []
        : through === null
          ? holdersOf(related, targetColumns)
          : [through.table]
    )
  ])

let hanging = new WeakMap<ReadonlySet<TableSource>, ReadonlySet<TableSource>>()
let knownThen = entitiesKnown()

/** May rows of these tables go, or be detached, with some removed since the last flush? */
export const mayHang = ({ removed }: SessionState, tables: ReadonlyArray<TableSource>): boolean => {
  if (removed.size === 0) return false
  if (knownThen !== entitiesKnown()) {
    knownThen = entitiesKnown()
    hanging = new WeakMap()
  }
  let found = hanging.get(removed)
  if (found === undefined)
    hanging.set(removed, (found = withChildren([...removed].flatMap(childrenOf))))
  return tables.some((table) => found.has(table))
}
