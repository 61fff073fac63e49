import type { Insert, Update } from "../../algebra/nodes.ts"
import { listsOf, isValueList } from "../../algebra/rowLists.ts"
import type { Scalar } from "../../algebra/Scalar.ts"
import { type BrokenRule, rowBroken } from "../../algebra/schema/rule.ts"
import type { StatementNode } from "../../algebra/Statement.ts"
import type { DialectName } from "../../algebra/Dialect.ts"
import { EncodeFailed } from "../DatabaseError.ts"

/** The failure of a rule, before anything is sent. */
export const ruleBroken = (
  { entity, expected, path }: BrokenRule,
  dialect: DialectName,
  row: number | null = null
): EncodeFailed => {
  const at = row === null ? path : `rows[${row}].${path}`
  return new EncodeFailed({
    message: `${at} of ${entity}: expected ${expected}`,
    dialect,
    operation: "encode",
    retryable: false,
    transaction: "alive",
    path: at,
    expected,
    entity,
    ...(row === null ? {} : { rows: [row] })
  })
}

/**
 * What a command writes that breaks a rule over several columns; null where none is known to.
 *
 * **Shape** rules of one column are asked where its values are encoded.
 */
export const ruleRefused = (node: StatementNode, dialect: DialectName): EncodeFailed | null => {
  if (node._tag !== "Insert" && node._tag !== "Update") return null
  if (node.table.rules().length === 0) return null
  return node._tag === "Insert" ? ofInsert(node, dialect) : ofUpdate(node, dialect)
}

/** A value, where it is known before the server has it; else undefined. */
const valueOf = (cell: Scalar | undefined): unknown => {
  if (cell?._tag === "Bound" || cell?._tag === "Constant") return cell.value
  const made = cell?._tag === "Generated" ? cell.generator : null
  return made?._tag === "Value" ? made.value : undefined
}

const ofInsert = (node: Insert, dialect: DialectName): EncodeFailed | null => {
  if (node.rows !== null) return null
  const { columns, rowCount, table } = node
  const lists = listsOf(node)
  const cellAt = (row: number, column: number): unknown => {
    if (lists === null) return valueOf(node.cells[row * columns.length + column])
    const list = lists.lists[column]!
    return isValueList(list) ? list[row] : valueOf(list)
  }
  for (let row = 0; row < rowCount; row++) {
    const cells = Object.fromEntries(columns.map((key, column) => [key, cellAt(row, column)]))
    const broken = rowBroken(table, cells, columns)
    if (broken !== null) return ruleBroken(broken, dialect, rowCount === 1 ? null : row)
  }
  return null
}

const ofUpdate = (
  { columns, table, values }: Update,
  dialect: DialectName
): EncodeFailed | null => {
  const cells = Object.fromEntries(columns.map((key, at) => [key, valueOf(values[at])]))
  const broken = rowBroken(table, cells, columns)
  return broken === null ? null : ruleBroken(broken, dialect)
}
