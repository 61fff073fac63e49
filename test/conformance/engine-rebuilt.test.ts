import { Catalog, Column, Database, Policy, Query, Table } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { Keyed, KeyedId, keyedOf } from "../../src/algebra/keyed.ts"
import type { StatementNode } from "../../src/algebra/Statement.ts"
import { engines, place, type Program, program } from "./engine-support.ts"

/** A command built again is found by its key where nobody listens: what comes of it is the same. */

const items = Table.make("rebuilt_items", {
  id: Column.integer().primaryKey(),
  tenantId: Column.integer(),
  code: Column.varchar(5).unique(),
  score: Column.smallint().default(7),
  note: Column.text().nullable()
})
const { id, score } = items.c
const catalog = Catalog.make({ items })

interface Item {
  readonly id: number
  readonly tenantId: number
  readonly code: string
  readonly score: number
  readonly note?: string
}

const item = (key: number, more: Partial<Item> = {}): Item => ({
  id: key,
  tenantId: 1,
  code: `c${key}`,
  score: 1,
  ...more
})
const add = (row: Item) => Database.run(Query.insert(items).values(row))
const change = (key: number, to: number) =>
  Database.run(Query.update(items).set({ score: to }).where(id.eq(key)))

describe.each(engines)("a command that is built again, on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  /** Nobody listens. */
  const run = <A, E>(effect: Effect.Effect<A, E, Database>) => database.runtime.runPromise(effect)
  const failure = <A, E>(effect: Effect.Effect<A, E, Database>) => run(Effect.flip(effect))
  const scores = () => run(Database.all(Query.from(items).orderBy(id).select(score)))

  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url)
    await run(Database.create(catalog))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  test("stores its own values and counts its own rows", async () => {
    for (const key of [1, 2, 3]) expect(await run(add(item(key)))).toBe(1)
    for (const key of [1, 2, 3]) expect(await run(change(key, key * 10))).toBe(1)
    expect(await run(change(9, 1))).toBe(0)
    expect(await scores()).toEqual([10, 20, 30])
    const some = (keys: ReadonlyArray<number>) =>
      Database.run(Query.update(items).set({ score: 5 }).where(id.in(keys)))
    expect(await run(some([1]))).toBe(1)
    expect(await run(some([1, 2, 3]))).toBe(3)
  })

  test("makes no node once its text is known", async () => {
    let made = 0
    const counted = (statement: { readonly node: StatementNode }) => {
      const { key, values } = keyedOf(statement)!
      const telling = {
        [KeyedId]: () => new Keyed(key, values, telling),
        get node() {
          made += 1
          return statement.node
        }
      }
      return Database.run(telling as unknown as ReturnType<typeof updating>)
    }
    const updating = (to: number) => Query.update(items).set({ score: to }).where(id.eq(1))
    await run(counted(updating(1)))
    await run(counted(Query.insert(items).values(item(31))))
    made = 0
    expect(await run(counted(updating(2)))).toBe(1)
    expect(await run(counted(Query.insert(items).values(item(32))))).toBe(1)
    expect(made).toBe(0)
    const reading = (key: number) => {
      const { key: told, values } = keyedOf(Query.from(items).where(id.eq(key)))!
      const telling = {
        [KeyedId]: () => new Keyed(told, values, telling),
        get node(): StatementNode {
          made += 1
          return Query.from(items).where(id.eq(key)).node
        }
      }
      return Database.oneOrNone(telling as unknown as ReturnType<typeof wanted>)
    }
    const wanted = (key: number) => Query.from(items).where(id.eq(key))
    await run(reading(31))
    made = 0
    for (const key of [31, 32])
      expect(await run(reading(key))).toMatchObject({ _tag: "Some", value: { id: key } })
    expect(await run(reading(99))).toMatchObject({ _tag: "None" })
    expect(made).toBe(0)
    await run(Database.run(Query.deleteFrom(items).where(id.gt(30))))
    await run(change(1, 5))
  })

  test("fails as the first one did, and names the same", async () => {
    for (const key of [1, 2])
      expect(await failure(add(item(key)))).toMatchObject({ _tag: "UniqueViolation" })
    for (const key of [11, 12])
      expect(await failure(add(item(key, { code: "c1" })))).toMatchObject({
        _tag: "UniqueViolation",
        constraint: "rebuilt_items_code_key"
      })
    for (const key of [1, 2])
      expect(await failure(change(key, 40_000))).toMatchObject({
        _tag: "EncodeFailed",
        path: "score",
        transaction: "alive"
      })
    for (const key of [21, 22])
      expect(await failure(add(item(key, { code: "too long" })))).toMatchObject({
        _tag: "EncodeFailed",
        path: "code"
      })
  })

  test("takes no parameter it does not have", async () => {
    const given = (key: number) =>
      (Database.run as (statement: unknown, named: object) => ReturnType<typeof add>)(
        Query.update(items).set({ score: 1 }).where(id.eq(key)),
        { nowhere: 1 }
      )
    for (const key of [1, 2])
      expect(await failure(given(key))).toMatchObject({ _tag: "EncodeFailed", path: "nowhere" })
  })

  test("a query keeps to policies chosen after its text was known", async () => {
    const wanted = () => Database.all(Query.from(items).where(id.eq(1)))
    for (const _ of [1, 2]) expect(await run(wanted())).toHaveLength(1)
    const theirs = Policy.tenant("tenantId", 2, { catalog })
    expect(await run(Database.policed([theirs], wanted()))).toHaveLength(0)
    expect(await run(wanted())).toHaveLength(1)
  })

  test("keeps to policies and to reading, chosen after its text was known", async () => {
    await run(change(1, 3))
    const theirs = Policy.tenant("tenantId", 2, { catalog })
    expect(await run(Database.policed([theirs], change(1, 4)))).toBe(0)
    expect(await failure(Database.policed([theirs], add(item(31))))).toMatchObject({
      _tag: "PolicyViolation"
    })
    expect((await scores())[0]).toBe(3)
  })

  test("is told to whoever listens later", async () => {
    await run(change(1, 8))
    const { texts, value } = await database.counting(change(1, 9))
    expect(value).toBe(1)
    expect(texts).toHaveLength(1)
    expect(texts[0]).toContain("UPDATE")
  })

  test("makes the values that are made when it is stored", async () => {
    const { score: _, ...rest } = item(41)
    const made = (key: number) =>
      Database.run(Query.insert(items).values({ ...rest, id: key, code: `m${key}` }))
    for (const key of [41, 42]) expect(await run(made(key))).toBe(1)
    expect((await scores()).slice(-2)).toEqual([7, 7])
  })
})
