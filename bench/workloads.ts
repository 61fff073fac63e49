import type { Database } from "athanor"
import type * as Effect from "effect/Effect"
import * as ours from "./ours.ts"
import type { Pair } from "./pair.ts"
import type { Raw } from "./raw/Raw.ts"
import { calls, ids, noteOf } from "./rows.ts"
import { assertSame } from "./same.ts"

export type Engine = "sqlite" | "postgres" | "mariadb"

/** Runs one fiber to its end: at once where the database answers at once. */
export type Run = <A, E>(effect: Effect.Effect<A, E, Database>) => A | Promise<A>

/** A pair to time, and what its ratio may be at most; null where it is only stated. */
export interface Workload {
  readonly name: string
  readonly limit: number | null
  /** The workload that does the raw side's calls as Effects, where there is one. */
  readonly floor?: string
  /** Statements in one turn. */
  readonly statements: number
  readonly pair: Pair
  /** Where a turn is so long that fewer will do. */
  readonly rounds?: number
}

const server = { reused: 1.15, rebuilt: 1.15, session: null, table: 1, insert: 1.05, write: 1.3 }
const limits = {
  sqlite: { reused: 1, rebuilt: 1.5, session: 1.2, table: 1, insert: 1.67, write: 2 },
  postgres: server,
  mariadb: server
}

const reset: Readonly<Record<Engine, string>> = {
  sqlite: "delete from notes",
  postgres: "truncate notes restart identity",
  mariadb: "truncate notes"
}

/** Where nobody waits for a server, a fiber's own time is seen. */
const floorOf = (engine: Engine, calls: string): { readonly floor?: string } =>
  engine === "sqlite" ? { floor: `floor: ${calls}` } : {}

/** Reads: new ids each call, both sides through the same ids. */
export const reads = (engine: Engine, raw: Raw, run: Run): ReadonlyArray<Workload> => {
  const limit = limits[engine]
  const floor = floorOf(engine, "by key")
  const [left, right] = [ids(), ids()]
  const byKey = () => raw.people(right, calls)
  const byKeyWithDate = () => raw.peopleWithDate(right, calls)
  return [
    {
      name: "by key, query reused",
      limit: limit.reused,
      ...floor,
      statements: calls,
      pair: { ours: () => run(ours.reused(left, calls)), raw: byKey }
    },
    {
      name: "by key, query reused, Date",
      limit: limit.reused,
      ...floorOf(engine, "by key, Date"),
      statements: calls,
      pair: { ours: () => run(ours.reusedWithDate(left, calls)), raw: byKeyWithDate }
    },
    {
      name: "by key, query rebuilt",
      limit: limit.rebuilt,
      ...floor,
      statements: calls,
      pair: { ours: () => run(ours.rebuilt(left, calls)), raw: byKey }
    },
    {
      name: "by key, session",
      limit: limit.session,
      ...floor,
      statements: calls,
      pair: { ours: () => run(ours.session(left, calls)), raw: byKey }
    },
    {
      name: "1,000 rows of 8 columns",
      limit: limit.table,
      statements: 1,
      pair: { ours: () => run(ours.table), raw: raw.readings }
    }
  ]
}

/** Fibers of a crowd, the calls of each, and the connections they share on either side. */
export const crowd = 64
export const callsEach = 8
export const poolSize = 8

/** Many fibers that read by key through a pool smaller than they are. */
export const crowds = (raw: Raw, run: Run): ReadonlyArray<Workload> => {
  const each = <A>(make: (next: () => number, count: number) => A): Array<A> =>
    Array.from({ length: crowd }, () => make(ids(), callsEach))
  return [
    {
      name: "64 fibers by key, a pool of 8",
      limit: 1.05,
      statements: crowd * callsEach,
      pair: {
        ours: () => run(ours.together(each(ours.reused))),
        raw: () => Promise.all(each(async (next, count) => raw.people(next, count)))
      }
    }
  ]
}

/** Writes: no rows before each turn of inserts, as many as calls before the updates. */
export const writes = (engine: Engine, raw: Raw, run: Run): ReadonlyArray<Workload> => {
  const { insert: insertLimit, write: limit } = limits[engine]
  const empty = async () => {
    await raw.script(reset[engine])
    if (engine === "sqlite") await run(ours.script(reset[engine]))
  }
  const insert = { raw: () => raw.insert(noteOf, calls), reset: empty }
  const later = (at: number) => noteOf(at + 1)
  let filled = false
  /** Once, and on both sides: SQLite's have a database each. */
  const fill = async () => {
    if (filled) return
    filled = true
    await empty()
    await raw.insert(noteOf, calls)
    if (engine === "sqlite") await run(ours.insertsReused(noteOf, calls))
  }
  return [
    {
      name: "inserts, rebuilt",
      limit: insertLimit,
      ...floorOf(engine, "inserts"),
      statements: calls,
      pair: { ...insert, ours: () => run(ours.inserts(noteOf, calls)) }
    },
    {
      name: "inserts, statement reused",
      limit: insertLimit,
      ...floorOf(engine, "inserts"),
      statements: calls,
      pair: { ...insert, ours: () => run(ours.insertsReused(noteOf, calls)) }
    },
    {
      name: "updates, rebuilt",
      limit,
      ...floorOf(engine, "updates"),
      statements: calls,
      pair: {
        ours: () => run(ours.updates(later, calls)),
        raw: () => raw.update(later, calls),
        reset: fill
      }
    },
    {
      name: "updates, statement reused",
      limit,
      ...floorOf(engine, "updates"),
      statements: calls,
      pair: {
        ours: () => run(ours.updatesReused(later, calls)),
        raw: () => raw.update(later, calls),
        reset: fill
      }
    }
  ]
}

/** Every pair gives the same values both ways, or nothing is timed. */
export const verify = async (workload: Workload): Promise<void> => {
  const { ours, raw, reset } = workload.pair
  await reset?.()
  const left = await ours()
  await reset?.()
  assertSame(left, await raw(), workload.name)
}
