import type { TableSource } from "../../algebra/Source.ts"

/**
 * Parents before children, as far as foreign keys allow; ties and rings in the order given.
 */
export const tableOrder = (tables: ReadonlyArray<TableSource>): ReadonlyArray<TableSource> => {
  const given = new Set(tables)
  const entered = new Set<TableSource>()
  const order: Array<TableSource> = []
  const visit = (table: TableSource): void => {
    if (entered.has(table) || !given.has(table)) return
    entered.add(table)
    for (const { target } of table.foreignKeys()) visit(target)
    order.push(table)
  }
  for (const table of tables) visit(table)
  return order
}
