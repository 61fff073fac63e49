import { describe, test } from "vitest"
import { projection } from "../../src/algebra/block.ts"
import { expr } from "../../src/algebra/Expression.ts"
import { FromId } from "../../src/algebra/From.ts"
import * as Query from "../../src/algebra/Query.ts"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import type { RowShape } from "../../src/algebra/RowShape.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import type { Database } from "../oracle/Meaning.ts"
import { sameBag } from "./support/canonical.ts"
import { type Context, type Home, knownUnder, type Leaf, newHome } from "./support/context.ts"
import { chance, type Draw, drawn, many, pick } from "./support/draw.ts"
import { anySort } from "./support/fields.ts"
import { handDatabase } from "./support/hand.ts"
import { caught, upheld } from "./support/law.ts"
import { rowsOf } from "./support/meaning.ts"
import { direction } from "./support/queries.ts"
import { onSqliteAs } from "./support/sameOnSqlite.ts"
import { condition, scalar } from "./support/scalars.ts"
import { alpha, beta, databaseOf, gamma } from "./support/tables.ts"

// The builder's types need aliases known while compiling; generated ones are not.
type Select = any

/** One call: what the builder does with it, and what it means on top of whatever came before. */
interface Step {
  readonly name: string
  readonly call: (query: Select) => Select
  readonly stack: (node: Relation) => Relation
}

interface Case {
  readonly database: Database
  readonly home: Home
  readonly start: Select
  readonly steps: ReadonlyArray<Step>
}

const from = (draw: Draw, home: Home) => {
  const table = pick(draw, [alpha, beta, gamma] as ReadonlyArray<Select>)
  const alias = `t${home.aliases++}`
  return {
    source: Query.alias(table, alias) as Select,
    known: knownUnder(alias, table[FromId].source)
  }
}

const columnsOf = (leaves: ReadonlyArray<Leaf>): ReadonlyArray<Leaf> =>
  leaves.filter(({ node }) => node._tag === "Ref")

const flat = (fields: ReadonlyArray<Scalar>): RowShape => ({
  _tag: "Record",
  keys: fields.map((_, i) => `c${i}`),
  parts: fields.map((_, index) => ({ _tag: "Cell", index })),
  presence: null,
  prototype: null
})

const recordOf = (fields: ReadonlyArray<Scalar>) =>
  Object.fromEntries(fields.map((field, i) => [`c${i}`, expr(field)]))

const sorted = (draw: Draw, leaves: ReadonlyArray<Leaf>) => {
  const keys = leaves.map(({ node }) => ({ node, how: direction(draw) }))
  return {
    call: (query: Select) =>
      query.orderBy(
        ...keys.map(({ how, node }) => {
          const key = how.direction === "asc" ? expr(node).asc() : expr(node).desc()
          return how.nulls === "first" ? key.nullsFirst() : key.nullsLast()
        })
      ),
    stack: (node: Relation) =>
      R.order(
        node,
        keys.map((key) => key.node),
        keys.map(({ how }) => how)
      )
  }
}

const whereOf = (p: Scalar): Step => ({
  name: "where",
  call: (q) => q.where(expr(p)),
  stack: (node) => R.filter(node, p)
})

/** A join that may leave absent what was so far, and the projection it asks for again. */
const filling = (
  draw: Draw,
  home: Home,
  leaves: ReadonlyArray<Leaf>,
  kind: "rightJoin" | "fullJoin"
) => {
  const { known, source } = from(draw, home)
  const after = [...leaves, ...columnsOf(known.leaves)]
  const context: Context = { home, leaves: after, outer: [], members: null }
  const on = condition(draw, context, 1)
  const fields = many(draw, "field", 1, 3, () =>
    scalar(draw, context, anySort(draw, context.home), 1)
  )
  const side = kind === "rightJoin" ? "right" : "full"
  const one: Step = {
    name: kind,
    call: (q) => q[kind](source, expr(on)).select(recordOf(fields)),
    stack: (node) =>
      R.project(R.join(side, node, source[FromId].relation, on), fields, flat(fields))
  }
  return { one, leaves: after, projected: fields }
}

/** Calls that keep rows by an order: a slice's is total, ties need none that is. */
const keeping = (
  draw: Draw,
  leaves: ReadonlyArray<Leaf>,
  kind: "slice" | "ties" | "distinctOn"
): Step => {
  const order = sorted(draw, kind === "ties" ? leaves.slice(0, 1) : leaves)
  const count = draw.below(5)
  const bound = S.bound(count, T.count)
  if (kind === "ties") {
    return {
      name: "orderBy ties",
      call: (q) => order.call(q).limit(count, { ties: true }),
      stack: (node) => R.slice(order.stack(node), bound, null, true)
    }
  }
  if (kind === "distinctOn") {
    const keys = leaves.slice(0, 1 + draw.below(2)).map(({ node }) => expr(node))
    return {
      name: "orderBy distinctOn",
      call: (q) => order.call(q).distinctOn(...keys.toReversed()),
      stack: (node) => R.distinctOn(order.stack(node), keys.length)
    }
  }
  const clause = pick(draw, ["limit", "offset"] as const)
  return {
    name: `orderBy ${clause}`,
    call: (q) => order.call(q)[clause](count),
    stack: (node) =>
      clause === "limit"
        ? R.slice(order.stack(node), bound, null)
        : R.slice(order.stack(node), null, bound)
  }
}

/** A call that may stand here, and the columns in scope after it. */
const step = (
  draw: Draw,
  home: Home,
  leaves: ReadonlyArray<Leaf>,
  projected: ReadonlyArray<Scalar>
) => {
  const context: Context = { home, leaves, outer: [], members: null }
  const kind = pick(draw, [
    "where",
    "where",
    "join",
    "leftJoin",
    "rightJoin",
    "fullJoin",
    "slice",
    "ties",
    "distinctOn",
    "select",
    "distinct"
  ] as const)
  switch (kind) {
    case "where":
      return { one: whereOf(condition(draw, context, 2)), leaves, projected }
    case "join":
    case "leftJoin": {
      const { known, source } = from(draw, home)
      const after = [...leaves, ...columnsOf(known.leaves)]
      const on = condition(draw, { ...context, leaves: after }, 1)
      const one: Step = {
        name: kind,
        call: (q) => q[kind](source, expr(on)),
        stack: (node) =>
          R.join(kind === "join" ? "inner" : "left", node, source[FromId].relation, on)
      }
      return { one, leaves: after, projected }
    }
    case "rightJoin":
    case "fullJoin":
      return filling(draw, home, leaves, kind)
    case "slice":
    case "ties":
    case "distinctOn":
      return { one: keeping(draw, leaves, kind), leaves, projected }
    case "select": {
      const fields = many(draw, "field", 1, 3, () =>
        scalar(draw, context, anySort(draw, context.home), 1)
      )
      const one: Step = {
        name: kind,
        call: (q) => q.select(recordOf(fields)),
        stack: (node) => R.project(node, fields, flat(fields))
      }
      return { one, leaves, projected: fields }
    }
    case "distinct": {
      const kept = leaves.filter(({ node }) => projected.some((field) => field.key === node.key))
      return {
        one: { name: kind, call: (q: Select) => q.distinct(), stack: R.distinct },
        leaves: kept,
        projected
      }
    }
  }
}

const cases = drawn((draw): Case => {
  const home = newHome()
  const { known, source } = from(draw, home)
  const start = Query.from(source) as Select
  let leaves = columnsOf(known.leaves)
  let projected = projection(start.node)!.fields
  // An order is asked for once: a second call appends keys, which no single node on top says.
  let ordered = false
  const steps = many(draw, "step", 1, 5, (): Step => {
    for (;;) {
      const next = step(draw, home, leaves, projected)
      if (next.one.name.startsWith("orderBy") && (ordered || leaves.length === 0))
        return { name: "nothing", call: (q) => q, stack: (n) => n }
      ordered = next.one.name.startsWith("orderBy") ? true : ordered && next.one.name !== "distinct"
      ;({ leaves, projected } = next)
      return next.one
    }
  })
  return {
    database: databaseOf(draw),
    home,
    start,
    steps: chance(draw, 8) ? steps.slice(0, 1) : steps
  }
})

const built = ({ start, steps }: Case): Relation =>
  steps.reduce((query, { call }) => call(query), start).node
const stacked = ({ start, steps }: Case): Relation =>
  steps.reduce((node: Relation, { stack }) => stack(node), start.node)

const same = (a: Relation, b: Relation, { database, home }: Case): boolean =>
  sameBag(rowsOf(a, database, home.parameters), rowsOf(b, database, home.parameters))

/** The builder as one writes it first: a condition goes under whatever stands there. */
const careless = ({ start, steps }: Case): Relation =>
  steps.reduce(
    (node: Relation, { name, stack }): Relation =>
      name === "where" && node._tag === "Slice"
        ? R.slice(stack(node.self), node.limit, node.offset)
        : stack(node),
    start.node
  )

/** The builder that moves a condition above a right join as it does above the others. */
const lifting = ({ start, steps }: Case): Relation =>
  steps.reduce((node: Relation, { name, stack }): Relation => {
    if (name !== "rightJoin" || node._tag !== "Filter") return stack(node)
    const joined = stack(node.self) as R.Project
    return R.project(R.filter(joined.self, node.predicate), joined.fields, joined.shape)
  }, start.node)

describe("L1 builder", () => {
  test("each call means what it says of everything before it", () => {
    upheld(cases, (one) => same(built(one), stacked(one), one))
  })

  test("on SQLite", () => onSqliteAs(cases, built, stacked))

  test("twin: where after limit filters before it", () => {
    const source = Query.alias(alpha, "t0") as Select
    const p = S.compare(
      "lt",
      S.ref("t0", alpha[FromId].source, ["id"], T.integer),
      S.bound(3, T.integer),
      T.boolean
    )
    const order = sorted(undefined as never, [])
    const where = whereOf(p)
    const limit: Step = {
      name: "limit",
      call: (q) => q.limit(2),
      stack: (node) => R.slice(order.stack(node), S.bound(2, T.count), null)
    }
    const example = (...steps: ReadonlyArray<Step>): Case => ({
      database: handDatabase,
      home: newHome(),
      start: Query.from(source),
      steps
    })
    caught("where under limit", cases, (one) => same(careless(one), stacked(one), one), [
      example(where),
      example(where, limit),
      example(limit, where)
    ])
  })

  test("twin: a condition before a right join is one after it", () => {
    const source = Query.alias(alpha, "t0") as Select
    const other = Query.alias(beta, "t1") as Select
    const id = S.ref("t0", alpha[FromId].source, ["id"], T.integer)
    const refers = S.ref("t1", beta[FromId].source, ["alphaId"], T.integer)
    const on = S.compare("eq", refers, id, T.boolean)
    const all = S.compare("gt", id, S.bound(0, T.integer), T.boolean)
    const where = whereOf(all)
    const join: Step = {
      name: "rightJoin",
      call: (q) => q.rightJoin(other, expr(on)).select({ c0: expr(refers) }),
      stack: (node) =>
        R.project(R.join("right", node, other[FromId].relation, on), [refers], flat([refers]))
    }
    const example = (...steps: ReadonlyArray<Step>): Case => ({
      database: handDatabase,
      home: newHome(),
      start: Query.from(source),
      steps
    })
    caught("where over rightJoin", cases, (one) => same(lifting(one), stacked(one), one), [
      example(where),
      example(join),
      example(join, where)
    ])
  })
})
