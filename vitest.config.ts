import { configDefaults, defineConfig } from "vitest/config"

// The package resolves to its own sources: no build stands between a change and its test.
const conditions = ["athanor-source", "module", "node"]

// `npm run test:nightly` runs everything longer, and what is too long for every day.
const nightly = process.env["ATHANOR_NIGHTLY"] === "1"

const resolution = { resolve: { conditions }, ssr: { resolve: { conditions } } }
const limits = {
  // A server may have to be installed before the first test that asks for it.
  hookTimeout: 120_000,
  testTimeout: nightly ? 600_000 : 20_000
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
    globalSetup: ["test/support/databases/globalSetup.ts"],
    projects: [
      {
        ...resolution,
        test: {
          ...limits,
          name: "together",
          include: [...tests("test/**/*")],
          exclude: [...configDefaults.exclude, ...apart],
          // Loading effect and ourselves once for each file took longer than most files' tests.
          isolate: false
        }
      },
      {
        ...resolution,
        test: { ...limits, name: "apart", include: [...tests("test/faults/**/*")] }
      }
    ]
  }
})
