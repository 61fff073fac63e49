import { madeKeys } from "../../oracle/command.ts"
import type { Database, TableRow } from "../../oracle/Meaning.ts"
import { sameBag } from "./canonical.ts"
import { type Connection, readTable } from "./Runner.ts"
import { tables } from "./tables.ts"

/** Keys made by a server are whatever they are: only that they are is compared. */
const unnamed = (row: unknown): unknown =>
  Object.fromEntries(
    Object.entries(row as object).map(([key, value]) => [
      key,
      (typeof value === "number" || typeof value === "bigint") && value >= madeKeys ? "made" : value
    ])
  )

/** Whether two bags of rows are one but for the keys a server made. */
export const sameUnnamed = (a: ReadonlyArray<unknown>, b: ReadonlyArray<unknown>): boolean =>
  sameBag(a.map(unnamed), b.map(unnamed))

/** Whether the server's tables hold what is expected. */
export const tablesAgree = async (connection: Connection, expected: Database): Promise<boolean> => {
  for (const table of tables) {
    const rows: ReadonlyArray<TableRow> = await readTable(connection, table)
    if (!sameUnnamed(rows, expected.get(table)!)) return false
  }
  return true
}
