import type { Counter } from "../../../algebra/schema/counter.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import type { ColumnNode, TableSource } from "../../../algebra/Source.ts"
import type { SqlType } from "../../../algebra/SqlType.ts"
import type { Writer } from "../../Dialect.ts"
import { isWritten } from "../../wrapped.ts"
import type { Context } from "../../Program.ts"
import { refuseForeign } from "../emulate/nativeTypes.ts"
import { sayInlineComment } from "./remark.ts"
import { sayConstant } from "./literals.ts"
import { sayColumnType } from "./namedTypes.ts"
import { sayConflict } from "./rules.ts"
import { rowTimeOf } from "./systemTime.ts"
import { sayLiteral } from "./values.ts"

/** The collation of a column, where its type brings one. */
const sayCollation = (sql: SqlType, writer: Writer): void => {
  if (sql._tag !== "Text" || sql.collation === undefined) return
  const name = sql.collation[writer.dialect.name]
  if (name === undefined) return writer.refuse("collate", "a column under a collation")
  writer.put(` COLLATE ${writer.dialect.quote(name)}`)
}

/** A column as CREATE TABLE defines it. */
export const sayColumn = (
  column: ColumnNode,
  table: TableSource,
  writer: Writer,
  context: Context
): void => {
  writer.name(column.name)
  refuseForeign(column.type.sql, writer.capabilities, writer.refuse)
  writer.put(" ")
  sayColumnType(column, table, writer)
  sayCollation(column.type.sql, writer)
  if (column.computed !== null) sayComputed(column.computed, table, writer, context)
  // MariaDB says of a computed column nothing but how.
  const isSilent = column.computed !== null && writer.dialect.name === "mariadb"
  if (!column.nullable && !isSilent) {
    writer.put(" NOT NULL")
    sayConflict(table.storage.sqlite?.ifNull?.[column.key] ?? null, writer)
  }
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
    sayIdentity(column, table, writer)
  }
  if (column.serverDefault !== null)
    sayDefault(column.serverDefault, column, table, writer, context)
  const attributes = column.attributes?.[writer.dialect.name]
  if (attributes !== undefined) writer.put(` ${attributes}`)
  sayInlineComment(column.comment, writer)
}

/** How a column counts. */
export const sayIdentity = (
  { counted, name }: ColumnNode,
  table: TableSource,
  writer: Writer
): void => {
  if (counted === null) return writer.put(writer.dialect.identity)
  if (writer.dialect.name !== "postgres")
    writer.refuse("identityColumns", `the options of the identity column ${table.name}.${name}`)
  writer.put(` GENERATED ${counted.always ? "ALWAYS" : "BY DEFAULT"} AS IDENTITY`)
  const said = counterWords(counted.counter)
  if (said !== "") writer.put(` (${said})`)
}

/** What is said of a counter, in SQL's words. */
export const counterWords = (counter: Counter): string =>
  [
    ...(
      [
        ["START WITH", counter.start],
        ["INCREMENT BY", counter.increment],
        ["MINVALUE", counter.minimum],
        ["MAXVALUE", counter.maximum],
        ["CACHE", counter.cache]
      ] as const
    ).flatMap(([words, value]) => (value === null ? [] : [`${words} ${value}`])),
    ...(counter.cycle ? ["CYCLE"] : [])
  ].join(" ")

const sayComputed = (
  computed: NonNullable<ColumnNode["computed"]>,
  table: TableSource,
  writer: Writer,
  context: Context
): void => {
  const { expression, stored } = computed
  if (!stored && !writer.capabilities.virtualColumns)
    writer.refuse("virtualColumns", `a column of ${table.name} computed when it is read`)
  const time = rowTimeOf({ computed }, writer)
  if (time !== null) return writer.put(` GENERATED ALWAYS AS ROW ${time.toUpperCase()}`)
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
  const literal =
    value._tag === "Constant" ||
    (value._tag === "Bound" && !isWritten(value.type.sql, writer.dialect.name))
  const long =
    column.type.sql._tag === "Text" ||
    column.type.sql._tag === "Json" ||
    column.type.sql._tag === "Bytes"
  const enclosed = !literal || (long && writer.dialect.name === "mysql")
  writer.put(enclosed ? " DEFAULT (" : " DEFAULT ")
  sayDefaultValue(value, table, writer, context)
  if (enclosed) writer.put(")")
}
