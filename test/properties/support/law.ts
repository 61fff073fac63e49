import * as fc from "fast-check"
import { expect } from "vitest"
import type { Refusal } from "../../../src/algebra/Dialect.ts"
import { OutsideMeaning } from "../../oracle/Value.ts"

const nightly = process.env["ATHANOR_NIGHTLY"] === "1"

/** How much longer than usual: as said, or at night so many times. */
const timesOf = (atNight: number): number =>
  Number(process.env["ATHANOR_RUNS"] ?? (nightly ? atNight : 1))

const times = timesOf(20)

/** Runs of a law. */
export const runs = (ordinary: number): number => Math.ceil(ordinary * times)

/** Milliseconds a law may take that takes so many by day. */
export const timeFor = (ordinary: number, atNight = 20): number =>
  ordinary * Math.max(1, timesOf(atNight))

/** A fixed seed makes a run repeatable; at night it is a new one. A failure prints its own. */
const seed = Number(process.env["ATHANOR_SEED"] ?? (nightly ? Date.now() % 2 ** 31 : 20_260_101))

/** How many statements had no one meaning and were passed over. */
export interface Passed {
  count: number
}

const judged =
  <A>(holds: (one: A) => boolean, passed: Passed) =>
  (one: A): boolean => {
    try {
      return holds(one)
    } catch (error) {
      if (!(error instanceof OutsideMeaning)) throw error
      passed.count++
      return true
    }
  }

/** Checks a law on many cases. A case without a meaning is passed over, at most one in ten. */
export const upheld = <A>(
  cases: fc.Arbitrary<A>,
  holds: (one: A) => boolean,
  ordinary = 2000
): void => {
  const passed: Passed = { count: 0 }
  const numRuns = runs(ordinary)
  fc.assert(fc.property(cases, judged(holds, passed)), { seed, numRuns })
  expect(passed.count).toBeLessThan(numRuns / 10)
}

/**
 * A wrong twin of the law: it holds for the examples one writes by hand, and generated cases must
 * catch it within 5,000 runs.
 */
export const caught = <A>(
  name: string,
  cases: fc.Arbitrary<A>,
  holds: (one: A) => boolean,
  examples: ReadonlyArray<A>
): void => {
  for (const [i, example] of examples.entries()) {
    expect(holds(example), `the twin "${name}" fails example ${i} already`).toBe(true)
  }
  const result = fc.check(fc.property(cases, judged(holds, { count: 0 })), { seed, numRuns: 5000 })
  expect(result.failed, `the twin "${name}" was not caught`).toBe(true)
  console.log(
    `twin "${name}": caught after ${result.numRuns} runs, shrunk ${result.numShrinks} times`
  )
}

/** Checks a law that asks a database; a failure says what it says at its smallest. */
export const upheldOn = async <A>(
  cases: fc.Arbitrary<A>,
  holds: (one: A) => Promise<boolean>,
  ordinary: number
): Promise<void> => {
  const law = async (one: A): Promise<boolean> => {
    try {
      return await holds(one)
    } catch (error) {
      if (!(error instanceof OutsideMeaning)) throw error
      return true
    }
  }
  await checked(fc.asyncProperty(cases, law), { seed, numRuns: runs(ordinary) })
}

/** Checks a property; a failure says what it says at its smallest. */
const checked = async <A>(
  property: fc.IAsyncProperty<[A]>,
  parameters: fc.Parameters<[A]>
): Promise<void> => {
  const found = await fc.check(property, parameters)
  if (!found.failed) return
  const smallest = found.errorInstance
  const where = `run ${found.numRuns} of seed ${found.seed}, shrunk ${found.numShrinks} times`
  throw new Error(
    `${where}\n${smallest instanceof Error ? smallest.message : "the law does not hold"}`,
    { cause: smallest }
  )
}

/** A wrong twin of a law that asks a database. */
export const caughtOn = async <A>(
  name: string,
  cases: fc.Arbitrary<A>,
  holds: (one: A) => Promise<boolean>,
  examples: ReadonlyArray<A>
): Promise<void> => {
  for (const [i, example] of examples.entries()) {
    expect(await holds(example), `the twin "${name}" fails example ${i} already`).toBe(true)
  }
  const law = (one: A): Promise<boolean> =>
    holds(one).catch((error: unknown) => {
      if (!(error instanceof OutsideMeaning)) throw error
      return true
    })
  const result = await fc.check(fc.asyncProperty(cases, law), { seed, numRuns: 5000 })
  expect(result.failed, `the twin "${name}" was not caught`).toBe(true)
  console.log(
    `twin "${name}": caught after ${result.numRuns} runs, shrunk ${result.numShrinks} times`
  )
}

/** What became of the statements sent to a server. */
export interface Ledger {
  asked: number
  /** Statements without one meaning. */
  outside: number
  /** Typed refusals by capability. */
  readonly refusals: Map<string, number>
  /** The capabilities themselves. */
  readonly refusedOf: Set<string>
  /** Counts a refusal: the law says nothing of it. */
  readonly refused: (refusal: Refusal) => true
}

export const ledger = (): Ledger => {
  const refusals = new Map<string, number>()
  const refusedOf = new Set<string>()
  return {
    asked: 0,
    outside: 0,
    refusals,
    refusedOf,
    refused: ({ capability, construct }) => {
      const what = `${capability} (${construct.replace(/"[^"]*"/g, "…")})`
      refusals.set(what, (refusals.get(what) ?? 0) + 1)
      if (!/ of a drawn \w+$| what may answer twice differently$/.test(construct))
        refusedOf.add(capability)
      return true
    }
  }
}

/** Runs one statement's check; a statement without one meaning is counted and passed over. */
export const skipping = async (seen: Ledger, check: () => Promise<boolean>): Promise<boolean> => {
  seen.asked++
  try {
    return await check()
  } catch (error) {
    if (!(error instanceof OutsideMeaning)) throw error
    seen.outside++
    return true
  }
}

/** How many statements were refused. */
export const refusedBy = ({ refusals }: Ledger): number =>
  [...refusals.values()].reduce((sum, count) => sum + count, 0)

/** The ledger in one line. */
export const told = ({ asked, outside, refusals }: Ledger): string => {
  const list = [...refusals].map(([what, count]) => `${what} ${count}`)
  const refused = list.length === 0 ? "none" : list.join(", ")
  return `${asked} statements, ${outside} without one meaning, refused: ${refused}`
}
