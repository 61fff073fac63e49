import type { Capabilities } from "../../algebra/Dialect.ts"
import type { Alteration } from "../../algebra/schema/Alter.ts"
import type { Snapshot, SnapshotTable } from "../../algebra/schema/Snapshot.ts"
import { dialects } from "../dialects.ts"
import { sayColumn, sayIdentity } from "../phases/render/columns.ts"
import { altered, type Change, columnIn } from "./altered.ts"
import { type AlterWords, isMysql, refusedIn, type Said } from "./alterWords.ts"
import { exactly, rebuiltTable } from "./rebuiltTable.ts"

/** A change of whether a column counts. */
export type IdentityChange = Extract<Alteration, { readonly _tag: "AddIdentity" | "DropIdentity" }>

export const isIdentityChange = (one: Change): one is IdentityChange =>
  one._tag === "AddIdentity" || one._tag === "DropIdentity"

/** The statements that make a column count, or no more. */
export const identityChanged = (
  snapshot: Snapshot,
  table: SnapshotTable,
  change: IdentityChange,
  words: AlterWords
): Said => {
  const { able, name } = words
  const column = change._tag === "DropIdentity" ? change.column : keyName(change)
  const before = columnIn(table, column)
  if (able.dialect === "sqlite") return numbered(snapshot, table, change, words)
  const after = altered(table, change, able)
  if (isMysql(able)) return modified({ ...snapshot, tables: [after] }, column, change, words)
  const start = `ALTER TABLE ${words.placed(table)} ALTER COLUMN ${name(column)}`
  if (change._tag === "DropIdentity")
    return before.identity === "auto"
      ? [`${start} DROP DEFAULT`, sequenceDropped(table, column, words)]
      : [`${start} DROP IDENTITY`]
  const { by, key } = change
  const said = words.written((writer) => sayIdentity(by.byKey.get(key)!, by, writer))
  return typeof said !== "string"
    ? said
    : [
        ...(before.default === null ? [] : [`${start} DROP DEFAULT`]),
        ...(before.nullable ? [`${start} SET NOT NULL`] : []),
        `${start} ADD${said}`,
        ...countedOn(after, change, words)
      ]
}

const keyName = ({ by, key }: Extract<IdentityChange, { readonly _tag: "AddIdentity" }>): string =>
  by.byKey.get(key)!.name

const ownSequence = (table: SnapshotTable, column: string, { placed }: AlterWords): string => {
  const { textLiteral } = dialects.postgres
  return `pg_get_serial_sequence(${textLiteral(placed(table))}, ${textLiteral(column)})`
}

/** A serial's sequence has a name of its own, and goes as that of an identity does. */
const sequenceDropped = (table: SnapshotTable, column: string, words: AlterWords): string => {
  const { textLiteral } = dialects.postgres
  const drop = `EXECUTE 'DROP SEQUENCE ' || ${ownSequence(table, column, words)};`
  return `DO ${textLiteral(`BEGIN ${drop} END`)}`
}

/** PostgreSQL begins at the start, whatever is there: it is told the last number. */
const countedOn = (
  after: SnapshotTable,
  { by, key }: Extract<IdentityChange, { readonly _tag: "AddIdentity" }>,
  words: AlterWords
): ReadonlyArray<string> => {
  const { name, placed } = words
  const { counted, name: column } = by.byKey.get(key)!
  if (counted !== null && counted.counter.start !== null) return []
  const { increment, maximum, minimum } = columnIn(after, column).counter!
  const last = `${increment > 0n ? "max" : "min"}(${name(column)})`
  return [
    `SELECT setval(${ownSequence(after, column, words)}, ${last}) FROM ${placed(after)} ` +
      `HAVING ${last} ${increment > 0n ? `>= ${minimum}` : `<= ${maximum}`}`
  ]
}

/** SQLite numbers the only key of whole numbers, and nothing else. */
const numbered = (
  snapshot: Snapshot,
  table: SnapshotTable,
  change: IdentityChange,
  words: AlterWords
): Said => {
  const { able } = words
  if (change._tag === "DropIdentity") {
    altered(table, change, able)
    return refusedIn(able, "alterTable", `a key ${change.column} of whole numbers, not counted`)
  }
  const column = columnIn(table, keyName(change))
  if (column.identity !== null) return []
  const key = table.primaryKey?.columns ?? []
  return key.length === 1 && key[0] === column.name && table.options["rowid"] !== "no"
    ? rebuiltTable(snapshot, table, altered(table, change, able), words)
    : notTheKey(table, column.name, able)
}

const notTheKey = ({ name }: SnapshotTable, column: string, able: Capabilities): Said =>
  refusedIn(
    able,
    "identity",
    `an identity column "${column}" that is not the primary key of ${name}`
  )

/**
 * AUTO_INCREMENT, or none. The server gives another number to a row that has 0 when a column begins
 * to count: MariaDB is told not to, MySQL has no such words and stops at one.
 */
const modified = (
  after: Snapshot,
  column: string,
  change: IdentityChange,
  words: AlterWords
): Said => {
  const { able, name, placed, written } = words
  const [table] = after.tables
  const source = exactly(after, table!.name)
  const options = change._tag === "AddIdentity" ? change.by.byKey.get(change.key)!.counted : null
  if (options !== null)
    return refusedIn(able, "identityColumns", `the options of the identity column ${column}`)
  const said = written((writer, context) => {
    writer.put(`ALTER TABLE ${placed(table!)} MODIFY COLUMN `)
    sayColumn(source.byKey.get(column)!, source, writer, context)
  })
  if (typeof said !== "string") return said
  if (change._tag === "DropIdentity") return [said]
  return able.dialect === "mariadb"
    ? [`SET STATEMENT sql_mode = concat(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO') FOR ${said}`]
    : [
        `SELECT CAST(concat('a row has ', ${name(column)}) AS JSON) FROM ${placed(table!)} ` +
          `WHERE abs(${name(column)}) = 0`,
        said
      ]
}
