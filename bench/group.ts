/** One database in one process: `group.ts sqlite 100` prints a line of JSON for each workload. */
import { besides } from "./beside.ts"
import { building } from "./building.ts"
import { bulk } from "./bulk.ts"
import { floors } from "./floor.ts"
import { graphs } from "./graph.ts"
import { compare } from "./pair.ts"
import { onServer, onSqlite } from "./sides.ts"
import { crowds, type Engine, reads, verify, type Workload, writes } from "./workloads.ts"

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

const sqlite = async (rounds: number, only: RegExp): Promise<void> => {
  await using side = await onSqlite()
  const { driver, engine, raw, run, runLater } = side
  await timeAll(
    engine,
    driver,
    [
      ...reads(engine, raw, run),
      ...writes(engine, raw, run),
      ...bulk(engine, raw, run),
      ...graphs(engine, raw, runLater),
      ...floors(raw, run)
    ],
    rounds,
    only
  )
}

const server = async (
  engine: Exclude<Engine, "sqlite">,
  rounds: number,
  only: RegExp
): Promise<void> => {
  await using side = await onServer(engine)
  const { driver, raw, run } = side
  await timeAll(
    engine,
    driver,
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
}

/** Others beside us: `peers/sqlite`. */
const peers = async (engine: Engine, rounds: number, only: RegExp): Promise<void> => {
  await using side = engine === "sqlite" ? await onSqlite() : await onServer(engine)
  for await (const line of besides(side, rounds, only))
    process.stdout.write(`${JSON.stringify(line)}\n`)
}

const [group = "sqlite", rounds = "100", only = ""] = process.argv.slice(2)
const [count, pattern] = [Number(rounds), new RegExp(only)]
if (group === "building") await timeAll(group, "text by hand", building(), count, pattern)
else if (group === "sqlite") await sqlite(count, pattern)
else if (group.startsWith("peers/")) await peers(group.slice(6) as Engine, count, pattern)
else await server(group as "postgres" | "mariadb", count, pattern)
