/** Rows 1, 5, 6 and 8 of the faults a pool must outlive. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { createServer, type Server, type Socket } from "node:net"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { Database } from "../../src/effects/Database.ts"
import type { OpenSettings } from "../../src/effects/open.ts"
import type { PoolEvent } from "../../src/effects/pool/PoolEvent.ts"
import { wireTo } from "../conformance/engine-support.ts"
import { layerFor, sql } from "../effects/support/handmade.ts"
import { type OwnServer, ownServer } from "../support/databases.ts"

const uncaught: Array<unknown> = []
process.on("uncaughtException", (error) => uncaught.push(error))
process.on("unhandledRejection", (error) => uncaught.push(error))

describe.each(["postgres", "mariadb"] as const)("a pool in trouble on %s", (name) => {
  let server: OwnServer
  beforeAll(async () => {
    server = await ownServer(name)
  })
  afterAll(() => server?.remove())

  const isPostgres = name === "postgres"
  const whoAmI = Effect.map(
    Database.one(sql(isPostgres ? "select pg_backend_pid()" : "select connection_id()")),
    (row) => Number(row[0])
  )
  const sleeping = (seconds: number) =>
    Database.all(sql(isPostgres ? `select pg_sleep(${seconds})` : `select sleep(${seconds})`))
  const on = <A, E>(
    body: Effect.Effect<A, E, Database>,
    settings: OpenSettings = {},
    url = () => server.url
  ) =>
    Effect.gen(function* () {
      const value = yield* body
      const { pool } = yield* Database
      assert.deepInclude(pool.stats(), { used: 0, waiting: 0 })
      const { closed, created, detached, open } = pool.stats()
      assert.strictEqual(created, open + closed + detached)
      assert.deepStrictEqual(uncaught, [])
      return value
    }).pipe(
      Effect.provide(Layer.unwrap(Effect.sync(() => Layer.orDie(layerFor(name, url(), settings)))))
    )
  const warm = (count: number) =>
    Effect.forEach(Array.from({ length: count }), () => sleeping(0.05), { concurrency: count })
  const timed = <A, E, R>(body: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      const startedAt = performance.now()
      const value = yield* body
      return { value, took_ms: performance.now() - startedAt }
    })

  it.live(
    "after a restart nobody gets an error for an idle connection, and all within 1 s [F17.2]",
    () =>
      on(
        Effect.gen(function* () {
          yield* warm(4)
          const { pool } = yield* Database
          assert.strictEqual(pool.stats().idle, 4)
          yield* Effect.promise(() => server.stop("fast"))
          yield* Effect.promise(() => server.start())
          const { took_ms } = yield* timed(
            Effect.forEach([1, 2, 3, 4], () => whoAmI, { concurrency: 4 })
          )
          assert.isBelow(took_ms, 1000)
          assert.isAtLeast(pool.stats().closed, 4)
        }),
        { pool: { size: 4, pingAfter_ms: 60_000 } }
      ),
    60_000
  )

  it.live(
    "while the server is down each borrow fails typed, and the first after its return is served",
    () =>
      on(
        Effect.gen(function* () {
          yield* warm(2)
          yield* Effect.promise(() => server.stop("fast"))
          for (let turn = 0; turn < 5; turn++) {
            const error = yield* Effect.flip(whoAmI)
            assert.include(["ConnectFailed", "ConnectionLost"], error._tag)
            assert.isTrue(error.retryable)
          }
          yield* Effect.promise(() => server.start())
          const { took_ms } = yield* timed(whoAmI)
          assert.isBelow(took_ms, 1000)
        }),
        { pool: { size: 3 } }
      ),
    60_000
  )

  it.live(
    "a frozen server: one ping tells, who waits is told in time, all are served when it thaws",
    () =>
      on(
        Effect.gen(function* () {
          yield* warm(3)
          const { pool } = yield* Database
          yield* Effect.promise(() => server.freeze())
          // A stopped process may finish what it has begun: a ping it answers is one too many.
          yield* Effect.sleep(100)
          const { took_ms, value } = yield* timed(
            Effect.forEach([1, 2, 3, 4, 5, 6], () => Effect.flip(whoAmI), { concurrency: 6 })
          )
          assert.isBelow(took_ms, 900 + 200)
          for (const error of value) {
            assert.include(["PoolTimeout", "ConnectFailed"], error._tag)
            assert.isTrue(error.retryable)
          }
          assert.strictEqual(pool.stats().idle, 0)
          yield* Effect.promise(() => server.thaw())
          assert.isBelow((yield* timed(whoAmI)).took_ms, 1000)
        }).pipe(Effect.ensuring(Effect.promise(() => server.thaw()))),
        {
          pool: { size: 3, pingAfter_ms: 10, borrow_ms: 900 },
          deadlines: { ping_ms: 100, connect_ms: 500 }
        }
      ),
    60_000
  )

  it.live(
    "a connect into nowhere delays nobody else; its late success is closed",
    () =>
      Effect.gen(function* () {
        const wire = yield* Effect.promise(() => wireTo(server.url))
        const events: Array<PoolEvent> = []
        yield* on(
          Effect.gen(function* () {
            const held = yield* Effect.forkChild(sleeping(0.1), { startImmediately: true })
            yield* Effect.sleep(20)
            wire.state.slow_ms = 600
            const slow = yield* Effect.forkChild(Effect.exit(whoAmI), { startImmediately: true })
            const { took_ms } = yield* timed(Effect.andThen(Fiber.join(held), whoAmI))
            assert.isBelow(took_ms, 400)
            // The slow one took the first that came free; his connect is still under way.
            assert.strictEqual((yield* Fiber.join(slow))._tag, "Success")
            yield* Effect.sleep(800)
            const { pool } = yield* Database
            assert.strictEqual(pool.stats().connecting, 0)
          }),
          {
            pool: { size: 2, listener: (event) => void events.push(event) },
            deadlines: { connect_ms: 300 }
          },
          () => wire.url
        )
        assert.strictEqual(events.filter(({ _tag }) => _tag === "connectFailed").length, 1)
        wire.close()
      }),
    60_000
  )

  it.live("an address that swallows everything is a timeout within its deadline", () =>
    Effect.gen(function* () {
      const sockets: Array<Socket> = []
      const hole: Server = createServer((socket) => void sockets.push(socket))
      yield* Effect.promise(
        () => new Promise<void>((next) => void hole.listen(0, "127.0.0.1", next))
      )
      const { port } = hole.address() as { readonly port: number }
      const url = new URL(server.url)
      url.port = String(port)
      const opening = Effect.provide(
        Database.server,
        layerFor(name, url.href, { deadlines: { connect_ms: 200 } })
      )
      const { took_ms, value } = yield* timed(Effect.flip(opening))
      assert.isBelow(took_ms, 300)
      assert.deepInclude(value, { _tag: "ConnectFailed", reason: "timeout", retryable: true })
      for (const socket of sockets) socket.destroy()
      hole.close()
    })
  )

  it.live("exhausted: 50 wait in order, each deadline is its own and is kept", () =>
    on(
      Effect.gen(function* () {
        const hold = yield* Effect.forkChild(Database.transaction(Effect.sleep(500)), {
          startImmediately: true
        })
        yield* Effect.sleep(30)
        const waits = yield* Effect.forEach(
          Array.from({ length: 50 }),
          () => Effect.delay(timed(Effect.flip(whoAmI)), Math.floor(Math.random() * 100)),
          { concurrency: "unbounded" }
        )
        for (const { took_ms, value } of waits) {
          assert.strictEqual(value._tag, "PoolTimeout")
          assert.isAtLeast(took_ms, 195)
          assert.isBelow(took_ms, 300)
        }
        yield* Fiber.join(hold)
        yield* whoAmI
      }),
      { pool: { size: 1, borrow_ms: 200 } }
    )
  )
})
