import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Capabilities, DialectName, Version } from "../algebra/Dialect.ts"
import type { Policy } from "../algebra/Policy.ts"
import type { Select } from "../algebra/Select.ts"
import type { StatementNode } from "../algebra/Statement.ts"
import { refuse } from "../algebra/StatementError.ts"
import type { JsonText } from "../algebra/types/jsonText.ts"
import type { CompileOptions } from "../compile/compileStatement.ts"
import type { Compiled } from "../compile/Compiled.ts"
import { wordsOf } from "../compile/dialects.ts"
import type { ConnectionError, DatabaseError } from "./DatabaseError.ts"
import type { Result } from "./Driver.ts"
import type { FirstConnect, Statements, Told } from "./FirstConnect.ts"
import type { Gate } from "./pool/Gate.ts"
import type { Level } from "./transactions/Level.ts"
import type { Pool } from "./pool/Pool.ts"
import { inSchemas } from "./statements/inSchemas.ts"
import { withOwnJson } from "./statements/ownJson.ts"
import type { Sender } from "./statements/send.ts"
import type { StatementOptions, StreamOptions } from "./statements/StatementOptions.ts"

/**
 * Whose statement it is: the program's own, a relation's that a plan or `Session.load` asks for, or
 * a flush's, with the rows it has to read before.
 *
 * @category models
 */
export type Origin = "program" | "load" | "flush"

type AnyStatement = { readonly node: StatementNode }

/**
 * A statement an interceptor is asked about, and what else may be done with it than to send it.
 *
 * **Shape** `instead` sends another statement in its place, of which the interceptors after this
 * one are asked; `on` sends it, or another, to another database, through that one's own. Both take
 * the same named parameters and give rows of the same shape: their values are read as they came, so
 * results of several may be put together. A stream stays where its cursor is: `on` is refused
 * there, and the cursor is that of the first fetch.
 * **Errors** `StatementError` for a statement that gives other rows than the one asked for.
 *
 * @category models
 */
export interface Sending {
  readonly origin: Origin
  readonly statement: AnyStatement
  /** The same, to be built on: `query.where(posts.c.tenantId.eq(7))`; null for a command. */
  readonly query: Select<unknown, never, string> | null
  readonly options: StatementOptions
  readonly instead: (statement: AnyStatement) => Effect.Effect<Result, DatabaseError>
  readonly on: (database: Engine, statement?: AnyStatement) => Effect.Effect<Result, DatabaseError>
}

/**
 * Wraps the sending of every statement: `next` sends it. What is written by hand in a script, and
 * what the database says of its own (BEGIN, locks, EXPLAIN), is heard by `Database.Tap` alone.
 *
 * **Shape** a stream is asked about at each fetch, an insert of very many rows at each statement.
 * **Source** SQLAlchemy 2.0 `do_orm_execute`, `before_cursor_execute`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const kinds: Array<string> = []
 * const layer = Sqlite.layer({
 *   intercept: [
 *     ({ kind }, next, { origin }) => {
 *       kinds.push(`${kind} of the ${origin}`)
 *       return next
 *     }
 *   ]
 * })
 * const program = Database.one(Query.select(Expr.value(42, Type.integer)))
 * await Effect.runPromise(Effect.provide(program, layer))
 * kinds // => ["query of the program"]
 * ```
 * @category models
 */
export type Intercept = (
  compiled: Compiled,
  next: Effect.Effect<Result, DatabaseError>,
  sending: Sending
) => Effect.Effect<Result, DatabaseError>

/**
 * Runs before a statement, or before a script, of which nothing is known: null where there is
 * nothing to do.
 */
export type Before = (compiled: Compiled | null) => Effect.Effect<void, DatabaseError> | null

/**
 * A database: what the service `Database` holds.
 *
 * **Shape** one server, its pool, its compiled statements. `current` carries the open transaction
 * of this database and no other. Version, capabilities and statements are there once the first
 * connection is, and `dialect` is the driver's until then: see `known`.
 */
export interface Engine extends Parts {
  readonly dialect: DialectName
  readonly version: Version
  readonly capabilities: Capabilities
  readonly statements: Statements
  /** How statements of its own are compiled. */
  readonly compiling: CompileOptions
}

/** What a database is made of before it is asked. */
export interface Parts extends Sender {
  readonly first: FirstConnect
  /** What its lines in the log call it. */
  readonly name: string | null
  /** The statements under its policies; null without any. */
  readonly policed: Statements | null
  /** What every statement is rewritten by. */
  readonly policies: ReadonlyArray<Policy>
  readonly pool: Pool
  /** What lends connections to statements outside a transaction: the pool, or one of its own. */
  readonly gate: Gate<ConnectionError>
  /** SQLite: connections that read while another writes; null where there are none. */
  readonly readers: Pool | null
  readonly current: Context.Reference<Level | null>
  /** How it reads and prints JSON; null as everybody does. */
  readonly json: JsonText | null
  /** Who wraps the sending of every statement, the first of them outermost. */
  readonly intercepts: ReadonlyArray<Intercept>
  /** Whose statements these are. */
  readonly origin: Origin
  readonly before: Before | null
  /** What each statement is sent with. */
  readonly options: StreamOptions
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

/** What the server told of itself. To be asked for after `known` only. */
const toldTo = ({ first }: Parts): Told => {
  if (first.told === null)
    throw new Error("no connection has told of the server yet: Database.server asks for one")
  return first.told
}

/** What is read through the parts of a database once its server has told it. */
const asTold: Omit<Engine, keyof Parts> & ThisType<Engine> = {
  get dialect() {
    return this.first.told === null ? this.driver.dialect : this.first.told.facts.dialect
  },
  get version() {
    return toldTo(this).facts.version
  },
  get capabilities() {
    return toldTo(this).facts.capabilities
  },
  get statements() {
    const { json, options } = this
    const own = this.policed ?? toldTo(this).statements
    const read = json === null ? own : withOwnJson(own, json)
    if (options.schemas === undefined) return read
    const { capabilities, compiling } = this
    return inSchemas(read, options.schemas, wordsOf(capabilities, compiling), capabilities)
  },
  get compiling() {
    return toldTo(this).compiling
  }
}

/** A database of these parts. */
export const makeEngine = (parts: Parts): Engine => Object.assign(Object.create(asTold), parts)

/** The same database, and server, with other parts. */
export const viewOf = (engine: Engine, parts: Partial<Parts>): Engine =>
  makeEngine({ ...(engine as Parts), ...parts })

/** Runs what needs to know the server: who is first to need it has it asked. */
export const knowing = <A, E, R>(
  engine: Engine,
  use: () => Effect.Effect<A, E, R>
): Effect.Effect<A, E | ConnectionError, R> =>
  engine.first.told !== null ? use() : Effect.flatMap(engine.first.known, use)

/** Runs what needs to know the server of the database a service holds. */
export const onKnown = <A, E, R>(
  service: Context.Key<unknown, Engine>,
  use: (engine: Engine) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | ConnectionError, R> =>
  Effect.flatMap(service as unknown as Effect.Effect<Engine>, (engine) =>
    knowing(engine, () => use(engine))
  )

/** The same database with something to do before each statement: how a session flushes in time. */
export const withBefore = (engine: Engine, before: Before): Engine => viewOf(engine, { before })

/** The same database, asked by others: an interceptor is told so. */
export const askedBy = (engine: Engine, origin: Origin): Engine =>
  engine.intercepts.length === 0 || engine.origin === origin ? engine : viewOf(engine, { origin })

/** The same database, for reading only. */
export const asReadOnly = (engine: Engine): Engine => viewOf(engine, { readOnly: true })

/** A session knows rows by their tables: which rows those are is said before it opens. */
export const outsideSession = (engine: Engine, whatIs: string): Engine =>
  engine.before === null
    ? engine
    : refuse(`a session's ${whatIs} chosen before it opens, not inside it`)

/** Undefined says nothing. */
const said = (options: StreamOptions): StreamOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

/** The same database with options for each statement; those it had stay where none is given. */
export const withOptions = (engine: Engine, options: StreamOptions): Engine =>
  viewOf(options.schemas === undefined ? engine : outsideSession(engine, "schemas are"), {
    options: {
      ...engine.options,
      ...said(options),
      ...(options.tags === undefined ? {} : { tags: { ...engine.options.tags, ...options.tags } }),
      ...(options.values === undefined
        ? {}
        : { values: { ...engine.options.values, ...options.values } }),
      ...(options.schemas === undefined
        ? {}
        : { schemas: { ...engine.options.schemas, ...options.schemas } })
    }
  })

let engines = 0

/** A key of its own for each database: two databases never see each other's transaction. */
export const makeCurrent = (): Context.Reference<Level | null> =>
  Context.Reference<Level | null>(`athanor/Transaction/${++engines}`, { defaultValue: () => null })
