import type { MysqlColumn } from "./mysqlModule.ts"

/** Set where a column never holds NULL. */
export const notNullFlag = 1

const unsignedFlag = 32
const binaryCharacters = 63

/** `enum_field_types` of the protocol. */
const names: Readonly<Record<number, string>> = {
  0: "decimal",
  1: "tinyint",
  2: "smallint",
  3: "int",
  4: "float",
  5: "double",
  7: "timestamp",
  8: "bigint",
  9: "mediumint",
  10: "date",
  11: "time",
  12: "datetime",
  13: "year",
  16: "bit",
  245: "json",
  246: "decimal",
  247: "enum",
  248: "set",
  255: "geometry"
}

const texts: Readonly<Record<number, readonly [text: string, binary: string]>> = {
  15: ["varchar", "varbinary"],
  249: ["text", "blob"],
  250: ["text", "blob"],
  251: ["text", "blob"],
  252: ["text", "blob"],
  253: ["varchar", "varbinary"],
  254: ["char", "binary"]
}

/** The type of a column as SQL names it; null for NULL itself, and for what nobody knows. */
export const typeNameOf = ({ characterSet, columnType, flags }: MysqlColumn): string | null => {
  const text = texts[columnType]
  if (text !== undefined) return text[characterSet === binaryCharacters ? 1 : 0]
  const name = names[columnType]
  return name === undefined ? null : (flags & unsignedFlag) === 0 ? name : `${name} unsigned`
}
