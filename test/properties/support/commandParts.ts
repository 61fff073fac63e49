import type { Update } from "../../../src/algebra/Command.ts"
import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { ColumnNode } from "../../../src/algebra/Source.ts"
import * as T from "../../../src/algebra/types.ts"
import { type Context, type Home, knownAs, type Leaf } from "./context.ts"
import { chance, type Draw, many, pick } from "./draw.ts"
import { anySort } from "./fields.ts"
import { record } from "./meaning.ts"
import { direction, query } from "./queries.ts"
import { condition, scalar } from "./scalars.ts"
import { inClause, seeks } from "./seek.ts"
import { type Sort, sortOf, valueOf } from "./sorts.ts"
import { source, sources } from "./sources.ts"

/** What stands beside the table of a command, and how its rows go with the table's. */
export interface Beside {
  readonly relation: Relation
  readonly leaves: ReadonlyArray<Leaf>
  readonly on: Scalar
}

const integers = (leaves: ReadonlyArray<Leaf>): ReadonlyArray<Leaf> =>
  leaves.filter(({ sort }) => sort === "integer")

export const besides = (draw: Draw, home: Home, own: ReadonlyArray<Leaf>): Beside =>
  draw.span("beside", () => {
    const some = sources(draw, home, [], 1)
    const { known, relation } = some.relation._tag === "Unit" ? source(draw, home, [], 1) : some
    const leaves = known.flatMap((one) => one.leaves)
    const [here, there] = [integers(own), integers(leaves)]
    const on =
      here.length > 0 && there.length > 0 && !chance(draw, 3)
        ? S.compare(
            "eq",
            pick(draw, [...there].toSorted(keysFirst)).node,
            pick(draw, here).node,
            T.boolean
          )
        : S.constant(true, T.boolean)
    return { relation, leaves, on }
  })

/** A key of the other table is the column one joins by. */
const keysFirst = (a: Leaf, b: Leaf): number => Number(isKey(b)) - Number(isKey(a))
const isKey = ({ node }: Leaf): boolean => node._tag === "Ref" && node.path[0] === "id"

const refsOf = (leaves: ReadonlyArray<Leaf>): ReadonlyArray<Leaf> =>
  leaves.filter(({ node }) => node._tag === "Ref")

/** A query of some sorts in FROM: references to its columns. */
const derivedOf = (
  draw: Draw,
  home: Home,
  want: ReadonlyArray<Sort>
): { readonly relation: Relation; readonly leaves: ReadonlyArray<Leaf> } => {
  const inner = query(draw, home, [], want, 1)
  const derived = { _tag: "DerivedSource", query: inner } as const
  const { alias, leaves } = knownAs(home, derived)
  return { relation: R.derived(derived, alias), leaves: refsOf(leaves) }
}

/** Rows for an insert: of the columns' sorts, never NULL where a column refuses it. */
export const rowsFor = (
  draw: Draw,
  home: Home,
  columns: ReadonlyArray<ColumnNode>,
  key: Scalar
): Relation =>
  draw.span("rows", () => {
    const free = columns.filter((column) => !column.identity)
    const sorts = free.map(({ type }) => sortOf(type))
    if (columns.every((column) => column.nullable)) return query(draw, home, [], sorts, 2)
    const inner =
      free.length === 0 ? { relation: R.unit, leaves: [] } : derivedOf(draw, home, sorts)
    let next = 0
    const fields = columns.map((column) => {
      if (column.identity) return key
      const { node, sort } = inner.leaves[next++]!
      return column.nullable
        ? node
        : S.call("coalesce", [node, S.bound(valueOf(draw, sort), column.type)], column.type)
    })
    return R.project(inner.relation, fields, record(fields))
  })

/** Some columns set from the first row of a query that sees the table. */
export const rowOf = (
  draw: Draw,
  home: Home,
  own: ReadonlyArray<Leaf>,
  columns: ReadonlyArray<ColumnNode>
): Pick<Update, "row" | "rowColumns"> =>
  draw.span("row", () => {
    const chosen = columns.slice(0, 1 + draw.below(columns.length))
    const { leaves, relation } = derivedOf(
      draw,
      home,
      chosen.map(({ type }) => sortOf(type))
    )
    const seen: Context = { home, leaves, outer: own, members: null }
    const fields = leaves.map(({ node }) => node)
    const rows = R.project(R.filter(relation, condition(draw, seen, 1)), fields, record(fields))
    const ordered = R.order(
      rows,
      fields,
      fields.map(() => direction(draw))
    )
    return {
      rowColumns: chosen.map(({ key }) => key),
      row: R.slice(ordered, S.bound(1, T.integer), null)
    }
  })

/** The first rows by some keys, and then by every column, so that it is told which. */
export const firsts = (
  draw: Draw,
  context: Context,
  own: ReadonlyArray<Leaf>
): Pick<Update, "order" | "directions" | "limit"> =>
  draw.span("firsts", () => {
    const { home } = context
    const keys = inClause(home, "order by", () =>
      many(draw, "key", seeks(home, "order by") ? 1 : 0, 1, () =>
        scalar(draw, context, anySort(draw, home), 1)
      )
    )
    const order = [...keys, ...refsOf(own).map(({ node }) => node)]
    return {
      order,
      directions: order.map(() => direction(draw)),
      limit: S.bound(pick(draw, [1, 2, 1, 0, 3]), T.integer)
    }
  })
