import { describe, expect, it } from "vitest"
import { inTurns } from "../../bench/pair.ts"

describe("ways in turns", () => {
  it.each([2, 3, 4, 5])("follow each other equally often, %i of them", async (count) => {
    const done: Array<number> = []
    const ways = Array.from({ length: count }, (_, at) => () => void done.push(at))
    // As many rounds as each count has orders, some times over.
    const [warmup, rounds] = [6, 60]
    const turns = await inTurns(ways, rounds, undefined, 0)
    expect(turns.map(({ times_ms }) => times_ms.length)).toEqual(ways.map(() => rounds))
    const followed = new Map<string, number>()
    // Whole rounds only: who ends one and who begins the next is not chosen.
    for (let at = warmup * count; at < done.length; at++) {
      if (at % count === 0) continue
      const pair = `${done[at - 1]} then ${done[at]}`
      followed.set(pair, (followed.get(pair) ?? 0) + 1)
    }
    expect(followed.size).toBe(count * (count - 1))
    expect(new Set(followed.values()).size).toBe(1)
  })

  it("prepare before every turn, not in its time", async () => {
    let prepared = 0
    let done = 0
    const way = () => expect(prepared).toBe(++done)
    await inTurns([way, way, way], 3, () => prepared++, 0)
    expect(done).toBe(12)
  })
})
