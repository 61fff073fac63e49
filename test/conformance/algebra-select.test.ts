import { Column, Database, Entity, Expr, Fn, Query, StatementError, Table, Type } from "athanor"
import { describe, expect, test } from "vitest"
import { dialects, engines, expectSql, textOf, useDatabase } from "./support.ts"

const people = Table.make("people", {
  id: Column.id(),
  name: Column.text().nullable(),
  city: Column.text().nullable(),
  age: Column.integer().nullable()
})
/** No key and nothing that must have a value: its rows repeat and may be all null. */
const tags = Table.make("tags", {
  person: Column.integer().nullable(),
  label: Column.text().nullable()
})
/** Names that differ in case, and names like those the compiler makes. */
const clash = Table.exact("clash", {
  id: Column.id(),
  C1: Column.integer(),
  c2: Column.integer(),
  people: Column.integer()
})
const empty = Table.make("empty", { id: Column.id(), n: Column.integer() })

const longA = `${"x".repeat(300)}a`
const longB = `${"x".repeat(300)}b`

class Team extends Entity<Team>()("teams", { id: Column.id(), name: Column.text() }) {}
class Player extends Entity<Player>()("players", {
  id: Column.id(),
  nick: Column.text().nullable(),
  teamId: Column.integer().nullable()
}) {
  static readonly team = this.belongsTo(() => Team)
}
const members = { people, tags, clash, empty, Team, Player }

const rows = [
  { name: "Ada", city: "London", age: 36 },
  { name: "Bob", city: null, age: null },
  { name: null, city: "London", age: 20 },
  { name: "Cid", city: "Paris", age: 36 },
  { name: "Bob", city: null, age: null }
]
const labels = [
  { person: 1, label: "a" },
  { person: 1, label: null },
  { person: null, label: null },
  { person: 4, label: "a" },
  { person: 4, label: "a" }
]

describe.each(engines)("selects on %s", (engine) => {
  const database = useDatabase(engine, members)
  const { agrees, all, failure, run } = database
  const { age, city, id, name } = people.c

  test("columns, expressions, sources and records are projected together [F65.1]", async () => {
    await database.fill("people", rows)
    await database.fill("tags", labels)
    const query = Query.from(people)
      .leftJoin(tags, tags.c.person.eq(id))
      .select({
        who: people,
        tag: tags,
        deep: {
          label: tags.c.label,
          twice: { age: age.mul(2), n: Expr.value<number>(1, Type.integer) }
        }
      })
    const found: ReadonlyArray<{
      who: { id: number; name: string | null; city: string | null; age: number | null }
      tag: { person: number | null; label: string | null } | null
      deep: { label: string | null; twice: { age: number | null; n: number } }
    }> = await agrees(query)
    expect(found).toHaveLength(7)
    const one = query.where(name.eq("Ada").and(tags.c.label.eq("a")))
    expect(await agrees(one)).toEqual([
      {
        who: { id: 1, name: "Ada", city: "London", age: 36 },
        tag: { person: 1, label: "a" },
        deep: { label: "a", twice: { age: 72, n: 1 } }
      }
    ])
    expect(await agrees(Query.from(people).select(name))).toContain("Ada")
  })

  test("an absent row is null and a row of nulls is a row [F65.3]", async () => {
    const query = Query.from(people)
      .leftJoin(tags, tags.c.person.eq(id).or(id.eq(2).and(tags.c.person.isNull())))
      .select({ id, tag: tags, label: tags.c.label })
      .orderBy(id)
    const found: ReadonlyArray<{
      id: number
      tag: { label: string | null } | null
      label: string | null
    }> = await agrees(query)
    const tagOf = (person: number) => found.filter((row) => row.id === person).map((row) => row.tag)
    expect(tagOf(2)).toEqual([{ person: null, label: null }])
    expect(tagOf(3)).toEqual([null])
    expect(tagOf(5)).toEqual([null])
  })

  test("match filters an entity by record across to-one paths [F65.7]", async () => {
    const red = await run(
      Database.one(Query.insert(Team).values({ name: "red" }).returning({ id: Team.c.id }))
    )
    await run(
      Database.run(
        Query.insert(Player).rows([
          { nick: "a", teamId: red.id },
          { nick: null, teamId: red.id },
          { nick: "a", teamId: null }
        ])
      )
    )
    const players = Query.from(Player).orderBy(Player.c.id)
    const ids = async (query: typeof players) => (await all(query)).map((one) => one.id)
    expect(await ids(players.match({ nick: "a" }))).toEqual([1, 3])
    expect(await ids(players.match({ team: { name: "red" } }))).toEqual([1, 2])
    expect(await ids(players.match({ nick: null, team: { name: "red" } }))).toEqual([2])
    expect(await ids(players.match({ team: { name: "blue" } }))).toEqual([])
    for (const wrong of [{ nick: undefined }, { team: { name: undefined } }, { team: undefined }]) {
      expect(() => players.match(wrong as never)).toThrow(StatementError)
      expect(() => players.match(wrong as never)).toThrow(/undefined/)
    }
  })

  test("distinct removes equal rows, nulls equal, before order and limit [F66.1]", async () => {
    const pairs = Query.from(people).select({ name, city }).distinct()
    expect(await agrees(pairs)).toHaveLength(4)
    expect(await agrees(Query.from(tags).distinct())).toHaveLength(4)
    const ordered = Query.from(people).select({ city }).distinct().orderBy(city.desc())
    expect(await agrees(ordered)).toEqual([{ city: "Paris" }, { city: "London" }, { city: null }])
    expect(await agrees(ordered.limit(2))).toEqual([{ city: "Paris" }, { city: "London" }])
    expect(
      await agrees(Query.from(people).orderBy(id).limit(2).select({ age }).distinct())
    ).toHaveLength(2)
  })

  test("distinct on keeps the first row of those alike, by the order [F66.2]", async () => {
    const youngest = Query.from(people).orderBy(city, age, id).distinctOn(city)
    expect(await agrees(youngest.select(id))).toEqual([2, 3, 4])
    const oldest = Query.from(people).orderBy(city.desc(), age.desc().nullsLast(), id)
    expect(await agrees(oldest.distinctOn(city).select({ id, age }))).toEqual([
      { id: 4, age: 36 },
      { id: 1, age: 36 },
      { id: 2, age: null }
    ])
    const both = Query.from(people).orderBy(city, name, id).distinctOn(name, city)
    expect(await agrees(both.select({ id }))).toHaveLength(4)
    expect(await agrees(youngest.select(id).offset(1).limit(1))).toEqual([3])
    expect(await agrees(youngest.where(age.isNotNull()).select(id).orderBy(id.desc()))).toEqual([
      4, 3
    ])
    expect(await agrees(youngest.select(Fn.count()))).toEqual([3])
    const first = youngest.select({ id, city }).as("first")
    expect(await agrees(Query.from(first).where(first.c.city.eq("London")))).toHaveLength(1)
    const other = Query.alias(people, "other")
    const among = Query.from(other)
      .where(other.c.id.in(youngest.select(id)))
      .orderBy(other.c.id)
    expect(await agrees(among.select(other.c.id))).toEqual([2, 3, 4])
    const n = Fn.count()
    const groups = Query.from(people).groupBy(city, age).select({ city, n })
    expect(await agrees(groups.orderBy(city, n.desc(), age).distinctOn(city))).toEqual([
      { city: null, n: 2 },
      { city: "London", n: 1 },
      { city: "Paris", n: 1 }
    ])
    const lower = Fn.lower(name)
    expect(
      await agrees(Query.from(people).orderBy(lower, id).distinctOn(lower).select(id))
    ).toEqual([3, 1, 2, 4])
    const least = Query.from(people).select(age).distinct().orderBy(age)
    expect(await agrees(least.distinctOn(age))).toEqual([null, 20, 36])
  })

  test("a limit with ties gives the rows that sort as the last one [F68.4]", async () => {
    const byAge = Query.from(people).orderBy(age.desc().nullsLast()).select({ id, age })
    expect(await agrees(byAge.limit(1, { ties: true }))).toHaveLength(2)
    expect(await agrees(byAge.limit(3, { ties: true }))).toHaveLength(3)
    expect(await agrees(byAge.limit(4, { ties: true }))).toHaveLength(5)
    expect(await agrees(byAge.limit(0, { ties: true }))).toEqual([])
    expect(await agrees(byAge.offset(1).limit(2, { ties: true }).select(age))).toEqual([36, 20])
    expect(await agrees(byAge.offset(2).limit(0, { ties: true }))).toEqual([])
    expect(await agrees(byAge.offset(9).limit(1, { ties: true }))).toEqual([])
    const tied = byAge.limit(1, { ties: true })
    expect(await agrees(tied.limit(1).select(age))).toEqual([36])
    expect(await agrees(tied.offset(1).select(age))).toEqual([36])
    expect(await agrees(tied.where(id.gt(1)).select(id))).toEqual([4])
    expect(await agrees(tied.select(Fn.count()))).toEqual([2])
    expect(await agrees(byAge.limit(3).limit(1, { ties: true }))).toHaveLength(2)
    const last = Query.from(people).groupBy(city).orderBy(Fn.count()).select({ n: Fn.count() })
    expect(await agrees(last.limit(2, { ties: true }))).toHaveLength(3)
    expect(
      await agrees(Query.from(people).select(age).distinct().orderBy(age).limit(2, { ties: true }))
    ).toEqual([null, 20])
    const either = Query.from(people).select(age).unionAll(Query.from(people).select(age))
    expect(await agrees(either.orderBy(age).limit(1, { ties: true }))).toHaveLength(4)
    const n = Expr.param("n", Type.integer)
    const named = byAge.offset(Expr.param("from", Type.integer)).limit(n, { ties: true })
    expect(await run(Database.all(named.select(age), { n: 1, from: 2 }))).toEqual([20])
    expect(await run(Database.all(named, { n: 0, from: 1 }))).toEqual([])
    expect(await failure(Database.all(named, { n: -1, from: 0 }))).toMatchObject({
      _tag: "EncodeFailed"
    })
    expect(await failure(Database.all(named, { n: 1, from: 1.5 }))).toMatchObject({
      _tag: "EncodeFailed"
    })
  })

  test("a group is one row per distinct key, null a key of its own [F67.1]", async () => {
    const byCity = Query.from(people)
      .groupBy(city)
      .select({ city, n: Fn.count(), oldest: Fn.max(age) })
      .orderBy(city)
    expect(await agrees(byCity)).toEqual([
      { city: null, n: 2, oldest: null },
      { city: "London", n: 2, oldest: 36 },
      { city: "Paris", n: 1, oldest: 36 }
    ])
    const decade = age.quot(10)
    await agrees(Query.from(people).groupBy(decade).select({ decade, n: Fn.count() }))
    await agrees(
      Query.from(people)
        .groupBy(city, age.isNull())
        .select({ city, n: Fn.count(name), is: age.isNull() })
    )
    await agrees(
      Query.from(people)
        .groupBy(Fn.lower(city))
        .select({ n: Fn.count(name).distinct() })
    )
  })

  test("having filters groups, and where after groupBy is refused [F67.2]", async () => {
    const grouped = Query.from(people).groupBy(city)
    const many = grouped.having(Fn.count().gt(1)).select({ city })
    expect(await agrees(many)).toHaveLength(2)
    await agrees(many.having(city.isNotNull()))
    expect(() => grouped.where(age.gt(1))).toThrow(StatementError)
    expect(() => grouped.where(age.gt(1))).toThrow(/having/)
  })

  test("an ungrouped column outside an aggregate is refused by name [F67.3]", async () => {
    for (const key of ["age", "name"] as const) {
      const query = Query.from(people).groupBy(city).select({ one: people.c[key], n: Fn.count() })
      await expect(run(Database.all(query))).rejects.toThrow(StatementError)
      await expect(run(Database.all(query))).rejects.toThrow(key)
      expect(() => textOf(query, engine)).toThrow(StatementError)
    }
    const inside = Query.from(people)
      .groupBy(city)
      .select({ n: Fn.count(age), most: Fn.max(name) })
    await agrees(inside)
  })

  test("nulls come first or last as asked, in both directions [F67.4]", async () => {
    const orders = [
      [age.asc(), [null, null, 20, 36, 36]],
      [age.desc(), [36, 36, 20, null, null]],
      [age.asc().nullsLast(), [20, 36, 36, null, null]],
      [age.desc().nullsFirst(), [null, null, 36, 36, 20]],
      [age.asc().nullsFirst(), [null, null, 20, 36, 36]],
      [age.desc().nullsLast(), [36, 36, 20, null, null]]
    ] as const
    for (const [order, expected] of orders) {
      expect(await agrees(Query.from(people).orderBy(order, id.desc()).select(age))).toEqual(
        expected
      )
    }
    await agrees(
      Query.from(people).orderBy(city.desc().nullsFirst(), name.asc().nullsLast(), id).select(id)
    )
  })

  test("a group without keys is one row of nothing, with keys none [F67.6]", async () => {
    const of = Query.from(empty)
    expect(await agrees(of.select({ n: Fn.count(), top: Fn.max(empty.c.n) }))).toEqual([
      { n: 0, top: null }
    ])
    expect(await agrees(of.groupBy().select({ n: Fn.count() }))).toEqual([{ n: 0 }])
    expect(await agrees(of.groupBy(empty.c.n).select({ n: Fn.count() }))).toEqual([])
    expect(await agrees(of.having(Fn.count().eq(0)).select({ n: Fn.count() }))).toEqual([{ n: 0 }])
  })

  test("limit and offset take numbers and parameters, and compose [F68.1]", async () => {
    const ids = Query.from(people).orderBy(id).select(id)
    expect(await agrees(ids.limit(3).offset(1))).toEqual([2, 3])
    expect(await agrees(ids.offset(1).limit(3))).toEqual([2, 3, 4])
    expect(await agrees(ids.limit(4).limit(2))).toEqual([1, 2])
    expect(await agrees(ids.offset(1).offset(2))).toEqual([4, 5])
    expect(await agrees(ids.limit(2).offset(5))).toEqual([])
    const n = Expr.param("n", Type.integer)
    const from = Expr.param("from", Type.integer)
    const page = ids.offset(from).limit(n)
    expect(await run(Database.all(page, { n: 2, from: 1 }))).toEqual([2, 3])
    expect(await run(Database.all(ids.limit(n).offset(1), { n: 3 }))).toEqual([2, 3])
    expect(await run(Database.all(ids.limit(n).limit(2), { n: 3 }))).toEqual([1, 2])
  })

  test("offset without limit works, alone and inside [F68.2]", async () => {
    const ids = Query.from(people).orderBy(id).select({ id })
    expect(await agrees(ids.offset(3))).toEqual([{ id: 4 }, { id: 5 }])
    const rest = ids.offset(4).as("rest")
    expect(await agrees(Query.from(rest))).toEqual([{ id: 5 }])
  })

  test("a limit inside an IN subquery works [F68.6]", async () => {
    const youngest = Query.from(people).where(age.isNotNull()).orderBy(age, id).limit(2).select(id)
    const inner = Query.alias(people, "inner")
    const query = Query.from(inner)
      .where(inner.c.id.in(youngest))
      .orderBy(inner.c.id)
      .select(inner.c.id)
    expect(await agrees(query)).toEqual([1, 3])
  })

  test("a query of one value is a table whose column is called value", async () => {
    const ids = Query.from(people).orderBy(id).limit(2).select(id)
    const some = ids.as("some")
    expect(await agrees(Query.from(some).orderBy(some.c.value))).toEqual([1, 2])
    const named = ids.cte("named")
    expect(await agrees(Query.from(named).where(named.c.value.gt(1)))).toEqual([2])
  })

  test("columns of one name come back under their own keys [F69.1 F37.2]", async () => {
    const other = Query.alias(people, "other")
    const query = Query.from(people)
      .join(other, other.c.id.eq(id.add(1)))
      .orderBy(id)
      .limit(1)
      .select({ a: people.c.name, b: other.c.name, id, name: other.c.id })
    expect(await agrees(query)).toEqual([{ a: "Ada", b: "Bob", id: 1, name: 2 }])
    const whole = query.select({ people, other, both: { people, other } })
    expect((await agrees(whole))[0]!.both.other).toMatchObject({ id: 2, name: "Bob" })
  })

  test("labels that clash, differ in case or are too long never mix [F69.3]", async () => {
    await database.fill("clash", [{ C1: 1, c2: 2, people: 3 }])
    const { C1, c2 } = clash.c
    const query = Query.from(clash)
      .orderBy(c2)
      .select({
        c1: c2,
        C1,
        c2: C1,
        C2: clash.c.people,
        people: C1.add(10),
        id: c2.add(20),
        ID: clash.c.people,
        "c 1": C1.add(30),
        "": c2.add(40)
      })
    expect(await agrees(query)).toEqual([
      {
        c1: 2,
        C1: 1,
        c2: 1,
        C2: 3,
        people: 11,
        id: 22,
        ID: 3,
        "c 1": 31,
        "": 42
      }
    ])
    const long = Query.from(clash).select({ [longA]: C1, [longB]: c2 })
    expect(await agrees(long)).toEqual([{ [longA]: 1, [longB]: 2 }])
    const inner = query.as("Inner")
    const outer = Query.from(inner)
      .where(inner.c.C1.eq(1))
      .select({ C1: inner.c.c1, c1: inner.c.C1 })
    expect(await agrees(outer)).toEqual([{ C1: 2, c1: 1 }])
  })

  test("a limit of none gives none; what is no count is refused [F68.3]", async () => {
    expect(await agrees(Query.from(people).limit(0))).toEqual([])
    for (const wrong of [-1, 1.5, Number.NaN, Infinity, null, "2"]) {
      expect(() => Query.from(people).limit(wrong as number)).toThrow(StatementError)
      expect(() => Query.from(people).offset(wrong as number)).toThrow(StatementError)
    }
    const n = Expr.param("n", Type.integer)
    for (const wrong of [-1, 1.5, Number.NaN]) {
      for (const query of [Query.from(people).limit(n), Query.from(people).offset(n)]) {
        expect(await failure(Database.all(query, { n: wrong }))).toMatchObject({
          _tag: "EncodeFailed"
        })
      }
    }
  })
})

describe("selects, when built or printed", () => {
  const { age, city, name } = people.c

  test("order by what distinct lost is refused [F66.3 @all]", () => {
    const query = Query.from(people).select({ city }).distinct()
    expect(() => query.orderBy(age)).toThrow(StatementError)
    expect(() => Query.from(people).select({ city }).orderBy(age).distinct()).toThrow(
      StatementError
    )
    expect(() => query.orderBy(city)).not.toThrow()
  })

  test("distinctOn asks for an order that begins with its keys", () => {
    const query = Query.from(people)
    expect(() => query.distinctOn(city)).toThrow(StatementError)
    expect(() => query.orderBy(age, city).distinctOn(city)).toThrow(
      "distinctOn: orderBy does not begin with people.city"
    )
    expect(() => query.orderBy(city, age, name).distinctOn(city, name)).toThrow("people.name")
    expect(() => query.orderBy(city).distinctOn()).toThrow(StatementError)
    expect(() => query.orderBy(city, age).distinctOn(age, city)).not.toThrow()
  })

  test("ties ask for an order", () => {
    expect(() => Query.from(people).limit(1, { ties: true })).toThrow(/orderBy/)
    expect(() =>
      Query.from(people).orderBy(age).where(age.gt(1)).limit(1, { ties: true })
    ).not.toThrow()
  })

  test("first rows are said natively, or numbered", () => {
    const first = Query.from(people).orderBy(city, age.desc()).distinctOn(city).select({ age })
    const numbered =
      "SELECT q1.age FROM (SELECT people.city AS c1, people.age AS c2, row_number() OVER " +
      "(PARTITION BY people.city ORDER BY people.city, people.age DESC) AS c3, people.age " +
      "FROM people) AS q1 WHERE q1.c3 = 1 ORDER BY q1.c1, q1.c2 DESC"
    expectSql(first, {
      sqlite: numbered,
      postgres:
        "SELECT DISTINCT ON (people.city) people.age FROM people " +
        "ORDER BY people.city NULLS FIRST, people.age DESC NULLS LAST",
      mysql: numbered,
      mariadb: numbered
    })
    const tied = Query.from(people).orderBy(age).select(name).offset(1).limit(2, { ties: true })
    const ranked = (count: string) =>
      "SELECT q1.c0 FROM (SELECT people.age AS c1, rank() OVER (ORDER BY people.age) AS c2, " +
      "row_number() OVER (ORDER BY people.age) AS c3, people.name AS c0 FROM people) AS q1 " +
      `WHERE q1.c3 > ${count} AND q1.c2 <= ${count} + ${count} AND ${count} > 0 ORDER BY q1.c1`
    expectSql(tied, {
      sqlite: ranked("?"),
      postgres:
        "SELECT people.name AS c0 FROM people ORDER BY people.age NULLS FIRST " +
        "OFFSET $1 ROWS FETCH FIRST $2 ROWS WITH TIES",
      mysql: ranked("CAST(? AS SIGNED)"),
      mariadb:
        "SELECT people.name AS c0 FROM people ORDER BY people.age " +
        "OFFSET ? ROWS FETCH FIRST ? ROWS WITH TIES"
    })
  })

  test("a label is its key where it can be, else a made one, always the same [F69.2 @all]", () => {
    const build = () =>
      Query.from(people).select({ plain: name, "not plain": city, c7: age, A: age, in: { a: age } })
    for (const dialect of dialects) {
      const text = textOf(build(), dialect)
      expect(text).toBe(textOf(build(), dialect))
      expect(text).toBe(
        "SELECT people.name AS plain, people.city AS c1, people.age AS c2, people.age AS c3, " +
          "people.age AS c4 FROM people"
      )
    }
  })
})
