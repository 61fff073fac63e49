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
  /** Median over the rounds of our time divided by the raw driver's. */
  readonly ratio: number
  /** Median time of one turn. */
  readonly ours_ms: number
  readonly raw_ms: number
  readonly rounds: number
}

const timed = async ({ reset }: Pair, way: Way): Promise<number> => {
  if (reset !== undefined) await reset()
  const startedAt = performance.now()
  const result = way()
  // Only a way that waits for a server pays for waiting.
  if (result instanceof Promise) await result
  return performance.now() - startedAt
}

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Times a pair over rounds; who goes first alternates, the first tenth only warms up. */
export const compare = async (pair: Pair, rounds: number): Promise<Figure> => {
  const warmup = Math.ceil(rounds / 10)
  const ours: Array<number> = []
  const raw: Array<number> = []
  for (let round = -warmup; round < rounds; round++) {
    const first = round % 2 === 0 ? await timed(pair, pair.ours) : await timed(pair, pair.raw)
    const second = round % 2 === 0 ? await timed(pair, pair.raw) : await timed(pair, pair.ours)
    if (round < 0) continue
    ours.push(round % 2 === 0 ? first : second)
    raw.push(round % 2 === 0 ? second : first)
  }
  return {
    ratio: median(ours.map((time, round) => time / raw[round]!)),
    ours_ms: median(ours),
    raw_ms: median(raw),
    rounds
  }
}
