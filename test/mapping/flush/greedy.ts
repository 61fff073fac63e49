/**
 * Whether any order of row writes leads from one state to another: the planner's oracle, which
 * knows no graphs. First everything nullable that changes becomes null, which no constraint
 * forbids. Then any write that is allowed is done, until nothing changes; a write to its final
 * value never stands in another's way, since that value is nobody else's in the end. What is left
 * has no order.
 */
import type { TableSource } from "../../../src/algebra/Source.ts"
import type { Row } from "../../../src/mapping/RowRef.ts"
import { Broken, checkAll } from "./simulator.ts"
import type { State } from "./states.ts"

const keyOf = (table: TableSource, row: Row): string =>
  table.primaryKey.map((key) => String(row[key])).join()

const isAllowed = (rows: Map<TableSource, Array<Row>>): boolean => {
  try {
    checkAll({ rows })
    return true
  } catch (error) {
    if (error instanceof Broken) return false
    throw error
  }
}

/** Every way to bring one row nearer to its final state, as a change of its table's rows. */
const writes = (table: TableSource, rows: ReadonlyArray<Row>, to: ReadonlyArray<Row>) => {
  const final = new Map(to.map((row) => [keyOf(table, row), row]))
  const now = new Set(rows.map((row) => keyOf(table, row)))
  const deletes = rows.flatMap((row, at) =>
    final.has(keyOf(table, row)) ? [] : [rows.toSpliced(at, 1)]
  )
  const free = new Set(table.columns.filter((one) => one.nullable).map(({ key }) => key))
  const inserts = to.flatMap((row) => {
    if (now.has(keyOf(table, row))) return []
    const cells = Object.entries(row).map(([key, cell]) => [key, free.has(key) ? null : cell])
    return [[...rows, Object.fromEntries(cells) as Row]]
  })
  const updates = rows.flatMap((row, at) => {
    const last = final.get(keyOf(table, row)) ?? row
    return table.columns.flatMap(({ key }) =>
      row[key] === last[key] || free.has(key) ? [] : [rows.with(at, { ...row, [key]: last[key] })]
    )
  })
  return [...deletes, ...inserts, ...updates]
}

const nulled = (table: TableSource, from: State, to: State): Array<Row> => {
  const final = new Map((to.get(table) ?? []).map((row) => [keyOf(table, row), row]))
  return (from.get(table) ?? []).map((row) => {
    const last = final.get(keyOf(table, row))
    const cells = table.columns.map(({ key, nullable }) => [
      key,
      nullable && last?.[key] !== row[key] ? null : row[key]
    ])
    return Object.fromEntries(cells) as Row
  })
}

const isThere = (table: TableSource, rows: ReadonlyArray<Row>, to: ReadonlyArray<Row>): boolean =>
  writes(table, rows, to).length === 0

export const orderExists = (from: State, to: State): boolean => {
  const rows = new Map([...from.keys()].map((table) => [table, nulled(table, from, to)]))
  for (let hasMoved = true; hasMoved;) {
    hasMoved = false
    for (const table of rows.keys()) {
      const before = rows.get(table)!
      const allowed = writes(table, before, to.get(table)!).find((after) =>
        isAllowed(new Map(rows).set(table, after))
      )
      if (allowed === undefined) continue
      rows.set(table, allowed)
      hasMoved = true
    }
  }
  return [...rows].every(([table, now]) => isThere(table, now, to.get(table)!))
}
