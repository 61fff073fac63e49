import type { Alteration } from "../../algebra/schema/Alter.ts"
import { reflected } from "../../algebra/schema/Catalog.ts"
import { addForeignKey, createIndex, createTable, type Ddl } from "../../algebra/Ddl.ts"
import type { Capabilities, DialectName, Refusal } from "../../algebra/Dialect.ts"
import type { Snapshot, SnapshotColumn, SnapshotTable } from "../../algebra/schema/Snapshot.ts"
import type { TableSource } from "../../algebra/Source.ts"
import * as T from "../../algebra/types.ts"
import { capabilities as capabilitiesOf } from "../capabilities.ts"
import { compileStatement } from "../compileStatement.ts"
import { dialects } from "../dialects.ts"
import type { Writer } from "../Dialect.ts"
import { sayColumn } from "../phases/render/columns.ts"
import { sayQuery } from "../phases/render/queries.ts"
import { sayCheck, sayEnum, sayUnique } from "../phases/render/rules.ts"
import { type Context, makeContext } from "../Program.ts"
import { altered, columnIn, kindOfRule, tableIn } from "./altered.ts"
import { makeWriter } from "../Writer.ts"

/** Statements so far, or why there are none. */
type Said = ReadonlyArray<string> | Refusal

/**
 * The statements that alter a schema as it is, in the words of one dialect.
 *
 * **Shape** rows are kept. SQLite has few ALTERs: there the table is made anew from all that the
 * snapshot says of it, its rows are copied, and it takes the name of the old one; foreign keys must
 * not be enforced meanwhile.
 * **Errors** a `Refusal` where the dialect cannot; throws `StatementError` for a table, a column or
 * a rule that is not in the snapshot.
 * **Source** SQLite, "Making Other Kinds Of Table Schema Changes"; Alembic `batch_alter_table`.
 *
 * @example
 * ```ts
 * import { Alter, Database } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { alterStatements } from "athanor/compile"
 * import { Effect } from "effect"
 * const program = Database.script("create table users (id integer)").pipe(
 *   Effect.andThen(Database.reflect()),
 *   Effect.map((schema) => alterStatements(schema, Alter.renameTable("users", "people"))))
 * const said = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * said // => ["ALTER TABLE users RENAME TO people"]
 * ```
 * @category interpreters
 */
export const alterStatements = (
  snapshot: Snapshot,
  alteration: Alteration,
  dialect: DialectName | Capabilities = snapshot.dialect
): Said => {
  const able = typeof dialect === "string" ? capabilitiesOf(dialect) : dialect
  const table = tableIn(snapshot, alteration.table)
  const name = (text: string): string => written(able, (writer) => writer.name(text)).text
  const start = `ALTER TABLE ${name(table.name)}`
  switch (alteration._tag) {
    case "RenameTable":
      return [`${start} RENAME TO ${name(alteration.to)}`]
    case "RenameColumn":
      columnIn(table, alteration.column)
      return [`${start} RENAME COLUMN ${name(alteration.column)} TO ${name(alteration.to)}`]
    case "AddRule":
      if (kindOfRuleBy(alteration.by, alteration.rule) === "indexes")
        return saidBy(able, indexNamed(alteration.by, alteration.rule))
      break
    case "DropRule":
      if (kindOfRule(table, alteration.rule) === "indexes")
        return [
          able.dialect === "mysql" || able.dialect === "mariadb"
            ? `DROP INDEX ${name(alteration.rule)} ON ${name(table.name)}`
            : `DROP INDEX ${name(alteration.rule)}`
        ]
      break
    default:
  }
  if (able.dialect === "sqlite")
    return rebuilt(snapshot, table, altered(table, alteration, able), able)
  switch (alteration._tag) {
    case "AddColumn": {
      const { by, key } = alteration
      const column = by.byKey.get(key)!
      const said = written(able, (writer, context) => {
        writer.put(`${start} ADD COLUMN `)
        sayColumn(column, by, writer, context)
        if (column.type.sql._tag !== "Enum") return
        writer.put(", ADD ")
        sayEnum(column, by, writer)
      })
      return said.refusal ?? [said.text]
    }
    case "DropColumn":
      columnIn(table, alteration.column)
      return [`${start} DROP COLUMN ${name(alteration.column)}`]
    case "AlterColumn": {
      const after = altered(table, alteration, able)
      const column = alteration.by.byKey.get(alteration.key)!.name
      if (able.dialect === "postgres")
        return changes(columnIn(table, column), columnIn(after, column)).map(
          (change) => `${start} ALTER COLUMN ${name(column)} ${change}`
        )
      const source = exactly({ ...snapshot, tables: [after] }, after.name)
      const said = written(able, (writer, context) => {
        writer.put(`${start} MODIFY COLUMN `)
        sayColumn(source.byKey.get(column)!, source, writer, context)
      })
      return said.refusal ?? [said.text]
    }
    case "AddRule":
      return ruleAdded(start, alteration.by, alteration.rule, able)
    case "DropRule": {
      const kind = kindOfRule(table, alteration.rule)
      const isMysql = able.dialect !== "postgres"
      const what =
        isMysql && kind === "foreignKeys"
          ? "FOREIGN KEY"
          : isMysql && kind === "uniques"
            ? "INDEX"
            : "CONSTRAINT"
      return [`${start} DROP ${what} ${name(alteration.rule)}`]
    }
  }
}

const written = (able: Capabilities, say: (writer: Writer, context: Context) => void) => {
  const context = makeContext(able)
  const { text, writer } = makeWriter(dialects[able.dialect], context, false, sayQuery)
  say(writer, context)
  return { text: text(), refusal: context.refusal() }
}

const saidBy = (able: Capabilities, ...nodes: ReadonlyArray<Ddl>): Said => {
  const texts: Array<string> = []
  for (const node of nodes) {
    const compiled = compileStatement(node, able)
    if (compiled._tag === "Refusal") return compiled
    texts.push(compiled.text)
  }
  return texts
}

const kindOfRuleBy = (by: TableSource, rule: string): "indexes" | "rules" =>
  by.indexes().some(({ name }) => name === rule) ? "indexes" : "rules"

const indexNamed = (by: TableSource, rule: string): Ddl =>
  createIndex(
    by,
    by.indexes().find(({ name }) => name === rule)!
  )

const ruleAdded = (start: string, by: TableSource, rule: string, able: Capabilities): Said => {
  const key = by.foreignKeys().find(({ name }) => name === rule)
  if (key !== undefined) return saidBy(able, addForeignKey(by, key))
  const unique = by.uniques().find(({ name }) => name === rule)
  const check = by.checks().find(({ name }) => name === rule)
  const said = written(able, (writer, context) => {
    writer.put(`${start} ADD `)
    if (unique !== undefined) sayUnique(unique, by, writer)
    if (check !== undefined) sayCheck(check, by, writer, context)
  })
  return said.refusal ?? [said.text]
}

/** PostgreSQL changes a column's parts one by one; a default is cast by nobody. */
const changes = (before: SnapshotColumn, after: SnapshotColumn): ReadonlyArray<string> => {
  const isTyped = before.type !== after.type
  const isDefaulted = before.default !== after.default || isTyped
  return [
    ...(isDefaulted && before.default !== null ? ["DROP DEFAULT"] : []),
    ...(isTyped ? [`TYPE ${after.type} USING ${quote(after.name)}::${after.type}`] : []),
    ...(isDefaulted && after.default !== null ? [`SET DEFAULT ${after.default}`] : []),
    ...(before.nullable === after.nullable ? [] : [`${after.nullable ? "DROP" : "SET"} NOT NULL`])
  ]
}

const { quote } = dialects.postgres

/** A table of a snapshot; its columns and those it refers to are spelled as the server does. */
const exactly = (snapshot: Snapshot, name: string): TableSource => {
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
const counted = (before: string, after: string): ReadonlyArray<string> => {
  const { textLiteral } = dialects.sqlite
  return [
    `DELETE FROM sqlite_sequence WHERE name = ${textLiteral(after)}`,
    `INSERT INTO sqlite_sequence (name, seq) SELECT ${textLiteral(after)}, seq ` +
      `FROM sqlite_sequence WHERE name = ${textLiteral(before)}`
  ]
}

/** What SQLite cannot alter is made anew: all of it, under another name, which then changes. */
const rebuilt = (
  snapshot: Snapshot,
  before: SnapshotTable,
  after: SnapshotTable,
  able: Capabilities
): Said => {
  if (before.options["virtual"] !== undefined)
    return Object.freeze({
      _tag: "Refusal",
      dialect: able.dialect,
      capability: "alterTable",
      construct: `a change of the virtual table ${before.name}, which its module keeps`
    })
  const tables = snapshot.tables.map((one) => (one === before ? after : one))
  const source = exactly({ ...snapshot, tables }, after.name)
  const temporary = `athanor_new_${after.name}`
  // Its rules keep their names and speak of the table by the name it is to have.
  const made: TableSource = { ...source, name: temporary }
  const created = saidBy(able, createTable(made, [], false))
  if ("_tag" in created) return created
  const indexes = saidBy(able, ...source.indexes().map((index) => createIndex(source, index)))
  if ("_tag" in indexes) return indexes
  const kept = after.columns.filter(
    ({ computed, name }) =>
      computed === null && before.columns.some((one) => one.name === name && one.computed === null)
  )
  const name = (text: string): string => written(able, (writer) => writer.name(text)).text
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
    `INSERT INTO ${name(temporary)} (${columns}) SELECT ${casts} FROM ${name(before.name)}`,
    ...(after.options["autoincrement"] === undefined ? [] : counted(before.name, temporary)),
    `DROP TABLE ${name(before.name)}`,
    `ALTER TABLE ${name(temporary)} RENAME TO ${name(after.name)}`,
    ...indexes
  ]
}
