import { defineConfig } from "vitest/config"

const conditions = ["athanor-source"]

export default defineConfig({
  resolve: { conditions: [...conditions, "module", "node"] },
  ssr: { resolve: { conditions: [...conditions, "module", "node"] } },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/databases/globalSetup.ts"],
    // A server may have to be installed before the first test that asks for it.
    hookTimeout: 120_000,
    testTimeout: 20_000
  }
})
