import type { Capabilities, Refusal } from "../../algebra/Dialect.ts"
import { isServerSet } from "../../algebra/serverMade.ts"
import type { ColumnNode, TableSource } from "../../algebra/Source.ts"
import type { TableFacts } from "../ConstraintModel.ts"
import type { Matching } from "../FlushPlan.ts"
import type { Edge, Move } from "./graph.ts"
import type { FlushTraits } from "./traits.ts"

/** What rows of one statement share. Moves of one shape at one time become one step. */
export interface Shape {
  readonly key: string
  readonly kind: Move["kind"]
  readonly purpose: Move["purpose"]
  readonly facts: TableFacts
  readonly columns: ReadonlyArray<string>
  readonly keyColumns: ReadonlyArray<string>
  readonly run: "together" | "each"
  readonly returns: ReadonlyArray<string>
  readonly matching: Matching
  /**
   * Rows that agree in what they are matched by: there are `none`, they are `alike` in everything,
   * or they differ elsewhere and stand `apart`, in statements of their own.
   */
  readonly twins: "none" | "alike" | "apart"
  readonly maxRows: number
}

/** Types whose values come back from every server exactly as they were sent. */
const exactTypes: ReadonlySet<string> = new Set([
  "Smallint",
  "Integer",
  "Bigint",
  "Varchar",
  "Text",
  "Uuid",
  "Enum"
])

const isExact = ({ byKey }: TableSource, key: string): boolean =>
  exactTypes.has(byKey.get(key)!.type.sql._tag)

/** Columns of a key whose values the client knows in this row, and can recognise. */
const recognisable = ({ facts }: Move["way"], move: Move): ReadonlyArray<string> | undefined =>
  facts.keys.find(({ columns }) =>
    columns.every((key) => {
      const cell = move.to![key]
      return cell !== undefined && cell !== null && isExact(facts.table, key)
    })
  )?.columns

type Returned = Pick<Shape, "run" | "returns" | "matching" | "twins">

const nothing: Returned = {
  run: "together",
  returns: [],
  matching: { _tag: "nothing" },
  twins: "none"
}

const withoutReturning = (
  made: ReadonlyArray<ColumnNode>,
  move: Move,
  { dialect }: Capabilities
): Returned | Refusal => {
  const { table } = move.way.facts
  const keys = made.filter(({ key }) => table.primaryKey.includes(key))
  if (keys.length === 0) return nothing
  const [first] = keys
  if (keys.length > 1 || !first!.identity) {
    const construct = `a key of ${table.name} made by the server`
    return { _tag: "Refusal", dialect, capability: "insertReturning", construct }
  }
  const { key } = first!
  return {
    run: "each",
    returns: [key],
    matching: { _tag: "insertId", column: key },
    twins: "none"
  }
}

/** What is not read with its row stays unloaded, and so does what RETURNING does not see. */
const isGivenBack = (column: ColumnNode, { dialect }: Capabilities): boolean =>
  column.deferred === null && (dialect !== "sqlite" || !isServerSet(column, "insert"))

const returned = (move: Move, capabilities: Capabilities): Returned | Refusal => {
  const made = move.way.facts.table.columns.filter(
    (one) => move.to![one.key] === undefined && isGivenBack(one, capabilities)
  )
  if (made.length === 0) return nothing
  if (!capabilities.insertReturning) return withoutReturning(made, move, capabilities)
  const returns = made.map(({ key }) => key)
  const key = recognisable(move.way, move)
  if (key !== undefined)
    return { run: "together", returns, matching: { _tag: "columns", columns: key }, twins: "none" }
  // What the row is given tells it from the others of its statement, or it is no other than they.
  const columns = move.columns.filter((column) => isExact(move.way.facts.table, column))
  if (columns.length === 0)
    return { run: "each", returns, matching: { _tag: "single" }, twins: "none" }
  const twins = columns.length === move.columns.length ? "alike" : "apart"
  return { run: "together", returns, matching: { _tag: "columns", columns }, twins }
}

/** Rows a statement has room for; each alternative of a composite key nests an expression. */
const rowsOf = (
  { kind }: Move,
  columns: number,
  keys: number,
  { maxDepth, maxParameters }: Capabilities
): number => {
  const cells = Math.max(1, kind === "delete" ? keys : columns)
  const fitting = Math.max(1, Math.floor(maxParameters / cells))
  return kind === "delete" && keys > 1 ? Math.min(fitting, Math.floor(maxDepth / 4)) : fitting
}

/** The shape of a move on this server, or what the server lacks. */
export const shapeOf = (move: Move, capabilities: Capabilities): Shape | Refusal => {
  const { columns, isGuarded, kind, purpose, way } = move
  const { facts } = way
  const back = kind === "insert" ? returned(move, capabilities) : nothing
  if ("_tag" in back) return back
  const version = isGuarded ? [way.version!] : []
  const keyColumns = kind === "insert" ? [] : [...facts.table.primaryKey, ...version]
  // A versioned row runs alone, so that a stale one can be named.
  const isAlone = kind === "update" || isGuarded || (kind === "insert" && columns.length === 0)
  const run = isAlone ? "each" : back.run
  const matching =
    back.matching._tag === "columns" ? back.matching.columns.join() : back.matching._tag
  return {
    key: `${facts.rank}|${kind}|${purpose}|${columns.join()}|${keyColumns.join()}|${matching}`,
    kind,
    purpose,
    facts,
    columns,
    keyColumns,
    run,
    returns: back.returns,
    matching: back.matching,
    twins: back.twins,
    maxRows: rowsOf(move, columns.length, keyColumns.length, capabilities)
  }
}

/** Whether two moves of one shape may stand in one step, `from` before `to`. */
export const mayShareStep = ({ kind }: Edge, shape: Shape, traits: FlushTraits): boolean => {
  if (shape.run === "each") return true
  // Rows of one INSERT are checked in order, or all at its end; a promise needs an earlier one.
  if (shape.kind === "insert") return kind === "key"
  return kind === "release" && !traits.checksRows
}

const kindOrder = { insert: 0, update: 1, delete: 2 } as const
const purposeOrder = { release: 0, change: 1, fill: 2 } as const

/** The order of steps nobody else orders: by table, so that two flushes lock in one order. */
export const compareShapes = (left: Shape, right: Shape): number =>
  left.facts.rank - right.facts.rank ||
  kindOrder[left.kind] - kindOrder[right.kind] ||
  purposeOrder[left.purpose] - purposeOrder[right.purpose] ||
  (left.key < right.key ? -1 : Number(left.key > right.key))
