import { afterAll, describe, expect, test } from "vitest"
import { projection } from "../../src/algebra/block.ts"
import * as Keyset from "../../src/algebra/Keyset.ts"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import { query as queryOf } from "../../src/algebra/SelectQuery.ts"
import * as T from "../../src/algebra/types.ts"
import { isSame } from "../../src/algebra/totalOrder.ts"
import type { Database } from "../oracle/Meaning.ts"
import { OutsideMeaning } from "../oracle/Value.ts"
import { connections, sqlite } from "./support/connections.ts"
import { type Home, newHome } from "./support/context.ts"
import { type Draw, drawn, many, pick } from "./support/draw.ts"
import { anySort, flatFields } from "./support/fields.ts"
import { column, handDatabase, handSide } from "./support/hand.ts"
import { caughtOn, timeFor, upheldOn } from "./support/law.ts"
import { rowsOf, selected } from "./support/meaning.ts"
import { contextOf } from "./support/parts.ts"
import { direction } from "./support/queries.ts"
import { type Connection, give, seed } from "./support/Runner.ts"
import { condition, scalar } from "./support/scalars.ts"
import { sources } from "./support/sources.ts"
import { alphas, betas } from "./support/small.ts"
import { databaseOf } from "./support/tables.ts"
import { knownAs } from "./support/context.ts"

interface Case {
  readonly database: Database
  readonly home: Home
  readonly query: Relation
  readonly size: number
}

/** Tables with a key, in an order of some expressions and then of their keys. */
const plain = (draw: Draw, home: Home): Relation => {
  const a = knownAs(home, alphas)
  const b = knownAs(home, betas)
  const both = contextOf(home, [a, b])
  const self = R.filter(
    R.join(
      pick(draw, ["inner", "left"] as const),
      R.table(alphas, a.alias),
      R.table(betas, b.alias),
      condition(draw, both, 1)
    ),
    condition(draw, both, 1)
  )
  const keys = many(draw, "key", 0, 2, () => scalar(draw, both, anySort(draw, both.home), 1))
  const own = [a, b].map(({ leaves }) => leaves[0]!.node)
  const made = flatFields(draw, both, [anySort(draw, both.home)], 1)
  return sorted(draw, R.project(self, made.fields, made.shape), [...keys, ...own])
}

/** Groups or distinct rows of whatever sources, in the order of all that names them. */
const gathered = (draw: Draw, home: Home, distinct: boolean): Relation => {
  const { known, relation } = sources(draw, home, [], 1)
  const context = contextOf(home, known)
  const keys = many(draw, "key", 1, 2, () => scalar(draw, context, anySort(draw, context.home), 1))
  if (distinct) return sorted(draw, R.distinct(selected(relation, keys)), keys)
  const count = S.aggregate("count", [], false, T.count)
  const self = selected(R.group(relation, keys), [count])
  return sorted(draw, self, [count, ...keys])
}

const sorted = (draw: Draw, self: Relation, keys: ReadonlyArray<Scalar>): Relation => {
  const once = keys.filter((key, i) => keys.findIndex((one) => isSame(one, key)) === i)
  return R.order(
    self,
    once,
    once.map(() => direction(draw))
  )
}

const cases = drawn((draw): Case => {
  const database = databaseOf(draw)
  const home = newHome(["full"])
  const query = draw.span("query", () =>
    pick(draw, [
      () => plain(draw, home),
      () => gathered(draw, home, false),
      () => gathered(draw, home, true)
    ])()
  )
  return { database, home, query, size: pick(draw, [1, 2, 3]) }
})

type Pages = (query: Relation) => {
  readonly page: (size: number, after: string | null) => Relation
  readonly cursor: (row: Keyset.Keyed<unknown>) => string
}

const right: Pages = (query) => {
  const pages = Keyset.keyset(queryOf<unknown, never, never>(query))
  return {
    page: (size, after) => pages.page(size, after as never).node,
    cursor: pages.cursor
  }
}

/** Pages without a thought of NULL: what is greater, or equal and then greater. */
const withoutNulls: Pages = (query) => {
  const order = query as R.Order
  const good = right(query)
  const nulls = (key: Scalar): Scalar => S.isNull(key, T.boolean)
  return {
    page: (size, after) => {
      const paged = good.page(size, after)
      const some = order.keys.map((key) => S.not(nulls(key), T.boolean))
      const body = (rel: Relation): Relation =>
        rel._tag === "Slice"
          ? R.slice(body(rel.self), rel.limit, rel.offset)
          : rel._tag === "Order"
            ? R.order(body(rel.self), rel.keys, rel.directions)
            : rel._tag === "Project"
              ? R.project(R.filter(rel.self, S.and(some, T.boolean)), rel.fields, rel.shape)
              : rel
      return after === null ? paged : body(paged)
    },
    cursor: good.cursor
  }
}

const asked = async (connection: Connection, query: Relation, { home }: Case) => {
  const given = await give(connection, query, home.parameters)
  if (given._tag === "Refusal") throw new OutsideMeaning("refused")
  return given.rows
}

/** The pages in turn are the query's rows in order, and none comes after the last. */
const turns =
  (connection: Connection, pages: Pages) =>
  async (one: Case): Promise<boolean> => {
    rowsOf(one.query, one.database, one.home.parameters)
    await seed(connection, one.database)
    const whole = await asked(connection, one.query, one)
    const { cursor, page } = pages(one.query)
    const found: Array<unknown> = []
    for (let after: string | null = null, turn = 0; ; turn++) {
      const rows: ReadonlyArray<unknown> = await asked(connection, page(one.size, after), one)
      found.push(...rows.map((row) => (row as Keyset.Keyed<unknown>).row))
      if (rows.length < one.size) break
      if (turn > whole.length + 1) return false
      after = cursor(rows.at(-1) as Keyset.Keyed<unknown>)
    }
    return JSON.stringify(found, plainly) === JSON.stringify(whole, plainly)
  }

const plainly = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value

const ordinary = { sqlite: 300, postgres: 80, mariadb: 80 } as const

describe.each(Object.entries(connections))("L9 keyset pages on %s", (dialect, open) => {
  let connection: Connection | undefined
  afterAll(() => connection?.close())

  test(
    "in turn they are the query's rows, as by limit and offset",
    async () => {
      connection = await open()
      await upheldOn(cases, turns(connection, right), ordinary[dialect as keyof typeof ordinary])
    },
    timeFor(120_000)
  )
})

const users = handSide(0)
const example: Case = {
  database: handDatabase,
  home: newHome(),
  query: R.order(
    selected(users.relation, [column(users, 0)]),
    [column(users, 2), column(users, 0)],
    [
      { direction: "desc", nulls: "last" },
      { direction: "asc", nulls: "first" }
    ]
  ),
  size: 1
}

test(
  "twin: rows with a NULL come on no later page",
  async () => {
    const connection = sqlite()
    await caughtOn("keyset without NULLs", cases, turns(connection, withoutNulls), [example])
    await connection.close()
  },
  timeFor(60_000)
)

test("a page's row has the query's own shape beside its position", () => {
  const pages = Keyset.keyset(queryOf<unknown, never, never>(example.query))
  expect(projection(pages.page(2).node)!.shape).toMatchObject({ keys: ["row", "at"] })
})
