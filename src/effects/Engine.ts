import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Capabilities, DialectName, Version } from "../algebra/Dialect.ts"
import type { Policy } from "../algebra/Policy.ts"
import type { Compiled } from "../compile/Compiled.ts"
import type { StatementCache } from "../compile/StatementCache.ts"
import type { ConnectionError, DatabaseError } from "./DatabaseError.ts"
import type { Result } from "./Driver.ts"
import type { Gate } from "./pool/Gate.ts"
import type { Level } from "./transactions/Level.ts"
import type { Pool } from "./pool/Pool.ts"
import type { Sender } from "./statements/send.ts"
import type { StatementOptions } from "./statements/StatementOptions.ts"

/** What compiles statements and remembers them. */
export type Statements = Pick<StatementCache, "get">

/** Wraps the sending of every statement; `next` sends it, `options` are those it is sent with. */
export type Intercept = (
  compiled: Compiled,
  next: Effect.Effect<Result, DatabaseError>,
  options: StatementOptions
) => Effect.Effect<Result, DatabaseError>

/**
 * Runs before a statement, or before a script, of which nothing is known: null where there is
 * nothing to do.
 */
export type Before = (compiled: Compiled | null) => Effect.Effect<void, DatabaseError> | null

/**
 * An open database: what the service `Database` holds.
 *
 * **Shape** one server, its pool, its compiled statements. `current` carries the open transaction
 * of this database and no other.
 */
export interface Engine extends Sender {
  readonly dialect: DialectName
  readonly version: Version
  readonly capabilities: Capabilities
  readonly statements: Statements
  /** What every statement is rewritten by. */
  readonly policies: ReadonlyArray<Policy>
  readonly pool: Pool
  /** What lends connections to statements outside a transaction: the pool, or one of its own. */
  readonly gate: Gate<ConnectionError>
  /** SQLite: connections that read while another writes; null where there are none. */
  readonly readers: Pool | null
  readonly current: Context.Reference<Level | null>
  readonly intercept: Intercept | null
  readonly before: Before | null
  /** What each statement is sent with. */
  readonly options: StatementOptions
  /** Refuses statements that write. */
  readonly readOnly: boolean
  /** Shapes of statements whose warning is in the log already. */
  readonly warned: Set<string>
}

/**
 * What lends a connection for reading alone: one that reads while the only one that writes is lent.
 * What is committed is seen by the next statement on any of them.
 */
export const gateForReading = (engine: Engine): Gate<ConnectionError> =>
  engine.readers !== null && engine.gate === engine.pool && engine.pool.peek() === null
    ? engine.readers
    : engine.gate

/** The same database with something to do before each statement: how a session flushes in time. */
export const withBefore = (engine: Engine, before: Before): Engine => ({ ...engine, before })

/** The same database, for reading only. */
export const asReadOnly = (engine: Engine): Engine => ({ ...engine, readOnly: true })

/** The same database with options for each statement; those it had stay where none is given. */
export const withOptions = (engine: Engine, options: StatementOptions): Engine => ({
  ...engine,
  options: {
    ...engine.options,
    ...options,
    ...(options.tags === undefined ? {} : { tags: { ...engine.options.tags, ...options.tags } }),
    ...(options.values === undefined
      ? {}
      : { values: { ...engine.options.values, ...options.values } })
  }
})

let engines = 0

/** A key of its own for each database: two databases never see each other's transaction. */
export const makeCurrent = (): Context.Reference<Level | null> =>
  Context.Reference<Level | null>(`athanor/Transaction/${++engines}`, { defaultValue: () => null })
