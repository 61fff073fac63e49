import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { StatementNode } from "../algebra/Statement.ts"
import type { Compiled } from "../compile/Compiled.ts"
import { bind, type Named } from "./bind.ts"
import type { DatabaseError } from "./DatabaseError.ts"
import type { Request, Site } from "./Driver.ts"
import type { Engine } from "./Engine.ts"
import { decoded, type EngineKey, execution, unsupported } from "./Execution.ts"
import type { Lease } from "./Gate.ts"
import { type Level, Root } from "./Level.ts"
import { asIs, control, sendThrough } from "./send.ts"

/** Rows fetched at once. */
const fetchSize = 500

/**
 * The rows of a query, one after another.
 *
 * **Shape** on PostgreSQL through a cursor, `fetchSize` rows at a time, in the open transaction or
 * in one of its own for reading; elsewhere, and for commands, fetched whole first. The cursor is
 * closed when the stream ends, however it ends.
 */
export const streamRows = (
  service: EngineKey,
  node: StatementNode,
  named: Named | undefined
): Stream.Stream<unknown, DatabaseError> =>
  Stream.unwrap(
    Effect.withFiber((fiber) => {
      const engine = Context.getUnsafe(fiber.context as Context.Context<unknown>, service)
      const prepared = engine.statements.get(node)
      if (prepared._tag === "Refusal") return Effect.fail(unsupported(prepared))
      const { compiled } = prepared
      const byCursor = engine.dialect === "postgres" && compiled.kind === "query"
      if (!byCursor || engine.before !== null || engine.intercept !== null) {
        return Effect.succeed(whole(service, node, named))
      }
      const parameters = bind(engine, compiled, prepared.binds, named, fiber)
      return Array.isArray(parameters)
        ? opened(engine, fiber.getRef(engine.current), compiled, parameters)
        : Effect.fail(parameters as DatabaseError)
    })
  )

const whole = (service: EngineKey, node: StatementNode, named: Named | undefined) =>
  Stream.fromIterableEffect(
    execution(service, node, named, "all") as Effect.Effect<ReadonlyArray<unknown>, DatabaseError>
  )

let cursors = 0

const opened = (
  engine: Engine,
  open: Level | null,
  compiled: Compiled,
  parameters: ReadonlyArray<unknown>
): Effect.Effect<Stream.Stream<unknown, DatabaseError>, DatabaseError, Scope.Scope> =>
  Effect.flatMap(open === null ? ownLevel(engine) : Effect.succeed(open), (level) => {
    const name = `athanor_cursor_${++cursors}`
    const site: Site = {
      operation: "query",
      table: compiled.reads[0] ?? null,
      inTransaction: true
    }
    const send = (text: string, values: ReadonlyArray<unknown>) => {
      const request: Request = {
        text,
        parameters: values,
        bigints: false,
        single: false,
        rowKey: null,
        keep: false
      }
      return sendThrough(engine, level, request, site, asIs)
    }
    const fetch = Effect.flatMap(send(`FETCH ${fetchSize} FROM ${name}`, []), ({ rows }) =>
      Effect.map(
        decoded(compiled, rows),
        (values) =>
          [values, rows.length < fetchSize ? Option.none() : Option.some(undefined)] as const
      )
    )
    const declared = send(`DECLARE ${name} NO SCROLL CURSOR FOR ${compiled.text}`, parameters)
    const closed = Effect.ignore(send(`CLOSE ${name}`, []))
    const scoped =
      open === null
        ? declared
        : Effect.acquireRelease(declared, () => closed, { interruptible: true })
    return Effect.as(
      scoped,
      Stream.paginate<undefined, unknown, DatabaseError>(undefined, () => fetch)
    )
  })

/** A transaction for reading that lives as long as the stream. */
const ownLevel = (engine: Engine): Effect.Effect<Level, DatabaseError, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(engine.pool.enter(restore), (lease) => {
      const site: Site = { operation: "begin", table: null, inTransaction: false }
      const { control_ms } = engine.deadlines
      return Effect.flatMap(
        Effect.onExit(
          control(engine, lease.connection, "BEGIN READ ONLY", site, control_ms),
          (exit) =>
            Effect.sync(() => {
              if (Exit.isFailure(exit)) engine.pool.leave(lease)
            })
        ),
        () => {
          const level = new Root(engine.dialect, lease, engine.deadlines.borrow_ms).active
          return Effect.as(
            Effect.addFinalizer(() => endLevel(engine, level, lease)),
            level
          )
        }
      )
    })
  )

/** Nothing was written: a rollback ends it, and one that fails costs the connection. */
const endLevel = (engine: Engine, level: Level, lease: Lease): Effect.Effect<void> => {
  const { connection } = lease
  const { control_ms } = engine.deadlines
  const site: Site = { operation: "rollback", table: null, inTransaction: true }
  level.root.closeDown(level)
  return level.root
    .takeForEnd(control_ms)
    .pipe(
      Effect.andThen(
        Effect.suspend(() =>
          connection.isAlive()
            ? Effect.ignore(control(engine, connection, "ROLLBACK", site, control_ms))
            : Effect.void
        )
      ),
      Effect.andThen(Effect.sync(() => engine.pool.leave(lease)))
    )
}
