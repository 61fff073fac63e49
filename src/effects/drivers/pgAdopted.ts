import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { classify, isCancelled } from "../classify/postgres.ts"
import type { ConnectFailed, DriverMissing } from "../DatabaseError.ts"
import { type Connection, type Deadlines, type Driver, type Request, nowhere } from "../Driver.ts"
import { connectFailed, connectFailedBy, endedByOwner } from "./connectFailed.ts"
import { loadPackage } from "./loadPackage.ts"
import type { PgClient, PgModule } from "./pgModule.ts"
import { defaultsText, PgConnection, sessionSettings, setSession, versionOf } from "./postgres.ts"

/**
 * What is used of a pool of the package pg: `new pg.Pool(…)`.
 *
 * @category models
 */
export interface PgPool {
  readonly connect: (
    done: (
      error: Error | undefined,
      client: object | undefined,
      release: (destroy?: boolean) => void
    ) => void
  ) => void
  readonly options?: { readonly max?: number | undefined }
}

const host = "the pool of pg"
const names = Object.keys(sessionSettings)

/** What the session was before, and then what ours is. */
const adoptText = [
  `select current_setting('server_version_num'), ${names
    .map((name) => `current_setting('${name}')`)
    .join(", ")}`,
  ...setSession
].join("; ")

const restoreText = `select ${names
  .map((name, at) => `set_config('${name}', $${at + 1}, false)`)
  .join(", ")}`

/**
 * Borrows each connection from a pool of the application's, and gives it back as it was.
 *
 * **Shape** two short round trips more for each borrow: our session's settings, then those it had.
 * Statements are not prepared by name. One in which something else was set is not given back but
 * closed; the pool opens another.
 */
export const adoptedPostgres = (
  pool: PgPool,
  deadlines: Deadlines
): Effect.Effect<Driver, DriverMissing> =>
  Effect.map(
    loadPackage<PgModule>("postgres", "pg", () => import("pg") as never),
    (module) => ({
      dialect: "postgres",
      host,
      location: nowhere,
      connect: borrow(module, pool, deadlines),
      classify,
      isCancelled,
      defaults: () => defaultsText,
      ping: null,
      maxConnections: null,
      borrowed: pool.options?.max ?? 10,
      busyTimeout_ms: 0
    })
  )

const borrow = (
  module: PgModule,
  pool: PgPool,
  deadlines: Deadlines
): Effect.Effect<Connection, ConnectFailed> =>
  Effect.callback((resume) => {
    let isWanted = true
    const settle = (effect: Effect.Effect<Connection, ConnectFailed>): void => {
      if (!isWanted) return
      isWanted = false
      clearTimeout(timer)
      resume(effect)
    }
    const timer = setTimeout(
      () => settle(Effect.fail(connectFailed("postgres", host, "timeout"))),
      deadlines.connect_ms
    )
    pool.connect((error, client, release) => {
      if (client === undefined) return settle(Effect.fail(refused(pool, error)))
      if (!isWanted) return release()
      whenFree(client as PgClient & Queue, () => {
        if (!isWanted) return release()
        const opened = adopted(module, client as PgClient, release, deadlines)
        opened.connection.script(adoptText, (failed, result) => {
          if (!isWanted) return opened.connection.close()
          if (failed !== null || result === null) {
            opened.connection.destroy()
            return settle(Effect.fail(connectFailedBy("postgres", host, failed)))
          }
          opened.begun(result.rows[0] ?? [])
          settle(Effect.succeed(opened.connection))
        })
      })
    })
    return Effect.sync(() => {
      isWanted = false
      clearTimeout(timer)
    })
  })

const refused = (pool: PgPool & { readonly ending?: boolean }, error: unknown): ConnectFailed =>
  pool.ending === true
    ? endedByOwner("postgres", host, error)
    : connectFailedBy("postgres", host, error)

/** What pg's client has that our own connections do not use. */
interface Queue {
  readonly readyForQuery: boolean
  readonly query: (text: string, done: () => void) => void
}

/** A listener of the pool's may have asked something and not waited for the answer. */
const whenFree = (client: Queue, go: () => void): void => {
  if (client.readyForQuery) go()
  else client.query("", () => void setImmediate(go))
}

const adopted = (
  module: PgModule,
  client: PgClient,
  release: (destroy?: boolean) => void,
  deadlines: Deadlines
) => {
  let before: ReadonlyArray<unknown> | null = null
  let isReleased = false
  const giveBack = (destroy: boolean): void => {
    if (isReleased) return
    isReleased = true
    connection.leaves()
    client.removeListener("error", died)
    client.removeListener("end", ended)
    release(destroy)
  }
  const restore = (): void => {
    if (before === null || connection.session.isTouched()) return giveBack(true)
    const timer = setTimeout(() => giveBack(true), deadlines.control_ms)
    const request: Request = {
      text: restoreText,
      parameters: before,
      bigints: false,
      single: true,
      rowKey: null,
      keep: false
    }
    connection.last(request, (error) => {
      clearTimeout(timer)
      giveBack(error !== null)
    })
  }
  const connection = new PgConnection(
    module,
    client,
    {
      host: client.host,
      port: client.port,
      database: "",
      user: "",
      password: Redacted.make(""),
      tls: false,
      applicationName: "",
      statements: 0,
      deadlines,
      driverOptions: {},
      pooler: "none"
    },
    { close: restore, cut: () => giveBack(true) }
  )
  const died = (error: unknown): void => connection.died(error)
  const ended = (): void => connection.died(new Error("the connection ended"))
  client.on("error", died)
  client.on("end", ended)
  const begun = ([version, ...settings]: ReadonlyArray<unknown>): void => {
    before = settings
    connection.server = { dialect: "postgres", version: versionOf(Number(version)) }
    connection.session.begun()
  }
  return { connection, begun }
}
