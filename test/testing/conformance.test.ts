import { Conformance } from "athanor/testing"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

describe.each(engines)("the conformance suite on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
  })
  afterAll(() => connected.dispose())

  test.each(Conformance.cases)("$id: $says [F159.1]", async (one) => {
    expect(await connected.run(Conformance.run(one))).toBeOneOf(
      one.needs === null ? ["held"] : ["held", "refused"]
    )
  })
})
