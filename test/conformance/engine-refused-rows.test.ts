/** Which rows of an insert of many were refused, as far as anybody knows. */
import { Catalog, Check, Column, Database, Query, Table } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engines, place, type Program, program } from "./engine-support.ts"

const owners = Table.make("owners", { id: Column.integer().primaryKey() })
const items = Table.make(
  "items",
  {
    id: Column.integer().primaryKey(),
    code: Column.varchar(20).unique(),
    size: Column.integer(),
    label: Column.varchar(100).nullable(),
    ownerId: Column.integer()
      .nullable()
      .references(() => owners.c.id)
  },
  (c) => [Check.that(c.size.lt(1_000_000), "size_is_small")]
)
const catalog = Catalog.make({ owners, items })

type Item = {
  id: number
  code: string
  size: number
  label: string | null
  ownerId: number | null
}

const ordinary = (count: number): Array<Item> =>
  Array.from({ length: count }, (_, at) => ({
    id: at,
    code: `c${at}`,
    size: at,
    label: at % 2 === 0 ? null : `(${at}), ${"lång ".repeat(15)}`,
    ownerId: at % 3 === 0 ? 1 : null
  }))

/** Those rows with something else in one of them. */
const but = (count: number, at: number, change: Partial<Item>): Array<Item> =>
  ordinary(count).map((row, index) => (index === at ? { ...row, ...change } : row))

describe.each(engines)("refused rows on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  /** What is refused of so many rows, in one statement or in several. */
  const refused = async (rows: ReadonlyArray<Item>, stored: ReadonlyArray<Item> = []) => {
    await database.run(Database.run(Query.deleteFrom(items).everyRow()))
    if (stored.length > 0) await database.run(Database.run(Query.insert(items).rows(stored)))
    return database.failure(Database.run(Query.insert(items).rows(rows)))
  }
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url)
    await database.run(Database.create(catalog))
    await database.run(Database.run(Query.insert(owners).values({ id: 1 })))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  const sizes = [3, 90, 6_000]

  test("a key that is stored already is of the row that has it", async () => {
    for (const size of sizes) {
      const at = size - 2
      const stored = [{ id: -1, code: "taken", size: 0, label: null, ownerId: null }]
      const error = await refused(but(size, at, { code: "taken" }), stored)
      expect(error).toMatchObject({ _tag: "UniqueViolation", columns: ["code"], rows: [at] })
      expect((error as Error).message).toMatch(new RegExp(`^row ${at}: a row with this key`))
      expect((error as Error).message).not.toContain("taken")
      expect(await refused(but(size, at, { id: -1 }), stored)).toMatchObject({
        _tag: "UniqueViolation",
        columns: ["id"],
        rows: [at]
      })
    }
  })

  test("two rows of one key: the later, or both where the server tells the key alone", async () => {
    for (const size of sizes) {
      const at = size - 1
      expect(await refused(but(size, at, { code: "c0" }))).toMatchObject({
        _tag: "UniqueViolation",
        rows: engine === "postgres" ? [0, at] : [at]
      })
    }
  })

  test("a row whose parent is not there", async () => {
    for (const size of sizes) {
      const at = size - 2
      expect(await refused(but(size, at, { ownerId: 99 }))).toMatchObject({
        _tag: "ForeignKeyViolation",
        direction: "child",
        rows: [at]
      })
    }
  })

  test("a row whose check is false; SQLite does not tell", async () => {
    for (const size of sizes) {
      const at = size - 1
      const error = await refused(but(size, at, { size: 1_000_001 }))
      expect(error).toMatchObject({ _tag: "CheckViolation", constraint: "size_is_small" })
      expect((error as { readonly rows?: unknown }).rows).toEqual(
        engine === "sqlite" ? undefined : [at]
      )
    }
  })

  test("NULL where there must be a value is of the first rows that have it", async () => {
    const none = null as never
    for (const size of sizes) {
      const rows = ordinary(size).map((row) => (row.id > size - 3 ? { ...row, size: none } : row))
      expect(await refused(rows)).toMatchObject({
        _tag: "NotNullViolation",
        column: "size",
        rows: engine === "mariadb" ? [size - 2] : [size - 2, size - 1]
      })
    }
    const all = ordinary(5_000).map((row) => ({ ...row, size: none }))
    expect(await refused(all)).toMatchObject({
      _tag: "NotNullViolation",
      rows: engine === "mariadb" ? [0] : [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    })
  })

  test("a value refused here is of its row, and its path says so too", async () => {
    for (const size of sizes) {
      const at = size - 2
      expect(await refused(but(size, at, { code: "x".repeat(21) }))).toMatchObject({
        _tag: "EncodeFailed",
        path: `rows[${at}].code`,
        rows: [at]
      })
    }
  })

  test("one row alone, and one of many inside a transaction, with somebody listening", async () => {
    const taken = { id: 1, code: "one", size: 0, label: null, ownerId: null }
    const single = await refused([taken], [taken])
    expect(single).toMatchObject({ _tag: "UniqueViolation" })
    expect(single).not.toHaveProperty("rows")
    const rows = [...ordinary(1), { ...taken, id: 7 }]
    const found = await database.run(
      Effect.flip(Database.transaction(Database.run(Query.insert(items).rows(rows))))
    )
    expect(found).toMatchObject({ _tag: "UniqueViolation", rows: [1], transaction: "ended" })
    // What was asked to find the row left the transaction and the connection as they were.
    const after = Database.transaction(
      Effect.gen(function* () {
        yield* Database.run(Query.insert(items).values({ ...taken, id: 8, code: "eight" }))
        yield* Effect.flip(Database.transaction(Database.run(Query.insert(items).rows(rows))))
        return yield* Database.count(Query.from(items))
      })
    )
    expect(await database.run(after)).toBe(2)
  })
})
