import type { SqlType } from "../../algebra/SqlType.ts"
import { exactCast, exactColumn } from "../exactNames.ts"

/** A type as CAST spells it: texts without their length, so that none is cut. */
export const castName = (sql: SqlType): string => {
  const own = exactCast(sql, "postgres")
  if (own !== null) return own
  switch (sql._tag) {
    case "Varchar":
    case "Enum":
      return "text"
    case "Array":
      return `${elementName(sql.of)}[]`
    default:
      return columnType(sql)
  }
}

/**
 * What the elements of an array are taken for: an array of texts of one kind is none of another,
 * as one text is.
 */
const elementName = (sql: SqlType): string =>
  sql._tag === "Varchar" || sql._tag === "Enum" ? "varchar" : castName(sql)

/** A type as a column definition spells it. */
export const columnType = (sql: SqlType): string => {
  const own = exactColumn(sql, "postgres")
  if (own !== null) return own
  switch (sql._tag) {
    case "Smallint":
      return "smallint"
    case "Integer":
      return "integer"
    case "Bigint":
      return "bigint"
    case "Double":
      return "double precision"
    case "Numeric":
      return `numeric(${sql.precision}, ${sql.scale})`
    case "Varchar":
      return `varchar(${sql.length})`
    case "Text":
      return "text"
    case "Boolean":
      return "boolean"
    case "Bytes":
      return "bytea"
    case "Uuid":
      return "uuid"
    case "Json":
      return "jsonb"
    case "Date":
      return "date"
    case "Time":
      return `time(${sql.precision})`
    case "Timestamp":
      return `timestamptz(${sql.precision})`
    case "Enum":
      return `varchar(${enumLength(sql.values)})`
    case "Array":
      return `${columnType(sql.of)}${"[]".repeat(sql.dimensions)}`
    case "Interval":
      return "interval"
    case "Range":
      return rangeNames[sql.of._tag]! + (sql.multi ? "multirange" : "range")
    case "Custom":
      return sql.print.postgres
  }
}

const rangeNames: { readonly [T in SqlType["_tag"]]?: string } = {
  Integer: "int4",
  Bigint: "int8",
  Numeric: "num",
  Date: "date",
  Timestamp: "tstz"
}

/** The longest label, in characters. */
export const enumLength = (values: ReadonlyArray<string>): number =>
  values.reduce((most, value) => Math.max(most, Array.from(value).length), 1)
