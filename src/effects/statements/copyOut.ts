import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Fetched } from "../../algebra/From.ts"
import type { Relation } from "../../algebra/Relation.ts"
import type { Statement } from "../../algebra/Statement.ts"
import type { Compiled } from "../../compile/Compiled.ts"
import { readable } from "../../compile/compileStatement.ts"
import { Database } from "../Database.ts"
import { type DatabaseError, type ReadError, Unsupported } from "../DatabaseError.ts"
import type { Cursor, Result, Site } from "../Driver.ts"
import { type Engine, onKnown } from "../Engine.ts"
import { decoded } from "./answer.ts"
import { unsupported } from "./statementRefused.ts"
import { describe } from "../classify/describe.ts"
import { type Listener, told } from "../observability/Tap.ts"
import { type Counter, counterOf } from "../observability/Progress.ts"
import { listenerOf } from "../observability/Telemetry.ts"
import type { Gate, Lease } from "../pool/Gate.ts"
import { intercepted, staysThere } from "../Intercept.ts"
import type { Level } from "../transactions/Level.ts"
import { inTime } from "./inTime.ts"
import { rowsProof } from "./rowsProof.ts"
import { control } from "./send.ts"
import { tagged } from "./StatementOptions.ts"

type Rows = Stream.Stream<unknown, DatabaseError>

/** Gives the rows of a query by COPY: what `Postgres.copyOut` says. */
export const copyOut = <Row>(
  query: Statement<Row> & { readonly node: Relation }
): Stream.Stream<Fetched<Row>, ReadError, Database> =>
  Stream.unwrap(
    onKnown(Database, (engine) =>
      Effect.withFiber((fiber) => {
        if (engine.dialect !== "postgres") return Effect.fail(notThere(engine))
        const { node } = query
        const found = engine.statements.get(node)
        if (found._tag === "Refusal") return Effect.fail(unsupported(found))
        const { capabilities, options, policies } = engine
        const { schemas = {} } = options
        const said = readable({ node }, capabilities, { ...engine.compiling, policies, schemas })
        if (said._tag === "Refusal") return Effect.fail(unsupported(said))
        const { compiled } = found
        const level = fiber.getRef(engine.current)
        const text = tagged(`COPY (${said.text}) TO STDOUT`, options.tags)
        const opened = begun(
          { engine, node, compiled, text, level },
          {
            tap: listenerOf(fiber, engine),
            progress: counterOf(fiber, "copyOut", compiled.reads[0] ?? null, null)
          }
        )
        const before = [engine.before?.(compiled), rowsProof(engine, level, compiled, node)]
        return Effect.andThen(
          Effect.forEach(before, (one) => one ?? Effect.void, { discard: true }),
          opened
        )
      })
    )
  ) as Stream.Stream<Fetched<Row>, ReadError, Database>

const notThere = ({ dialect }: Engine): Unsupported =>
  new Unsupported({
    message: `${dialect} cannot do this: COPY (copy)`,
    dialect,
    operation: "query",
    retryable: false,
    transaction: "alive",
    capability: "copy",
    construct: "COPY"
  })

interface Asked {
  readonly engine: Engine
  readonly node: Relation
  readonly compiled: Compiled
  readonly text: string
  readonly level: Level | null
}

interface Listeners {
  readonly tap: Listener | null
  readonly progress: Counter | null
}

const defaultSize = 500

/** Has a connection for itself until the last row is read, or nobody reads on. */
const begun = (
  asked: Asked,
  listeners: Listeners
): Effect.Effect<Rows, DatabaseError, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap((asked.level ?? asked.engine.gate).enter(restore), (lease) => {
      const copying = new CopyingOut(asked, lease, listeners)
      return Effect.as(
        Effect.andThen(
          Effect.addFinalizer(() => copying.given),
          copying.marked
        ),
        copying.rows
      )
    })
  )

/** One COPY, from its first row to the last, or to where nobody reads on. */
class CopyingOut {
  readonly #asked: Asked
  readonly #lease: Lease
  readonly #gate: Gate
  readonly #cursor: Cursor
  readonly #site: Site
  readonly #listeners: Listeners
  #isOver = false

  constructor(asked: Asked, lease: Lease, listeners: Listeners) {
    const { compiled, engine, level, text } = asked
    this.#asked = asked
    this.#lease = lease
    this.#gate = level ?? engine.gate
    this.#cursor = lease.connection.copyOut!(text)
    this.#site = {
      operation: "query",
      table: compiled.reads[0] ?? null,
      inTransaction: level !== null
    }
    this.#listeners = listeners
  }

  /** What is stopped fails: a transaction goes on from where the rows were asked for. */
  get marked(): Effect.Effect<void, DatabaseError> {
    return this.#asked.level === null ? Effect.void : this.#says(["SAVEPOINT athanor_copy"])
  }

  get rows(): Rows {
    const { compiled, engine } = this.#asked
    const size = engine.options.fetchSize ?? defaultSize
    return Stream.paginate<undefined, unknown, DatabaseError>(undefined, () =>
      Effect.flatMap(this.#fetched(size), ({ rows }) => {
        const isLast = rows.length < size
        this.#listeners.progress?.add(rows.length)
        const values = Effect.map(
          decoded(compiled, rows),
          (chunk) => [chunk, isLast ? Option.none() : Option.some(undefined)] as const
        )
        return isLast ? Effect.andThen(this.#ended, values) : values
      })
    )
  }

  /** Gives the connection back proven idle, or cut. */
  get given(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#listeners.progress?.over()
      if (this.#isOver) return Effect.void
      const { connection } = this.#lease
      const undone = Effect.suspend(() =>
        this.#asked.level !== null && connection.isAlive()
          ? Effect.ignore(
              this.#says(["ROLLBACK TO SAVEPOINT athanor_copy", "RELEASE SAVEPOINT athanor_copy"])
            )
          : Effect.void
      )
      return Effect.ensuring(Effect.andThen(this.#stopped, undone), Effect.sync(this.#leave))
    })
  }

  get #ended(): Effect.Effect<void, DatabaseError> {
    const released =
      this.#asked.level === null ? Effect.void : this.#says(["RELEASE SAVEPOINT athanor_copy"])
    return Effect.uninterruptible(Effect.andThen(released, Effect.sync(this.#leave)))
  }

  get #stopped(): Effect.Effect<void> {
    return Effect.callback((resume) => {
      const { control_ms } = this.#asked.engine.deadlines
      const timer = setTimeout(() => this.#lease.connection.destroy(), control_ms)
      this.#cursor.close(() => {
        clearTimeout(timer)
        resume(Effect.void)
      })
    })
  }

  #fetched(size: number): Effect.Effect<Result, DatabaseError> {
    const { compiled, engine, level, node, text } = this.#asked
    const { driver, options, policies } = engine
    const asked = Effect.callback<Result, DatabaseError>((resume) =>
      this.#cursor.fetch(size, (error, result) => {
        if (error === null) return resume(Exit.succeed(result!))
        const failure = driver.classify(error, this.#site, this.#lease.connection)
        this.#gate.failed(failure)
        // It is the transaction that failed, not this alone.
        this.#leave()
        resume(Exit.fail(describe(failure, node, policies)))
      })
    )
    const { timeout_ms } = options
    const stays = () => Effect.fail(staysThere(compiled, "a COPY of another query"))
    const sent =
      timeout_ms === undefined ? asked : inTime(asked, timeout_ms, this.#site, compiled, level)
    const fetched = intercepted({ engine, node, compiled, send: sent, instead: stays, on: stays })
    const { tap } = this.#listeners
    return tap === null ? fetched : told(tap, { ...this.#site, text, parameterCount: 0 }, fetched)
  }

  #leave = (): void => {
    if (this.#isOver) return
    this.#isOver = true
    this.#gate.leave(this.#lease)
  }

  #says(texts: ReadonlyArray<string>): Effect.Effect<void, DatabaseError> {
    const { engine } = this.#asked
    const site: Site = { operation: "savepoint", table: null, inTransaction: true }
    return Effect.forEach(
      texts,
      (text) => control(engine, this.#lease.connection, text, site, engine.deadlines.control_ms),
      { discard: true }
    )
  }
}
