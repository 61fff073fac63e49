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
import { queryCase } from "./support/statements.ts"

/** Enough that the rarest pair comes some times; nothing is executed. */
const queries = 20_000
const aimed = 500
const commands = 10_000
const merges = 5000
const writings = 1000

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
