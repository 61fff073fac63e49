import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import fc from "fast-check"
import type { Connection } from "../../src/effects/Driver.ts"
import { connectFailed } from "../../src/effects/drivers/connectFailed.ts"
import type { Lease } from "../../src/effects/pool/Gate.ts"
import * as Pool from "../../src/effects/pool/Pool.ts"
import type { PoolOptions } from "../../src/effects/pool/PoolOptions.ts"
import { entered } from "../../src/effects/statements/send.ts"
import { connectNow, type Fake, makeLedger } from "./support/fakeConnection.ts"
import { interruptingAt } from "./support/interruptingAt.ts"

const options = (
  connect: PoolOptions["connect"],
  more: Partial<PoolOptions> = {}
): PoolOptions => ({
  dialect: "postgres",
  connect,
  ping: () => Effect.succeed(true),
  reset: () => Effect.succeed(true),
  size: 3,
  overflow: 0,
  minimum: 0,
  queueLimit: 1000,
  borrow_ms: 5000,
  pingAfter_ms: 500,
  idleTimeout_ms: Infinity,
  maxLifetime_ms: Infinity,
  lifetimeJitter: 0,
  leakAfter_ms: Infinity,
  close_ms: 5000,
  order: "lifo",
  overload: null,
  admit: null,
  listeners: null,
  ...more
})

const use = <A, E>(pool: Pool.Pool, body: (connection: Fake) => Effect.Effect<A, E>) =>
  entered(pool, (lease, restore) => restore(body(lease.connection as Fake)))

const waiting = (pool: Pool.Pool, count: number): Effect.Effect<void> =>
  Effect.suspend(() =>
    pool.stats().waiting === count
      ? Effect.void
      : Effect.andThen(Effect.yieldNow, waiting(pool, count))
  )

describe("the pool", () => {
  it.effect("first come, first served", () =>
    Effect.gen(function* () {
      const ledger = makeLedger()
      const pool = yield* Pool.make(options(connectNow(ledger), { size: 2 }))
      const gate = yield* Deferred.make<void>()
      const holders = yield* Effect.forEach([1, 2], () =>
        Effect.forkChild(
          use(pool, () => Deferred.await(gate)),
          { startImmediately: true }
        )
      )
      const served: Array<number> = []
      const fibers: Array<Fiber.Fiber<void, unknown>> = []
      for (let id = 0; id < 200; id++) {
        fibers.push(
          yield* Effect.forkChild(
            use(pool, () => Effect.sync(() => void served.push(id))),
            { startImmediately: true }
          )
        )
      }
      yield* waiting(pool, 200)
      yield* Deferred.succeed(gate, undefined)
      yield* Effect.forEach([...holders, ...fibers], Fiber.await)
      assert.deepStrictEqual(
        served,
        Array.from({ length: 200 }, (_, id) => id)
      )
      assert.strictEqual(ledger.most(), 2)
    })
  )

  it.effect("the borrow deadline is absolute and typed", () =>
    Effect.gen(function* () {
      const pool = yield* Pool.make(options(connectNow(makeLedger()), { size: 1, borrow_ms: 1000 }))
      const lease = yield* pool.enter((effect) => effect)
      const late = yield* Effect.forkChild(Effect.flip(use(pool, () => Effect.void)), {
        startImmediately: true
      })
      yield* waiting(pool, 1)
      yield* TestClock.adjust(999)
      assert.isUndefined(late.pollUnsafe())
      yield* TestClock.adjust(1)
      const error = yield* Fiber.join(late)
      assert.strictEqual(error._tag, "PoolTimeout")
      assert.deepStrictEqual(
        error._tag === "PoolTimeout" && [
          error.waited_ms,
          error.inUse,
          error.waiting,
          error.retryable
        ],
        [1000, 1, 1, true]
      )
      pool.leave(lease)
      assert.deepInclude(pool.stats(), { open: 1, idle: 1, used: 0, connecting: 0, waiting: 0 })
    })
  )

  it.effect("a failing ping does not begin the deadline again", () =>
    Effect.gen(function* () {
      const ledger = makeLedger()
      let slow = false
      const pool = yield* Pool.make(
        options(
          Effect.suspend(() => (slow ? Effect.never : connectNow(ledger))),
          { size: 1, borrow_ms: 1000, ping: () => Effect.as(Effect.sleep(600), false) }
        )
      )
      yield* use(pool, () => Effect.void)
      yield* TestClock.adjust(501)
      slow = true
      const late = yield* Effect.forkChild(Effect.flip(use(pool, () => Effect.void)), {
        startImmediately: true
      })
      yield* TestClock.adjust(600)
      yield* waiting(pool, 1)
      yield* TestClock.adjust(399)
      assert.isUndefined(late.pollUnsafe())
      yield* TestClock.adjust(1)
      const error = yield* Fiber.join(late)
      assert.strictEqual(error._tag === "PoolTimeout" && error.waited_ms, 1000)
    })
  )

  it.effect("one slow connect delays nobody", () =>
    Effect.gen(function* () {
      const ledger = makeLedger()
      let first = true
      const pool = yield* Pool.make(
        options(
          Effect.suspend(() => {
            const slow = first
            first = false
            return Effect.andThen(Effect.sleep(slow ? 1000 : 10), connectNow(ledger))
          }),
          { size: 5 }
        )
      )
      const fibers = [
        yield* Effect.forkChild(
          use(pool, () => Effect.void),
          { startImmediately: true }
        ),
        yield* Effect.forkChild(
          use(pool, () => Effect.void),
          { startImmediately: true }
        )
      ]
      yield* waiting(pool, 2)
      yield* TestClock.adjust(10)
      yield* Effect.forEach(fibers, Fiber.join)
      assert.strictEqual(pool.stats().connecting, 1)
    })
  )

  it.effect("a full queue refuses the next", () =>
    Effect.gen(function* () {
      const pool = yield* Pool.make(options(connectNow(makeLedger()), { size: 1, queueLimit: 2 }))
      const lease = yield* pool.enter((effect) => effect)
      yield* Effect.forEach([1, 2], () =>
        Effect.forkChild(
          use(pool, () => Effect.void),
          { startImmediately: true }
        )
      )
      yield* waiting(pool, 2)
      const error = yield* Effect.flip(use(pool, () => Effect.void))
      pool.leave(lease)
      assert.strictEqual(error._tag === "PoolQueueFull" && error.waiting, 2)
    })
  )

  it.effect("what comes back in a transaction or dead is destroyed, and its place is free", () =>
    Effect.gen(function* () {
      const ledger = makeLedger()
      const pool = yield* Pool.make(options(connectNow(ledger), { size: 1 }))
      yield* use(pool, (connection) => Effect.sync(() => void (connection.idle = false)))
      assert.deepStrictEqual([ledger.open(), pool.stats().open], [0, 0])
      yield* use(pool, (connection) => Effect.sync(() => connection.destroy()))
      assert.strictEqual(yield* use(pool, (connection) => Effect.succeed(connection.id)), 3)
      assert.strictEqual(ledger.open(), 1)
    })
  )

  it.effect("a connection idle for long proves that it lives; a fresh one need not", () =>
    Effect.gen(function* () {
      let pings = 0
      const ledger = makeLedger()
      const pool = yield* Pool.make(
        options(connectNow(ledger), {
          ping: () => Effect.sync(() => ++pings < 2)
        })
      )
      yield* use(pool, () => Effect.void)
      yield* use(pool, () => Effect.void)
      assert.strictEqual(pings, 0)
      yield* TestClock.adjust(501)
      assert.strictEqual(yield* use(pool, (connection) => Effect.succeed(connection.id)), 1)
      assert.strictEqual(pings, 1)
      yield* TestClock.adjust(501)
      assert.strictEqual(yield* use(pool, (connection) => Effect.succeed(connection.id)), 2)
    })
  )

  it.effect(
    "invalidation takes every connection opened before it, lent ones when they return",
    () =>
      Effect.gen(function* () {
        const ledger = makeLedger()
        const pool = yield* Pool.make(options(connectNow(ledger), { size: 3 }))
        const lent = yield* pool.enter((effect) => effect)
        const other = yield* pool.enter((effect) => effect)
        pool.leave(other)
        pool.invalidate()
        assert.deepInclude(pool.stats(), {
          open: 1,
          idle: 0,
          used: 1,
          connecting: 0,
          waiting: 0
        })
        pool.leave(lent)
        assert.strictEqual(ledger.open(), 0)
        assert.strictEqual(yield* use(pool, (connection) => Effect.succeed(connection.id)), 3)
      })
  )

  it.effect("a refused connect reaches one who waits; the next tries again", () =>
    Effect.gen(function* () {
      let attempts = 0
      const ledger = makeLedger()
      const pool = yield* Pool.make(
        options(
          Effect.suspend((): Effect.Effect<Connection, ReturnType<typeof connectFailed>> =>
            ++attempts === 1
              ? Effect.fail(connectFailed("postgres", "nowhere", "refused"))
              : connectNow(ledger)
          )
        )
      )
      const error = yield* Effect.flip(use(pool, () => Effect.void))
      assert.strictEqual(error._tag === "ConnectFailed" && error.reason, "refused")
      yield* use(pool, () => Effect.void)
      assert.strictEqual(pool.stats().idle, 1)
    })
  )

  it.effect("closing refuses who waits, drains what is lent, and then closes it", () =>
    Effect.gen(function* () {
      const ledger = makeLedger()
      const scope = yield* Scope.make()
      const pool = yield* Scope.provide(Pool.make(options(connectNow(ledger), { size: 1 })), scope)
      const lease = yield* pool.enter((effect) => effect)
      const waits = yield* Effect.forkChild(Effect.flip(use(pool, () => Effect.void)), {
        startImmediately: true
      })
      yield* waiting(pool, 1)
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), {
        startImmediately: true
      })
      assert.strictEqual((yield* Fiber.join(waits))._tag, "PoolClosed")
      assert.strictEqual((yield* Effect.flip(use(pool, () => Effect.void)))._tag, "PoolClosed")
      assert.isUndefined(closing.pollUnsafe())
      pool.leave(lease)
      yield* Fiber.join(closing)
      assert.strictEqual(ledger.open(), 0)
    })
  )

  it.effect("closing does not wait for ever", () =>
    Effect.gen(function* () {
      const ledger = makeLedger()
      const scope = yield* Scope.make()
      const pool = yield* Scope.provide(Pool.make(options(connectNow(ledger))), scope)
      yield* pool.enter((effect) => effect)
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), {
        startImmediately: true
      })
      yield* TestClock.adjust(5000)
      yield* Fiber.join(closing)
      assert.strictEqual(ledger.open(), 0)
    })
  )

  it.live("1,000 random interruptions leak nothing", () =>
    Effect.gen(function* () {
      const ledger = makeLedger()
      const pool = yield* Pool.make(
        options(Effect.andThen(Effect.sleep(1), connectNow(ledger)), { size: 4 })
      )
      const random = fc.sample(fc.integer({ min: 0, max: 6 }), { numRuns: 2000, seed: 7 })
      yield* Effect.forEach(
        Array.from({ length: 1000 }, (_, at) => at),
        (at) =>
          use(pool, () => Effect.sleep(random[at]!)).pipe(
            Effect.timeoutOption(random[1000 + at]!),
            Effect.exit
          ),
        { concurrency: 50, discard: true }
      )
      const { idle, open, used, waiting } = pool.stats()
      assert.deepStrictEqual([used, waiting], [0, 0])
      assert.strictEqual(open, ledger.open())
      assert.strictEqual(open, idle)
      assert.isAtMost(ledger.most(), 4)
    })
  )

  it.live(
    "a waiter interrupted at any of its operations leaves the queue and what it was handed",
    () =>
      Effect.gen(function* () {
        const ledger = makeLedger()
        const pool = yield* Pool.make(options(connectNow(ledger), { size: 1 }))
        for (let k = 1; ; k++) {
          const lease = yield* pool.enter((effect) => effect)
          const { fired, scheduler } = interruptingAt(k)
          const waits = Effect.runFork(
            use(pool, () => Effect.void),
            { scheduler }
          )
          yield* Effect.yieldNow
          pool.leave(lease)
          yield* Fiber.await(waits)
          const { used, waiting } = pool.stats()
          assert.deepStrictEqual([used, waiting], [0, 0], `operation ${k}`)
          if (!fired()) {
            assert.isAbove(k, 10)
            break
          }
        }
      })
  )

  it("agrees with a model under any sequence of borrows, returns, deaths and time", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.constant("borrow" as const),
            fc.constant("return" as const),
            fc.constant("kill" as const),
            fc.constant("spoil" as const),
            fc.constant("invalidate" as const),
            fc.constant("giveUp" as const)
          ),
          { maxLength: 60 }
        ),
        fc.integer({ min: 1, max: 4 }),
        (steps, size) =>
          Effect.runPromise(
            Effect.scoped(
              Effect.gen(function* () {
                const ledger = makeLedger()
                const pool = yield* Pool.make(
                  options(connectNow(ledger), { size, pingAfter_ms: Infinity })
                )
                const lent: Array<Lease> = []
                const asking: Array<Fiber.Fiber<void, unknown>> = []
                for (const step of steps) {
                  if (step === "borrow") {
                    asking.push(
                      yield* Effect.forkChild(
                        Effect.uninterruptibleMask((restore) =>
                          Effect.map(pool.enter(restore), (lease) => void lent.push(lease))
                        ),
                        { startImmediately: true }
                      )
                    )
                  } else if (step === "giveUp") {
                    const fiber = asking.pop()
                    if (fiber !== undefined) yield* Fiber.interrupt(fiber)
                  } else if (step === "invalidate") pool.invalidate()
                  else if (step === "kill") (lent[0]?.connection as Fake | undefined)?.destroy()
                  else {
                    const lease = lent.shift()
                    if (lease !== undefined) {
                      if (step === "spoil") (lease.connection as Fake).idle = false
                      pool.leave(lease)
                    }
                  }
                  for (let turn = 0; turn < 4; turn++) yield* Effect.yieldNow
                  const stats = pool.stats()
                  assert.strictEqual(stats.open, stats.idle + stats.used)
                  assert.isAtMost(stats.open + stats.connecting, size)
                  assert.isAtMost(ledger.most(), size)
                  assert.strictEqual(stats.used, lent.length)
                  if (stats.waiting > 0) assert.strictEqual(stats.used + stats.connecting, size)
                  assert.strictEqual(
                    new Set(lent.map((lease) => lease.connection)).size,
                    lent.length
                  )
                }
                for (const fiber of asking) yield* Fiber.interrupt(fiber)
                for (const lease of lent.splice(0)) pool.leave(lease)
                assert.strictEqual(pool.stats().used, 0)
              })
            )
          )
      ),
      { numRuns: 300 }
    ))
})
