import { readFileSync, writeFileSync } from "node:fs"
import { join, relative, sep } from "node:path"
import type { Reporter, TestModule, TestRunEndReason, Vitest } from "vitest/node"
import { facetsFile, provenFile } from "./check.ts"
import { prove, type RanTest } from "./prove.ts"
import { readFacets } from "./read.ts"
import { facetsById } from "./scorebook.ts"
import { printProven } from "./write.ts"

/**
 * Writes what a whole run of the tests proves to docs/scorecard/proven.json.
 *
 * An interrupted run proves nothing and leaves the file as it was.
 */
export default class ScorecardReporter implements Reporter {
  private root = process.cwd()

  onInit(vitest: Vitest): void {
    this.root = vitest.config.root
  }

  onTestRunEnd(
    modules: ReadonlyArray<TestModule>,
    _unhandled: ReadonlyArray<unknown>,
    reason: TestRunEndReason
  ): void {
    if (reason === "interrupted") return
    const text = readFileSync(join(this.root, facetsFile), "utf8")
    const { sections } = readFacets(text, complain)
    const book = facetsById({ printedOnly: [], sections, refusals: [] })
    const { proven, faults } = prove(
      book,
      modules.flatMap((module) => testsOf(this.root, module))
    )
    for (const fault of faults) complain("scorecard", fault)
    writeFileSync(join(this.root, provenFile), printProven(proven))
  }
}

const testsOf = (root: string, module: TestModule): ReadonlyArray<RanTest> => {
  const file = relative(root, module.moduleId).split(sep).join("/")
  return [...module.children.allTests()].map((test) => ({
    file,
    title: test.fullName,
    state: test.result().state
  }))
}

const complain = (where: string, message: string): void => {
  process.stderr.write(`${where}: ${message}\n`)
  process.exitCode = 1
}
