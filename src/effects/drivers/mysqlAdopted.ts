import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { classify, isCancelled } from "../classify/mysql.ts"
import type { ConnectFailed, DriverMissing } from "../DatabaseError.ts"
import { type Connection, type Deadlines, type Driver, nowhere } from "../Driver.ts"
import { connectFailed, connectFailedBy, endedByOwner } from "./connectFailed.ts"
import { loadPackage } from "./loadPackage.ts"
import { MysqlConnectionOf } from "./mysql.ts"
import { defaultsText, greetingText, sessionText, toldIn } from "./mysqlSession.ts"
import { makeMessage } from "./MysqlMessage.ts"
import type { MysqlConnection, MysqlModule } from "./mysqlModule.ts"

interface CallbackPool {
  readonly getConnection: (done: (error: Error | null, connection: object) => void) => void
}

/**
 * What is used of a pool of the package mysql2, or of `mysql2/promise`: `createPool(…)`.
 *
 * @category models
 */
export type MysqlPool = CallbackPool | { readonly pool: CallbackPool }

interface Lent extends MysqlConnection {
  readonly release: () => void
  readonly destroy: () => void
  readonly config: {
    readonly host: string
    readonly port: number
    readonly user: string
    readonly password?: string
    readonly database?: string
    readonly ssl?: object | false
    readonly clientFlags: number
  }
}

const host = "the pool of mysql2"
const foundRows = 2

const names = (isMariadb: boolean): ReadonlyArray<string> => [
  "sql_mode",
  "time_zone",
  "autocommit",
  "foreign_key_checks",
  "group_concat_max_len",
  isMariadb ? "max_recursive_iterations" : "cte_max_recursion_depth",
  "collation_connection"
]

/**
 * Borrows each connection from a pool of the application's, and gives it back as it was.
 *
 * **Shape** three short round trips more for each borrow: which session it is, our settings, then
 * those it had. One in which something else was set is not given back but closed; the pool opens
 * another.
 */
export const adoptedMysql = (
  given: MysqlPool,
  deadlines: Deadlines,
  size: number
): Effect.Effect<Driver, DriverMissing> =>
  Effect.map(
    loadPackage<MysqlModule>("mysql", "mysql2", () => import("mysql2") as never),
    (module) => ({
      dialect: "mysql",
      host,
      location: nowhere,
      connect: borrow(module, "pool" in given ? given.pool : given, deadlines),
      classify: (error, site, connection) =>
        classify(connection?.server.dialect ?? "mysql", error, site, connection),
      isCancelled,
      defaults: defaultsText,
      ready: makeMessage,
      ping: null,
      maxConnections: null,
      borrowed: size,
      busyTimeout_ms: 0
    })
  )

/** Only its words tell that mysql2's pool was ended: 3.24. */
const refused = (error: Error): ConnectFailed =>
  error.message === "Pool is closed."
    ? endedByOwner("mysql", host, error)
    : connectFailedBy("mysql", host, error)

type Settle = (effect: Effect.Effect<Connection, ConnectFailed>) => void

const borrow = (
  module: MysqlModule,
  pool: CallbackPool,
  deadlines: Deadlines
): Effect.Effect<Connection, ConnectFailed> =>
  Effect.callback((resume) => {
    let isWanted = true
    const settle: Settle = (effect) => {
      if (!isWanted) return
      isWanted = false
      clearTimeout(timer)
      resume(effect)
    }
    const timer = setTimeout(
      () => settle(Effect.fail(connectFailed("mysql", host, "timeout"))),
      deadlines.connect_ms
    )
    pool.getConnection((error, connection) => {
      if (error !== null) return settle(Effect.fail(refused(error)))
      const raw = connection as Lent
      if (!isWanted) return raw.release()
      if ((raw.config.clientFlags & foundRows) === 0) {
        raw.release()
        return settle(Effect.fail(connectFailed("mysql", host, "protocol")))
      }
      adopt(module, raw, deadlines, (effect) => {
        if (isWanted) settle(effect)
        else raw.destroy()
      })
    })
    return Effect.sync(() => {
      isWanted = false
      clearTimeout(timer)
    })
  })

const adopt = (module: MysqlModule, raw: Lent, deadlines: Deadlines, settle: Settle): void => {
  const fail = (error: unknown): void => {
    raw.destroy()
    settle(Effect.fail(connectFailedBy("mysql", host, error)))
  }
  const first = (rows: unknown): ReadonlyArray<unknown> =>
    (rows as ReadonlyArray<ReadonlyArray<unknown>>)[0] ?? []
  raw.query({ sql: greetingText, rowsAsArray: true }, (failed, told) => {
    if (failed !== null) return fail(failed)
    const { server, packet } = toldIn(told)
    const isMariadb = server.dialect === "mariadb"
    const settings = names(isMariadb)
    const asked = `select ${settings.map((name) => `@@${name}`).join(", ")}`
    raw.query({ sql: asked, rowsAsArray: true }, (unread, rows) => {
      if (unread !== null) return fail(unread)
      raw.query({ sql: sessionText(isMariadb) }, (refused) => {
        if (refused !== null) return fail(refused)
        const text = `set session ${settings.map((name) => `${name} = ?`).join(", ")}`
        const opened = adopted(module, raw, server, packet, deadlines, text, first(rows))
        settle(Effect.succeed(opened))
      })
    })
  })
}

const adopted = (
  module: MysqlModule,
  raw: Lent,
  server: Connection["server"],
  packet: number,
  deadlines: Deadlines,
  restoreText: string,
  before: ReadonlyArray<unknown>
): Connection => {
  let isReleased = false
  const giveBack = (destroy: boolean): void => {
    if (isReleased) return
    isReleased = true
    raw.removeListener("error", died)
    raw.removeListener("end", ended)
    if (destroy) raw.destroy()
    else raw.release()
  }
  const restore = (): void => {
    if (connection.session.isTouched()) return giveBack(true)
    const timer = setTimeout(() => giveBack(true), deadlines.control_ms)
    raw.execute({ sql: restoreText, values: before }, (error) => {
      clearTimeout(timer)
      giveBack(error !== null)
    })
  }
  const { config } = raw
  const connection = new MysqlConnectionOf(
    module,
    raw,
    {
      host: config.host,
      port: config.port,
      user: config.user,
      password: Redacted.make(config.password ?? ""),
      database: config.database ?? "",
      tls: config.ssl ?? false,
      applicationName: "",
      statements: 100,
      deadlines,
      driverOptions: {},
      pooler: "none"
    },
    server,
    packet,
    { close: restore, cut: () => giveBack(true) }
  )
  const died = (error: unknown): void => connection.died(error)
  const ended = (): void => connection.died(new Error("the connection ended"))
  raw.on("error", died)
  raw.on("end", ended)
  return connection
}
