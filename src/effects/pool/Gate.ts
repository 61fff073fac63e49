import type * as Effect from "effect/Effect"
import type { DatabaseError } from "../DatabaseError.ts"
import type { Connection } from "../Driver.ts"
import type { ReturnReason } from "./PoolEvent.ts"

/** A connection lent to one user. */
export interface Lease {
  readonly connection: Connection
}

/** Runs its effect with the interruptibility of whoever asked. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/**
 * What lends a connection to one statement at a time: the pool outside a transaction, the
 * transaction's level inside one.
 *
 * **Laws** whoever entered leaves exactly once; two are never inside with one connection.
 */
export interface Gate<E = DatabaseError> {
  /**
   * The connection that may be used now, by what is over before anything else happens: a statement
   * SQLite answers at once. Nobody enters and nobody leaves.
   */
  readonly peek: () => Lease | null
  /** Enters at once, or not at all: null where one must wait or is refused. */
  readonly tryEnter: () => Lease | null
  /** Waits its turn. To be run uninterruptibly: `restore` marks the waiting. */
  readonly enter: (restore: Restore) => Effect.Effect<Lease, E>
  readonly leave: (lease: Lease, reason?: ReturnReason) => void
  /** A statement failed while inside. */
  readonly failed: (error: DatabaseError) => void
}
