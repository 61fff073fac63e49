import { reflected } from "../../algebra/schema/Catalog.ts"
import { createIndex, createTable } from "../../algebra/Ddl.ts"
import type { Refusal } from "../../algebra/Dialect.ts"
import type { Snapshot, SnapshotColumn, SnapshotTable } from "../../algebra/schema/Snapshot.ts"
import type { TableSource } from "../../algebra/Source.ts"
import * as T from "../../algebra/types.ts"
import { dialects } from "../dialects.ts"
import { columnIn } from "./altered.ts"
import { type AlterWords, refusedIn, type Said } from "./alterWords.ts"
import { decimalAs, isUnlike, speaksOf } from "./keptDecimals.ts"

/** A table of a snapshot; its columns and those it refers to are spelled as the server does. */
export const exactly = (snapshot: Snapshot, name: string): TableSource => {
  const codec = { decode: (raw: unknown) => raw, encode: (value: unknown) => value }
  const known = new Map<string, ReturnType<typeof T.custom>>()
  const typeOf = ({ type: sql }: SnapshotColumn) => {
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

/** The storage classes of what is no text and no bytes, by the affinity of a column. */
const numbers: Readonly<Record<string, string>> = {
  INTEGER: "'integer'",
  REAL: "'real'",
  NUMERIC: "'integer', 'real'"
}

const affinityOf = ({ type }: SnapshotColumn): string => type.replace(/\(.*$/, "")

/**
 * A value for a column of another type. A number is left to the column's affinity, which takes a
 * text that is one and leaves what is none, a fraction too: a cast would make 0 of it, or cut it.
 */
const storedAs = (value: string, type: string): string =>
  type in numbers ? value : `CAST(${value} AS ${type})`

/** Fails where a column of numbers was given something else. */
const verified = (
  was: SnapshotColumn,
  column: SnapshotColumn,
  table: string,
  name: string,
  made: string
): ReadonlyArray<string> => {
  const classes = numbers[affinityOf(column)]
  const unlike = [
    ...(classes === undefined ? [] : [`typeof(${name}) NOT IN (${classes}, 'null')`]),
    isUnlike(name, column) ?? []
  ].flat()
  if (unlike.length === 0) return []
  const isNumber = affinityOf(was) in numbers || was.sql?._tag === "Numeric"
  const says = dialects.sqlite.textLiteral(
    `a value of ${table}.${column.name} ${isNumber ? "has no place in" : "is no"} ${column.type}`
  )
  return [`SELECT json_extract('1', ${says}) FROM ${made} WHERE ${unlike.join(" OR ")} LIMIT 1`]
}

/**
 * Fails where the column that becomes the number of a row has none: SQLite would make one up, where
 * NOT NULL is said too.
 */
const numbered = (
  before: SnapshotTable,
  after: SnapshotTable,
  { name, placed }: AlterWords
): ReadonlyArray<string> =>
  after.columns.flatMap((column) => {
    const was = before.columns.find((one) => one.name === column.name)
    if (column.identity === null || was === undefined || was.identity !== null) return []
    const says = dialects.sqlite.textLiteral(`no value for ${before.name}.${column.name}, a key`)
    return [
      `SELECT json_extract('1', ${says}) FROM ${placed(before)} ` +
        `WHERE ${name(column.name)} IS NULL LIMIT 1`
    ]
  })

/** The name a table has while it is made anew. */
export const madeAnew = (table: string): string => `athanor_new_${table}`

export const isVirtual = ({ options }: SnapshotTable): boolean => options["virtual"] !== undefined

/** Why a virtual table of SQLite is not altered. */
export const madeByModule = ({ name }: SnapshotTable): Refusal =>
  Object.freeze({
    _tag: "Refusal",
    dialect: "sqlite",
    capability: "alterTable",
    construct: `a change of the virtual table ${name}, which its module keeps`
  })

/** What SQLite cannot alter is made anew: all of it, under another name, which then changes. */
export const rebuiltTable = (
  snapshot: Snapshot,
  before: SnapshotTable,
  after: SnapshotTable,
  words: AlterWords
): Said => {
  if (isVirtual(before)) return madeByModule(before)
  const tables = snapshot.tables.map((one) => (one === before ? after : one))
  const source = exactly({ ...snapshot, tables }, after.name)
  const temporary = madeAnew(after.name)
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
  const values: Array<string> = []
  const asked: Array<string> = []
  for (const column of kept) {
    const was = columnIn(before, column.name)
    const value = name(column.name)
    if (was.type === column.type) {
      values.push(value)
      continue
    }
    const speaks = speaksOf(snapshot, before, was, column)
    const decimal = decimalAs(value, was, column)
    if (speaks !== null || decimal === null)
      return refusedIn(
        words.able,
        "alterTable",
        `${column.type} for the column ${column.name}, ${was.type}` +
          (speaks === null ? "" : `, of which ${speaks} speaks`)
      )
    values.push(decimal ?? storedAs(value, column.type))
    asked.push(...verified(was, column, before.name, value, placed(made)))
  }
  return [
    ...numbered(before, after, words),
    ...created,
    `INSERT INTO ${placed(made)} (${columns}) SELECT ${values.join(", ")} FROM ${placed(before)}`,
    ...asked,
    ...(after.options["autoincrement"] === undefined ? [] : counted(before, temporary, placed)),
    `DROP TABLE ${placed(before)}`,
    `ALTER TABLE ${placed(made)} RENAME TO ${name(after.name)}`,
    ...indexes
  ]
}
