import type { Command, Delete, Insert, Update } from "../../src/algebra/Command.ts"
import type { TableSource } from "../../src/algebra/Source.ts"
import {
  type Database,
  emptyScope,
  type Env,
  inside,
  type Scope,
  type TableRow,
  type World
} from "./Meaning.ts"
import { rowOf } from "./result.ts"
import { evaluate, holds } from "./scalar.ts"
import { outside, token, type Value, within } from "./Value.ts"

/** What a command does: the database after it, the rows it returns, and how many it touched. */
export interface Outcome {
  readonly database: Database
  /** Empty where the command returns nothing. */
  readonly rows: ReadonlyArray<unknown>
  readonly matched: number
}

const scopeOf = (alias: string, row: TableRow): Scope => ({
  ...emptyScope,
  rows: new Map([[alias, { _tag: "Base", row } as const]])
})

const returned = (
  node: Command,
  alias: string,
  rows: ReadonlyArray<TableRow>,
  env: Env
): ReadonlyArray<unknown> => {
  const { shape } = node
  if (shape === null) return []
  return rows.map((row) => {
    const here = inside(env, scopeOf(alias, row))
    const values = node.returned.map((field) => evaluate(field, here))
    return rowOf({ fields: node.returned, values, shape })
  })
}

/** Refuses rows the table would not take: such statements fail and have no database after them. */
const checked = (table: TableSource, rows: ReadonlyArray<TableRow>): ReadonlyArray<TableRow> => {
  for (const { key, nullable, type } of table.columns) {
    for (const row of rows) {
      if (row[key] === null && !nullable) return outside(`NULL in ${key}`)
      within(row[key] ?? null, type)
    }
  }
  const keys = [table.primaryKey, ...table.uniques().map(({ columns }) => columns)]
  for (const columns of keys) {
    const tuples = rows
      .map((row) => columns.map((key) => row[key] ?? null))
      .filter((tuple) => !tuple.includes(null))
    if (
      columns.length > 0 &&
      new Set(tuples.map((tuple) => tuple.map(token).join())).size < tuples.length
    ) {
      return outside(`a repeated ${columns.join()}`)
    }
  }
  return rows
}

const replaced = (
  database: Database,
  table: TableSource,
  rows: ReadonlyArray<TableRow>
): Database => new Map([...database, [table, checked(table, rows)]])

const rowsIn = (database: Database, table: TableSource): ReadonlyArray<TableRow> =>
  database.get(table) ?? outside(`no table ${table.name}`)

/** Keys of identity columns from here on are the server's to choose: predicted modulo naming. */
export const madeKeys = 101n

/** The next key of an identity column: greater than any. */
const nextKey = (rows: ReadonlyArray<TableRow>, key: string): Value =>
  rows.reduce(
    (top, row) => (typeof row[key] === "bigint" && row[key] >= top ? row[key] + 1n : top),
    madeKeys
  )

const defaultOf = (
  table: TableSource,
  key: string,
  rows: ReadonlyArray<TableRow>,
  env: Env
): Value => {
  const column = table.byKey.get(key)!
  if (column.identity) return nextKey(rows, key)
  return column.serverDefault === null ? null : evaluate(column.serverDefault, env)
}

const insertInto = (node: Insert, env: Env): Outcome => {
  const before = rowsIn(env.world.database, node.table)
  const all = [...before]
  for (let i = 0; i < node.rowCount; i++) {
    const cells = node.cells.slice(i * node.columns.length, (i + 1) * node.columns.length)
    const row: Record<string, Value> = {}
    for (const { key } of node.table.columns) {
      const at = node.columns.indexOf(key)
      row[key] = at < 0 ? defaultOf(node.table, key, all, env) : evaluate(cells[at]!, env)
    }
    all.push(row)
  }
  return {
    database: replaced(env.world.database, node.table, all),
    rows: returned(node, node.table.name, all.slice(before.length), env),
    matched: node.rowCount
  }
}

const updateRows = (node: Update, env: Env): Outcome => {
  const changed: Array<TableRow> = []
  const all = rowsIn(env.world.database, node.table).map((row) => {
    const here = inside(env, scopeOf(node.alias, row))
    if (!holds(node.where, here)) return row
    const next = { ...row }
    node.columns.forEach((key, i) => {
      next[key] = evaluate(node.values[i]!, here)
    })
    changed.push(next)
    return next
  })
  return {
    database: replaced(env.world.database, node.table, all),
    rows: returned(node, node.alias, changed, env),
    matched: changed.length
  }
}

const deleteRows = (node: Delete, env: Env): Outcome => {
  const all = rowsIn(env.world.database, node.table)
  const gone = all.filter((row) => holds(node.where, inside(env, scopeOf(node.alias, row))))
  return {
    database: replaced(
      env.world.database,
      node.table,
      all.filter((row) => !gone.includes(row))
    ),
    rows: returned(node, node.alias, gone, env),
    matched: gone.length
  }
}

/** What a command means. */
export const carryOut = (node: Command, world: World): Outcome => {
  const env: Env = { world, scopes: [] }
  switch (node._tag) {
    case "Insert":
      return insertInto(node, env)
    case "Update":
      return updateRows(node, env)
    case "Delete":
      return deleteRows(node, env)
  }
}
