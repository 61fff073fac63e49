/** One database in one process: `group.ts sqlite 100` prints a line of JSON for each workload. */
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
import { building } from "./building.ts"
import { bulk } from "./bulk.ts"
import { keepTo } from "./cores.ts"
import { floors } from "./floor.ts"
import { graphs, seedGraph } from "./graph.ts"
import * as ours from "./ours.ts"
import { compare } from "./pair.ts"
import { mariadbRaw } from "./raw/mariadb.ts"
import { postgresRaw } from "./raw/postgres.ts"
import type { Raw } from "./raw/Raw.ts"
import { sqliteRaw } from "./raw/sqlite.ts"
import {
  crowds,
  type Engine,
  poolSize,
  reads,
  type Run,
  verify,
  type Workload,
  writes
} from "./workloads.ts"

/** One workload's figure in one run. */
export interface Line {
  readonly group: string
  readonly driver: string
  readonly name: string
  readonly limit: number | null
  readonly floor?: string
  readonly ratio: number
  readonly ours_us: number
  readonly raw_us: number
  readonly rounds: number
}

const drivers = [Sqlite, Postgres, Mysql]
const rawSides = { postgres: postgresRaw, mariadb: mariadbRaw }

const timeAll = async (
  group: string,
  driver: string,
  workloads: ReadonlyArray<Workload>,
  rounds: number,
  only: RegExp
): Promise<void> => {
  for (const workload of workloads) {
    if (!only.test(workload.name)) continue
    await verify(workload)
    const turns = Math.min(rounds, workload.rounds ?? rounds)
    const figure = await compare(workload.pair, turns)
    const line: Line = {
      group,
      driver,
      name: workload.name,
      limit: workload.limit,
      ...(workload.floor === undefined ? {} : { floor: workload.floor }),
      ratio: figure.ratio,
      rounds: turns,
      ours_us: (figure.ours_ms * 1_000) / workload.statements,
      raw_us: (figure.raw_ms * 1_000) / workload.statements
    }
    process.stdout.write(`${JSON.stringify(line)}\n`)
  }
}

const onSqlite = async (rounds: number, only: RegExp): Promise<void> => {
  const file = join(tmpdir(), `athanor-bench-${process.pid}.db`)
  const runtime = ManagedRuntime.make(Sqlite.layer())
  await runtime.runPromise(Effect.andThen(ours.seed, seedGraph))
  await runtime.runPromise(Database.script(`vacuum into '${file}'`))
  const raw = sqliteRaw(file)
  await rm(file)
  const run: Run = (effect) => runtime.runSync(effect)
  // Loads that are put together wait for each other: a turn is over later.
  const runLater: Run = (effect) => runtime.runPromise(effect)
  await timeAll(
    "sqlite",
    raw.version,
    [
      ...reads("sqlite", raw, run),
      ...writes("sqlite", raw, run),
      ...bulk("sqlite", raw, run),
      ...graphs("sqlite", raw, runLater),
      ...floors(raw, run)
    ],
    rounds,
    only
  )
  await raw.close()
  await runtime.dispose()
}

const onServer = async (
  engine: Exclude<Engine, "sqlite">,
  rounds: number,
  only: RegExp
): Promise<void> => {
  // The server and all it starts on one core, both clients on another.
  const pinned = keepTo(1)
  await using server = await ownServer(engine)
  keepTo(0)
  const fresh = await freshDatabaseOn(engine, server.url)
  const runtime = ManagedRuntime.make(
    Database.layerUrl(fresh.url, { drivers, pool: { size: poolSize } })
  )
  await runtime.runPromise(Effect.andThen(ours.seed, seedGraph))
  const raw: Raw = await rawSides[engine](fresh.url)
  const run: Run = (effect) => runtime.runPromise(effect)
  await timeAll(
    engine,
    `${raw.version}${pinned ? ", a core for itself" : ""}`,
    [
      ...reads(engine, raw, run),
      ...crowds(raw, run),
      ...writes(engine, raw, run),
      ...bulk(engine, raw, run),
      ...graphs(engine, raw, run)
    ],
    rounds,
    only
  )
  await raw.close()
  await runtime.dispose()
}

const [group = "sqlite", rounds = "100", only = ""] = process.argv.slice(2)
if (group === "building")
  await timeAll(group, "text by hand", building(), Number(rounds), new RegExp(only))
else if (group === "sqlite") await onSqlite(Number(rounds), new RegExp(only))
else await onServer(group as "postgres" | "mariadb", Number(rounds), new RegExp(only))
