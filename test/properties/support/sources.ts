import * as R from "../../../src/algebra/Relation.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import { documentType } from "./functions.ts"
import { type Sort, typeOf } from "./sorts.ts"
import { aimsAt, aimsBelow, pull, rather, under } from "./aim.ts"
import { type Context, type Home, type Known, knownAs, type Leaf } from "./context.ts"
import { chance, type Draw, pick, weigh } from "./draw.ts"
import { any, combined, documented, listed, oneGroup, query } from "./queries.ts"
import type { Read } from "./places.ts"
import { aside, granted, inClause, seeks, wished } from "./seek.ts"
import { condition } from "./scalars.ts"
import { functionSource } from "./rowFunctions.ts"
import { tables } from "./tables.ts"

/** What FROM gives: its relation and the aliases in it. */
export interface Sources {
  readonly relation: Relation
  readonly known: ReadonlyArray<Known>
}

/** A sample whose rows are known: all, or none. */
const sampleOf = (draw: Draw, table: Relation): Relation => {
  const method = pick(draw, ["bernoulli", "system"] as const)
  const percent = S.bound(pick(draw, [100, 0]), typeOf.double)
  return R.sample(table, method, percent, chance(draw, 2) ? S.bound(7, typeOf.double) : null)
}

/**
 * What is sayable of a document: what is at a place, how much, of what kind. The text of an object
 * may hold a name twice, which `Fn.jsonObjectAgg` says, so that nothing is read by name.
 */
const inDocument = (document: Scalar): ReadonlyArray<Leaf> => {
  const as = (at: number, sort: Sort): Leaf => ({
    node: S.call("jsonAs", [S.jsonAt(document, [at], documentType)], typeOf[sort]),
    sort
  })
  return [
    ...[0, 1].flatMap((at) => [as(at, "integer"), as(at, "text")]),
    { node: S.call("jsonLength", [document], typeOf.integer), sort: "integer" },
    { node: S.call("jsonType", [document], typeOf.text), sort: "text" }
  ]
}

/** One source: a table, a query in parentheses, a common table expression. */
export const source = (
  draw: Draw,
  home: Home,
  outer: ReadonlyArray<Leaf>,
  depth: number
): Sources =>
  draw.span("source", () => {
    const wish = wished(home)
    const forms: Array<readonly [number, () => Sources]> = [
      [
        8 * pull(aimsBelow(home, "Sample")) * granted(wish, "table"),
        () => {
          const known = knownAs(home, pick(draw, tables))
          const table = R.table(known.source as (typeof tables)[number], known.alias)
          const samples = !home.without.has("Sample") && rather(draw, aimsAt(home, "Sample"), 400)
          return { relation: samples ? sampleOf(draw, table) : table, known: [known] }
        }
      ]
    ]
    if (depth > 0 && !home.without.has("Derived")) {
      forms.push([
        3 * granted(wish, "derived", "values", "set operation"),
        () => {
          // Now and then a derived table inside a subquery that reads an outer query's columns.
          const seen = home.without.has("Correlated") || !chance(draw, 8) ? [] : outer
          const inner = aside(home, () => derivedOf(draw, home, seen, wish, depth - 1))
          const derived = { _tag: "DerivedSource", query: inner } as const
          const known = knownAs(home, derived)
          return { relation: R.derived(derived, known.alias), known: [known] }
        }
      ])
    }
    if (depth > 0 && home.documents) {
      forms.push([
        8,
        () => {
          const derived = {
            _tag: "DerivedSource",
            query: documented(draw, home, depth - 1)
          } as const
          const known = knownAs(home, derived)
          const leaves = known.leaves.flatMap((leaf) =>
            leaf.node.type.sql._tag === "Json" ? inDocument(leaf.node) : [leaf]
          )
          return { relation: R.derived(derived, known.alias), known: [{ ...known, leaves }] }
        }
      ])
    }
    if (!home.without.has("TableFunction")) {
      const fed = seeks(home, "function") ? outer : []
      forms.push([
        granted(wish, "function") * pull(seeks(home, "function")),
        () => {
          const { known, relation } = functionSource(draw, home, fed)
          return { relation, known: [known] }
        }
      ])
    }
    if (home.ctes.length > 0) {
      forms.push([
        4 *
          pull(aimsAt(home, "Cte", "Recursion", "Lock", "Hint")) *
          granted(wish, "cte", "recursion"),
        () => {
          const recurs = ({ query }: (typeof home.ctes)[number]): boolean =>
            (wish === "recursion") === (query._tag === "Recursion")
          const fit = wish === null ? [] : home.ctes.filter(recurs)
          const named = pick(draw, fit.length > 0 ? fit : home.ctes)
          const known = knownAs(home, named)
          return { relation: R.cte(named, known.alias), known: [known] }
        }
      ])
    }
    return weigh(draw, forms)()
  })

/** A query in parentheses, of what is wished for. */
const derivedOf = (
  draw: Draw,
  home: Home,
  outer: ReadonlyArray<Leaf>,
  wish: Read | null,
  depth: number
): Relation => {
  if (wish === "values" && !home.without.has("Values")) return listed(draw, home, any)
  if (wish === "set operation") return combined(draw, home, outer, any, Math.max(depth, 1))
  return query(draw, home, outer, null, depth)
}

const on = (
  draw: Draw,
  home: Home,
  outer: ReadonlyArray<Leaf>,
  known: ReadonlyArray<Known>,
  depth: number
) => {
  const context: Context = {
    home,
    outer,
    members: null,
    leaves: known.flatMap(({ leaves }) => leaves)
  }
  const [left, right] = [known[0]!, known.at(-1)!]
  const integers = (one: Known) => one.leaves.filter(({ sort }) => sort === "integer")
  const [a, b] = [integers(left), integers(right)]
  return draw.span("on", () =>
    a.length > 0 && b.length > 0 && !seeks(home, "on") && !chance(draw, 3)
      ? S.compare("eq", pick(draw, a).node, pick(draw, b).node, typeOf.boolean)
      : inClause(home, "on", () =>
          under(home, "Join", () => condition(draw, context, Math.min(depth, 2)))
        )
  )
}

const kindOf = (draw: Draw, home: Home): R.JoinKind =>
  weigh(draw, [
    [8, "inner"],
    [10, "left"],
    [2, "cross"],
    [home.without.has("right") ? 0 : 2, "right"],
    [home.without.has("full") ? 0 : 1, "full"]
  ] as const)

const joined = (
  draw: Draw,
  home: Home,
  outer: ReadonlyArray<Leaf>,
  left: Sources,
  right: Sources,
  depth: number
): Sources => {
  const kind = kindOf(draw, home)
  const known = [...left.known, ...right.known]
  const when =
    kind === "cross" ? S.constant(true, typeOf.boolean) : on(draw, home, outer, known, depth)
  return { relation: R.join(kind, left.relation, right.relation, when), known }
}

/** The rows of a function that each row before them feeds. */
const fed = (
  draw: Draw,
  home: Home,
  outer: ReadonlyArray<Leaf>,
  left: Sources,
  seen: ReadonlyArray<Leaf>,
  depth: number
): Sources => {
  const right = functionSource(draw, home, seen)
  const known = [...left.known, right.known]
  const kind = pick(draw, ["cross", "inner", "left"] as const)
  const when =
    kind === "cross" || chance(draw, 2)
      ? S.constant(true, typeOf.boolean)
      : on(draw, home, outer, known, Math.min(depth, 1))
  return { relation: R.join(kind, left.relation, right.relation, when, true), known }
}

/** A query asked for each row before it, most often for one aggregated row. */
const laterally = (
  draw: Draw,
  home: Home,
  outer: ReadonlyArray<Leaf>,
  left: Sources,
  depth: number
): Sources => {
  const seen = [...left.known.flatMap(({ leaves }) => leaves), ...outer]
  if (chance(draw, 3)) return fed(draw, home, outer, left, seen, depth)
  const inner = draw.span("lateral", () =>
    weigh(draw, [
      [9, () => oneGroup(draw, home, seen, depth - 1)],
      [1, () => query(draw, home, seen, null, depth - 1)]
    ])()
  )
  const derived = { _tag: "DerivedSource", query: inner } as const
  const right = knownAs(home, derived)
  const known = [...left.known, right]
  const kind = pick(draw, ["cross", "inner", "left"] as const)
  const always = kind === "cross" || chance(draw, 2)
  const when = always
    ? S.constant(true, typeOf.boolean)
    : on(draw, home, outer, known, Math.min(depth, 1))
  return {
    relation: R.join(kind, left.relation, R.derived(derived, right.alias), when, true),
    known
  }
}

/** No source, one, or several joined: to the left, and now and then a join inside the right. */
export const sources = (
  draw: Draw,
  home: Home,
  outer: ReadonlyArray<Leaf>,
  depth: number
): Sources =>
  draw.span("from", () => {
    const one = () => source(draw, home, outer, depth)
    return weigh<() => Sources>(draw, [
      [14 * pull(aimsBelow(home, "Sample")), one],
      [2, () => ({ relation: R.unit, known: [] })],
      [10 * pull(seeks(home, "on")), () => joined(draw, home, outer, one(), one(), depth)],
      [
        4,
        () =>
          joined(draw, home, outer, joined(draw, home, outer, one(), one(), depth), one(), depth)
      ],
      // Rare: SQLite has none, and says but those of one row in another way.
      [
        depth > 0 && !home.without.has("Derived") && !home.without.has("Lateral")
          ? granted(home.wish, "lateral") * pull(seeks(home, "function"))
          : 0,
        () => laterally(draw, home, outer, one(), depth)
      ],
      [
        home.without.has("RightJoin") ? 0 : 2,
        () =>
          joined(draw, home, outer, one(), joined(draw, home, outer, one(), one(), depth), depth)
      ]
    ])()
  })

/** A join onto a block that is closed already, and what is in scope then. */
export const joinedOnto = (
  draw: Draw,
  home: Home,
  self: Relation,
  seen: Context,
  depth: number
): { readonly relation: Relation; readonly leaves: ReadonlyArray<Leaf> } => {
  const right = source(draw, home, seen.outer, depth - 1)
  const kind = pick(draw, ["inner", "left"] as const)
  const leaves = [...seen.leaves, ...right.known.flatMap((one) => one.leaves)]
  return {
    relation: R.join(
      kind,
      self,
      right.relation,
      under(home, "Join", () => condition(draw, { ...seen, leaves }, 1))
    ),
    leaves
  }
}
