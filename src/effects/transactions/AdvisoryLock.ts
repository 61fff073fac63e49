import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import {
  ConnectionLost,
  type Fate,
  LockTimeout,
  type ReadError,
  Unsupported
} from "../DatabaseError.ts"
import type { Connection, Site } from "../Driver.ts"
import type { Engine } from "../Engine.ts"
import type { Gate, Lease } from "../pool/Gate.ts"
import type { Level } from "./Level.ts"
import { asIs, control, sendThrough } from "../statements/send.ts"

/**
 * How a lock is waited for.
 *
 * @category models
 */
export interface LockOptions {
  /** `0`: not at all. Without a limit where left out: interrupt it, or give `Effect.timeout`. */
  readonly wait_ms?: number
}

/**
 * A lock that is held.
 *
 * @category models
 */
export interface AdvisoryLock {
  readonly name: string
  /**
   * Fails with `ConnectionLost` where the connection that holds the lock is gone, and the lock with
   * it: to be asked before what must not be done twice.
   */
  readonly check: Effect.Effect<void, ConnectionLost>
}

/** Takes a lock by name: in a transaction until that ends, else until the scope does. */
export const advisoryLockIn = (
  engine: Engine,
  name: string,
  { wait_ms = Infinity }: LockOptions
): Effect.Effect<AdvisoryLock, ReadError, Scope.Scope> =>
  Effect.withFiber((fiber) => {
    if (engine.dialect === "sqlite") return Exit.fail(unsupported(engine))
    const level = fiber.getRef(engine.current)
    return level === null
      ? inScope(engine, name, wait_ms)
      : inTransaction(engine, level, name, wait_ms)
  })

/** On a connection of its own, which is lent for as long. */
const inScope = (
  engine: Engine,
  name: string,
  wait_ms: number
): Effect.Effect<AdvisoryLock, ReadError, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(engine.pool.enter(restore), (lease) => {
      const { connection } = lease
      const back = Effect.sync(() => engine.pool.leave(lease))
      const given = Effect.addFinalizer(() => Effect.andThen(released(engine, connection), back))
      const taken = waited(engine, sole(lease), false, name, wait_ms, () => "ended")
      const { ping } = engine.driver
      const check =
        ping === null
          ? Effect.void
          : Effect.mapError(
              control(engine, connection, ping, siteOf(false), engine.deadlines.ping_ms),
              () => lostLock(engine, name)
            )
      return Effect.as(
        Effect.andThen(
          Effect.onError(restore(taken), () => back),
          given
        ),
        { name, check: Effect.asVoid(check) }
      )
    })
  )

const inTransaction = (
  engine: Engine,
  level: Level,
  name: string,
  wait_ms: number
): Effect.Effect<AdvisoryLock, ReadError> => {
  const { root } = level
  const fate = (): Fate => (level.doomed === null ? "alive" : "doomed")
  const isOver = () => root.fatal !== null || !level.open || !root.lease.connection.isAlive()
  const check = Effect.suspend(() => (isOver() ? Effect.fail(lostLock(engine, name)) : Effect.void))
  // Kept by the session there: see `Root.releases`.
  if (engine.dialect !== "postgres") root.releases.add(releaseTexts.mariadb)
  return Effect.as(waited(engine, level, true, name, wait_ms, fate), { name, check })
}

/** A gate to one connection that nobody else has. */
const sole = (lease: Lease): Gate => ({
  peek: () => lease,
  tryEnter: () => lease,
  enter: () => Effect.succeed(lease),
  leave: () => {},
  failed: () => {}
})

const siteOf = (inTransaction: boolean): Site => ({
  operation: "lock",
  table: null,
  inTransaction
})

/** A lock's number on PostgreSQL is of its database; MariaDB's names are of the whole server. */
const key = {
  postgres: "hashtextextended($1, 0)",
  mysql: "sha2(concat(database(), char(0), ?), 256)",
  mariadb: "sha2(concat(database(), char(0), ?), 256)"
} as const

const releaseTexts = {
  postgres: "select pg_advisory_unlock_all()",
  mysql: "do release_all_locks()",
  mariadb: "do release_all_locks()"
} as const

const farAway_s = 365 * 24 * 3600

/** What asks for the lock: one row that says whether it was given. */
const question = (
  engine: Engine,
  isWithin: boolean,
  name: string,
  wait_ms: number
): readonly [text: string, parameters: ReadonlyArray<unknown>] => {
  if (engine.dialect !== "postgres") {
    const wait_s = wait_ms === Infinity ? farAway_s : wait_ms / 1000
    return [`select get_lock(${key.mariadb}, ?)`, [name, wait_s]]
  }
  const kind = isWithin ? "advisory_xact_lock" : "advisory_lock"
  return wait_ms === 0
    ? [`select pg_try_${kind}(${key.postgres})`, [name]]
    : [`select true from pg_${kind}(${key.postgres})`, [name]]
}

const waited = (
  engine: Engine,
  gate: Gate,
  isWithin: boolean,
  name: string,
  wait_ms: number,
  fate: () => Fate
): Effect.Effect<void, ReadError> => {
  const [text, parameters] = question(engine, isWithin, name, wait_ms)
  const request = { text, parameters, bigints: false, single: true, rowKey: null, keep: true }
  const late = Effect.suspend(() => Effect.fail(lockTimeout(engine, name, fate())))
  const asked = Effect.flatMap(
    sendThrough(engine, gate, request, siteOf(isWithin), asIs) as Effect.Effect<
      { readonly rows: ReadonlyArray<ReadonlyArray<unknown>> },
      ReadError
    >,
    ({ rows }) => (isGiven.has(rows[0]?.[0]) ? Effect.void : late)
  )
  return engine.dialect === "postgres" && wait_ms !== 0 && wait_ms !== Infinity
    ? Effect.timeoutOrElse(asked, { duration: wait_ms, orElse: () => late })
    : asked
}

const isGiven: ReadonlySet<unknown> = new Set(["t", 1, "1"])

/** A connection that does not answer is cut, and its locks with it. */
const released = (engine: Engine, connection: Connection): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (!connection.isAlive() || engine.dialect === "sqlite") return Effect.void
    const text = releaseTexts[engine.dialect]
    return Effect.matchEffect(
      control(engine, connection, text, siteOf(false), engine.deadlines.control_ms),
      { onSuccess: () => Effect.void, onFailure: () => Effect.sync(() => connection.destroy()) }
    )
  })

const unsupported = (engine: Engine): Unsupported =>
  new Unsupported({
    message: `${engine.dialect} cannot do this: a lock by name (advisoryLocks)`,
    dialect: engine.dialect,
    operation: "lock",
    retryable: false,
    transaction: "alive",
    capability: "advisoryLocks",
    construct: "a lock by name"
  })

const lockTimeout = (engine: Engine, name: string, transaction: Fate): LockTimeout =>
  new LockTimeout({
    message: `the lock "${name}" did not come free in time`,
    dialect: engine.dialect,
    operation: "lock",
    retryable: true,
    transaction
  })

const lostLock = (engine: Engine, name: string): ConnectionLost =>
  new ConnectionLost({
    message: `the connection that held the lock "${name}" is gone`,
    dialect: engine.dialect,
    operation: "lock",
    retryable: true,
    transaction: "ended"
  })
