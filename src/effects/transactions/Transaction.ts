import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Schedule from "effect/Schedule"
import {
  acted,
  attach,
  command,
  commands,
  doomOf,
  dueActions,
  type End,
  nobody,
  type Run
} from "./boundary.ts"
import {
  type DatabaseError,
  type TransactionError,
  UnexpectedDriverError
} from "../DatabaseError.ts"
import type { Connection, Site } from "../Driver.ts"
import { type Engine, gateForReading } from "../Engine.ts"
import { isFailure, outsideTransaction } from "../Failure.ts"
import type { Restore } from "../pool/Gate.ts"
import { type Action, type Level, Root, type Traits } from "./Level.ts"
import { savepoint, undoing } from "./Savepoint.ts"
import { control, entered } from "../statements/send.ts"
import { listenerOf } from "../observability/Telemetry.ts"
import { characteristicsOf, type TransactionOptions, unlikeOpen } from "./TransactionOptions.ts"
import { TransactionParticipant } from "./TransactionParticipant.ts"
import { type Boundaries, boundariesOf } from "./transactionTexts.ts"

/** Who takes part in a transaction that begins here. */
export const runOf = (engine: Engine): Effect.Effect<Run> =>
  Effect.withFiber((fiber) =>
    Effect.succeed({
      engine,
      participant: fiber.getRef(TransactionParticipant),
      tap: listenerOf(fiber, engine)
    })
  )

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
      tap: listenerOf(fiber, engine)
    }
    if (level !== null) {
      const { characteristics, isTrial } = level.root.traits
      const refused = isTrial ? null : unlikeOpen(engine, characteristics, options)
      return refused === null ? savepoint(run, level, effect) : Exit.fail(refused)
    }
    const characteristics = characteristicsOf(engine, options)
    if ("_tag" in characteristics) return Exit.fail(characteristics)
    const boundaries = boundariesOf(engine.dialect, characteristics)
    let attempt = 0
    const once = Effect.suspend(() =>
      bounded(run, effect, { characteristics, attempt: ++attempt, isTrial: false }, boundaries)
    )
    return options.retry === undefined
      ? once
      : Effect.retry(once, {
          schedule: options.retry as Schedule.Schedule<unknown, E | TransactionError>,
          while: mayBeRepeated
        })
  })

/** Nothing of it is done, and the same work may succeed. */
const mayBeRepeated = (error: unknown): boolean =>
  isFailure(error) && error.retryable && error.transaction !== "unknown"

/** Runs an effect between the statements that begin and end a transaction. */
export const bounded = <A, E, R>(
  run: Run,
  effect: Effect.Effect<A, E, R>,
  traits: Traits,
  boundaries: Boundaries
): Effect.Effect<A, E | TransactionError, R> => {
  const { engine } = run
  let due: ReadonlyArray<Action> = []
  const gate = traits.characteristics.readOnly ? gateForReading(engine) : engine.gate
  const inside = entered(gate, (lease, restore) => {
    const whole = Effect.flatMap(begin(run, lease.connection, boundaries, restore), () => {
      const root = new Root(engine.dialect, lease, engine.deadlines.borrow_ms, traits)
      const level = root.active
      const told = run.participant?.snapshot() ?? nobody
      const end: End = (outcome) => {
        due = dueActions(level, outcome)
        told(outcome)
      }
      const ended = Effect.flatMap(
        Effect.exit(restore(Effect.provideService(effect, engine.current, level))),
        (exit): Effect.Effect<A, E | TransactionError> =>
          Exit.isSuccess(exit)
            ? keep(run, level, exit.value, end, boundaries)
            : undo(run, level, exit.cause, end, boundaries)
      )
      return Effect.onExit(ended, () => restored(run, lease.connection, root.releases))
    })
    return boundaries.after.length === 0
      ? whole
      : Effect.onExit(whole, () => restored(run, lease.connection, boundaries.after))
  })
  return Effect.onExit(inside, () => acted(due, null))
}

/** Takes back what the transaction left with its connection; where it cannot, cuts it. */
const restored = (
  { engine }: Run,
  connection: Connection,
  texts: Iterable<string>
): Effect.Effect<void> => {
  const site: Site = { operation: "rollback", table: null, inTransaction: false }
  const { control_ms } = engine.deadlines
  let all = Effect.void
  for (const text of texts) {
    const step = Effect.suspend(() =>
      connection.isAlive()
        ? Effect.tapError(control(engine, connection, text, site, control_ms), () =>
            Effect.sync(() => {
              if (connection.sendNow === null) connection.destroy()
            })
          )
        : Effect.void
    )
    all = Effect.andThen(all, Effect.ignore(step))
  }
  return all
}

export const begin = (
  run: Run,
  connection: Connection,
  { begin: texts }: Boundaries,
  restore: Restore
): Effect.Effect<unknown, TransactionError> => {
  const { control_ms } = run.engine.deadlines
  const first = restore(command(run, connection, texts[0]!, "begin", control_ms))
  if (texts.length === 1) return first
  const all = texts
    .slice(1)
    .map((text) => restore(command(run, connection, text, "begin", control_ms)))
    .reduce((done, next) => Effect.andThen(done, next), first)
  // SET TRANSACTION is of the next transaction: of whoever borrows the connection next, if ours
  // does not begin.
  return connection.sendNow !== null
    ? all
    : Effect.onExit(all, (exit) =>
        Effect.sync(() => {
          if (Exit.isFailure(exit)) connection.destroy()
        })
      )
}

const keep = <A>(
  run: Run,
  level: Level,
  value: A,
  end: End,
  boundaries: Boundaries
): Effect.Effect<A, TransactionError> => {
  const { root } = level
  const { commit_ms, control_ms } = run.engine.deadlines
  const operation = boundaries.keepOperation
  const refusal = level.refusal(operation)
  const orphan = root.closeDown(level)
  return Effect.flatMap(root.takeForEnd(control_ms), () => {
    const failed = (error: DatabaseError): Effect.Effect<never, TransactionError> =>
      undo(run, level, Cause.fail(error as TransactionError), end, boundaries, true)
    const reason = refusal ?? doomOf(level, operation)
    if (reason !== null) return failed(reason)
    const { connection } = root.lease
    const sent = commands(run, connection, boundaries.keep, operation, commit_ms)
    const kept = Effect.matchEffect(sent, {
      onSuccess: (result) => {
        if (boundaries.retires) connection.close()
        if (result.tag === "ROLLBACK") {
          end("rolledBack")
          return Effect.fail(level.doomedError(answeredRollback(run, operation), operation))
        }
        end(operation === "prepare" ? "prepared" : "committed")
        return Exit.succeed(value)
      },
      onFailure: (error): Effect.Effect<never, TransactionError> => {
        if (error._tag !== "CommitOutcomeUnknown") return failed(error)
        end("unknown")
        return Effect.fail(error)
      }
    })
    return orphan === null
      ? kept
      : Effect.matchEffect(commands(run, connection, undoing(orphan), "rollback", control_ms), {
          onSuccess: () => kept,
          onFailure: failed
        })
  })
}

const answeredRollback = ({ engine }: Run, operation: Boundaries["keepOperation"]): DatabaseError =>
  new UnexpectedDriverError({
    message: `the server answered ${operation.toUpperCase()} with ROLLBACK`,
    dialect: engine.dialect,
    operation,
    retryable: false,
    transaction: "ended",
    code: "ROLLBACK"
  })

/** Ends with what went wrong before: a ROLLBACK that fails too is attached to it. */
const undo = <E>(
  run: Run,
  level: Level,
  cause: Cause.Cause<E>,
  end: End,
  boundaries: Boundaries,
  taken = false
): Effect.Effect<never, E> => {
  const { root } = level
  const { deadlines } = run.engine
  const { connection } = root.lease
  const deadline_ms = Cause.hasInterrupts(cause) ? deadlines.cancel_ms : deadlines.control_ms
  const outside = Cause.map(cause, (error) =>
    isFailure(error) && error.dialect === run.engine.dialect ? outsideTransaction(error) : error
  )
  if (!taken) root.closeDown(level)
  return Effect.flatMap(taken ? Effect.void : root.takeForEnd(deadline_ms), () => {
    if (!connection.isAlive() || connection.transaction() === "none") {
      end("rolledBack")
      return Effect.failCause(outside)
    }
    const quiet = boundaries.beforeUndo.map((text) =>
      Effect.ignore(command(run, connection, text, "rollback", deadline_ms))
    )
    const last = command(run, connection, boundaries.undo, "rollback", deadline_ms)
    const sent = quiet.reduceRight<typeof last>((all, one) => Effect.andThen(one, all), last)
    return Effect.matchEffect(sent, {
      onSuccess: () => {
        end("rolledBack")
        return Effect.failCause(outside)
      },
      onFailure: (error) => {
        // Without its socket the server rolls back by itself. SQLite has its own way: see the
        // driver.
        if (connection.sendNow === null) connection.destroy()
        end("rolledBack")
        return Effect.failCause(attach(outside, error))
      }
    })
  })
}

/** Ends a transaction without a body: nothing of it is kept. */
export const rolledBack = (run: Run, level: Level, boundaries: Boundaries): Effect.Effect<void> =>
  Effect.suspend(() => Effect.exit(undo(run, level, Cause.empty, nobody, boundaries))).pipe(
    Effect.asVoid
  )
