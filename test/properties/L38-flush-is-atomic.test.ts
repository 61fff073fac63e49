import * as Result from "effect/Result"
import fc from "fast-check"
import { expect, test } from "vitest"
import { capabilities } from "../../src/compile/capabilities.ts"
import { type FlushPlan, format, statementCount } from "../../src/mapping/FlushPlan.ts"
import { plan } from "../../src/mapping/flush/plan.ts"
import { settle } from "../../src/mapping/flush/settle.ts"
import type { KnownRows } from "../../src/mapping/KnownRows.ts"
import { libraryModel } from "../mapping/flush/library.ts"
import { Broken, run, type World } from "../mapping/flush/simulator.ts"
import {
  expectedText,
  type Pair,
  pairBetween,
  pairs,
  knownText,
  state,
  textOf,
  worldOf
} from "../mapping/flush/states.ts"
import { alwaysHolds } from "./support/law.ts"

const ordinary = 2500
const mariadb = capabilities("mariadb")

/** What a session holds: the database behind its savepoint, and what it believes of it. */
interface Held {
  readonly world: World
  readonly known: KnownRows
  /** What the last finished flush got from the server. */
  readonly resolved: ReadonlyMap<string, Record<string, unknown>>
}

type Flush = (held: Held, flushPlan: FlushPlan, failAt: number) => Held

/** Installs the new state after the last statement, and not before. */
const flush: Flush = (held, flushPlan, failAt) => {
  const { resolved, world } = run(held.world, flushPlan, "mariadb", failAt)
  return { world, resolved, known: settle(held.known, flushPlan, resolved) }
}

const attempt = (step: Flush, held: Held, flushPlan: FlushPlan, failAt: number): Held => {
  try {
    return step(held, flushPlan, failAt)
  } catch (error) {
    if (error instanceof Broken) return held
    throw error
  }
}

/** Fails at statement k, then compares; then retries and compares with the end. */
const isAtomic = (step: Flush, pair: Pair, k: number): boolean => {
  const planned = plan(libraryModel, mariadb, pair.changes)
  if (Result.isFailure(planned) || planned.success.steps.length === 0) return true
  const one = planned.success
  const held: Held = { world: worldOf(pair.from), known: pair.before, resolved: new Map() }
  const texts = [textOf(held.world.rows), knownText(held.known)]
  const failed = attempt(step, held, one, k % statementCount(one))
  const isKept = textOf(failed.world.rows) === texts[0] && knownText(failed.known) === texts[1]
  const again = Result.getOrThrow(plan(libraryModel, mariadb, pair.changes))
  if (!isKept || format(again) !== format(one)) return false
  const done = attempt(step, failed, again, -1)
  const wanted = expectedText(pair, done.resolved)
  return textOf(done.world.rows) === wanted && knownText(done.known) === wanted
}

const fails = fc.nat(200)

test("a failure at any statement leaves everything as before, and a retry succeeds", () => {
  alwaysHolds(
    fc.property(pairs, fails, (pair, k) => isAtomic(flush, pair, k)),
    ordinary
  )
})

/** Settles step by step: the deletes it has seen succeed are gone from its state at once. */
const eager: Flush = (held, flushPlan, failAt) => {
  const known = held.known as Map<string, never>
  let statement = 0
  for (const { kind, rows } of flushPlan.steps) {
    for (const { ref } of rows) if (kind === "delete" && statement < failAt) known.delete(ref.id)
    statement++
  }
  return flush(held, flushPlan, failAt)
}

test("wrong twin is caught: deletes are believed before the flush has ended", () => {
  const example = pairBetween(
    state({ authors: [[1, 1, 1, 0]], books: [[1, 0, 1, 1]] }),
    state({
      authors: [[1, 1, 2, 1]],
      books: [
        [1, 0, 2, 1],
        [2, 0, 1, 1]
      ]
    }),
    1
  )
  for (const k of [0, 1, 2]) expect(isAtomic(eager, example, k)).toBe(true)
  const law = fc.property(pairs, fails, (pair, k) =>
    isAtomic(eager, { ...pair, before: new Map(pair.before) }, k)
  )
  const found = fc.check(law, { numRuns: 5_000 })
  expect(found.failed).toBe(true)
  console.log(`L38 twin "deletes at once": caught at run ${found.numRuns}`)
})
