import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { DatabaseError, Operation, TransactionError } from "../DatabaseError.ts"
import type { Connection, Result, Site } from "../Driver.ts"
import type { Engine } from "../Engine.ts"
import type { Action, Level } from "./Level.ts"
import { control, controlRequest, retryBusy } from "../statements/send.ts"
import { type Listener, told } from "../observability/Tap.ts"
import type { Outcome, Participant } from "./TransactionParticipant.ts"

/** Who takes part in a transaction, beside its statements. */
export interface Run {
  readonly engine: Engine
  readonly participant: Participant | null
  readonly tap: Listener | null
}

export type End = (outcome: Outcome) => void
export const nobody: End = () => {}

/**
 * A ROLLBACK that failed, attached to the cause of the rollback: the connection is gone with it.
 *
 * @category errors
 */
export class RollbackFailed extends Context.Service<RollbackFailed, DatabaseError>()(
  "athanor/RollbackFailed"
) {}

export const attach = <E>(cause: Cause.Cause<E>, error: DatabaseError): Cause.Cause<E> =>
  Cause.annotate(cause, Context.make(RollbackFailed, error))

/** A failure of the last moment, between the body's end and the level's. */
export const doomOf = (level: Level, operation: Operation): DatabaseError | null => {
  const reason = level.root.fatal ?? level.doomed
  return reason === null ? null : level.doomedError(reason, operation)
}

/**
 * A control statement, told to who listens. The failures of what ends a transaction have ended it.
 */
export const command = (
  run: Run,
  connection: Connection,
  text: string,
  operation: Operation,
  deadline_ms: number
): Effect.Effect<Result, TransactionError> => {
  const inTransaction = operation !== "begin" && operation !== "commit" && operation !== "prepare"
  const site: Site = { operation, table: null, inTransaction }
  const sent =
    connection.sendNow !== null && !inTransaction
      ? retryBusy(run.engine, site, connection, () =>
          connection.sendNow!(controlRequest(text, true))
        )
      : control(run.engine, connection, text, site, deadline_ms)
  return (
    run.tap === null ? sent : told(run.tap, { ...site, text, parameterCount: 0 }, sent)
  ) as Effect.Effect<Result, TransactionError>
}

/** One after another; the last one's answer. */
export const commands = (
  run: Run,
  connection: Connection,
  texts: ReadonlyArray<string>,
  operation: Operation,
  deadline_ms: number
): Effect.Effect<Result, TransactionError> =>
  texts
    .map((text) => command(run, connection, text, operation, deadline_ms))
    .reduce((all, next) => Effect.andThen(all, next))

/**
 * Runs what was registered for the end of a level, in order, each whatever the others do.
 *
 * **Shape** `around` is the transaction they find themselves in. What dies is told in the end.
 */
export const acted = (actions: ReadonlyArray<Action>, around: Level | null): Effect.Effect<void> =>
  actions.length === 0
    ? Effect.void
    : Effect.flatMap(
        Effect.forEach(actions, (action) => Effect.exit(action(around))),
        (exits) => Exit.asVoidAll(exits)
      )

/** What a level that ended so has to run, and what it leaves to the one above. */
export const dueActions = (level: Level, outcome: Outcome): ReadonlyArray<Action> => {
  const below = level.afterRollbackBelow.splice(0)
  switch (outcome) {
    case "committed":
      return [...below, ...level.afterCommit]
    case "rolledBack":
      return [...below, ...level.afterRollback]
    case "prepared":
    case "unknown":
      return below
    case "released": {
      const outer = level.parent!
      if (outer.root.traits.isTrial && outer.parent === null)
        return [...below, ...level.afterCommit]
      outer.afterCommit.push(...level.afterCommit)
      outer.afterRollback.push(...level.afterRollback)
      return below
    }
  }
}
