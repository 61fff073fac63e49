import type { LinkMark } from "./linkMark.ts"

/**
 * Which of many values belong to which link: for each a run of their positions.
 *
 * **Shape** one list of positions for all: thousands of links are no thousands of lists.
 */
export interface Links {
  readonly runs: ReadonlyMap<LinkMark, number>
  /** Where each run starts; where the last ends. */
  readonly starts: Int32Array
  readonly positions: Int32Array
}

/** Links that stand at the same place of both lists; those of one mark keep their order. */
export const linksOf = (marks: ReadonlyArray<LinkMark>, positions: Int32Array): Links => {
  const runs = new Map<LinkMark, number>()
  const starts: Array<number> = []
  let last: LinkMark | undefined
  for (let at = 0; at < marks.length; at++) {
    const mark = marks[at]!
    if (mark === last) continue
    if (runs.has((last = mark))) return sorted(marks, positions)
    runs.set(mark, starts.push(at) - 1)
  }
  // Rows mostly come by what they belong to.
  starts.push(marks.length)
  return { runs, starts: Int32Array.from(starts), positions }
}

/** The same of marks that come again after others. */
const sorted = (marks: ReadonlyArray<LinkMark>, positions: Int32Array): Links => {
  const runs = new Map<LinkMark, number>()
  const own = new Int32Array(marks.length)
  for (let at = 0; at < marks.length; at++) {
    let run = runs.get(marks[at]!)
    if (run === undefined) runs.set(marks[at]!, (run = runs.size))
    own[at] = run
  }
  const starts = new Int32Array(runs.size + 1)
  for (let at = 0; at < own.length; at++) starts[own[at]! + 1]!++
  for (let one = 0; one < runs.size; one++) starts[one + 1]! += starts[one]!
  const [next, placed] = [starts.slice(), new Int32Array(marks.length)]
  for (let at = 0; at < marks.length; at++) placed[next[own[at]!]!++] = positions[at]!
  return { runs, starts, positions: placed }
}

/** How many a link leads to. */
const countAt = ({ starts }: Links, run: number): number => starts[run + 1]! - starts[run]!

/** Does some link lead to several? */
export const isForked = (links: Links): boolean =>
  links.starts.some((_, run) => run < links.runs.size && countAt(links, run) > 1)

const none: ReadonlyArray<never> = Object.freeze([])

/** What belongs to a link, of what stands at the positions. */
export const linkedIn = <A>(
  links: Links,
  values: ReadonlyArray<A>,
  mark: LinkMark | undefined
): ReadonlyArray<A> => {
  const run = mark === undefined ? undefined : links.runs.get(mark)
  if (run === undefined) return none
  const start = links.starts[run]!
  const linked = new Array<A>(countAt(links, run))
  for (let at = 0; at < linked.length; at++) linked[at] = values[links.positions[start + at]!]!
  return linked
}

/** The positions of a link. */
export const positionsOf = (
  { positions, runs, starts }: Links,
  mark: LinkMark | undefined
): ReadonlyArray<number> => {
  const run = mark === undefined ? undefined : runs.get(mark)
  return run === undefined ? none : [...positions.subarray(starts[run], starts[run + 1])]
}

/** The same links, those of one mark by the numbers that their positions have. */
export const inOrder = (links: Links, numberOf: (position: number) => number): Links => {
  const { positions, starts } = links
  for (let run = 0; run < links.runs.size; run++) {
    const [start, end] = [starts[run]!, starts[run + 1]!]
    let at = start + 1
    while (at < end && numberOf(positions[at - 1]!) <= numberOf(positions[at]!)) at++
    if (at < end)
      positions.subarray(start, end).sort((left, right) => numberOf(left) - numberOf(right))
  }
  return links
}
