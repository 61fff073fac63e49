import { describe, test } from "vitest"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import type { Database } from "../oracle/Meaning.ts"
import { postgres } from "./support/connections.ts"
import { type Home, type Known, knownAs, knownUnder, newHome } from "./support/context.ts"
import { column, compared, handDatabase, handSide } from "./support/hand.ts"
import { drawn, pick } from "./support/draw.ts"
import { caught, upheld } from "./support/law.ts"
import { sameRows, selected } from "./support/meaning.ts"
import { contextOf, nodesOf } from "./support/parts.ts"
import { onServer, onSqlite } from "./support/sameOnSqlite.ts"
import { condition, scalar } from "./support/scalars.ts"
import { databaseOf, tables } from "./support/tables.ts"

interface Side extends Known {
  readonly relation: Relation
}

interface Case {
  readonly database: Database
  readonly home: Home
  readonly a: Side
  readonly b: Side
  readonly c: Side
  /** Columns of a and b. */
  readonly x: Scalar
  readonly y: Scalar
  /** Over a and b, and over all three. */
  readonly p: Scalar
  readonly r: Scalar
  readonly kind: "cross" | "left"
}

const cases = drawn((draw): Case => {
  const database = databaseOf(draw)
  const home = newHome()
  const side = (): Side => {
    const known = knownAs(home, pick(draw, tables))
    return { ...known, relation: R.table(known.source as (typeof tables)[number], known.alias) }
  }
  const [a, b, c] = [side(), side(), side()]
  const of = (...known: ReadonlyArray<Side>) => contextOf(home, known)
  return {
    database,
    home,
    a,
    b,
    c,
    x: scalar(draw, of(a), "integer", 0),
    y: scalar(draw, of(b), "integer", 0),
    p: condition(draw, of(a, b), 2),
    r: condition(draw, of(a, b, c), 2),
    kind: pick(draw, ["cross", "left"] as const)
  }
})

const yes = S.constant(true, T.boolean)
const isKey = (x: Scalar, y: Scalar): Scalar => S.compare("eq", x, y, T.boolean)

/** A query as a side of a join, under an alias of its own. */
const derived = (query: Relation, alias: string): Side => {
  const source = { _tag: "DerivedSource", query } as const
  return { ...knownUnder(alias, source), relation: R.derived(source, alias) }
}

const lateral = (kind: Case["kind"], left: Relation, right: Side): Relation =>
  R.join(kind, left, right.relation, yes, true)
const columns = (side: Side): ReadonlyArray<Scalar> =>
  nodesOf([side]).filter(({ _tag }) => _tag === "Ref")
const whole = (self: Relation, ...sides: ReadonlyArray<Side>): Relation =>
  selected(self, sides.flatMap(columns))

type Sides = (one: Case) => readonly [Relation, Relation]

/** The rows of b that meet a row of a. */
const met = ({ b, p }: Case): Relation => whole(R.filter(b.relation, p), b)

const counted = (one: Case): Relation =>
  selected(R.group(R.filter(one.b.relation, isKey(one.x, one.y)), []), [
    S.aggregate("count", [], false, T.count)
  ])

const laws: Readonly<Record<string, Sides>> = {
  "lateral of what is closed = cross": (one) => {
    const right = derived(whole(one.b.relation, one.b), "d")
    return [
      whole(lateral(one.kind, one.a.relation, right), one.a, right),
      whole(R.join(one.kind, one.a.relation, right.relation, yes), one.a, right)
    ]
  },
  "lateral of a filter = a join on it": (one) => {
    const right = derived(met(one), "d")
    const kind = one.kind === "cross" ? "inner" : "left"
    return [
      whole(lateral(one.kind, one.a.relation, right), one.a, right),
      whole(R.join(kind, one.a.relation, one.b.relation, one.p), one.a, one.b)
    ]
  },
  "lateral with a scalar body = scalar subquery": (one) => {
    const right = derived(counted(one), "d")
    return [
      whole(lateral(one.kind, one.a.relation, right), one.a, right),
      selected(one.a.relation, [...columns(one.a), S.subquery(counted(one), T.count)])
    ]
  },
  "binds associate": (one) => {
    const { a, b, c, p, r } = one
    const inner = derived(whole(R.filter(c.relation, r), c), "e")
    const both = derived(whole(R.filter(lateral("cross", b.relation, inner), p), b, inner), "f")
    const pairs = R.join("cross", a.relation, b.relation, yes)
    return [
      whole(R.filter(lateral("cross", pairs, inner), p), a, b, inner),
      whole(lateral("cross", a.relation, both), a, both)
    ]
  }
}

const holds =
  (sides: Sides) =>
  (one: Case): boolean =>
    sameRows(...sides(one), one.database, one.home.parameters)

const [alpha, beta, gamma] = [handSide(0), handSide(1), handSide(2)]
const examples: ReadonlyArray<Case> = (["cross", "left"] as const).map((kind) => ({
  database: handDatabase,
  home: newHome(),
  a: { ...gamma, relation: R.filter(gamma.relation, compared(column(gamma, 0), "eq", 1)) },
  b: beta,
  c: alpha,
  x: column(gamma, 0),
  y: column(beta, 1),
  p: compared(column(beta, 1), "eq", column(gamma, 0)),
  r: compared(column(alpha, 0), "eq", column(beta, 1)),
  kind
}))

describe("L12 lateral", () => {
  test.for(Object.entries(laws))("%s", ([, sides]) => upheld(cases, holds(sides)))
  test("lateral with a scalar body = scalar subquery, on SQLite", () =>
    onSqlite(cases, laws["lateral with a scalar body = scalar subquery"]!))
  test(
    "binds associate, on PostgreSQL",
    () => onServer(cases, laws["binds associate"]!, postgres, 60),
    60_000
  )

  test("twin: a count of each row's matches is a join with the counts of a group", () => {
    caught(
      "the count bug",
      cases,
      holds((one) => {
        const { a, b, x, y } = one
        const right = derived(counted(one), "d")
        const grouped = R.group(b.relation, [y])
        const counts = derived(
          selected(grouped, [y, S.aggregate("count", [], false, T.count)]),
          "g"
        )
        const [key, n] = columns(counts)
        return [
          whole(lateral("cross", a.relation, right), a, right),
          selected(R.join("left", a.relation, counts.relation, isKey(x, key!)), [...columns(a), n!])
        ]
      }),
      examples
    )
  })
})
