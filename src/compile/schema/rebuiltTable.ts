import { reflected } from "../../algebra/schema/Catalog.ts"
import { createIndex, createTable } from "../../algebra/Ddl.ts"
import type { Snapshot, SnapshotColumn, SnapshotTable } from "../../algebra/schema/Snapshot.ts"
import type { TableSource } from "../../algebra/Source.ts"
import * as T from "../../algebra/types.ts"
import { dialects } from "../dialects.ts"
import { columnIn } from "./altered.ts"
import type { AlterWords, Said } from "./alterWords.ts"

/** A table of a snapshot; its columns and those it refers to are spelled as the server does. */
export const exactly = (snapshot: Snapshot, name: string): TableSource => {
  const { quote: quoted } = dialects[snapshot.dialect]
  const codec = { decode: (raw: unknown) => raw, encode: (value: unknown) => value }
  const known = new Map<string, ReturnType<typeof T.custom>>()
  const typeOf = ({ collation, type }: SnapshotColumn) => {
    const sql = collation === null ? type : `${type} COLLATE ${quoted(collation)}`
    const one = known.get(sql) ?? T.custom({ sql, name: sql, codec })
    known.set(sql, one)
    return one
  }
  const types = snapshot.tables.flatMap((table) =>
    table.columns.map((column) => [
      `${table.schema === null ? "" : `${table.schema}.`}${table.name}.${column.name}`,
      typeOf(column)
    ])
  )
  const catalog = reflected(snapshot, Object.fromEntries(types))
  return catalog.tables.find((one) => one.name === name)!
}

/** The new table counts on from where the old one was, whatever rows it has. */
const counted = (
  { name, schema }: SnapshotTable,
  after: string,
  placed: AlterWords["placed"]
): ReadonlyArray<string> => {
  const { textLiteral } = dialects.sqlite
  const numbers = placed({ schema, name: "sqlite_sequence" })
  return [
    `DELETE FROM ${numbers} WHERE name = ${textLiteral(after)}`,
    `INSERT INTO ${numbers} (name, seq) SELECT ${textLiteral(after)}, seq ` +
      `FROM ${numbers} WHERE name = ${textLiteral(name)}`
  ]
}

/** What SQLite cannot alter is made anew: all of it, under another name, which then changes. */
export const rebuiltTable = (
  snapshot: Snapshot,
  before: SnapshotTable,
  after: SnapshotTable,
  words: AlterWords
): Said => {
  if (before.options["virtual"] !== undefined)
    return Object.freeze({
      _tag: "Refusal",
      dialect: words.able.dialect,
      capability: "alterTable",
      construct: `a change of the virtual table ${before.name}, which its module keeps`
    })
  const tables = snapshot.tables.map((one) => (one === before ? after : one))
  const source = exactly({ ...snapshot, tables }, after.name)
  const temporary = `athanor_new_${after.name}`
  // Its rules keep their names and speak of the table by the name it is to have.
  const made: TableSource = { ...source, name: temporary }
  const created = words.ddl(createTable(made, [], false))
  if ("_tag" in created) return created
  const indexes = words.ddl(...source.indexes().map((index) => createIndex(source, index)))
  if ("_tag" in indexes) return indexes
  const kept = after.columns.filter(
    ({ computed, name }) =>
      computed === null && before.columns.some((one) => one.name === name && one.computed === null)
  )
  const { name, placed } = words
  const columns = kept.map((column) => name(column.name)).join(", ")
  const casts = kept
    .map((column) => {
      const { type } = columnIn(before, column.name)
      return type === column.type
        ? name(column.name)
        : `CAST(${name(column.name)} AS ${column.type})`
    })
    .join(", ")
  return [
    ...created,
    `INSERT INTO ${placed(made)} (${columns}) SELECT ${casts} FROM ${placed(before)}`,
    ...(after.options["autoincrement"] === undefined ? [] : counted(before, temporary, placed)),
    `DROP TABLE ${placed(before)}`,
    `ALTER TABLE ${placed(made)} RENAME TO ${name(after.name)}`,
    ...indexes
  ]
}
