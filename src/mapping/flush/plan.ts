import * as Result from "effect/Result"
import type { Capabilities, Refusal } from "../../algebra/Dialect.ts"
import { type Change, type ChangeSet, inOrder } from "../ChangeSet.ts"
import { byTable, type ConstraintModel } from "../ConstraintModel.ts"
import {
  type FlushPlan,
  type Step,
  type StepRow,
  type Unbreakable,
  unbreakable
} from "../FlushPlan.ts"
import { promisedCell, type Row } from "../RowRef.ts"
import { breakRing } from "./breakRing.ts"
import { givenText } from "./canonical.ts"
import { connect, type Keep, type TakenRow } from "./edges.ts"
import type { Edge, Move, RowWay, Written } from "./graph.ts"
import { isReal } from "./expand.ts"
import { byKinds } from "./kinds.ts"
import { complete, movesOf, wayOf } from "./move.ts"
import { ringsOf } from "./rings.ts"
import { type Batch, schedule } from "./schedule.ts"
import { type Shape, shapeOf } from "./shape.ts"
import { traitsOf } from "./traits.ts"

/** Leaves no edge out. */
export const everyEdge: Keep = () => true

const refusalOf = (ring: ReadonlyArray<Edge>): Unbreakable =>
  unbreakable(
    ring.map(({ constraint, from, to }) => ({
      from: from.way.change.ref,
      to: to.way.change.ref,
      constraint
    }))
  )

/** The cell a row is found by: its key as it stands before the move, or the promise of it. */
const keyCell = ({ from, ref }: Written, column: string): unknown => {
  const cell = (from as Row)[column]
  return cell === undefined && ref._tag === "Promised" ? promisedCell(ref, column) : cell
}

const noKey: StepRow["key"] = Object.freeze([])

const stepRow = (written: Written, { columns, keyColumns }: Shape): StepRow => {
  const cells = columns.map((column) => written.to![column])
  const isKeyed = keyColumns.length > 0
  const key = isKeyed ? keyColumns.map((column) => keyCell(written, column)) : noKey
  return Object.freeze({ ref: written.ref, cells, key })
}

/** The rows of a batch by steps: no more than fit, and no twins only their keys tell apart. */
const portions = ({ rows, shape }: Batch): ReadonlyArray<ReadonlyArray<Written>> => {
  const { facts, matching, maxRows, run, twins } = shape
  const size = run === "each" ? rows.length : maxRows
  const columns = twins === "apart" && matching._tag === "columns" ? matching.columns : null
  if (columns === null && rows.length <= size) return [rows]
  const portions: Array<Array<Written>> = []
  let portion: Array<Written> = []
  const seen = new Set<string>()
  for (const row of rows) {
    const text =
      columns === null
        ? null
        : columns.map((key) => givenText(facts.table.byKey.get(key)!.type, row.to![key])).join()
    const isTwin = text !== null && seen.has(text)
    if (portion.length === 0 || portion.length === size || isTwin) {
      portions.push((portion = []))
      seen.clear()
    }
    if (text !== null) seen.add(text)
    portion.push(row)
  }
  return portions
}

/** Are these updates that a list may write: all of them are found by keys that stay. */
const isListable = ({ columns, facts, kind }: Shape): boolean =>
  kind === "update" && !columns.some((column) => facts.table.primaryKey.includes(column))

/** A batch as steps: one, or as many as the server's parameters and the proof of its keys take. */
const stepsOf = (batch: Batch): ReadonlyArray<Step> => {
  const { columns, facts, keyColumns, kind, matching, purpose, returns, run } = batch.shape
  const isFree = batch.isFree && isListable(batch.shape)
  return portions(batch).map((rows) =>
    Object.freeze({
      kind,
      table: facts.table,
      columns,
      keyColumns,
      rows: rows.map((row) => stepRow(row, batch.shape)),
      run,
      isFree,
      expects: rows.length,
      returns,
      // One row is proof enough of itself.
      matching: rows.length === 1 && matching._tag === "columns" ? single : matching,
      purpose
    })
  )
}

const single: Step["matching"] = Object.freeze({ _tag: "single" })

type Ordered = ReadonlyArray<Batch> | Unbreakable | Refusal

const shapesOf = (
  moves: ReadonlyArray<Move>,
  capabilities: Capabilities
): ReadonlyArray<Shape> | Refusal => {
  const byKey = new Map<string, Shape>()
  const shapes: Array<Shape> = []
  for (const [at, move] of moves.entries()) {
    // Rows of one kind come one after the other.
    if (at > 0 && isAlike(moves[at - 1]!, move)) {
      shapes.push(shapes[at - 1]!)
      continue
    }
    const shape = shapeOf(move, capabilities)
    if ("_tag" in shape) return shape
    const first = byKey.get(shape.key)
    if (first === undefined) byKey.set(shape.key, shape)
    shapes.push(first ?? shape)
  }
  return shapes
}

/** Whether two moves have one shape for sure: what a row has no value for may decide it. */
const isAlike = (one: Move, other: Move): boolean =>
  one.way.facts === other.way.facts &&
  one.kind === other.kind &&
  one.purpose === other.purpose &&
  one.isGuarded === other.isGuarded &&
  one.way.version === other.way.version &&
  one.columns.length === other.columns.length &&
  one.columns.every(
    (key, at) =>
      key === other.columns[at] &&
      (one.kind !== "insert" || (one.to![key] === null) === (other.to![key] === null))
  )

/** Orders the rows; each round breaks one ring of every knot, until none is left. */
const ordered = (
  all: ReadonlyArray<RowWay>,
  takers: ReadonlyMap<RowWay, string>,
  capabilities: Capabilities,
  keep: Keep
): Ordered => {
  const traits = traitsOf(capabilities)
  const ways = all.filter((way) => !takers.has(way))
  for (;;) {
    const moves = movesOf(ways)
    connect(moves, takenBy(takers, moves), traits, keep)
    const shapes = shapesOf(moves, capabilities)
    if ("_tag" in shapes) return shapes
    const { batches, stuck } = schedule(moves, shapes, traits)
    if (stuck.length === 0) return batches
    for (const ring of ringsOf(stuck)) if (!breakRing(ring)) return refusalOf(ring)
  }
}

/** Rows that the database deletes, each with the move that makes it do so. */
const takenBy = (
  takers: ReadonlyMap<RowWay, string>,
  moves: ReadonlyArray<Move>
): ReadonlyArray<TakenRow> => {
  if (takers.size === 0) return []
  const deletes = new Map(
    moves.filter(({ kind }) => kind === "delete").map((move) => [move.way.change.ref.id, move])
  )
  return [...takers].map(([way, id]) => ({ way, by: deletes.get(id)! }))
}

/** The rows that need no statement: whoever takes them goes by one. */
const takersOf = (ways: ReadonlyArray<RowWay>): ReadonlyMap<RowWay, string> => {
  const deletes = new Set(
    ways.flatMap(({ change }) =>
      change._tag === "Delete" && change.takenBy === undefined ? [change.ref.id] : []
    )
  )
  return new Map(
    ways.flatMap((way) => {
      const { change } = way
      const id = change._tag === "Delete" ? change.takenBy?.id : undefined
      return id !== undefined && deletes.has(id) ? [[way, id] as const] : []
    })
  )
}

/**
 * `plan` with some edges left out: what tests of the four rules compare it to. Row by row, unless
 * `keep` is `everyEdge` itself.
 */
export const planWith = (
  constraints: ConstraintModel,
  capabilities: Capabilities,
  changes: ChangeSet,
  keep: Keep
): Result.Result<FlushPlan, Unbreakable | Refusal> => {
  const completed = completedOf(changes, constraints)
  // Most flushes need no more than an order of kinds of rows.
  const kinds = keep === everyEdge ? byKinds(completed.changes, constraints, capabilities) : null
  if (kinds !== null) return planned(completed, kinds)
  const waysOf = (): ReadonlyArray<RowWay> =>
    completed.changes
      .map((change) => wayOf(change, constraints))
      .toSorted((left, right) => left.facts.rank - right.facts.rank)
  const ways = waysOf()
  const takers = takersOf(ways)
  const first = ordered(ways, takers, capabilities, keep)
  // Where nothing else is left, rows go by statements of their own before the one that takes them.
  const batches =
    takers.size > 0 && "_tag" in first ? ordered(waysOf(), new Map(), capabilities, keep) : first
  return "_tag" in batches ? Result.fail(batches) : planned(completed, batches)
}

const planned = (changes: ChangeSet, batches: ReadonlyArray<Batch>) =>
  Result.succeed(Object.freeze({ changes, steps: Object.freeze(batches.flatMap(stepsOf)) }))

/** What the planner adds to the changes of rows that were ever there. */
const completedOf = ({ changes }: ChangeSet, constraints: ConstraintModel): ChangeSet => {
  const completed: Array<Change> = []
  const factsOf = byTable(constraints)
  changes.forEach((change) => {
    if (isReal(change)) completed.push(complete(change, factsOf(change.ref.table)))
  })
  return inOrder(completed)
}

/**
 * Orders changes into statements that break no constraint on the way.
 *
 * **Shape** pure; the order of the input is irrelevant. The changes must be expanded, and what
 * `demand` asks for loaded.
 * **Laws** L36, L37: see `FlushPlan`.
 * **Errors** `Unbreakable` where no order exists; `Refusal` where the server cannot give back a key
 * it makes. `StatementError` for a promise of a row that is not added.
 */
export const plan = (
  constraints: ConstraintModel,
  capabilities: Capabilities,
  changes: ChangeSet
): Result.Result<FlushPlan, Unbreakable | Refusal> =>
  planWith(constraints, capabilities, changes, everyEdge)
