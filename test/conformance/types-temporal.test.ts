import { Catalog, Column, Database, Expr, Fn, Query, Table, Type } from "athanor"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { createConnection } from "mysql2/promise"
import { Client } from "pg"
import { describe, expect, test } from "vitest"
import { drivers } from "../runtime/databases.ts"
import { freshDatabase } from "../support/databases.ts"
import { useDatabase } from "./support.ts"

const entries = Table.make("entries", {
  id: Column.id(),
  at: Column.timestamp().serverDefault(Fn.now()),
  made: Column.timestamp().default(Column.now)
})
const moments = ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "2024-02-29T10:00:00.05Z"]

/** The same table as the text it is stored as. */
const stored = Table.make("entries", { id: Column.id(), at: Column.text(), made: Column.text() })

describe("timestamps on sqlite", () => {
  const { all, run } = useDatabase("sqlite", { entries })

  test("the client's and the server's have one form that sorts by time [F103.4]", async () => {
    for (const moment of moments)
      await run(Database.run(Query.insert(entries).values({ made: DateTime.makeUnsafe(moment) })))
    await run(Database.run(Query.insert(entries).values({})))
    const { made, at, id } = stored.c
    const texts = await all(Query.from(stored).orderBy(id).select({ at, made }))
    for (const text of texts.flatMap((row) => [row.at, row.made]))
      expect(text).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/)
    const asText = texts.map((row) => row.made)
    expect(asText.toSorted()).toEqual(asText)
    const byTime = Query.from(entries).orderBy(entries.c.made).select(entries.c.id)
    expect(await all(byTime)).toEqual([1, 2, 3, 4])
    // What the server made is compared with what the client gives.
    const late = DateTime.makeUnsafe(Date.now() - 60_000)
    expect(
      await all(Query.from(entries).where(entries.c.at.gt(late)).select(entries.c.id))
    ).toEqual([1, 2, 3, 4])
    expect(await all(Query.from(entries).where(entries.c.at.lt(late)))).toEqual([])
  })
})

const zoned = Effect.gen(function* () {
  yield* Database.create(Catalog.make({ entries }))
  const moment = DateTime.makeUnsafe("2024-10-27T00:30:00.123Z")
  const { id } = yield* Database.one(
    Query.insert(entries).values({ at: moment }).returning({ id: entries.c.id })
  )
  const found = Query.from(entries).where(entries.c.id.eq(id))
  const text = yield* Database.one(found.select(entries.c.at.cast(Type.text)))
  const back = yield* Database.one(found.select(entries.c.at))
  const now = yield* Database.one(Query.select(Fn.now()))
  const given = yield* Database.one(Query.select(Expr.value(moment, Type.timestamp())))
  return {
    text: text.slice(0, 23),
    back: back.epochMilliseconds - moment.epochMilliseconds,
    given: given.epochMilliseconds - moment.epochMilliseconds,
    late: Math.abs(now.epochMilliseconds - Date.now()) > 60_000
  }
})

const inUtc = { text: "2024-10-27 00:30:00.123", back: 0, given: 0, late: false }

const at = async (url: string) => {
  const before = process.env["TZ"]
  process.env["TZ"] = "Asia/Tokyo"
  const runtime = ManagedRuntime.make(Database.layerUrl(url, { drivers }))
  try {
    return await runtime.runPromise(zoned)
  } finally {
    await runtime.dispose()
    if (before === undefined) delete process.env["TZ"]
    else process.env["TZ"] = before
  }
}

/** What a connection of the driver's own is told. */
const zoneOf = {
  postgres: async (url: string): Promise<unknown> => {
    const client = new Client({ connectionString: url })
    await client.connect()
    const { rows } = await client.query<Record<string, unknown>>("SHOW timezone")
    await client.end()
    return Object.values(rows[0]!)[0]
  },
  mariadb: async (url: string): Promise<unknown> => {
    const connection = await createConnection({ uri: url, rowsAsArray: true })
    const [rows] = await connection.query("SELECT @@time_zone")
    await connection.end()
    return (rows as ReadonlyArray<ReadonlyArray<unknown>>)[0]![0]
  }
}

describe("timestamps are UTC in another zone of process and server", () => {
  test("on sqlite, which has the zone of the process [F103.5]", async () => {
    expect(await at("sqlite::memory:")).toEqual(inUtc)
  })

  test.each(["postgres", "mariadb"] as const)("on %s [F103.5]", async (engine) => {
    const database = await freshDatabase(engine)
    // The servers of the tests are in a zone of their own.
    expect(await zoneOf[engine](database.url)).toMatch(/Kathmandu|05:45/)
    expect(await at(database.url)).toEqual(inUtc)
    await database.drop()
  })
})
