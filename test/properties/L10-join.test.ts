import { describe, test } from "vitest"
import * as R from "../../src/algebra/Relation.ts"
import type { JoinKind, Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import type { Database } from "../oracle/Meaning.ts"
import { type Home, type Known, knownAs, newHome } from "./support/context.ts"
import { column, compared, handDatabase, handSide } from "./support/hand.ts"
import { drawn, pick } from "./support/draw.ts"
import { caught, timeFor, upheld } from "./support/law.ts"
import { sameRows, selected } from "./support/meaning.ts"
import { contextOf, nodesOf } from "./support/parts.ts"
import { mariadb, postgres } from "./support/connections.ts"
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
  /** Over a and b. */
  readonly p: Scalar
  /** Over b and c. */
  readonly q: Scalar
  /** Over all three. */
  readonly r: Scalar
}

const cases = drawn((draw): Case => {
  const database = databaseOf(draw)
  const home = newHome()
  const side = (): Side => {
    const known = knownAs(home, pick(draw, tables))
    return { ...known, relation: R.table(known.source as (typeof tables)[number], known.alias) }
  }
  const [a, b, c] = [side(), side(), side()]
  const over = (...known: ReadonlyArray<Side>): Scalar => {
    const context = contextOf(home, known)
    return draw.below(3) === 0
      ? condition(draw, context, 2)
      : S.compare(
          "eq",
          scalar(draw, context, "integer", 1),
          scalar(draw, context, "integer", 0),
          T.boolean
        )
  }
  return { database, home, a, b, c, p: over(a, b), q: over(b, c), r: over(a, b, c) }
})

const join = (kind: JoinKind, left: Relation, right: Relation, on: Scalar) =>
  R.join(kind, left, right, on)
const inner = (left: Relation, right: Relation, on: Scalar) => join("inner", left, right, on)
const and = (...parts: ReadonlyArray<Scalar>): Scalar => S.and(parts, T.boolean)
const yes = S.constant(true, T.boolean)

/** The columns of one side where it is absent. */
const nulls = (side: Side): ReadonlyArray<Scalar> =>
  side.leaves.map(({ node }) =>
    node._tag === "Presence" ? S.constant(false, T.boolean) : S.constant(null, node.type)
  )

/** The rows of one side that meet none of the other. */
const unmatched = (side: Side, other: Side, on: Scalar): Relation =>
  R.filter(
    side.relation,
    S.not(S.exists(selected(R.filter(other.relation, on), [yes]), T.boolean), T.boolean)
  )

const two = ({ a, b }: Case, self: Relation): Relation => selected(self, nodesOf([a, b]))
const three = ({ a, b, c }: Case, self: Relation): Relation => selected(self, nodesOf([a, b, c]))
const all = (...parts: ReadonlyArray<Relation>): Relation => R.combine("unionAll", parts)

const leftOnly = ({ a, b, p }: Case): Relation =>
  selected(unmatched(a, b, p), [...nodesOf([a]), ...nulls(b)])
const rightOnly = ({ a, b, p }: Case): Relation =>
  selected(unmatched(b, a, p), [...nulls(a), ...nodesOf([b])])

type Sides = (one: Case) => readonly [Relation, Relation]
const ab =
  (kind: JoinKind) =>
  (one: Case): Relation =>
    two(one, join(kind, one.a.relation, one.b.relation, one.p))

const laws: Readonly<Record<string, Sides>> = {
  "inner commutes": (one) => [
    ab("inner")(one),
    two(one, inner(one.b.relation, one.a.relation, one.p))
  ],
  "inner associates": (one) => {
    const { a, b, c, p, q, r } = one
    return [
      three(one, inner(inner(a.relation, b.relation, p), c.relation, and(q, r))),
      three(one, inner(a.relation, inner(b.relation, c.relation, q), and(p, r)))
    ]
  },
  "cross = inner on true": (one) => [
    two(one, join("cross", one.a.relation, one.b.relation, yes)),
    two(one, inner(one.a.relation, one.b.relation, yes))
  ],
  "left = inner ++ unmatched left": (one) => [
    ab("left")(one),
    all(ab("inner")(one), leftOnly(one))
  ],
  "right = left from the other side": (one) => [
    ab("right")(one),
    two(one, join("left", one.b.relation, one.a.relation, one.p))
  ],
  "full = left ++ unmatched right": (one) => [ab("full")(one), all(ab("left")(one), rightOnly(one))]
}

const holds =
  (sides: Sides) =>
  (one: Case): boolean =>
    sameRows(...sides(one), one.database, one.home.parameters)

const [alpha, beta, gamma] = [handSide(0), handSide(1), handSide(2)]
const examples: ReadonlyArray<Case> = [1, 2].map((at) => ({
  database: handDatabase,
  home: newHome(),
  a: alpha,
  b: beta,
  c: gamma,
  p: compared(column(beta, 1), "eq", column(alpha, at)),
  q: compared(column(beta, 0), "eq", column(gamma, 0)),
  r: compared(column(alpha, 1), "gt", 1)
}))

describe("L10 join", () => {
  test.for(Object.entries(laws))("%s", ([, sides]) => upheld(cases, holds(sides)))
  test.for(Object.entries(laws))("%s, on SQLite", ([, sides]) => onSqlite(cases, sides))

  const full = laws["full = left ++ unmatched right"]!
  test(
    "full, native or emulated, on PostgreSQL",
    () => onServer(cases, full, postgres, 100),
    timeFor(60_000)
  )
  test("full, emulated, on MariaDB", () => onServer(cases, full, mariadb, 100), timeFor(60_000))

  test("twin: unmatched rows are a set difference, which forgets how often a row occurs", () => {
    caught(
      "unmatched by EXCEPT",
      cases,
      holds((one) => {
        const { a, b, p } = one
        const matched = selected(inner(a.relation, b.relation, p), nodesOf([a]))
        const rest = R.combine("except", [selected(a.relation, nodesOf([a])), matched])
        const known = knownAs({ ...one.home, aliases: 100 }, { _tag: "DerivedSource", query: rest })
        const columns = known.leaves.slice(0, -1).map(({ node }) => node)
        return [
          ab("left")(one),
          all(
            ab("inner")(one),
            selected(R.derived(known.source as never, known.alias), [...columns, ...nulls(b)])
          )
        ]
      }),
      examples
    )
  })

  test("twin: a left row is unmatched where the condition is FALSE, though it be NULL", () => {
    caught(
      "unmatched where not on",
      cases,
      holds((one) => {
        const { a, b, p } = one
        const refuted = S.not(
          S.exists(
            selected(R.filter(b.relation, S.or([p, S.isNull(p, T.boolean)], T.boolean)), [yes]),
            T.boolean
          ),
          T.boolean
        )
        return [
          ab("left")(one),
          all(
            ab("inner")(one),
            selected(R.filter(a.relation, refuted), [...nodesOf([a]), ...nulls(b)])
          )
        ]
      }),
      examples
    )
  })
})
