import { ValueRefused } from "../../algebra/Codec.ts"
import type { Insert } from "../../algebra/Command.ts"
import { type DatabaseError, EncodeFailed } from "../DatabaseError.ts"

/** The same failure with the row it is of, where a value of one of many rows was refused. */
export const refusedRow = (error: DatabaseError, node: Insert): DatabaseError => {
  if (error._tag !== "EncodeFailed" || error.dialect === null || node.rowCount === 1) return error
  const column = node.columns.indexOf(error.path)
  const row = column < 0 ? -1 : firstRefused(node, column, error.dialect)
  if (row < 0) return error
  const { dialect, expected, operation, retryable, transaction } = error
  const path = `rows[${row}].${error.path}`
  const facts = { message: `${path}: expected ${expected}`, dialect, operation, retryable }
  return new EncodeFailed({ ...facts, transaction, path, expected }, error.driverError)
}

const firstRefused = (
  { cells, columns, rowCount }: Insert,
  column: number,
  dialect: NonNullable<DatabaseError["dialect"]>
): number => {
  for (let row = 0; row < rowCount; row++) {
    const cell = cells[row * columns.length + column]!
    if (cell._tag !== "Bound" || cell.value === null) continue
    try {
      ;(cell.type.codec.row[dialect].encode as (value: unknown) => unknown)(cell.value)
    } catch (error) {
      if (error instanceof ValueRefused) return row
      throw error
    }
  }
  return -1
}
