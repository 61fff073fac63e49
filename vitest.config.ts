import { defineConfig } from "vitest/config"

// The package resolves to its own sources: no build stands between a change and its test.
const conditions = ["athanor-source", "module", "node"]

// `npm run test:nightly` runs everything longer, and what is too long for every day.
const nightly = process.env["ATHANOR_NIGHTLY"] === "1"

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["test/**/*.test.ts", ...(nightly ? ["test/**/*.nightly.ts"] : [])],
    globalSetup: ["test/support/databases/globalSetup.ts"],
    // A server may have to be installed before the first test that asks for it.
    hookTimeout: 120_000,
    testTimeout: nightly ? 600_000 : 20_000
  }
})
