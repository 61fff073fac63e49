import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import type { ConnectionError } from "../DatabaseError.ts"
import { type Engine, viewOf } from "../Engine.ts"
import { Pinned } from "../transactions/Pinned.ts"
import type { Pool } from "./Pool.ts"
import type { PooledConnection } from "./PoolEvent.ts"

/**
 * One connection of a pool, lent until its scope ends.
 *
 * @category models
 */
export interface Borrowed<Self> {
  readonly connection: PooledConnection
  /**
   * Runs an effect whose statements for this database all go to this connection, in turn; none of
   * them falls into a transaction that is open elsewhere.
   */
  readonly use: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, Exclude<R, Self>>
  /**
   * Takes it out of the pool for good: it is closed when its scope ends, whatever becomes of the
   * pool, which may open another in its place.
   */
  readonly detach: Effect.Effect<void>
}

/**
 * A pool by itself.
 *
 * @category models
 */
export interface ConnectionPool<Self> extends Pick<
  Pool,
  "stats" | "connections" | "invalidate" | "retire"
> {
  /**
   * Lends a connection until the scope ends.
   *
   * **Errors** `PoolTimeout`, `PoolQueueFull`, `PoolClosed`, `ConnectFailed`.
   */
  readonly borrow: Effect.Effect<Borrowed<Self>, ConnectionError, Scope.Scope>
}

/** Lends a connection of a database until the scope ends. */
export const borrowIn = <Self>(
  service: Context.Key<Self, Engine>,
  engine: Engine
): Effect.Effect<Borrowed<Self>, ConnectionError, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(engine.pool.enter(restore), (lease) => {
      const gate = new Pinned(engine, lease)
      let isDetached = false
      const back = (exit: Exit.Exit<unknown, unknown>): void => {
        if (isDetached) return gate.close()
        gate.release()
        engine.pool.leave(lease, Exit.hasInterrupts(exit) ? "interrupted" : "normal")
      }
      const borrowed: Borrowed<Self> = {
        connection: lease as unknown as PooledConnection,
        use: (effect) =>
          effect.pipe(
            Effect.provideService(service, viewOf(engine, { gate })),
            Effect.provideService(engine.current, null)
          ) as never,
        detach: Effect.sync(() => {
          if (isDetached) return
          isDetached = true
          engine.pool.detach(lease)
        })
      }
      return Effect.as(
        Effect.addFinalizer((exit) => Effect.sync(() => back(exit))),
        borrowed
      )
    })
  )
