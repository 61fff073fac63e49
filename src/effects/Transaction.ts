import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Schedule from "effect/Schedule"
import {
  type DatabaseError,
  type Operation,
  type TransactionError,
  UnexpectedDriverError
} from "./DatabaseError.ts"
import type { Connection, Result, Site } from "./Driver.ts"
import type { Engine } from "./Engine.ts"
import { isFailure, outsideSavepoint } from "./Failure.ts"
import type { Restore } from "./Gate.ts"
import { Level, Root } from "./Level.ts"
import { control, controlRequest, entered, retryBusy } from "./send.ts"
import { type Listener, Tap } from "./Tap.ts"
import { type Outcome, type Participant, TransactionParticipant } from "./TransactionParticipant.ts"

/**
 * How isolated a transaction is; SQLite's are serializable whatever is asked.
 *
 * **Source** SQL:2016 part 2, 17.3 transaction characteristics.
 *
 * @category models
 */
export type Isolation = "read uncommitted" | "read committed" | "repeatable read" | "serializable"

/**
 * What a transaction is to be. Inside another transaction only a savepoint is made: no option
 * counts.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Schedule } from "effect"
 * const options = { isolation: "serializable", retry: Schedule.recurs(3) } as const
 * const program = Database.transaction(Database.script("delete from drafts"), options)
 * ```
 * @category models
 */
export interface TransactionOptions {
  /** The server's default where left out. */
  readonly isolation?: Isolation
  /** Writes fail with `ReadOnly`. Default false. */
  readonly readOnly?: boolean
  /** Runs the whole transaction again after a failure that says `retryable`. */
  readonly retry?: Schedule.Schedule<unknown, DatabaseError>
}

/**
 * A ROLLBACK that failed, attached to the cause of the rollback: the connection is gone with it.
 *
 * @category errors
 */
export class RollbackFailed extends Context.Service<RollbackFailed, DatabaseError>()(
  "athanor/RollbackFailed"
) {}

interface Run {
  readonly engine: Engine
  readonly participant: Participant | null
  readonly tap: Listener | null
}

type End = (outcome: Outcome) => void
const nobody: End = () => {}

/** Runs an effect in a transaction of the engine, or in a savepoint of the one that is open. */
export const transactionIn = <A, E, R>(
  engine: Engine,
  effect: Effect.Effect<A, E, R>,
  options: TransactionOptions
): Effect.Effect<A, E | TransactionError, R> =>
  Effect.withFiber((fiber) => {
    const level = fiber.getRef(engine.current)
    const run: Run = {
      engine,
      participant: fiber.getRef(TransactionParticipant),
      tap: fiber.getRef(Tap)
    }
    if (level !== null) return savepoint(run, level, effect)
    const once = begun(run, effect, options)
    return options.retry === undefined
      ? once
      : Effect.retry(once, {
          schedule: options.retry as Schedule.Schedule<unknown, E | TransactionError>,
          while: (error) => isFailure(error) && error.retryable
        })
  })

const begun = <A, E, R>(
  run: Run,
  effect: Effect.Effect<A, E, R>,
  options: TransactionOptions
): Effect.Effect<A, E | TransactionError, R> =>
  entered(run.engine.pool, (lease, restore) => {
    const { engine } = run
    const whole = Effect.flatMap(begin(run, lease.connection, options, restore), () => {
      const level = new Root(engine.dialect, lease, engine.deadlines.borrow_ms).active
      const end = run.participant?.snapshot() ?? nobody
      return Effect.flatMap(
        Effect.exit(restore(Effect.provideService(effect, engine.current, level))),
        (exit): Effect.Effect<A, E | TransactionError> =>
          Exit.isSuccess(exit)
            ? commit(run, level, exit.value, end)
            : rollback(run, level, exit.cause, end)
      )
    })
    return engine.dialect === "sqlite" && isReadOnly(engine, options)
      ? Effect.ensuring(whole, writable(run, lease.connection))
      : whole
  })

const isReadOnly = (engine: Engine, options: TransactionOptions): boolean =>
  options.readOnly === true || engine.readOnly

/** SQLite has no transaction for reading: its connection refuses writes meanwhile. */
const writable = (run: Run, connection: Connection): Effect.Effect<void> => {
  const site: Site = { operation: "rollback", table: null, inTransaction: false }
  const text = "PRAGMA query_only = OFF"
  return Effect.suspend(() =>
    connection.isAlive()
      ? Effect.ignore(control(run.engine, connection, text, site, run.engine.deadlines.control_ms))
      : Effect.void
  )
}

const begin = (
  run: Run,
  connection: Connection,
  options: TransactionOptions,
  restore: Restore
): Effect.Effect<void, TransactionError> => {
  let all: Effect.Effect<unknown, TransactionError> = Effect.void
  for (const text of beginTexts(run.engine, options)) {
    const step = restore(command(run, connection, text, "begin", run.engine.deadlines.control_ms))
    all = all === Effect.void ? step : Effect.andThen(all, step)
  }
  return Effect.asVoid(all)
}

const beginTexts = (engine: Engine, options: TransactionOptions): ReadonlyArray<string> => {
  const readOnly = isReadOnly(engine, options)
  const isolation =
    options.isolation === undefined ? "" : ` isolation level ${isolations[options.isolation]}`
  switch (engine.dialect) {
    case "sqlite":
      return readOnly ? ["PRAGMA query_only = ON", "BEGIN DEFERRED"] : ["BEGIN IMMEDIATE"]
    case "postgres":
      return [`BEGIN${isolation}${readOnly ? " READ ONLY" : ""}`]
    case "mysql":
    case "mariadb": {
      const start = readOnly ? "START TRANSACTION READ ONLY" : "START TRANSACTION"
      return isolation === "" ? [start] : [`SET TRANSACTION${isolation}`, start]
    }
  }
}

/** Looked up, never spliced: the caller's text does not reach the server. */
const isolations: Readonly<Record<Isolation, string>> = {
  "read uncommitted": "read uncommitted",
  "read committed": "read committed",
  "repeatable read": "repeatable read",
  serializable: "serializable"
}

const commit = <A>(
  run: Run,
  level: Level,
  value: A,
  end: End
): Effect.Effect<A, TransactionError> => {
  const { root } = level
  const { deadlines } = run.engine
  const refusal = level.refusal("commit")
  root.closeDown(level)
  return Effect.flatMap(root.takeForEnd(deadlines.control_ms), () => {
    const reason = refusal ?? doomOf(level)
    if (reason !== null)
      return rollback(run, level, Cause.fail(reason as TransactionError), end, true)
    const { connection } = root.lease
    return Effect.matchEffect(command(run, connection, "COMMIT", "commit", deadlines.commit_ms), {
      onSuccess: (result) => {
        if (result.tag === "ROLLBACK") {
          end("rolledBack")
          return Effect.fail(level.doomedError(answeredRollback(run), "commit"))
        }
        end("committed")
        return Exit.succeed(value)
      },
      onFailure: (error): Effect.Effect<never, TransactionError> => {
        if (error._tag !== "CommitOutcomeUnknown")
          return rollback(run, level, Cause.fail(error), end, true)
        end("unknown")
        return Effect.fail(error)
      }
    })
  })
}

/** A failure of the last moment, between the body's end and COMMIT. */
const doomOf = (level: Level): DatabaseError | null => {
  const reason = level.root.fatal ?? level.doomed
  return reason === null ? null : level.doomedError(reason, "commit")
}

const answeredRollback = (run: Run): DatabaseError =>
  new UnexpectedDriverError({
    message: "the server answered COMMIT with ROLLBACK",
    dialect: run.engine.dialect,
    operation: "commit",
    retryable: false,
    transaction: "ended",
    code: "ROLLBACK"
  })

/** Ends with what went wrong before: a ROLLBACK that fails too is attached to it. */
const rollback = <E>(
  run: Run,
  level: Level,
  cause: Cause.Cause<E>,
  end: End,
  taken = false
): Effect.Effect<never, E> => {
  const { root } = level
  const { deadlines } = run.engine
  const { connection } = root.lease
  const deadline_ms = Cause.hasInterrupts(cause) ? deadlines.cancel_ms : deadlines.control_ms
  if (!taken) root.closeDown(level)
  return Effect.flatMap(taken ? Effect.void : root.takeForEnd(deadline_ms), () => {
    if (!connection.isAlive() || connection.transaction() === "none") {
      end("rolledBack")
      return Effect.failCause(cause)
    }
    return Effect.matchEffect(command(run, connection, "ROLLBACK", "rollback", deadline_ms), {
      onSuccess: () => {
        end("rolledBack")
        return Effect.failCause(cause)
      },
      onFailure: (error) => {
        // Without its socket the server rolls back by itself. SQLite has its own way: see the
        // driver.
        if (connection.sendNow === null) connection.destroy()
        end("rolledBack")
        return Effect.failCause(attach(cause, error))
      }
    })
  })
}

const attach = <E>(cause: Cause.Cause<E>, error: DatabaseError): Cause.Cause<E> =>
  Cause.annotate(cause, Context.make(RollbackFailed, error))

const savepoint = <A, E, R>(
  run: Run,
  outer: Level,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | TransactionError, R> =>
  Effect.uninterruptibleMask((restore) => {
    const { root } = outer
    const { engine } = run
    const { connection } = root.lease
    const name = root.nextSavepoint()
    const opened = Effect.flatMap(
      outer.enter(restore) as Effect.Effect<unknown, TransactionError>,
      () =>
        Effect.matchEffect(
          command(run, connection, `SAVEPOINT ${name}`, "savepoint", engine.deadlines.control_ms),
          {
            onSuccess: () => {
              const inner = (root.active = new Level(root, outer))
              root.free()
              return Effect.succeed(inner)
            },
            onFailure: (error) => {
              outer.failed(error)
              root.free()
              return Effect.fail(error)
            }
          }
        )
    )
    return Effect.flatMap(opened, (inner) => {
      const end = run.participant?.snapshot() ?? nobody
      return Effect.flatMap(
        Effect.exit(restore(Effect.provideService(effect, engine.current, inner))),
        (exit) => closeSavepoint(run, inner, name, exit, end)
      )
    })
  })

const closeSavepoint = <A, E>(
  run: Run,
  inner: Level,
  name: string,
  exit: Exit.Exit<A, E>,
  end: End
): Effect.Effect<A, E | TransactionError> => {
  const { root } = inner
  const { control_ms, cancel_ms } = run.engine.deadlines
  if (!inner.open) {
    end("rolledBack")
    return Exit.isSuccess(exit) ? Effect.fail(inner.refusal("release") as TransactionError) : exit
  }
  const refusal = inner.refusal("release")
  const outer = inner.parent!
  const interrupted = Exit.isFailure(exit) && Cause.hasInterrupts(exit.cause)
  root.closeDown(inner)
  return Effect.flatMap(root.takeForEnd(interrupted ? cancel_ms : control_ms), () => {
    const reason = refusal ?? doomOf(inner)
    const result: Exit.Exit<A, E | TransactionError> =
      Exit.isSuccess(exit) && reason !== null ? Exit.fail(reason as TransactionError) : exit
    const back = (outcome: Outcome): void => {
      root.active = outer
      end(outcome)
      root.free()
    }
    if (root.fatal !== null || !root.lease.connection.isAlive()) {
      back("rolledBack")
      return result
    }
    return Exit.isSuccess(result)
      ? release(run, inner, name, result.value, back)
      : undo(run, inner, name, result.cause, back, interrupted ? cancel_ms : control_ms)
  })
}

const release = <A>(
  run: Run,
  inner: Level,
  name: string,
  value: A,
  back: End
): Effect.Effect<A, TransactionError> => {
  const { connection } = inner.root.lease
  const { control_ms } = run.engine.deadlines
  return Effect.matchEffect(
    command(run, connection, `RELEASE SAVEPOINT ${name}`, "release", control_ms),
    {
      onSuccess: () => {
        back("released")
        return Exit.succeed(value)
      },
      onFailure: (error) => {
        inner.root.fatal ??= error
        back("rolledBack")
        return Effect.fail(error)
      }
    }
  )
}

const undo = <E>(
  run: Run,
  inner: Level,
  name: string,
  cause: Cause.Cause<E>,
  back: End,
  deadline_ms: number
): Effect.Effect<never, E> => {
  const { connection } = inner.root.lease
  return Effect.matchEffect(
    Effect.andThen(
      command(run, connection, `ROLLBACK TO SAVEPOINT ${name}`, "rollback", deadline_ms),
      command(run, connection, `RELEASE SAVEPOINT ${name}`, "release", deadline_ms)
    ),
    {
      onSuccess: () => {
        back("rolledBack")
        return Effect.failCause(Cause.map(cause, outsideSavepoint))
      },
      onFailure: (error) => {
        // What the savepoint did can no longer be undone alone: the whole transaction must go.
        inner.root.fatal ??= error
        back("rolledBack")
        return Effect.failCause(attach(cause, error))
      }
    }
  )
}

/** A control statement, told to who listens. COMMIT's own failures have ended the transaction. */
const command = (
  run: Run,
  connection: Connection,
  text: string,
  operation: Operation,
  deadline_ms: number
): Effect.Effect<Result, TransactionError> => {
  const inTransaction = operation !== "begin" && operation !== "commit"
  const site: Site = { operation, table: null, inTransaction }
  const sent =
    connection.sendNow !== null && !inTransaction
      ? retryBusy(run.engine, site, connection, () =>
          connection.sendNow!(controlRequest(text, true))
        )
      : control(run.engine, connection, text, site, deadline_ms)
  return (run.tap === null ? sent : heard(run.tap, text, sent)) as Effect.Effect<
    Result,
    TransactionError
  >
}

const heard = (
  tap: Listener,
  text: string,
  sent: Effect.Effect<Result, DatabaseError>
): Effect.Effect<Result, DatabaseError> =>
  Effect.suspend(() => {
    const startedAt = performance.now()
    return Effect.onExit(sent, (exit) =>
      Effect.sync(() =>
        tap({
          text,
          parameterCount: 0,
          duration_ms: performance.now() - startedAt,
          rowCount: 0,
          error: Exit.isFailure(exit) ? failureOf(exit.cause) : null
        })
      )
    )
  })

const failureOf = (cause: Cause.Cause<DatabaseError>): DatabaseError | null => {
  for (const reason of cause.reasons) if (reason._tag === "Fail") return reason.error
  return null
}
