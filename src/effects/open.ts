import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Capabilities } from "../algebra/Dialect.ts"
import { capabilities } from "../compile/capabilities.ts"
import { StatementCache } from "../compile/StatementCache.ts"
import type { ConnectFailed, ConnectionError, OpenError } from "./DatabaseError.ts"
import { type Connection, type Deadlines, defaultDeadlines, type Driver } from "./Driver.ts"
import { connectFailed } from "./drivers/connectFailed.ts"
import { type Engine, type Intercept, makeCurrent, type Statements } from "./Engine.ts"
import * as Pool from "./Pool.ts"
import { control, entered, type Sender } from "./send.ts"

/**
 * How connections are kept, for every kind of server.
 *
 * @category models
 */
export interface PoolSettings {
  /** Connections open at once. Default 10; SQLite has one. */
  readonly size?: number
  /** Fibers that may wait for one. Default 1,000. */
  readonly queueLimit?: number
  /** From asking for a connection to having it. Default 5,000. */
  readonly borrow_ms?: number
  /** Idle for longer, a connection proves that it lives before it is lent. Default 500. */
  readonly pingAfter_ms?: number
  /** A connection older than this is not lent again. Default 30 minutes. */
  readonly maxLifetime_ms?: number
  /** Which idle connection goes first. Default `lifo`: the others grow old and go. */
  readonly order?: "fifo" | "lifo"
}

/**
 * What every way to open a database takes.
 *
 * @category models
 */
export interface OpenSettings {
  readonly pool?: PoolSettings
  /** How long each step may take before its socket is destroyed. */
  readonly deadlines?: Partial<Deadlines>
  /** Wraps the sending of every statement. */
  readonly intercept?: Intercept
}

export const deadlinesOf = (settings: OpenSettings): Deadlines => ({
  ...defaultDeadlines,
  ...settings.deadlines
})

/**
 * Opens a database: the pool, one first connection that tells flavour and version, the statements'
 * cache.
 *
 * **Errors** `ConnectFailed` where the server does not answer; what the driver's own making gives.
 */
export const open = <E>(
  makeDriver: Effect.Effect<Driver, E>,
  settings: OpenSettings,
  makeStatements: (capabilities: Capabilities) => Statements = (able) => StatementCache.make(able)
): Effect.Effect<Engine, E | ConnectFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const driver = yield* makeDriver
    const deadlines = deadlinesOf(settings)
    const sender: Sender = { driver, deadlines }
    const pool = yield* Pool.make(poolOptions(sender, settings.pool ?? {}))
    const server = yield* Effect.mapError(
      entered(pool, (lease) => Effect.succeed(lease.connection.server)),
      (error) => asConnectFailed(driver, error)
    )
    const able = capabilities(server.dialect, server.version)
    const engine: Engine = {
      ...sender,
      dialect: server.dialect,
      version: server.version,
      capabilities: able,
      statements: makeStatements(able),
      policies: [],
      pool,
      gate: pool,
      current: makeCurrent(),
      intercept: settings.intercept ?? null,
      before: null,
      readOnly: false
    }
    return engine
  })

const asConnectFailed = (driver: Driver, error: ConnectionError): ConnectFailed =>
  error._tag === "ConnectFailed"
    ? error
    : connectFailed(driver.dialect, driver.host, "timeout", error)

const poolOptions = (sender: Sender, settings: PoolSettings): Pool.PoolOptions => {
  const { deadlines, driver } = sender
  return {
    dialect: driver.dialect,
    connect: driver.connect,
    ping: (connection) => ping(sender, connection),
    size: driver.maxConnections ?? settings.size ?? 10,
    queueLimit: settings.queueLimit ?? 1000,
    borrow_ms: settings.borrow_ms ?? deadlines.borrow_ms,
    pingAfter_ms: driver.ping === null ? Infinity : (settings.pingAfter_ms ?? 500),
    maxLifetime_ms: driver.ping === null ? Infinity : (settings.maxLifetime_ms ?? 30 * 60 * 1000),
    close_ms: deadlines.close_ms,
    order: settings.order ?? "lifo"
  }
}

const ping = (sender: Sender, connection: Connection): Effect.Effect<boolean> =>
  sender.driver.ping === null
    ? Effect.succeed(true)
    : Effect.match(
        control(
          sender,
          connection,
          sender.driver.ping,
          { operation: "borrow", table: null, inTransaction: false },
          sender.deadlines.ping_ms
        ),
        { onSuccess: () => true, onFailure: () => false }
      )

export type { OpenError }
