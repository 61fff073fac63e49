import {
  Column,
  Database,
  Entity,
  Expr,
  Fn,
  Policy,
  Query,
  StatementError,
  Table,
  Type
} from "athanor"
import { audit, capabilities } from "athanor/compile"
import * as Effect from "effect/Effect"
import { beforeEach, describe, expect, test } from "vitest"
import { engines, refusalOf, textOf, useDatabase } from "./support.ts"

const stock = Table.make("stock", {
  item: Column.integer().primaryKey(),
  n: Column.integer(),
  note: Column.varchar(20).nullable().serverDefault("new")
})
const moves = Table.make("moves", { item: Column.integer(), by: Column.integer() })
class Shelf extends Entity<Shelf>()("shelves", {
  id: Column.integer().primaryKey(),
  tenantId: Column.integer(),
  n: Column.integer(),
  version: Column.integer().version(),
  goneAt: Column.timestamp().nullable()
}) {}
const members = { stock, moves, Shelf }

const on = moves.c.item.eq(stock.c.item)
const into = Query.merge(stock).using(moves, on)
const applied = into
  .whenMatched(stock.c.n.add(moves.c.by).eq(0))
  .doDelete()
  .whenMatched(moves.c.by.eq(0))
  .doNothing()
  .whenMatched()
  .doUpdate({ n: stock.c.n.add(moves.c.by), note: Expr.byDefault() })
  .whenNotMatched(moves.c.by.gt(0))
  .doInsert({ item: moves.c.item, n: moves.c.by, note: "first" })
const rest = applied.whenNotMatchedBySource(stock.c.n.lt(10)).doUpdate({ note: "low" })
const back = applied.returning({ item: stock.c.item, n: stock.c.n })

const totals = Query.from(moves)
  .groupBy(moves.c.item)
  .select({ item: moves.c.item, by: Fn.sum(moves.c.by).coalesce(0).cast(Type.integer) })
const named = totals.cte("totals")
const fromNamed = Query.merge(stock)
  .using(named, named.c.item.eq(stock.c.item))
  .whenMatched(stock.c.n.gt(Expr.param("above", Type.integer)))
  .doUpdate({ n: named.c.by })

const text = `MERGE INTO stock USING moves ON moves.item = stock.item \
WHEN MATCHED AND stock.n + moves."by" = $1 THEN DELETE \
WHEN MATCHED AND moves."by" = $2 THEN DO NOTHING \
WHEN MATCHED THEN UPDATE SET n = stock.n + moves."by", note = DEFAULT \
WHEN NOT MATCHED AND moves."by" > $3 THEN INSERT (item, n, note) \
VALUES (moves.item, moves."by", $4)`

describe("a merge in words", () => {
  test("is said as it is, and refused by name where there is none", () => {
    expect(textOf(applied, "postgres")).toBe(text)
    expect(textOf(rest, "postgres")).toBe(
      `${text} WHEN NOT MATCHED BY SOURCE AND stock.n < $5 THEN UPDATE SET note = $6`
    )
    expect(textOf(back, "postgres")).toBe(`${text} RETURNING stock.item, stock.n`)
    const old = capabilities("postgres", [16, 2, 0])
    expect(textOf(applied, old)).toBe(text)
    expect(refusalOf(rest, old).capability).toBe("mergeBySource")
    expect(refusalOf(back, old).capability).toBe("mergeReturning")
    expect(refusalOf(applied, capabilities("postgres", [14, 9, 0])).capability).toBe("merge")
    for (const dialect of ["sqlite", "mysql", "mariadb"] as const)
      expect(refusalOf(applied, dialect).capability).toBe("merge")
  })

  test("what neither side has is found over an equation only", () => {
    const over = Query.merge(stock)
      .using(moves, moves.c.item.lt(stock.c.item))
      .whenNotMatched()
      .doInsert({ item: moves.c.item, n: 0 })
    expect(textOf(over, "postgres")).toMatch(/INSERT/)
    const both = over.whenNotMatchedBySource().doDelete()
    expect(refusalOf(both, "postgres").capability).toBe("fullJoinCondition")
  })

  test("a case that always holds ends those of its kind, said so or found so", () => {
    expect(() => into.whenMatched().doDelete().whenMatched()).toThrow(StatementError)
    const sure = into
      .whenMatched(stock.c.n.in([]).not())
      .doDelete()
      .whenMatched(stock.c.n.gt(1))
      .doNothing()
    expect(textOf(sure, "postgres")).toBe(
      "MERGE INTO stock USING moves ON moves.item = stock.item WHEN MATCHED THEN DELETE"
    )
  })

  test("a condition of nothing, no case, a key that must differ are StatementErrors", () => {
    const merge = Query.merge(stock)
    expect(() => merge.using(moves, Expr.and() as never)).toThrow(StatementError)
    expect(() => into.whenMatched(Expr.and() as never)).toThrow(StatementError)
    expect(() => into.whenNotMatched().doInsert({ n: 1 } as never)).toThrow(StatementError)
    expect(() => textOf(into as never, "postgres")).toThrow(StatementError)
    const keyed = Table.make("keyed", { id: Column.uuid().primaryKey().default(Column.uuid4) })
    const row = Query.merge(keyed).using(moves, moves.c.by.eq(1)).whenNotMatched()
    expect(() => row.doInsert({})).toThrow(StatementError)
    const alike = Query.merge(stock).using(stock, stock.c.n.eq(1)).whenMatched().doDelete()
    expect(() => textOf(alike, "postgres")).toThrow(StatementError)
  })

  test("its reads and writes are audited", () => {
    expect(audit(rest)).toEqual({
      reads: [
        { table: "moves", columns: ["item", "by"] },
        { table: "stock", columns: ["item", "n"] }
      ],
      writes: [
        { table: "stock", columns: ["item", "n", "note"], by: "insert" },
        { table: "stock", columns: ["n", "note"], by: "update" },
        { table: "stock", columns: [], by: "delete" }
      ],
      complete: true
    })
  })

  test("it reads in a console", () => {
    expect(String(into.whenMatched(stock.c.n.gt(1)).doDelete())).toBe(
      "MERGE stock USING moves ON moves.item = stock.item WHEN MATCHED AND stock.n > ? THEN DELETE"
    )
  })
})

describe.each(engines)("merges on %s", (engine) => {
  const { all, failure, run, sentBy } = useDatabase(engine, members)
  const version = () => run(Effect.map(Database, (one) => one.version[0]))

  if (engine !== "postgres") {
    test("a merge is refused before it is sent [F77.8]", async () => {
      for (const one of [Database.run(applied), Database.run(rest), Database.run(back)]) {
        expect(await failure(one)).toMatchObject({ _tag: "Unsupported", capability: "merge" })
        expect(await sentBy(one)).toEqual([])
      }
    })
    return
  }

  const stored = () => all(Query.from(stock).orderBy(stock.c.item))
  const shelves = () =>
    all(
      Query.from(Shelf)
        .orderBy(Shelf.c.id)
        .select({ id: Shelf.c.id, n: Shelf.c.n, version: Shelf.c.version })
    )

  beforeEach(async () => {
    for (const table of [stock, moves, Shelf])
      await run(Database.run(Query.deleteFrom(table as typeof stock).everyRow()))
    await run(
      Database.run(
        Query.insert(stock).rows([1, 2, 3, 4].map((item) => ({ item, n: item * 5, note: "old" })))
      )
    )
    await run(
      Database.run(
        Query.insert(moves).rows([
          { item: 1, by: -5 },
          { item: 2, by: 7 },
          { item: 3, by: 0 },
          { item: 8, by: 9 },
          { item: 9, by: -9 }
        ])
      )
    )
  })

  test("each row does what the first of its cases says [F77.8]", async () => {
    expect(await run(Database.run(applied))).toBe(3)
    expect(await stored()).toEqual([
      { item: 2, n: 17, note: "new" },
      { item: 3, n: 15, note: "old" },
      { item: 4, n: 20, note: "old" },
      { item: 8, n: 9, note: "first" }
    ])
  })

  test("a query, by name and with a parameter, is a source", async () => {
    await run(Database.run(Query.insert(moves).values({ item: 2, by: 3 })))
    expect(await run(Database.run(fromNamed, { above: 9 }))).toBe(2)
    expect((await stored()).map(({ n }) => n)).toEqual([5, 10, 0, 20])
    const tree = Query.recursive(
      "tree",
      Query.select({ item: Expr.value(1, Type.integer) }),
      (own) =>
        Query.from(own)
          .where(own.c.item.lt(3))
          .select({ item: own.c.item.add(1) })
    )
    const up = Query.merge(stock)
      .using(tree, tree.c.item.eq(stock.c.item))
      .whenMatched()
      .doUpdate({ n: 1 })
    expect(await run(Database.run(up))).toBe(3)
    const other = Query.alias(stock, "other")
    const self = Query.merge(stock)
      .using(other, other.c.item.eq(stock.c.item.add(1)))
      .whenMatched()
      .doUpdate({ n: other.c.n })
    expect(await run(Database.run(self))).toBe(3)
    expect((await stored()).map(({ n }) => n)).toEqual([1, 1, 20, 20])
  })

  test("two rows of the source that change one row are an error, and nothing is done", async () => {
    await run(Database.run(Query.insert(moves).values({ item: 2, by: 3 })))
    const before = await stored()
    expect(await failure(Database.run(applied))).toMatchObject({
      _tag: "SyntaxOrUndefined"
    })
    expect(await stored()).toEqual(before)
  })

  test("an entity's on-update values and its version are written", async () => {
    await run(
      Database.run(Query.insert(Shelf).rows([1, 2].map((id) => ({ id, tenantId: 1, n: 0 }))))
    )
    const filled = Query.merge(Shelf)
      .using(moves, moves.c.item.eq(Shelf.c.id))
      .whenMatched()
      .doUpdate({ n: moves.c.by })
      .whenNotMatched(moves.c.item.eq(3))
      .doInsert({ id: moves.c.item, tenantId: 1, n: 7 })
    expect(await run(Database.run(filled))).toBe(3)
    expect(await shelves()).toEqual([
      { id: 1, n: -5, version: 2 },
      { id: 2, n: 7, version: 2 },
      { id: 3, n: 7, version: 1 }
    ])
  })

  test("under policies a hidden row goes with nothing, and none is written outside", async () => {
    await run(
      Database.run(
        Query.insert(Shelf).rows([
          { id: 1, tenantId: 1, n: 0 },
          { id: 2, tenantId: 2, n: 0 }
        ])
      )
    )
    const mine = [
      Policy.tenant("tenantId", 1, { byColumn: true }),
      Policy.softDelete("goneAt", { byColumn: true })
    ]
    const merge = Query.merge(Shelf).using(moves, moves.c.item.eq(Shelf.c.id))
    const touched = merge.whenMatched().doUpdate({ n: 9 })
    expect(await run(Database.policed(mine, Database.run(touched)))).toBe(1)
    const added = merge
      .whenNotMatched(moves.c.item.gt(7))
      .doInsert({ id: moves.c.item, tenantId: moves.c.by, n: 1 })
    expect(await failure(Database.policed(mine, Database.run(added)))).toMatchObject({
      _tag: "PolicyViolation"
    })
    const given = merge
      .whenNotMatched(moves.c.item.eq(8))
      .doInsert({ id: moves.c.item, tenantId: 1, n: 1 })
      .whenMatched()
      .doDelete()
    expect(await run(Database.policed(mine, Database.run(given)))).toBe(2)
    expect(await shelves()).toHaveLength(3)
    expect(await run(Database.policed(mine, Database.count(Query.from(Shelf))))).toBe(1)
    if ((await version()) < 17) return
    const rest = merge.whenNotMatchedBySource().doDelete()
    await run(Database.run(Query.deleteFrom(moves).everyRow()))
    expect(await run(Database.policed(mine, Database.run(rest)))).toBe(1)
    expect((await shelves()).map(({ id }) => id)).toEqual([1, 2, 8])
  })

  test("rows the source lacks, and what was done, where the server can [F77.8]", async () => {
    if ((await version()) < 17) {
      for (const [one, capability] of [
        [Database.run(rest), "mergeBySource"],
        [Database.run(back), "mergeReturning"]
      ] as const) {
        expect(await failure(one)).toMatchObject({ _tag: "Unsupported", capability })
        expect(await sentBy(one)).toEqual([])
      }
      return
    }
    const rows = await run(Database.all(back))
    expect(rows.toSorted((a, b) => a.item - b.item)).toEqual([
      { item: 1, n: 5 },
      { item: 2, n: 17 },
      { item: 8, n: 9 }
    ])
    await run(Database.run(Query.insert(stock).values({ item: 7, n: 1 })))
    const low = Query.merge(stock)
      .using(moves, on)
      .whenNotMatchedBySource(stock.c.n.lt(10))
      .doUpdate({ note: "low" })
      .whenNotMatchedBySource()
      .doDelete()
    expect(await run(Database.all(low.returning(stock.c.item)))).toHaveLength(2)
    expect((await stored()).map(({ item, note }) => [item, note])).toEqual([
      [2, "new"],
      [3, "old"],
      [7, "low"],
      [8, "first"]
    ])
  })
})
