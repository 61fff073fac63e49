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
import { compile, lint } from "athanor/compile"
import { Schema } from "effect"
import { describe, expect, test } from "vitest"
import { engines, expectSql, refusalOf, textOf, useDatabase } from "./support.ts"

const anything = Type.json(Schema.Unknown)
const orders = Table.make("orders", {
  id: Column.id(),
  items: Column.make(anything).nullable(),
  first: Column.integer().nullable(),
  last: Column.integer().nullable()
})
class Shop extends Entity<Shop>()("shops", { id: Column.id(), name: Column.text() }) {}
const members = { orders, Shop }

const documents = [
  { items: [{ sku: "a", n: 2 }, { sku: "b" }, "c", null], first: 1, last: 3 },
  { items: { k: 1, 'a"b': "x", A: true, "": null }, first: 3, last: 1 },
  { items: [], first: null, last: 2 },
  { items: null, first: 2, last: 2 },
  {
    items: [1, "1", 2.5, true, false, null, [1, [2]], { a: { b: "c" } }, 'é"\\😀'],
    first: -1,
    last: 4
  },
  { items: "text", first: 5, last: null }
]

describe.each(engines)("functions as tables on %s", (engine) => {
  const database = useDatabase(engine, members)
  const { agrees, all, run } = database
  const { first, id, items, last } = orders.c

  test("a series of numbers is a table [F62.2]", async () => {
    await database.fill("orders", documents)
    await database.fill("Shop", [{ name: "north" }, { name: "south" }])
    const rows = async (start: number, stop: number, step?: number) => {
      const n = Query.series(start, stop, step).as("n")
      return agrees(Query.from(n).orderBy(n.c.value).select(n.c.value))
    }
    expect(await rows(1, 4)).toEqual([1, 2, 3, 4])
    expect(await rows(-3, 6, 4)).toEqual([-3, 1, 5])
    expect(await rows(5, 1, -2)).toEqual([1, 3, 5])
    expect(await rows(4, 3)).toEqual([])
    expect(await rows(3, 4, -1)).toEqual([])
    expect(await rows(7, 7, 100)).toEqual([7])
    expect(await rows(2 ** 40, 2 ** 40 + 1)).toEqual([2 ** 40, 2 ** 40 + 1])
    const many = Query.series(1, 100_000).as("many")
    expect(
      await all(Query.from(many).select({ n: Fn.count(), sum: Fn.sum(many.c.value) }))
    ).toEqual([{ n: 100_000, sum: 5_000_050_000 }])
    const to = Expr.param("to", Type.integer)
    const named = Query.series(1, to).as("named")
    const asked = Query.from(named).select(named.c.value).orderBy(named.c.value)
    expect(await run(Database.all(asked, { to: 2 }))).toEqual([1, 2])
    expect(await run(Database.all(asked, { to: 0 }))).toEqual([])
    const n = Query.series(1, 3).as("n")
    const joined = Query.from(orders).join(n, n.c.value.eq(id)).select({ id, n: n.c.value })
    expect(await agrees(joined)).toHaveLength(3)
    const missing = Query.from(n)
      .leftJoin(orders, id.eq(n.c.value.add(4)))
      .select({ n, id })
    expect(await agrees(missing)).toHaveLength(3)
    const right = Query.from(orders)
      .rightJoin(n, n.c.value.eq(id.add(2)))
      .select({ id, n: n.c.value })
    expect(await agrees(right)).toHaveLength(3)
    const full = Query.from(orders)
      .fullJoin(n, n.c.value.eq(id.add(2)))
      .select({ id, n })
    expect(await agrees(full)).toHaveLength(8)
    const other = Query.series(2, 5).as("other")
    const both = Query.from(n).select(n.c.value).intersect(Query.from(other).select(other.c.value))
    expect((await agrees(both)).toSorted((x, y) => x - y)).toEqual([2, 3])
    const among = Query.from(orders)
      .where(id.in(Query.from(other).select(other.c.value)))
      .select(id)
    expect(await agrees(among)).toHaveLength(4)
    const cte = Query.from(n).select(n.c.value).cte("counted")
    expect(await agrees(Query.from(cte).select(Fn.max(cte.c.value)))).toEqual([3])
  })

  test("the elements of a list in a document are typed rows [F62.1]", async () => {
    const value = [{ a: 1, b: "x" }, { a: "1" }, null, 7, { b: "y", a: 2.5, c: { d: 1 } }]
    const given = Expr.value(value, anything)
    const one = Query.elements(given, { a: Type.integer, b: Type.text, c: anything }).as("one")
    const rows = await agrees(Query.from(one))
    expect(rows).toHaveLength(5)
    expect(rows).toContainEqual({ a: 1, b: "x", c: null })
    expect(rows).toContainEqual({ a: 2, b: "y", c: { d: 1 } })
    expect(rows.filter((row) => row.a === null)).toHaveLength(3)
    expect(await agrees(Query.from(one).where(one.c.b.gt("x")).select(one.c.a))).toEqual([2])
    for (const type of [Type.integer, Type.text, Type.boolean, Type.double]) {
      const each = Query.elements(Expr.value(documents[4]!.items, anything), type).as("each")
      expect(await agrees(Query.from(each))).toHaveLength(9)
    }
    const whole = Query.elements(Expr.value(documents[4]!.items, anything), anything)
    const each = whole.withOrdinality().as("each")
    const found = await agrees(Query.from(each).orderBy(each.c.ordinality).select(each.c.value))
    expect(found).toEqual(documents[4]!.items)
    for (const none of [null, "text", 5, { a: 1 }, []]) {
      const nothing = Query.elements(Expr.value(none, anything), Type.text).as("nothing")
      expect(await agrees(Query.from(nothing))).toEqual([])
    }
    const deep = Query.elements(
      Expr.value({ a: [{ b: [1, 2] }] }, anything)
        .at("a")
        .at(0)
        .at("b"),
      Type.integer
    ).as("deep")
    expect(await agrees(Query.from(deep).select(Fn.sum(deep.c.value)))).toEqual([3])
  })

  test("what an object has under its keys are rows [F62.1]", async () => {
    const given = Expr.value(documents[1]!.items, anything)
    const under = Query.entries(given, anything).as("under")
    expect(await agrees(Query.from(under))).toHaveLength(4)
    const key = async (asked: string) => {
      const query = Query.from(under).where(under.c.key.eq(asked)).select(under.c.value)
      return agrees(query)
    }
    expect(await key("k")).toEqual([1])
    expect(await key("a")).toEqual([])
    expect(await key("A")).toEqual([true])
    expect(await key('a"b')).toEqual(["x"])
    expect(await key("")).toEqual([null])
    const numbers = Query.entries(given, Type.integer).as("numbers")
    expect(await agrees(Query.from(numbers).where(numbers.c.value.isNotNull()))).toEqual([
      { key: "k", value: 1 }
    ])
    const nothing = Query.entries(Expr.value([1], anything), Type.text).as("nothing")
    expect(await agrees(Query.from(nothing))).toEqual([])
  })

  test("rows are joined to the row that feeds them [F62.3]", async () => {
    const item = Query.elements(items, { sku: Type.text, n: Type.integer }).as("item")
    const inner = Query.from(orders).joinLateral(item).select({ id, item })
    expect(await agrees(inner)).toHaveLength(13)
    const left = Query.from(orders)
      .leftJoinLateral(item)
      .select({ id, item, sku: item.c.sku })
      .orderBy(id)
    const rows = await agrees(left)
    expect(rows).toHaveLength(17)
    expect(rows.filter((row) => row.item === null).map((row) => row.id)).toEqual([2, 3, 4, 6])
    const some = Query.from(orders).leftJoinLateral(item, item.c.n.gt(1)).select({ id, item })
    expect(await agrees(some)).toHaveLength(6)
    const n = Query.series(first, last).as("n")
    const counted = Query.from(orders)
      .joinLateral(n)
      .select({ id, n: n.c.value })
      .orderBy(id, n.c.value)
    expect(await agrees(counted)).toEqual([
      { id: 1, n: 1 },
      { id: 1, n: 2 },
      { id: 1, n: 3 },
      { id: 4, n: 2 },
      ...[-1, 0, 1, 2, 3, 4].map((one) => ({ id: 5, n: one }))
    ])
    const totals = Query.from(orders)
      .leftJoinLateral(n)
      .groupBy(id)
      .select({ id, n: Fn.count(n.c.value), sum: Fn.sum(n.c.value) })
    expect(await agrees(totals)).toHaveLength(6)
    const entry = Query.entries(items, Type.text).as("entry")
    expect(
      await agrees(Query.from(orders).joinLateral(entry).select({ id, key: entry.c.key }))
    ).toHaveLength(4)
    const inside = Query.elements(items, anything).as("inside")
    const sizes = Query.from(orders).select({
      id,
      n: Query.from(inside).correlate(orders).select(Fn.count()).scalar()
    })
    expect(await agrees(sizes)).toHaveLength(6)
    const listed = Query.from(orders).joinLateral(inside)
    const nested = Query.elements(inside.c.value, Type.integer).as("nested")
    expect(await agrees(listed.joinLateral(nested).select({ id, n: nested.c.value }))).toHaveLength(
      2
    )
    const sorted = listed.where(id.eq(5)).select(inside.c.value).limit(3)
    expect(await all(sorted)).toHaveLength(3)
    const paged = Query.from(orders).orderBy(id.desc()).limit(2).joinLateral(item)
    expect(await agrees(paged.select({ id, sku: item.c.sku }))).toHaveLength(9)
  })

  test("rows carry their place [F62.4]", async () => {
    const numbered = Query.elements(Expr.value(["a", "b", "c"], anything), Type.text)
      .withOrdinality()
      .as("numbered")
    expect(await agrees(Query.from(numbered).orderBy(numbered.c.ordinality.desc()))).toEqual([
      { value: "c", ordinality: 3 },
      { value: "b", ordinality: 2 },
      { value: "a", ordinality: 1 }
    ])
    const steps = Query.series(10, 0, -5).withOrdinality().as("steps")
    expect(await agrees(Query.from(steps).orderBy(steps.c.ordinality))).toEqual([
      { value: 10, ordinality: 1 },
      { value: 5, ordinality: 2 },
      { value: 0, ordinality: 3 }
    ])
    const name = { sqlite: "json_each", postgres: "jsonb_array_elements" }
    const called = Query.call(name, { value: Type.integer }, [Expr.value([4, 5], anything)])
      .withOrdinality()
      .as("called")
    const query = Query.from(called).select(called.c.ordinality).orderBy(called.c.ordinality)
    if (engine === "postgres") expect(await all(query)).toEqual([1, 2])
    else {
      expect(await database.failure(Database.all(query))).toMatchObject({
        _tag: "Unsupported",
        // MariaDB has no functions of one's own whose rows could have places.
        capability: engine === "sqlite" ? "withOrdinality" : "tableFunctions"
      })
    }
  })

  test("a series longer than the server has room for is an error, never a short one", async () => {
    const most = Query.series(1, 2 ** 40).as("most")
    const query = Query.from(most).select(Fn.count())
    if (engine === "postgres") expect(textOf(query, engine)).toContain("generate_series")
    else expect(await database.failure(Database.all(query))).toHaveProperty("_tag")
  })

  test("records whose columns the caller declares are a source [F62.5]", async () => {
    const value = Expr.value([{ id: 1, name: "x" }, { id: 2 }], anything)
    const records = Query.call(
      "jsonb_to_recordset",
      { id: Type.integer, name: Type.text },
      [value],
      { declare: true, tables: [] }
    )
    const plain = records.as("records")
    const numbered = records.withOrdinality().as("numbered")
    const query = Query.from(plain).orderBy(plain.c.id)
    if (engine !== "postgres") {
      expect(await database.failure(Database.all(query))).toMatchObject({
        _tag: "Unsupported",
        capability: "recordFunctions"
      })
      return
    }
    expect(await all(query)).toEqual([
      { id: 1, name: "x" },
      { id: 2, name: null }
    ])
    expect(await all(Query.from(numbered).where(numbered.c.name.isNull()))).toEqual([
      { id: 2, name: null, ordinality: 2 }
    ])
  })

  test("an alias of each kind of source works alike [F70.6]", async () => {
    const list = Query.values({ id: Type.integer, name: Type.text }, [
      { id: 1, name: "north" },
      { id: 2, name: "south" }
    ])
    const sources = [
      Shop,
      Query.from(Shop).select({ id: Shop.c.id, name: Shop.c.name }).as("derived"),
      Query.from(Shop).select({ id: Shop.c.id, name: Shop.c.name }).cte("named"),
      list.as("listed"),
      Query.elements(
        Expr.value(
          [
            { id: 1, name: "north" },
            { id: 2, name: "south" }
          ],
          anything
        ),
        { id: Type.integer, name: Type.text }
      ).as("made")
    ] as const
    type Source = Query.From<string, unknown> & {
      readonly c: { readonly id: Expr.Expr<number, never>; readonly name: Expr.Expr<string, never> }
    }
    for (const source of sources as unknown as ReadonlyArray<Source>) {
      const a = Query.alias(source, "a")
      const b = Query.alias(source, "b")
      const query = Query.from(a).leftJoin(b, b.c.id.gt(a.c.id)).orderBy(a.c.id)
      expect(await agrees(query.select({ name: a.c.name, next: b.c.name }))).toEqual([
        { name: "north", next: "south" },
        { name: "south", next: null }
      ])
      const whole = await agrees(query.select({ a, b }))
      expect(whole[1]).toMatchObject({ a: { id: 2, name: "south" }, b: null })
      const beside = Query.from(source).join(a, a.c.id.eq(source.c.id)).where(a.c.name.eq("south"))
      expect(await agrees(beside.select({ id: source.c.id }))).toEqual([{ id: 2 }])
    }
  })
})

describe("functions as tables, when built or printed", () => {
  test("each server says the rows in its way", () => {
    const n = Query.series(1, 9, 2).as("n")
    const counted =
      "SELECT CAST(? AS SIGNED) + (n.ordinality - 1) * 2 AS c0 FROM json_table(coalesce(" +
      "concat('[', trim(TRAILING ',' FROM repeat('0,', (CAST(? AS SIGNED) - CAST(? AS SIGNED) " +
      "+ 2) DIV 2)), ']'), CASE WHEN (CAST(? AS SIGNED) - CAST(? AS SIGNED) + 2) DIV 2 > 0 " +
      "THEN 'too long' END), '$[*]' COLUMNS (ordinality FOR ORDINALITY)) AS n"
    expectSql(Query.from(n).select(n.c.value), {
      sqlite:
        "SELECT athanor_whole(? + n.\"key\" * 2, 64, 1) AS c0 FROM json_each('[' || rtrim(" +
        "replace(hex(zeroblob(athanor_whole(? - ? + 2, 64) / 2)), '00', '0,'), ',') || ']') AS n",
      postgres:
        'SELECT n."value" AS c0 FROM generate_series($1::bigint, $2::bigint, 2::bigint) ' +
        'AS n("value")',
      mysql: counted,
      mariadb: counted
    })
    const tag = Query.elements(orders.c.items, anything).as("tag")
    const listed = Query.from(orders).leftJoinLateral(tag).select({ value: tag.c.value })
    const table =
      "SELECT tag.`value` FROM orders LEFT JOIN json_table(CASE json_type(orders.items) " +
      "WHEN 'ARRAY' THEN orders.items END, '$[*]' COLUMNS (value JSON PATH '$')) AS tag ON TRUE"
    expectSql(listed, {
      sqlite:
        "SELECT CASE WHEN tag.type IN ('array', 'object') THEN tag.\"value\" WHEN tag.type IN " +
        "('true', 'false', 'null') THEN tag.type WHEN tag.type IS NOT NULL THEN " +
        'json_quote(tag."value") END AS "value" FROM orders LEFT JOIN json_each(CASE ' +
        "json_type(orders.items) WHEN 'array' THEN orders.items END) AS tag ON TRUE",
      postgres:
        'SELECT tag."value" FROM orders LEFT JOIN jsonb_array_elements(CASE ' +
        "jsonb_typeof(orders.items) WHEN 'array' THEN orders.items END) AS tag(\"value\") ON TRUE",
      mysql: table,
      mariadb: table
    })
  })

  test("a step of nothing and an end that is no whole number are refused", () => {
    expect(() => Query.series(1, 2, 0)).toThrow(StatementError)
    expect(() => Query.series(1, 2, 0.5)).toThrow(StatementError)
    expect(() => Query.series(1.5, 2)).toThrow(StatementError)
    expect(() => Query.series(1, Expr.value(2.5, Type.double))).toThrow(StatementError)
    expect(() => Query.elements(Expr.value("[]", Type.text), Type.text)).toThrow(StatementError)
    expect(() => Query.elements(Expr.value([], anything), {})).toThrow(StatementError)
    expect(() => Query.call("a b", Type.text, [])).toThrow(StatementError)
    expect(() => Query.call("f", { ordinality: Type.text }, [])).toThrow(StatementError)
    expect(() => Query.call("f", Type.text, [], { declare: true })).toThrow(StatementError)
  })

  test("arrays have rows on PostgreSQL", () => {
    const tag = Query.unnest(Expr.value(["a"], Type.array(Type.text)))
      .withOrdinality()
      .as("tag")
    expect(textOf(Query.from(tag), "postgres")).toBe(
      'SELECT tag."value", tag.ordinality FROM unnest($1::text[]) WITH ORDINALITY ' +
        'AS tag("value", ordinality)'
    )
    expect(refusalOf(Query.from(tag), "mariadb")).toMatchObject({ capability: "arrays" })
  })

  test("a function joined to its row is no product by mistake", () => {
    const item = Query.elements(orders.c.items, Type.text).as("item")
    expect(lint(Query.from(orders).joinLateral(item).select({ id: orders.c.id }))).toEqual([])
    expect(compile(Query.from(orders).joinLateral(item), "sqlite")._tag).toBe("Compiled")
  })
})

const bags = Table.make("bags", { id: Column.integer().primaryKey(), name: Column.text() })

describe.each(engines)("the rows of an array on %s", (engine) => {
  const { all, failure, fill, run } = useDatabase(engine, { bags })

  test("are its elements in their places, of none none [F106.5]", async () => {
    const type = Type.array(Type.text)
    const given = Expr.param("tags", type)
    const tag = Query.unnest(given).withOrdinality().as("tag")
    const rows = Query.from(tag).orderBy(tag.c.ordinality)
    const asked = (tags: ReadonlyArray<string>) => Database.all(rows, { tags })
    if (engine !== "postgres") {
      expect(await failure(asked(["b"]))).toMatchObject({
        _tag: "Unsupported",
        capability: "arrays"
      })
      return
    }
    expect(await run(asked(["b", "c", "a"]))).toEqual([
      { value: "b", ordinality: 1 },
      { value: "c", ordinality: 2 },
      { value: "a", ordinality: 3 }
    ])
    expect(await run(asked([]))).toEqual([])
    await fill("bags", [
      { id: 1, name: "x" },
      { id: 2, name: "y" }
    ])
    const each = Query.unnest(Expr.value([1, 2], Type.array(Type.integer))).as("each")
    const joined = Query.from(bags).crossJoin(each).where(each.c.value.eq(bags.c.id))
    expect(
      await all(joined.orderBy(bags.c.id).select({ name: bags.c.name, n: each.c.value }))
    ).toEqual([
      { name: "x", n: 1 },
      { name: "y", n: 2 }
    ])
  })
})

describe("composite values on postgres", () => {
  const database = useDatabase("postgres", {})
  const price = sql(Type.text)`ROW(${7}::integer, ${"z"})::price`
  const absent = sql(Type.text)`NULL::price`

  test("a field of a composite value is selected, filtered and sorted by [F62.6]", async () => {
    const { all, run } = database
    await run(Database.script(`CREATE TYPE price AS (amount integer, "In ""EUR""" text)`))
    await run(Database.script("CREATE TABLE offers (id integer, asked price)"))
    await run(
      Database.script(
        `INSERT INTO offers VALUES (1, (5, 'x')), (2, (9, NULL)), (3, NULL), (4, (7, 'y'))`
      )
    )
    const offers = Table.exact("offers", { id: Column.integer(), asked: Column.text().nullable() })
    const amount = Fn.field(offers.c.asked, "amount", Type.integer)
    const word = Fn.field(offers.c.asked, 'In "EUR"', Type.text)
    const from = Query.from(offers)
    expect(await all(from.orderBy(offers.c.id).select({ amount, word }))).toEqual([
      { amount: 5, word: "x" },
      { amount: 9, word: null },
      { amount: null, word: null },
      { amount: 7, word: "y" }
    ])
    const sorted = from.where(amount.gt(5)).orderBy(amount.desc()).select(offers.c.id)
    expect(await all(sorted)).toEqual([2, 4])
    const whole = from.groupBy(word).select({ word, n: Fn.sum(amount) })
    expect(await all(whole.orderBy(word))).toEqual([
      { word: null, n: 9 },
      { word: "x", n: 5 },
      { word: "y", n: 7 }
    ])
    const drawn = Query.select([
      Fn.field(price, "amount", Type.integer),
      Fn.field(absent, "amount", Type.integer)
    ])
    expect(await all(drawn)).toEqual([[7, null]])
    const strange = Fn.field(offers.c.asked, "nothing", Type.integer)
    expect(await database.failure(Database.all(from.select(strange)))).toMatchObject({
      _tag: "SyntaxOrUndefined"
    })
  })

  test("elsewhere there are none, and a name is a name", () => {
    const of = (name: string) => Query.select(Fn.field(price, name, Type.integer))
    for (const dialect of ["sqlite", "mysql", "mariadb"] as const)
      expect(refusalOf(of("amount"), dialect).capability).toBe("compositeTypes")
    for (const name of ["", "a\u0000b", 7 as never, undefined as never])
      expect(() => of(name)).toThrow("the field's name is no name")
  })
})
