import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { growth_mib } from "../effects/longStream.ts"
import { useDatabase } from "../effects/support/databases.ts"
import { names } from "../effects/support/handmade.ts"

describe.each(names)("a stream of 1,000,000 rows on %s", (name) => {
  const { layer } = useDatabase(name)

  it.live(
    "keeps resident memory within 32 MiB of its start [F28.1]",
    () =>
      Effect.gen(function* () {
        const { growth, seen } = yield* growth_mib(name, 1_000_000, 64)
        assert.strictEqual(seen, 1_000_000)
        assert.isAtMost(growth, 32)
      }).pipe(Effect.provide(layer({ pool: { size: 2 } }))),
    60_000
  )
})
