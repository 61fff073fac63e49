import type { Edge, Move } from "./graph.ts"

interface Frame {
  readonly move: Move
  next: number
}

/** Strongly connected components by Tarjan's algorithm, without recursion. */
const components = (moves: ReadonlyArray<Move>): ReadonlyArray<ReadonlyArray<Move>> => {
  const among = new Set(moves)
  const index = new Map<Move, number>()
  const low = new Map<Move, number>()
  const stack: Array<Move> = []
  const onStack = new Set<Move>()
  const found: Array<ReadonlyArray<Move>> = []
  const lower = (move: Move, value: number): void => {
    if (value < low.get(move)!) low.set(move, value)
  }
  const open = (move: Move): Frame => {
    index.set(move, index.size)
    low.set(move, index.get(move)!)
    stack.push(move)
    onStack.add(move)
    return { move, next: 0 }
  }
  const close = (move: Move): void => {
    if (low.get(move) !== index.get(move)) return
    const members = stack.splice(stack.lastIndexOf(move))
    for (const member of members) onStack.delete(member)
    found.push(members)
  }
  for (const root of moves) {
    if (index.has(root)) continue
    const frames = [open(root)]
    while (frames.length > 0) {
      const frame = frames.at(-1)!
      const edge = frame.move.out[frame.next++]
      if (edge === undefined) {
        close(frame.move)
        frames.pop()
        if (frames.length > 0) lower(frames.at(-1)!.move, low.get(frame.move)!)
      } else if (among.has(edge.to)) {
        if (!index.has(edge.to)) frames.push(open(edge.to))
        else if (onStack.has(edge.to)) lower(frame.move, index.get(edge.to)!)
      }
    }
  }
  return found
}

/** The shortest ring through the first move of a component; undefined where there is none. */
const ringThrough = (members: ReadonlyArray<Move>): ReadonlyArray<Edge> | undefined => {
  const among = new Set(members)
  const start = members.reduce((first, move) => (move.at < first.at ? move : first))
  const reached = new Map<Move, Edge>()
  const queue: Array<Move> = [start]
  for (const move of queue) {
    for (const edge of move.out) {
      if (!among.has(edge.to) || reached.has(edge.to)) continue
      reached.set(edge.to, edge)
      queue.push(edge.to)
    }
    if (reached.has(start)) break
  }
  const ring: Array<Edge> = []
  for (let edge = reached.get(start); edge !== undefined; edge = reached.get(edge.from)) {
    ring.push(edge)
    if (edge.from === start) break
  }
  return ring.length === 0 ? undefined : ring.reverse()
}

/** A ring of each component that has one, in a deterministic order: edge by edge, closed. */
export const ringsOf = (moves: ReadonlyArray<Move>): ReadonlyArray<ReadonlyArray<Edge>> =>
  components(moves).flatMap((members) => {
    const ring = ringThrough(members)
    return ring === undefined ? [] : [ring]
  })
