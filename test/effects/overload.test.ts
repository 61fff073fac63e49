import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import fc from "fast-check"
import { Overload } from "../../src/effects/pool/Overload.ts"
import * as Pool from "../../src/effects/pool/Pool.ts"
import { entered } from "../../src/effects/statements/send.ts"
import { connectNow, makeLedger } from "./support/fakeConnection.ts"

const settings = { target_ms: 50, interval_ms: 1000 }

describe("an overloaded queue", () => {
  it("sheds only after a whole interval in which nobody waited less than the target", () => {
    const overload = new Overload(settings, 0)
    for (let now = 0; now < 1000; now += 100) assert.isFalse(overload.sheds(500, now))
    assert.isTrue(overload.sheds(500, 1000))
    assert.isFalse(overload.sheds(100, 1001), "twice the target is borne")
    assert.isTrue(overload.sheds(101, 1002))
    assert.isTrue(overload.sheds(500, 1500))
    assert.isFalse(overload.sheds(10, 1600))
    assert.isTrue(overload.sheds(500, 1700), "until the interval ends")
    assert.isFalse(overload.sheds(500, 2000))
  })

  it("never sheds where one of each interval is served in time", () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 50 }), (waits) => {
        const overload = new Overload(settings, 0)
        let now = 0
        for (const wait of waits) {
          now += 400
          if (overload.sheds(0, now) || overload.sheds(wait, now)) return false
        }
        return true
      })
    ))

  it.effect("who has waited too long is told so; who comes later is served", () =>
    Effect.gen(function* () {
      const ledger = makeLedger()
      const pool = yield* Pool.make({
        dialect: "postgres",
        connect: connectNow(ledger),
        ping: () => Effect.succeed(true),
        reset: () => Effect.succeed(true),
        size: 1,
        overflow: 0,
        minimum: 0,
        queueLimit: 1000,
        borrow_ms: 60_000,
        pingAfter_ms: Infinity,
        idleTimeout_ms: Infinity,
        maxLifetime_ms: Infinity,
        lifetimeJitter: 0,
        leakAfter_ms: Infinity,
        close_ms: 1000,
        order: "lifo",
        overload: { target_ms: 10, interval_ms: 100 },
        admit: null,
        listeners: null
      })
      const begun = yield* Deferred.make<void>()
      const slow = entered(pool, () =>
        Effect.andThen(Deferred.succeed(begun, undefined), Effect.sleep(40))
      )
      const fibers = yield* Effect.forEach(Array.from({ length: 20 }), () =>
        Effect.forkChild(Effect.exit(slow), { startImmediately: true })
      )
      yield* Deferred.await(begun)
      yield* TestClock.adjust(2000)
      const exits = yield* Effect.forEach(fibers, Fiber.join)
      const tags = exits.map((exit) => {
        if (exit._tag === "Success") return "served"
        const [reason] = exit.cause.reasons
        return reason?._tag === "Fail" && "reason" in reason.error ? reason.error.reason : "?"
      })
      assert.strictEqual(tags[0], "served")
      assert.include(tags, "overload")
      assert.isAbove(tags.filter((tag) => tag === "served").length, 2)
      assert.deepInclude(pool.stats(), { used: 0, waiting: 0 })
      yield* entered(pool, () => Effect.void)
    })
  )
})
