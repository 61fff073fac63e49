/** What alterations of generated schemas are made with. */
import { type Alter, Catalog, Column, type Table } from "athanor"
import { capabilities } from "athanor/compile"
import type {
  Snapshot,
  SnapshotColumn,
  SnapshotTable
} from "../../../src/algebra/schema/Snapshot.ts"
import { snapshotOf } from "../../../src/compile/schema/snapshotOf.ts"
import type { EngineName } from "../../runtime/databases.ts"

export interface Changed {
  readonly snapshot: Snapshot
  readonly alteration: Alter.Alteration
}

export const nth = <A>(all: ReadonlyArray<A>, at: number): A | undefined => all[at % all.length]

export const within = (
  snapshot: Snapshot,
  before: SnapshotTable,
  after: SnapshotTable
): Snapshot => ({
  ...snapshot,
  tables: snapshot.tables.map((one) => (one === before ? after : one))
})

export const declared = (table: Table.Table<string, any>, engine: EngineName): SnapshotTable =>
  snapshotOf(Catalog.make({ table }), capabilities(engine)).tables[0]!

export const columnLike = ({ sql }: SnapshotColumn): Column.Column<any, any, any> =>
  sql?._tag === "Smallint"
    ? Column.smallint()
    : sql?._tag === "Bigint"
      ? Column.bigint()
      : Column.integer()
