import type { Edge, Move, RowWay } from "./graph.ts"

/** A refinement of one row's way that takes an edge out of the ring. */
type Refine = (way: RowWay) => void

const share = (left: ReadonlySet<string>, right: Iterable<string>): boolean => {
  for (const one of right) if (left.has(one)) return true
  return false
}

/** The columns of a part that must be written with some of these, since a constraint joins them. */
const joined = (way: RowWay, part: ReadonlyArray<string>, seeds: ReadonlyArray<string>) => {
  const { keys, references, together } = way.facts
  const sets: ReadonlyArray<Iterable<string>> = [
    ...keys.map((key) => key.columns),
    ...references.map((one) => one.columns),
    ...together
  ]
  const inside = new Set(seeds.filter((column) => part.includes(column)))
  for (let size = -1; size !== inside.size;) {
    size = inside.size
    for (const set of sets) {
      if (!share(inside, set)) continue
      for (const column of set) if (part.includes(column)) inside.add(column)
    }
  }
  return inside
}

const isKeyChange = ({ facts }: RowWay, part: ReadonlyArray<string>): boolean =>
  part.some((column) => facts.table.primaryKey.includes(column))

/** Writes the columns others wait for first, the rest later: nothing is written twice. */
const divide = (move: Move, into: Edge, out: Edge): Refine | null => {
  const part = move.way.parts.find((one) => one.some((column) => out.outColumns.includes(column)))
  if (part === undefined || isKeyChange(move.way, part)) return null
  const first = joined(move.way, part, out.outColumns)
  if (first.size === 0 || share(first, into.inColumns)) return null
  const rest = part.filter((column) => !first.has(column))
  if (rest.length === 0) return null
  return (way) => {
    way.parts = way.parts.flatMap((one) => (one === part ? [[...first], rest] : [one]))
  }
}

/** Gives a value up before the row's turn comes, by writing null; what stays is written again. */
const releaseEarly = (move: Move, out: Edge): Refine | null => {
  const { after, before, early, facts } = move.way
  if (out.kind !== "release" && out.kind !== "slot") return null
  const column = out.outColumns.find(
    (key) =>
      facts.patchable.has(key) &&
      !early.includes(key) &&
      before?.[key] !== undefined &&
      before[key] !== null
  )
  if (column === undefined) return null
  return (way) => {
    if (way.early.includes(column)) return
    way.early = [...way.early, column]
    if (after === null || way.parts.some((part) => part.includes(column))) return
    way.parts = way.parts.map((part) =>
      part.some((key) => out.outColumns.includes(key)) ? [...part, column] : part
    )
  }
}

/** Inserts null where the value cannot be yet, and fills it in at the end. */
const fillLate = ({ way: { after, facts, late } }: Move, into: Edge): Refine | null => {
  const column = into.inColumns.find(
    (key) => facts.patchable.has(key) && !late.includes(key) && after![key] !== null
  )
  if (column === undefined) return null
  return (way) => {
    if (!way.late.includes(column)) way.late = [...way.late, column]
  }
}

const refineAt = (into: Edge, out: Edge): Refine | null => {
  const move = into.to
  if (move.purpose !== "change") return null
  if (move.kind === "insert") return fillLate(move, into)
  const divided = move.kind === "update" ? divide(move, into, out) : null
  return divided ?? releaseEarly(move, out)
}

interface Break {
  readonly at: ReadonlyArray<{ readonly way: RowWay; readonly refine: Refine }>
}

/** Breaks the ring at one of its moves, and at every other move that closes the same ring. */
const breakAt = (into: Edge, out: Edge): Break => {
  const at = into.from.out.flatMap((edge) => {
    if (edge.kind !== into.kind) return []
    const on =
      edge.to === into.to
        ? out
        : edge.to.out.find((next) => next.to === out.to && next.kind === out.kind)
    const refine = on === undefined ? null : refineAt(edge, on)
    return refine === null ? [] : [{ way: edge.to.way, refine }]
  })
  return { at: refineAt(into, out) === null ? [] : at }
}

/**
 * Breaks a ring by refining the ways of as few rows as do it.
 *
 * **Shape** false where no move of the ring can be written in two statements: then no order of
 * statements exists, because each edge of the ring holds in any of them.
 */
export const breakRing = (ring: ReadonlyArray<Edge>): boolean => {
  let best: Break = { at: [] }
  ring.forEach((into, index) => {
    const found = breakAt(into, ring[(index + 1) % ring.length]!)
    if (found.at.length > 0 && (best.at.length === 0 || found.at.length < best.at.length))
      best = found
  })
  // The same row may close the ring by two edges; it is refined once.
  const refined = new Set<RowWay>()
  for (const { refine, way } of best.at) {
    if (refined.has(way)) continue
    refined.add(way)
    refine(way)
  }
  return best.at.length > 0
}
