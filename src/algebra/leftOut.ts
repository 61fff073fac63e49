import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import type { ColumnNode, TableSource } from "./Source.ts"
import { isServerMade, isServerSet } from "./serverMade.ts"
import { refuse } from "./StatementError.ts"

/** A column an insert may give. */
export const settable = (table: TableSource, key: string): ColumnNode => {
  const column = table.byKey.get(key)
  if (column === undefined) return refuse(`insert: "${table.name}" has no column "${key}"`)
  if (column.computed !== null)
    return refuse(`insert: "${key}" of "${table.name}" is computed by the database`)
  return isServerSet(column, "insert")
    ? refuse(`insert: "${key}" of "${table.name}" is set by the server`)
    : column
}

/** What stands in a column nobody gave: a value made at execution, or the server's own default. */
export const left = (table: TableSource, column: ColumnNode): Scalar | null => {
  if (column.default !== null) return S.generated(column.default, column.type)
  if (isServerMade(column)) return null
  return column.nullable
    ? S.bound(null, column.type)
    : refuse(`insert: "${table.name}" needs a value for "${column.key}"`)
}

/** A default that is one value for all rows of a statement. */
export const once = (table: TableSource, column: ColumnNode): Scalar | null => {
  const made = left(table, column)
  if (made?._tag === "Generated" && !constant.has(made.generator._tag))
    return refuse(`insert: "${column.key}" of "${table.name}" differs from row to row: select it`)
  return made
}

const constant: ReadonlySet<string> = new Set(["Now", "Value"])
