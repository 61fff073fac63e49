import { Database } from "athanor"
import { Mysql } from "athanor/mysql"
import { Postgres } from "athanor/postgres"
import { Sqlite } from "athanor/sqlite"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { freshDatabase } from "../support/databases.ts"

export const engines = ["sqlite", "postgres", "mariadb"] as const
export type EngineName = (typeof engines)[number]

const addressOf = async (engine: EngineName): Promise<string> =>
  engine === "sqlite" ? "sqlite::memory:" : (await freshDatabase(engine)).url

export const drivers = [Sqlite, Postgres, Mysql]

/** A database of its own, and every statement that was sent to it. */
export const connect = async (engine: EngineName) => {
  const layer = Database.layerUrl(await addressOf(engine), { drivers })
  const runtime = ManagedRuntime.make(layer)
  const sent: Array<string> = []
  const run = <A, E>(effect: Effect.Effect<A, E, Database>): Promise<A> =>
    runtime.runPromise(
      Effect.provideService(effect, Database.Tap, (event) => {
        sent.push(event.text)
      })
    )
  /** Statements sent meanwhile, by their first word. */
  const counting = async <A, E>(effect: Effect.Effect<A, E, Database>) => {
    const before = sent.length
    const value = await run(effect)
    const words = sent.slice(before).map((text) => text.split(" ")[0]!)
    return { value, words, count: (word: string) => words.filter((one) => one === word).length }
  }
  /** How many statements were sent by now. */
  const sentSoFar = () => sent.length
  return { run, counting, sentSoFar, dispose: () => runtime.dispose() }
}
