import { Catalog, Column, Database, Entity, Expr, Load, Query, Session, Table } from "athanor"
import { compile } from "athanor/compile"
import * as Effect from "effect/Effect"
import { beforeAll, describe, expect, expectTypeOf, test } from "vitest"
import { dialects, engines, type EngineName, useDatabase } from "./support.ts"

const papers = Table.make("papers", {
  id: Column.integer().primaryKey(),
  title: Column.varchar(40),
  body: Column.text().nullable().deferred(),
  filed: Column.integer().serverDefault(7).serverSet("insert")
})
const columns = {
  id: Column.id(),
  total: Column.integer(),
  number: Column.varchar(20).nullable().serverSet("insert"),
  changes: Column.integer().serverDefault(0).serverSet("update"),
  digest: Column.varchar(20).nullable().deferred().serverSet()
}
const bills = Table.make("bills", columns)
class Order extends Entity<Order>()("orders", columns) {}

const sets = `NEW.digest = concat('d', NEW.total)`
const triggers: Readonly<Record<EngineName, (table: string) => string>> = {
  sqlite: (t) => `CREATE TRIGGER ${t}_in AFTER INSERT ON ${t} BEGIN
      UPDATE ${t} SET number = 'n' || NEW.total, digest = 'd' || NEW.total WHERE id = NEW.id; END;
    CREATE TRIGGER ${t}_up AFTER UPDATE OF total ON ${t} BEGIN
      UPDATE ${t} SET changes = changes + 1, digest = 'd' || NEW.total WHERE id = NEW.id; END`,
  postgres: (t) => `CREATE FUNCTION ${t}_set() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF TG_OP = 'INSERT' THEN NEW.number := 'n' || NEW.total;
      ELSE NEW.changes := OLD.changes + 1; END IF;
      NEW.digest := 'd' || NEW.total; RETURN NEW; END $$;
    CREATE TRIGGER ${t}_set BEFORE INSERT OR UPDATE ON ${t}
      FOR EACH ROW EXECUTE FUNCTION ${t}_set()`,
  mariadb: (t) => `CREATE TRIGGER ${t}_in BEFORE INSERT ON ${t}
      FOR EACH ROW SET NEW.number = concat('n', NEW.total), ${sets};
    CREATE TRIGGER ${t}_up BEFORE UPDATE ON ${t}
      FOR EACH ROW SET NEW.changes = OLD.changes + 1, ${sets}`
}

test("what the server sets is in no insert, no update and no new value", () => {
  // @ts-expect-error the server sets it with each insert
  const given = () => Query.insert(bills).values({ total: 1, number: "a" })
  // @ts-expect-error and this one with each update
  const changed = () => Query.update(bills).set({ changes: 2 }).everyRow()
  // @ts-expect-error of an entity too
  const made = () => Order.make({ total: 1, digest: "a" })
  expect(given).toThrow('insert: "number" of "bills" is set by the server')
  expect(changed).toThrow('update: "changes" of "bills" is set by the server')
  expect(made).toThrow('Order.make: "digest" is set by the server')
  expect(() =>
    Table.make("twice", { n: Column.integer().serverSet("update").onUpdate(1) })
  ).toThrow("set by the server and by the client")
  expect(() => Table.make("twice", { n: Column.integer().default(1).serverSet() })).toThrow(
    "set by the server and by the client"
  )
  // What is set with updates alone, an insert gives; and the other way round.
  const once = Table.make("once", {
    id: Column.id(),
    a: Column.integer().serverSet("update"),
    b: Column.integer().nullable().serverSet("insert")
  })
  expect(Query.insert(once).values({ a: 1 }).node).toMatchObject({ columns: ["a"] })
  expect(Query.update(once).set({ b: 1 }).everyRow().node).toMatchObject({ columns: ["b"] })
})

test("a column the server has not, or not for this table, is refused", () => {
  const system = (name: keyof Expr.SystemColumns) =>
    Query.from(papers).select(Expr.system(papers, name))
  const refused = dialects.map((dialect) =>
    (["rowid", "ctid", "tableoid", "xmin", "cmax", "rowStart"] as const).filter(
      (name) => compile(system(name), dialect)._tag === "Refusal"
    )
  )
  expect(refused).toEqual([
    ["ctid", "tableoid", "xmin", "cmax", "rowStart"],
    ["rowid", "rowStart"],
    ["rowid", "ctid", "tableoid", "xmin", "cmax", "rowStart"],
    ["rowid", "ctid", "tableoid", "xmin", "cmax"]
  ])
  expect(compile(system("ctid"), "sqlite")).toMatchObject({ capability: "systemColumns" })
  const keyed = Table.make("keyed", { code: Column.text().primaryKey() }, undefined, {
    sqlite: { withoutRowid: true }
  })
  expect(() => Expr.system(keyed, "rowid")).toThrow('the rows of "keyed" have no rowid')
  const other = Table.make("other", { rowid: Column.text(), oid: Column.text() })
  expect(compile(Query.from(other).select({ n: Expr.system(other, "rowid") }), "sqlite")).toEqual(
    expect.objectContaining({ text: "SELECT other._rowid_ AS n FROM other" })
  )
  const all = Table.make("every", {
    a: Column.text().named("_ROWID_"),
    rowid: Column.text(),
    oid: Column.text()
  })
  expect(() => Expr.system(all, "rowid")).toThrow('columns of "every" take every name')
  const derived = Query.from(papers).as("derived")
  expect(() => Expr.system(derived, "rowid")).toThrow("only a base table")
})

describe.each(engines)("columns left out on %s", (engine) => {
  const members = { papers, bills, Order }
  const { all, failure, run, sentBy } = useDatabase(engine, members)
  beforeAll(async () => {
    for (const table of ["bills", "orders"]) await run(Database.script(triggers[engine](table)))
  })

  test("of rows, of inserts, of both, and are there by their names [F84.4]", async () => {
    await run(Database.run(Query.insert(papers).values({ id: 1, title: "a", body: "long" })))
    await run(Database.run(Query.insert(papers).values({ id: 2, title: "b" })))
    const rows = await all(Query.from(papers).orderBy(papers.c.id))
    expectTypeOf(rows).toEqualTypeOf<
      ReadonlyArray<{ readonly id: number; readonly title: string; readonly filed: number }>
    >()
    expect(rows).toEqual([
      { id: 1, title: "a", filed: 7 },
      { id: 2, title: "b", filed: 7 }
    ])
    const { body, id } = papers.c
    const other = Query.alias(papers, "other")
    expect(await all(Query.from(other).where(other.c.body.eq("long")))).toEqual([rows[0]])
    expect(await all(Query.from(papers).select({ id, body }).orderBy(id))).toEqual([
      { id: 1, body: "long" },
      { id: 2, body: null }
    ])
    const added = Query.insert(papers).values({ id: 3, title: "c", body: "more" })
    const texts = await sentBy(Database.run(added))
    expect(texts.join()).not.toContain("filed")
  })

  const own = {
    sqlite: { rowid: 5n },
    postgres: { ctid: "(0,1)", cmin: 0n, xmax: 0n },
    mariadb: {}
  } as const

  test("the server's own are read beside a table's [F84.4]", async () => {
    const things = Table.make("things", {
      code: Column.varchar(9).primaryKey(),
      n: Column.integer()
    })
    await run(Database.create(Catalog.make({ things })))
    if (engine === "mariadb") await run(Database.script("ALTER TABLE things ADD SYSTEM VERSIONING"))
    await run(Database.run(Query.insert(things).values({ code: "a", n: 1 })))
    if (engine === "sqlite") await run(Database.script("UPDATE things SET rowid = 5"))
    for (const [name, value] of Object.entries(own[engine])) {
      const column = Expr.system(things, name as "ctid")
      const same = Query.from(things)
        .where(column.eq(value as string))
        .select({ column })
      expect(await all(same)).toEqual([{ column: value }])
    }
    const low = Query.alias(things, "low")
    if (engine === "postgres") {
      const written = Expr.system(things, "xmin")
      const [first] = await all(Query.from(things).select(written))
      await run(Database.run(Query.update(things).set({ n: 2 }).everyRow()))
      const kept = Query.update(things).set({ n: 3 }).where(written.eq(first!))
      expect(await run(Database.run(kept))).toBe(0)
      const renamed = Query.insert(things)
        .values({ code: "b", n: 1 })
        .returning({ at: Expr.system(things, "ctid"), of: Expr.system(things, "tableoid") })
      const back = await run(Database.one(renamed))
      const { c } = low
      const at = Expr.system(low, "ctid")
      expect(await all(Query.from(low).where(at.eq(back.at)).select(c.code))).toEqual(["b"])
      expect(back.of).toBeGreaterThan(16_383)
    }
    if (engine === "sqlite") {
      const at = Expr.system(low, "rowid")
      const joined = Query.from(things)
        .leftJoin(low, at.add(1n).eq(Expr.system(things, "rowid")))
        .select({ code: things.c.code, at })
      expect(await all(joined)).toEqual([{ code: "a", at: null }])
      const back = Query.insert(things).values({ code: "b", n: 1 })
      expect(await run(Database.one(back.returning(Expr.system(things, "rowid"))))).toBe(6n)
    }
    if (engine === "mariadb") {
      const [rowStart, rowEnd] = [Expr.system(things, "rowStart"), Expr.system(things, "rowEnd")]
      const [row] = await all(Query.from(things).select({ rowStart, rowEnd }))
      expect(String(row!.rowStart) > "2026").toBe(true)
      expect(String(row!.rowEnd)).toContain("2038-01-19T03:14:07.999999")
      const later = Query.from(things).where(rowEnd.gt(rowStart)).select(things.c.code)
      expect(await all(later)).toEqual(["a"])
      const bare = Query.from(papers).select(Expr.system(papers, "rowStart"))
      expect(await failure(Database.all(bare))).toMatchObject({ _tag: "SyntaxOrUndefined" })
    }
  })

  test("a trigger's values come back, or are read, or stay unloaded [F89.3]", async () => {
    const { changes, digest, id, number } = bills.c
    const add = Query.insert(bills).values({ total: 3 })
    if (engine === "sqlite") {
      expect(await failure(Database.one(add.returning()))).toMatchObject({
        _tag: "Unsupported",
        capability: "triggeredReturning"
      })
      // What an update alone sets is as the insert left it.
      expect(await run(Database.one(add.returning({ id, changes })))).toEqual({ id: 1, changes: 0 })
      const again = Query.insert(bills)
        .values({ total: 3 })
        .onConflict(id)
        .doUpdate({ total: 4 })
        .returning({ id, changes })
      expect(await failure(Database.one(again))).toMatchObject({ _tag: "Unsupported" })
    } else {
      const back = await run(Database.one(add.returning()))
      expect(back).toEqual({ id: 1, total: 3, number: "n3", changes: 0 })
      expect(await run(Database.one(add.returning({ digest })))).toEqual({ digest: "d3" })
      await run(Database.run(Query.deleteFrom(bills).where(id.gt(1))))
    }
    const change = Query.update(bills).set({ total: 4 }).where(id.eq(1))
    if (engine === "postgres")
      expect(await run(Database.one(change.returning({ changes, digest })))).toEqual({
        changes: 1,
        digest: "d4"
      })
    else await run(Database.run(change))
    expect(await all(Query.from(bills).select({ number, changes, digest }))).toEqual([
      { number: "n3", changes: 1, digest: "d4" }
    ])
  })

  test("a session has them back, reads them again, or leaves them [F89.3]", async () => {
    const selects: Array<number> = []
    const heard = <A, E, R>(effect: Effect.Effect<A, E, R>) => {
      selects.push(0)
      return Effect.provideService(effect, Database.Tap, ({ text }) => {
        if (text.startsWith("SELECT")) selects[selects.length - 1]! += 1
      })
    }
    const { again, early, first, late, second } = await run(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.add(Order.make({ total: 3 }))
          yield* Session.flush
          const first = yield* heard(Session.get(Order, 1))
          const early = yield* Session.one(Query.from(Order), Load.also(Order, ["digest"]))
          yield* Session.update(first, { total: 4 })
          yield* Session.flush
          const second = yield* heard(Session.get(Order, 1))
          const late = yield* Session.one(Query.from(Order), Load.also(Order, ["digest"]))
          const again = yield* Session.compute(second, { total: Order.c.total.add(1) })
          return { first, early, second, late, again }
        })
      )
    )
    // What RETURNING gives of an insert is known; what an update's trigger sets is asked for.
    expect(selects).toEqual([engine === "sqlite" ? 1 : 0, 1])
    expect(first).toMatchObject({ total: 3, number: "n3", changes: 0 })
    expect(Object.keys(first)).not.toContain("digest")
    expect(early.digest).toBe("d3")
    expect(second).toMatchObject({ total: 4, number: "n3", changes: 1 })
    expect(Object.keys(second)).not.toContain("digest")
    expect(late).toMatchObject({ total: 4, changes: 1, digest: "d4" })
    expect(again).toMatchObject({ total: 5, changes: 2 })
  })
})
