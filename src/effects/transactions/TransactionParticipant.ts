import * as Context from "effect/Context"

/**
 * How a transaction or savepoint ended.
 *
 * **Shape** `committed`: durable. `released`: a savepoint's work now belongs to the level above.
 * `rolledBack`: undone. `prepared`: durable, and kept or undone later, by its name. `unknown`:
 * COMMIT was sent and the connection died.
 */
export type Outcome = "committed" | "released" | "rolledBack" | "prepared" | "unknown"

/** Told once how the level ended whose beginning gave it. */
export type Restore = (outcome: Outcome) => void

/**
 * State in memory that follows the transaction: taken back where the database takes back.
 *
 * **Laws** each `snapshot` is followed by exactly one call of what it gave, inner levels first;
 * after `rolledBack` the state is as it was at `snapshot`.
 */
export interface Participant {
  /** Called when a transaction or savepoint has begun. Synchronous; must not throw. */
  readonly snapshot: () => Restore
}

/**
 * Who is told of every transaction and savepoint begun in this context; nobody by default.
 *
 * **Source** XA's resource managers, reduced to memory; SQLAlchemy's `SessionTransaction`.
 *
 * @category services
 */
export const TransactionParticipant: Context.Reference<Participant | null> =
  Context.Reference<Participant | null>("athanor/TransactionParticipant", {
    defaultValue: () => null
  })

/** Two participants as one: told in order, and in the opposite order of the end. */
export const both = (first: Participant, second: Participant): Participant => ({
  snapshot: () => {
    const restoreFirst = first.snapshot()
    const restoreSecond = second.snapshot()
    return (outcome) => {
      restoreSecond(outcome)
      restoreFirst(outcome)
    }
  }
})
