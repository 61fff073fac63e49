import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"

/** Rows and ids of the workloads: the same in every run. */

/** In one turn: more, and no turn is left undisturbed on a machine with other work. */
export const calls = 250
export const peopleCount = 10_000
const firstMoment = Date.UTC(2020, 0, 1)

export const personOf = (id: number) => ({
  id,
  account: 2n ** 53n + BigInt(id) * 7_919n,
  name: `Person ${id}`,
  email: `person.${id}@example.org`,
  active: id % 3 !== 0,
  createdAt: DateTime.makeUnsafe(firstMoment + id * 86_461_007)
})
export type Person = ReturnType<typeof personOf>

export const readingOf = (id: number) => ({
  id,
  sensor: id % 40,
  place: `Furnace ${id % 17}`,
  remark: `reading ${id} of the evening`,
  level: id / 8 + 0.125,
  amount: BigDecimal.make(BigInt(id) * 1_237n - 500_000n, 2),
  active: id % 2 === 0,
  takenAt: DateTime.makeUnsafe(firstMoment + id * 61_001)
})
export type Reading = ReturnType<typeof readingOf>

/** A new id each call, in an order that visits the whole table. */
export const ids = (): (() => number) => {
  let at = 0
  return () => {
    at = (at + 6_151) % peopleCount
    return at + 1
  }
}

export const noteOf = (at: number) => ({
  authorId: at % 100,
  title: `Note ${at}`,
  body: `What the furnace did at turn ${at}: it kept its heat.`,
  views: at
})
