/** Runs two ways to do one piece of work in turns, so that both meet the same weather. */

/** One way to do the work. A promise is awaited; anything else counts as done. */
export type Way = () => unknown

/** Two ways to do one piece of work. */
export interface Pair {
  readonly ours: Way
  readonly raw: Way
  /** Before every turn, not timed: what the turn before left behind goes. */
  readonly reset?: Way
}

/** What the rounds of one run gave. */
export interface Figure {
  /**
   * Median over the rounds of our time divided by the raw driver's. Where neither way waits for a
   * server, the quick turns of one way over those of the other: whoever else uses the machine only
   * adds to a turn, and to the longer one more often.
   */
  readonly ratio: number
  /** Time of one turn: the median, or of the quick ones. */
  readonly ours_ms: number
  readonly raw_ms: number
  readonly rounds: number
}

interface Turn {
  readonly time_ms: number
  readonly waited: boolean
}

const timed = async ({ reset }: Pair, way: Way): Promise<Turn> => {
  if (reset !== undefined) await reset()
  const startedAt = performance.now()
  const result = way()
  const waited = result instanceof Promise
  // Only a way that waits for a server pays for waiting.
  if (waited) await result
  return { time_ms: performance.now() - startedAt, waited }
}

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** A turn nobody disturbed: a tenth of them are quicker. */
const quick = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 10)]!

/** Times a pair over rounds; who goes first alternates, the first tenth only warms up. */
export const compare = async (pair: Pair, rounds: number): Promise<Figure> => {
  const warmup = Math.ceil(rounds / 10)
  const ours: Array<number> = []
  const raw: Array<number> = []
  let waited = false
  for (let round = -warmup; round < rounds; round++) {
    const first = round % 2 === 0 ? await timed(pair, pair.ours) : await timed(pair, pair.raw)
    const second = round % 2 === 0 ? await timed(pair, pair.raw) : await timed(pair, pair.ours)
    if (round < 0) continue
    waited ||= first.waited || second.waited
    ours.push(round % 2 === 0 ? first.time_ms : second.time_ms)
    raw.push(round % 2 === 0 ? second.time_ms : first.time_ms)
  }
  return waited
    ? {
        ratio: median(ours.map((time, round) => time / raw[round]!)),
        ours_ms: median(ours),
        raw_ms: median(raw),
        rounds
      }
    : { ratio: quick(ours) / quick(raw), ours_ms: quick(ours), raw_ms: quick(raw), rounds }
}
