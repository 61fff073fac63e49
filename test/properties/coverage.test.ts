import * as fc from "fast-check"
import { expect, test } from "vitest"
import { cover, missing, newCoverage, report, unexpected } from "./support/coverage.ts"
import { commandCase, mergeCase, writingCase } from "./support/commands.ts"
import { drawn } from "./support/draw.ts"
import { queryCase } from "./support/statements.ts"

/** Enough that the rarest pair comes some times; nothing is executed. */
const queries = 20_000
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
