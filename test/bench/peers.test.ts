import { describe, expect, it } from "vitest"
import { done, type Peer, same } from "../../bench/peers/Peer.ts"
import { verified } from "../../bench/peers/verified.ts"
import { merged, type Results } from "../../bench/report.ts"
import type { Workload } from "../../bench/workloads.ts"

const ways = {
  crowd: "no",
  inserts: "no",
  insertsReused: "no",
  entities: "no",
  graph: "no",
  loop: "no",
  unit: "no"
}
const peer = (name: string, loop: Peer["ways"]["loop"]): Peer => ({
  name,
  ways: { ...ways, loop },
  script: () => {},
  close: () => {}
})

describe("who is measured beside us", () => {
  let prepared = 0
  const workload: Workload = {
    name: "a loop",
    limit: null,
    statements: 1,
    pair: { ours: () => [7n], raw: () => [7n], reset: () => prepared++ }
  }

  it("gives what the hand gives, each from the same beginning, or says why not", async () => {
    const equal = peer(
      "Equal",
      done(
        () => "7",
        (text) => [BigInt(text)]
      )
    )
    const { absent, present } = await verified(["loop", workload], [equal, peer("Absent", "no")])
    expect(present.map(([name]) => name)).toEqual(["Equal"])
    expect(absent).toEqual({ Absent: "no" })
    expect(prepared).toBe(4)
  })

  it("is not measured with another value", async () => {
    const rounded = peer(
      "Rounded",
      done(() => [7], same)
    )
    await expect(verified(["loop", workload], [rounded])).rejects.toThrow("a loop by Rounded")
  })
})

describe("what is kept of earlier figures", () => {
  const figure = (group: string, date: string) => ({
    group,
    driver: "a driver",
    name: "a loop",
    limit: null,
    ratio: 1,
    ours_us: 1,
    raw_us: 1,
    rounds: 1,
    ratios: [1],
    date
  })
  const beside = (on: "sqlite" | "mariadb", date: string) => ({
    on,
    driver: "a driver",
    name: "a loop",
    rounds: 1,
    runs: 1,
    throughput: {},
    absent: {},
    date
  })
  const before: Results = {
    node: "v24",
    cores: 2,
    rounds: 60,
    runs: 2,
    figures: [figure("sqlite", "before"), figure("building", "before")],
    beside: [beside("sqlite", "before"), beside("mariadb", "before")]
  }

  it("is all that did not run", () => {
    const now: Results = { ...before, rounds: 5, figures: [], beside: [beside("sqlite", "now")] }
    const kept = merged(now, before, ["peers/sqlite"])
    expect(kept).toEqual({ ...before, beside: [beside("sqlite", "now"), before.beside[1]] })
  })

  it("stands in the order of the databases", () => {
    const now: Results = { ...before, rounds: 5, figures: [figure("sqlite", "now")], beside: [] }
    const kept = merged(now, before, ["sqlite"])
    expect(kept.rounds).toBe(5)
    expect(kept.figures).toEqual([figure("sqlite", "now"), before.figures[1]])
    expect(kept.beside).toEqual(before.beside)
  })
})
