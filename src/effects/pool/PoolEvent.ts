import type { ConnectFailed } from "../DatabaseError.ts"

/**
 * One physical connection of a pool.
 *
 * @category models
 */
export interface PooledConnection {
  /** Counts up from 1 in each pool. */
  readonly id: number
  /** By the clock of the pool, in milliseconds. */
  readonly openedAt_ms: number
  /** Whatever belongs to this connection and is gone with it. */
  readonly values: Map<unknown, unknown>
}

/**
 * Why a connection came back.
 *
 * @category models
 */
export type ReturnReason = "normal" | "failed" | "interrupted" | "leaked"

/**
 * Why a connection is not lent again.
 *
 * **Shape** `age`: older than its lifetime. `idle`: not needed for long. `overflow`: more than the
 * pool keeps. `dead`: its socket ended. `ping`: it did not answer. `unclean`: not proven idle.
 * `invalidated`: the program or a lost connection said so. `refused`: a hook said so. `closing`:
 * the pool ended.
 *
 * @category models
 */
export type RetireReason =
  | "age"
  | "idle"
  | "overflow"
  | "dead"
  | "ping"
  | "unclean"
  | "invalidated"
  | "refused"
  | "closing"

/**
 * What happened in a pool.
 *
 * **Shape** of one connection, in order: `connected`, then `borrowed` and `returned` (and `reset`)
 * any number of times, then `retired` and `closed`, or `detached`. `leaked` comes once for a borrow
 * that is held too long, with the place it was asked from.
 *
 * @category models
 */
export type PoolEvent =
  | {
      readonly _tag: "connected"
      readonly connection: PooledConnection
      readonly took_ms: number
    }
  | { readonly _tag: "connectFailed"; readonly error: ConnectFailed }
  | {
      readonly _tag: "borrowed"
      readonly connection: PooledConnection
      readonly waited_ms: number
    }
  | {
      readonly _tag: "returned"
      readonly connection: PooledConnection
      readonly reason: ReturnReason
      readonly held_ms: number
    }
  | { readonly _tag: "reset"; readonly connection: PooledConnection }
  | {
      readonly _tag: "retired"
      readonly connection: PooledConnection
      readonly reason: RetireReason
    }
  | { readonly _tag: "closed"; readonly connection: PooledConnection }
  | { readonly _tag: "detached"; readonly connection: PooledConnection }
  | {
      readonly _tag: "leaked"
      readonly connection: PooledConnection
      readonly held_ms: number
      readonly borrowedBy: string
    }

/**
 * Listens to a pool. Synchronous; what it throws is logged once and changes nothing.
 *
 * @category models
 */
export type PoolListener = (event: PoolEvent) => void
