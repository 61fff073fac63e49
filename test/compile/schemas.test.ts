import { Catalog, Column, Expr, Fn, Index, Query, StatementError, Table, Type, View } from "athanor"
import { capabilities, compile, readable } from "athanor/compile"
import { describe, expect, test } from "vitest"
import { dialectNames } from "../../src/algebra/Dialect.ts"
import type { DialectName } from "../../src/algebra/Dialect.ts"
import type { StatementNode } from "../../src/algebra/Statement.ts"
import { createView, dropView } from "../../src/algebra/Ddl.ts"
import { createOrder, dropOrder } from "../../src/compile/schema/schemaOrder.ts"

const evil = ['a"; DROP TABLE users; --', "a`; DROP TABLE users; --", "a'b", "a.b", "select", "Ä ß"]

/** Statements that name tables wherever a table can be named, in one schema or in none. */
const statementsIn = (schema: string | null, dialect: DialectName) => {
  const options = schema === null ? {} : { schema }
  const users = Table.make(
    "users",
    { id: Column.id(), name: Column.varchar(20), age: Column.integer() },
    (c) => [Index.on(c.age)],
    options
  )
  const posts = Table.make(
    "posts",
    {
      id: Column.id(),
      authorId: Column.integer().references(() => users.c.id),
      title: Column.varchar(20)
    },
    undefined,
    options
  )
  const mine = posts.c.authorId.eq(users.c.id)
  const counted = Query.from(posts)
    .groupBy(posts.c.authorId)
    .select({ authorId: posts.c.authorId, n: Fn.count() })
    .cte("counted")
  const other = Query.alias(users, "other")
  const statements: ReadonlyArray<{ readonly node: StatementNode }> = [
    Query.from(users),
    Query.from(users).where(users.c.id.eq(Expr.param("id", Type.integer))),
    Query.from(users).leftJoin(posts, mine).select({ user: users, title: posts.c.title }),
    Query.from(users).join(other, other.c.age.gt(users.c.age)).select({ a: users.c.id }),
    Query.from(users).join(counted, counted.c.authorId.eq(users.c.id)).select({ n: counted.c.n }),
    Query.from(users).where(Query.from(posts).correlate(users).where(mine).exists()),
    Query.from(users).select(users.c.id).union(Query.from(posts).select(posts.c.id)),
    Query.insert(users).rows([
      { name: "a", age: 1 },
      { name: "b", age: 2 }
    ]),
    Query.insert(users).values({ name: "a", age: 1 }).returning(users.c.id),
    Query.insert(users)
      .values({ name: "a", age: 1 })
      .onConflict(users.c.id)
      .doUpdate({ age: users.c.age.add(1) }),
    Query.update(users).set({ age: 2 }).where(users.c.id.eq(1)),
    Query.update(users).from(posts, mine).set({ name: posts.c.title }),
    Query.deleteFrom(posts).where(posts.c.id.eq(1)),
    Query.deleteFrom(posts).using(users, mine)
  ]
  const { tables } = Catalog.make({ users, posts })
  const able = capabilities(dialect)
  const ddl = [...createOrder(tables, able), ...dropOrder(tables, able, true)]
  const views = ([{}, { kind: "materialized" }] as const).map((kind) => {
    const view = View.make("kept", Query.from(users).where(users.c.age.gt(18)), {
      ...kind,
      ...options
    })
    const { views: made } = Catalog.make({ users, view })
    return [createView(made[0]!, false), dropView(made[0]!, true)]
  })
  return [...statements, ...[...ddl, ...views.flat()].map((node) => ({ node }))]
}

type Schemas = Readonly<Record<string, string>>

/** What is sent of each, to be read and with parameters; null where the dialect refuses it. */
const textsOf = (schema: string | null, dialect: DialectName, schemas?: Schemas) =>
  statementsIn(schema, dialect).map((statement) => {
    const options = schemas === undefined ? {} : { schemas }
    const said = [compile(statement, dialect, options), readable(statement, dialect, options)]
    return said.map((one) => (one._tag === "Refusal" ? null : one.text))
  })

describe.each(dialectNames)("the schemas of a compiled statement on %s", (dialect) => {
  const pairs: ReadonlyArray<readonly [string | null, string | null]> = [
    [null, "b"],
    ["a", "b"],
    ["a", null],
    ["a", "a"],
    [null, null],
    ...evil.map((name) => [null, name] as const),
    ...evil.map((name) => ["a", name] as const),
    ...evil.map((name) => [name, "b"] as const)
  ]

  test.each(pairs)("%j filled with %j is the statement written in it", (from, to) => {
    const filled = textsOf(from, dialect, { [from ?? ""]: to ?? "" })
    const written = textsOf(to, dialect)
    expect(filled).toEqual(written)
    expect(filled.filter(([text]) => text !== null).length).toBeGreaterThan(15)
    if (from !== to) expect(filled).not.toEqual(textsOf(from, dialect))
  })

  test("what is temporary lives in no schema, and reads tables that do", () => {
    const users = Table.make("users", { id: Column.id() })
    const kept = View.make("kept", Query.from(users), { kind: "temporary" })
    const [view] = Catalog.make({ users, kept }).views
    const said = [createView(view!, false), Query.from(kept).node].map((node) => {
      const one = compile({ node }, dialect, { schemas: { "": "s_s" } })
      return one._tag === "Refusal" ? one.capability : one.text
    })
    expect(said[1]).not.toContain("s_s")
    if (said[0] === "temporaryViews") return
    expect(said[0]).toMatch(/ kept \(id\) AS SELECT .* FROM s_s\.users/)
  })

  test("an absent one stays, whatever every object answers for", () => {
    for (const schema of [null, "a", "constructor", "__proto__"])
      expect(textsOf(schema, dialect, { other: "x", [schema === null ? "a" : ""]: "y" })).toEqual(
        textsOf(schema, dialect)
      )
  })

  test("every place is a table's, and the rest of the text has none", () => {
    for (const statement of statementsIn("s_s", dialect)) {
      const compiled = compile(statement, dialect)
      if (compiled._tag === "Refusal") continue
      const { schemas, text } = compiled
      for (const { end, schema, start } of schemas)
        expect([schema, text.slice(start, end)]).toEqual(["s_s", "s_s."])
      expect(schemas).toHaveLength(text.split("s_s").length - 1)
    }
  })

  test("a name no server could hold is refused as every other", () => {
    for (const name of ["a\u0000b", "\ud800", "a".repeat(70)]) {
      const long = name.length > 2 && dialect === "sqlite" && !name.includes("\u0000")
      const said = () => textsOf("a", dialect, { a: name })
      if (long) expect(said()).toEqual(textsOf(name, dialect))
      else expect(said).toThrow(StatementError)
    }
  })
})
