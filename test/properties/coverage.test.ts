import * as fc from "fast-check"
import { expect, test } from "vitest"
import {
  aimsFor,
  cover,
  missing,
  newCoverage,
  report,
  tooRare,
  unexpected
} from "./support/coverage.ts"
import { commandCase, mergeCase, writingCase } from "./support/commands.ts"
import { drawn } from "./support/draw.ts"
import { asks, placesOf } from "./support/places.ts"
import { seekOf, soughtClauses, soughtInCommands, soughtReads } from "./support/seek.ts"
import { queryCase } from "./support/statements.ts"

/** Enough that the rarest pair comes some times; nothing is executed. */
const queries = 20_000
const aimed = 500
const commands = 10_000
const merges = 5000
const writings = 1000
const sought = 5000
const soughtCommands = 3000

/** Queries in clauses: what they are asked for, over what, in a block over what. */
test("a query in each clause over each source, in a block over each source", () => {
  const met = new Map<string, number>()
  const more = (key: string): void => void met.set(key, (met.get(key) ?? 0) + 1)
  const sample = fc.sample(
    drawn((draw) => queryCase(draw, [], undefined, null, seekOf(draw))),
    { numRuns: sought, seed: 1 }
  )
  for (const { query } of sample)
    for (const { ask, clause, correlated, inner, outer } of placesOf(query)) {
      const refers = correlated ? "correlated" : "closed"
      for (const one of outer) more(`${clause}, ${ask}, ${refers}, in a block over ${one}`)
      for (const one of inner) more(`${clause}, ${ask}, ${refers}, over ${one}`)
    }
  const counts = soughtClauses.flatMap((clause) =>
    // An end of a series is one value.
    (clause === "function" ? (["Subquery"] as const) : asks).flatMap((ask) =>
      soughtReads.flatMap((read) =>
        ["in a block over", "over"].map((side) => {
          const of = (refers: string): number =>
            met.get(`${clause}, ${ask}, ${refers}, ${side} ${read}`) ?? 0
          return {
            what: `${clause}, ${ask}, ${side} ${read}`,
            count: of("closed") + of("correlated")
          }
        })
      )
    )
  )
  const rarest = counts.toSorted((a, b) => a.count - b.count).slice(0, 12)
  console.log(rarest.map(({ count, what }) => `${what} ${count}`).join("; "))
  // A function is what its own clause stands over.
  const never = counts.filter(({ count, what }) => count === 0 && !what.startsWith("function"))
  expect(never).toEqual([])
}, 60_000)

/** The same of commands, which stand over their own table. */
test("a query in each clause of a command, over each source", () => {
  const met = new Set<string>()
  const sample = fc.sample(
    drawn((draw) => commandCase(draw, [], [], seekOf(draw, soughtInCommands))),
    { numRuns: soughtCommands, seed: 1 }
  )
  for (const { command } of sample)
    for (const { ask, clause, inner } of placesOf(command))
      for (const read of inner) met.add(`${clause}, ${ask}, over ${read}`)
  const never = soughtInCommands.flatMap((clause) =>
    asks.flatMap((ask) =>
      soughtReads
        .map((read) => `${clause}, ${ask}, over ${read}`)
        .filter((place) => !met.has(place))
    )
  )
  expect(never).toEqual([])
}, 60_000)

test("every node and every pair that can be is generated", () => {
  const coverage = newCoverage()
  for (const { query } of fc.sample(
    drawn((draw) => queryCase(draw)),
    { numRuns: queries, seed: 1 }
  )) {
    cover(coverage, query)
  }
  // What chance has not met is aimed at, as L1 does.
  const rare = tooRare(coverage, 1)
  expect(rare.length).toBeLessThan(4)
  for (const aim of aimsFor(rare))
    for (const { query } of fc.sample(
      drawn((draw) => queryCase(draw, [], undefined, aim)),
      { numRuns: aimed, seed: 1 }
    ))
      cover(coverage, query)
  for (const { command } of fc.sample(drawn(commandCase), { numRuns: commands, seed: 1 })) {
    cover(coverage, command)
  }
  for (const { command } of fc.sample(drawn(mergeCase), { numRuns: merges, seed: 1 })) {
    cover(coverage, command)
  }
  for (const { root } of fc.sample(drawn(writingCase), { numRuns: writings, seed: 1 })) {
    cover(coverage, root)
  }
  console.log(`${queries} queries, ${commands} commands, ${merges} merges\n${report(coverage)}`)
  expect(unexpected(coverage)).toEqual([])
  expect(missing(coverage)).toEqual([])
}, 180_000)
