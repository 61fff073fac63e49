import {
  Catalog,
  Column,
  Database,
  Fn,
  LocalDate,
  Query,
  Rows,
  Session,
  sql,
  Table,
  Type
} from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { catalog, posts, users } from "./engine-schema.ts"
import { engines, place, type Program, program } from "./engine-support.ts"

const money = Table.make("money", {
  id: Column.integer().primaryKey(),
  amount: Column.numeric(10, 2),
  on: Column.date(),
  label: Column.varchar(20).nullable()
})

const odd = Table.exact("odd", {
  id: Column.integer().primaryKey(),
  ["__proto__"]: Column.varchar(20),
  constructor: Column.varchar(20),
  "two words": Column.varchar(20)
})

describe.each(engines)("results on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url)
    await database.run(
      Effect.gen(function* () {
        yield* Database.create(catalog)
        yield* Database.create(Catalog.make({ odd, money }))
        const rows = ["ada", "bob", "cy"].map((name) => ({ email: `${name}@x`, name }))
        const ids = yield* Database.all(Query.insert(users).rows(rows).returning(users.c.id))
        const titles = [1, 2, 3].map((n) => ({ title: `p${n}`, userId: ids[n === 3 ? 1 : 0]! }))
        yield* Database.run(Query.insert(posts).rows(titles))
      })
    )
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })
  const byName = Query.from(users).orderBy(users.c.name)

  test("a row is an ordinary object, its keys in the projection's order [F37.1]", async () => {
    const [row] = await database.run(
      Database.all(byName.select({ zeta: users.c.name, alpha: users.c.age, mid: users.c.email }))
    )
    expect(Object.keys(row!)).toEqual(["zeta", "alpha", "mid"])
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
    const { alpha, mid, zeta }: { zeta: string | null; alpha: number; mid: string } = row!
    expect([zeta, alpha, mid]).toEqual(["ada", 18, "ada@x"])
  })

  test("a nested statement asked again of other rows answers of those", async () => {
    const inner = Query.from(posts)
      .select({ userId: posts.c.userId, one: sql(Type.integer)`coalesce(${posts.c.id}, 0) * 0` })
      .as("inner_posts")
    const outer = Query.from(users)
      .leftJoin(inner, inner.c.userId.eq(users.c.id))
      .select({ name: users.c.name, zero: sql(Type.boolean)`(${inner.c.one} is null)` })
      .as("outer_users")
    const without = Database.all(
      Query.from(outer).where(outer.c.zero).orderBy(outer.c.name).select(outer.c.name)
    )
    expect(await database.run(without)).toEqual(["cy"])
    const emptied = Effect.gen(function* () {
      yield* Database.run(Query.deleteFrom(posts).everyRow())
      return yield* Effect.flatMap(without, Effect.fail)
    })
    // On the connection that has asked before; what is deleted comes back.
    const names = await database.run(Effect.flip(Database.transaction(emptied)))
    expect(names).toEqual(["ada", "bob", "cy"])
  })

  test("two columns of one name under two keys keep both values [F37.2]", async () => {
    const rows = await database.run(
      Database.all(
        Query.from(posts)
          .join(users, users.c.id.eq(posts.c.userId))
          .orderBy(posts.c.id)
          .select({ post: posts.c.id, user: users.c.id, again: posts.c.id })
      )
    )
    const ids = await database.run(Database.all(byName.select(users.c.id)))
    expect(rows.map(({ user }) => user)).toEqual([ids[0], ids[0], ids[1]])
    expect(rows.every(({ again, post }) => again === post)).toBe(true)
    expect(new Set(rows.map(({ post }) => post)).size).toBe(3)
  })

  test("`__proto__`, `constructor` and odd keys are own keys with values [F37.3]", async () => {
    const given = JSON.parse('{"id":1,"__proto__":"p","constructor":"c","two words":"w"}') as never
    await database.run(Database.run(Query.insert(odd).values(given)))
    const row = await database.run(Database.one(Query.from(odd)))
    expect(JSON.stringify(row)).toBe(JSON.stringify(given))
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
    const named = await database.run(
      Database.one(
        Query.from(odd).select({
          ["__proto__"]: odd.c.constructor,
          toString: odd.c["two words"],
          "a.b 'c' \"d\"": odd.c.id
        })
      )
    )
    expect(Object.entries(named)).toEqual([
      ["__proto__", "c"],
      ["toString", "w"],
      ["a.b 'c' \"d\"", 1]
    ])
  })

  test("a nested record is an object; an absent outer one is null as a whole [F37.5]", async () => {
    const rows = await database.run(
      Database.all(
        Query.from(users)
          .leftJoin(posts, posts.c.userId.eq(users.c.id))
          .orderBy(users.c.name, posts.c.id)
          .select({ user: { name: users.c.name, deep: { age: users.c.age } }, post: posts })
      )
    )
    expect(rows.map(({ post, user }) => [user.name, user.deep.age, post?.title ?? null])).toEqual([
      ["ada", 18, "p1"],
      ["ada", 18, "p2"],
      ["bob", 18, "p3"],
      ["cy", 18, null]
    ])
    expect(rows[3]!.post).toBe(null)
  })

  test("each verb gives what its name says [F38.1]", async () => {
    const named = (name: string) => Query.from(users).where(users.c.name.eq(name))
    const seen = await database.run(
      Effect.all({
        all: Database.all(byName),
        first: Database.first(byName),
        none: Database.first(named("zed")),
        one: Database.one(named("ada")),
        some: Database.oneOrNone(named("ada")),
        nobody: Database.oneOrNone(named("zed"))
      })
    )
    expect(seen.all).toHaveLength(3)
    expect(Option.getOrThrow(seen.first)).toEqual(seen.all[0])
    expect(seen.one).toEqual(seen.all[0])
    expect(Option.getOrThrow(seen.some)).toEqual(seen.all[0])
    expect([seen.none, seen.nobody]).toEqual([Option.none(), Option.none()])
  })

  test("`one` of none is NotFound; `one` and `oneOrNone` of two are RowCount [F38.2]", async () => {
    const none = Query.from(users).where(users.c.name.eq("zed"))
    const two = byName.limit(2)
    expect(await database.failure(Database.one(none))).toMatchObject({
      _tag: "NotFound",
      subject: "users"
    })
    const counted = { _tag: "RowCount" }
    expect(await database.failure(Database.one(two))).toMatchObject(counted)
    expect(await database.failure(Database.oneOrNone(two))).toMatchObject(counted)
  })

  test("one column alone is fetched as bare values [F38.4]", async () => {
    expect(await database.run(Database.all(byName.select(users.c.name)))).toEqual([
      "ada",
      "bob",
      "cy"
    ])
    expect(await database.run(Database.one(Query.from(users).select(Fn.count())))).toBe(3)
  })

  test("`count` and `exists` agree with `all` [F38.5]", async () => {
    const joined = Query.from(posts).join(users, users.c.id.eq(posts.c.userId))
    const queries = [
      byName,
      byName.limit(2),
      byName.limit(5).offset(2),
      byName.offset(3),
      byName.limit(0),
      Query.from(users).where(users.c.name.eq("zed")),
      joined.select({ name: users.c.name }).distinct(),
      joined.groupBy(users.c.name).select({ name: users.c.name, posts: Fn.count() }),
      joined.groupBy(users.c.name).having(Fn.count().gt(1)).select({ name: users.c.name }),
      Query.from(users).where(users.c.age.gt(99)).select({ n: Fn.count() })
    ] as const
    for (const query of queries as ReadonlyArray<typeof byName>) {
      const rows = await database.run(Database.all(query))
      expect(await database.run(Database.count(query))).toBe(rows.length)
      expect(await database.run(Database.exists(query))).toBe(rows.length > 0)
    }
  })

  test("`first` asks for one row, and it is the first of `all` [F38.3]", async () => {
    // One row each that the server makes as it is read, and the second cannot be made.
    const bad = {
      sqlite: sql(Type.bigint)`abs(-9223372036854775807 - (${users.c.age} - 17))`,
      postgres: sql(Type.bigint)`(1 / (${users.c.age} - 18))::bigint`,
      mariadb: sql(Type.bigint)`(9223372036854775807 + ${users.c.age})`
    }[engine]
    const n = sql(Type.bigint)`case when ${users.c.name} = ${"ada"} then 1 else ${bad} end`
    const failing = byName.select({ n, name: users.c.name })
    expect(await database.failure(Database.all(failing))).toMatchObject({
      _tag: "ValueOutOfRange"
    })
    const unsorted = Query.from(users).where(users.c.name.lte("bob")).select({ n })
    expect(await database.failure(Database.all(unsorted))).toMatchObject({
      _tag: "ValueOutOfRange"
    })
    expect(Option.getOrThrow(await database.run(Database.first(unsorted)))).toEqual({ n: 1n })
    const joined = Query.from(posts).join(users, users.c.id.eq(posts.c.userId))
    const names = joined.select({ name: users.c.name }).orderBy(users.c.name.desc())
    const queries = [
      byName,
      byName.offset(1),
      byName.limit(2).offset(1),
      byName.limit(0),
      names,
      names.distinct(),
      byName
        .limit(1)
        .select({ name: users.c.name })
        .unionAll(byName.select({ name: users.c.name })),
      joined
        .groupBy(users.c.name)
        .select({ name: users.c.name, n: Fn.count() })
        .orderBy(users.c.name),
      Query.from(users).select({ n: Fn.count() }),
      Query.from(users).where(users.c.id.eq(1)),
      Query.from(names.limit(3).as("named")).select({ n: Fn.count() })
    ] as const
    for (const query of queries as unknown as ReadonlyArray<typeof byName>) {
      const rows = await database.run(Database.all(query))
      const { texts, value } = await database.counting(Database.first(query))
      expect(Option.getOrNull(value)).toEqual(rows[0] ?? null)
      const isOne = /LIMIT (1|\?|\$\d+)( OFFSET .*)?$|count\(\*\)|users.id = (\?|\$1)$/.test(
        texts.at(-1)!
      )
      expect([texts.at(-1), isOne]).toEqual([texts.at(-1), true])
    }
    if (engine !== "sqlite") {
      const locked = Database.first(byName.lock())
      expect(Option.isSome(await database.run(Database.transaction(locked)))).toBe(true)
    }
  })

  test("objects, tuples and bare values of one column hold the same [F39.1]", async () => {
    const rows = [1, 2, 3].map((id) => ({
      id,
      amount: BigDecimal.fromStringUnsafe(`${id}.50`),
      on: LocalDate.make(2024, 2, 28 + (id % 2)),
      label: id === 2 ? null : `l${id}`
    }))
    await database.run(Database.run(Query.insert(money).rows(rows)))
    const { c } = money
    const sorted = Query.from(money).orderBy(c.id)
    const objects = await database.run(
      Database.all(sorted.select({ id: c.id, amount: c.amount, on: c.on, label: c.label }))
    )
    const tuples = await database.run(Database.all(sorted.select([c.id, c.amount, c.on, c.label])))
    const first: readonly [number, BigDecimal.BigDecimal, unknown, string | null] = tuples[0]!
    expect(Array.isArray(first)).toBe(true)
    expect(tuples.map((one) => [...one])).toEqual(
      objects.map(({ amount, id, label, on }) => [id, amount, on, label])
    )
    const bare = <A>(query: Query.Statement<A> & { readonly node: (typeof sorted)["node"] }) =>
      database.run(Database.all(query))
    expect(await bare(sorted.select(c.amount))).toEqual(objects.map(({ amount }) => amount))
    expect(await bare(sorted.select(c.on))).toEqual(objects.map(({ on }) => on))
    expect(await bare(sorted.select(c.label))).toEqual(objects.map(({ label }) => label))
    // An outer-joined source in a tuple is a row of it or null as a whole, in its place.
    const joined = await database.run(
      Database.all(
        Query.from(users)
          .leftJoin(posts, posts.c.userId.eq(users.c.id))
          .orderBy(users.c.name, posts.c.id)
          .select([users.c.name, posts])
      )
    )
    expect(joined.map(([name, post]) => [name, post?.title ?? null])).toEqual([
      ["ada", "p1"],
      ["ada", "p2"],
      ["bob", "p3"],
      ["cy", null]
    ])
    const derived = sorted.select([c.id, c.label]).as("pairs")
    expect(await database.run(Database.all(Query.from(derived).where(derived.c[0].gt(2))))).toEqual(
      [[3, "l3"]]
    )
  })

  test("made unique by a key, rows keep the first and their order [F39.2]", async () => {
    const asked = Query.from(posts)
      .join(users, users.c.id.eq(posts.c.userId))
      .orderBy(posts.c.title.desc())
      .select({ title: posts.c.title, by: users.c.name, on: sql(Type.date)`${"2024-02-29"}` })
    const rows = await database.run(Database.all(asked))
    expect(Rows.uniqueBy(rows, ({ by }) => by).map(({ title }) => title)).toEqual(["p3", "p2"])
    // By value: each row has a date and a list of its own.
    expect(rows[0]!.on).not.toBe(rows[1]!.on)
    expect(Rows.uniqueBy(rows, ({ on }) => on)).toEqual([rows[0]])
    expect(Rows.uniqueBy(rows, ({ by, on }) => [by, on])).toEqual([rows[0], rows[1]])
    const again = await database.run(
      Effect.map(
        Database.all(asked),
        Rows.uniqueBy(({ title }) => title)
      )
    )
    expect(again).toEqual(rows)
    expect(Rows.uniqueBy([], () => 1)).toEqual([])
  })

  test("grouped by a key, rows keep their order within the group [F39.3]", async () => {
    const rows = await database.run(
      Database.all(
        Query.from(posts)
          .join(users, users.c.id.eq(posts.c.userId))
          .orderBy(posts.c.title.desc())
          .select({ title: posts.c.title, by: { name: users.c.name } })
      )
    )
    const titles = (group: typeof rows) => group.map(({ title }) => title)
    const groups = Rows.groupBy(rows, ({ by }) => by)
    expect(groups.map(([by, group]) => [by.name, titles(group)])).toEqual([
      ["bob", ["p3"]],
      ["ada", ["p2", "p1"]]
    ])
    const byName = new Map(Rows.groupBy(rows, ({ by }) => by.name))
    expect(titles(byName.get("ada")!)).toEqual(["p2", "p1"])
  })

  test("results are immutable arrays, read as often as one likes [F40.1]", async () => {
    const [rows, none] = await database.run(
      Effect.all([
        Database.all(byName.select(users.c.name)),
        Database.all(byName.where(users.c.name.eq("zed")))
      ])
    )
    expect(Array.isArray(rows)).toBe(true)
    for (const result of [rows, none] as ReadonlyArray<ReadonlyArray<unknown>>) {
      expect(() => (result as Array<unknown>).push("eve")).toThrow(TypeError)
      expect(() => ((result as Array<unknown>)[0] = "eve")).toThrow(TypeError)
    }
    expect(() => (rows as Array<unknown>).sort(() => -1)).toThrow(TypeError)
    const seen = [[...rows], rows.map((name) => name), [...rows.values()], rows.slice()]
    for (const one of seen) expect(one).toEqual(["ada", "bob", "cy"])
    expect(none).toEqual([])
    const streamed = await database.run(Stream.runCollect(Stream.chunks(Database.stream(byName))))
    expect(() => (streamed[0] as unknown as Array<unknown>).pop()).toThrow(TypeError)
  })

  test("SQL by hand that gives no rows is refused before it runs [F41.3]", async () => {
    await database.run(Database.script("create table if not exists hand (a integer)"))
    await database.run(Database.script("insert into hand (a) values (1)"))
    const a = Database.one(Query.raw({ a: Type.integer })`select max(a) as a from hand`)
    const columns = { a: Type.integer }
    const silent = [
      Query.raw(columns)`update hand set a = a + 1`,
      Query.raw(columns)`insert into hand (a) values (${7})`,
      Query.raw(columns)`create table hand2 (a integer)`
    ]
    const before = (await database.run(a)).a
    const stats = Effect.map(Database, ({ pool }) => pool.stats())
    const { closed } = await database.run(stats)
    for (const query of silent) {
      const asked = [
        Database.all(query),
        Database.one(query),
        Database.first(query),
        Database.oneOrNone(query),
        Stream.runDrain(Database.stream(query)),
        Database.transaction(Database.all(query))
      ]
      for (const one of asked)
        expect(
          await database.failure(one as Effect.Effect<unknown, unknown, Database>)
        ).toMatchObject({
          _tag: "DecodeFailed",
          expected: "a statement that gives rows"
        })
    }
    expect((await database.run(a)).a).toBe(before)
    // The transaction goes on, and so does the connection.
    const goesOn = Effect.andThen(Effect.flip(Database.all(silent[0]!)), a)
    expect((await database.run(Database.transaction(goesOn))).a).toBe(before)
    expect(await database.run(stats)).toMatchObject({ used: 0, closed })
    expect(await database.failure(Database.script("select a from hand2"))).toMatchObject({
      _tag: "SyntaxOrUndefined"
    })
    // Rows where rows are declared, from a command too.
    const { count, value } = await database.counting(
      Effect.all([a, Database.all(Query.raw(columns)`select a from hand where a = ${-1}`), a])
    )
    expect(value[1]).toEqual([])
    expect(count("select max")).toBe(2)
  })

  test("results concatenate in the type, and a row cannot be changed [F40.2]", async () => {
    const some = byName.select({ name: users.c.name })
    const rows = await database.run(Database.all(some))
    const more = await database.run(Database.all(some.limit(1)))
    const both: ReadonlyArray<{ readonly name: string | null }> = [...rows, ...rows.concat(more)]
    expect(both).toHaveLength(7)
    const change = () => {
      // @ts-expect-error a row is read only
      rows[0]!.name = "eve"
      // @ts-expect-error so is the list of them
      rows.push(rows[0]!)
    }
    expect(change).toBeTypeOf("function")
  })
})

describe("what gives no rows", () => {
  const command = Query.insert(users).values({ email: "eve@x" })
  const commands = [
    command,
    command.onConflict(users.c.email).doNothing(),
    Query.update(users).set({ name: "eve" }).everyRow(),
    Query.update(users).set({ name: "eve" }).where(users.c.id.eq(1)),
    Query.deleteFrom(users).everyRow()
  ]

  test("has no verbs that read rows in its type; returning gives them [F41.2 @all]", () => {
    const refused = () => {
      // @ts-expect-error no RETURNING
      void Database.all(command)
      // @ts-expect-error no RETURNING
      void Database.one(command.onConflict(users.c.email).doNothing())
      // @ts-expect-error no RETURNING
      void Database.oneOrNone(Query.update(users).set({ name: "eve" }).everyRow())
      // @ts-expect-error no RETURNING
      void Database.first(Query.deleteFrom(users).everyRow())
      // @ts-expect-error no RETURNING
      void Database.stream(Query.update(users).set({ name: "eve" }).where(users.c.id.eq(1)))
      // @ts-expect-error no RETURNING
      void Session.all(command)
      // @ts-expect-error a script has no rows
      void Effect.map(Database.script("select 1"), (rows) => rows.length)
    }
    expect(refused).toBeTypeOf("function")
    for (const one of commands) expect(Effect.isEffect(Database.run(one))).toBe(true)
    const given = [
      Database.all(command.returning(users.c.id)),
      Database.one(Query.update(users).set({ name: "eve" }).everyRow().returning()),
      Database.first(Query.deleteFrom(users).everyRow().returning({ id: users.c.id }))
    ]
    for (const one of given) expect(Effect.isEffect(one)).toBe(true)
  })
})

describe("results on sqlite", () => {
  test("`first` reads one row from the engine, not the second [F38.3]", async () => {
    const database = program("sqlite::memory:")
    const numbers = Query.from(
      Query.select({ n: sql(Type.integer)`1` })
        .unionAll(Query.select({ n: sql(Type.integer)`2` }))
        .as("numbers")
    )
    const failing = numbers.select({
      n: sql(Type.bigint)`case when n = 1 then 1 else abs(-9223372036854775807 - 1) end`
    })
    expect(await database.failure(Database.all(failing))).toMatchObject({
      _tag: "ValueOutOfRange"
    })
    const first = await database.run(Database.first(failing))
    expect(Option.getOrThrow(first)).toEqual({ n: 1n })
    await database.dispose()
  })
})
