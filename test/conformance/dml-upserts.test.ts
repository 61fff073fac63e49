import { Column, Database, Entity, Expr, Query, StatementError, Table, Type, Unique } from "athanor"
import { beforeEach, describe, expect, test } from "vitest"
import { engines, expectSql, refusalOf, textOf, useDatabase } from "./support.ts"

/** One key, given by the client. */
const hits = Table.make("hits", {
  path: Column.varchar(20).primaryKey(),
  n: Column.integer(),
  note: Column.varchar(20).nullable()
})
/** The server's key beside another. */
const users = Table.make("users", {
  id: Column.id(),
  email: Column.varchar(20).unique(),
  name: Column.varchar(20),
  state: Column.varchar(10).serverDefault("new")
})
/** Two keys that a row can meet. */
const seats = Table.make(
  "seats",
  {
    hall: Column.integer().primaryKey(),
    seat: Column.integer().primaryKey(),
    ticket: Column.integer(),
    guest: Column.varchar(20)
  },
  (c) => [Unique.named("one_ticket", c.ticket)]
)
/** A partial index is made by hand: at most one open order a customer. */
const orders = Table.make("orders", {
  id: Column.integer().primaryKey(),
  customer: Column.integer(),
  open: Column.boolean(),
  total: Column.integer()
})
class Doc extends Entity<Doc>()("docs", {
  slug: Column.varchar(20).primaryKey(),
  body: Column.varchar(20),
  saved: Column.integer().nullable().onUpdate(7),
  version: Column.integer().version()
}) {}
const members = { hits, users, seats, orders, Doc }
const proposed = Query.excluded(hits).c
const { n, note, path } = hits.c

const addHit = Query.insert(hits).rows([
  { path: "/", n: 1 },
  { path: "/a", n: 2, note: "new" }
])
const summed = addHit.onConflict(path).doUpdate({ n: n.add(proposed.n), note: proposed.note })

describe.each(engines)("upserts on %s", (engine) => {
  const { all, failure, run, sentBy } = useDatabase(engine, members)
  const stored = () => all(Query.from(hits).orderBy(path))

  beforeEach(async () => {
    for (const table of [hits, users, seats, orders, Doc])
      await run(Database.run(Query.deleteFrom(table as typeof hits).everyRow()))
    await run(Database.run(Query.insert(hits).values({ path: "/", n: 10, note: "old" })))
  })

  test("do nothing leaves the row that is there and counts the others [F78.1]", async () => {
    const both = addHit.onConflict(path).doNothing()
    expect(await run(Database.run(both))).toBe(1)
    expect(await run(Database.run(both))).toBe(0)
    expect(await stored()).toEqual([
      { path: "/", n: 10, note: "old" },
      { path: "/a", n: 2, note: "new" }
    ])
    const one = (at: string) =>
      Query.insert(hits).values({ path: at, n: 0 }).onConflict().doNothing()
    expect(await run(Database.run(one("/")))).toBe(0)
    expect(await run(Database.run(one("/b")))).toBe(1)
    const rows = await run(Database.all(both.returning(path)))
    expect(rows).toEqual([])
    const some = Query.insert(hits).rows([
      { path: "/c", n: 1 },
      { path: "/", n: 1 }
    ])
    const given = await run(Database.all(some.onConflict(path).doNothing().returning({ path, n })))
    expect(given).toEqual([{ path: "/c", n: 1 }])
  })

  test("do nothing hides no other error", async () => {
    const add = Query.insert(hits).values({
      path: "/z",
      n: Expr.value(null, Type.integer) as never
    })
    expect(await failure(Database.run(add.onConflict().doNothing()))).toMatchObject({
      _tag: "NotNullViolation"
    })
  })

  test("do update sets from the proposed row and from the one that is there [F78.2]", async () => {
    expect(await run(Database.run(summed))).toBe(2)
    expect(await stored()).toEqual([
      { path: "/", n: 11, note: null },
      { path: "/a", n: 2, note: "new" }
    ])
    expect(await run(Database.run(summed))).toBe(2)
    expect((await stored()).map((row) => row.n)).toEqual([12, 4])
  })

  test("what changes nothing is counted like what does", async () => {
    const same = Query.insert(hits).values({ path: "/", n: 10 }).onConflict(path)
    expect(await run(Database.run(same.doUpdate({ n: proposed.n })))).toBe(1)
    expect(await run(Database.run(same.doUpdate({ n: proposed.n }).where(n.gt(0))))).toBe(1)
    expect(await run(Database.run(same.doUpdate({ n: 0 }).where(n.gt(99))))).toBe(0)
  })

  test("a condition leaves the rows that fail it [F78.4]", async () => {
    const greater = addHit
      .onConflict(path)
      .doUpdate({ n: proposed.n, note: "won" })
      .where(n.lt(proposed.n))
    expect(await run(Database.run(greater))).toBe(1)
    expect((await stored())[0]).toEqual({ path: "/", n: 10, note: "old" })
    const back = Query.insert(hits)
      .rows([
        { path: "/", n: 99 },
        { path: "/a", n: 1 }
      ])
      .onConflict(path)
      .doUpdate({ n: proposed.n, note: "won" })
      .where(n.lt(proposed.n))
    expect(await run(Database.all(back.returning({ path, n, note })))).toEqual([
      { path: "/", n: 99, note: "won" }
    ])
    expect((await stored())[1]).toEqual({ path: "/a", n: 2, note: "new" })
  })

  test("returning gives each row as it now stands [F78.8]", async () => {
    const rows = await run(Database.all(summed.returning({ path, n, twice: n.mul(2) })))
    expect(rows.toSorted((a, b) => a.path.localeCompare(b.path))).toEqual([
      { path: "/", n: 11, twice: 22 },
      { path: "/a", n: 2, twice: 4 }
    ])
  })

  test("one row after the other: duplicates in the list [F78.7]", async () => {
    const twice = Query.insert(hits)
      .rows([
        { path: "/x", n: 1 },
        { path: "/", n: 1 },
        { path: "/x", n: 5 }
      ])
      .onConflict(path)
    const many = twice.doUpdate({ n: n.add(proposed.n) })
    if (engine === "postgres") {
      expect((await failure(Database.run(many)))._tag).toBe("SyntaxOrUndefined")
      expect(await stored()).toHaveLength(1)
    } else {
      expect(await run(Database.run(many))).toBe(3)
      expect((await stored()).map((row) => row.n)).toEqual([11, 6])
    }
    await run(Database.run(Query.deleteFrom(hits).where(path.eq("/x"))))
    expect(await run(Database.run(twice.doNothing()))).toBe(1)
    expect(await all(Query.from(hits).where(path.eq("/x")).select(n))).toEqual([1])
  })

  test("the key the server makes can meet none, so it is no other key", async () => {
    const add = Query.insert(users).values({ email: "a@b", name: "Ann" })
    const saved = add.onConflict(users.c.email).doUpdate({ name: "Bob", state: Expr.byDefault() })
    const id = await run(Database.one(add.returning(users.c.id)))
    await run(Database.run(Query.update(users).set({ state: "old" }).everyRow()))
    expect(await run(Database.one(saved.returning()))).toEqual({
      id,
      email: "a@b",
      name: "Bob",
      state: "new"
    })
  })

  test("DEFAULT under a condition is the server's own", async () => {
    const add = Query.insert(users).values({ email: "a@b", name: "Ann" })
    await run(Database.run(add))
    await run(Database.run(Query.update(users).set({ state: "old" }).everyRow()))
    const reset = add.onConflict(users.c.email).doUpdate({ state: Expr.byDefault() })
    const { state } = users.c
    expect(await run(Database.run(reset.where(state.eq("new"))))).toBe(0)
    expect(await all(Query.from(users).select(state))).toEqual(["old"])
    expect(await run(Database.run(reset.where(state.eq("old"))))).toBe(1)
    expect(await all(Query.from(users).select(state))).toEqual(["new"])
  })

  const seat = Query.insert(seats).values({ hall: 1, seat: 2, ticket: 7, guest: "b" })
  const place = seat.onConflict(seats.c.hall, seats.c.seat).doUpdate({ guest: "changed" })

  if (engine === "mariadb") {
    test("a target beside another key is refused, by name too [F78.3 F78.6]", async () => {
      for (const one of [place, seat.onConflict("one_ticket").doUpdate({ guest: "x" })]) {
        expect(await failure(Database.run(one))).toMatchObject({
          _tag: "Unsupported",
          capability: "conflictTarget"
        })
        expect(await sentBy(Database.run(one))).toEqual([])
      }
    })
    test("a partial index is refused [F78.5]", async () => {
      const add = Query.insert(orders).values({ id: 1, customer: 1, open: true, total: 5 })
      const on = add.onConflict(orders.c.customer).where(orders.c.open.eq(true)).doNothing()
      expect(await failure(Database.run(on))).toMatchObject({ capability: "partialIndexes" })
    })
  } else {
    test("a target acts on its key only [F78.3]", async () => {
      const first = { hall: 1, seat: 2, ticket: 1, guest: "a" }
      await run(Database.run(Query.insert(seats).values(first)))
      await run(Database.run(Query.insert(seats).values({ ...first, seat: 3, ticket: 7 })))
      expect(await run(Database.run(place))).toBe(1)
      expect(await all(Query.from(seats).orderBy(seats.c.seat).select(seats.c.guest))).toEqual([
        "changed",
        "a"
      ])
      const other = Query.insert(seats)
        .values({ hall: 9, seat: 9, ticket: 7, guest: "c" })
        .onConflict(seats.c.hall, seats.c.seat)
      for (const one of [other.doNothing(), other.doUpdate({ guest: "c" })])
        expect(await failure(Database.run(one))).toMatchObject({
          _tag: "UniqueViolation",
          constraint: "one_ticket"
        })
    })

    test("a target is given by the constraint [F78.6]", async () => {
      await run(
        Database.run(Query.insert(seats).values({ hall: 1, seat: 1, ticket: 7, guest: "a" }))
      )
      const moved = seat.onConflict("one_ticket").doUpdate({ guest: Query.excluded(seats).c.guest })
      expect(await run(Database.run(moved))).toBe(1)
      expect(await all(Query.from(seats))).toEqual([{ hall: 1, seat: 1, ticket: 7, guest: "b" }])
      expect(await failure(Database.run(seat.onConflict("seats_pkey").doNothing()))).toMatchObject({
        _tag: "UniqueViolation"
      })
    })

    test("a partial index with its condition is a target [F78.5]", async () => {
      const open = engine === "sqlite" ? "open = 1" : "open = TRUE"
      await run(Database.script(`CREATE UNIQUE INDEX one_open ON orders (customer) WHERE ${open}`))
      const order = (id: number, open: boolean, total: number) =>
        Query.insert(orders)
          .values({ id, customer: 1, open, total })
          .onConflict(orders.c.customer)
          .where(orders.c.open.eq(true))
          .doUpdate({ total: orders.c.total.add(Query.excluded(orders).c.total) })
      expect(await run(Database.run(order(1, true, 5)))).toBe(1)
      expect(await run(Database.run(order(2, false, 5)))).toBe(1)
      expect(await run(Database.run(order(3, true, 5)))).toBe(1)
      expect(
        await all(
          Query.from(orders).orderBy(orders.c.id).select({ id: orders.c.id, total: orders.c.total })
        )
      ).toEqual([
        { id: 1, total: 10 },
        { id: 2, total: 5 }
      ])
      await run(Database.script("DROP INDEX one_open"))
    })
  }

  test("an entity's upsert writes its on-update values and counts its version", async () => {
    const save = Query.insert(Doc)
      .values({ slug: "a", body: "one" })
      .onConflict(Doc.c.slug)
      .doUpdate({ body: Query.excluded(Doc).c.body })
      .returning()
    expect(await run(Database.one(save))).toMatchObject({ body: "one", saved: null, version: 1 })
    const again = await run(Database.one(save))
    expect(again).toMatchObject({ body: "one", saved: 7, version: 2 })
    expect(again).toBeInstanceOf(Doc)
    await run(Database.run(Query.update(Doc).set({ body: "two" }).everyRow()))
    expect(await all(Query.from(Doc).select(Doc.c.version))).toEqual([3])
  })

  test("rows of a query are upserted, and read as rows of a stream", async () => {
    await run(Database.run(addHit.onConflict(path).doNothing()))
    const from = Query.from(hits).select({ path, n: n.mul(0).add(1), note })
    const again = Query.insert(hits).fromSelect(from).onConflict(path)
    expect(await run(Database.run(again.doUpdate({ n: n.add(proposed.n) })))).toBe(2)
    expect((await stored()).map((row) => row.n)).toEqual([11, 3])
    expect(await run(Database.run(again.doNothing()))).toBe(0)
  })

  test("the first statement of a session counts as a later one does", async () => {
    const again = Query.insert(hits).fromSelect(Query.from(hits)).onConflict(path).doNothing()
    const first = Database.run(again)
    expect(await run(Database.autocommit(first))).toBe(0)
    expect(await run(first)).toBe(0)
  })

  test("an upsert that changes nothing leaves the row, and gives it back", async () => {
    const add = Query.insert(hits).values({ path: "/", n: 1 }).onConflict(path).doUpdate({})
    expect(await run(Database.one(add.returning()))).toEqual({ path: "/", n: 10, note: "old" })
    const saved = Query.insert(Doc).values({ slug: "a", body: "new" })
    await run(Database.run(saved))
    await run(Database.run(saved.onConflict(Doc.c.slug).doUpdate({})))
    expect(await all(Query.from(Doc).select([Doc.c.body, Doc.c.saved, Doc.c.version]))).toEqual([
      ["new", 7, 2]
    ])
  })

  test("what is no key, and what is no column, is refused when it is built", () => {
    const add = Query.insert(hits).values({ path: "/", n: 1 })
    expect(() => add.onConflict(n).doNothing()).toThrow(StatementError)
    expect(() => add.onConflict("nothing")).toThrow(StatementError)
    expect(() => add.onConflict(n.add(1)).doNothing()).toThrow(StatementError)
    const set = add.onConflict(path).doUpdate({ n: 1 })
    expect(() => set.where(undefined as never)).toThrow(StatementError)
  })
})

describe("upserts printed for mysql", () => {
  test("do nothing and do update [F78.1 F78.2 F78.7]", () => {
    expectSql(addHit.onConflict(path).doNothing(), {
      sqlite:
        "INSERT INTO hits (path, n, note) VALUES (?, ?, ?), (?, ?, ?) ON CONFLICT " +
        "(path) DO NOTHING",
      postgres:
        "INSERT INTO hits (path, n, note) VALUES ($1, $2, $3), ($4, $5, $6) ON " +
        "CONFLICT (path) DO NOTHING",
      mysql:
        "INSERT INTO hits (path, n, note) VALUES (?, ?, ?), (?, ?, ?) ON DUPLICATE KEY " +
        "UPDATE path = hits.path",
      mariadb:
        "INSERT INTO hits (path, n, note) VALUES (?, ?, ?), (?, ?, ?) ON DUPLICATE KEY " +
        "UPDATE path = CASE WHEN (@athanor_left := CASE WHEN FALSE THEN 0 ELSE 1 END) " +
        "= 0 THEN hits.path ELSE hits.path END RETURNING CASE WHEN @athanor_left = 1 " +
        "THEN (@athanor_left := 0) ELSE 1 END AS written"
    })
    expectSql(summed, {
      sqlite:
        "INSERT INTO hits (path, n, note) VALUES (?, ?, ?), (?, ?, ?) ON CONFLICT " +
        "(path) DO UPDATE SET n = CASE WHEN hits.n + excluded.n NOT BETWEEN -2147483648 AND " +
        "2147483647 THEN abs(-9223372036854775808) ELSE hits.n + excluded.n END, " +
        "note = excluded.note",
      postgres:
        "INSERT INTO hits (path, n, note) VALUES ($1, $2, $3), ($4, $5, $6) ON " +
        "CONFLICT (path) DO UPDATE SET n = hits.n + excluded.n, note = excluded.note",
      mysql:
        "INSERT INTO hits (path, n, note) VALUES (?, ?, ?), (?, ?, ?) ON DUPLICATE KEY " +
        "UPDATE n = hits.n + VALUES(n), note = VALUES(note)",
      mariadb:
        "INSERT INTO hits (path, n, note) VALUES (?, ?, ?), (?, ?, ?) ON DUPLICATE KEY " +
        "UPDATE n = hits.n + VALUES(n), note = VALUES(note)"
    })
  })

  test("a condition is said in each column [F78.4]", () => {
    const on = addHit.onConflict(path).doUpdate({ note: "won" }).where(n.lt(proposed.n))
    expect(textOf(on, "mysql")).toBe(
      "INSERT INTO hits (path, n, note) VALUES (?, ?, ?), (?, ?, ?) ON DUPLICATE KEY UPDATE " +
        "note = CASE WHEN hits.n < VALUES(n) THEN CAST(? AS CHAR) ELSE hits.note END"
    )
  })

  test("a target beside another key, and a partial index, are refused [F78.3 F78.5 F78.6]", () => {
    const add = Query.insert(seats).values({ hall: 1, seat: 2, ticket: 7, guest: "b" })
    const by = add.onConflict("one_ticket").doNothing()
    expect(refusalOf(by, "mysql")).toMatchObject({ capability: "conflictTarget" })
    const partial = Query.insert(orders)
      .values({ id: 1, customer: 1, open: true, total: 5 })
      .onConflict(orders.c.customer)
      .where(orders.c.open.eq(true))
      .doNothing()
    expect(refusalOf(partial, "mysql")).toMatchObject({ capability: "partialIndexes" })
  })

  test("returning is refused [F78.8]", () => {
    expect(refusalOf(summed.returning(), "mysql")).toMatchObject({ capability: "insertReturning" })
  })
})
