import { Column, Database, Expr, Fn, Query, StatementError, Table, Type } from "athanor"
import { capabilities } from "athanor/compile"
import { describe, expect, test } from "vitest"
import { dialects, engines, expectSql, refusalOf, textOf, useDatabase } from "./support.ts"

const people = Table.make("people", {
  id: Column.id(),
  name: Column.text(),
  age: Column.integer().nullable()
})
const guests = Table.make("guests", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(20).nullable()
})
const members = { people, guests }

const types = { id: Type.integer, name: Type.text, paid: Type.boolean, owed: Type.numeric(8, 2) }
const rows = [
  { id: 1, name: "Ann", paid: true, owed: null },
  { id: 2, name: null, paid: null, owed: null },
  { id: 2, name: "a longer name than the first", paid: false, owed: null }
]

describe.each(engines)("lists on %s", (engine) => {
  const database = useDatabase(engine, members)
  const { agrees, all, failure, run } = database

  test("a list of rows is a derived table, a CTE and a join partner [F74.1]", async () => {
    await database.fill("people", [
      { name: "Ann", age: 1 },
      { name: "Bob", age: null },
      { name: "Cid", age: 3 }
    ])
    const list = Query.values({ id: Type.integer, name: Type.text }, [
      { id: 1, name: "one" },
      { id: 3, name: "three" },
      { id: 3, name: "three" },
      { id: 9, name: "nine" }
    ])
    expect(await agrees(list)).toHaveLength(4)
    const v = list.as("v")
    expect(Object.keys(v.c)).toEqual(["id", "name"])
    await agrees(Query.from(v).where(v.c.id.gt(1)).orderBy(v.c.name).select(v.c.name))
    await agrees(Query.from(v).groupBy(v.c.id).select({ id: v.c.id, n: Fn.count() }))
    const joined = Query.from(people)
      .leftJoin(v, v.c.id.eq(people.c.id))
      .select({ name: people.c.name, v })
    expect(await agrees(joined)).toHaveLength(4)
    const full = Query.from(v).fullJoin(people, people.c.id.eq(v.c.id)).select({ v, people })
    expect(await agrees(full)).toHaveLength(5)
    const cte = list.cte("listed")
    const again = Query.alias(cte, "again")
    expect(
      await agrees(Query.from(cte).join(again, again.c.id.eq(cte.c.id)).select(cte.c.id))
    ).toHaveLength(6)
    expect(await agrees(list.distinct())).toHaveLength(3)
    expect(await agrees(list.unionAll(list).exceptAll(list))).toHaveLength(4)
    expect(await agrees(list.limit(2))).toHaveLength(2)
  })

  test("values keep their types, nulls among them [F74.2]", async () => {
    const list = Query.values(types, rows)
    expect(await agrees(list)).toEqual(rows)
    const v = list.as("v")
    expect(await agrees(Query.from(v).where(v.c.paid.isNull()).select(v.c.id))).toEqual([2])
    expect(
      await agrees(
        Query.from(v)
          .where(v.c.name.like("%longer%"))
          .select({ n: v.c.id.add(1) })
      )
    ).toEqual([{ n: 3 }])
    const values = {
      at: Type.timestamp(),
      day: Type.date,
      big: Type.bigint,
      half: Type.double,
      raw: Type.bytes
    }
    const made = Query.values(values, [
      {
        at: null,
        day: null,
        big: 9_007_199_254_740_993n,
        half: 0.5,
        raw: new Uint8Array([0, 255])
      },
      { at: null, day: null, big: null, half: null, raw: null }
    ])
    expect(await all(made)).toEqual([
      {
        at: null,
        day: null,
        big: 9_007_199_254_740_993n,
        half: 0.5,
        raw: new Uint8Array([0, 255])
      },
      { at: null, day: null, big: null, half: null, raw: null }
    ])
  })

  test("a list stands in IN, and gives the rows of an insert [F74.3]", async () => {
    const ids = Query.values({ id: Type.integer }, [{ id: 1 }, { id: 3 }])
    const { id, name } = people.c
    expect(await agrees(Query.from(people).where(id.in(ids)).orderBy(id).select(name))).toEqual([
      "Ann",
      "Cid"
    ])
    expect(await agrees(Query.from(people).where(id.in(ids).not()).select(name))).toEqual(["Bob"])
    const list = Query.values({ id: Type.integer, name: Type.varchar(20) }, [
      { id: 7, name: "Dora" },
      { id: 8, name: null }
    ])
    expect(await run(Database.run(Query.insert(guests).fromSelect(list)))).toBe(2)
    const v = list.as("v")
    const more = Query.from(v)
      .where(v.c.name.isNotNull())
      .select({ id: v.c.id.add(10), name: v.c.name })
    expect(await run(Database.run(Query.insert(guests).fromSelect(more)))).toBe(1)
    expect(await all(Query.from(guests).orderBy(guests.c.id))).toEqual([
      { id: 7, name: "Dora" },
      { id: 8, name: null },
      { id: 17, name: "Dora" }
    ])
  })

  test("an empty list has its types and no rows [F74.4]", async () => {
    const none = Query.values(types, [])
    expect(await agrees(none)).toEqual([])
    const v = none.as("v")
    const count = Query.from(v).select({ n: Fn.count(), most: Fn.max(v.c.id) })
    expect(await agrees(count)).toEqual([{ n: 0, most: null }])
    const left = Query.from(people).leftJoin(v, v.c.id.eq(people.c.id)).select({ v })
    expect(await agrees(left)).toEqual([{ v: null }, { v: null }, { v: null }])
    expect(await agrees(none.unionAll(Query.values(types, rows)))).toHaveLength(3)
    expect(
      await agrees(Query.from(people).where(people.c.id.in(Query.from(v).select(v.c.id))))
    ).toEqual([])
  })

  test("more values than a statement takes are refused typed [F74.5]", async () => {
    const many = (count: number) =>
      Query.values(
        { n: Type.integer },
        Array.from({ length: count }, (_, n) => ({ n }))
      )
    const most = capabilities(engine).maxParameters
    const error = await failure(Database.all(many(most + 1)))
    // A list said as one SELECT a row has a limit of rows before that of values.
    expect(error).toMatchObject(
      capabilities(engine).valuesRows
        ? { _tag: "TooManyParameters", count: most + 1, limit: most }
        : { _tag: "Unsupported", capability: "maxCompoundTerms" }
    )
    expect(await all(many(400))).toHaveLength(400)
    if (capabilities(engine).valuesRows) expect(await all(many(5000))).toHaveLength(5000)
  })

  test("every source takes an alias alike", async () => {
    const list = Query.values({ n: Type.integer }, [{ n: 1 }, { n: 2 }])
    const sources = [
      list.as("list"),
      list.cte("named"),
      Query.from(people).select({ n: people.c.id }).as("d")
    ]
    for (const source of sources) {
      const one = Query.alias(source as never, "one") as unknown as typeof source
      const two = Query.alias(source as never, "two") as unknown as typeof source
      const pairs = Query.from(one)
        .join(two, one.c.n.lt(two.c.n))
        .select({ a: one.c.n, b: two.c.n })
      expect((await agrees(pairs)).length).toBeGreaterThan(0)
    }
  })

  if (engine === "postgres") {
    test("a sample with a seed is the same twice [F70.5]", async () => {
      const some = (percent: number, method: "bernoulli" | "system", seed: number) =>
        Query.from(Query.sample(people, percent, { method, seed })).select(people.c.id)
      expect(await agrees(some(100, "bernoulli", 1))).toHaveLength(3)
      expect(await agrees(some(0, "system", 1))).toEqual([])
      const more = Array.from({ length: 8 }, (_, i) => ({ name: `n${i}`, age: i }))
      await run(Database.run(Query.insert(people).rows(more)))
      for (const method of ["bernoulli", "system"] as const) {
        const [one, two] = [await all(some(50, method, 7)), await all(some(50, method, 7))]
        expect(one).toEqual(two)
      }
      expect(await all(some(50, "bernoulli", 7))).not.toHaveLength(11)
    })
  } else {
    test("a sample is refused", async () => {
      const query = Query.from(Query.sample(people, 50)).select(people.c.id)
      expect(await failure(Database.all(query))).toMatchObject({
        _tag: "Unsupported",
        capability: "tableSample"
      })
    })
  }
})

describe("lists printed for mysql", () => {
  test("VALUES and TABLESAMPLE in each dialect's words", () => {
    const list = Query.values({ id: Type.integer, name: Type.text }, [
      { id: 1, name: "a" },
      { id: 2, name: "b" },
      { id: 3, name: null }
    ])
    const one = "SELECT CAST(? AS SIGNED) AS id, CAST(? AS CHAR) AS name"
    const selected = `${one} UNION ALL ${one} UNION ALL ${one}`
    expectSql(list, {
      sqlite: "SELECT ? AS id, ? AS name UNION ALL VALUES (?, ?), (?, ?)",
      postgres:
        "SELECT $1::integer AS id, $2::text AS name UNION ALL VALUES " +
        "($3::integer, $4::text), ($5::integer, $6::text)",
      mysql: selected,
      mariadb: selected
    })
    const sample = Query.from(Query.sample(people, 10, { seed: 4 })).select(people.c.id)
    expect(textOf(sample, "postgres")).toBe(
      "SELECT people.id AS c0 FROM people TABLESAMPLE BERNOULLI ($1::double precision) " +
        "REPEATABLE ($2::double precision)"
    )
    for (const dialect of ["sqlite", "mysql", "mariadb"] as const)
      expect(refusalOf(sample, dialect).capability).toBe("tableSample")
  })

  test("rows of other columns are refused when they are listed", () => {
    const id = { id: Type.integer }
    for (const wrong of [
      () => Query.values({}, []),
      () => Query.values(id, [{} as never]),
      () => Query.values(id, [{ id: undefined } as never]),
      () => Query.values(id, [{ id: 1, more: 2 } as never]),
      () => Query.sample(people, 101),
      () => Query.sample(people, Number.NaN),
      () => Query.sample(Query.select({ n: Expr.value(1, Type.integer) }).as("n") as never, 1)
    ])
      expect(wrong).toThrow(StatementError)
    expect(dialects).toHaveLength(4)
  })
})
