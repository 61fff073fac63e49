import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import { projection } from "../../../src/algebra/block.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { SelfSource } from "../../../src/algebra/Source.ts"
import * as T from "../../../src/algebra/types.ts"
import { type Context, type Home, type Known, knownAs, type Leaf } from "./context.ts"
import { chance, type Draw, many, pick, weigh } from "./draw.ts"
import { anySort } from "./fields.ts"
import { query } from "./queries.ts"
import { condition, scalar } from "./scalars.ts"
import { type Sort, sortOf, typeOf } from "./sorts.ts"
import { source } from "./sources.ts"

/** What a step starts from: the recursion's own rows, alone or joined with one more source. */
const opened = (draw: Draw, home: Home, self: SelfSource): Context & { relation: Relation } => {
  const own = knownAs(home, self)
  const alone: Relation = R.cte(self, own.alias)
  const contextOf = (...known: ReadonlyArray<Known>): Context => ({
    home,
    outer: [],
    members: null,
    leaves: known.flatMap(({ leaves }) => leaves)
  })
  if (chance(draw, 3)) return { ...contextOf(own), relation: alone }
  const other = source(draw, home, [], 1)
  const seen = contextOf(own, ...other.known)
  const kind = pick(draw, ["inner", "left", "cross"] as const)
  const on = kind === "cross" ? S.constant(true, T.boolean) : condition(draw, seen, 1)
  const swapped = kind !== "left" && chance(draw, 4)
  const [left, right] = swapped ? [other.relation, alone] : [alone, other.relation]
  return { ...seen, relation: R.join(kind, left, right, on) }
}

const bounds = [1, 2, 3]

/**
 * A recursion that ends: its first column counts to a bound, or it gives each row once and makes no
 * values that were not there.
 */
export const recursion = (draw: Draw, home: Home, name: string): Relation =>
  draw.span("recursion", () => {
    const counted = chance(draw, 2)
    const rest = many(draw, "sort", 1, 2, () => anySort(draw, home))
    const sorts: ReadonlyArray<Sort> = counted ? ["integer", ...rest] : rest
    const base = query(draw, home, [], sorts, 1)
    const self: SelfSource = { _tag: "SelfSource", name, query: base }
    const { fields, shape } = projection(base)!
    const { relation, ...seen } = opened(draw, home, self)
    const depth = seen.leaves.find(({ node, sort }) => node._tag === "Ref" && sort === "integer")
    const limits: Array<Scalar> = []
    const made = fields.map((field, i): Scalar => {
      const sort = sortOf(field.type)
      if (counted && i === 0) {
        limits.push(S.compare("lt", depth!.node, S.bound(pick(draw, bounds), T.integer), T.boolean))
        return S.arith("add", depth!.node, S.constant(1, T.integer), T.integer)
      }
      return counted ? scalar(draw, seen, sort, 1) : known(draw, seen.leaves, sort)
    })
    const filtered = weigh(draw, [
      [2, false],
      [1, true]
    ])
    if (filtered) limits.push(condition(draw, seen, 1))
    const kept =
      limits.length === 0
        ? relation
        : R.filter(relation, limits.length === 1 ? limits[0]! : S.and(limits, T.boolean))
    return R.recursion(self, base, R.project(kept, made, shape), counted ? chance(draw, 3) : true)
  })

/** A column of the sort, of which there are only so many values. */
const known = (draw: Draw, leaves: ReadonlyArray<Leaf>, sort: Sort): Scalar => {
  const fit = leaves.filter((leaf) => leaf.sort === sort)
  return fit.length === 0 ? S.constant(null, typeOf[sort]) : pick(draw, fit).node
}
