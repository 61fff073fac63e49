import { commentOn } from "../../algebra/Ddl.ts"
import type { Alteration } from "../../algebra/schema/Alter.ts"
import type { Snapshot, SnapshotTable } from "../../algebra/schema/Snapshot.ts"
import { sayAddedIndex } from "../phases/render/indexes.ts"
import { sayPrimaryKey, sayUnique } from "../phases/render/rules.ts"
import { kindOfRule } from "./altered.ts"
import { type AlterWords, isMysql, type Said } from "./alterWords.ts"
import { exactly, isVirtual, madeByModule } from "./rebuiltTable.ts"

type CommentRule = Extract<Alteration, { readonly _tag: "CommentRule" }>

/** The rules a comment is made anew with, where it stands in their definitions. */
const inline: ReadonlySet<string> = new Set(["primaryKey", "uniques", "indexes"])

/** The statement of another comment on a rule, or of none. */
export const ruleRemarked = (
  snapshot: Snapshot,
  table: SnapshotTable,
  { rule, text }: CommentRule,
  words: AlterWords
): Said => {
  const { able, ddl } = words
  if (isVirtual(table)) return madeByModule(table)
  const { primaryKey } = table
  // MySQL and MariaDB keep no name of a primary key.
  const isKey = primaryKey !== null && rule === (isMysql(able) ? "PRIMARY" : primaryKey.name)
  const kind = isKey ? ("primaryKey" as const) : kindOfRule(table, rule)
  if (!isMysql(able) || !inline.has(kind)) {
    const on = {
      _tag: kind === "indexes" ? ("Index" as const) : ("Constraint" as const),
      name: rule
    }
    return ddl(commentOn(exactly(snapshot, table.name), on, text))
  }
  const remarked = <A extends { readonly name: string | null }>(all: ReadonlyArray<A>) =>
    all.map((one) => (one.name === rule ? { ...one, comment: text } : one))
  const after: SnapshotTable = isKey
    ? { ...table, primaryKey: { ...primaryKey, comment: text } }
    : { ...table, uniques: remarked(table.uniques), indexes: remarked(table.indexes) }
  const by = exactly({ ...snapshot, tables: [after] }, after.name)
  const made = words.written((writer, context) => {
    if (isKey) return sayPrimaryKey(by, writer)
    for (const one of by.uniques()) if (one.name === rule) sayUnique(one, by, writer)
    for (const one of by.indexes()) if (one.name === rule) sayAddedIndex(one, by, writer, context)
  })
  if (typeof made !== "string") return made
  const gone = isKey ? "PRIMARY KEY" : `INDEX ${words.name(rule)}`
  return [`ALTER TABLE ${words.placed(table)} DROP ${gone}, ADD ${made}`]
}
