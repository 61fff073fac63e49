import { Sqlite, type SqliteLayerOptions } from "athanor/sqlite"
import { Column, Database, type DatabaseError, Query, Table } from "athanor"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { expect } from "vitest"
import {
  type EngineName,
  type Program,
  program,
  programOf
} from "../../conformance/engine-support.ts"
import { watch } from "../../support/watch.ts"
import { observerOf } from "./observer.ts"
import { causeOf, failureOf, r0, type Told } from "./r0.ts"

const kept = Table.make("kept", { grp: Column.integer(), member: Column.integer() })

type Settings = NonNullable<Parameters<typeof program>[1]> & Omit<SqliteLayerOptions, "file">
type Work = Effect.Effect<unknown, unknown, Database>

let groups = 0

/** Where SQLite's database is. */
export const fileOf = (url: string): string => url.replace(/^sqlite:/, "")

/** One row of a group. */
export const add = (grp: number, member: number) =>
  Database.run(Query.insert(kept).values({ grp, member }))

/**
 * A program in trouble: what it is told of its work is kept, and judged in the end.
 *
 * **Shape** `url` is where it connects, over a wire perhaps; `direct` where the server is.
 */
export const trouble = async (
  engine: EngineName,
  url: string,
  settings: Settings = {},
  direct = url
) => {
  const observer = await observerOf(engine, direct)
  const size = settings.pool?.size ?? (engine === "sqlite" ? 1 : 3)
  const database: Program =
    engine === "sqlite"
      ? programOf(Sqlite.layer({ ...settings, file: fileOf(url) }))
      : program(url, { ...settings, pool: { ...settings.pool, size } })
  await database.run(Database.server)
  const { lines, spans, watched } = watch()
  const told: Array<Told> = []
  const exitOf = (work: Work) => database.runtime.runPromiseExit(watched(work))

  /** Work that writes `rows` rows of its group. */
  const does = async (rows: number, work: (group: number) => Work) => {
    const group = ++groups
    const exit = await exitOf(work(group))
    told.push({ group, rows, exit })
    return exit
  }
  /** Work that fails, and its failure. */
  const fails = async (rows: number, work: (group: number) => Work) =>
    failureOf(await does(rows, work))
  /**
   * Meets a failure inside a transaction, swallows it and goes on. What it said of the transaction
   * must be so: an `alive` one goes on and commits, any other refuses all there is to come. Gives
   * what went wrong first: a connection may be dead before the step begins.
   */
  const inside = async (step: Work): Promise<DatabaseError.DatabaseError> => {
    const exits: Array<Exit.Exit<unknown, unknown>> = []
    const whole = await does(2, (group) =>
      Database.transaction(
        Effect.gen(function* () {
          yield* add(group, 0)
          exits.push(yield* Effect.exit(step))
          exits.push(yield* Effect.exit(add(group, 1)))
        })
      )
    )
    const [met, after] = exits as [Exit.Exit<unknown, unknown>, Exit.Exit<unknown, unknown>]
    const error = failureOf(met)
    const lives = error.transaction === "alive"
    expect([after, whole].map(Exit.isSuccess), `${error._tag} says ${error.transaction}`).toEqual([
      lives,
      lives
    ])
    if (lives) return error
    const first = causeOf(error)
    for (const exit of [after, whole]) {
      const doomed = failureOf(exit)
      expect(doomed._tag).toBe("TransactionDoomed")
      // Who comes later is told what it was that went wrong first.
      expect(causeOf(doomed)._tag).toBe(first._tag)
    }
    return first
  }
  const settled = (beside: ReadonlyArray<Program>) =>
    r0({ engine, database, beside, size, observer, told, spans })
  return { database, does, fails, inside, lines, observer, settled, spans }
}

export type Trouble = Awaited<ReturnType<typeof trouble>>
