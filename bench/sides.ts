/** Our side and the raw driver's on one database, with the same rows. */
import { rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Database } from "athanor"
import { Mysql } from "athanor/mysql"
import { Postgres } from "athanor/postgres"
import { Sqlite } from "athanor/sqlite"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { freshDatabaseOn } from "../test/support/databases/fresh.ts"
import { ownServer } from "../test/support/databases/server.ts"
import { keepTo } from "./cores.ts"
import { seedGraph } from "./graph.ts"
import * as ours from "./ours.ts"
import { mariadbRaw } from "./raw/mariadb.ts"
import { postgresRaw } from "./raw/postgres.ts"
import type { Raw } from "./raw/Raw.ts"
import { type SqliteRaw, sqliteRaw } from "./raw/sqlite.ts"
import { type Engine, poolSize, type Run } from "./workloads.ts"

interface Side<E extends Engine, R extends Raw> extends AsyncDisposable {
  readonly engine: E
  readonly raw: R
  /** The raw driver and what it speaks to. */
  readonly driver: string
  readonly run: Run
  /** Loads that are put together wait for each other: a turn is over later. */
  readonly runLater: Run
  /** Where others find the rows: a file of SQLite's to copy, or the server's database. */
  readonly place: string
}
export type OnSqlite = Side<"sqlite", SqliteRaw>
export type OnServer = Side<Exclude<Engine, "sqlite">, Raw>

const rawSides = { postgres: postgresRaw, mariadb: mariadbRaw }
const drivers = [Sqlite, Postgres, Mysql]
const seed = Effect.andThen(ours.seed, seedGraph)

export const onSqlite = async (): Promise<OnSqlite> => {
  const opened = new AsyncDisposableStack()
  const place = join(tmpdir(), `athanor-bench-${process.pid}.db`)
  opened.defer(() => rm(place, { force: true }))
  const runtime = ManagedRuntime.make(Sqlite.layer())
  opened.defer(() => runtime.dispose())
  await runtime.runPromise(seed)
  await runtime.runPromise(Database.script(`vacuum into '${place}'`))
  const raw = sqliteRaw(place)
  opened.defer(() => raw.close())
  return {
    engine: "sqlite",
    raw,
    driver: raw.version,
    run: (effect) => runtime.runSync(effect),
    runLater: (effect) => runtime.runPromise(effect),
    place,
    [Symbol.asyncDispose]: () => opened.disposeAsync()
  }
}

export const onServer = async (engine: OnServer["engine"]): Promise<OnServer> => {
  const opened = new AsyncDisposableStack()
  // The server and all it starts on one core, all clients on another.
  const pinned = keepTo(1)
  const server = opened.use(await ownServer(engine))
  keepTo(0)
  const { url } = await freshDatabaseOn(engine, server.url)
  const runtime = ManagedRuntime.make(Database.layerUrl(url, { drivers, pool: { size: poolSize } }))
  opened.defer(() => runtime.dispose())
  await runtime.runPromise(seed)
  const raw: Raw = await rawSides[engine](url)
  opened.defer(() => raw.close())
  const run: Run = (effect) => runtime.runPromise(effect)
  return {
    engine,
    raw,
    driver: `${raw.version}${pinned ? ", a core for itself" : ""}`,
    run,
    runLater: run,
    place: url,
    [Symbol.asyncDispose]: () => opened.disposeAsync()
  }
}
