import { graphs } from "./graph.ts"
import { inTurns, median, over } from "./pair.ts"
import { drizzleMariadb } from "./peers/drizzleMariadb.ts"
import { drizzlePostgres } from "./peers/drizzlePostgres.ts"
import { drizzleSqlite } from "./peers/drizzleSqlite.ts"
import { kysely } from "./peers/kysely.ts"
import { mikro } from "./peers/mikro.ts"
import { type Peer, type Task, tasks } from "./peers/Peer.ts"
import { verified } from "./peers/verified.ts"
import type { Raw } from "./raw/Raw.ts"
import type { OnServer, OnSqlite } from "./sides.ts"
import { crowds, type Engine, type Workload, writes } from "./workloads.ts"

/** What one workload gave beside others, in one run. */
export interface Beside {
  readonly on: Engine
  readonly driver: string
  readonly name: string
  readonly rounds: number
  /** The raw driver's time over each one's: its throughput, the raw driver's being one. */
  readonly throughput: Readonly<Record<string, number>>
  /** Why a library has no part in it. */
  readonly absent: Readonly<Record<string, string>>
}

const drizzles = { sqlite: drizzleSqlite, postgres: drizzlePostgres, mariadb: drizzleMariadb }

const peersOn = async ({ engine, place }: OnSqlite | OnServer): Promise<ReadonlyArray<Peer>> => [
  await mikro(engine, place),
  drizzles[engine](place),
  kysely(engine, place)
]

/** What a turn needs is made in the peers' databases too, where each has one of its own. */
const everywhere = ({ engine, raw }: OnSqlite | OnServer, peers: ReadonlyArray<Peer>): Raw => ({
  ...raw,
  script: async (text) => {
    await raw.script(text)
    if (engine === "sqlite") for (const peer of peers) await peer.script(text)
  }
})

/** Our side, the raw driver's and the peers' on one database. */
export interface Company extends AsyncDisposable {
  readonly peers: ReadonlyArray<Peer>
  readonly workloads: ReadonlyArray<readonly [Task, Workload]>
}

export const companyOn = async (side: OnSqlite | OnServer): Promise<Company> => {
  const { engine, run, runLater } = side
  const peers = await peersOn(side)
  const raw = everywhere(side, peers)
  const all = [
    ...(engine === "sqlite" ? [] : crowds(raw, run)),
    ...writes(engine, raw, run),
    ...graphs(engine, raw, runLater)
  ]
  return {
    peers,
    workloads: (Object.keys(tasks) as ReadonlyArray<Task>).flatMap((task) => {
      const workload = all.find(({ name }) => name === tasks[task])
      return workload === undefined ? [] : [[task, workload] as const]
    }),
    [Symbol.asyncDispose]: async () => {
      for (const peer of peers) await peer.close()
    }
  }
}

const mostRounds = 40

/** Every peer's tasks in turns with ours and the raw driver's. */
export async function* besides(
  side: OnSqlite | OnServer,
  asked: number,
  only: RegExp
): AsyncGenerator<Beside> {
  await using company = await companyOn(side)
  const { peers, workloads } = company
  const rounds = Math.min(asked, mostRounds)
  for (const one of workloads) {
    const { name, pair } = one[1]
    if (!only.test(name)) continue
    const { absent, present } = await verified(one, peers)
    const ways = [pair.ours, pair.raw, ...present.map(([, { way }]) => way)]
    const [ours, raw, ...others] = await inTurns(ways, rounds, pair.reset)
    const throughput: Record<string, number> = { athanor: 1 / over(ours!, raw!).ratio }
    for (const [at, [who]] of present.entries()) throughput[who] = 1 / over(others[at]!, raw!).ratio
    yield { on: side.engine, driver: side.driver, name, rounds, throughput, absent }
  }
}

/** What all runs of a workload gave: the middle one for each. */
export interface Settled extends Beside {
  readonly runs: number
  readonly date: string
}

export const middleOf = (lines: ReadonlyArray<Beside>, date: string): ReadonlyArray<Settled> =>
  [...Map.groupBy(lines, ({ name, on }) => `${on} ${name}`).values()].map((runs) => ({
    ...runs[0]!,
    runs: runs.length,
    date,
    throughput: Object.fromEntries(
      Object.keys(runs[0]!.throughput).map((who) => [
        who,
        Number(median(runs.map(({ throughput }) => throughput[who]!)).toFixed(3))
      ])
    )
  }))
