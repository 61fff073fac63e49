import {
  Column,
  Database,
  Entity,
  Expr,
  Fn,
  Query,
  sql,
  StatementError,
  Table,
  Type
} from "athanor"
import { capabilities } from "athanor/compile"
import { describe, expect, test } from "vitest"
import { dialects, engines, expectSql, refusalOf, textOf, useDatabase } from "./support.ts"

const people = Table.make("people", { id: Column.id(), name: Column.text() })
/** No key and nothing that must have a value: its rows repeat and may be all null. */
const visits = Table.make("visits", {
  person: Column.integer().nullable(),
  place: Column.text().nullable()
})
const orders = Table.make("orders", {
  id: Column.id(),
  buyerId: Column.integer().references(() => people.c.id),
  total: Column.integer()
})
const transfers = Table.make("transfers", {
  id: Column.id(),
  payerId: Column.integer().references(() => people.c.id),
  payeeId: Column.integer().references(() => people.c.id)
})
class Team extends Entity<Team>()("teams", { id: Column.id(), name: Column.text() }) {}
class Player extends Entity<Player>()("players", {
  id: Column.id(),
  nick: Column.text(),
  teamId: Column.integer().nullable()
}) {
  static readonly team = this.belongsTo(() => Team)
}
const members = { people, visits, orders, transfers, Team, Player }

const { id, name } = people.c
const { person, place } = visits.c
const here = person.eq(id)

describe.each(engines)("joins on %s", (engine) => {
  const database = useDatabase(engine, members)
  const { agrees, failure } = database

  test("inner, left, right and cross joins give the oracle's rows [F65.2]", async () => {
    await database.fill(
      "people",
      ["Ann", "Bob", "Cid"].map((one) => ({ name: one }))
    )
    await database.fill("visits", [
      { person: 1, place: "a" },
      { person: 1, place: null },
      { person: null, place: null },
      { person: null, place: null },
      { person: 3, place: "a" },
      { person: 9, place: "b" }
    ])
    await database.fill("orders", [
      { buyerId: 1, total: 5 },
      { buyerId: 1, total: 7 },
      { buyerId: 2, total: 1 }
    ])
    const both = { people, visits }
    expect(await agrees(Query.from(people).join(visits, here).select(both))).toHaveLength(3)
    expect(await agrees(Query.from(people).leftJoin(visits, here).select(both))).toHaveLength(4)
    expect(await agrees(Query.from(people).rightJoin(visits, here).select(both))).toHaveLength(6)
    expect(await agrees(Query.from(people).crossJoin(visits).select(both))).toHaveLength(18)
    const three = Query.from(people)
      .leftJoin(visits, here)
      .rightJoin(orders, orders.c.buyerId.eq(id).and(place.isNull()))
      .select({ ...both, orders })
    expect(await agrees(three)).toHaveLength(3)
  })

  test("a condition before a right join holds before it", async () => {
    const query = Query.from(people)
      .where(name.ne("Ann"))
      .rightJoin(visits, here)
      .select({ name, place })
    expect(await agrees(query)).toHaveLength(6)
    expect(await agrees(query.where(name.isNotNull()))).toEqual([{ name: "Cid", place: "a" }])
  })

  test("a full join gives the matched and both unmatched sides [F65.4]", async () => {
    const full = Query.from(people).fullJoin(visits, here)
    const rows: ReadonlyArray<{
      people: { id: number; name: string } | null
      visits: { person: number | null; place: string | null } | null
      title: string
      has: boolean
    }> = await agrees(
      full.select({ people, visits, title: name.coalesce("-"), has: person.isNotNull() })
    )
    expect(rows).toHaveLength(7)
    expect(rows.filter((row) => row.people === null)).toHaveLength(3)
    expect(rows.filter((row) => row.visits === null)).toHaveLength(1)
    // A row of nulls is a row.
    expect(rows.filter((row) => row.visits?.place === null)).toHaveLength(3)
    await agrees(full.where(name.isNull()).select({ place }))
    await agrees(full.groupBy(place).select({ place, n: Fn.count(), named: Fn.count(name) }))
    await agrees(full.select({ name, place }).distinct().orderBy(name, place).limit(3))
    const uneven = Query.from(people).fullJoin(visits, person.gt(id))
    await agrees(uneven.select({ people, visits }))
    const filtered = Query.from(people).where(id.gt(1)).fullJoin(visits, here)
    expect(await agrees(filtered.select({ name, place }))).toHaveLength(7)
    const twice = full.fullJoin(orders, orders.c.buyerId.eq(id)).select({ name, place, orders })
    await agrees(twice)
  })

  const volatile = Query.from(visits)
    .select({ person, once: sql(Type.double)`random()` })
    .as("drawn")
  if (engine === "mariadb") {
    test("a full join that would ask a volatile side twice is refused", async () => {
      const limited = Query.from(visits).limit(2).as("limited")
      for (const [query, capability] of [
        [
          Query.from(people).fullJoin(volatile, volatile.c.person.eq(id)).select({ name }),
          "fullJoin"
        ],
        [Query.from(people).fullJoin(limited, limited.c.person.eq(id)).select({ name }), "fullJoin"]
      ] as const) {
        expect(await failure(Database.all(query))).toMatchObject({
          _tag: "Unsupported",
          capability
        })
      }
    })
  } else {
    test("a full join over a volatile side gives each row once [F65.5]", async () => {
      const query = Query.from(people)
        .fullJoin(volatile, volatile.c.person.eq(id))
        .select({ name, person: volatile.c.person, once: volatile.c.once })
      const rows = await database.all(query)
      expect(rows).toHaveLength(7)
      const drawn = rows.flatMap(({ once }) => (once === null ? [] : [once]))
      expect(new Set(drawn).size).toBe(6)
    })
  }

  test("ON is the one foreign key, none or several are refused [F65.6]", async () => {
    const buyers = await agrees(Query.from(orders).join(people).select({ name, orders }))
    expect(buyers.map((row) => row.name).toSorted()).toEqual(["Ann", "Ann", "Bob"])
    // In either direction, and for an alias.
    const o = Query.alias(orders, "o")
    expect(await agrees(Query.from(people).leftJoin(o).select({ name, o }))).toHaveLength(4)
    await agrees(Query.from(orders).rightJoin(people).select({ name, orders }))
    await agrees(Query.from(orders).fullJoin(people).select({ name, orders }))
    await agrees(Query.from(Player).leftJoin(Team).select({ Player, Team }))
    expect(() => Query.from(people).join(visits)).toThrow(StatementError)
    expect(() => Query.from(people).join(visits)).toThrow(/"visits" and "people"/)
    const payer = Query.from(transfers)
    expect(() => payer.join(people)).toThrow(StatementError)
    expect(() => payer.join(people)).toThrow(
      /2 foreign keys between "people" and "transfers".*\(payerId\).*\(payeeId\)/
    )
    expect(() => payer.join(people, undefined as never)).toThrow(/undefined is not an expression/)
  })

  const mine = Query.from(orders).correlate(people).where(orders.c.buyerId.eq(id))

  test("a lateral of one aggregated value, a scalar or an exists runs [F70.4]", async () => {
    const sums = mine.select({ total: Fn.sum(orders.c.total), n: Fn.count() }).as("sums")
    const all = Query.from(people).orderBy(id)
    expect(
      await agrees(all.joinLateral(sums).select({ name, total: sums.c.total, n: sums.c.n }))
    ).toEqual([
      { name: "Ann", total: 12, n: 2 },
      { name: "Bob", total: 1, n: 1 },
      { name: "Cid", total: null, n: 0 }
    ])
    const some = all.joinLateral(sums, sums.c.n.gt(0))
    expect(await agrees(some.select({ name, sums }))).toHaveLength(2)
    const kept: ReadonlyArray<{ name: string; sums: object | null }> = await agrees(
      all.leftJoinLateral(sums, sums.c.n.gt(1)).select({ name, sums })
    )
    expect(kept.map((row) => row.sums)).toEqual([{ total: 12, n: 2 }, null, null])
    const counts = Query.from(people).joinLateral(sums).where(sums.c.n.gt(0))
    await agrees(counts.groupBy(sums.c.n).select({ n: sums.c.n, people: Fn.count() }))
    const most = mine
      .having(Fn.count().gt(1))
      .select({ most: Fn.max(orders.c.total) })
      .as("most")
    expect(await agrees(all.joinLateral(most).select({ name, most: most.c.most }))).toEqual([
      { name: "Ann", most: 7 }
    ])
    await agrees(all.leftJoinLateral(most).select({ name, most }))
    const total = mine.select(Fn.sum(orders.c.total)).scalar()
    const one = Query.select({ n: Expr.value<number>(1, Type.integer) }).as("one")
    const scalars = Query.from(one)
      .correlate(people)
      .groupBy()
      .select({ total, has: mine.exists(), n: Fn.count() })
      .as("scalars")
    await agrees(all.joinLateral(scalars).select({ name, scalars }))
  })

  const above = mine.where(orders.c.total.gt(1)).select({ total: orders.c.total }).as("above")
  const every = Query.from(people).orderBy(id).joinLateral(above)
  const kept = Query.from(people).orderBy(id).leftJoinLateral(above)
  if (capabilities(engine).lateral) {
    test("a lateral join sees the columns to its left [F70.3]", async () => {
      expect(await agrees(every.select({ name, total: above.c.total }))).toHaveLength(2)
      expect(await agrees(kept.select({ name, above }))).toHaveLength(4)
      const top = mine.orderBy(orders.c.total.desc()).limit(1).as("top")
      expect(await agrees(Query.from(people).joinLateral(top).select({ name, top }))).toHaveLength(
        2
      )
      const more = kept.leftJoinLateral(
        Query.from(visits)
          .correlate(people)
          .correlate(above)
          .where(here)
          .select({ place, plus: above.c.total.add(1) })
          .as("more"),
        Expr.and()
      )
      await agrees(more.select({ name, above }))
    })
  } else {
    test("a lateral join of a query of several rows is refused", async () => {
      for (const query of [every.select({ name }), kept.select({ name, above })]) {
        expect(await failure(Database.all(query))).toMatchObject({
          _tag: "Unsupported",
          capability: "lateral"
        })
      }
    })
  }

  test("a lateral join of what is not correlated is a cross join", async () => {
    const all = Query.from(orders).select({ total: orders.c.total }).as("totals")
    expect(
      await agrees(Query.from(people).joinLateral(all).select({ name, total: all.c.total }))
    ).toHaveLength(9)
  })
})

describe("joins printed for mysql", () => {
  const both = { id, place }

  test("right, full, cross and lateral joins as each dialect says them", () => {
    const right =
      "SELECT people.id, visits.place FROM people RIGHT JOIN visits " +
      "ON visits.person = people.id"
    expectSql(Query.from(people).rightJoin(visits, here).select(both), {
      sqlite: right,
      postgres: right,
      mysql: right,
      mariadb: right
    })
    const full = right.replace("RIGHT", "FULL")
    const unionised =
      "SELECT q1.id, q1.place FROM (SELECT people.id, visits.place FROM people LEFT JOIN visits " +
      "ON visits.person = people.id UNION ALL SELECT CAST(NULL AS SIGNED) AS id, " +
      "visits.place FROM visits" +
      " WHERE NOT EXISTS (SELECT 1 FROM people WHERE visits.person = people.id)) AS q1"
    expectSql(Query.from(people).fullJoin(visits, here).select(both), {
      sqlite: full,
      postgres: full,
      mysql: unionised,
      mariadb: unionised
    })
    const uneven = Query.from(people).fullJoin(visits, person.gt(id)).select(both)
    expect(textOf(uneven, "postgres")).toBe(
      unionised.replaceAll(" = ", " > ").replace("CAST(NULL AS SIGNED)", "NULL::integer")
    )
    const cross = "SELECT people.id, visits.place FROM people CROSS JOIN visits"
    expectSql(Query.from(people).crossJoin(visits).select(both), {
      sqlite: cross,
      postgres: cross,
      mysql: cross,
      mariadb: cross
    })
    const n = Query.from(visits).correlate(people).where(here).select({ n: Fn.count() }).as("v")
    const native =
      "SELECT people.id, v.n FROM people CROSS JOIN LATERAL (SELECT count(*) AS n FROM visits " +
      "WHERE visits.person = people.id) AS v"
    const scalar =
      "SELECT q1.id, q1.n FROM (SELECT people.id, (SELECT count(*) AS c0 FROM visits " +
      "WHERE visits.person = people.id) AS n FROM people) AS q1"
    expectSql(Query.from(people).joinLateral(n).select({ id, n: n.c.n }), {
      sqlite: scalar,
      postgres: native,
      mysql: native,
      mariadb: scalar
    })
  })

  test("servers before RIGHT, FULL and LATERAL", () => {
    const old = capabilities("sqlite", [3, 38, 0])
    expect(textOf(Query.from(people).rightJoin(visits, here).select(both), old)).toBe(
      "SELECT people.id, visits.place FROM visits LEFT JOIN people ON visits.person = people.id"
    )
    expect(textOf(Query.from(people).fullJoin(visits, here).select(both), old)).toContain(
      "UNION ALL"
    )
    const all = Query.from(visits).correlate(people).where(here).as("v")
    const lateral = Query.from(people).joinLateral(all).select({ id, place: all.c.place })
    expect(refusalOf(lateral, capabilities("mysql", [8, 0, 13])).capability).toBe("lateral")
  })

  test("what a right or full join took back is asked for again", () => {
    for (const query of [
      Query.from(people).rightJoin(visits, here),
      Query.from(people).select({ name }).limit(1).fullJoin(visits, here)
    ]) {
      for (const dialect of dialects) expect(() => textOf(query, dialect)).toThrow(/select\(\)/)
    }
  })
})
