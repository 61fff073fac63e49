import { describe, test } from "vitest"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import type { Database } from "../oracle/Meaning.ts"
import { mariadb, postgres } from "./support/connections.ts"
import { type Home, type Known, knownAs, knownUnder, newHome } from "./support/context.ts"
import { column, compared, handDatabase, handSide } from "./support/hand.ts"
import { drawn, pick } from "./support/draw.ts"
import { caught, timeFor, upheld } from "./support/law.ts"
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

/** A function's rows, under an alias of their own. */
const fed = (query: R.TableFunction, alias: string): Side => derived(query, alias)

const seriesTo = (stop: Scalar): R.TableFunction =>
  R.tableFunction("series", [S.bound(1, T.count), stop, S.constant(1, T.count)], {
    fields: [T.count, T.count].map((type) => S.constant(null, type)),
    shape: {
      _tag: "Record",
      keys: ["value", "ordinality"],
      parts: [
        { _tag: "Cell", index: 0 },
        { _tag: "Cell", index: 1 }
      ],
      presence: null,
      prototype: null
    }
  })

const [five, three] = [S.bound(5, T.count), S.bound(3, T.count)]
const number = (side: Side): Scalar => side.leaves[0]!.node

/** Functions as tables: lateral on every database. */
const functions: Readonly<Record<string, Sides>> = {
  "a function of what is closed, lateral = cross": (one) => {
    const right = fed(seriesTo(three), "d")
    return [
      whole(lateral(one.kind, one.a.relation, right), one.a, right),
      whole(R.join(one.kind, one.a.relation, right.relation, yes), one.a, right)
    ]
  },
  "a series to a number = the numbers of a longer one up to it": (one) => {
    const right = fed(seriesTo(one.x), "d")
    const all = fed(seriesTo(five), "e")
    const within = S.compare("lte", number(all), one.x, T.boolean)
    const kind = one.kind === "cross" ? "inner" : "left"
    return [
      whole(lateral(one.kind, one.a.relation, right), one.a, right),
      whole(R.join(kind, one.a.relation, all.relation, within), one.a, all)
    ]
  },
  "a function's rows are a query": () => {
    const right = fed(seriesTo(three), "d")
    return [
      R.combine("unionAll", [seriesTo(three), seriesTo(three)]),
      R.combine("unionAll", [seriesTo(three), whole(right.relation, right)])
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
  test.for(Object.entries(functions))("%s", ([, sides]) => upheld(cases, holds(sides), 500))
  test.for(Object.entries(functions))("%s, on SQLite", ([, sides]) => onSqlite(cases, sides))
  test.for(Object.entries(functions))("%s, on MariaDB", { timeout: 60_000 }, ([, sides]) =>
    onServer(cases, sides, mariadb, 60)
  )
  test.for(Object.entries(functions))("%s, on PostgreSQL", { timeout: 60_000 }, ([, sides]) =>
    onServer(cases, sides, postgres, 60)
  )

  test("twin: a series that goes down where its end is below its start", () => {
    caught(
      "a series that turns round",
      cases,
      holds((one) => {
        const right = fed(seriesTo(one.x), "d")
        const up = fed(seriesTo(five), "e")
        const least = S.caseOf(
          [S.compare("lt", one.x, S.bound(1, T.count), T.boolean)],
          [S.bound(1, T.count)],
          one.x,
          T.count
        )
        const on = S.compare("lte", number(up), least, T.boolean)
        return [
          whole(lateral("cross", one.a.relation, right), one.a, right),
          whole(R.join("inner", one.a.relation, up.relation, on), one.a, up)
        ]
      }),
      examples
    )
  })

  test("lateral with a scalar body = scalar subquery, on SQLite", () =>
    onSqlite(cases, laws["lateral with a scalar body = scalar subquery"]!))
  test(
    "binds associate, on PostgreSQL",
    () => onServer(cases, laws["binds associate"]!, postgres, 60),
    timeFor(60_000)
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
