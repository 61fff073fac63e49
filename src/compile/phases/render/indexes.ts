import type { CreateIndex } from "../../../algebra/Ddl.ts"
import type { DialectName } from "../../../algebra/Dialect.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import type { IndexNode, TableSource } from "../../../algebra/Source.ts"
import type { MysqlIndex, PostgresIndex, Settings } from "../../../algebra/schema/storage.ts"
import { indexedColumns } from "../../../algebra/schema/tableKeys.ts"
import type { Writer } from "../../Dialect.ts"
import { fitName } from "../../identifiers.ts"
import type { Context } from "../../Program.ts"
import { checkKey } from "./keys.ts"
import { sayConstant } from "./literals.ts"
import { sayTable } from "./queries.ts"
import { sayInlineComment } from "./remark.ts"
import { columnOf, sayInclude, sayNulls } from "./rules.ts"

/** CREATE INDEX. */
export const sayCreateIndex = (
  { ifNotExists, index, table }: CreateIndex,
  writer: Writer,
  context: Context
): void => {
  const { name } = writer.dialect
  const { mysql, postgres } = storageOf(index, name)
  writer.put(`CREATE ${kindOf(index, mysql)}INDEX `)
  if (ifNotExists && name === "mysql")
    writer.refuse("indexIfNotExists", `CREATE INDEX IF NOT EXISTS ${index.name}`)
  if (postgres.concurrently === true) writer.put("CONCURRENTLY ")
  if (ifNotExists) writer.put("IF NOT EXISTS ")
  // SQLite takes the schema before the name of the index, the others before that of the table.
  const inSchema = name === "sqlite"
  if (inSchema) writer.schema(table.schema)
  writer.name(fitName(index.name, writer.capabilities))
  sayMethod(mysql, writer)
  writer.put(" ON ")
  if (inSchema) writer.name(table.name)
  else sayTable(writer, table)
  if (postgres.using !== undefined) {
    writer.put(" USING ")
    writer.name(postgres.using)
  }
  sayParts(index, table, writer, context)
}

/** An index as ALTER TABLE of MySQL and MariaDB adds it. */
export const sayAddedIndex = (
  index: IndexNode,
  table: TableSource,
  writer: Writer,
  context: Context
): void => {
  const { mysql } = storageOf(index, writer.dialect.name)
  writer.put(`${kindOf(index, mysql)}INDEX `)
  writer.name(fitName(index.name, writer.capabilities))
  sayMethod(mysql, writer)
  sayParts(index, table, writer, context)
}

const sayMethod = ({ using }: MysqlIndex, writer: Writer): void => {
  if (using !== undefined) writer.put(` USING ${using === "hash" ? "HASH" : "BTREE"}`)
}

/** What an index is of, and all that stands behind it. */
const sayParts = (index: IndexNode, table: TableSource, writer: Writer, context: Context): void => {
  const { name } = writer.dialect
  const { mysql, postgres } = storageOf(index, name)
  writer.put(" (")
  writer.commas(index.parts, ({ descending, scalar }, at) => {
    sayIndexed(scalar, index, table, writer, context)
    const length = mysql.lengths?.[at] ?? null
    if (length !== null) writer.put(`(${Math.trunc(length)})`)
    const operators = postgres.operatorClasses?.[at] ?? null
    if (operators !== null) {
      writer.put(" ")
      writer.name(operators)
    }
    if (descending) writer.put(" DESC")
  })
  writer.put(")")
  const columns = indexedColumns(index)
  // MariaDB keeps the hash of a text of any length.
  const isHashed = name === "mariadb" && index.unique && mysql.using === "hash"
  if (columns !== null && mysql.lengths === undefined && mysql.kind === undefined && !isHashed)
    checkKey(table, columns, writer)
  sayInclude(table, index.include, writer)
  sayNulls(index, writer)
  saySettings(postgres, writer)
  if (mysql.parser !== undefined) {
    writer.put(" WITH PARSER ")
    writer.name(mysql.parser)
  }
  if (name !== "postgres") sayInlineComment(index.comment, writer)
  if (index.where === null) return
  if (!writer.capabilities.partialIndexes)
    writer.refuse("partialIndexes", `the index ${index.name} of some rows of ${table.name}`)
  writer.put(" WHERE ")
  sayConstant(index.where, table, writer, context)
}

const nothing = {}

/** What the dialect reads of an index's storage; the others' is left out. */
export const storageOf = (
  { storage }: IndexNode,
  dialect: DialectName
): { readonly postgres: PostgresIndex; readonly mysql: MysqlIndex } => ({
  postgres: (dialect === "postgres" ? storage.postgres : undefined) ?? nothing,
  mysql: (dialect === "mysql" || dialect === "mariadb" ? storage[dialect] : undefined) ?? nothing
})

const kindOf = ({ unique }: IndexNode, { kind }: MysqlIndex): string =>
  kind === undefined ? (unique ? "UNIQUE " : "") : kind === "fulltext" ? "FULLTEXT " : "SPATIAL "

const saySettings = ({ tablespace, with: settings = {} }: PostgresIndex, writer: Writer): void => {
  sayWith(settings, writer)
  if (tablespace === undefined) return
  writer.put(" TABLESPACE ")
  writer.name(tablespace)
}

/** WITH: storage parameters by name. */
export const sayWith = (settings: Settings, writer: Writer): void => {
  const entries = Object.entries(settings)
  if (entries.length === 0) return
  writer.put(" WITH (")
  writer.commas(entries, ([key, value]) => {
    writer.name(key)
    writer.put(` = ${typeof value === "string" ? writer.dialect.textLiteral(value) : value}`)
  })
  writer.put(")")
}

/** A column by its name, anything else in parentheses. */
const sayIndexed = (
  scalar: Scalar,
  index: IndexNode,
  table: TableSource,
  writer: Writer,
  context: Context
): void => {
  if (scalar._tag === "Ref" && scalar.path.length === 1)
    return writer.name(columnOf(table, scalar.path[0]!).name)
  if (!writer.capabilities.expressionIndexes)
    writer.refuse("expressionIndexes", `the index ${index.name} of an expression`)
  writer.put("(")
  sayConstant(scalar, table, writer, context)
  writer.put(")")
}
