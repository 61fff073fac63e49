/** The place in a list of ends where a value goes: the first end above it. */
const placeOf = (
  ends: ReadonlyArray<number>,
  slack: (at: number) => number,
  value: number
): number => {
  let [low, high] = [0, ends.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (slack(ends[middle]!) <= value) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Which members keep their positions: as many as can, with room for all others between them.
 *
 * Positions are whole numbers, so two members fit where they are as far apart in numbers as in the
 * list: their positions less their places in the list must not fall. The longest such row is kept.
 */
const keptOf = (now: ReadonlyArray<number | null>): ReadonlySet<number> => {
  const slack = (at: number): number => now[at]! - at
  const ends: Array<number> = []
  const before = new Map<number, number | undefined>()
  for (const [at, position] of now.entries()) {
    if (position === null) continue
    const place = placeOf(ends, slack, slack(at))
    before.set(at, ends[place - 1])
    ends[place] = at
  }
  const kept = new Set<number>()
  for (let at = ends.at(-1); at !== undefined; at = before.get(at)) kept.add(at)
  return kept
}

/**
 * The positions of members in their order: they rise, and as few as can be are others than now.
 *
 * **Shape** `now` has null for a member that has none yet. Gaps stay; what comes before the first
 * that is kept counts down from it, below zero too.
 * **Laws** no other rising row of whole numbers keeps more of them.
 */
export const positionsOf = (now: ReadonlyArray<number | null>): ReadonlyArray<number> => {
  const kept = keptOf(now)
  const first = [...kept].reduce((least, at) => Math.min(least, at), now.length)
  const positions: Array<number> = []
  for (let at = 0; at < now.length; at++) {
    if (kept.has(at)) positions.push(now[at]!)
    else if (first === now.length) positions.push(at)
    else if (at < first) positions.push(now[first]! - (first - at))
    else positions.push(positions[at - 1]! + 1)
  }
  return positions
}
