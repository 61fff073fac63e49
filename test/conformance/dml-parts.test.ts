import { Column, Database, Fn, Policy, Query, StatementError, Table } from "athanor"
import { audit } from "athanor/compile"
import * as Effect from "effect/Effect"
import { beforeEach, describe, expect, test } from "vitest"
import { dialects, engines, refusalOf, textOf, useDatabase } from "./support.ts"

const accounts = Table.make("accounts", {
  id: Column.integer().primaryKey(),
  tenantId: Column.integer(),
  name: Column.varchar(20),
  balance: Column.integer()
})
const archive = Table.make("archive", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(20).unique(),
  balance: Column.integer()
})
const members = { accounts, archive }

const closed = Query.deleteFrom(accounts)
  .where(accounts.c.balance.eq(0))
  .returning({ id: accounts.c.id, name: accounts.c.name, balance: accounts.c.balance })
  .cte("closed")
const move = Query.insert(archive).fromSelect(Query.from(closed)).returning(archive.c.name)
const raised = Query.update(accounts)
  .set({ balance: accounts.c.balance.add(10) })
  .where(accounts.c.balance.gt(0))
  .returning({ id: accounts.c.id, balance: accounts.c.balance })
  .cte("raised")
const beforeAndAfter = Query.from(accounts)
  .leftJoin(raised, raised.c.id.eq(accounts.c.id))
  .orderBy(accounts.c.id)
  .select({ before: accounts.c.balance, raised })
  .pipe(Query.writing)
const twice = Query.from(raised)
  .join(closed, closed.c.balance.lt(raised.c.balance))
  .select({ n: Fn.count() })
  .pipe(Query.writing)
const added = Query.insert(archive)
  .rows([
    { id: 7, name: "x", balance: 1 },
    { id: 8, name: "y", balance: 2 }
  ])
  .onConflict(archive.c.name)
  .doNothing()
  .returning(archive.c.id)
  .cte("added")
const onlyIds = Query.from(added).select(added.c.value).orderBy(added.c.value).pipe(Query.writing)

describe("parts that write, in words", () => {
  test("they stand in WITH, or are refused by name", () => {
    expect(textOf(move, "postgres")).toBe(
      "WITH closed AS (DELETE FROM accounts WHERE accounts.balance = $1 " +
        "RETURNING id, name, balance) INSERT INTO archive (id, name, balance) " +
        "SELECT closed.id, closed.name, closed.balance FROM closed RETURNING name AS c0"
    )
    expect(textOf(beforeAndAfter, "postgres")).toBe(
      "WITH raised AS (UPDATE accounts SET balance = accounts.balance + $1 " +
        "WHERE accounts.balance > $2 RETURNING id, balance, TRUE AS present) " +
        'SELECT accounts.balance AS "before", raised.id, raised.balance, ' +
        "raised.present IS NOT NULL AS c3 FROM accounts " +
        "LEFT JOIN raised ON raised.id = accounts.id ORDER BY accounts.id"
    )
    for (const dialect of dialects.filter((one) => one !== "postgres"))
      for (const one of [move, beforeAndAfter])
        expect(refusalOf(one, dialect).capability).toBe("dataModifyingCte")
  })

  test("a query over them says that it writes, and they give rows back", () => {
    expect(() => textOf(Query.from(raised), "postgres")).toThrow(/Query\.writing/)
    expect(() => Query.deleteFrom(accounts).everyRow().cte("gone")).toThrow(StatementError)
    const alike = Query.deleteFrom(accounts).everyRow().returning().cte("accounts")
    expect(() => textOf(Query.from(alike).pipe(Query.writing), "postgres")).toThrow(StatementError)
    const locked = Query.from(accounts)
      .join(raised, raised.c.id.eq(accounts.c.id))
      .select(accounts.c.id)
      .lock("update")
    expect(refusalOf(locked.pipe(Query.writing), "postgres").capability).toBe("lockedWrite")
  })

  test("what they read and write is audited", () => {
    expect(audit(move)).toEqual({
      reads: [
        { table: "archive", columns: ["name"] },
        { table: "accounts", columns: ["id", "name", "balance"] }
      ],
      writes: [
        { table: "archive", columns: ["id", "name", "balance"], by: "insert" },
        { table: "accounts", columns: [], by: "delete" }
      ],
      complete: true
    })
    expect(audit(beforeAndAfter).writes).toEqual([
      { table: "accounts", columns: ["balance"], by: "update" }
    ])
  })
})

describe.each(engines)("parts that write on %s", (engine) => {
  const { all, failure, run, sentBy } = useDatabase(engine, members)

  if (engine !== "postgres") {
    test("a command in WITH is refused before it is sent [F72.5]", async () => {
      for (const one of [Database.run(move), Database.run(beforeAndAfter)]) {
        expect(await failure(one)).toMatchObject({
          _tag: "Unsupported",
          capability: "dataModifyingCte"
        })
        expect(await sentBy(one)).toEqual([])
      }
    })
    return
  }

  const balances = () => all(Query.from(accounts).orderBy(accounts.c.id).select(accounts.c.balance))
  const archived = () => all(Query.from(archive).orderBy(archive.c.id).select(archive.c.name))

  beforeEach(async () => {
    for (const table of [accounts, archive])
      await run(Database.run(Query.deleteFrom(table as typeof accounts).everyRow()))
    await run(
      Database.run(
        Query.insert(accounts).rows([
          { id: 1, tenantId: 1, name: "ann", balance: 0 },
          { id: 2, tenantId: 1, name: "bob", balance: 5 },
          { id: 3, tenantId: 2, name: "cleo", balance: 0 }
        ])
      )
    )
  })

  test("rows move from table to table in one statement [F72.5]", async () => {
    expect((await run(Database.all(move))).toSorted()).toEqual(["ann", "cleo"])
    expect(await balances()).toEqual([5])
    expect(await archived()).toEqual(["ann", "cleo"])
    expect(await run(Database.run(move))).toBe(0)
  })

  test("the rest of the statement sees the rows as they were [F72.5]", async () => {
    expect(await run(Database.all(beforeAndAfter))).toEqual([
      { before: 0, raised: null },
      { before: 5, raised: { id: 2, balance: 15 } },
      { before: 0, raised: null }
    ])
    expect(await balances()).toEqual([0, 15, 0])
  })

  test("two of them, and an upsert's rows, which are only the added", async () => {
    await run(Database.run(Query.insert(archive).values({ id: 1, name: "x", balance: 0 })))
    expect(await run(Database.all(onlyIds))).toEqual([8])
    expect(await archived()).toEqual(["x", "y"])
    const moved = Query.insert(archive)
      .fromSelect(
        Query.from(closed).select({
          id: closed.c.id.add(10),
          name: closed.c.name,
          balance: closed.c.balance
        })
      )
      .returning()
      .cte("moved")
    const names = Query.from(moved).orderBy(moved.c.id).select(moved.c.name).pipe(Query.writing)
    expect(await run(Database.all(names))).toEqual(["ann", "cleo"])
    expect(await balances()).toEqual([5])
  })

  test("what a constraint refuses is told, and nothing of the statement is done", async () => {
    await run(Database.run(Query.insert(archive).values({ id: 9, name: "ann", balance: 0 })))
    expect(await failure(Database.run(move))).toMatchObject({
      _tag: "UniqueViolation",
      table: "archive",
      columns: ["name"]
    })
    expect(await balances()).toEqual([0, 5, 0])
    const clash = Query.insert(archive)
      .values({ id: 9, name: "z", balance: 0 })
      .returning()
      .cte("z")
    const asked = Query.from(clash).select(clash.c.id).pipe(Query.writing)
    expect(await failure(Database.all(asked))).toMatchObject({
      _tag: "UniqueViolation",
      table: "archive",
      columns: ["id"]
    })
    const { ReadOnly } = Database
    const reading = Effect.provide(ReadOnly.all(asked), ReadOnly.layer)
    expect(await failure(reading)).toMatchObject({ _tag: "ReadOnly" })
  })

  test("under a policy hidden rows stay", async () => {
    const mine = [Policy.tenant("tenantId", 1, { byColumn: true })]
    expect(await run(Database.policed(mine, Database.all(move)))).toEqual(["ann"])
    expect(await balances()).toEqual([5, 0])
    const theirs = Query.update(accounts)
      .set({ tenantId: 2 })
      .where(accounts.c.id.eq(2))
      .returning()
      .cte("theirs")
    const asked = Query.from(theirs).select(theirs.c.id).pipe(Query.writing)
    expect(await failure(Database.policed(mine, Database.all(asked)))).toMatchObject({
      _tag: "PolicyViolation",
      table: "accounts"
    })
  })

  test("two parts over one table, each on rows of its own", async () => {
    expect(await run(Database.all(twice))).toEqual([{ n: 2 }])
    expect(await balances()).toEqual([15])
  })
})
