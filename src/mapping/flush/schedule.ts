import type { Move, Written } from "./graph.ts"
import { compareShapes, mayShareStep, type Shape } from "./shape.ts"
import type { FlushTraits } from "./traits.ts"

/** Writes of one shape, in an order in which they may run. */
export interface Batch<W extends Written = Written> {
  readonly shape: Shape
  readonly rows: ReadonlyArray<W>
  /** Of updates: none of them waits for another. */
  readonly isFree: boolean
}

const areFree = (moves: ReadonlyArray<Move>): boolean => {
  const own = new Set(moves)
  return moves.every((move) => move.out.every(({ to }) => !own.has(to)))
}

/** The moves of one shape that are still to come. */
interface Group {
  readonly shape: Shape
  ready: Array<Move>
  left: number
  /** Moves that wait for no other group. When all do, one step takes the whole group. */
  free: number
}

/** What one move still waits for. */
interface Waiting {
  readonly group: Group
  /** Edges from moves that must be in an earlier step. */
  outside: number
  /** Edges from moves that may be in the same step. */
  inside: number
}

/**
 * Kahn's algorithm over shapes: takes a whole group when nothing else holds any of it, else what is
 * ready of the first group.
 *
 * **Shape** gives the batches and the moves that are left over: those in a ring or behind one.
 * Deterministic: moves come in canonical order, and ties go by table.
 */
export const schedule = (
  moves: ReadonlyArray<Move>,
  shapes: ReadonlyArray<Shape>,
  traits: FlushTraits
): { readonly batches: ReadonlyArray<Batch<Move>>; readonly stuck: ReadonlyArray<Move> } => {
  const groups = new Map<string, Group>()
  const waiting: Array<Waiting> = moves.map((_, at) => {
    const shape = shapes[at]!
    let group = groups.get(shape.key)
    if (group === undefined) groups.set(shape.key, (group = { shape, ready: [], left: 0, free: 0 }))
    group.left++
    return { group, outside: 0, inside: 0 }
  })
  const isInside = (from: Move, to: Move, edge: Move["out"][number]): boolean => {
    const { shape } = waiting[from.at]!.group
    return shape === waiting[to.at]!.group.shape && mayShareStep(edge, shape, traits)
  }
  for (const from of moves) {
    for (const edge of from.out) {
      if (isInside(from, edge.to, edge)) waiting[edge.to.at]!.inside++
      else waiting[edge.to.at]!.outside++
    }
  }
  const release = (move: Move): void => {
    const { group, inside, outside } = waiting[move.at]!
    if (outside === 0) group.free++
    if (outside === 0 && inside === 0) group.ready.push(move)
  }
  moves.forEach(release)

  const take = (group: Group): Batch<Move> => {
    const taken = group.ready.toSorted((left, right) => left.at - right.at)
    group.ready = []
    const later: Array<Move> = []
    for (let i = 0; i < taken.length; i++) {
      for (const edge of taken[i]!.out) {
        const next = waiting[edge.to.at]!
        if (!isInside(taken[i]!, edge.to, edge)) later.push(edge.to)
        else if (--next.inside === 0 && next.outside === 0) taken.push(edge.to)
      }
    }
    const isUpdate = group.shape.kind === "update"
    group.left -= taken.length
    group.free -= taken.length
    // Only now is the step complete: what waits for it may come in the next one.
    for (const to of later) if (--waiting[to.at]!.outside === 0) release(to)
    return { shape: group.shape, rows: taken, isFree: isUpdate && areFree(taken) }
  }
  const order = [...groups.values()].toSorted((left, right) =>
    compareShapes(left.shape, right.shape)
  )
  const batches: Array<Batch<Move>> = []
  for (;;) {
    const next =
      order.find((one) => one.left > 0 && one.free === one.left && one.ready.length > 0) ??
      order.find((one) => one.ready.length > 0)
    if (next === undefined) break
    batches.push(take(next))
  }
  const done = new Set(batches.flatMap((batch) => batch.rows))
  return {
    batches,
    stuck: done.size === moves.length ? [] : moves.filter((move) => !done.has(move))
  }
}
