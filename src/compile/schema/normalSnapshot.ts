import type { Snapshot, SnapshotTable } from "../../algebra/schema/Snapshot.ts"

type Named = { readonly schema?: string | null; readonly name: string | null }

const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const byName = <A extends Named>(all: ReadonlyArray<A>): ReadonlyArray<A> =>
  all.length < 2
    ? all
    : all.toSorted(
        (a, b) => compared(a.schema ?? "", b.schema ?? "") || compared(a.name ?? "", b.name ?? "")
      )

const table = (one: SnapshotTable): SnapshotTable => ({
  ...one,
  uniques: byName(one.uniques),
  foreignKeys: byName(one.foreignKeys),
  checks: byName(one.checks),
  exclusions: byName(one.exclusions),
  indexes: byName(one.indexes)
})

/** The same schema with all that has no order of its own by name. */
export const normalSnapshot = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  tables: byName(snapshot.tables.map(table)),
  views: byName(snapshot.views),
  sequences: byName(snapshot.sequences),
  enums: byName(snapshot.enums),
  domains: byName(snapshot.domains.map((one) => ({ ...one, checks: byName(one.checks) })))
})
