import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { type ConnectionError, type TransactionDoomed, Unsupported } from "../DatabaseError.ts"
import { type Engine, viewOf } from "../Engine.ts"
import { Pinned } from "./Pinned.ts"
import { isInTransaction, leftOpen } from "../statements/opaque.ts"
import { entered } from "../statements/send.ts"

type Failing = ConnectionError | TransactionDoomed | Unsupported

/**
 * Runs an effect outside every transaction on one connection, whose session ends with it.
 *
 * **Shape** SQLite has one connection: it is that one, and inside a transaction there is no other.
 * **Errors** a transaction a script began and left open ends with the session: that is no success.
 */
export const autocommitIn = <Self, A, E, R>(
  service: Context.Key<Self, Engine>,
  engine: Engine,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E | Failing, R> =>
  Effect.withFiber((fiber): Effect.Effect<A, E | Failing, R> => {
    const level = fiber.getRef(engine.current)
    // A test's statements stay in its transaction: nothing of it may be kept.
    if (level?.root.traits.isTrial === true) return effect
    const isOutside = level === null
    if (isOutside && engine.gate !== engine.pool) return effect
    if (engine.driver.maxConnections === 1) return isOutside ? effect : Effect.fail(alone(engine))
    return entered(engine.pool, (lease, restore) => {
      const gate = new Pinned(engine, lease)
      const whole = Effect.flatMap(restore(effect), (value) =>
        isInTransaction(lease.connection) ? Effect.fail(leftOpen(engine)) : Effect.succeed(value)
      )
      return whole.pipe(
        Effect.provideService(service, viewOf(engine, { gate })),
        Effect.provideService(engine.current, null),
        Effect.ensuring(Effect.sync(() => gate.close()))
      ) as Effect.Effect<A, E, R>
    })
  })

const alone = ({ dialect }: Engine): Unsupported =>
  new Unsupported({
    message: `${dialect} has one connection, and a transaction is open on it`,
    dialect,
    operation: "begin",
    retryable: false,
    transaction: "alive",
    capability: "connections",
    construct: "a statement outside the transaction that is open"
  })
