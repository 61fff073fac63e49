import fc from "fast-check"
import * as Result from "effect/Result"
import { expect, test } from "vitest"
import { capabilities } from "../../src/compile/capabilities.ts"
import { format, type FlushPlan, statementCount } from "../../src/mapping/FlushPlan.ts"
import type { Keep } from "../../src/mapping/flush/edges.ts"
import { plan, planWith } from "../../src/mapping/flush/plan.ts"
import { settle } from "../../src/mapping/flush/settle.ts"
import { library, libraryModel } from "../mapping/flush/library.ts"
import { Broken, type Mode, run } from "../mapping/flush/simulator.ts"
import { type Pair, pairs, rekey, textOf, worldOf } from "../mapping/flush/states.ts"

const runs = Number(process.env["ATHANOR_RUNS"] ?? 20_000)

const dialects = { strict: capabilities("postgres"), mariadb: capabilities("mariadb") } as const

const counts = () => ({ pairs: 0, unbreakable: 0, statements: 0, rows: 0, fixUps: 0 })

/** The changed state with the keys the server made, as text. */
const expected = (pair: Pair, resolved: ReadonlyMap<string, { readonly id?: unknown }>): string =>
  textOf(rekey(pair.to, (table, key) => {
    const ref = pair.promises.get(`${table.id}:${key}`)
    return ref === undefined ? key : resolved.get(ref.id)?.id
  }))

const believed = (snapshot: ReturnType<typeof settle>): string =>
  textOf(new Map(Object.values(library).map((table) => [
    table, [...snapshot.values()].filter(({ ref }) => ref.table === table).map(({ row }) => row)
  ])))

/** Runs the plan and compares the database, and what is believed of it, with the changed state. */
const holds = (pair: Pair, flushPlan: FlushPlan, mode: Mode): boolean => {
  const { resolved, world } = run(worldOf(pair.from), flushPlan, mode)
  const wanted = expected(pair, resolved)
  expect(textOf(world.rows), format(flushPlan)).toBe(wanted)
  expect(believed(settle(pair.before, flushPlan, resolved))).toBe(wanted)
  return true
}

test.each(["strict", "mariadb"] as const)("L36: a plan leads from any state to any other, %s", (mode) => {
  const seen = counts()
  fc.assert(fc.property(pairs, (pair) => {
    const planned = plan(libraryModel, dialects[mode], pair.changes)
    seen.pairs++
    if (Result.isFailure(planned)) {
      expect(planned.failure._tag).toBe("Unbreakable")
      seen.unbreakable++
      return
    }
    seen.statements += statementCount(planned.success)
    for (const step of planned.success.steps) {
      seen.rows += step.rows.length
      if (step.purpose !== "change") seen.fixUps += step.rows.length
    }
    holds(pair, planned.success, mode)
  }), { numRuns: runs })
  const mean = (sum: number) => (sum / (seen.pairs - seen.unbreakable)).toFixed(2)
  console.log(
    `L36 ${mode}: ${seen.pairs} pairs, ${seen.unbreakable} unbreakable, ${seen.fixUps} fix-ups,`,
    `${mean(seen.rows)} row writes in ${mean(seen.statements)} statements on average`
  )
}, 120_000)
