import type { Capabilities } from "../../algebra/Dialect.ts"
import type { TableSource } from "../../algebra/Source.ts"
import { refuse } from "../../algebra/StatementError.ts"
import type { Change } from "../ChangeSet.ts"
import type { ConstraintModel, TableFacts } from "../ConstraintModel.ts"
import { format, isPromisedCell, type Row, type RowKey, rowOf } from "../RowRef.ts"
import type { Written } from "./graph.ts"
import { checkedVersion, movesOf, wayOf } from "./move.ts"
import type { Batch } from "./schedule.ts"
import { compareShapes, type Shape, shapeOf } from "./shape.ts"
import { type FlushTraits, traitsOf } from "./traits.ts"
import { tupleOf } from "./tuple.ts"

/**
 * Plans that order kinds of rows instead of rows.
 *
 * A flush of thousands of rows has few shapes of statements. Where no row waits for another of its
 * own shape, and the shapes wait for each other in no ring, every row of a shape can wait for all
 * that one of them waits for: what is left to order are the shapes.
 */

/** Rows of one shape. */
interface Kind {
  readonly at: number
  readonly shape: Shape
  readonly rows: Array<Written>
  /** The kinds that wait for this one. */
  readonly before: Set<Kind>
}

/** What decides a row's shape, of one that has been asked for it. */
interface Sample {
  readonly tag: Change["_tag"]
  readonly keys: ReadonlyArray<string>
  /** Of an insert: which of its cells are null. */
  readonly nulls: ReadonlyArray<boolean>
  readonly isGuarded: boolean
  readonly kind: Kind
}

const writtenOf = (change: Change): Written => {
  if (change._tag === "Insert") return { ref: change.ref, from: null, to: change.row }
  return { ref: change.ref, from: change.before, to: change._tag === "Update" ? change.set : null }
}

const isAlike = (sample: Sample, change: Change, facts: TableFacts): boolean => {
  const { isGuarded, keys, nulls, tag } = sample
  if (tag !== change._tag) return false
  let at = 0
  const isInsert = change._tag === "Insert"
  const row = rowIn(change)
  // Rows are bare: all that is in them is their own.
  for (const key in row) {
    if (keys[at] !== key || (isInsert && nulls[at] !== (row[key] === null))) return false
    at++
  }
  if (at !== keys.length) return false
  return isInsert || isGuarded === (checkedVersion(change.before, facts) !== null)
}

const none: Row = rowOf()

/** What a change says of its row. */
const rowIn = (change: Change): Row => {
  if (change._tag === "Delete") return none
  return change._tag === "Insert" ? change.row : change.set
}

/** The rows by their shapes; null where one has none, or is more than one write. */
const sorted = (
  changes: ReadonlyArray<Change>,
  model: ConstraintModel,
  capabilities: Capabilities
): ReadonlyArray<Kind> | null => {
  const kinds = new Map<string, Kind>()
  let facts: TableFacts | null = null
  let samples: Array<Sample> = []
  for (const change of changes) {
    if (change._tag === "Delete" && change.takenBy !== undefined) return null
    const { table } = change.ref
    if (facts === null || facts.table !== table) {
      facts = model.of(table)
      samples = []
    }
    let sample: Sample | undefined
    for (let at = 0; at < samples.length && sample === undefined; at++)
      if (isAlike(samples[at]!, change, facts)) sample = samples[at]
    if (sample === undefined) {
      const [move, ...more] = movesOf([wayOf(change, model)])
      if (more.length > 0) return null
      const shape = shapeOf(move!, capabilities)
      if ("_tag" in shape) return null
      let kind = kinds.get(shape.key)
      if (kind === undefined) {
        kind = { at: kinds.size, shape, rows: [], before: new Set() }
        kinds.set(shape.key, kind)
      }
      const keys = Object.keys(rowIn(change))
      const nulls = change._tag === "Insert" ? keys.map((key) => change.row[key] === null) : []
      sample = { tag: change._tag, keys, nulls, isGuarded: move!.isGuarded, kind }
      samples.push(sample)
    }
    sample.kind.rows.push(writtenOf(change))
  }
  return [...kinds.values()]
}

/** Rows that wait for others of their own shape: their order is more than one of shapes. */
const tangled = Symbol("tangled")
type Tangled = typeof tangled

const draw = (from: Kind, to: Kind): Tangled | null => {
  if (from === to) return tangled
  from.before.add(to)
  return null
}

/** A tuple that a row gives up or takes. */
interface Side {
  readonly kind: Kind
  readonly row: Written
  readonly tuple: RowKey
}

/** A row as it is written: an update says only what changes. */
const afterOf = ({ from, to }: Written): Row | null =>
  from === null || to === null ? to : rowOf(from, to)

const touches = ({ shape }: Kind, columns: ReadonlyArray<string>): boolean =>
  shape.kind !== "update" || columns.some((column) => shape.columns.includes(column))

/** The tuples that rows of these kinds come to have, or have no more, in these columns. */
const changed = (
  kinds: ReadonlyArray<Kind>,
  columns: ReadonlyArray<string>,
  way: "gone" | "new"
): ReadonlyArray<Side> => {
  const sides: Array<Side> = []
  for (const kind of kinds) {
    const { kind: verb, facts } = kind.shape
    if (verb === (way === "gone" ? "insert" : "delete") || !touches(kind, columns)) continue
    for (const row of kind.rows) {
      const before = row.from === null ? null : tupleOf(facts.table, columns, row.from)
      const after = row.to === null ? null : tupleOf(facts.table, columns, afterOf(row))
      const tuple = way === "gone" ? before : after
      if (tuple !== null && before !== after) sides.push({ kind, row, tuple })
    }
  }
  return sides
}

/** Draws what waits for what: the same tuple on both sides. */
const meet = (
  first: ReadonlyArray<Side>,
  then: ReadonlyArray<Side>,
  isWhole: boolean
): Tangled | null => {
  if (first.length === 0 || then.length === 0) return null
  const byTuple = Map.groupBy(first, ({ tuple }) => tuple)
  for (const side of then)
    for (const before of byTuple.get(side.tuple) ?? nobody) {
      // A row that refers to itself comes whole; only row-by-row checks keep it from going whole.
      if (before.row === side.row && isWhole) continue
      if (draw(before.kind, side.kind) !== null) return tangled
    }
  return null
}
const nobody: ReadonlyArray<Side> = []

/** The rules of keys and references, of one table's keys. */
const connectKeys = (
  facts: TableFacts,
  byTable: ReadonlyMap<TableFacts["table"], ReadonlyArray<Kind>>,
  { checksRows }: FlushTraits
): Tangled | null => {
  const own = byTable.get(facts.table) ?? []
  for (const { columns, isTarget, space } of facts.keys) {
    const taken = changed(own, columns, "new")
    const freed = taken.length === 0 && !isTarget ? [] : changed(own, columns, "gone")
    if (meet(freed, taken, true) !== null) return tangled
    if (!isTarget || (taken.length === 0 && freed.length === 0)) continue
    for (const reference of facts.referrers) {
      const far = reference.space === space ? byTable.get(reference.owner) : undefined
      if (far === undefined) continue
      const wanted = taken.length === 0 ? [] : changed(far, reference.columns, "new")
      const left = freed.length === 0 ? [] : changed(far, reference.columns, "gone")
      if (meet(taken, wanted, true) !== null || meet(left, freed, !checksRows) !== null)
        return tangled
    }
  }
  return null
}

/** A promised key is written after the insert that makes it, even where no foreign key says so. */
const connectPromises = (kinds: ReadonlyArray<Kind>): Tangled | null => {
  const makers = new Map<TableSource, ReadonlyMap<string, Kind>>()
  for (const kind of kinds) {
    if (kind.shape.kind === "delete") continue
    for (const column of kind.shape.columns)
      for (let at = 0; at < kind.rows.length; at++) {
        const cell = kind.rows[at]!.to![column]
        if (!isPromisedCell(cell)) continue
        const { id, table } = cell.ref
        let own = makers.get(table)
        if (own === undefined) makers.set(table, (own = makersOf(table, kinds)))
        const maker = own.get(id) ?? refuse(`${format(cell.ref)} is referred to, but not added`)
        if (draw(maker, kind) !== null) return tangled
      }
  }
  return null
}

const makersOf = (table: TableSource, kinds: ReadonlyArray<Kind>): ReadonlyMap<string, Kind> => {
  const makers = new Map<string, Kind>()
  for (const kind of kinds)
    if (kind.shape.kind === "insert" && kind.shape.facts.table === table)
      kind.rows.forEach(({ ref }) => makers.set(ref.id, kind))
  return makers
}

const connect = (kinds: ReadonlyArray<Kind>, traits: FlushTraits): Tangled | null => {
  const byTable = Map.groupBy(kinds, ({ shape }) => shape.facts.table)
  for (const [first] of byTable.values())
    if (connectKeys(first!.shape.facts, byTable, traits) !== null) return tangled
  return connectPromises(kinds)
}

/** The kinds in their order; null where they wait for each other in a ring. */
const ordered = (kinds: ReadonlyArray<Kind>): ReadonlyArray<Batch> | null => {
  const order = kinds.toSorted((left, right) => compareShapes(left.shape, right.shape))
  const waits = new Array<number>(kinds.length).fill(0)
  for (const { before } of kinds) for (const { at } of before) waits[at]!++
  const batches: Array<Batch> = []
  while (order.length > 0) {
    const next = order.findIndex(({ at }) => waits[at] === 0)
    if (next < 0) return null
    const [{ before, rows, shape }] = order.splice(next, 1) as [Kind]
    for (const { at } of before) waits[at]!--
    batches.push({ shape, rows, isFree: true })
  }
  return batches
}

/**
 * The batches of changes whose shapes alone have to be ordered; null where rows have to be.
 *
 * **Laws** the batches of an order of rows, where it gives any.
 */
export const byKinds = (
  changes: ReadonlyArray<Change>,
  model: ConstraintModel,
  capabilities: Capabilities
): ReadonlyArray<Batch> | null => {
  const kinds = sorted(changes, model, capabilities)
  if (kinds === null || connect(kinds, traitsOf(capabilities)) !== null) return null
  return ordered(kinds)
}
