import type { DialectName } from "../../algebra/Dialect.ts"
import type { SnapshotColumn } from "../../algebra/schema/Snapshot.ts"
import { isText } from "../sqlTypes.ts"
import { quoted, templated } from "./texts.ts"

/** An expression in the server's words, of a type. */
export const rawSource = (type: string, text: string): string => `sql(${type})${templated(text)}`

/** A literal as a value, where both surely mean the same; null for anything else. */
export const literalSource = (
  dialect: DialectName,
  { sql }: Pick<SnapshotColumn, "sql">,
  text: string
): string | null => {
  if (sql === null) return null
  const inQuotes = /^'((?:[^']|'')*)'$/s.exec(text)
  if (isText(sql))
    // What a backslash means in a text depends on the server's mode.
    return inQuotes === null || text.includes("\\") || /[^\x20-\x7e]/.test(text)
      ? null
      : quoted(inQuotes[1]!.replaceAll("''", "'"))
  switch (sql._tag) {
    case "Smallint":
    case "Integer":
      return /^-?(?:0|[1-9]\d{0,8})$/.test(text) && text !== "-0" ? text : null
    case "Bigint":
      return /^-?(?:0|[1-9]\d{0,17})$/.test(text) && text !== "-0" ? `${text}n` : null
    case "Double":
      return /^-?\d+\.\d+$/.test(text) && String(Number(text)) === text ? text : null
    case "Boolean":
      return dialect !== "sqlite" && (text === "true" || text === "false") ? text : null
    default:
      return null
  }
}

/** DEFAULT as a column's method; nothing where it has none. */
export const defaultSource = (
  dialect: DialectName,
  column: SnapshotColumn,
  type: string
): string => {
  const { computed, default: text, nullable } = column
  if (text === null || computed !== null) return ""
  const literal = literalSource(dialect, column, text)
  if (literal !== null) return `.serverDefault(${literal})`
  const raw = rawSource(type, text)
  return `.serverDefault(${nullable ? raw : `constant(${raw})`})`
}
