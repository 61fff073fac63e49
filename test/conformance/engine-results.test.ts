import { Catalog, Column, Database, Fn, Query, sql, Table, Type } from "athanor"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { catalog, posts, users } from "./engine-schema.ts"
import { engines, place, type Program, program } from "./engine-support.ts"

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
        yield* Database.create(Catalog.make({ odd }))
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
