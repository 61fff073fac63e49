import { Column, Query, Table, Type } from "athanor"
import { describe, expect, test } from "vitest"
import { refusalOf, textOf } from "./support.ts"

const t = Table.make("t", {
  id: Column.id(),
  a: Column.integer(),
  b: Column.integer().nullable()
})
const u = Table.make("u", { id: Column.id(), tId: Column.integer() })
const ts = Query.from(t).select({ x: t.c.b })
const us = Query.from(u).select({ x: u.c.tId })
const one = Query.from(t).where(t.c.id.eq(1)).select(t.c.id)
const both = Query.from(t).join(u, u.c.tId.eq(t.c.id)).select(t.c.id)
const ofT = "SELECT t.b AS x FROM t"
const ofU = "SELECT u.t_id AS x FROM u"
const oneT = "SELECT t.id AS c0 FROM t WHERE t.id = ?"

/** What no server of the tests runs, as MySQL reads it. */
describe("sets, lists, locks and hints printed for mysql", () => {
  test("union, intersect and except [F73.1]", () => {
    expect(textOf(ts.union(us), "mysql")).toBe(`${ofT} UNION ${ofU}`)
    expect(textOf(ts.intersect(us), "mysql")).toBe(`${ofT} INTERSECT ${ofU}`)
    expect(textOf(ts.except(us), "mysql")).toBe(`${ofT} EXCEPT ${ofU}`)
  })
  test("union all, nested [F73.2]", () => {
    expect(textOf(ts.unionAll(us).unionAll(ts.unionAll(us)), "mysql")).toBe(
      [ofT, ofU, ofT, ofU].join(" UNION ALL ")
    )
  })
  test("intersect all and except all [F73.3]", () => {
    expect(textOf(ts.intersectAll(us), "mysql")).toBe(`${ofT} INTERSECT ALL ${ofU}`)
    expect(textOf(ts.exceptAll(us), "mysql")).toBe(`${ofT} EXCEPT ALL ${ofU}`)
  })

  test("a list in IN and as the rows of an insert [F74.3]", () => {
    const list = Query.values({ a: Type.integer, b: Type.integer }, [
      { a: 1, b: 2 },
      { a: 3, b: null }
    ])
    const rows =
      "SELECT CAST(? AS SIGNED) AS a, CAST(? AS SIGNED) AS b " +
      "UNION ALL SELECT CAST(? AS SIGNED) AS a, CAST(? AS SIGNED) AS b"
    const ids = Query.values({ a: Type.integer }, [{ a: 1 }, { a: 3 }])
    expect(textOf(Query.from(t).where(t.c.id.in(ids)).select(t.c.id), "mysql")).toBe(
      "SELECT t.id AS c0 FROM t WHERE t.id IN " +
        "(SELECT CAST(? AS SIGNED) AS a UNION ALL SELECT CAST(? AS SIGNED) AS a)"
    )
    expect(textOf(Query.insert(t).fromSelect(list), "mysql")).toBe(`INSERT INTO t (a, b) ${rows}`)
  })

  test("for update [F75.1]", () => {
    expect(textOf(one.lock(), "mysql")).toBe(`${oneT} FOR UPDATE`)
  })
  test("for share [F75.2]", () => {
    expect(textOf(one.lock("share"), "mysql")).toBe(`${oneT} FOR SHARE`)
  })
  test("nowait [F75.3]", () => {
    expect(textOf(one.lock("update", { wait: "nowait" }), "mysql")).toBe(
      `${oneT} FOR UPDATE NOWAIT`
    )
  })
  test("skip locked [F75.4]", () => {
    expect(textOf(one.lock("update", { wait: "skip locked" }), "mysql")).toBe(
      `${oneT} FOR UPDATE SKIP LOCKED`
    )
  })
  test("a lock of one table [F75.5]", () => {
    expect(textOf(both.lock("update", { of: [u] }), "mysql")).toBe(
      "SELECT t.id AS c0 FROM t JOIN u ON u.t_id = t.id FOR UPDATE OF u"
    )
  })
  test("the strengths of keys are refused [F75.6]", () => {
    expect(refusalOf(one.lock("key share"), "mysql").capability).toBe("keyLocks")
    expect(refusalOf(one.lock("no key update"), "mysql").capability).toBe("keyLocks")
  })

  test("a hint about an index [F76.1]", () => {
    const hinted = Query.from(t)
      .where(t.c.id.eq(1))
      .pipe(Query.indexHint(t, "force", ["t_a_idx"]))
      .select(t.c.id)
    expect(textOf(hinted, "mysql")).toBe(
      "SELECT t.id AS c0 FROM t FORCE INDEX (t_a_idx) WHERE t.id = ?"
    )
  })
  test("a hint to the optimiser, and a comment [F76.2]", () => {
    const hint = Query.optimizer({ mysql: Query.literal`MAX_EXECUTION_TIME(1000)` })
    expect(textOf(one.pipe(Query.comment("GET /t"), hint), "mysql")).toBe(
      `/* GET /t */ ${oneT.replace("SELECT", "SELECT /*+ MAX_EXECUTION_TIME(1000) */")}`
    )
  })
  test("a prefix and a suffix [F76.3]", () => {
    const words = one.pipe(
      Query.prefix({ mysql: Query.literal`SQL_NO_CACHE` }),
      Query.suffix({ mysql: Query.literal`PROCEDURE ANALYSE()` })
    )
    expect(textOf(words, "mysql")).toBe(
      `${oneT.replace("SELECT", "SELECT SQL_NO_CACHE")} PROCEDURE ANALYSE()`
    )
  })
})
