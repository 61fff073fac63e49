import fc from "fast-check"
import { expect, test } from "vitest"
import { positionsOf } from "../../src/mapping/positions.ts"

const rises = (positions: ReadonlyArray<number>): boolean =>
  positions.every((one, at) => at === 0 || positions[at - 1]! < one)

/** The most members that can keep their positions, by trying every choice of them. */
const most = (now: ReadonlyArray<number | null>): number => {
  let best = 0
  for (let picks = 0; picks < 2 ** now.length; picks++) {
    const kept = now.flatMap((position, at) =>
      (picks >> at) & 1 && position !== null ? [[at, position] as const] : []
    )
    const fits = kept.every(([at, position], i) => {
      const before = kept[i - 1]
      return before === undefined || position - before[1] >= at - before[0]
    })
    if (fits) best = Math.max(best, kept.length)
  }
  return best
}

const lists = fc.array(fc.option(fc.integer({ min: -3, max: 9 })), { maxLength: 9 })
const writes = (now: ReadonlyArray<number | null>, then: ReadonlyArray<number>): number =>
  then.filter((one, at) => one !== now[at]).length

test("positions rise, and no other row of them keeps more", () => {
  fc.assert(
    fc.property(lists, (now) => {
      const positions = positionsOf(now)
      expect(rises(positions), JSON.stringify([now, positions])).toBe(true)
      expect(writes(now, positions)).toBe(now.length - most(now))
    }),
    { numRuns: 2_000 }
  )
})

test("a wrong twin is caught: the longest rise, without room between", () => {
  const greedy = (now: ReadonlyArray<number | null>): ReadonlyArray<number> => {
    let last = -Infinity
    return now.map((one, at) => (last = one !== null && one > last ? one : at === 0 ? 0 : last + 1))
  }
  const found = fc.check(
    fc.property(lists, (now) => writes(now, greedy(now)) === now.length - most(now)),
    { numRuns: 5_000 }
  )
  expect(found.failed).toBe(true)
})
