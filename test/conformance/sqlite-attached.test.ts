/** Further files as schemas of their own, on each connection. */
import { Catalog, Column, Database, Query, Table } from "athanor"
import { Sqlite } from "athanor/sqlite"
import * as Effect from "effect/Effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"

const columns = { id: Column.integer().primaryKey(), body: Column.text() }
const here = Table.make("notes", columns)
const there = Table.make("notes", columns, undefined, { schema: "the archive" })
const catalog = Catalog.make({ here, there })
const other = Query.alias(there, "other")
const both = Query.from(here).join(other, other.c.id.eq(here.c.id)).select(other.c.body)

describe("attached files on sqlite", () => {
  const folder = mkdtempSync(join(tmpdir(), "attached-"))
  afterAll(() => rmSync(folder, { recursive: true }))
  const files = (name: string) => ({
    file: join(folder, `${name}.db`),
    attach: { "the archive": join(folder, `${name}-archive.db`) }
  })
  const fill = Effect.gen(function* () {
    yield* Database.create(catalog)
    yield* Database.run(Query.insert(here).values({ id: 1, body: "here" }))
    yield* Database.run(Query.insert(there).values({ id: 1, body: "there" }))
  })

  test.each([
    ["one connection", {}],
    ["readers beside it", { readers: 3 }],
    ["threads", { threads: true, pool: { size: 3 } }]
  ] as const)("are schemas on each connection: %s [F92.5]", async (name, options) => {
    const layer = Sqlite.layer({ ...files(name), ...options })
    const work = Effect.gen(function* () {
      yield* fill
      const each = Array.from({ length: 6 }, () => Database.all(both))
      const found = yield* Effect.all(each, { concurrency: "unbounded" })
      const { tables } = yield* Database.reflect({ schema: "the archive" })
      return { found, tables: tables.map((table) => [table.schema, table.name]) }
    })
    const { found, tables } = await Effect.runPromise(Effect.provide(work, layer))
    expect(found).toEqual(Array.from({ length: 6 }, () => ["there"]))
    expect(tables).toEqual([["the archive", "notes"]])
    // The rows are in the other file: a database without it has none.
    const alone = Sqlite.layer({ file: files(name).attach["the archive"] })
    const rows = Database.all(Query.from(here).select(here.c.body))
    expect(await Effect.runPromise(Effect.provide(rows, alone))).toEqual(["there"])
  })

  test("a transaction over two files is undone in both", async () => {
    const work = Effect.gen(function* () {
      yield* fill
      const doomed = Effect.gen(function* () {
        yield* Database.run(Query.deleteFrom(here).everyRow())
        yield* Database.run(Query.deleteFrom(there).everyRow())
        return yield* Effect.fail("no")
      })
      yield* Effect.exit(Database.transaction(doomed))
      return yield* Database.all(both)
    })
    const found = Effect.provide(work, Sqlite.layer(files("undone")))
    expect(await Effect.runPromise(found)).toEqual(["there"])
  })

  test("what cannot be attached is told before anything is opened", async () => {
    const wrong = [
      { attach: { main: "x.db" } },
      { attach: { TEMP: "x.db" } },
      { attach: { "": "x.db" } },
      { attach: { a: 5 as unknown as string } },
      { file: join(folder, "w.db"), readers: 1, attach: { a: ":memory:" } }
    ]
    for (const options of wrong) {
      const opened = Effect.provide(Database.server, Sqlite.layer(options))
      const error = await Effect.runPromise(Effect.flip(opened))
      expect(error).toMatchObject({ _tag: "ConfigInvalid", culprit: "attach" })
    }
  })
})
