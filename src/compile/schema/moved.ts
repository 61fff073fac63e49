import type { Alteration } from "../../algebra/schema/Alter.ts"
import type { Snapshot } from "../../algebra/schema/Snapshot.ts"
import { refuse } from "../../algebra/StatementError.ts"
import { type AlterWords, isMysql, refusedIn, type Said } from "./alterWords.ts"

/** What may move, by the word its statement has for it. */
const kinds = {
  table: ({ tables }: Snapshot) => tables,
  view: ({ views }: Snapshot) => views.filter(({ materialized }) => !materialized),
  "materialized view": ({ views }: Snapshot) => views.filter(({ materialized }) => materialized),
  sequence: ({ sequences }: Snapshot) => sequences,
  type: ({ enums }: Snapshot) => enums,
  domain: ({ domains }: Snapshot) => domains
}

/** The statement that takes something to another schema. */
export const moved = (
  snapshot: Snapshot,
  { schema, table: name, to }: Extract<Alteration, { readonly _tag: "Move" }>,
  { able, placed, schemaName }: AlterWords
): Said => {
  const kind =
    (Object.keys(kinds) as ReadonlyArray<keyof typeof kinds>).find((one) =>
      kinds[one](snapshot).some((it) => it.name === name && it.schema === schema)
    ) ??
    refuse(
      `alter: no table "${name}"${schema === null ? "" : ` in "${schema}"`}, ` +
        "no view, sequence or type either"
    )
  const before = placed({ schema, name })
  if (able.dialect === "postgres")
    return [`ALTER ${kind.toUpperCase()} ${before} SET SCHEMA ${schemaName(to)}`]
  return isMysql(able) && kind !== "view"
    ? [`RENAME TABLE ${before} TO ${placed({ schema: to, name })}`]
    : refusedIn(able, "moveToSchema", `the ${kind} ${name} in another schema`)
}
