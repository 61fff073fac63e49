import { Database } from "athanor"
import { afterAll, describe, expect, test } from "vitest"
import { type EngineName, eventually, place, program } from "../../conformance/engine-support.ts"
import { freshDatabaseOn } from "../../support/databases/fresh.ts"
import { type OwnServer, ownServer } from "../../support/databases.ts"
import { nightOr } from "../../support/night.ts"
import { type Wire, wireTo } from "../../support/wire.ts"
import { observerOf } from "./observer.ts"
import { trouble, type Trouble } from "./trouble.ts"

type Settings = NonNullable<Parameters<typeof trouble>[2]>

/** Where a fault takes place. */
export interface Scene {
  readonly engine: EngineName
  /** A database that nobody else uses; of SQLite a new one each time. */
  readonly url: string
  /** The server, which may be stopped, killed and frozen: it is this file's own. */
  readonly server: OwnServer
  /** A program on the database; what it went through is judged by R0 in the end. */
  readonly open: (settings?: Settings, url?: string) => Promise<Trouble>
  /** A wire to the server that can fail. */
  readonly wire: () => Promise<Wire>
}

/** Written through at COMMIT, so that a killed server has what it acknowledged. */
const durable: Readonly<Record<"postgres" | "mariadb", string>> = {
  postgres: "alter database $ set synchronous_commit = on",
  mariadb: "set global innodb_flush_log_at_trx_commit = 2"
}

const started = new Map<EngineName, Promise<{ readonly server: OwnServer; readonly url: string }>>()

const start = async (engine: "postgres" | "mariadb") => {
  const server = await ownServer(engine)
  const { name, url } = await freshDatabaseOn(engine, server.url)
  const observer = await observerOf(engine, url)
  await observer.execute(durable[engine].replace("$", name))
  return { server, url }
}

const serverOf = (engine: "postgres" | "mariadb") => {
  let starting = started.get(engine)
  if (starting === undefined) started.set(engine, (starting = start(engine)))
  return starting
}

afterAll(async () => {
  for (const starting of started.values()) await (await starting).server.remove()
  started.clear()
})

const scene = async (engine: EngineName) => {
  const opened: Array<Trouble> = []
  const wires: Array<Wire> = []
  const own = engine === "sqlite" ? await place(engine) : await serverOf(engine)
  const open: Scene["open"] = async (settings = {}, url = own.url) => {
    const one = await trouble(engine, url, settings, own.url)
    opened.push(one)
    return one
  }
  const wire = async () => {
    const one = await wireTo(own.url)
    wires.push(one)
    return one
  }
  const close = async () => {
    for (const one of opened) await one.database.dispose()
    for (const one of wires) one.close()
    if ("drop" in own) await own.drop()
  }
  const made: Scene = {
    engine,
    url: own.url,
    get server() {
      if ("server" in own) return own.server
      throw new Error("SQLite has no server")
    },
    open,
    wire
  }
  return { made, opened, close }
}

/** Ends a session, or what it works on, from another one. */
export const kill = async (
  engine: EngineName,
  url: string,
  id: number | null,
  what: "session" | "query" = "session"
): Promise<void> => {
  const killer = program(url, { pool: { size: 1 } })
  const word = what === "session" ? "terminate" : "cancel"
  const kind = what === "session" ? "" : "query "
  await killer.run(
    Database.script(
      engine === "postgres" ? `select pg_${word}_backend(${id})` : `kill ${kind}${id}`
    )
  )
  await killer.dispose()
}

/** Closed, they leave no session behind. */
const ended = async (engine: EngineName, opened: ReadonlyArray<Trouble>): Promise<void> => {
  for (const { database } of opened) await database.dispose()
  const [first] = opened
  if (engine === "sqlite" || first === undefined) return
  const isGone = async () => (await first.observer.asked()).sessions === 0
  expect(await eventually(isGone), "no session is left").toBe(true)
}

const provoked = (
  engines: ReadonlyArray<EngineName>,
  title: string,
  body: (scene: Scene) => Promise<void>
): void => {
  describe.each(engines)("on %s", (engine) => {
    test(
      title,
      async () => {
        const { close, made, opened } = await scene(engine)
        try {
          await body(made)
          for (const one of opened) {
            const beside = opened.filter((other) => other !== one)
            await one.settled(beside.map(({ database }) => database))
          }
          await ended(engine, opened)
        } finally {
          await close()
        }
      },
      nightOr(60_000)
    )
  })
}

/**
 * A row of the faults, on each database it names: what is done to a program there, and then R0 for
 * every program that was opened.
 */
export const fault = (
  row: number,
  engines: ReadonlyArray<EngineName>,
  title: string,
  body: (scene: Scene) => Promise<void>
): void => provoked(engines, `fault ${row}: ${title}`, body)

/** What may go wrong between fibers, on each database; then R0 too. */
export const hazard = (
  title: string,
  engines: ReadonlyArray<EngineName>,
  body: (scene: Scene) => Promise<void>
): void => provoked(engines, `hazard: ${title}`, body)
