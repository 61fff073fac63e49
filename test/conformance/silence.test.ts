import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engines, place } from "./engine-support.ts"

const run = promisify(execFile)
const path = fileURLToPath(new URL("silentProgram.ts", import.meta.url))

/** How often each place was run where a value is built for somebody who listens. */
const counted = async (address: string, mode: "silent" | "heard") => {
  const args = ["--conditions=athanor-source", path, address, mode]
  const { stdout } = await run(process.execPath, args)
  return JSON.parse(stdout) as Readonly<Record<string, number>>
}

const ofPool = ["connected", "borrowed", "returned", "retired", "closed"]
const ofStatements = ["event", "attributes", "span", "metric", "line", "shown", "slow"]

describe.each(engines)("nobody listens on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let silent: Readonly<Record<string, number>>
  let heard: Readonly<Record<string, number>>
  beforeAll(async () => {
    own = await place(engine)
    silent = await counted(own.url, "silent")
    heard = await counted(own.url, "heard")
  }, 60_000)
  afterAll(() => own.drop())

  const of = (counts: typeof silent, names: ReadonlyArray<string>) =>
    names.map((name) => [name, counts[name]])

  test("no log record, span or attribute object is built [F11.5]", () => {
    expect(of(silent, ofStatements)).toEqual(ofStatements.map((name) => [name, 0]))
    for (const [name, count] of of(heard, ofStatements))
      expect(count, String(name)).toBeGreaterThan(0)
  })

  test("no event of the pool is built [F21.4]", () => {
    expect(of(silent, ofPool)).toEqual(ofPool.map((name) => [name, 0]))
    for (const [name, count] of of(heard, ofPool)) expect(count, String(name)).toBeGreaterThan(0)
  })
})
