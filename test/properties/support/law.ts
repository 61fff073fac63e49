import * as fc from "fast-check"
import { expect } from "vitest"
import type { Refusal } from "../../../src/algebra/Dialect.ts"
import { OutsideMeaning } from "../../oracle/Value.ts"
import { shownParts } from "./explain.ts"
import { isDark, isNight, nightOr, stretch } from "../../support/night.ts"

/** How many times the cases of a day: as said, or at night so many, or once. */
const timesOf = (times: number): number =>
  Number(process.env["ATHANOR_RUNS"] ?? (isNight ? times : 1))

/** Cases of a law: so many by day, so many times as many at night. */
export const runs = (ordinary: number, times = 20): number => Math.ceil(ordinary * timesOf(times))

/** Milliseconds a law may take that takes so many by day. */
export const timeFor = (ordinary_ms: number): number =>
  nightOr(ordinary_ms * Math.max(1, timesOf(1)))

/** A fixed seed makes a run repeatable; at night it is a new one. A failure prints its own. */
const seed = Number(process.env["ATHANOR_SEED"] ?? (isNight ? Date.now() % 2 ** 31 : 20_260_101))

/** Cases that are drawn together, from one seed. */
export interface Round {
  readonly seed: number
  readonly numRuns: number
}

/**
 * A law's cases by day, and again from other seeds until there are as many as are asked for. At
 * night its time ends it too, but never before it has had its day's; it says how far it came.
 */
export const rounds = function* (ordinary: number, times = 20): Generator<Round> {
  const aim = runs(ordinary, times)
  const begun = performance.now()
  let done = 0
  let time = Infinity
  for (let round = 0; done < aim; round++) {
    if (round > 0 && (performance.now() - begun > time || !isDark())) break
    const numRuns = Math.min(ordinary, aim - done)
    yield { seed: (seed + round) % 2 ** 31, numRuns }
    done += numRuns
    if (round === 0) time = (performance.now() - begun) * stretch
  }
  if (aim === ordinary) return
  const end = done < aim ? ": its time was over" : ""
  console.log(`${expect.getState().currentTestName}: ${done} of ${aim} cases${end}`)
}

/** A round in parts, each from a seed of its own. */
export const partsOf = ({ numRuns, seed: first }: Round, parts: number): ReadonlyArray<Round> =>
  Array.from({ length: parts }, (_, i) => ({
    seed: (first + i * 7919) % 2 ** 31,
    numRuns: Math.floor((numRuns * (i + 1)) / parts) - Math.floor((numRuns * i) / parts)
  })).filter((part) => part.numRuns > 0)

/** Checks a property as often as `rounds` says; a failure prints its seed. */
export const alwaysHolds = <A>(
  property: fc.IProperty<A>,
  ordinary: number,
  times?: number
): void => {
  for (const round of rounds(ordinary, times)) fc.assert(property, round)
}

/** The same of what asks a database. */
export const alwaysHoldsOn = async <A>(
  property: fc.IAsyncProperty<A>,
  ordinary: number,
  times?: number
): Promise<void> => {
  for (const round of rounds(ordinary, times)) await fc.assert(property, round)
}

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
  for (const round of rounds(ordinary)) {
    const passed: Passed = { count: 0 }
    passes(fc.check(fc.property(cases, judged(holds, passed)), round))
    expect(passed.count).toBeLessThan(round.numRuns / 10)
  }
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
  ordinary: number,
  times?: number
): Promise<void> => {
  for (const round of rounds(ordinary, times)) await upheldIn(round, cases, holds)
}

/** One round of it. */
export const upheldIn = async <A>(
  round: Round,
  cases: fc.Arbitrary<A>,
  holds: (one: A) => Promise<boolean>
): Promise<void> => {
  const law = async (one: A): Promise<boolean> => {
    try {
      return await holds(one)
    } catch (error) {
      if (!(error instanceof OutsideMeaning)) throw error
      return true
    }
  }
  passes(await fc.check(fc.asyncProperty(cases, law), round))
}

/** A failure says what it says at its smallest, and of what case where it does not say so. */
const passes = <A>(found: fc.RunDetails<[A]>): void => {
  if (!found.failed) return
  const { counterexample, errorInstance: smallest, numRuns, numShrinks } = found
  const said = smallest instanceof Error ? smallest.message : "the law does not hold"
  const parts = counterexample === null ? [] : shownParts("", counterexample[0])
  const where = `run ${numRuns} of seed ${found.seed}, shrunk ${numShrinks} times`
  const unsaid = parts.filter(({ text }) => !said.includes(text))
  const shown = unsaid.map(({ name, text }) => `${name}${text.includes("\n") ? "\n" : " "}${text}`)
  throw new Error([where, said, ...shown].join("\n"), { cause: smallest })
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
  /** Why they have none. */
  readonly reasons: Map<string, number>
  /** Typed refusals by capability. */
  readonly refusals: Map<string, number>
  /** The capabilities themselves. */
  readonly refusedOf: Set<string>
  /** Counts a refusal: the law says nothing of it. */
  readonly refused: (refusal: Refusal) => true
}

const plusOne = (counts: Map<string, number>, what: string): void => {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}

export const ledger = (): Ledger => {
  const refusals = new Map<string, number>()
  const refusedOf = new Set<string>()
  return {
    asked: 0,
    outside: 0,
    reasons: new Map(),
    refusals,
    refusedOf,
    refused: ({ capability, construct }) => {
      plusOne(refusals, `${capability} (${construct.replace(/"[^"]*"/g, "…")})`)
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
    plusOne(seen.reasons, error.message)
    return true
  }
}

/** How many statements were refused. */
export const refusedBy = ({ refusals }: Ledger): number =>
  [...refusals.values()].reduce((sum, count) => sum + count, 0)

const listed = (counts: ReadonlyMap<string, number>): string =>
  counts.size === 0
    ? "none"
    : [...counts]
        .toSorted(([, a], [, b]) => b - a)
        .map(([what, count]) => `${what} ${count}`)
        .join(", ")

/** The ledger in two lines. */
export const told = ({ asked, outside, reasons, refusals }: Ledger): string =>
  [
    `${asked} statements, ${outside} without one meaning: ${listed(reasons)}`,
    `refused: ${listed(refusals)}`
  ].join("\n")
