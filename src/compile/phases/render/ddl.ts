import type { SqlType } from "../../../algebra/SqlType.ts"
import type {
  AddForeignKey,
  CreateIndex,
  CreateTable,
  Ddl,
  DropForeignKey,
  DropTable
} from "../../../algebra/Ddl.ts"
import { matchDdl } from "../../../algebra/fold.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import { indexedColumns } from "../../../algebra/tableKeys.ts"
import type { ColumnNode, ForeignKey, IndexNode, TableSource } from "../../../algebra/Source.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import type { Writer } from "../../Dialect.ts"
import { enumCheckName, fitName } from "../../identifiers.ts"
import { refuseForeign } from "../emulate/nativeTypes.ts"
import type { Context } from "../../Program.ts"
import { checkKey } from "./keys.ts"
import { sayConstant } from "./literals.ts"
import { sayLiteral } from "./values.ts"
import { sayTable } from "./queries.ts"
import { sayCreateView, sayDropView, sayRefreshView } from "./views.ts"

/** CREATE, DROP and ALTER. */
export const sayDdl = (node: Ddl, writer: Writer, context: Context): void =>
  matchDdl<void>(node, {
    CreateTable: (one) => sayCreateTable(one, writer, context),
    DropTable: (one) => sayDropTable(one, writer),
    CreateIndex: (one) => sayCreateIndex(one, writer, context),
    AddForeignKey: (one) => sayAddForeignKey(one, writer),
    DropForeignKey: (one) => sayDropForeignKey(one, writer),
    CreateView: (one) => sayCreateView(one, writer, context),
    DropView: (one) => sayDropView(one, writer),
    RefreshView: (one) => sayRefreshView(one, writer)
  })

/** The collation of a column, where its type brings one. */
const sayCollation = (sql: SqlType, writer: Writer): void => {
  if (sql._tag !== "Text" || sql.collation === undefined) return
  const name = sql.collation[writer.dialect.name]
  if (name === undefined) return writer.refuse("collate", "a column under a collation")
  writer.put(` COLLATE ${writer.dialect.quote(name)}`)
}

const sayCreateTable = (node: CreateTable, writer: Writer, context: Context): void => {
  const { deferred, ifNotExists, table } = node
  writer.put(`CREATE TABLE ${ifNotExists ? "IF NOT EXISTS " : ""}`)
  sayTable(writer, table)
  writer.put(" (")
  const parts: ReadonlyArray<() => void> = [
    ...table.columns.map((column) => () => sayColumn(column, table, writer, context)),
    ...(table.primaryKey.length === 0
      ? []
      : [
          () => {
            constraint(table.primaryKeyName, writer)
            writer.put("PRIMARY KEY ")
            sayKeys(table, table.primaryKey, writer)
            checkKey(table, table.primaryKey, writer)
          }
        ]),
    ...table.uniques().map((unique) => () => {
      constraint(unique.name, writer)
      writer.put("UNIQUE ")
      sayKeys(table, unique.columns, writer)
      checkKey(table, unique.columns, writer)
    }),
    ...table.columns
      .filter((column) => column.type.sql._tag === "Enum")
      .map((column) => () => sayEnum(column, table, writer)),
    ...table.checks().map((check) => () => {
      constraint(check.name, writer)
      writer.put("CHECK (")
      sayConstant(check.predicate, table, writer, context)
      writer.put(")")
    }),
    ...table
      .foreignKeys()
      .filter((key) => !deferred.includes(key.name))
      .map((key) => () => sayForeignKey(table, key, writer))
  ]
  writer.deeper(() =>
    parts.forEach((part, i) => {
      if (i > 0) writer.put(",")
      if (i > 0) writer.line()
      else writer.edge()
      part()
    })
  )
  writer.edge()
  writer.put(`)${writer.dialect.tableOptions}`)
}

const sayColumn = (
  column: ColumnNode,
  table: TableSource,
  writer: Writer,
  context: Context
): void => {
  writer.name(column.name)
  refuseForeign(column.type.sql, writer.capabilities, writer.refuse)
  writer.put(` ${writer.dialect.columnType(column.type.sql)}`)
  sayCollation(column.type.sql, writer)
  if (column.computed !== null) sayComputed(column.computed, table, writer, context)
  // MariaDB says of a computed column nothing but how.
  const isSilent = column.computed !== null && writer.dialect.name === "mariadb"
  if (!column.nullable && !isSilent) writer.put(" NOT NULL")
  if (column.identity) {
    // SQLite and MySQL number the rows of a table in one way only: by its key.
    if (
      writer.dialect.name !== "postgres" &&
      !(table.primaryKey.length === 1 && table.primaryKey[0] === column.key)
    ) {
      writer.refuse(
        "identity",
        `an identity column "${column.name}" that is not the primary key of ${table.name}`
      )
    }
    writer.put(writer.dialect.identity)
  }
  if (column.serverDefault !== null)
    sayDefault(column.serverDefault, column, table, writer, context)
}

const sayComputed = (
  { expression, stored }: NonNullable<ColumnNode["computed"]>,
  table: TableSource,
  writer: Writer,
  context: Context
): void => {
  if (!stored && !writer.capabilities.virtualColumns)
    writer.refuse("virtualColumns", `a column of ${table.name} computed when it is read`)
  writer.put(" GENERATED ALWAYS AS (")
  sayConstant(expression, table, writer, context)
  writer.put(`) ${stored ? "STORED" : "VIRTUAL"}`)
}

/** What stands in a column an insert leaves out. */
export const sayDefaultValue = (
  value: Scalar,
  table: TableSource,
  writer: Writer,
  context: Context
): void => {
  if (value._tag === "Bound") sayLiteral(value.value, value.type, writer)
  else sayConstant(value, table, writer, context)
}

const sayDefault = (
  value: Scalar,
  column: ColumnNode,
  table: TableSource,
  writer: Writer,
  context: Context
): void => {
  // Expressions stand in parentheses on every server; MySQL wants them around long texts too.
  const literal = value._tag === "Bound" || value._tag === "Constant"
  const long =
    column.type.sql._tag === "Text" ||
    column.type.sql._tag === "Json" ||
    column.type.sql._tag === "Bytes"
  const enclosed = !literal || (long && writer.dialect.name === "mysql")
  writer.put(enclosed ? " DEFAULT (" : " DEFAULT ")
  sayDefaultValue(value, table, writer, context)
  if (enclosed) writer.put(")")
}

const sayEnum = (column: ColumnNode, table: TableSource, writer: Writer): void => {
  constraint(enumCheckName(table, column), writer)
  writer.put("CHECK (")
  sayEnumCheck(column, writer)
  writer.put(")")
}

/** Its condition. */
export const sayEnumCheck = (column: ColumnNode, writer: Writer): void => {
  const { sql } = column.type
  if (sql._tag !== "Enum") return
  writer.name(column.name)
  writer.put(" IN (")
  writer.commas(sql.values, (value) => writer.put(writer.dialect.textLiteral(value)))
  writer.put(")")
}

const constraint = (name: string, writer: Writer): void => {
  writer.put("CONSTRAINT ")
  writer.name(fitName(name, writer.capabilities))
  writer.put(" ")
}

const columnOf = (table: TableSource, key: string): ColumnNode =>
  table.byKey.get(key) ?? refuse(`the table "${table.name}" has no column "${key}"`)

const sayKeys = (table: TableSource, keys: ReadonlyArray<string>, writer: Writer): void => {
  writer.put("(")
  writer.commas(keys, (key) => writer.name(columnOf(table, key).name))
  writer.put(")")
}

const sayForeignKey = (table: TableSource, key: ForeignKey, writer: Writer): void => {
  constraint(key.name, writer)
  writer.put("FOREIGN KEY ")
  sayKeys(table, key.columns, writer)
  writer.put(" REFERENCES ")
  if (writer.dialect.name === "sqlite") sayNeighbour(table, key, writer)
  else sayTable(writer, key.target)
  writer.put(" ")
  sayKeys(key.target, key.targetColumns, writer)
  checkKey(table, key.columns, writer)
  for (const [word, action] of [
    ["DELETE", key.onDelete],
    ["UPDATE", key.onUpdate]
  ] as const) {
    if (action === "no action") continue
    if (
      action === "set default" &&
      (writer.dialect.name === "mysql" || writer.dialect.name === "mariadb")
    ) {
      writer.refuse("setDefaultAction", `ON ${word} SET DEFAULT of ${key.name}`)
    }
    writer.put(` ON ${word} ${action.toUpperCase()}`)
  }
}

/** A table of the same database file, which SQLite wants said without its schema. */
const sayNeighbour = (table: TableSource, key: ForeignKey, writer: Writer): void => {
  if (key.target.schema !== table.schema)
    writer.refuse("crossSchemaForeignKeys", `the foreign key ${key.name} to another schema`)
  writer.name(key.target.name)
}

const sayDropTable = (node: DropTable, writer: Writer): void => {
  writer.put(`DROP TABLE ${node.ifExists ? "IF EXISTS " : ""}`)
  sayTable(writer, node.table)
}

const sayCreateIndex = (node: CreateIndex, writer: Writer, context: Context): void => {
  const { ifNotExists, index, table } = node
  if (ifNotExists && writer.dialect.name === "mysql")
    writer.refuse("indexIfNotExists", `CREATE INDEX IF NOT EXISTS ${index.name}`)
  writer.put(`CREATE ${index.unique ? "UNIQUE " : ""}INDEX ${ifNotExists ? "IF NOT EXISTS " : ""}`)
  // SQLite takes the schema before the name of the index, the others before that of the table.
  const inSchema = writer.dialect.name === "sqlite" && table.schema !== null
  if (inSchema) {
    writer.name(table.schema)
    writer.put(".")
  }
  writer.name(fitName(index.name, writer.capabilities))
  writer.put(" ON ")
  if (inSchema) writer.name(table.name)
  else sayTable(writer, table)
  writer.put(" (")
  writer.commas(index.parts, ({ descending, scalar }) => {
    sayIndexed(scalar, index, table, writer, context)
    if (descending) writer.put(" DESC")
  })
  writer.put(")")
  const columns = indexedColumns(index)
  if (columns !== null) checkKey(table, columns, writer)
  if (index.where === null) return
  if (!writer.capabilities.partialIndexes)
    writer.refuse("partialIndexes", `the index ${index.name} of some rows of ${table.name}`)
  writer.put(" WHERE ")
  sayConstant(index.where, table, writer, context)
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

const sayAddForeignKey = ({ foreignKey, table }: AddForeignKey, writer: Writer): void => {
  if (!writer.capabilities.alterConstraint)
    writer.refuse("alterConstraint", `ALTER TABLE ${table.name} ADD CONSTRAINT`)
  writer.put("ALTER TABLE ")
  sayTable(writer, table)
  writer.put(" ADD ")
  sayForeignKey(table, foreignKey, writer)
}

const sayDropForeignKey = ({ foreignKey, table }: DropForeignKey, writer: Writer): void => {
  if (!writer.capabilities.alterConstraint)
    writer.refuse("alterConstraint", `ALTER TABLE ${table.name} DROP CONSTRAINT`)
  writer.put("ALTER TABLE ")
  sayTable(writer, table)
  writer.put(
    writer.dialect.name === "mysql" || writer.dialect.name === "mariadb"
      ? " DROP FOREIGN KEY "
      : " DROP CONSTRAINT "
  )
  writer.name(fitName(foreignKey.name, writer.capabilities))
}
