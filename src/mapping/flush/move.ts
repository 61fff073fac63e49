import { isServerMade } from "../../algebra/serverMade.ts"
import { firstVersion, nextVersion } from "../../algebra/Versioning.ts"
import type { TableSource } from "../../algebra/Source.ts"
import { refuse } from "../../algebra/StatementError.ts"
import type { Change } from "../ChangeSet.ts"
import type { ConstraintModel, TableFacts } from "../ConstraintModel.ts"
import { format, type Row, rowOf } from "../RowRef.ts"
import type { Edge, Move, RowWay } from "./graph.ts"

/** A column, and what an insert that leaves it out puts there: undefined where the server does. */
interface Filler {
  readonly key: string
  readonly value: unknown
}

const fillers = new WeakMap<TableSource, ReadonlyArray<Filler>>()

const fillersOf = (table: TableSource): ReadonlyArray<Filler> => {
  let known = fillers.get(table)
  if (known === undefined) {
    known = table.columns.map((column) => {
      const empty = column.nullable && !isServerMade(column) ? null : undefined
      const value = column.version === "counter" ? firstVersion(column) : empty
      return { key: column.key, value }
    })
    fillers.set(table, known)
  }
  return known
}

const insertedRow = (row: Row, table: TableSource): Row => {
  const fillers = fillersOf(table)
  if (isFilled(row, fillers)) return row
  const filled = rowOf()
  fillers.forEach(({ key, value }) => {
    const cell = row[key] === undefined ? value : row[key]
    if (cell !== undefined) filled[key] = cell
  })
  return filled
}

/** Does a row say all there is to say, in the order of the table? */
const isFilled = (row: Row, fillers: ReadonlyArray<Filler>): boolean => {
  let at = 0
  // Rows are bare: all that is in them is their own.
  for (const key in row) {
    while (at < fillers.length && fillers[at]!.key !== key && isNotSaid(row, fillers[at]!)) at++
    if (fillers[at]?.key !== key || row[key] === undefined) return false
    at++
  }
  while (at < fillers.length && isNotSaid(row, fillers[at]!)) at++
  return at === fillers.length
}

/** Is nothing to be written in a column that the row leaves out? */
const isNotSaid = (row: Row, { key, value }: Filler): boolean =>
  value === undefined && row[key] === undefined

/**
 * The change with what the planner adds: null for what an insert leaves out, so that rows of one
 * table have one shape, and the version's next value.
 */
export const complete = (change: Change, facts: TableFacts): Change => {
  const { ref } = change
  if (change._tag === "Insert") {
    const row = insertedRow(change.row, facts.table)
    return row === change.row ? change : Object.freeze({ _tag: "Insert", ref, row })
  }
  if (facts.table.primaryKey.length === 0)
    refuse(`${format(change.ref)}: its table has no primary key`)
  const { version } = facts
  if (change._tag === "Delete" || version === null) return change
  // The server makes it: what it was tells whether the row is stale, all the same.
  if (version.version === "server") return change
  const next = nextVersion(
    version,
    change.before[version.key],
    change.set[version.key],
    format(change.ref)
  )
  return Object.freeze({ ...change, set: rowOf(change.set, { [version.key]: next }) })
}

/** The version a first write checks: where the row has one that is known. */
export const checkedVersion = (before: Row, { version }: TableFacts): string | null =>
  version === null || before[version.key] === undefined ? null : version.key

/** The way a completed change takes while no ring is in it. */
export const wayOf = (change: Change, model: ConstraintModel): RowWay => {
  const facts = model.of(change.ref.table)
  const way = { change, facts, early: [], late: [], parts: [], version: null, before: null }
  if (change._tag === "Insert") return { ...way, after: change.row }
  const { before } = change
  const version = checkedVersion(before, facts)
  if (change._tag === "Delete") return { ...way, before, after: null, version }
  const parts = [Object.keys(change.set).filter((key) => key !== version)]
  return { ...way, before, after: rowOf(before, change.set), parts, version }
}

const withNulls = (row: Row, columns: ReadonlyArray<string>): Row =>
  columns.length === 0 ? row : rowOf(row, Object.fromEntries(columns.map((key) => [key, null])))

const inTableOrder = (facts: TableFacts, keys: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (keys.length < 2) return keys
  const wanted = new Set(keys)
  return facts.table.columns.filter(({ key }) => wanted.has(key)).map(({ key }) => key)
}

type Draft = Omit<Move, "at" | "way" | "ref" | "out" | "into">

const insertMoves = ({ after, facts, late }: RowWay): ReadonlyArray<Draft> => {
  const to = withNulls(after!, late)
  // In the order of the table: see `insertedRow`.
  const columns = Object.keys(to)
  const insert: Draft = {
    kind: "insert",
    purpose: "change",
    columns,
    from: null,
    to,
    isGuarded: false
  }
  if (late.length === 0) return [insert]
  return [
    insert,
    {
      kind: "update",
      purpose: "fill",
      columns: inTableOrder(facts, late),
      from: to,
      to: after,
      isGuarded: false
    }
  ]
}

/** The version's column where the client writes it. */
const writtenVersion = ({ facts, version }: RowWay): string | null =>
  facts.version?.version === "server" ? null : version

/** The row's first write carries the version; a row in several writes gets a first of its own. */
const releaseMove = (way: RowWay): Draft | null => {
  const { after, before, early, facts, parts, version } = way
  if (early.length === 0 && (version === null || parts.length < 2)) return null
  const written = after === null ? null : writtenVersion(way)
  const nulled = withNulls(before!, early)
  const columns = written === null ? early : [...early, written]
  return {
    kind: "update",
    purpose: "release",
    from: before,
    isGuarded: version !== null,
    // A version of the server's is asked for once: by a write that leaves the row as it is.
    columns: columns.length > 0 ? inTableOrder(facts, columns) : facts.table.primaryKey.slice(0, 1),
    to: written === null ? nulled : rowOf(nulled, { [written]: after![written] })
  }
}

const laterMoves = (way: RowWay): ReadonlyArray<Draft> => {
  const { after, facts, parts, version } = way
  const release = releaseMove(way)
  const from = release?.to ?? way.before
  const isGuarded = release === null && version !== null
  const later: ReadonlyArray<Draft> =
    after === null
      ? [{ kind: "delete", purpose: "change", columns: [], from, to: null, isGuarded }]
      : parts.map((part) => {
          const written = isGuarded ? writtenVersion(way) : null
          const columns = inTableOrder(facts, written === null ? part : [...part, written])
          const cells = Object.fromEntries(columns.map((key) => [key, after[key]]))
          return {
            kind: "update",
            purpose: "change",
            columns,
            from,
            to: rowOf(from!, cells),
            isGuarded
          }
        })
  return release === null ? later : [release, ...later]
}

/** The moves of these ways, in their order, each with the edges along its own row. */
export const movesOf = (ways: ReadonlyArray<RowWay>): ReadonlyArray<Move> => {
  const moves: Array<Move> = []
  for (const way of ways) {
    const drafts = way.before === null ? insertMoves(way) : laterMoves(way)
    const own = drafts.map((draft, index): Move => ({
      ...draft,
      at: moves.length + index,
      way,
      ref: way.change.ref,
      out: [],
      into: []
    }))
    const [head, ...rest] = own
    // The first write of a row comes before the others: the insert, the release.
    if (head!.kind === "insert" || head!.purpose === "release") {
      for (const to of rest) {
        const edge: Edge = {
          kind: "row",
          from: head!,
          to,
          constraint: "row",
          outColumns: [],
          inColumns: []
        }
        head!.out.push(edge)
        to.into.push(edge)
      }
    }
    moves.push(...own)
  }
  return moves
}
