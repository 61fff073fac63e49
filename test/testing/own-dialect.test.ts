import { Catalog, Column, Database, Query, Table } from "athanor"
import { Postgres } from "athanor/postgres"
import { capabilities } from "athanor/compile"
import { dialects, type OwnDialect } from "athanor/dialect"
import { Sqlite } from "athanor/sqlite"
import { Conformance } from "athanor/testing"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { afterAll, describe, expect, test } from "vitest"
import { plainSqlite } from "../../examples/dialect/plainSqlite.ts"
import { type EngineName, engines, place, program } from "../conformance/engine-support.ts"

describe("a dialect that is not ours", () => {
  const runtime = ManagedRuntime.make(Sqlite.layer({ speaks: plainSqlite }))
  afterAll(() => runtime.dispose())

  const refused = new Set([
    "writes.key",
    "writes.keys-in-order",
    "writes.insert-returning",
    "writes.update-returning",
    "writes.delete-returning",
    "selects.windows",
    "tables.sequences",
    "types.array",
    "types.interval",
    "types.range"
  ])
  test.each(Conformance.cases)("$id [F4.4 @all]", async (one) => {
    const outcome = await runtime.runPromise(Conformance.run(one))
    expect(outcome).toBe(refused.has(one.id) ? "refused" : "held")
  })

  test("its words are sent, under policies too, and nobody else's [F4.1 @all]", async () => {
    const odd = Table.make("select", { id: Column.id(), group: Column.integer() })
    const sent: Array<string> = []
    const program = Effect.gen(function* () {
      yield* Database.create(Catalog.make({ odd }))
      yield* Database.run(Query.insert(odd).values({ group: 7 }))
      const found = Query.from(odd).where(odd.c.group.eq(7)).select(odd.c.group)
      yield* Database.policed([], Database.all(found))
      return yield* Database.all(found)
    })
    const tapped = Effect.provideService(program, Database.Tap, ({ text }) => void sent.push(text))
    expect(await runtime.runPromise(tapped)).toEqual([7])
    expect(sent.at(-1)).toBe(
      "SELECT [select].[group] AS c0 FROM [select] WHERE [select].[group] = ?"
    )
    expect(sent.at(-2)).toBe(sent.at(-1))
    const ours = ManagedRuntime.make(Sqlite.layer())
    sent.length = 0
    expect(await ours.runPromise(tapped)).toEqual([7])
    expect(sent.at(-1)).toBe(
      'SELECT "select"."group" AS c0 FROM "select" WHERE "select"."group" = ?'
    )
    await ours.dispose()
  })

  test("spoken to another kind of server it is refused when it is opened", async () => {
    const runtimeOfOther = ManagedRuntime.make(
      Postgres.layer({ host: "localhost", database: "none", user: "none", speaks: plainSqlite })
    )
    const error = await runtimeOfOther.runPromise(Effect.flip(Database.server)).catch((e) => e)
    expect(error).toMatchObject({
      _tag: "ConfigInvalid",
      message: "the option speaks is a dialect of sqlite, the driver's postgres"
    })
  })
})

/** What a server elsewhere might lack: its cases are refused by name, the others held. */
const lesser = {
  sqlite: plainSqlite,
  postgres: {
    words: { ...dialects.postgres, placeholder: (n: number) => `$${n}` },
    capabilities: (version) => ({ ...capabilities("postgres", version), windows: false })
  },
  mariadb: {
    words: { ...dialects.mariadb, quote: (name: string) => dialects.mariadb.quote(name) },
    capabilities: (version) => ({ ...capabilities("mariadb", version), windows: false })
  }
} satisfies Record<EngineName, OwnDialect>

describe.each(engines)("a dialect written elsewhere on %s", (engine) => {
  test("the suite asks what it can do of it, by its capabilities [F159.1]", async () => {
    const own = await place(engine)
    const database = program(own.url, { speaks: lesser[engine], pool: { size: 1 } })
    const outcomes = new Map<string, string>()
    for (const one of Conformance.cases) {
      const isAsked = one.needs !== null || /^(selects|conditions|ctes)/.test(one.id)
      if (isAsked) outcomes.set(one.id, await database.run(Conformance.run(one)))
    }
    expect(outcomes.get("selects.windows")).toBe("refused")
    const held = [...outcomes.values()].filter((outcome) => outcome === "held")
    expect(held.length).toBeGreaterThan(15)
    await database.dispose()
    await own.drop()
  })
})
