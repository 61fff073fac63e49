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

const timed = async (way: Way, reset: Way | undefined): Promise<Turn> => {
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

/** A way's turns, in the order of the rounds. */
export interface Turns {
  readonly times_ms: ReadonlyArray<number>
  readonly waited: boolean
}

/**
 * Orders in which each way follows each other equally often: what one leaves behind for a collector
 * to find is paid by all. Two ways alternate.
 */
const orders = (ways: number): ReadonlyArray<ReadonlyArray<number>> => {
  const zigzag = Array.from({ length: ways }, (_, at) =>
    at % 2 === 1 ? (at + 1) / 2 : (ways - at / 2) % ways
  )
  const shifted = zigzag.map((_, by) => zigzag.map((way) => (way + by) % ways))
  return ways % 2 === 0 ? shifted : [...shifted, ...shifted.map((order) => order.toReversed())]
}

/** Before it, a short turn is timed with code that the engine has yet to compile. */
const warm_ms = 1_000

/** Times ways in turns over rounds; the first tenth, and a second, only warm up. */
export const inTurns = async (
  ways: ReadonlyArray<Way>,
  rounds: number,
  reset?: Way,
  atLeast_ms: number = warm_ms
): Promise<ReadonlyArray<Turns>> => {
  const startedAt = performance.now()
  let warmup = Math.ceil(rounds / 10)
  const turns = ways.map((): Array<Turn> => [])
  const sequence = orders(ways.length)
  for (let round = 0; round < warmup + rounds; round++) {
    if (round === warmup && performance.now() - startedAt < atLeast_ms) warmup++
    for (const at of sequence[round % sequence.length]!) {
      const turn = await timed(ways[at]!, reset)
      if (round >= warmup) turns[at]!.push(turn)
    }
  }
  return turns.map((each) => ({
    times_ms: each.map(({ time_ms }) => time_ms),
    waited: each.some(({ waited }) => waited)
  }))
}

/** One way's time over another's, in turns with it. */
export const over = (one: Turns, other: Turns): Omit<Figure, "rounds"> => {
  const [ours, raw] = [one.times_ms, other.times_ms]
  return one.waited || other.waited
    ? {
        ratio: median(ours.map((time, round) => time / raw[round]!)),
        ours_ms: median(ours),
        raw_ms: median(raw)
      }
    : { ratio: quick(ours) / quick(raw), ours_ms: quick(ours), raw_ms: quick(raw) }
}

/** Times a pair over rounds. */
export const compare = async (pair: Pair, rounds: number): Promise<Figure> => {
  const [ours, raw] = await inTurns([pair.ours, pair.raw], rounds, pair.reset)
  return { ...over(ours!, raw!), rounds }
}
