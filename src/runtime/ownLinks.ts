import type { RelationFacts } from "../mapping/EntityClass.ts"
import { fits } from "../mapping/EntityTables.ts"
import { tupleOf } from "../mapping/flush/tuple.ts"
import type { KnownRow } from "../mapping/KnownRows.ts"

/** Links to one member of a family, in a table that has links to others, too. */

/** Must the rows that links lead to be known before one can say whose links they are? */
export const areShared = ({ related, through }: RelationFacts): boolean =>
  through !== null && Object.keys(related.fixed).length > 0

/** The keys of the rows that links lead to. */
export const targetKeys = (
  { through }: RelationFacts,
  links: ReadonlyArray<KnownRow>
): ReadonlyArray<ReadonlyArray<unknown>> =>
  links.map(({ row }) => through!.far.map((column) => row[column]))

/** The links that lead to rows of the relation's class. */
export const ownLinks = (
  { related, targetColumns, through }: RelationFacts,
  links: ReadonlyArray<KnownRow>,
  targets: ReadonlyArray<KnownRow>
): ReadonlyArray<KnownRow> => {
  const { far, table } = through!
  const own = new Set(
    targets
      .filter(({ row }) => fits(related, row))
      .map(({ ref, row }) => tupleOf(ref.table, targetColumns, row))
  )
  return links.filter(({ row }) => own.has(tupleOf(table, far, row)))
}
