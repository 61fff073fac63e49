import { ValueRefused } from "../../algebra/Codec.ts"
import type { Insert } from "../../algebra/Command.ts"
import { rowsTold } from "../classify/rowsTold.ts"
import { type DatabaseError, EncodeFailed } from "../DatabaseError.ts"
import { rowOf } from "../drivers/rowPlace.ts"
import { ofRows } from "../Failure.ts"

/**
 * The same failure with the rows it is of, where an insert has many.
 *
 * **Shape** a value refused here is of one row. Of what a server refused, its driver may know the
 * row of its statement, `before` which there were others; else the values tell.
 */
export const refusedRow = (error: DatabaseError, node: Insert, before = 0): DatabaseError => {
  if (node.rowCount === 1 || node.rows !== null || error.rows !== undefined) return error
  if (error._tag === "EncodeFailed") return refusedValue(error, node)
  const row = rowOf(error.driverError)
  return ofRows(error, row === null ? rowsTold(error, node) : [before + row - 1])
}

const refusedValue = (error: EncodeFailed, node: Insert): EncodeFailed => {
  if (error.dialect === null) return error
  // Below a column, where a document's rule says so.
  const column = node.columns.indexOf(/^[^.[]*/.exec(error.path)![0])
  const row = column < 0 ? -1 : firstRefused(node, column, error.dialect)
  if (row < 0) return error
  const { dialect, entity, expected, operation, retryable, transaction } = error
  const path = `rows[${row}].${error.path}`
  const whose = entity === null ? "" : ` of ${entity}`
  const message = `${path}${whose}: expected ${expected}`
  const facts = { message, dialect, operation, retryable, transaction }
  return new EncodeFailed({ ...facts, path, expected, entity, rows: [row] }, error.driverError)
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
