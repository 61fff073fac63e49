import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { ConnectFailed, DatabaseError } from "../DatabaseError.ts"
import type { Connection, Driver } from "../Driver.ts"
import { connectFailed } from "../drivers/connectFailed.ts"
import { type Engine, viewOf } from "../Engine.ts"
import { makeVerbs } from "../makeVerbs.ts"
import { isInTransaction, leftOpen } from "../statements/opaque.ts"
import { Pinned } from "../transactions/Pinned.ts"
import type { Pool } from "./Pool.ts"
import type { Verbs } from "../Verbs.ts"

/**
 * What is done on each new connection before it is lent: `(session) => session.script("set …")`.
 *
 * **Errors** a failure closes the connection; who asked for it gets `ConnectFailed` with the reason
 * `onConnect`.
 *
 * @category models
 */
export type OnConnect = (session: Verbs<never>) => Effect.Effect<unknown, DatabaseError>

class NewConnection extends Context.Service<NewConnection, Engine>()("athanor/NewConnection") {}

const verbs = makeVerbs<never>(NewConnection)

/** Runs what is to be done on a connection of its own; it is closed where that fails. */
export const prepared = (
  driver: Driver,
  connection: Connection,
  onConnect: OnConnect,
  engineOn: (pool: Pool) => Engine
): Effect.Effect<Connection, ConnectFailed> => {
  const lease = { connection }
  const engine = engineOn(alone(() => gate))
  const gate: Pinned = new Pinned(engine, lease)
  return Effect.suspend(() => onConnect(verbs)).pipe(
    Effect.provideService(NewConnection, viewOf(engine, { gate })),
    // It would not be lent but closed, and the next one opened in its place, again and again.
    Effect.flatMap(() =>
      isInTransaction(connection) || !connection.isIdle()
        ? Effect.fail(leftOpen(engine))
        : Effect.void
    ),
    Effect.mapError((error) => {
      const said = `was reached, and onConnect failed there: ${error._tag}, ${error.message}`
      return connectFailed(driver.dialect, driver.host, "onConnect", error, said)
    }),
    Effect.onExit((exit) =>
      Effect.sync(() => {
        if (exit._tag === "Failure") connection.destroy()
        else connection.session?.begun()
      })
    ),
    Effect.as(connection)
  )
}

/** One connection that nobody else can have. */
const alone = (gate: () => Pinned): Pool => ({
  peek: () => gate().peek(),
  tryEnter: () => gate().tryEnter(),
  enter: (restore) => gate().enter(restore),
  leave: (lease) => gate().leave(lease),
  failed: () => {},
  stats: () => ({
    open: 1,
    idle: 0,
    used: 1,
    connecting: 0,
    waiting: 0,
    created: 1,
    closed: 0,
    detached: 0
  }),
  connections: () => [],
  invalidate: () => {},
  retire: () => {},
  detach: () => {}
})
