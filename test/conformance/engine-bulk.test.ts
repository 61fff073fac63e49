import { Catalog, Column, Database, Fn, ForeignKey, Query, Table } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { catalog, notes, users } from "./engine-schema.ts"
import { engines, place, type Program, program } from "./engine-support.ts"

/** A column of each kind, with values that texts of lists get wrong first. */
const kinds = Table.make("kinds", {
  id: Column.id(),
  at: Column.integer(),
  big: Column.bigint().nullable(),
  price: Column.numeric(10, 2).nullable(),
  ratio: Column.double().nullable(),
  label: Column.varchar(20).nullable(),
  body: Column.text().nullable(),
  done: Column.boolean().nullable(),
  bytes: Column.bytes().nullable(),
  uuid: Column.uuid().nullable(),
  made: Column.timestamp().nullable()
})

const texts = ["", "null", "NULL", '"', "\\", "{}", "a,b", "it's", "zwölf 🜁", "two\nlines"]

const kindOf = (at: number) => ({
  at,
  big: at % 3 === 0 ? null : 9_007_199_254_740_993n + BigInt(at),
  price: at % 4 === 0 ? null : BigDecimal.fromStringUnsafe(`${at % 1000}.25`),
  ratio: at % 5 === 0 ? null : at / 3,
  label: at % 11 === 0 ? null : texts[at % texts.length]!,
  body: at % 7 === 0 ? null : `${texts[at % texts.length]!}${at}`,
  done: at % 6 === 0 ? null : at % 2 === 0,
  bytes: at % 8 === 0 ? null : new Uint8Array([at % 256, 0, 255, 92]),
  uuid: at % 9 === 0 ? null : `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
  made: at % 10 === 0 ? null : DateTime.makeUnsafe(Date.UTC(2024, 1, 29, 1, 2, 3, at % 1000))
})

const many = Table.make("many", {
  id: Column.id(),
  a: Column.integer(),
  b: Column.varchar(40),
  c: Column.integer()
})

/** Rows that refer to rows of their own table. */
const chain = Table.make(
  "chain",
  { id: Column.integer().primaryKey(), after: Column.integer().nullable() },
  (c) => [ForeignKey.on([c.after], () => [c.id])]
)

/** Columns with names that every object inherits. */
const odd = Table.make("odd", {
  at: Column.integer(),
  note: Column.text().nullable(),
  constructor: Column.text().nullable(),
  toString: Column.text().nullable()
})

describe.each(engines)("rows by the thousand on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 2 } })
    await database.run(Database.create(catalog))
    await database.run(Database.create(Catalog.make({ kinds, many, chain, odd })))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })
  const count = (rows: number) => Array.from({ length: rows }, (_, at) => at)
  const empty = Database.transaction(
    Effect.andThen(
      Database.run(Query.deleteFrom(notes).everyRow()),
      Database.run(Query.deleteFrom(many).everyRow())
    )
  )

  test("a value of every kind is what it was, alone or one of thousands", async () => {
    const rows = count(2300).map(kindOf)
    expect(await database.run(Database.run(Query.insert(kinds).rows(rows)))).toBe(2300)
    const bulk = await database.run(Database.all(Query.from(kinds).orderBy(kinds.c.at)))
    await database.run(Database.run(Query.deleteFrom(kinds).everyRow()))
    await database.run(
      Database.transaction(
        Effect.forEach(rows.slice(0, 300), (row) => Database.run(Query.insert(kinds).values(row)))
      )
    )
    const single = await database.run(Database.all(Query.from(kinds).orderBy(kinds.c.at)))
    const bare = (all: typeof bulk) => all.map(({ id: _, ...row }) => row)
    expect(bare(single)).toEqual(bare(bulk).slice(0, 300))
    expect(bulk.map(({ body }) => body)).toEqual(rows.map(({ body }) => body))
    expect(bulk.map(({ big }) => big)).toEqual(rows.map(({ big }) => big))
  })

  test("100,000 rows: few statements, one transaction, one answer [F31.2 F31.6]", async () => {
    await database.run(empty)
    const rows = count(100_000).map((at) => ({ a: at, b: `row ${at}`, c: at % 7 }))
    const { texts, value } = await database.counting(Database.run(Query.insert(many).rows(rows)))
    expect(value).toBe(100_000)
    const inserts = texts.filter((text) => text.startsWith("INSERT"))
    expect(inserts).toHaveLength({ sqlite: 500, postgres: 20, mariadb: 100 }[engine])
    expect(new Set(inserts).size).toBe(1)
    expect(texts.filter((text) => text === "COMMIT")).toHaveLength(1)
    const totals = { count: Fn.count(), a: Fn.sum(many.c.a), keys: Fn.count(many.c.id) }
    expect(await database.run(Database.one(Query.from(many).select(totals)))).toEqual({
      count: 100_000,
      a: (100_000 * 99_999) / 2,
      keys: 100_000
    })
  })

  test("keys come back matched to the input, whatever their number [F31.1]", async () => {
    await database.run(empty)
    const rows = count(25_000).map((at) => ({ a: (at * 7919) % 25_013, b: `${at}`, c: at }))
    const back = await database.run(
      Database.all(
        Query.insert(many).rows(rows).returning({ id: many.c.id, c: many.c.c }).inOrder()
      )
    )
    expect(back.map(({ c }) => c)).toEqual(count(25_000))
    const stored = await database.run(Database.all(Query.from(many).orderBy(many.c.id)))
    expect(stored.map(({ id }) => id)).toEqual(back.map(({ id }) => id))
    expect(stored.map(({ a }) => a)).toEqual(rows.map(({ a }) => a))
  })

  test("one refused row leaves none of them, and the transaction goes on [F31.2]", async () => {
    await database.run(empty)
    const rows = count(12_000).map((id) => ({ id: id === 11_500 ? 3 : id }))
    const add = Database.run(Query.insert(notes).rows(rows))
    expect(await database.failure(add)).toMatchObject({
      _tag: "UniqueViolation",
      table: "notes",
      columns: ["id"],
      transaction: "ended"
    })
    expect(await database.run(Database.count(Query.from(notes)))).toBe(0)
    const inside = Database.transaction(
      Effect.gen(function* () {
        yield* Database.run(Query.insert(notes).values({ id: 3 }))
        const failure = yield* Effect.flip(Database.transaction(add))
        expect(failure).toMatchObject({ _tag: "UniqueViolation" })
        return yield* Database.count(Query.from(notes))
      })
    )
    expect(await database.run(inside)).toBe(1)
  })

  test("a value that cannot be stored is named by its row, and nothing is sent", async () => {
    await database.run(empty)
    const rows = count(500).map((at) => ({ a: at, b: at === 400 ? "x".repeat(41) : "", c: 0 }))
    expect(await database.failure(Database.run(Query.insert(many).rows(rows)))).toMatchObject({
      _tag: "EncodeFailed",
      path: "rows[400].b"
    })
  })

  test("a row refers to a later one of the same insert, as among few", async () => {
    const rows = count(6000).map((at) => ({ id: at + 1, after: at === 5999 ? null : at + 2 }))
    const add = (some: number) => Database.run(Query.insert(chain).rows(rows.slice(-some)))
    const added = (some: number) =>
      Effect.andThen(add(some), Database.run(Query.deleteFrom(chain).everyRow()))
    if (engine === "mariadb") {
      // InnoDB looks at each row as it comes.
      expect(await database.failure(added(3))).toMatchObject({ _tag: "ForeignKeyViolation" })
      return
    }
    expect(await database.run(added(3))).toBe(3)
    expect(await database.run(added(6000))).toBe(6000)
  })

  test("what a row inherits is none of its values, alone or one of many", async () => {
    class Own {
      readonly at: number
      constructor(at: number) {
        this.at = at
      }
      get note(): string {
        return "inherited"
      }
    }
    const rows = count(300).map((at) => new Own(at))
    // The types refuse a row whose `constructor` is no text, which is every object's.
    const into = (given: ReadonlyArray<object>) => Query.insert(odd).rows(given as never)
    for (const some of [1, 3, 300]) {
      await database.run(Database.run(into(rows.slice(0, some))))
      const stored = await database.run(Database.all(Query.from(odd).orderBy(odd.c.at)))
      expect(stored).toEqual(
        count(some).map((at) => ({ at, note: null, constructor: null, toString: null }))
      )
      await database.run(Database.run(Query.deleteFrom(odd).everyRow()))
    }
    const plain = count(300).map((at) => ({ at, ...(at % 2 === 0 ? { note: `${at}` } : {}) }))
    await database.run(Database.run(into(plain)))
    const stored = await database.run(Database.all(Query.from(odd).orderBy(odd.c.at)))
    expect(stored.map(({ note }) => note)).toEqual(plain.map(({ note }) => note ?? null))
    expect(stored.every((row) => row.toString === null && row.constructor === null)).toBe(true)
    expect(() => into([...plain, { at: 1, nothing: 2 }])).toThrow('"odd" has no column "nothing"')
    expect(() => into([...plain, {}])).toThrow('"odd" needs a value for "at"')
  })

  test("rows few and many hold what they were given, not what it becomes", async () => {
    await database.run(empty)
    for (const some of [99, 2000]) {
      const rows = count(some).map((at) => ({ a: at, b: "as given", c: 0 }))
      const add = Query.insert(many).rows(rows)
      for (const row of rows) row.b = "changed"
      expect(await database.run(Database.run(add))).toBe(some)
      expect(add.node.binds).toHaveLength(3 * some)
      expect(add.node.binds[3 * some - 2]!.value).toBe("as given")
    }
    const changed = Query.from(many).where(many.c.b.ne("as given"))
    expect(await database.run(Database.count(changed))).toBe(0)
  })

  test("a value refused in a later statement is named by its row, and no row stays", async () => {
    await database.run(empty)
    const rows = count(12_000).map((at) => ({
      a: at,
      b: at === 11_111 ? "x".repeat(41) : "",
      c: 0
    }))
    expect(await database.failure(Database.run(Query.insert(many).rows(rows)))).toMatchObject({
      _tag: "EncodeFailed",
      path: "rows[11111].b",
      transaction: "ended"
    })
    expect(await database.run(Database.count(Query.from(many)))).toBe(0)
  })

  test("upserts by the thousand change the rows that are there", async () => {
    await database.run(empty)
    await database.run(Database.run(Query.insert(notes).rows(count(4000).map((id) => ({ id })))))
    const proposed = count(6000).map((at) => ({ id: at + 1000, body: `n${at}` }))
    const save = Query.insert(notes)
      .rows(proposed)
      .onConflict(notes.c.id)
      .doUpdate({ body: Query.excluded(notes).c.body })
    expect(await database.run(Database.run(save))).toBe(6000)
    const named = Query.from(notes).where(notes.c.body.ne(""))
    expect(await database.run(Database.count(named))).toBe(6000)
    expect(await database.run(Database.count(Query.from(notes)))).toBe(7000)
  })

  test("what the client makes is made for each row; defaults are its own [F31.3]", async () => {
    const rows = count(1500).map((at) =>
      at % 2 === 0 ? { email: `${at}@x`, age: at } : { email: `${at}@x`, name: "odd" }
    )
    expect(await database.run(Database.run(Query.insert(users).rows(rows)))).toBe(1500)
    const stored = await database.run(Database.all(Query.from(users).orderBy(users.c.id)))
    expect(new Set(stored.map(({ token }) => token)).size).toBe(1500)
    const byEmail = new Map(stored.map((row) => [row.email, row]))
    expect(byEmail.get("4@x")).toMatchObject({ age: 4, name: null, role: "reader" })
    expect(byEmail.get("5@x")).toMatchObject({ age: 18, name: "odd", role: "reader" })
  })
})
