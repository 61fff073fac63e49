import {
  Column,
  Database,
  Expr,
  Fn,
  Policy,
  Query,
  sql,
  StatementError,
  Table,
  Type
} from "athanor"
import { compile } from "athanor/compile"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { dialects, engines, expectSql, refusalOf, textOf, useDatabase } from "./support.ts"

const items = Table.make("items", {
  id: Column.id(),
  n: Column.integer(),
  word: Column.varchar(20)
})
const { id, n } = items.c
const from = Query.from(items)
const int = Type.integer
const others = Query.alias(items, "twins")

const plus = Expr.custom("plus", int, {
  sqlite: (a, b) => sql(int)`${a} + ${b} + 0`,
  default: (a, b) => sql(int)`${a} + ${b}`
})
/** The rows of a query, each as often as a list of numbers up to one has members. */
const many = Query.custom("many", {
  default: (query, times) =>
    sql(
      int
    )`SELECT q.* FROM (${query}) AS q JOIN (SELECT 1 AS i UNION SELECT 2) AS t ON t.i <= ${times}`
})
/** A statement that every server says in words of its own. */
const numbers = Query.statement(
  "numbers",
  { a: int, b: Type.text },
  {
    sqlite: (a, b) => sql(int)`VALUES (cast(${a} as integer), ${b})`,
    postgres: (a, b) => sql(int)`VALUES (${a}, ${b})`,
    default: (a, b) => sql(int)`SELECT ${a} AS a, ${b} AS b`
  }
)
const value = (one: number) => Expr.value(one, int)

describe.each(engines)("nodes of one's own on %s", (engine) => {
  const { all, failure, fill, run, sentBy } = useDatabase(engine, { items })

  test("parameters and children keep their order among the others [F81.2]", async () => {
    await fill("items", [
      { n: 1, word: "a" },
      { n: 2, word: "b" },
      { n: 3, word: "c" }
    ])
    // Each value is another, so that two of them in the wrong place are seen.
    const query = from
      .where(
        plus(n, value(10))
          .gt(11)
          .and(id.lt(plus(value(40), value(2))))
      )
      .select({
        first: value(100),
        one: plus(plus(value(200), n), plus(id, value(300))),
        middle: Expr.when(plus(n, value(0)).eq(2), "two").else("three"),
        two: plus(Fn.abs(value(-400)), value(500)).mul(2),
        last: value(600)
      })
      .orderBy(plus(id, value(1)).desc())
      .limit(7)
    expect(await all(query)).toEqual([
      { first: 100, one: 506, middle: "three", two: 1800, last: 600 },
      { first: 100, one: 504, middle: "two", two: 1800, last: 600 }
    ])
    const named = from
      .where(plus(Expr.param("a", int), n).eq(plus(Expr.param("b", int), value(1))))
      .select({ n, b: Expr.param("b", int), c: value(9) })
    expect(await run(Database.all(named, { a: 5, b: 7 }))).toEqual([{ n: 3, b: 7, c: 9 }])

    const inner = from.where(n.gt(1)).select({ n, k: value(50) })
    const twice = many(inner, value(2)).as("twice")
    const around = Query.from(twice)
      .where(twice.c.n.lt(3).or(twice.c.k.eq(51)))
      .select({ before: value(70), n: twice.c.n, k: twice.c.k, after: value(80) })
    const row = { before: 70, n: 2, k: 50, after: 80 }
    expect(await all(around)).toEqual([row, row])
    const bare = many(inner, value(1))
    expect((await all(bare)).toSorted((x, y) => x.n - y.n)).toEqual([
      { n: 2, k: 50 },
      { n: 3, k: 50 }
    ])
    const asked = numbers(value(1), Expr.value("x", Type.text))
    expect(await all(asked)).toEqual([{ a: 1, b: "x" }])
    const three = Query.from(others).where(others.c.n.eq(3)).select(others.c.n)
    const joined = from.where(n.in(many(three, value(2)))).select({ n, at: value(11) })
    expect(await all(joined)).toEqual([{ n: 3, at: 11 }])
    const united = many(inner, value(2))
      .unionAll(from.where(n.eq(1)).select({ n, k: value(60) }))
      .as("united")
    expect(
      await all(Query.from(united).groupBy(united.c.n).select({ n: united.c.n, c: Fn.count() }))
    ).toHaveLength(3)
  })

  test("what this database has no text of is refused before anything is sent", async () => {
    const other = engine === "sqlite" ? "postgres" : "sqlite"
    const foreign = Expr.custom("foreign", int, { [other]: () => sql(int)`1` })
    const strange = Query.custom("strange", {
      [other]: (query: Expr.Expr<never>) => sql(int)`${query}`
    })
    const told = Query.statement("told", { a: int }, { [other]: () => sql(int)`SELECT 1 AS a` })
    const asked = {
      foreign: Query.select({ v: foreign() }),
      strange: strange(from),
      told: told()
    }
    for (const [capability, query] of Object.entries(asked)) {
      const effect = Database.all(query as typeof asked.foreign)
      expect(await sentBy(effect)).toEqual([])
      expect(await failure(effect)).toMatchObject({ _tag: "Unsupported", capability })
    }
  })

  test("under a policy a node whose text reads tables says which", async () => {
    const policies = [Policy.softDelete("deletedAt", { byColumn: true })]
    const refused = Database.policed(policies, Database.all(many(from, value(1))))
    expect(await run(Effect.flip(refused))).toMatchObject({
      _tag: "Unsupported",
      capability: "policy"
    })
  })
})

describe("nodes of one's own as printed for sqlite, postgres, mariadb and mysql", () => {
  test("each prints by its dialect or the default, in parentheses [F81.1 @all]", () => {
    const scalar = from
      .where(plus(n, id).eq(3))
      .select({ v: plus(n, plus(id, n)).gt(2), w: Fn.abs(plus(n, id)) })
    const said = (zero: string, place: (n: number) => string) =>
      `SELECT (items.n + (items.id + items.n${zero})${zero}) > ${place(1)} AS v, ` +
      `abs(items.n + items.id${zero}) AS w FROM items ` +
      `WHERE (items.n + items.id${zero}) = ${place(2)}`
    const question = () => "?"
    expect(dialects.map((dialect) => textOf(scalar, dialect))).toEqual([
      said(" + 0", question),
      said("", (at) => `$${at}`),
      said("", question),
      said("", question)
    ])

    const doubled = Query.custom("doubled", {
      default: (query) => sql(int)`WITH d AS (${query}) SELECT * FROM d UNION ALL SELECT * FROM d`,
      mysql: (query) => sql(int)`SELECT * FROM (${query}) AS d`
    })
    const rows = doubled(from.where(n.gt(0)).select({ n }).orderBy(n).limit(2))
    const inner = (place: (at: number) => string) =>
      `(SELECT items.n FROM items WHERE items.n > ${place(1)} ` +
      `ORDER BY items.n LIMIT ${place(2)})`
    const plain = (place: (at: number) => string) =>
      `WITH d AS ${inner(place)} SELECT * FROM d UNION ALL SELECT * FROM d`
    expect(textOf(rows, "sqlite")).toBe(plain(question))
    expect(textOf(rows, "postgres")).toBe(plain((at) => `$${at}`))
    expect(textOf(rows, "mysql")).toBe(`SELECT * FROM ${inner(question)} AS d`)
    expect(textOf(rows, "mariadb")).toBe(plain(question))
    // Beside other clauses and in a set operation it stands in parentheses of its own.
    const again = Query.from(rows.as("r")).select(Fn.count())
    expect(textOf(again, "sqlite")).toBe(`SELECT count(*) AS c0 FROM (${plain(question)}) AS r`)
    const united = doubled(from.select({ n })).unionAll(from.select({ n }))
    expect(textOf(united, "postgres")).toBe(
      "(WITH d AS (SELECT items.n FROM items) SELECT * FROM d UNION ALL SELECT * FROM d) " +
        "UNION ALL SELECT items.n FROM items"
    )
    expect(textOf(rows.limit(1), "mariadb")).toMatch(
      /^SELECT .*FROM \(WITH d AS .*\) AS q1 LIMIT \?$/
    )
    const listed = from.where(n.in(doubled(Query.from(others).select(others.c.id)))).select({ n })
    expect(textOf(listed, "postgres")).toBe(
      "SELECT items.n FROM items WHERE items.n IN (WITH d AS (SELECT twins.id AS c0 FROM " +
        "items AS twins) " +
        "SELECT * FROM d UNION ALL SELECT * FROM d)"
    )

    const statement = numbers(value(1), Expr.value("x", Type.text))
    expectSql(statement, {
      sqlite: "VALUES (cast(? as integer), ?)",
      postgres: "VALUES ($1::integer, $2::text)",
      mysql: "SELECT CAST(? AS SIGNED) AS a, CAST(? AS CHAR) AS b",
      mariadb: "SELECT CAST(? AS SIGNED) AS a, CAST(? AS CHAR) AS b"
    })
    expect(textOf(Query.from(statement.as("s")).where(Expr.and()).limit(1), "sqlite")).toMatch(
      /FROM \(.*VALUES \(cast\(\? as integer\), \?\)\)/
    )
  })

  test("a node gives a name, and two that differ share no text [F81.3 @all]", () => {
    const body = { default: () => sql(int)`1` }
    const make = {
      scalar: (name: string) => Expr.custom(name, int, body)(),
      relation: (name: string) => Query.custom(name, { default: (q) => sql(int)`${q}` })(from),
      statement: (name: string) => Query.statement(name, { a: int }, body)(),
      function: (name: string) => Fn.define(name, { args: [], result: int, print: "f" })()
    }
    for (const one of Object.values(make)) {
      for (const name of ["", " ", undefined, null, 7])
        expect(() => one(name as never)).toThrow(StatementError)
      expect(one("a").node.key).not.toBe(one("b").node.key)
      expect(one("a").node.key).toBe(one("a").node.key)
    }
    // Of one name but of other texts, arguments, columns or types: other keys, other texts.
    const one = (text: TemplateStringsArray) => () => sql(int)(text)
    const parts = (text: TemplateStringsArray): TemplateStringsArray => text
    const [left, right] = [parts`random()`, parts`random( )`]
    const nodes = [
      Query.select({ v: Expr.custom("same", int, { default: one(left) })() }),
      Query.select({ v: Expr.custom("same", int, { default: one(right) })() }),
      Query.select({ v: Expr.custom("same", int, { default: one(left), mysql: one(right) })() }),
      Query.select({ v: Expr.custom("same", Type.bigint, { default: one(left) })() }),
      Query.select({ v: Expr.custom("same', \"", int, { default: one(left) })() }),
      Query.select({ v: plus(value(1), value(2)) }),
      Query.select({ v: plus(plus(value(1), value(2)), value(3)) }),
      Query.select({ v: plus(value(1), plus(value(2), value(3))) }),
      Query.statement("same", { v: int }, { default: one(left) })(),
      Query.statement("same", { v: int, w: int }, { default: one(left) })(),
      Query.statement("same", { v: Type.text }, { default: one(left) })(),
      Query.custom("same", { default: (q) => sql(int)`${q}` })(from),
      Query.custom("same", { default: (q) => sql(int)`SELECT * FROM (${q}) AS q` })(from)
    ]
    expect(new Set(nodes.map(({ node }) => node.key)).size).toBe(nodes.length)
    // Equal ones, built apart, share one.
    const built = () => plus(value(Math.random()), n)
    expect(built().node.key).toBe(built().node.key)
  })

  test("a node or type of one dialect is unsupported on another, by name [F81.4 @all]", () => {
    for (const own of dialects) {
      const scalar = Expr.custom("theirs", int, { [own]: () => sql(int)`1` })
      const relation = Query.custom("ofTheirs", { [own]: (q: Expr.Expr<never>) => sql(int)`${q}` })
      const statement = Query.statement(
        "said",
        { a: int },
        { [own]: () => sql(int)`SELECT 1 AS a` }
      )
      const called = Fn.define("called", { args: [int], result: int, print: { [own]: "abs" } })
      const operator = Expr.operator({ [own]: "+" }, { left: int, right: int, result: int })
      const asked = {
        theirs: from.where(scalar().eq(1)).select({ n }),
        ofTheirs: Query.from(relation(from).as("r")).select(Fn.count()),
        said: statement(),
        called: from.select({ v: called(n) }),
        "+": from.select({ v: operator(n, 1) })
      }
      for (const dialect of dialects)
        for (const [capability, query] of Object.entries(asked)) {
          const said = compile(query, dialect)
          if (dialect === own) expect(said._tag, `${capability} on ${dialect}`).toBe("Compiled")
          else expect(said).toMatchObject({ _tag: "Refusal", dialect, capability })
        }
    }
    const tags = Expr.value(["a"], Type.array(Type.text))
    const types = {
      arrays: Query.select({ tags }),
      intervals: Query.select({ v: Expr.param("span", Type.interval) })
    }
    for (const [capability, query] of Object.entries(types)) {
      expect(compile(query, "postgres")._tag).toBe("Compiled")
      for (const dialect of ["sqlite", "mysql", "mariadb"] as const)
        expect(refusalOf(query, dialect)).toMatchObject({ dialect, capability })
    }
  })
})
