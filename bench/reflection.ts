/**
 * `node --conditions=athanor-source bench/reflection.ts [tables] [rounds] [databases]`: the time of
 * `Database.reflect()` over that of queries written by hand for the same facts, on a schema of so
 * many tables (1,000). A line for each database, and status 1 where one is beyond 1.5.
 */
import { Database } from "athanor"
import { Mysql } from "athanor/mysql"
import { Postgres } from "athanor/postgres"
import { Sqlite } from "athanor/sqlite"
import SqliteDatabase from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createConnection } from "mysql2/promise"
import { Client } from "pg"
import { freshDatabaseOn } from "../test/support/databases/fresh.ts"
import { ownServer } from "../test/support/databases/server.ts"
import { byHand, type Rows } from "./raw/schema.ts"

const bound = 1.5
const names = ["sqlite", "postgres", "mariadb"] as const
type Name = (typeof names)[number]

const [tables = "1000", rounds = "15", ...chosen] = process.argv.slice(2)
const count = Number(tables)

/** Each refers to the one before, and has what tables have. */
const scriptOf = (name: Name): string => {
  const key = {
    sqlite: "integer primary key",
    postgres: "serial primary key",
    mariadb: "int auto_increment primary key"
  }
  return Array.from({ length: count }, (_, at) => {
    const refers =
      at === 0 ? "" : `, constraint t${at}_up foreign key (up) references t${at - 1} (id)`
    return `create table t${at} (id ${key[name]}, up integer, name varchar(40) not null default 'x',
      price numeric(12, 2), born date, note varchar(200), constraint t${at}_name unique (name),
      constraint t${at}_price check (price > 0)${refers});
      create index t${at}_born on t${at} (born, note);`
  }).join("\n")
}

interface Side {
  readonly ask: (text: string) => Promise<Rows>
  readonly close: () => Promise<unknown>
}

const sides: Readonly<Record<Name, (url: string) => Promise<Side>>> = {
  sqlite: async (url) => {
    const database = new SqliteDatabase(url.replace(/^sqlite:/, ""))
    const ask = async (text: string) => database.prepare(text).all() as Rows
    return { ask, close: async () => database.close() }
  },
  postgres: async (url) => {
    const client = new Client({ connectionString: url })
    await client.connect()
    return {
      ask: async (text) => (await client.query(text)).rows as Rows,
      close: () => client.end()
    }
  },
  mariadb: async (url) => {
    const connection = await createConnection(url.replace("mariadb:", "mysql:"))
    return {
      ask: async (text) => (await connection.query(text))[0] as unknown as Rows,
      close: () => connection.end()
    }
  }
}

const median = (times: ReadonlyArray<number>): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!

const timed = async (work: () => Promise<number>): Promise<number> => {
  const begun = performance.now()
  if ((await work()) !== count) throw new Error("a table is missing")
  return performance.now() - begun
}

const measure = async (name: Name, url: string): Promise<number> => {
  const runtime = ManagedRuntime.make(
    Database.layerUrl(url, { drivers: [Sqlite, Postgres, Mysql], pool: { size: 1 } })
  )
  await runtime.runPromise(Effect.orDie(Database.script(scriptOf(name))))
  const side = await sides[name](url)
  const ours = () =>
    runtime.runPromise(Effect.map(Effect.orDie(Database.reflect()), (found) => found.tables.length))
  const hand = async () => (await byHand[name](side.ask)).size
  const times: { readonly ours: Array<number>; readonly hand: Array<number> } = {
    ours: [],
    hand: []
  }
  for (let round = -3; round < Number(rounds); round++) {
    const [a, b] = [await timed(ours), await timed(hand)]
    if (round < 0) continue
    times.ours.push(a)
    times.hand.push(b)
  }
  await side.close()
  await runtime.dispose()
  const ratio = median(times.ours) / median(times.hand)
  const said = [median(times.ours), median(times.hand)].map((one) => `${one.toFixed(1)} ms`)
  console.log(
    `${name}: ${count} tables, reflect ${said[0]!}, by hand ${said[1]!}: ${ratio.toFixed(2)}`
  )
  return ratio
}

for (const name of names) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  let ratio: number
  if (name === "sqlite") {
    const file = join(tmpdir(), `athanor-reflection-${process.pid}.db`)
    ratio = await measure(name, `sqlite:${file}`)
    for (const suffix of ["", "-wal", "-shm"]) await rm(`${file}${suffix}`, { force: true })
  } else {
    await using server = await ownServer(name)
    ratio = await measure(name, (await freshDatabaseOn(name, server.url)).url)
  }
  if (ratio > bound) process.exitCode = 1
}
