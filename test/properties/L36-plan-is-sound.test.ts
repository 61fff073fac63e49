import * as Result from "effect/Result"
import fc from "fast-check"
import { expect, test } from "vitest"
import { capabilities } from "../../src/compile/capabilities.ts"
import { format, type FlushPlan, statementCount } from "../../src/mapping/FlushPlan.ts"
import type { Keep } from "../../src/mapping/flush/edges.ts"
import { plan, planWith } from "../../src/mapping/flush/plan.ts"
import { settle } from "../../src/mapping/flush/settle.ts"
import { orderExists } from "../mapping/flush/greedy.ts"
import { libraryModel } from "../mapping/flush/library.ts"
import { Broken, type Mode, run } from "../mapping/flush/simulator.ts"
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
import { alwaysHolds, timeFor } from "./support/law.ts"

const ordinary = 20_000

const dialects = { strict: capabilities("postgres"), mariadb: capabilities("mariadb") } as const

/** Runs the plan; compares the database, and what is believed of it, with the changed state. */
const arrives = (pair: Pair, flushPlan: FlushPlan, mode: Mode): void => {
  const { resolved, world } = run(worldOf(pair.from), flushPlan, mode)
  const wanted = expectedText(pair, resolved)
  expect(textOf(world.rows), format(flushPlan)).toBe(wanted)
  expect(knownText(settle(pair.before, flushPlan, resolved))).toBe(wanted)
}

test.each(["strict", "mariadb"] as const)(
  "a plan leads from any state to any other: %s",
  (mode) => {
    const seen = { pairs: 0, unbreakable: 0, statements: 0, rows: 0, fixUps: 0 }
    alwaysHolds(
      fc.property(pairs, (pair) => {
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
        arrives(pair, planned.success, mode)
      }),
      ordinary,
      50
    )
    const mean = (sum: number) => (sum / (seen.pairs - seen.unbreakable)).toFixed(2)
    console.log(
      `L36 ${mode}: ${seen.pairs} pairs, ${seen.unbreakable} unbreakable, ${seen.fixUps} fix-ups,`,
      `${mean(seen.rows)} row writes in ${mean(seen.statements)} statements on average`
    )
  },
  timeFor(120_000)
)

test(
  "unbreakable is said exactly where no order of writes exists",
  () => {
    const seen = { broken: 0, possible: 0 }
    alwaysHolds(
      fc.property(pairs, (pair) => {
        const isPlanned = Result.isSuccess(plan(libraryModel, dialects.strict, pair.changes))
        expect(isPlanned).toBe(orderExists(pair.from, pair.to))
        if (isPlanned) seen.possible++
        else seen.broken++
      }),
      ordinary / 8
    )
    expect(seen.broken).toBeGreaterThan(0)
    console.log(
      `L36 oracle: agrees on ${seen.possible} possible and ${seen.broken} impossible pairs`
    )
  },
  timeFor(120_000)
)

/** Examples as a first suite would have them: a graph added, a row replaced, a graph deleted. */
const examples: ReadonlyArray<Pair> = [
  pairBetween(
    state({}),
    state({ authors: [[1, 1, 1, 0, null, 1]], books: [[1, 0, 1, 1]], links: [[1, 1]] }),
    3
  ),
  pairBetween(
    state({ authors: [[1, 1, 1, 0]], rooms: [[1, 1, 5, 1]], shelves: [[1, 1, 1, 1]] }),
    state({ authors: [[2, 2, 1, 0]], rooms: [[1, 1, 5, 2]], shelves: [[1, 1, 1, 2]] }),
    0
  ),
  pairBetween(
    state({
      authors: [
        [1, 1, 1, 0, null, 1],
        [2, 2, null, 0, 1]
      ],
      books: [[1, 0, 1, 1]],
      links: [
        [1, 1],
        [2, 1]
      ]
    }),
    state({}),
    0
  )
]

const survives = (keep: Keep, pair: Pair): boolean => {
  const planned = planWith(libraryModel, dialects.strict, pair.changes, keep)
  if (Result.isFailure(planned)) return true
  try {
    run(worldOf(pair.from), planned.success, "strict")
    return true
  } catch (error) {
    if (error instanceof Broken) return false
    throw error
  }
}

/** Planners that forget one case of one rule. */
const twins: Readonly<Record<string, Keep>> = {
  "a unique value is given up by deletes only": (edge) =>
    edge.kind !== "slot" || edge.from.kind === "delete",
  "a composite key need not be there first": (edge) =>
    edge.kind !== "key" || edge.inColumns.length === 1,
  "a reference is given up by deletes only": (edge) =>
    edge.kind !== "release" || edge.from.kind === "delete" || edge.from.way.facts.rank !== 0,
  "a two-column unique value needs no order": (edge) =>
    edge.kind !== "slot" || edge.outColumns.length === 1 || edge.outColumns[0] !== "authorId"
}

test.each(Object.entries(twins))("wrong twin is caught: %s", (name, keep) => {
  for (const pair of examples) {
    expect(Result.isSuccess(plan(libraryModel, dialects.strict, pair.changes))).toBe(true)
    expect(survives(keep, pair)).toBe(true)
  }
  const found = fc.check(
    fc.property(pairs, (pair) => survives(keep, pair)),
    { numRuns: 5_000 }
  )
  expect(found.failed).toBe(true)
  console.log(`L36 twin "${name}": caught at run ${found.numRuns}`)
})
