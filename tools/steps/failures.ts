import { appendFileSync } from "node:fs"
import { relative } from "node:path"
import type { Reporter, TestModule, Vitest } from "vitest/node"

/** Where a step leaves what failed in it, a line each: they are said again after the last step. */
export const failuresFile = "STEPS_FAILURES"

/** Says which tests failed where whoever runs many steps reads it: at their end. */
export default class FailuresReporter implements Reporter {
  private root = process.cwd()

  onInit(vitest: Vitest): void {
    this.root = vitest.config.root
  }

  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandled: ReadonlyArray<unknown>): void {
    const file = process.env[failuresFile]
    const lines = [
      ...modules.flatMap((module) => failuresOf(relative(this.root, module.moduleId), module)),
      ...unhandled.map((error) => `unhandled: ${firstLine(error)}`)
    ]
    if (file !== undefined && lines.length > 0) appendFileSync(file, `${lines.join("\n")}\n`)
  }
}

const failuresOf = (file: string, module: TestModule): ReadonlyArray<string> => [
  ...module.errors().map((error) => `${file}: ${firstLine(error)}`),
  ...[...module.children.allTests("failed")].map(
    (test) => `${file} > ${test.fullName}: ${firstLine(test.result().errors?.[0])}`
  )
]

const firstLine = (error: unknown): string => {
  const said =
    typeof error === "object" && error !== null && "message" in error ? error.message : error
  return String(said).split("\n")[0]!.slice(0, 200)
}
