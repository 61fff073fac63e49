import { describe, test } from "vitest"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { AggregateName, Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { connections } from "./support/connections.ts"
import { drawn } from "./support/draw.ts"
import { handParts } from "./support/hand.ts"
import { caught, timeFor, upheld } from "./support/law.ts"
import { sameRows, selected } from "./support/meaning.ts"
import { conditionOver, type Parts, partsOf } from "./support/parts.ts"
import { onServer } from "./support/sameOnSqlite.ts"
import { scalar } from "./support/scalars.ts"

/** Rows with a key and a value, and two parts of them that may overlap. */
interface Case extends Parts {
  readonly key: Scalar
  readonly value: Scalar
  readonly first: Scalar
  readonly second: Scalar
}

const cases = drawn((draw): Case => {
  const parts = partsOf(draw)
  const flat = { ...parts.context, flat: true }
  return {
    ...parts,
    key: scalar(draw, flat, "integer", 0),
    value: scalar(draw, flat, "integer", 1),
    first: conditionOver(draw, parts),
    second: conditionOver(draw, parts)
  }
})

type Sides = (one: Case) => readonly [Relation, Relation]

const types = { count: T.count, sum: T.safeInteger, min: T.integer, max: T.integer } as const
type Name = keyof typeof types
const names = Object.keys(types) as ReadonlyArray<Name>

const fold = (name: AggregateName & Name, value: Scalar, distinct = false): Scalar =>
  S.aggregate(name, [value], distinct, types[name])

/** Both parts, one after the other, and their values. */
const together = ({ first, relation, second, value }: Case) => {
  const query = R.combine("unionAll", [
    selected(R.filter(relation, first), [value]),
    selected(R.filter(relation, second), [value])
  ])
  const source = { _tag: "DerivedSource", query } as const
  return { rows: R.derived(source, "both"), value: S.ref("both", source, ["c0"], T.integer) }
}

const ofPart = (one: Case, part: Scalar, name: Name, distinct = false): Scalar => {
  const rows = R.group(R.filter(one.relation, part), [])
  return S.subquery(selected(rows, [fold(name, one.value, distinct)]), types[name])
}

/** What a name makes of two of its values; of a part without values there is none. */
const joined = (name: Name, a: Scalar, b: Scalar): Scalar => {
  const type = types[name]
  switch (name) {
    case "count":
      return S.arith("add", a, b, type)
    case "sum":
      return S.call("coalesce", [S.arith("add", a, b, type), a, b], type)
    case "min":
    case "max": {
      const better = S.compare(name === "min" ? "lte" : "gte", a, b, T.boolean)
      const chosen = S.caseOf([better], [a], b, type)
      return S.call("coalesce", [chosen, a], type)
    }
  }
}

/** An aggregate of both parts is what the aggregates of each come to. */
const combines =
  (some: ReadonlyArray<Name>, distinct = false): Sides =>
  (one) => {
    const { rows, value } = together(one)
    const whole = some.map((name) => fold(name, value, distinct))
    const parts = some.map((name) =>
      joined(name, ofPart(one, one.first, name, distinct), ofPart(one, one.second, name, distinct))
    )
    return [selected(R.group(rows, []), whole), selected(R.unit, parts)]
  }

const never = S.constant(false, T.boolean)
const one = S.constant(1, T.integer)
const none = S.constant(0, T.count)
const count = S.aggregate("count", [], false, T.count)

/** The one global group is there without a row. */
const isOne: Sides = ({ first, relation, value }) => {
  const query = selected(R.group(R.filter(relation, first), []), [fold("sum", value)])
  const rows = R.derived({ _tag: "DerivedSource", query }, "whole")
  return [selected(R.group(rows, []), [count]), selected(R.unit, [S.constant(1, T.count)])]
}

const ofNothing: Sides = ({ relation, value }) => [
  selected(R.group(R.filter(relation, never), []), [
    count,
    fold("count", value),
    fold("max", value)
  ]),
  selected(R.unit, [none, none, S.constant(null, T.integer)])
]

/** Groups by a key are as many as there are keys: of no row none. */
const groupsOfNothing: Sides = ({ key, relation, value }) => [
  selected(R.group(R.filter(relation, never), [key]), [count, fold("max", value)]),
  selected(R.filter(R.unit, never), [none, S.constant(null, T.integer)])
]

/** A condition on the key keeps whole groups. */
const commutes: Sides = ({ key, relation, value }) => {
  const chosen = S.compare("eq", key, one, T.boolean)
  const fields = [key, count, ...names.map((name) => fold(name, value))]
  return [
    selected(R.filter(R.group(relation, [key]), chosen), fields),
    selected(R.group(R.filter(relation, chosen), [key]), fields)
  ]
}

const laws: Readonly<Record<string, Sides>> = {
  "an aggregate of two parts is what theirs come to": combines(names),
  "a global group is one row": isOne,
  "a global group of nothing counts none": ofNothing,
  "there are no groups of no rows": groupsOfNothing,
  "a condition on the key comes before or after": commutes
}

const holds =
  (sides: Sides) =>
  (one: Case): boolean =>
    sameRows(...sides(one), one.database, one.home.parameters)

const hand = handParts(0)
const column = (at: number): Scalar => hand.all[at]!
const below = (value: number): Scalar =>
  S.compare("lt", column(0), S.constant(value, T.integer), T.boolean)
const above = S.not(below(2), T.boolean)
const examples: ReadonlyArray<Case> = [
  { ...hand, key: column(0), value: column(2), first: below(2), second: above },
  { ...hand, key: column(1), value: column(0), first: below(3), second: below(1) }
]

describe("L14 aggregates", () => {
  test.for(Object.entries(laws))("%s", ([, sides]) => upheld(cases, holds(sides), 1000))

  test.each(Object.entries(connections))(
    "on %s",
    async (dialect, open) => {
      const ordinary = dialect === "sqlite" ? 200 : 60
      for (const sides of Object.values(laws)) await onServer(cases, sides, () => open(), ordinary)
    },
    timeFor(120_000)
  )

  test("twin: what two parts count once each they count twice together", () =>
    caught("count(DISTINCT) of parts, added", cases, holds(combines(["count"], true)), examples))

  test("twin: a global group is a group by a constant", () =>
    caught(
      "GROUP BY 1 for none",
      cases,
      holds(({ first, relation, value }) => {
        const rows = R.filter(relation, first)
        const fields = [count, fold("sum", value)]
        return [selected(R.group(rows, []), fields), selected(R.group(rows, [one]), fields)]
      }),
      examples
    ))

  test("twin: a condition on what is aggregated comes before or after", () =>
    caught(
      "WHERE for HAVING",
      cases,
      holds(({ key, relation, value }) => {
        const [least, fields] = [fold("min", value), [key, count]]
        const low = (of: Scalar): Scalar => S.compare("lt", of, one, T.boolean)
        return [
          selected(R.filter(R.group(relation, [key]), low(least)), fields),
          selected(R.group(R.filter(relation, low(value)), [key]), fields)
        ]
      }),
      examples
    ))
})
