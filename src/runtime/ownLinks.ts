import * as Effect from "effect/Effect"
import type { ReadError } from "../effects/DatabaseError.ts"
import type { RelationFacts } from "../mapping/EntityClass.ts"
import { fits, rowsOf } from "../mapping/EntityTables.ts"
import { tupleOf } from "../mapping/flush/tuple.ts"
import type { KnownRow } from "../mapping/KnownRows.ts"
import { readRows } from "./rowValues.ts"
import type { Unit } from "./Unit.ts"

/**
 * The links among some that lead to rows of the relation's class: in a table that has links to
 * other members of its family, too, the rows that links lead to tell whose they are.
 */
export const ownLinks = (
  unit: Unit,
  { related, targetColumns, through }: RelationFacts,
  links: ReadonlyArray<KnownRow>
): Effect.Effect<ReadonlyArray<KnownRow>, ReadError> => {
  if (through === null || Object.keys(related.fixed).length === 0) return Effect.succeed(links)
  const { far, table } = through
  const keys = links.map(({ row }) => far.map((column) => row[column]))
  return Effect.map(readRows(unit, rowsOf(related), targetColumns, keys), (targets) => {
    const own = new Set(
      targets
        .filter(({ row }) => fits(related, row))
        .map(({ ref, row }) => tupleOf(ref.table, targetColumns, row))
    )
    return links.filter(({ row }) => own.has(tupleOf(table, far, row)))
  })
}
