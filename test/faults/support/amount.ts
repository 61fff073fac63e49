import { isNight, share } from "../../support/night.ts"

const times = process.env["ATHANOR_RUNS"]

/** How much of something: by day, by night, or so many times what it is by day. */
export const amount = (byDay: number, byNight: number): number =>
  times === undefined ? (isNight ? byNight : byDay) : Math.ceil(byDay * Number(times))

/**
 * A whole night's time for one test, and what it says when it has ended.
 *
 * **Shape** by day everything asked for is done. A night ends: what takes longer than its time
 * stops there, and says how far it came; a shorter night gives each test its share.
 */
export const within = (budget_ms: number) => {
  const endsAt = performance.now() + budget_ms * share
  return {
    isOver: (): boolean => isNight && performance.now() > endsAt,
    tell: (what: string, ran: number, aim: number): void =>
      console.log(`${what}: ${ran} of ${aim}${ran < aim ? ", out of time" : ""}`)
  }
}
