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
import type { PoolOptions } from "./PoolOptions.ts"
import { completed, type PoolSettings } from "./PoolSettings.ts"
import { control, entered, type Sender } from "./send.ts"

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

const poolOptions = (sender: Sender, settings: PoolSettings): PoolOptions => {
  const { deadlines, driver } = sender
  return {
    ...completed({ borrow_ms: deadlines.borrow_ms, ...settings }, driver),
    dialect: driver.dialect,
    connect: driver.connect,
    ping: (connection) => ping(sender, connection),
    reset: (connection) => reset(deadlines, connection),
    close_ms: deadlines.close_ms
  }
}

/** Not past its deadline: then the socket is destroyed. */
const reset = (deadlines: Deadlines, connection: Connection): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const { session } = connection
    if (session === undefined) return resume(Effect.succeed(true))
    const timer = setTimeout(() => connection.destroy(), deadlines.control_ms)
    session.reset((error) => {
      clearTimeout(timer)
      if (error === null) session.begun()
      resume(Effect.succeed(error === null))
    })
    return Effect.sync(() => {
      clearTimeout(timer)
      connection.destroy()
    })
  })

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
