/** Databases that several programs open at once, and a wire between them that can fail. */
import { Database, Query, sql, Type } from "athanor"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { drivers, type EngineName } from "../runtime/databases.ts"
import { freshDatabase } from "../support/databases.ts"

export { drivers, type EngineName, engines } from "../runtime/databases.ts"
export { wireTo } from "../support/wire.ts"

export const servers = ["postgres", "mariadb"] as const

type Settings = Omit<Parameters<typeof Database.layerUrl>[1], "drivers">

/** An empty database that any number of programs may open; SQLite's is a file. */
export const place = async (engine: EngineName) => {
  if (engine !== "sqlite") return freshDatabase(engine)
  const folder = mkdtempSync(join(tmpdir(), "athanor-"))
  const drop = async () => rmSync(folder, { recursive: true, force: true })
  return { url: `sqlite:${join(folder, "own.db")}`, drop }
}

/** One program on the database at an address, and every statement it sends. */
export const program = (url: string, settings: Settings = {}) =>
  programOf(Database.layerUrl(url, { ...settings, drivers }))

/** One program on a database, and every statement it sends. */
export const programOf = <E>(layer: Layer.Layer<Database, E>) => {
  const runtime = ManagedRuntime.make(layer)
  const sent: Array<string> = []
  const heard = <A, E>(effect: Effect.Effect<A, E, Database>) =>
    Effect.provideService(effect, Database.Tap, ({ text }) => {
      sent.push(text)
    })
  const run = <A, E>(effect: Effect.Effect<A, E, Database>) => runtime.runPromise(heard(effect))
  const exit = <A, E>(effect: Effect.Effect<A, E, Database>) =>
    runtime.runPromiseExit(heard(effect))
  /** The typed failure of an effect that fails. */
  const failure = <A, E>(effect: Effect.Effect<A, E, Database>) => run(Effect.flip(effect))
  /** What was sent meanwhile. */
  const counting = async <A, E>(effect: Effect.Effect<A, E, Database>) => {
    const before = sent.length
    const value = await run(effect)
    const texts = sent.slice(before)
    const count = (word: string) => texts.filter((text) => text.startsWith(word)).length
    return { value, texts, count }
  }
  return { runtime, sent, run, exit, failure, counting, dispose: () => runtime.dispose() }
}

export type Program = ReturnType<typeof programOf<unknown>>

/** The server's own number of the connection a statement runs on. */
export const whoAmI = Effect.flatMap(Database, ({ dialect }) =>
  Database.one(
    dialect === "postgres"
      ? Query.select(sql(Type.count)`pg_backend_pid()`)
      : Query.select(sql(Type.count)`connection_id()`)
  )
)

/** How many connections to this database the server counts, this one among them. */
export const connections = Effect.flatMap(Database, ({ dialect }) =>
  Database.one(
    dialect === "postgres"
      ? Query.select(
          sql(
            Type.count
          )`(select count(*) from pg_stat_activity where datname = current_database())`
        )
      : Query.select(
          sql(
            Type.count
          )`(select count(*) from information_schema.processlist where db = database())`
        )
  )
)

/** A query the server works on for so many seconds. */
export const sleeping = (seconds: number) =>
  Effect.flatMap(Database, ({ dialect }) =>
    Database.one(
      dialect === "postgres"
        ? Query.select(sql(Type.integer)`(select 1 from pg_sleep(${seconds}))`)
        : Query.select(sql(Type.integer)`sleep(${seconds})`)
    )
  )

/** Waits until something holds, at most two seconds. */
export const eventually = async (holds: () => Promise<boolean>): Promise<boolean> => {
  for (let tries = 0; tries < 100; tries++) {
    if (await holds()) return true
    await new Promise((next) => setTimeout(next, 20))
  }
  return false
}

/** How many times this process has a database's file open. */
export const openFiles = (url: string): number => {
  const file = url.slice("sqlite:".length)
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === file
    } catch {
      return false
    }
  }).length
}
