import type { DialectName } from "../algebra/Dialect.ts"
import type { SqlType } from "../algebra/SqlType.ts"

export const isInteger = (sql: SqlType): boolean =>
  sql._tag === "Smallint" || sql._tag === "Integer" || sql._tag === "Bigint"

export const isNumber = (sql: SqlType): boolean =>
  isInteger(sql) || sql._tag === "Double" || sql._tag === "Numeric"

export const isText = (sql: SqlType): boolean =>
  sql._tag === "Varchar" || sql._tag === "Text" || sql._tag === "Enum"

/** One type to a server that is told nothing: all texts are one, everything else is itself. */
export const sameFamily = (a: SqlType, b: SqlType): boolean =>
  a._tag === b._tag || (isText(a) && isText(b))

/** What SQLite's columns of decimals say behind their type, since the type does not. */
export const sizesOf = (dialect: DialectName, sql: SqlType): string =>
  dialect === "sqlite" && sql._tag === "Numeric" ? `(${sql.precision}, ${sql.scale})` : ""
