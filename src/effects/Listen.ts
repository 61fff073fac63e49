import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { dialects } from "../compile/dialects.ts"
import { checkIdentifier } from "../compile/identifiers.ts"
import {
  type ConnectFailed,
  type DatabaseError,
  type ReadError,
  Unsupported
} from "./DatabaseError.ts"
import type { Connection, Site } from "./Driver.ts"
import type { Engine } from "./Engine.ts"
import { asIs, control, sendThrough } from "./statements/send.ts"

/**
 * What is heard on a channel.
 *
 * **Shape** `Listening`: from here on every notification arrives; those sent after `missedSince`
 * may have been missed, null at the beginning. `Notified`: one notification.
 *
 * @category models
 */
export type Heard =
  | { readonly _tag: "Listening"; readonly missedSince: DateTime.Utc | null }
  | { readonly _tag: "Notified"; readonly channel: string; readonly payload: string }

/**
 * How a channel is listened to.
 *
 * @category models
 */
export interface ListenOptions {
  /** How often the connection proves that it lives. Default 10,000. */
  readonly heartbeat_ms?: number
  /** Between two attempts to reach the server again, at most. Default 5,000. */
  readonly pause_ms?: number
  /**
   * Notifications kept for who reads slowly; beyond it listening ends, and begins again, saying so,
   * once they are read. Default 10,000.
   */
  readonly buffer?: number
}

const site: Site = { operation: "query", table: null, inTransaction: false }

/** What is notified on a channel, on a connection of its own for as long as the stream. */
export const listenIn = (
  engine: Engine,
  channel: string,
  { buffer = 10_000, heartbeat_ms = 10_000, pause_ms = 5000 }: ListenOptions
): Stream.Stream<Heard, ReadError> => {
  if (engine.dialect !== "postgres") return Stream.fail(unsupported(engine))
  return Stream.callback<Heard, ReadError>(
    (queue) =>
      Effect.gen(function* () {
        // PostgreSQL listens to a longer name's first 63 bytes, which nobody notifies.
        checkIdentifier(channel, engine.capabilities)
        const clock = yield* Clock.Clock
        let provenAt: number | null = null
        let isReached = false
        const proven = (): void => void (provenAt = clock.currentTimeMillisUnsafe())
        const session = Effect.scoped(
          Effect.gen(function* () {
            const connection = yield* connected(engine)
            const ended = yield* Deferred.make<void>()
            connection.notified?.(
              (payload) => {
                proven()
                const isKept = Queue.sizeUnsafe(queue) < buffer
                if (isKept) Queue.offerUnsafe(queue, { _tag: "Notified", channel, payload })
                else Deferred.doneUnsafe(ended, Effect.void)
              },
              () => Deferred.doneUnsafe(ended, Effect.void)
            )
            const listen = `LISTEN ${dialects.postgres.quote(channel)}`
            yield* control(engine, connection, listen, site, engine.deadlines.control_ms)
            isReached = true
            const missedSince = provenAt === null ? null : DateTime.makeUnsafe(provenAt)
            proven()
            Queue.offerUnsafe(queue, { _tag: "Listening", missedSince })
            yield* Effect.raceFirst(
              Deferred.await(ended),
              beating(engine, connection, heartbeat_ms, proven)
            )
          })
        )
        let pause = 100
        for (;;) {
          const exit = yield* Effect.exit(session)
          if (!isReached) return yield* exit
          pause = exit._tag === "Success" ? 100 : Math.min(pause_ms, pause * 2)
          yield* Effect.sleep(pause)
          // Who reads slowly reads first what was kept.
          while (Queue.sizeUnsafe(queue) > buffer / 2) yield* Effect.sleep(20)
        }
      }) as Effect.Effect<void, ReadError>,
    { bufferSize: Infinity }
  )
}

const connected = (engine: Engine): Effect.Effect<Connection, ConnectFailed, Scope.Scope> =>
  Effect.acquireRelease(
    engine.driver.connect,
    (connection) => Effect.sync(() => connection.close()),
    { interruptible: true }
  )

/** A half-open connection is silent too: only an answer proves it. */
const beating = (
  engine: Engine,
  connection: Connection,
  heartbeat_ms: number,
  proven: () => void
): Effect.Effect<void> =>
  Effect.ignore(
    Effect.forever(
      Effect.andThen(
        Effect.sleep(heartbeat_ms),
        Effect.tap(
          control(engine, connection, engine.driver.ping ?? "", site, engine.deadlines.control_ms),
          () => Effect.sync(proven)
        )
      )
    )
  )

/** Notifies who listens on a channel, at COMMIT where a transaction is open. */
export const notifyIn = (
  engine: Engine,
  channel: string,
  payload: string
): Effect.Effect<void, DatabaseError> =>
  Effect.withFiber((fiber) => {
    if (engine.dialect !== "postgres") return Effect.fail(unsupported(engine))
    const level = fiber.getRef(engine.current)
    const text = "select pg_notify($1, $2)"
    const request = {
      text,
      parameters: [channel, payload],
      bigints: false,
      single: true,
      rowKey: null,
      keep: true
    }
    const where = { ...site, inTransaction: level !== null }
    return Effect.asVoid(sendThrough(engine, level ?? engine.gate, request, where, asIs))
  })

const unsupported = ({ dialect }: Engine): Unsupported =>
  new Unsupported({
    message: `${dialect} cannot do this: a channel of notifications (notifications)`,
    dialect,
    operation: "query",
    retryable: false,
    transaction: "alive",
    capability: "notifications",
    construct: "a channel of notifications"
  })
