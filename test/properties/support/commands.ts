import * as C from "../../../src/algebra/Command.ts"
import type { Command } from "../../../src/algebra/Command.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { ColumnNode, TableSource } from "../../../src/algebra/Source.ts"
import * as T from "../../../src/algebra/types.ts"
import { type Context, type Home, knownUnder, type Leaf } from "./context.ts"
import { chance, type Draw, many, pick, weigh } from "./draw.ts"
import { anySort } from "./fields.ts"
import { besides, firsts, rowOf, rowsFor } from "./commandParts.ts"
import { record } from "./meaning.ts"
import { condition, scalar } from "./scalars.ts"
import { sortOf, valueOf } from "./sorts.ts"
import { homeOf } from "./statements.ts"
import { tables } from "./tables.ts"

/** A command with the values of its named parameters. */
export interface CommandCase {
  readonly command: Command
  readonly parameters: Readonly<Record<string, unknown>>
}

const over = (home: Home, leaves: ReadonlyArray<Leaf>): Context => ({
  home,
  leaves,
  outer: [],
  members: null
})

/** A value for a column: where NULL is refused, one that is never NULL. */
const cell = (draw: Draw, context: Context, column: ColumnNode): Scalar => {
  const sort = sortOf(column.type)
  const value = scalar(draw, context, sort, 2)
  return column.nullable
    ? value
    : S.call("coalesce", [value, S.bound(valueOf(draw, sort), column.type)], column.type)
}

/**
 * What to give back. Keys made by the server are given back as they are, and expressions hold no
 * subquery: whether one sees the change is not the same everywhere.
 */
const returning = (
  draw: Draw,
  home: Home,
  leaves: ReadonlyArray<Leaf>,
  plain: boolean
): C.Returning | null => {
  if (draw.below(3) > 0) return null
  const fields = many(draw, "field", 1, 3, () =>
    plain
      ? pick(draw, leaves).node
      : scalar(draw, { ...over(home, leaves), flat: true }, anySort(draw), 2)
  )
  return { fields, shape: record(fields) }
}

const isIdentity = ({ identity }: ColumnNode): boolean => identity

/** Keys given by a statement lie between the seeded ones and those a server makes. */
const givenKey = (row: number): Scalar => S.bound(50 + row, T.integer)

/** What an upsert does over a table's key: nothing, or changes from both rows. */
const conflictOf = (
  draw: Draw,
  home: Home,
  table: TableSource,
  given: ReadonlyArray<string>
): C.InsertMore => {
  const target = table.primaryKey.filter((key) => given.includes(key))
  const free = table.columns.filter((column) => !column.identity)
  const does = { target: chance(draw, 4) ? [] : target, partial: null, columns: [] }
  if (does.target.length === 0 || chance(draw, 3)) return { conflict: does }
  const { leaves } = knownUnder(table.name, table)
  const proposed = knownUnder(C.excluded, table).leaves
  const context = over(home, [...leaves, ...proposed])
  const columns = many(draw, "change", 1, 3, () => pick(draw, free))
  const chosen = free.filter((column) => columns.includes(column))
  return {
    conflict: { ...does, columns: chosen.map(({ key }) => key) },
    changes: chosen.map((column) => newValue(draw, context, column)),
    condition: chance(draw, 3) ? condition(draw, context, 2) : null
  }
}

/** A new value; now and then the server's own, where it is not NULL for sure. */
const newValue = (draw: Draw, context: Context, column: ColumnNode): Scalar =>
  column.nullable && chance(draw, 12)
    ? S.byDefault(column, column.type)
    : cell(draw, context, column)

const insertInto = (
  draw: Draw,
  home: Home,
  table: TableSource,
  upserts: boolean = chance(draw, 3)
): C.Insert => {
  const context = over(home, [])
  const givesKey = upserts ? !chance(draw, 6) : chance(draw, 2)
  const columns = table.columns.filter((column) =>
    column.identity ? givesKey : !column.nullable || chance(draw, 2)
  )
  const keys = columns.map(({ key }) => key)
  const { leaves } = knownUnder(table.name, table)
  const made = table.columns.some(isIdentity) && !givesKey
  const back = returning(draw, home, leaves, made)
  const conflict = upserts ? conflictOf(draw, home, table, keys) : {}
  const keyAt = (row: number): Scalar =>
    upserts ? S.bound(pick(draw, [1, 2, 3, 50, 4, 51]), T.integer) : givenKey(row)
  if (columns.length > 0 && chance(draw, 4)) {
    const rows = rowsFor(draw, home, columns, keyAt(0))
    return C.insert(table, keys, [], 0, back, { ...conflict, rows })
  }
  const rowCount = columns.length === 0 ? 1 : 1 + draw.below(3)
  const cells = Array.from({ length: rowCount }, (_, i) =>
    columns.map((column) => (column.identity ? keyAt(i) : newValue(draw, context, column)))
  ).flat()
  const ordered = !upserts && made && back !== null && rowCount > 1 && chance(draw, 2)
  return C.insert(table, keys, cells, rowCount, back, { ...conflict, ordered })
}

const aliasOf = (draw: Draw, table: TableSource): string =>
  pick(draw, [table.name, table.name, "changed"])

const updateOf = (draw: Draw, home: Home, table: TableSource): Command => {
  const { alias, leaves } = knownUnder(aliasOf(draw, table), table)
  const beside = weigh(draw, [
    [3, false],
    [2, true]
  ])
    ? besides(draw, home, leaves)
    : null
  const context = over(home, [...leaves, ...(beside?.leaves ?? [])])
  const free = table.columns.filter((column) => !column.identity)
  const chosen = free.filter(() => chance(draw, 2))
  const columns = chosen.length === 0 ? [pick(draw, free)] : chosen
  const values = columns.map((column) => newValue(draw, context, column))
  const where = condition(draw, context, 2)
  const nullable = free.filter((column) => column.nullable && !columns.includes(column))
  const row = nullable.length > 0 && beside === null && chance(draw, 5)
  return C.update(
    table,
    alias,
    columns.map(({ key }) => key),
    values,
    beside === null ? where : S.and([beside.on, where], T.boolean),
    returning(draw, home, leaves, false),
    {
      ...(beside === null ? {} : { from: beside.relation }),
      ...(row ? rowOf(draw, home, leaves, nullable) : {}),
      ...(beside === null && chance(draw, 4) ? firsts(draw, context, leaves) : {})
    }
  )
}

const deleteFrom = (draw: Draw, home: Home, table: TableSource): Command => {
  const { alias, leaves } = knownUnder(aliasOf(draw, table), table)
  const beside = chance(draw, 3) ? besides(draw, home, leaves) : null
  const context = over(home, [...leaves, ...(beside?.leaves ?? [])])
  const where = condition(draw, context, 2)
  return C.remove(
    table,
    alias,
    beside === null ? where : S.and([beside.on, where], T.boolean),
    returning(draw, home, leaves, false),
    beside !== null
      ? { using: beside.relation }
      : chance(draw, 4)
        ? firsts(draw, context, leaves)
        : {}
  )
}

/** An insert, an update or a delete. */
export const commandCase = (draw: Draw): CommandCase => {
  const home = homeOf(draw)
  const table = pick(draw, tables)
  const make = pick(draw, [
    () => insertInto(draw, home, table),
    () => updateOf(draw, home, table),
    () => deleteFrom(draw, home, table)
  ])
  return { command: make(), parameters: home.parameters }
}

/** An upsert of rows given by themselves, into a table with a key. */
export const upsertCase = (draw: Draw): CommandCase & { readonly command: C.Insert } => {
  const home = homeOf(draw)
  const table = pick(
    draw,
    tables.filter(({ primaryKey }) => primaryKey.length > 0)
  )
  for (;;) {
    const command = insertInto(draw, home, table, true)
    if (command.rows === null) return { command, parameters: home.parameters }
  }
}
