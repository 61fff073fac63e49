import { Column, Database, Entity, Expr, Query, Table, Type } from "athanor"
import { beforeAll, describe, expect, test } from "vitest"
import { engines, useDatabase } from "./support.ts"

const columns = {
  id: Column.id(),
  tenantId: Column.integer(),
  title: Column.varchar(20),
  deletedAt: Column.integer().nullable()
}
const table = Table.make("fragment_posts", columns)
class Note extends Entity<Note>()("fragment_notes", columns) {}

const rows = [
  { tenantId: 1, title: "one", deletedAt: null },
  { tenantId: 1, title: "two", deletedAt: 7 },
  { tenantId: 2, title: "two", deletedAt: null },
  { tenantId: 1, title: "two", deletedAt: null },
  { tenantId: 1, title: "six", deletedAt: null }
]

/** What a fragment of this file may ask of a source: columns under `.c`, whatever gave them. */
interface Written<N extends string> {
  readonly c: {
    readonly id: Expr.Expr<number, N>
    readonly tenantId: Expr.Expr<number, N>
    readonly title: Expr.Expr<string, N>
    readonly deletedAt: Expr.Expr<number | null, N>
  }
}
type Posts<N extends string> = Query.From<N, unknown> & Written<N>

const alive = <N extends string>(c: { readonly deletedAt: Expr.Expr<number | null, N> }) =>
  c.deletedAt.isNull()
const inTenant =
  (tenant: number) =>
  <N extends string, W>(
    source: Query.From<N, W> & { readonly c: { readonly tenantId: Expr.Expr<number, N> } }
  ) =>
    Query.from(source).where(source.c.tenantId.eq(tenant))
const titled =
  <N extends string>({ c }: Written<N>, title: string) =>
  <W, R, S extends string>(query: Query.Select<W, R, S | N>) =>
    query.where(c.title.eq(title))
const page =
  (number: number, size: number) =>
  <W, R, S extends string>(query: Query.Select<W, R, S>) =>
    query.offset(number * size).limit(size)
const since = <N extends string>(c: { readonly id: Expr.Expr<number, N> }) =>
  c.id.gte(Expr.param("since", Type.integer))

/** The five idioms over one source; every query gives ids in their order. */
const idioms = <N extends string>(source: Posts<N>) => {
  const { c } = source
  const ids = <W, R, S extends string>(query: Query.Select<W, R, S | N>) =>
    query.orderBy(c.id).select({ id: c.id })
  return {
    predicate: Query.from(source).where(alive(c)).pipe(ids),
    wrapper: inTenant(1)(source).pipe(ids),
    step: Query.from(source).pipe(titled(source, "two"), ids),
    page: Query.from(source).pipe(ids, page(1, 2)),
    parameter: Query.from(source).where(since(c)).pipe(ids),
    all: inTenant(1)(source)
      .where(alive(c))
      .where(since(c))
      .pipe(titled(source, "two"), ids, page(0, 3))
  }
}

const sources = {
  "a table": idioms(table),
  "an entity": idioms(Note),
  "an alias": idioms(Query.alias(table, "p")),
  "an alias of an entity": idioms(Query.alias(Note, "n")),
  "a derived table": idioms(Query.from(table).where(table.c.id.gt(0)).as("derived")),
  "a derived table of an entity": idioms(Query.from(Note).as("derived_notes")),
  "a derived table of chosen columns": idioms(
    Query.from(table)
      .select({ ...table.c })
      .as("some")
  ),
  "a common table expression": idioms(Query.from(table).cte("recent")),
  "a common table expression of an entity": idioms(Query.from(Note).cte("recent_notes")),
  "an alias of a common table expression": idioms(Query.alias(Query.from(table).cte("r"), "again"))
}

describe.each(engines)("fragments on %s", (engine) => {
  const { agrees, all, fill, run } = useDatabase(engine, { posts: table, notes: Note })
  beforeAll(async () => {
    await fill("posts", rows)
    await fill("notes", rows)
  })

  test.each(Object.entries(sources))("the five idioms stand on %s", async (_, asked) => {
    const numbers = async (query: Query.Select<{ readonly id: number }, never, any>) =>
      (await agrees(query)).map(({ id }) => id)
    expect(await numbers(asked.predicate)).toEqual([1, 3, 4, 5])
    expect(await numbers(asked.wrapper)).toEqual([1, 2, 4, 5])
    expect(await numbers(asked.step)).toEqual([2, 3, 4])
    expect(await numbers(asked.page)).toEqual([3, 4])
    const later = await run(Database.all(asked.parameter, { since: 3 }))
    expect(later.map(({ id }) => id)).toEqual([3, 4, 5])
    expect(await run(Database.all(asked.all, { since: 2 }))).toEqual([{ id: 4 }])
  })

  test("a fragment keeps the row it is given: an entity's is a value of its class", async () => {
    const newest = await run(Database.all(inTenant(2)(Note)))
    expect(newest).toMatchObject([{ id: 3, ...rows[2]! }])
    expect(newest[0]).toBeInstanceOf(Note)
    const throughCte = await run(Database.all(inTenant(2)(Query.from(Note).cte("own"))))
    expect(throughCte[0]).toBeInstanceOf(Note)
    expect(await all(inTenant(2)(table))).toEqual([{ id: 3, ...rows[2]! }])
  })

  test("a fragment stands on both sides of a join, the absent one too", async () => {
    const recent = Query.from(Note).cte("recent")
    const query = Query.from(table)
      .leftJoin(recent, recent.c.id.eq(table.c.id).and(alive(recent.c)))
      .where(table.c.tenantId.eq(1))
      .orderBy(table.c.id)
      .select({ id: table.c.id, title: recent.c.title })
    expect(await agrees(query.pipe(titled(table, "two")))).toEqual([
      { id: 2, title: null },
      { id: 4, title: "two" }
    ])
  })

  test("a query is built in a loop, clause by clause and source by source", async () => {
    const search = (words: ReadonlyArray<string>, sort: ReadonlyArray<"id" | "title">) => {
      let query = Query.from(table)
      for (const word of words) query = query.where(table.c.title.contains(word))
      for (const key of sort) query = query.orderBy(table.c[key].desc())
      return query.select({ id: table.c.id })
    }
    expect(await agrees(search([], ["id"]))).toHaveLength(5)
    expect(await agrees(search(["t", "o"], ["title", "id"]))).toEqual([
      { id: 4 },
      { id: 3 },
      { id: 2 }
    ])

    const nothing = Query.from(table).where(Expr.or(...[].map(() => table.c.id.gt(0))))
    expect(await agrees(nothing)).toEqual([])

    let chain = Query.from(table).select({ id: table.c.id })
    for (const name of ["p1", "p2", "p3"]) {
      const other = Query.alias(table, name)
      chain = chain.join(other, other.c.id.eq(table.c.id).and(alive(other.c)))
    }
    expect(await agrees(chain.orderBy(table.c.id))).toEqual([1, 3, 4, 5].map((id) => ({ id })))

    const parts = [1, 4, 5].map((id) =>
      Query.from(table).where(table.c.id.eq(id)).select({ id: table.c.id })
    )
    const whole = parts.reduce((one, more) => one.unionAll(more))
    expect(await agrees(whole)).toHaveLength(3)
  })
})
