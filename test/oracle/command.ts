import type { Command, Delete, Insert, Merge, Update, When } from "../../src/algebra/Command.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import type { TableSource } from "../../src/algebra/Source.ts"
import {
  type Database,
  emptyScope,
  type Env,
  inside,
  type Result,
  type Scope,
  type TableRow,
  type World
} from "./Meaning.ts"
import { compareKeys, denote, resultsOf } from "./relation.ts"
import { rowOf } from "./result.ts"
import { countOf, evaluate, holds } from "./scalar.ts"
import { checkOrder, upsertInto } from "./upsert.ts"
import { outside, token, type Value, within } from "./Value.ts"

/** What a command does: the database after it, the rows it returns, and how many it touched. */
export interface Outcome {
  readonly database: Database
  /** Empty where the command returns nothing. */
  readonly rows: ReadonlyArray<unknown>
  readonly results: ReadonlyArray<Result>
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
): Pick<Outcome, "rows" | "results"> => {
  const { shape } = node
  if (shape === null) return { rows: [], results: [] }
  const results = rows.map((row) => {
    const here = inside(env, scopeOf(alias, row))
    const values = node.returned.map((field) => evaluate(field, here))
    return { fields: node.returned, values, shape }
  })
  return { results, rows: results.map(rowOf) }
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

/** The cells of the rows an insert proposes; null where a column takes its default. */
const proposals = (node: Insert, env: Env): ReadonlyArray<ReadonlyArray<Value | undefined>> =>
  node.rows !== null
    ? resultsOf(node.rows, env).map(({ values }) => values)
    : Array.from({ length: node.rowCount }, (_, i) =>
        node.cells
          .slice(i * node.columns.length, (i + 1) * node.columns.length)
          .map((cell) => (cell._tag === "Default" ? undefined : evaluate(cell, env)))
      )

const insertInto = (node: Insert, env: Env): Outcome => {
  const { columns, table } = node
  const all = [...rowsIn(env.world.database, table)]
  const proposed: Array<TableRow> = []
  const written: Array<TableRow> = []
  for (const values of proposals(node, env)) {
    const made = (key: string): Value => defaultOf(table, key, all, env)
    const row = Object.fromEntries(
      table.columns.map(({ key }) => {
        const value = values[columns.indexOf(key)]
        return [key, value === undefined ? made(key) : value]
      })
    )
    checkOrder(node, row, proposed)
    proposed.push(row)
    const now = upsertInto(node, all, row, written, env, made)
    checked(table, all)
    if (now !== null) written.push(now)
  }
  return {
    database: replaced(env.world.database, table, all),
    ...returned(node, table.name, written, env),
    matched: written.length
  }
}

const scopesBeside = (beside: Relation | null, env: Env): ReadonlyArray<Scope> =>
  beside === null ? [emptyScope] : denote(beside, env)

/** The environments in which a row of a command's table matches its condition. */
const matches = (
  alias: string,
  row: TableRow,
  beside: ReadonlyArray<Scope>,
  where: Scalar,
  env: Env
): ReadonlyArray<Env> =>
  beside
    .map((scope) => {
      const own = scopeOf(alias, row)
      return inside(env, { ...own, rows: new Map([...own.rows, ...scope.rows]) })
    })
    .filter((here) => holds(where, here))

interface Matched {
  readonly row: TableRow
  readonly here: ReadonlyArray<Env>
}

/** The rows a command touches, each with the environments it matched in. */
const touched = (
  node: Update | Delete,
  beside: Relation | null,
  env: Env
): ReadonlyArray<Matched> => {
  const scopes = scopesBeside(beside, env)
  const all = rowsIn(env.world.database, node.table)
    .map((row): Matched => ({ row, here: matches(node.alias, row, scopes, node.where, env) }))
    .filter(({ here }) => here.length > 0)
  if (node.limit === null) return all
  return all
    .map((one) => ({ one, keys: node.order.map((key) => evaluate(key, one.here[0]!)) }))
    .sort((a, b) => compareKeys(a.keys, b.keys, node.directions))
    .slice(0, countOf(node.limit, env))
    .map(({ one }) => one)
}

const ascending = { direction: "asc", nulls: "first" } as const

/** The least of the tuples of new values. */
const newValues = (node: Update, here: ReadonlyArray<Env>, env: Env): ReadonlyArray<Value> => {
  const own = node.columns.map((key) => () => defaultOf(node.table, key, [], env))
  const tuples = here.map((one) =>
    node.values
      .slice(0, node.columns.length)
      .map((value, i) => (value._tag === "Default" ? own[i]!() : evaluate(value, one)))
  )
  const ways = tuples[0]!.map(() => ascending)
  return [...tuples].sort((a, b) => compareKeys(a, b, ways))[0]!
}

/** The values of a query of at most one row. */
const rowValues = (node: Update, here: Env): ReadonlyArray<Value> => {
  if (node.row === null) return []
  const results = resultsOf(node.row, here)
  if (results.length > 1) return outside("a row of several rows")
  return results[0]?.values ?? node.rowColumns.map(() => null)
}

/** A table a command writes beside its own, or its own, and what of its values are for it. */
interface Owner {
  readonly alias: string
  readonly table: TableSource
  readonly columns: ReadonlyArray<string>
}

/** The rows of one of a command's tables that take part in a match, each with its environments. */
const taking = (
  { alias, table }: Owner,
  matched: ReadonlyArray<Matched>,
  env: Env
): ReadonlyArray<Matched> => {
  const here = new Map<TableRow, Array<Env>>()
  for (const one of matched.flatMap((match) => match.here)) {
    const found = one.scopes[0]!.rows.get(alias)
    // The absent side of an outer join has no row to write.
    if (found?._tag !== "Base") continue
    here.set(found.row, [...(here.get(found.row) ?? []), one])
  }
  return rowsIn(env.world.database, table)
    .filter((row) => here.has(row))
    .map((row) => ({ row, here: here.get(row)! }))
}

const ownersOf = (node: Update | Delete): ReadonlyArray<Owner> => [
  { alias: node.alias, table: node.table, columns: "columns" in node ? node.columns : [] },
  ...node.also
]

/** Changes rows of several tables, each by the one tuple of values that all its matches give it. */
const updateSeveral = (node: Update, env: Env): Outcome => {
  const matched = touched(node, node.from, env)
  let { database } = env.world
  let count = 0
  let next = 0
  for (const owner of ownersOf(node)) {
    const { columns, table } = owner
    const values = node.values.slice(next, (next += columns.length))
    const changes = new Map<TableRow, TableRow>()
    for (const { here, row } of taking(owner, matched, env)) {
      const tuples = here.map((one) =>
        values.map((value, i) =>
          value._tag === "Default" ? defaultOf(table, columns[i]!, [], env) : evaluate(value, one)
        )
      )
      if (new Set(tuples.map((tuple) => tuple.map(token).join())).size > 1)
        return outside("several values for one row of several tables")
      const changed = { ...row }
      columns.forEach((key, i) => {
        changed[key] = tuples[0]![i]!
      })
      changes.set(row, changed)
    }
    const all = rowsIn(env.world.database, table).map((row) => changes.get(row) ?? row)
    database = replaced(database, table, all)
    count += changes.size
  }
  return { database, rows: [], results: [], matched: count }
}

/** Removes rows of several tables. */
const deleteSeveral = (node: Delete, env: Env): Outcome => {
  const matched = touched(node, node.using, env)
  let { database } = env.world
  let count = 0
  for (const owner of ownersOf(node)) {
    const gone = taking(owner, matched, env).map(({ row }) => row)
    const all = rowsIn(env.world.database, owner.table).filter((row) => !gone.includes(row))
    database = replaced(database, owner.table, all)
    count += gone.length
  }
  return { database, rows: [], results: [], matched: count }
}

const updateRows = (node: Update, env: Env): Outcome => {
  if (node.also.length > 0) return updateSeveral(node, env)
  const changes = new Map(
    touched(node, node.from, env).map(({ here, row }) => {
      const next = { ...row }
      newValues(node, here, env).forEach((value, i) => {
        next[node.columns[i]!] = value
      })
      rowValues(node, here[0]!).forEach((value, i) => {
        next[node.rowColumns[i]!] = value
      })
      return [row, next] as const
    })
  )
  const all = rowsIn(env.world.database, node.table).map((row) => changes.get(row) ?? row)
  return {
    database: replaced(env.world.database, node.table, all),
    ...returned(node, node.alias, [...changes.values()], env),
    matched: changes.size
  }
}

const deleteRows = (node: Delete, env: Env): Outcome => {
  if (node.also.length > 0) return deleteSeveral(node, env)
  const gone = touched(node, node.using, env).map(({ row }) => row)
  const all = rowsIn(env.world.database, node.table).filter((row) => !gone.includes(row))
  return {
    database: replaced(env.world.database, node.table, all),
    ...returned(node, node.alias, gone, env),
    matched: gone.length
  }
}

/** The first case of a kind whose condition holds, with its new values. */
const caseOf = (node: Merge, match: When["match"], here: Env): Fired | null => {
  const at = node.whens.findIndex(
    (when, i) => when.match === match && holds(node.conditions[i]!, here)
  )
  if (at < 0) return null
  const when = node.whens[at]!
  const start = node.whens.slice(0, at).reduce((sum, { columns }) => sum + columns.length, 0)
  return { when, values: node.values.slice(start, start + when.columns.length), here }
}

interface Fired {
  readonly when: When
  readonly values: ReadonlyArray<Scalar>
  readonly here: Env
}

const mergeRows = (node: Merge, env: Env): Outcome => {
  const { table } = node
  const before = rowsIn(env.world.database, table)
  const sources = denote(node.using, env)
  const met = new Set<Scope>()
  const after: Array<TableRow> = []
  const given: Array<TableRow> = []
  const written = ({ here, values, when }: Fired, row: TableRow): TableRow => {
    const made = (key: string): Value => defaultOf(table, key, [...before, ...given], env)
    const next = { ...row }
    when.columns.forEach((key, i) => {
      const value = values[i]!
      next[key] = value._tag === "Default" ? made(key) : evaluate(value, here)
    })
    return next
  }
  for (const row of before) {
    const own = scopeOf(node.alias, row)
    const pairs = sources.flatMap((source) => {
      const here = inside(env, { ...own, rows: new Map([...own.rows, ...source.rows]) })
      if (!holds(node.on, here)) return []
      met.add(source)
      return [here]
    })
    const fired =
      pairs.length === 0
        ? [caseOf(node, "not matched by source", inside(env, own))]
        : pairs.map((here) => caseOf(node, "matched", here))
    const acting = fired.filter((one) => one !== null && one.when.does !== "nothing")
    if (acting.length > 1) return outside("a row written twice")
    const [one] = acting
    if (one === undefined || one === null) after.push(row)
    else if (one.when.does === "delete") given.push(row)
    else {
      const next = written(one, row)
      after.push(next)
      given.push(next)
    }
  }
  for (const source of sources) {
    if (met.has(source)) continue
    const fired = caseOf(node, "not matched", inside(env, source))
    if (fired?.when.does !== "insert") continue
    const empty = Object.fromEntries(
      table.columns.map(({ key }) => [key, defaultOf(table, key, [...before, ...given], env)])
    )
    const row = written(fired, empty)
    after.push(row)
    given.push(row)
  }
  return {
    database: replaced(env.world.database, table, after),
    ...returned(node, node.alias, given, env),
    matched: given.length
  }
}

/** What a command means. */
export const carryOut = (node: Command, world: World): Outcome => {
  const env: Env = { world, scopes: [], around: null }
  switch (node._tag) {
    case "Insert":
      return insertInto(node, env)
    case "Update":
      return updateRows(node, env)
    case "Delete":
      return deleteRows(node, env)
    case "Merge":
      return mergeRows(node, env)
  }
}
