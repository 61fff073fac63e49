import * as Result from "effect/Result"
import fc from "fast-check"
import { expect, onTestFinished, test } from "vitest"
import { capabilities } from "../../src/compile/capabilities.ts"
import { format } from "../../src/mapping/FlushPlan.ts"
import { plan } from "../../src/mapping/flush/plan.ts"
import { settle } from "../../src/mapping/flush/settle.ts"
import { libraryModel } from "../mapping/flush/library.ts"
import { begin, create, perform, read, rollback, servers } from "../mapping/flush/servers.ts"
import { expectedText, pairs, knownText, textOf } from "../mapping/flush/states.ts"
import { alwaysHoldsOn, timeFor } from "./support/law.ts"

const ordinary = 1000

test.each(servers)(
  "a plan leads from any state to any other on %s",
  async (name, open) => {
    const server = await open()
    onTestFinished(server.close)
    await create(server)
    const seen = { pairs: 0, statements: 0 }
    await alwaysHoldsOn(
      fc.asyncProperty(pairs, async (pair) => {
        const planned = plan(libraryModel, capabilities(server.dialect), pair.changes)
        if (Result.isFailure(planned)) return
        await begin(server, pair.from)
        try {
          const { resolved, sent } = await perform(server, planned.success)
          const wanted = expectedText(pair, resolved)
          expect(textOf(await read(server)), format(planned.success)).toBe(wanted)
          expect(knownText(settle(pair.before, planned.success, resolved))).toBe(wanted)
          seen.pairs++
          seen.statements += sent
        } finally {
          await rollback(server)
        }
      }),
      ordinary,
      50
    )
    console.log(`L36 ${name}: ${seen.pairs} pairs, ${seen.statements} statements`)
  },
  timeFor(120_000)
)
