import {
  Catalog,
  Column,
  Database,
  Fn,
  Policy,
  Query,
  StatementError,
  Table,
  Type,
  Expr,
  View
} from "athanor"
import { audit, compile } from "athanor/compile"
import * as BigDecimal from "effect/BigDecimal"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { createView, dropView } from "../../src/algebra/Ddl.ts"
import { FromId } from "../../src/algebra/From.ts"
import type { TableSource } from "../../src/algebra/Source.ts"
import { dialects, engines, expectSql, refusalOf, textOf, useDatabase } from "./support.ts"

const users = Table.make("users", {
  id: Column.integer().primaryKey(),
  displayName: Column.varchar(20),
  age: Column.integer(),
  balance: Column.numeric(10, 2)
})

const rows = [
  { id: 1, displayName: "Ann", age: 7, balance: "1.50" },
  { id: 2, displayName: "Bob's \\", age: 20, balance: "2.25" },
  { id: 3, displayName: "Cleo", age: 41, balance: "10.00" }
].map((row) => ({ ...row, balance: BigDecimal.fromStringUnsafe(row.balance) }))

const sourceOf = (view: View.View<string, unknown>): TableSource =>
  view[FromId].source as TableSource

const adults = View.make("adults", Query.from(users).where(users.c.age.gte(18)))
const named = View.make(
  "named adults",
  Query.from(adults)
    .where(adults.c.displayName.eq("Bob's \\"))
    .select({ person: adults, twice: adults.c.age.mul(2), word: Expr.value("it's", Type.text) })
)

describe.each(engines)("views on %s", (engine) => {
  const { all, failure, run, sentBy } = useDatabase(engine, { users })

  test("a view is created, queried with types, replaced and dropped [F95.1]", async () => {
    await run(Database.run(Query.insert(users).rows(rows)))
    const catalog = Catalog.make({ named, adults, users })
    const views = Catalog.make({ adults, named })
    await run(Database.create(views))
    const older: ReadonlyArray<number> = await all(
      Query.from(adults).orderBy(adults.c.id).select(adults.c.age)
    )
    expect(older).toEqual([20, 41])
    expect(await all(Query.from(adults).orderBy(adults.c.id))).toEqual(
      await all(Query.from(users).where(users.c.age.gte(18)).orderBy(users.c.id))
    )
    const again = Query.alias(named, "again")
    expect(
      await all(
        Query.from(named)
          .join(again, again.c.person.id.eq(named.c.person.id))
          .select({ who: again.c.person, twice: named.c.twice, word: named.c.word })
      )
    ).toMatchObject([{ who: { id: 2, displayName: "Bob's \\" }, twice: 40, word: "it's" }])
    const joined = Query.from(users)
      .leftJoin(adults, adults.c.id.eq(users.c.id))
      .orderBy(users.c.id)
    expect(
      (await all(joined.select({ id: users.c.id, adult: adults }))).map(({ adult }) => adult?.age)
    ).toEqual([undefined, 20, 41])

    // There already: an error that is typed, or left as it is.
    expect(await failure(Database.create(views))).toMatchObject({
      _tag: "SyntaxOrUndefined",
      kind: "duplicate"
    })
    const sent = await sentBy(Database.create(catalog, { ifMissing: true }))
    expect(sent.filter((text) => text.startsWith("CREATE"))).toEqual([])

    const young = View.make("adults", Query.from(users).where(users.c.age.lt(18)))
    await run(
      Database.create(Catalog.make({ users, young }), { ifMissing: true, replaceViews: true }).pipe(
        engine === "postgres"
          ? Effect.catch(() =>
              // What depends on a view keeps it there.
              Effect.andThen(
                Database.drop(Catalog.make({ named })),
                Database.create(Catalog.make({ young }), { replaceViews: true })
              )
            )
          : (same) => same
      )
    )
    expect(await all(Query.from(young).select(young.c.age))).toEqual([7])

    await run(Database.drop(Catalog.make({ adults, named })))
    expect(await failure(Database.all(Query.from(adults)))).toMatchObject({
      _tag: "SyntaxOrUndefined",
      kind: "table"
    })
    expect(await all(Query.from(users).select(users.c.id).orderBy(users.c.id))).toEqual([1, 2, 3])
  })

  test("a view's query orders its creation, however it is listed [F95.5]", async () => {
    const events = Table.make("events", { id: Column.integer().primaryKey(), kind: Column.text() })
    const a = View.make(
      "a",
      Query.from(events).groupBy(events.c.kind).select({ kind: events.c.kind, many: Fn.count() })
    )
    const b = View.make("b", Query.from(a).where(a.c.many.gt(1)))
    const c = View.make(
      "c",
      Query.from(b).join(events, events.c.kind.eq(b.c.kind)).select({ id: events.c.id })
    )
    for (const members of [
      { a, b, c, events },
      { c, b, a, events },
      { b, events, c, a }
    ]) {
      const catalog = Catalog.make(members)
      const order = async (
        verb: string,
        effect: Effect.Effect<void, unknown, Database>
      ): Promise<ReadonlyArray<string>> =>
        (await sentBy(effect))
          .filter((text) => text.startsWith(verb))
          .map((text) => /(?:VIEW|TABLE) (?:IF EXISTS )?(\w+)/.exec(text)![1]!)
      expect(await order("CREATE", Database.create(catalog))).toEqual(["events", "a", "b", "c"])
      const add = Query.insert(events)
      await run(
        Database.run(
          add.rows([
            { id: 1, kind: "x" },
            { id: 2, kind: "x" },
            { id: 3, kind: "y" }
          ])
        )
      )
      expect(await all(Query.from(c).orderBy(c.c.id))).toEqual([{ id: 1 }, { id: 2 }])
      expect(await order("DROP", Database.drop(catalog))).toEqual(["c", "b", "a", "events"])
    }
  })

  test("a table is created from a select with its rows [F95.4]", async () => {
    const archive = Table.as(
      "archive",
      Query.from(users)
        .where(users.c.age.gt(18))
        .select({ "its id": users.c.id, age: users.c.age, balance: users.c.balance })
    )
    const catalog = Catalog.make({ archive })
    await run(Database.create(catalog))
    const kept = Query.from(archive).orderBy(archive.c["its id"])
    const before = await all(kept)
    expect(before.map(({ age }) => age)).toEqual([20, 41])
    const balances = Query.from(users).where(users.c.age.gt(18)).orderBy(users.c.id)
    expect(before.map(({ balance }) => balance)).toEqual(
      await all(balances.select(users.c.balance))
    )
    await run(Database.run(Query.update(users).set({ age: 99 }).everyRow()))
    expect(await all(kept)).toEqual(before)
    await run(Database.drop(catalog))
    expect(await failure(Database.all(kept))).toMatchObject({ _tag: "SyntaxOrUndefined" })
  })
})

const passing = View.make("passing", Query.from(users).select({ id: users.c.id }), {
  kind: "temporary"
})
const kept = View.make("kept", Query.from(users).select({ many: Fn.count() }), {
  kind: "materialized"
})

describe.each(["sqlite", "postgres"] as const)("temporary views on %s", (engine) => {
  const { failure, run } = useDatabase(engine, { users })

  test("one lives as long as its connection [F95.2]", async () => {
    const seen = await run(
      Effect.scoped(
        Effect.gen(function* () {
          const lent = yield* Database.borrow
          yield* lent.use(Database.create(Catalog.make({ passing })))
          const inside = yield* lent.use(Database.all(Query.from(passing)))
          yield* lent.detach
          return inside
        })
      )
    )
    expect(seen).toEqual([])
    expect(await failure(Database.all(Query.from(passing)))).toMatchObject({
      _tag: "SyntaxOrUndefined",
      kind: "table"
    })
  })
})

describe("materialized views on postgres", () => {
  const { all, failure, run } = useDatabase("postgres", { users })

  test("one is created, refreshed and dropped [F95.3]", async () => {
    const catalog = Catalog.make({ kept })
    await run(Database.create(catalog))
    await run(Database.run(Query.insert(users).rows(rows)))
    expect(await all(Query.from(kept))).toEqual([{ many: 0 }])
    await run(Database.run(View.refresh(kept)))
    expect(await all(Query.from(kept))).toEqual([{ many: 3 }])
    expect((await run(Database.reflect())).views).toMatchObject([
      { name: "kept", materialized: true }
    ])
    // It has no unique index.
    expect(await failure(Database.run(View.refresh(kept, { concurrently: true })))).toMatchObject({
      message: expect.stringContaining("concurrently") as string
    })
    await run(Database.drop(catalog))
    expect((await run(Database.reflect())).views).toEqual([])
  })
})

describe.each(["sqlite", "mariadb"] as const)("views that are not there on %s", (engine) => {
  const { failure } = useDatabase(engine, { users })

  test("materialized ones are refused by name [F95.3]", async () => {
    const refused = { _tag: "Unsupported", capability: "materializedViews" }
    expect(await failure(Database.create(Catalog.make({ kept })))).toMatchObject(refused)
    expect(await failure(Database.run(View.refresh(kept)))).toMatchObject(refused)
  })
  if (engine === "mariadb")
    test("temporary ones are refused by name [F95.2]", async () => {
      expect(await failure(Database.create(Catalog.make({ passing })))).toMatchObject({
        _tag: "Unsupported",
        capability: "temporaryViews"
      })
    })
})

describe("views, as data", () => {
  test("their texts, with the values of their queries in them", () => {
    const brief = View.make(
      "brief",
      Query.from(adults)
        .where(adults.c.displayName.ne("it's"))
        .limit(5)
        .select({ who: { name: adults.c.displayName }, size: Fn.length(adults.c.displayName) })
    )
    const says = (length: string) =>
      `CREATE VIEW brief (who_name, size) AS SELECT adults.display_name AS name, ` +
      `${length}(adults.display_name) AS size FROM adults ` +
      `WHERE adults.display_name <> 'it''s' LIMIT 5`
    expectSql(
      { node: createView(sourceOf(brief), false) },
      {
        sqlite: says("length"),
        postgres: says("length"),
        mysql: says("char_length"),
        mariadb: says("char_length")
      }
    )
    const made = Table.as("made", Query.from(users).select({ aB: users.c.id }))
    const table = (options: string, quote: string) =>
      `CREATE TABLE IF NOT EXISTS made${options} AS WITH q (a_b) AS ` +
      `(SELECT users.id AS ${quote}aB${quote} FROM users) SELECT * FROM q`
    const innodb = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE="
    expectSql(
      { node: createView(sourceOf(made), true) },
      {
        sqlite: table("", '"'),
        postgres: table("", '"'),
        mysql: table(`${innodb}utf8mb4_0900_bin`, "`"),
        mariadb: table(`${innodb}utf8mb4_nopad_bin`, "`")
      }
    )
    for (const dialect of dialects)
      expect(textOf({ node: dropView(sourceOf(adults), true) }, dialect)).toBe(
        "DROP VIEW IF EXISTS adults"
      )
    for (const dialect of ["postgres", "mysql"] as const)
      expect(refusalOf({ node: createView(sourceOf(adults), true) }, dialect)).toMatchObject({
        capability: "viewIfNotExists"
      })
  })

  test("what a view shows is read with it", () => {
    expect(audit(Query.from(named).select(named.c.twice)).reads).toEqual([
      { table: "named adults", columns: ["twice"] },
      { table: "adults", columns: ["id", "display_name", "age", "balance"] },
      { table: "users", columns: ["id", "display_name", "age", "balance"] }
    ])
  })

  test("a policy over what a view reads is not passed by", () => {
    const policy = Policy.rows(users, users.c.age.gt(1))
    expect(compile(Query.from(named), "sqlite", { policies: [policy] })).toMatchObject({
      _tag: "Refusal",
      capability: "policy"
    })
    const other = Table.make("other", { id: Column.id() })
    const apart = Policy.rows(other, other.c.id.gt(1))
    expect(compile(Query.from(named), "sqlite", { policies: [apart] })).toHaveProperty("text")
  })

  test("a view is not written, nor made of what has no names", () => {
    const wrong = [
      () => Query.insert(adults as never),
      () => Query.update(adults as never).set({ age: 1 } as never),
      () => Query.deleteFrom(adults as never).everyRow(),
      () => View.refresh(adults),
      () => View.make("", Query.from(users)),
      () => View.make("v", Query.from(users).select({ aB: users.c.id, a_b: users.c.age })),
      () =>
        View.make(
          "v",
          Query.from(users)
            .leftJoin(adults, adults.c.id.eq(users.c.id))
            .select({ id: users.c.id, adults })
        )
    ]
    for (const [at, one] of wrong.entries()) expect(one, String(at)).toThrow(StatementError)
  })

  test("a view whose query draws when it runs has no text", () => {
    const drawn = View.make(
      "v",
      Query.from(users).select({ a: Expr.param("a", Type.text) }) as never
    )
    for (const dialect of dialects)
      expect(refusalOf({ node: createView(sourceOf(drawn), false) }, dialect)).toMatchObject({
        capability: "parameters"
      })
  })
})
