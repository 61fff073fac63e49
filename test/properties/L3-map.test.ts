import { describe, test } from "vitest"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import { rewrite } from "../../src/algebra/rewrite.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { type Known, knownUnder } from "./support/context.ts"
import { drawn, many } from "./support/draw.ts"
import { anySort } from "./support/fields.ts"
import { column, handParts, handSide } from "./support/hand.ts"
import { caught, upheld } from "./support/law.ts"
import { sameRows, selected } from "./support/meaning.ts"
import { contextOf, type Parts, partsOf } from "./support/parts.ts"
import { scalar } from "./support/scalars.ts"
import { onSqlite } from "./support/sameOnSqlite.ts"

/** Rows, what each is mapped to, and what that is mapped to again. */
interface Case extends Parts {
  readonly first: ReadonlyArray<Scalar>
  /** The rows mapped once, as a derived table. */
  readonly mapped: Known & { readonly relation: Relation }
  readonly again: ReadonlyArray<Scalar>
}

const alias = "mapped"

const tableOf = (query: Relation): Case["mapped"] => {
  const source = { _tag: "DerivedSource", query } as const
  return { ...knownUnder(alias, source), relation: R.derived(source, alias) }
}

const cases = drawn((draw): Case => {
  const parts = partsOf(draw)
  const { context, home } = parts
  const first = many(draw, "field", 1, 3, () => scalar(draw, context, anySort(draw, home), 2))
  const mapped = tableOf(selected(parts.relation, first))
  const over = contextOf(home, [mapped])
  const again = many(draw, "field", 1, 2, () => scalar(draw, over, anySort(draw, home), 2))
  return { ...parts, first, mapped, again }
})

/** `f` of what `g` gives: each column of the rows between is said as what it is. */
const composed = ({ again, first }: Case): ReadonlyArray<Scalar> => {
  const place = (path: ReadonlyArray<string>): number => Number(path[0]!.slice(1))
  return again.map((one) =>
    rewrite<Scalar>(one, (node) => {
      if (node._tag === "Ref" && node.alias === alias) return first[place(node.path)]!
      // A mapped row is there.
      return node._tag === "Presence" && node.alias === alias ? S.constant(true, T.boolean) : node
    })
  )
}

type Sides = (one: Case) => readonly [Relation, Relation]

const columnsOf = ({ leaves }: Known): ReadonlyArray<Scalar> =>
  leaves.flatMap(({ node }) => (node._tag === "Ref" ? [node] : []))

const laws: Readonly<Record<string, Sides>> = {
  "map id q = q": ({ first, mapped, relation }) => [
    selected(mapped.relation, columnsOf(mapped)),
    selected(relation, first)
  ],
  "map f (map g q) = map (f of g) q": (one) => [
    selected(one.mapped.relation, one.again),
    selected(one.relation, composed(one))
  ]
}

const holds =
  (sides: Sides) =>
  (one: Case): boolean => {
    const [a, b] = sides(one)
    return sameRows(a, b, one.database, one.home.parameters)
  }

const table = handParts(0)
const side = handSide(0)
const byHand = (first: ReadonlyArray<Scalar>, map: (one: Scalar) => Scalar): Case => {
  const mapped = tableOf(selected(table.relation, first))
  return { ...table, first, mapped, again: [map(column(mapped, 0))] }
}
const one = S.bound(1, T.integer)
const examples: ReadonlyArray<Case> = [
  byHand([column(side, 1)], (a) => S.arith("add", a, one, T.integer)),
  byHand([S.arith("mul", column(side, 2), one, T.integer)], (a) => S.negate(a, T.integer))
]

describe("L3 map", () => {
  test.for(Object.entries(laws))("%s", ([, sides]) => upheld(cases, holds(sides)))

  test.for(Object.entries(laws))("%s, on SQLite", ([, sides]) => onSqlite(cases, sides))

  test("twin: map goes through distinct", () => {
    caught(
      "map f (distinct q) = distinct (map f q)",
      cases,
      holds((each) => [
        selected(tableOf(R.distinct(selected(each.relation, each.first))).relation, each.again),
        R.distinct(selected(each.relation, composed(each)))
      ]),
      examples
    )
  })
})
