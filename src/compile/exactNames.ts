import type { DialectName } from "../algebra/Dialect.ts"
import type { SqlType } from "../algebra/SqlType.ts"

/** A column's type by its exact name; null for one that has none. */
export const exactColumn = ({ exact }: SqlType, dialect: DialectName): string | null =>
  exact?.column[dialect] ?? null

/** Its name in CAST: its own there, or that of a column; null where its family's serves. */
export const exactCast = ({ exact }: SqlType, dialect: DialectName): string | null =>
  exact === undefined ? null : (exact.cast?.[dialect] ?? exact.column[dialect])

/** The same without its own name. */
export const familyOf = (sql: SqlType): SqlType =>
  sql.exact === undefined ? sql : ({ ...sql, exact: undefined } as unknown as SqlType)
