import { refuse } from "../../algebra/StatementError.ts"
import { format, isPromisedCell } from "../RowRef.ts"
import type { Edge, EdgeKind, Move, RowWay } from "./graph.ts"
import type { FlushTraits } from "./traits.ts"
import { tupleText } from "./tuple.ts"

/** A side of an edge that looks for its other side by the text of a tuple. */
interface Side {
  readonly move: Move
  readonly tuple: string
  readonly constraint: string
  /** None where the row goes with the move's own: nothing of it can be written early. */
  readonly columns: ReadonlyArray<string>
}

/** A row that the database deletes by the move of another. */
export interface TakenRow {
  readonly way: RowWay
  readonly by: Move
}

/** What the moves give and take, by tuple. */
interface Tuples {
  /** Keys that come to be. */
  readonly provided: Map<string, Side>
  /** Keys that cease to be, where a foreign key may refer to them. */
  readonly withdrawn: Array<Side>
  /** Keys a row begins to refer to. */
  readonly wanted: Array<Side>
  /** Keys a row ceases to refer to. */
  readonly left: Map<string, Array<Side>>
  /** Unique values given up. */
  readonly freed: Map<string, Side>
  /** Unique values taken. */
  readonly taken: Array<Side>
}

const touches = (move: Move, columns: ReadonlyArray<string>): boolean =>
  move.kind !== "update" || columns.some((column) => move.columns.includes(column))

const collectKeys = (move: Move, tuples: Tuples): void => {
  const { facts } = move.way
  for (const { columns, isTarget, name, space } of facts.keys) {
    if (!touches(move, columns)) continue
    const before = tupleText(space, facts.table, columns, move.from)
    const after = tupleText(space, facts.table, columns, move.to)
    if (before === after) continue
    if (before !== null) {
      const side: Side = { move, tuple: before, constraint: name, columns }
      tuples.freed.set(before, side)
      if (isTarget) tuples.withdrawn.push(side)
    }
    if (after !== null) {
      const side: Side = { move, tuple: after, constraint: name, columns }
      tuples.taken.push(side)
      if (isTarget) tuples.provided.set(after, side)
    }
  }
}

const collectReferences = (move: Move, tuples: Tuples): void => {
  const { facts } = move.way
  for (const { columns, name, space } of facts.references) {
    if (!touches(move, columns)) continue
    const before = tupleText(space, facts.table, columns, move.from)
    const after = tupleText(space, facts.table, columns, move.to)
    if (before === after) continue
    if (before !== null) {
      const side: Side = { move, tuple: before, constraint: name, columns }
      const sides = tuples.left.get(before)
      if (sides === undefined) tuples.left.set(before, [side])
      else sides.push(side)
    }
    if (after !== null) tuples.wanted.push({ move, tuple: after, constraint: name, columns })
  }
}

/** Which edges to keep; all of them, but for tests that leave a rule out. */
export type Keep = (edge: Edge) => boolean

/** What a row gives up that goes with another: at that row's move, and not before. */
const collectTaken = ({ by, way: { before, facts } }: TakenRow, tuples: Tuples): void => {
  for (const { columns, isTarget, name, space } of facts.keys) {
    const tuple = tupleText(space, facts.table, columns, before)
    if (tuple === null) continue
    const side: Side = { move: by, tuple, constraint: name, columns: [] }
    tuples.freed.set(tuple, side)
    if (isTarget) tuples.withdrawn.push(side)
  }
  for (const { columns, name, space } of facts.references) {
    const tuple = tupleText(space, facts.table, columns, before)
    if (tuple === null) continue
    const side: Side = { move: by, tuple, constraint: name, columns: [] }
    const sides = tuples.left.get(tuple)
    if (sides === undefined) tuples.left.set(tuple, [side])
    else sides.push(side)
  }
}

/**
 * Draws the edges between moves: the theory of the flush in four rules.
 *
 * **Shape** linear in the cells written: each side is found by the text of its tuple.
 */
export const connect = (
  moves: ReadonlyArray<Move>,
  taken: ReadonlyArray<TakenRow>,
  traits: FlushTraits,
  keep: Keep
): void => {
  const tuples: Tuples = {
    provided: new Map(),
    withdrawn: [],
    wanted: [],
    left: new Map(),
    freed: new Map(),
    taken: []
  }
  const makers = new Map<string, Move>()
  for (const move of moves) {
    collectKeys(move, tuples)
    collectReferences(move, tuples)
    if (move.kind === "insert") makers.set(move.way.change.ref.id, move)
  }
  for (const one of taken) collectTaken(one, tuples)
  const join = (kind: EdgeKind, before: Side | undefined, after: Side): void => {
    if (before === undefined) return
    // A row that refers to itself comes whole; only row-by-row checks keep it from going whole.
    const isWhole = before.columns.length === 0 || after.columns.length === 0
    if (before.move === after.move && (isWhole || !(kind === "release" && traits.checksRows)))
      return
    const constraint = kind === "key" ? after.constraint : before.constraint
    draw(
      {
        kind,
        from: before.move,
        to: after.move,
        constraint,
        outColumns: before.columns,
        inColumns: after.columns
      },
      keep
    )
  }
  for (const side of tuples.wanted) join("key", tuples.provided.get(side.tuple), side)
  for (const side of tuples.withdrawn) {
    for (const before of tuples.left.get(side.tuple) ?? []) join("release", before, side)
  }
  for (const side of tuples.taken) join("slot", tuples.freed.get(side.tuple), side)
  for (const move of moves) connectPromises(move, makers, keep)
}

/** A promised key is written after the insert that makes it, even where no foreign key says so. */
const connectPromises = (move: Move, makers: ReadonlyMap<string, Move>, keep: Keep): void => {
  if (move.to === null) return
  for (const column of move.columns) {
    const cell = move.to[column]
    if (!isPromisedCell(cell)) continue
    const maker =
      makers.get(cell.ref.id) ?? refuse(`${format(cell.ref)} is referred to, but not added`)
    const constraint = `generated key of ${maker.way.facts.table.name}`
    draw(
      { kind: "promise", from: maker, to: move, constraint, outColumns: [], inColumns: [column] },
      keep
    )
  }
}

const draw = (edge: Edge, keep: Keep): void => {
  if (!keep(edge)) return
  edge.from.out.push(edge)
  edge.to.into.push(edge)
}
