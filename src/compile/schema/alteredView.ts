import type { Alteration } from "../../algebra/schema/Alter.ts"
import { createView } from "../../algebra/Ddl.ts"
import type { Snapshot, SnapshotView } from "../../algebra/schema/Snapshot.ts"
import { refuse } from "../../algebra/StatementError.ts"
import type { AlterWords, Said } from "./alterWords.ts"
import { snapshotOf } from "./snapshotOf.ts"

/** A change of a view. */
export type ViewChange = Extract<
  Alteration,
  { readonly _tag: "AddView" | "AlterView" | "DropView" }
>

export const isViewChange = (one: Alteration): one is ViewChange =>
  one._tag === "AddView" || one._tag === "AlterView" || one._tag === "DropView"

const viewIn = ({ views }: Snapshot, { schema, table }: ViewChange): SnapshotView =>
  views.find((one) => one.name === table && one.schema === schema) ??
  refuse(`alter: no view "${table}"${schema === null ? "" : ` in "${schema}"`}`)

/** PostgreSQL replaces a query by one whose columns begin with those there are. */
const begins = (before: SnapshotView, after: SnapshotView): boolean =>
  before.columns.every(({ name, type }, at) => {
    const now = after.columns[at]
    return now?.name === name && now.type === type
  })

/** The statements that change a view. */
export const alteredView = (snapshot: Snapshot, change: ViewChange, words: AlterWords): Said => {
  if (change._tag === "AddView") return words.ddl(createView(change.by, false))
  const before = viewIn(snapshot, change)
  const { able, placed } = words
  const dropped = `DROP ${before.materialized ? "MATERIALIZED VIEW" : "VIEW"} ${placed(before)}`
  if (change._tag === "DropView") return [dropped]
  if (before.materialized) refuse(`alter: "${before.name}" is materialized: drop it and add it`)
  const [after] = snapshotOf({ tables: [], views: [change.by] }, able).views
  const replaces =
    able.dialect === "postgres"
      ? after !== undefined && begins(before, after)
      : able.dialect !== "sqlite"
  const made = words.ddl(createView(change.by, false, replaces))
  return "_tag" in made || replaces ? made : [dropped, ...made]
}
