import { afterAll, describe, expect, test } from "vitest"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { answer } from "../oracle/query.ts"
import { outside } from "../oracle/Value.ts"
import { sameBag } from "./support/canonical.ts"
import { connections, sqlite } from "./support/connections.ts"
import { drawn, pick } from "./support/draw.ts"
import { mismatch } from "./support/explain.ts"
import { column, compared, handParts, handSide } from "./support/hand.ts"
import {
  caughtOn,
  type Ledger,
  ledger,
  refusedBy,
  skipping,
  timeFor,
  told,
  upheldOn
} from "./support/law.ts"
import { selected } from "./support/meaning.ts"
import { isUnasked } from "./support/unasked.ts"
import { conditionOver, type Parts, partsOf } from "./support/parts.ts"
import { type Connection, give, seed } from "./support/Runner.ts"
import { scalar } from "./support/scalars.ts"
import { typeOf } from "./support/sorts.ts"
import { worldOf } from "./support/statements.ts"

/** A predicate, and an expression with another of its type, over the same sources. */
interface Case extends Parts {
  readonly p: Scalar
  readonly e: Scalar
  readonly junk: Scalar
}

const cases = drawn((draw): Case => {
  const parts = partsOf(draw)
  const sort = pick(draw, ["integer", "text", "boolean", "bigint"] as const)
  const over = () => scalar(draw, parts.context, sort, 2)
  return { ...parts, p: conditionOver(draw, parts), e: over(), junk: over() }
})

const yes = T.boolean
const not = (p: Scalar): Scalar => S.not(p, yes)
const unknown = (p: Scalar): Scalar => S.isNull(p, yes)
const where = ({ relation }: Case, p: Scalar): Relation => R.filter(relation, p)
const total = (values: Scalar): Scalar =>
  S.call("coalesce", [S.aggregate("sum", [values], false, T.safeInteger), zero], T.safeInteger)
const zero = S.constant(0, T.safeInteger)
const one = S.constant(1, T.integer)
const none = S.constant(0, T.integer)
const row = S.aggregate("count", [], false, T.count)

/** Two queries that must give the same rows. */
type Pair = (one: Case) => readonly [Relation, Relation]

/** `q = where p ++ where not p ++ where p is null`. */
const partitioned =
  (parts: (p: Scalar) => ReadonlyArray<Scalar>): Pair =>
  (one) => {
    const fields = [...one.all, one.e]
    const of = (self: Relation): Relation => selected(self, fields)
    return [
      of(one.relation),
      R.combine(
        "unionAll",
        parts(one.p).map((p) => of(where(one, p)))
      )
    ]
  }

/** The same of groups: HAVING in three parts. */
const groups: Pair = (one) => {
  const grouped = R.group(one.relation, [one.e])
  const p = S.compare("gt", S.aggregate("max", [one.junk], false, one.junk.type), one.e, yes)
  const of = (self: Relation): Relation => selected(self, [one.e, row])
  const parts = [p, not(p), unknown(p)].map((each) => of(R.filter(grouped, each)))
  return [of(grouped), R.combine("unionAll", parts)]
}

/** The same of an aggregate: a count is the sum of the counts of the parts. */
const counts: Pair = (one) => {
  const counted = (self: Relation): Scalar =>
    S.subquery(selected(R.group(self, []), [row]), T.count)
  const parts = [one.p, not(one.p), unknown(one.p)].map((p) => counted(where(one, p)))
  const sum = parts.reduce((left, right) => S.arith("add", left, right, T.count))
  return [selected(R.group(one.relation, []), [row]), selected(R.unit, [sum])]
}

/** `count(where p q)` is the sum of `case when p then 1 else 0` over q, which no index answers. */
const counted =
  (flag: (p: Scalar) => Scalar): Pair =>
  (one) => [
    selected(R.group(where(one, one.p), []), [row]),
    selected(R.group(one.relation, []), [total(flag(one.p))])
  ]

/** `e` is `case when (p or not p or p is null) then e else junk end`. */
const equivalent =
  (always: (p: Scalar) => ReadonlyArray<Scalar>): Pair =>
  (one) => {
    const { e, junk, p } = one
    const said = S.caseOf([S.or(always(p), yes)], [e], junk, e.type)
    return [selected(one.relation, [e]), selected(one.relation, [said])]
  }

const laws: ReadonlyArray<readonly [name: string, pair: Pair]> = [
  ["L17 TLP of rows", partitioned((p) => [p, not(p), unknown(p)])],
  ["L17 TLP of groups", groups],
  ["L17 TLP of a count", counts],
  ["L18 NoREC", counted((p) => S.caseOf([p], [one], none, T.integer))],
  ["L19 EET", equivalent((p) => [p, not(p), unknown(p)])]
]

const rowsOf = async (
  connection: Connection,
  query: Relation,
  parameters: Readonly<Record<string, unknown>>,
  seen: Ledger
): Promise<ReadonlyArray<unknown> | null> => {
  const given = await give(connection, query, parameters).catch((error: Error) => error)
  if (given instanceof Error) {
    // What is evaluated of a partition or a branch is the server's to choose.
    if (isUnasked(given)) return outside("overflow")
    throw given
  }
  if (given._tag === "Rows") return given.rows
  seen.refused(given)
  return null
}

const agrees = async (
  connection: Connection,
  pair: Pair,
  one: Case,
  seen: Ledger
): Promise<boolean> => {
  const { database, home } = one
  const [left, right] = pair(one)
  // Where the meaning is undefined, so is the server's answer.
  for (const side of [left, right])
    answer(side, worldOf(database, home.parameters, connection.dialect))
  await seed(connection, database)
  const first = await rowsOf(connection, left, home.parameters, seen)
  const second = await rowsOf(connection, right, home.parameters, seen)
  if (first === null || second === null || sameBag(first, second)) return true
  const rows = { _tag: "Rows", rows: second, matched: 0 } as const
  throw mismatch(connection, right, home.parameters, database, first, rows)
}

const ordinary = { sqlite: 120, postgres: 40, mariadb: 40 } as const

describe.each(Object.entries(connections))("metamorphic laws on %s", (dialect, open) => {
  let connection: Connection | undefined
  afterAll(() => connection?.close())

  test.each(laws)(
    "%s",
    async (_, pair) => {
      connection ??= await open()
      const seen = ledger()
      const runs = ordinary[dialect as keyof typeof ordinary]
      await upheldOn(
        cases,
        (one) => skipping(seen, () => agrees(connection!, pair, one, seen)),
        runs
      )
      console.log(`on ${dialect}: ${told(seen)}`)
      expect(seen.outside + refusedBy(seen)).toBeLessThan(seen.asked / 3)
    },
    timeFor(300_000)
  )
})

const parts = handParts(0)
const side = handSide(0)
const examples: ReadonlyArray<Case> = [
  {
    ...parts,
    p: compared(column(side, 1), "gt", 1),
    e: column(side, 1),
    junk: S.constant(0, typeOf.integer)
  }
]

describe("twins of the metamorphic laws", () => {
  const twins: ReadonlyArray<readonly [name: string, pair: Pair]> = [
    ["a predicate is TRUE or FALSE", partitioned((p) => [p, not(p)])],
    ["NULL counts", counted((p) => S.caseOf([not(p)], [none], one, T.integer))],
    ["p or not p is always TRUE", equivalent((p) => [p, not(p)])]
  ]
  test.each(twins)(
    "twin: %s",
    async (name, pair) => {
      const connection = sqlite()
      const seen = ledger()
      await caughtOn(name, cases, (one) => agrees(connection, pair, one, seen), examples)
      await connection.close()
    },
    timeFor(60_000)
  )
})
