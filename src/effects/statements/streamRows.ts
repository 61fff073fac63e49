import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { StatementNode } from "../../algebra/Statement.ts"
import type { Compiled } from "../../compile/Compiled.ts"
import { bind, type Named } from "./bind.ts"
import { type DatabaseError, Unsupported } from "../DatabaseError.ts"
import { describe } from "../classify/describe.ts"
import { inStatement } from "../classify/inStatement.ts"
import type { Connection, Cursor, Request, Result, Site } from "../Driver.ts"
import { type Engine, onKnown } from "../Engine.ts"
import { checkRows, intercepted, staysThere, type Way } from "../Intercept.ts"
import { aboutOf } from "../observability/about.ts"
import { type EngineKey, execution } from "../Execution.ts"
import { decoded } from "./answer.ts"
import { unsupported } from "./statementRefused.ts"
import type { Gate, Lease } from "../pool/Gate.ts"
import type { Level } from "../transactions/Level.ts"
import { inTime } from "./inTime.ts"
import { rowsProof } from "./rowsProof.ts"
import { nextSize } from "./fetchSizes.ts"
import { type Counter, counterOf } from "../observability/Progress.ts"
import { asIs, control, entered, fetchThrough, retryBusy } from "./send.ts"
import { tagged } from "./StatementOptions.ts"
import { type About, type Listener, tell } from "../observability/Tap.ts"
import { listenerOf } from "../observability/Telemetry.ts"
import { warningOf } from "../observability/unconnected.ts"

type Rows = Stream.Stream<unknown, DatabaseError>

/**
 * The rows of a query, one after another.
 *
 * **Shape** through a cursor, as many rows at a time as `fetchSize` says: on the connection of the
 * open transaction, else on one of its own until the last row is read; SQLite's only connection is
 * shared with who else needs it. The cursor is closed when the stream ends, however it ends.
 * Commands give their rows at once.
 */
export const streamRows = (
  service: EngineKey,
  node: StatementNode,
  named: Named | undefined
): Rows =>
  Stream.unwrap(
    onKnown(service, (engine) =>
      Effect.withFiber((fiber) => {
        const { fetchSize } = engine.options
        const asked = readied(engine, node, named, fiber)
        if ("_tag" in asked) {
          return asked._tag === "Unsupported" &&
            asked.capability === "commandCursor" &&
            fetchSize === undefined
            ? Effect.succeed(whole(service, node, named))
            : Effect.fail(asked)
        }
        const { compiled } = asked
        const level = fiber.getRef(engine.current)
        const reading = new Reading(engine, asked, level, {
          size: fetchSize ?? nextSize([]),
          // Nobody waits for SQLite, so a fetch costs as much as some of its rows.
          adapts: fetchSize === undefined && engine.dialect === "sqlite",
          tap: listenerOf(fiber, engine),
          progress: counterOf(fiber, "stream", compiled.reads[0] ?? null, null)
        })
        const opened =
          level !== null || engine.driver.maxConnections === 1
            ? shared(reading, level ?? engine.gate)
            : alone(reading)
        const before = engine.before?.(compiled) ?? null
        const streamed = before === null ? opened : Effect.andThen(before, opened)
        const warning = warningOf(engine, compiled, node)
        const proof = rowsProof(engine, level, compiled, node)
        const proved = proof === null ? streamed : Effect.andThen(proof, streamed)
        return warning === null ? proved : Effect.andThen(warning, proved)
      })
    )
  )

const whole = (service: EngineKey, node: StatementNode, named: Named | undefined): Rows =>
  Stream.fromIterableEffect(
    execution(service, node, named, "all") as Effect.Effect<ReadonlyArray<unknown>, DatabaseError>
  )

/** A query that is ready to be read, or why it is not. */
const readied = (
  engine: Engine,
  node: StatementNode,
  named: Named | undefined,
  fiber: Fiber.Fiber<unknown, unknown>
): Ready | DatabaseError => {
  const found = engine.statements.get(node)
  if (found._tag === "Refusal") return unsupported(found)
  const { binds, compiled } = found
  if (compiled.kind !== "query") return notByCursor(compiled)
  const parameters = bind(compiled, binds, named, fiber)
  return Array.isArray(parameters)
    ? { node, compiled, parameters, named }
    : (parameters as DatabaseError)
}

const notByCursor = ({ dialect, kind }: Compiled): Unsupported =>
  new Unsupported({
    message: `a command gives all its rows at once: no fetch size for ${kind}`,
    dialect,
    operation: kind,
    retryable: false,
    transaction: "alive",
    capability: "commandCursor",
    construct: `a fetch size for ${kind}`
  })

const more = Option.some(undefined)
const none: Option.Option<undefined> = Option.none()

interface Settings {
  readonly size: number
  readonly adapts: boolean
  readonly tap: Listener | null
  readonly progress: Counter | null
}

/** A query that is ready, and what its parameters are named. */
interface Ready {
  readonly node: StatementNode
  readonly compiled: Compiled
  readonly parameters: ReadonlyArray<unknown>
  readonly named: Named | undefined
}

/** One stream being read. */
class Reading {
  readonly engine: Engine
  readonly #asked: Ready
  /** The query the cursor is of: an interceptor may have sent another. */
  #read: Ready
  readonly level: Level | null
  readonly site: Site
  readonly #adapts: boolean
  #size: number
  readonly tap: Listener | null
  readonly #progress: Counter | null
  #cursor: Cursor | null = null
  #waited_ms = 0
  #rowCount = 0
  #isTold = false
  #about: Pick<About, "text" | "parameterCount" | "sent"> | null

  constructor(engine: Engine, asked: Ready, level: Level | null, settings: Settings) {
    const { compiled } = asked
    this.engine = engine
    this.#asked = asked
    this.#read = asked
    this.level = level
    this.site = {
      operation: "query",
      table: compiled.reads[0] ?? null,
      inTransaction: level !== null
    }
    this.#size = settings.size
    this.#adapts = settings.adapts
    this.tap = settings.tap
    this.#progress = settings.progress
    this.#about = this.tap === null ? null : aboutOf(engine, compiled, this.#requestOf(asked))
  }

  /** The rows, chunk by chunk; `last` runs when there are no more to fetch. */
  through(gate: Gate, last: Effect.Effect<void, DatabaseError>): Rows {
    return Stream.paginate<undefined, unknown, DatabaseError>(undefined, () =>
      Effect.flatMap(this.#fetched(gate), ({ rows }) => {
        const isLast = rows.length < this.#size
        if (this.#adapts && !isLast) this.#size = nextSize(rows)
        this.#progress?.add(rows.length)
        const values = Exit.map(
          decoded(this.#read.compiled, rows),
          (chunk) => [chunk, isLast ? none : more] as const
        )
        return isLast ? Effect.andThen(last, values) : values
      })
    )
  }

  /** Ends the cursor, wherever it stands. */
  get closed(): Effect.Effect<void> {
    return Effect.callback((resume) => {
      this.#tell(null)
      this.#progress?.over()
      if (this.#cursor === null) return resume(Effect.void)
      this.#cursor.close(() => resume(Effect.void))
    })
  }

  #fetched(gate: Gate): Effect.Effect<Result, DatabaseError> {
    return Effect.suspend(() => {
      const isAsked = this.engine.intercepts.length > 0
      const fetched = isAsked
        ? intercepted(this.#wayOf(this.#asked, gate))
        : this.#sent(this.#asked, gate)
      return this.tap === null ? fetched : this.#timed(fetched)
    })
  }

  #wayOf(ready: Ready, gate: Gate): Way {
    const { compiled, node } = ready
    return {
      engine: this.engine,
      node,
      compiled,
      send: Effect.suspend(() => {
        if (this.#cursor !== null && this.#read.compiled.text !== compiled.text)
          return Effect.fail(staysThere(compiled, "another query than its first fetch's"))
        if (this.#cursor === null) this.#reads(ready)
        return this.#sent(this.#read, gate)
      }),
      instead: (other) =>
        Effect.withFiber((fiber) => {
          checkRows(node, other)
          const { named } = this.#asked
          const prepared = readied(this.engine, other, named, fiber)
          if ("_tag" in prepared) return Effect.fail(prepared)
          const proof = rowsProof(this.engine, this.level, prepared.compiled, other, gate)
          return Effect.as(proof ?? Effect.void, this.#wayOf(prepared, gate))
        }),
      on: () => Effect.fail(staysThere(compiled, "a stream on another database"))
    }
  }

  /** From its first fetch on a cursor is of one query. */
  #reads(ready: Ready): void {
    if (ready === this.#read) return
    this.#read = ready
    if (this.tap !== null)
      this.#about = aboutOf(this.engine, ready.compiled, this.#requestOf(ready))
  }

  #requestOf({ compiled, parameters }: Ready): Request {
    const { bigints } = compiled
    const text = tagged(compiled.text, this.engine.options.tags)
    return { text, parameters, bigints, single: false, rowKey: null, keep: true }
  }

  #sent(ready: Ready, gate: Gate): Effect.Effect<Result, DatabaseError> {
    const { engine, site } = this
    const { compiled, node } = ready
    const on = (connection: Connection): Cursor =>
      (this.#cursor ??= connection.cursor(this.#requestOf(ready)))
    const asked = Effect.mapError(
      engine.driver.maxConnections === 1
        ? fetchNow(engine, gate, site, on, this.#size)
        : fetchThrough(
            engine,
            gate,
            (connection, done) => on(connection).fetch(this.#size, done),
            site,
            asIs
          ),
      (error) => inStatement(describe(error, node, engine.policies), compiled)
    )
    const { timeout_ms } = engine.options
    return timeout_ms === undefined ? asked : inTime(asked, timeout_ms, site, compiled, this.level)
  }

  #timed(fetched: Effect.Effect<Result, DatabaseError>): Effect.Effect<Result, DatabaseError> {
    const startedAt = performance.now()
    return Effect.onExit(fetched, (exit) =>
      Effect.sync(() => {
        this.#waited_ms += performance.now() - startedAt
        if (Exit.isSuccess(exit)) this.#rowCount += exit.value.rows.length
        else this.#tell(Option.getOrNull(Exit.findErrorOption(exit)))
      })
    )
  }

  /** Who listens hears of a stream once, at its end: how long the server took in all. */
  #tell(error: DatabaseError | null): void {
    if (this.tap === null || this.#isTold) return
    this.#isTold = true
    const { sent, ...about } = this.#about!
    tell(
      this.tap,
      {
        ...about,
        duration_ms: this.#waited_ms,
        rowCount: this.#rowCount,
        operation: this.site.operation,
        table: this.site.table,
        error,
        isInterrupted: false
      },
      sent
    )
  }
}

/** On SQLite: waits for the connection, and for other processes to let go of the file. */
const fetchNow = (
  engine: Engine,
  gate: Gate,
  site: Site,
  on: (connection: Connection) => Cursor,
  size: number
): Effect.Effect<Result, DatabaseError> =>
  entered(gate, ({ connection }, restore) =>
    Effect.tapError(
      restore(retryBusy(engine, site, connection, () => answered(on(connection), size))),
      (error) => Effect.sync(() => gate.failed(error))
    )
  )

/** A cursor that answers before it returns. */
const answered = (cursor: Cursor, size: number): Result => {
  let failure: { readonly error: unknown } | null = null as { readonly error: unknown } | null
  let answer: Result | null = null
  cursor.fetch(size, (error, result) => {
    if (error === null) answer = result
    else failure = { error }
  })
  if (failure !== null) throw failure.error
  return answer!
}

/** On a connection that others use between two fetches. */
const shared = (reading: Reading, gate: Gate): Effect.Effect<Rows, DatabaseError, Scope.Scope> =>
  Effect.as(
    Effect.addFinalizer(() => reading.closed),
    reading.through(gate, Effect.void)
  )

/** On a connection of its own, given back when the last row has been fetched. */
const alone = (reading: Reading): Effect.Effect<Rows, DatabaseError, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(reading.engine.gate.enter(restore), (lease) => {
      const own = new Own(reading, lease)
      return Effect.as(
        Effect.andThen(
          Effect.addFinalizer(() => own.given),
          own.begun
        ),
        reading.through(own, own.ended)
      )
    })
  )

/** The connection of one stream: nobody else is inside. */
class Own implements Gate {
  readonly #reading: Reading
  readonly #lease: Lease
  #isOver = false

  constructor(reading: Reading, lease: Lease) {
    this.#reading = reading
    this.#lease = lease
  }

  peek = (): Lease => this.#lease
  tryEnter = (): Lease => this.#lease
  enter = (): Effect.Effect<Lease> => Effect.succeed(this.#lease)
  leave = (): void => {}
  failed = (error: DatabaseError): void => this.#reading.engine.gate.failed(error)

  /** PostgreSQL keeps portals inside a transaction only. */
  get begun(): Effect.Effect<void, DatabaseError> {
    return this.#says(this.#reading.engine.readOnly ? "BEGIN READ ONLY" : "BEGIN", "begin")
  }

  /** What the functions of a query wrote is kept, as it is where all rows are fetched at once. */
  get ended(): Effect.Effect<void, DatabaseError> {
    return Effect.uninterruptible(
      Effect.andThen(this.#says("COMMIT", "commit"), Effect.sync(this.#leave))
    )
  }

  /** Gives the connection back as it was: what was not read to its end wrote nothing. */
  get given(): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.#isOver) return this.#reading.closed
      const { connection } = this.#lease
      const undone = Effect.suspend(() =>
        connection.isAlive() && connection.transaction() !== "none"
          ? Effect.ignore(this.#says("ROLLBACK", "rollback"))
          : Effect.void
      )
      return Effect.ensuring(Effect.andThen(this.#reading.closed, undone), Effect.sync(this.#leave))
    })
  }

  #leave = (): void => {
    if (this.#isOver) return
    this.#isOver = true
    this.#reading.engine.gate.leave(this.#lease)
  }

  #says(
    text: string,
    operation: "begin" | "commit" | "rollback"
  ): Effect.Effect<void, DatabaseError> {
    const { engine } = this.#reading
    if (engine.dialect !== "postgres") return Effect.void
    const { commit_ms, control_ms } = engine.deadlines
    const site: Site = { operation, table: null, inTransaction: operation === "rollback" }
    const deadline_ms = operation === "commit" ? commit_ms : control_ms
    return Effect.asVoid(control(engine, this.#lease.connection, text, site, deadline_ms))
  }
}
