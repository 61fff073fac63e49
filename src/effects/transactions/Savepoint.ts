import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
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
import type { TransactionError } from "../DatabaseError.ts"
import { outsideSavepoint } from "../Failure.ts"
import { type Action, Level } from "./Level.ts"
import type { Outcome } from "./TransactionParticipant.ts"

/** Runs an effect in a savepoint of the transaction that is open. */
export const savepoint = <A, E, R>(
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
              const inner = (root.active = new Level(root, outer, name))
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
        (exit) => close(run, inner, exit, end)
      )
    })
  })

const close = <A, E>(
  run: Run,
  inner: Level,
  exit: Exit.Exit<A, E>,
  end: End
): Effect.Effect<A, E | TransactionError> => {
  const { root } = inner
  const { cancel_ms, control_ms } = run.engine.deadlines
  if (!inner.open) {
    end("rolledBack")
    return Exit.isSuccess(exit) ? Effect.fail(inner.refusal("release") as TransactionError) : exit
  }
  const refusal = inner.refusal("release")
  const outer = inner.parent!
  const interrupted = Exit.isFailure(exit) && Cause.hasInterrupts(exit.cause)
  const orphan = root.closeDown(inner)
  let due: ReadonlyArray<Action> = []
  const closed = Effect.flatMap(root.takeForEnd(interrupted ? cancel_ms : control_ms), () => {
    const reason = refusal ?? doomOf(inner, "commit")
    const result: Exit.Exit<A, E | TransactionError> =
      Exit.isSuccess(exit) && reason !== null ? Exit.fail(reason as TransactionError) : exit
    const back = (outcome: Outcome): void => {
      root.active = outer
      due = dueActions(inner, outcome)
      end(outcome)
      root.free()
    }
    if (root.fatal !== null || !root.lease.connection.isAlive()) {
      back("rolledBack")
      return result
    }
    return Exit.isSuccess(result)
      ? release(run, inner, orphan, result.value, back)
      : undo(run, inner, result.cause, back, interrupted ? cancel_ms : control_ms)
  })
  return Effect.onExit(closed, () => acted(due, outer))
}

const release = <A>(
  run: Run,
  inner: Level,
  orphan: Level | null,
  value: A,
  back: End
): Effect.Effect<A, TransactionError> => {
  const { connection } = inner.root.lease
  const { control_ms } = run.engine.deadlines
  const texts = [...undoing(orphan), `RELEASE SAVEPOINT ${inner.name}`]
  return Effect.matchEffect(commands(run, connection, texts, "release", control_ms), {
    onSuccess: () => {
      back("released")
      return Exit.succeed(value)
    },
    onFailure: (error) => {
      inner.root.fatal ??= error
      back("rolledBack")
      return Effect.fail(error)
    }
  })
}

/** What was done in a savepoint nobody ended: its fiber was refused, so nothing of it is kept. */
export const undoing = (orphan: Level | null): ReadonlyArray<string> =>
  orphan === null ? [] : [`ROLLBACK TO SAVEPOINT ${orphan.name}`]

const undo = <E>(
  run: Run,
  inner: Level,
  cause: Cause.Cause<E>,
  back: End,
  deadline_ms: number
): Effect.Effect<never, E> => {
  const { connection } = inner.root.lease
  const { name } = inner
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
