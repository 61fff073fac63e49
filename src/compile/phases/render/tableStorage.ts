import type { TableSource } from "../../../algebra/Source.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import type { Settings } from "../../../algebra/schema/storage.ts"
import type {
  MysqlPart,
  MysqlTable,
  Partitioning,
  PostgresPart
} from "../../../algebra/schema/tableStorage.ts"
import { usualTable } from "../../dialects/usualTable.ts"
import type { Writer } from "../../Dialect.ts"
import { sayWith } from "./indexes.ts"
import { sayTable } from "./queries.ts"
import { sayInlineComment } from "./remark.ts"
import { columnOf, sayKeys } from "./rules.ts"
import { saySystemVersioning } from "./systemTime.ts"
import { sayLiteral } from "./values.ts"

/** What stands between CREATE and TABLE. */
export const sayTableKind = ({ storage }: TableSource, writer: Writer): void => {
  if (writer.dialect.name === "postgres" && storage.postgres?.unlogged === true)
    writer.put("UNLOGGED ")
}

/** What follows the columns of CREATE TABLE. */
export const sayTableStorage = (table: TableSource, writer: Writer): void => {
  const { name, tableOptions } = writer.dialect
  const { storage } = table
  switch (name) {
    case "sqlite":
      sayInlineComment(table.comment, writer)
      writer.put(tableOptions)
      return saySqlite(table, writer)
    case "postgres":
      sayInlineComment(table.comment, writer)
      writer.put(tableOptions)
      return sayPostgres(table, writer)
    default: {
      const own = storage[name]
      if (own === undefined) writer.put(tableOptions)
      else sayMysql(own, usualTable[name], writer)
      sayInlineComment(table.comment, writer)
      saySystemVersioning(table, writer)
      if (own?.partition !== undefined) sayMysqlParts(own.partition, table, writer)
    }
  }
}

const saySqlite = ({ storage }: TableSource, writer: Writer): void => {
  const { strict = false, withoutRowid = false } = storage.sqlite ?? {}
  const said = [...(strict ? ["STRICT"] : []), ...(withoutRowid ? ["WITHOUT ROWID"] : [])]
  if (said.length > 0) writer.put(` ${said.join(", ")}`)
}

/** The types a strict table of SQLite has words for. */
const strictTypes = new Set(["INT", "INTEGER", "REAL", "TEXT", "BLOB", "ANY"])

/** Refuses the table that SQLite could not keep by the types of its columns. */
export const checkStrict = (table: TableSource, writer: Writer): void => {
  if (writer.dialect.name !== "sqlite" || table.storage.sqlite?.strict !== true) return
  for (const { name, type } of table.columns) {
    const said = writer.dialect.columnType(type.sql)
    if (!strictTypes.has(said.toUpperCase()))
      writer.refuse(
        "strictTables",
        `the column ${name}, ${said}, of the strict table ${table.name}`
      )
  }
}

const sayPostgres = (table: TableSource, writer: Writer): void => {
  const { part, partition, tablespace, using, with: settings = {} } = table.storage.postgres ?? {}
  const inherited = part === undefined ? table.parents() : []
  if (inherited.length > 0) {
    writer.put(" INHERITS (")
    writer.commas(inherited, (one) => sayTable(writer, one))
    writer.put(")")
  }
  if (partition !== undefined) sayPartitioning(partition, table, writer)
  if (using !== undefined) {
    writer.put(" USING ")
    writer.name(using)
  }
  sayWith(settings, writer)
  const { onCommit } = table.storage.postgres ?? {}
  if (onCommit !== undefined) writer.put(` ON COMMIT ${onCommit.toUpperCase()}`)
  if (tablespace === undefined) return
  writer.put(" TABLESPACE ")
  writer.name(tablespace)
}

const sayPartitioning = (
  { by, columns }: Partitioning,
  table: TableSource,
  writer: Writer
): void => {
  writer.put(` PARTITION BY ${by.toUpperCase()} `)
  sayKeys(table, columns, writer)
}

/** PARTITION OF with its bounds, in place of columns. */
export const sayPart = (table: TableSource, rows: PostgresPart, writer: Writer): void => {
  const [parent] = table.parents()
  if (parent === undefined) return
  writer.put(" PARTITION OF ")
  sayTable(writer, parent)
  if (rows === "default") return writer.put(" DEFAULT")
  const { columns = [] } = parent.storage.postgres?.partition ?? {}
  writer.put(" FOR VALUES ")
  if ("in" in rows) {
    writer.put("IN ")
    return sayValues(rows.in, () => columns[0], parent, writer, null)
  }
  if ("modulus" in rows)
    return writer.put(`WITH (MODULUS ${whole(rows.modulus)}, REMAINDER ${whole(rows.remainder)})`)
  writer.put("FROM ")
  sayValues(rows.from, (at) => columns[at], parent, writer, "MINVALUE")
  writer.put(" TO ")
  sayValues(rows.to, (at) => columns[at], parent, writer, "MAXVALUE")
}

const whole = (number: number): number =>
  Number.isSafeInteger(number) ? number : refuse(`a partition: ${number} is no whole number`)

/** Values of columns by key; `unbound` is what NULL stands for. */
const sayValues = (
  values: ReadonlyArray<unknown>,
  keyAt: (at: number) => string | undefined,
  table: TableSource,
  writer: Writer,
  unbound: string | null
): void => {
  writer.put("(")
  writer.commas(values, (value, at) => {
    const key = keyAt(at) ?? refuse(`a partition of "${table.name}": more values than columns`)
    if (value === null && unbound !== null) writer.put(unbound)
    else sayLiteral(value, columnOf(table, key).type, writer)
  })
  writer.put(")")
}

/** A name of the server's own: of a character set, a collation, an engine, an option. */
const word = (text: string): string =>
  /^\w+(?: \w+)*$/.test(text) ? text : refuse(`a table's options: "${text}" is no word of a server`)

const sayMysql = (
  own: MysqlTable,
  usual: (typeof usualTable)[keyof typeof usualTable],
  writer: Writer
): void => {
  const { collation, engine = usual.engine, rowFormat, with: settings = {} } = own
  const characterSet = own.characterSet ?? (collation === undefined ? usual.characterSet : null)
  const isUsual = own.characterSet === undefined && collation === undefined
  writer.put(` ENGINE=${word(engine)}`)
  if (characterSet !== null) writer.put(` DEFAULT CHARSET=${word(characterSet)}`)
  if (isUsual) writer.put(` COLLATE=${usual.collation}`)
  else if (collation !== undefined) writer.put(` COLLATE=${word(collation)}`)
  if (rowFormat !== undefined) writer.put(` ROW_FORMAT=${word(rowFormat.toUpperCase())}`)
  sayMysqlSettings(settings, writer)
}

const sayMysqlSettings = (settings: Settings, writer: Writer): void => {
  for (const [name, value] of Object.entries(settings)) {
    const said =
      typeof value === "string" ? writer.dialect.textLiteral(value) : String(Number(value))
    writer.put(` ${word(name).toUpperCase()}=${said}`)
  }
}

const sayMysqlParts = (
  { by, columns, parts }: NonNullable<MysqlTable["partition"]>,
  table: TableSource,
  writer: Writer
): void => {
  writer.put(` PARTITION BY ${by === "hash" ? "KEY" : `${by.toUpperCase()} COLUMNS`} `)
  sayKeys(table, columns, writer)
  if (typeof parts === "number") return writer.put(` PARTITIONS ${whole(parts)}`)
  writer.put(" (")
  writer.commas(parts, (part) => sayMysqlPart(part, columns, table, writer))
  writer.put(")")
}

const sayMysqlPart = (
  part: MysqlPart,
  columns: ReadonlyArray<string>,
  table: TableSource,
  writer: Writer
): void => {
  writer.put("PARTITION ")
  writer.name(part.name)
  if ("below" in part) {
    writer.put(" VALUES LESS THAN ")
    return sayValues(part.below, (at) => columns[at], table, writer, "MAXVALUE")
  }
  writer.put(" VALUES IN ")
  sayValues(part.in, () => columns[0], table, writer, null)
}
