import * as C from "../../../src/algebra/Command.ts"
import type { Command } from "../../../src/algebra/Command.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { ColumnNode, TableSource } from "../../../src/algebra/Source.ts"
import * as T from "../../../src/algebra/types.ts"
import { type Context, type Home, knownUnder, type Leaf } from "./context.ts"
import { chance, type Draw, many, pick } from "./draw.ts"
import { anySort } from "./fields.ts"
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

const insertInto = (draw: Draw, home: Home, table: TableSource): Command => {
  const context = over(home, [])
  const givesKey = chance(draw, 2)
  const columns = table.columns.filter((column) =>
    column.identity ? givesKey : !column.nullable || chance(draw, 2)
  )
  const rowCount = columns.length === 0 ? 1 : 1 + draw.below(3)
  const cells = Array.from({ length: rowCount }, (_, i) =>
    columns.map((column) => (column.identity ? givenKey(i) : cell(draw, context, column)))
  ).flat()
  const { leaves } = knownUnder(table.name, table)
  const made = table.columns.some(isIdentity) && !givesKey
  return C.insert(
    table,
    columns.map(({ key }) => key),
    cells,
    rowCount,
    returning(draw, home, leaves, made)
  )
}

const aliasOf = (draw: Draw, table: TableSource): string =>
  pick(draw, [table.name, table.name, "changed"])

const updateOf = (draw: Draw, home: Home, table: TableSource): Command => {
  const { alias, leaves } = knownUnder(aliasOf(draw, table), table)
  const context = over(home, leaves)
  const free = table.columns.filter((column) => !column.identity)
  const chosen = free.filter(() => chance(draw, 2))
  const columns = chosen.length === 0 ? [pick(draw, free)] : chosen
  const values = columns.map((column) => cell(draw, context, column))
  const where = condition(draw, context, 2)
  return C.update(
    table,
    alias,
    columns.map(({ key }) => key),
    values,
    where,
    returning(draw, home, leaves, false)
  )
}

const deleteFrom = (draw: Draw, home: Home, table: TableSource): Command => {
  const { alias, leaves } = knownUnder(aliasOf(draw, table), table)
  return C.remove(
    table,
    alias,
    condition(draw, over(home, leaves), 2),
    returning(draw, home, leaves, false)
  )
}

/** An insert, an update or a delete. */
export const commandCase = (draw: Draw): CommandCase => {
  const home = homeOf(draw)
  const table = pick(draw, tables)
  const make = pick(draw, [insertInto, updateOf, deleteFrom])
  return { command: make(draw, home, table), parameters: home.parameters }
}
