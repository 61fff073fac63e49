import { Column, Database, Entity, Expr, Fn, Query, StatementError, Table } from "athanor"
import { describe, expect, test } from "vitest"
import { dialects, engines, expectSql, textOf, useDatabase } from "./support.ts"

const people = Table.make("people", {
  id: Column.id(),
  name: Column.text(),
  city: Column.text().nullable(),
  age: Column.integer().nullable()
})
class Team extends Entity<Team>()("teams", { id: Column.id(), name: Column.text() }) {
  get shout() {
    return this.name.toUpperCase()
  }
}
const rows = [
  { name: "Ada", city: "London", age: 36 },
  { name: "ada", city: null, age: null },
  { name: "Bob", city: "London", age: 20 },
  { name: "cid", city: "Paris", age: 36 },
  { name: "CID", city: null, age: 7 }
]
const { age, city, id, name } = people.c
const upper = Fn.upper(name)
const decade = age.quot(10)

describe.each(engines)("projections on %s", (engine) => {
  const database = useDatabase(engine, { people, Team })
  const { agrees, all } = database

  test("a projection is extended, and replaced [F65.8]", async () => {
    await database.fill("people", rows)
    await database.fill("Team", [{ name: "reds" }])
    const first = Query.from(people).orderBy(id).limit(1)
    const more = first.extend({ letters: Fn.length(name), both: { upper, id } })
    expect(await agrees(more)).toEqual([
      { id: 1, name: "Ada", city: "London", age: 36, letters: 3, both: { upper: "ADA", id: 1 } }
    ])
    const row: { readonly letters: number; readonly both: { readonly upper: string } } = (
      await database.run(Database.all(more))
    )[0]!
    expect(row.both.upper).toBe("ADA")
    // Law: extending is selecting both records at once; a select replaces all of it.
    const [a, b] = [{ name }, { n: decade }]
    expect(await all(Query.from(people).select(a).extend(b).orderBy(id))).toEqual(
      await all(
        Query.from(people)
          .select({ ...a, ...b })
          .orderBy(id)
      )
    )
    expect(await agrees(more.select({ name }))).toEqual([{ name: "Ada" }])
    expect(await agrees(more.select({ name }).extend({ city }))).toEqual([
      { name: "Ada", city: "London" }
    ])
    // Of an entity the columns stay, its class does not.
    const [team] = await database.run(
      Database.all(Query.from(Team).extend({ letters: Fn.length(Team.c.name) }))
    )
    expect(team).toEqual({ id: 1, name: "reds", letters: 4 })
    expect(team).not.toBeInstanceOf(Team)
  })

  test("every clause is extended alike [F65.8]", async () => {
    const grouped = Query.from(people).groupBy(city).select({ city })
    expect(await agrees(grouped.extend({ n: Fn.count() }).orderBy(city))).toEqual([
      { city: null, n: 2 },
      { city: "London", n: 2 },
      { city: "Paris", n: 1 }
    ])
    await agrees(
      Query.from(people)
        .select({ n: Fn.count() })
        .extend({ top: Fn.max(age) })
    )
    await agrees(
      Query.from(people)
        .select({ id })
        .extend({ place: Fn.rowNumber().over({ orderBy: [id] }) })
    )
    const cities = Query.from(people).select({ city }).distinct()
    expect(await all(cities.extend({ letters: Fn.length(city) }).orderBy(city))).toEqual([
      { city: null, letters: null },
      { city: "London", letters: 6 },
      { city: "Paris", letters: 5 }
    ])
    const other = Query.alias(people, "other")
    await agrees(
      Query.from(people)
        .select({ id })
        .leftJoin(other, other.c.id.eq(id.add(1)))
        .extend({ other, next: other.c.name })
    )
  })

  test("a projected key is sorted and grouped by its label, same rows [F67.5]", async () => {
    const plain = Query.from(people).orderBy(upper.desc(), id).select({ id })
    const ids = (await all(plain)) as ReadonlyArray<{ readonly id: number }>
    const labelled = Query.from(people).orderBy(upper.desc(), id).select({ id, upper })
    expect((await agrees(labelled)).map((one) => one.id)).toEqual(ids.map((one) => one.id))
    expect(textOf(labelled, engine)).toMatch(/ORDER BY upper DESC/)
    const grouped = Query.from(people)
      .groupBy(decade)
      .orderBy(Fn.count().desc(), decade.asc().nullsLast())
      .select({ decade, n: Fn.count() })
    expect(await agrees(grouped)).toEqual([
      { decade: 3, n: 2 },
      { decade: 0, n: 1 },
      { decade: 2, n: 1 },
      { decade: null, n: 1 }
    ])
    if (engine !== "mariadb") expect(textOf(grouped, engine)).toMatch(/GROUP BY decade/)
    expect(textOf(grouped, engine)).toMatch(/ORDER BY n DESC/)
  })

  test("a label that is a column's name is that column in GROUP BY [F67.5]", async () => {
    // Grouped by "city" the servers would take the column, and give five names their own rows.
    const query = Query.from(people).groupBy(upper).orderBy(upper).select({ city: upper })
    expect(await agrees(query)).toEqual([{ city: "ADA" }, { city: "BOB" }, { city: "CID" }])
    expect(textOf(query, engine)).not.toMatch(/GROUP BY city/)
    // In ORDER BY the label comes first, everywhere.
    const sorted = Query.from(people)
      .orderBy(age.mul(-1), id)
      .select({ age: age.mul(-1), id })
    expect((await agrees(sorted)).map((one) => one.age)).toEqual([null, -36, -36, -20, -7])
    const inner = Query.from(people)
      .correlate(Team)
      .where(Team.c.id.gt(0))
      .groupBy(Fn.lower(people.c.name))
      .orderBy(Fn.lower(people.c.name))
      .limit(1)
      .select({ shout: Fn.lower(people.c.name) })
    const outside = Query.from(Team).select({ first: inner.scalar() })
    // MariaDB groups by columns alone, and lends none to a derived table.
    if (engine === "mariadb")
      expect(await database.failure(Database.all(outside))).toMatchObject({ _tag: "Unsupported" })
    else expect(await all(outside)).toEqual([{ first: "ada" }])
  })

  test("what is drawn is drawn for the order too, and a window by its label [F67.5]", async () => {
    const drawn = Fn.random()
    expect(textOf(Query.from(people).orderBy(drawn).select({ id, drawn }), engine)).not.toMatch(
      /ORDER BY drawn/
    )
    const place = Fn.rowNumber().over({ orderBy: [age.desc().nullsLast(), id] })
    const query = Query.from(people).orderBy(place).select({ id, place })
    expect((await agrees(query)).map((one) => one.id)).toEqual([1, 4, 3, 5, 2])
    const last = Query.from(people).orderBy(decade.asc().nullsLast(), id).select({ id, decade })
    expect((await agrees(last)).map((one) => one.id)).toEqual([5, 3, 1, 4, 2])
    // Sliced, joined and counted afterwards, the order is the same.
    const sliced = Query.from(people).orderBy(upper.desc(), id).select({ id, upper }).limit(2)
    expect((await agrees(sliced)).map((one) => one.id)).toEqual([4, 5])
    const other = Query.alias(people, "other")
    await agrees(sliced.join(other, other.c.id.eq(id)).select({ a: id, b: other.c.id }))
    expect(await all(Query.from(Team).where(sliced.exists()).select(Team.c.id))).toEqual([1])
    await agrees(sliced.extend({ name }))
  })
})

test("labels as each dialect says them", () => {
  expectSql(
    Query.from(people).groupBy(decade).orderBy(decade.desc()).select({ decade, n: Fn.count() }),
    {
      sqlite:
        "SELECT people.age / ? AS decade, count(*) AS n FROM people GROUP BY decade " +
        "ORDER BY decade DESC",
      postgres:
        "SELECT people.age / nullif($1::integer, 0) AS decade, count(*) AS n FROM people " +
        "GROUP BY decade ORDER BY decade DESC NULLS LAST",
      mariadb:
        "SELECT q1.c0 AS decade, count(*) AS n FROM (SELECT people.age DIV " +
        "nullif(CAST(? AS SIGNED), 0) AS c0 FROM people) AS q1 GROUP BY q1.c0 ORDER BY q1.c0 DESC",
      mysql:
        "SELECT q1.c0 AS decade, count(*) AS n FROM (SELECT people.age DIV " +
        "nullif(CAST(? AS SIGNED), 0) AS c0 FROM people) AS q1 GROUP BY q1.c0 ORDER BY q1.c0 DESC"
    }
  )
})

test("what cannot be extended says why", () => {
  const from = Query.from(people)
  const refused: ReadonlyArray<readonly [() => unknown, string]> = [
    [() => from.extend({ name: upper }), 'extend: the row has "name": select replaces columns'],
    [() => from.select(name).extend({ upper }), "extend: the row is no record"],
    [() => from.select([name, age]).extend({ upper }), "extend: the row is no record"],
    [() => from.extend(Team as never), "extend: give a record of columns"],
    [() => from.extend(upper as never), "extend: give a record of columns"],
    [() => from.extend({}), "select : the record is empty"],
    [
      () =>
        from
          .leftJoin(Team, Expr.and())
          .select(Team as never)
          .extend({ upper }),
      "extend: the row is no record"
    ]
  ]
  for (const [make, message] of refused) {
    expect(make).toThrow(StatementError)
    expect(make).toThrow(message)
  }
  // What goes round the types, and names a source that is not there, is refused when it is built.
  for (const dialect of dialects)
    expect(() => textOf(from.extend({ team: Team.c.name } as never), dialect)).toThrow(/teams/)
})
