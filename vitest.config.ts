import { availableParallelism } from "node:os"
import { configDefaults, defineConfig } from "vitest/config"
import FailuresReporter from "./tools/steps/failures.ts"

// The package resolves to its own sources: no build stands between a change and its test.
const conditions = ["athanor-source", "module", "node"]

// `npm run test:nightly` runs everything longer, and what is too long for every day, until the
// counts of a night are reached or its hours are over.
const nightly = process.env["ATHANOR_NIGHTLY"] === "1"
const night_ms = Number(process.env["ATHANOR_HOURS"] ?? 8) * 3_600_000
if (nightly) process.env["ATHANOR_NIGHT_ENDS"] ??= String(Date.now() + night_ms)

const resolution = { resolve: { conditions }, ssr: { resolve: { conditions } } }
/** So many times the cases of a day take so many times as long. */
const times = Math.max(1, Number(process.env["ATHANOR_RUNS"] ?? 1))
const limits = {
  // A server may have to be installed before the first test that asks for it.
  hookTimeout: 120_000,
  // What hangs is told a minute later; a busy machine takes three times as long as a quiet one.
  testTimeout: nightly ? night_ms : 60_000 * times
}

/** Files that listen to the whole process, or ask when it ends: each has a process to itself. */
const apart = ["test/faults/**"]
const tests = (folder: string): ReadonlyArray<string> => [
  `${folder}.test.ts`,
  ...(nightly ? [`${folder}.nightly.ts`] : [])
]

export default defineConfig({
  ...resolution,
  test: {
    reporters: ["default", new FailuresReporter()],
    globalSetup: ["test/support/databases/globalSetup.ts"],
    projects: [
      {
        ...resolution,
        test: {
          ...limits,
          name: "together",
          // One more than there are cores: a file waits for its server as long as it works itself.
          maxWorkers: Math.max(3, availableParallelism()),
          sequence: { groupOrder: 1 },
          include: [...tests("test/**/*")],
          exclude: [...configDefaults.exclude, ...apart],
          // Loading effect and ourselves once for each file took longer than most files' tests.
          isolate: false
        }
      },
      {
        ...resolution,
        test: {
          ...limits,
          name: "apart",
          include: [...tests("test/faults/**/*")],
          // They look at the clock: nobody else has their cores meanwhile.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          sequence: { groupOrder: 0 }
        }
      }
    ]
  }
})
