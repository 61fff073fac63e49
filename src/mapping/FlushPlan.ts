/**
 * What a flush will do, before anything is done.
 *
 * A session collects edits. `diff` makes a `ChangeSet` of them: which rows come, change and go.
 * `demand` says which rows must be read first, so that deletes reach their children; `expand` adds
 * those. `plan` then orders everything into a `FlushPlan`, or says `Unbreakable`. Running it is
 * left to the session, and `settle` gives the state after it.
 *
 * A plan is a list of steps. Each step is one shape of statement - one table, one set of columns -
 * and the rows it is for. Four rules order the rows; they are the whole theory (flush/edges.ts):
 *
 * - a key is there before a row refers to it;
 * - a row stops referring to a key before the key goes;
 * - a unique value is given up before another row takes it;
 * - a key the server makes is made before it is written elsewhere.
 *
 * Rows that wait for nothing and have one shape become one step. Where the rules form a ring, one
 * row of the ring is written in two statements: the columns that may be null are released early
 * (`purpose: "release"`) or filled later (`purpose: "fill"`). Those fix-ups are steps like any
 * other, so a plan can be listed, asserted and replayed. A ring without such a row gives
 * `Unbreakable`.
 */
import type { TableSource } from "../algebra/Source.ts"
import type { ChangeSet } from "./ChangeSet.ts"
import { format as formatRef, type Row, type RowRef } from "./RowRef.ts"

/** One row of a step: cells in the order of the step's `columns` and `keyColumns`. */
export interface StepRow {
  readonly ref: RowRef
  /** Values or promised keys to write. */
  readonly cells: ReadonlyArray<unknown>
  /** Values or promised keys the row is found by; empty for inserts. */
  readonly key: ReadonlyArray<unknown>
}

/**
 * How the values the server made find their rows.
 *
 * **Shape** by proof, never by the order rows come back in: `nothing` comes back; `single` row a
 * statement; `columns` the client gave come back along; `insertId` of one row. Rows of a statement
 * that agree in those columns agree in all they were given: which is which cannot be seen.
 */
export type Matching =
  | { readonly _tag: "nothing" }
  | { readonly _tag: "single" }
  | { readonly _tag: "columns"; readonly columns: ReadonlyArray<string> }
  | { readonly _tag: "insertId"; readonly column: string }

/** Statements of one shape over rows that may run in this order. */
export interface Step {
  readonly kind: "insert" | "update" | "delete"
  readonly table: TableSource
  /** Columns written, by key. */
  readonly columns: ReadonlyArray<string>
  /** Columns the row is found by: its primary key and, at its first write, its version. */
  readonly keyColumns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<StepRow>
  /**
   * `together`: one statement for all rows. `each`: one statement a row, in this order, since a
   * row may rely on the one before it.
   */
  readonly run: "together" | "each"
  /** No row waits for another, nor for a version: a list may write many of them at once. */
  readonly isFree: boolean
  /** Rows the statements must find, all together; any other number is a stale row. */
  readonly expects: number
  /** Columns the server makes and gives back. */
  readonly returns: ReadonlyArray<string>
  readonly matching: Matching
  /** `release` and `fill` are fix-ups: the only steps after which a column is written again. */
  readonly purpose: "change" | "release" | "fill"
}

/**
 * Ordered steps and the net change they make.
 *
 * **Laws** L36: applying the steps to a consistent database gives the changed database, and no row
 * in between breaks a constraint. L37: no change gives no step; no column is written twice except
 * after a fix-up; the order of the input is irrelevant.
 *
 * @category models
 */
export interface FlushPlan {
  readonly changes: ChangeSet
  readonly steps: ReadonlyArray<Step>
}

/** Values the server made, by the id of the row's ref. Grows as steps run. */
export type Resolved = ReadonlyMap<string, Row>

/** Nothing is made yet. */
export const unresolved: Resolved = new Map()

/** One statement of a step: the rows it covers. */
export interface StepStatement {
  readonly step: Step
  readonly rows: ReadonlyArray<StepRow>
}

/** A step as the statements that run, in order. */
export const statements = (step: Step): ReadonlyArray<StepStatement> =>
  step.run === "together"
    ? [{ step, rows: step.rows }]
    : step.rows.map((row) => ({ step, rows: [row] }))

/**
 * The same plan with a statement for each new row the server completes: it needs no proof of which
 * is which. For a server that gives rows back other than it was given them, as a trigger may.
 */
export const rowByRow = (plan: FlushPlan): FlushPlan =>
  Object.freeze({
    ...plan,
    steps: Object.freeze(
      plan.steps.map((step) =>
        step.matching._tag === "columns"
          ? Object.freeze({ ...step, run: "each" as const, matching: { _tag: "single" as const } })
          : step
      )
    )
  })

/** How many statements a plan runs. */
export const statementCount = ({ steps }: FlushPlan): number =>
  steps.reduce((sum, step) => sum + (step.run === "together" ? 1 : step.rows.length), 0)

/** One link of a ring: why `from` must run before `to`. */
export interface RingLink {
  readonly from: RowRef
  readonly to: RowRef
  readonly constraint: string
}

/**
 * No order of statements exists: each row of the ring waits for the next.
 *
 * **Shape** typical is the exchange of two values of a NOT NULL unique column. `message` names
 * tables and constraints, never values.
 *
 * @category errors
 */
export interface Unbreakable {
  readonly _tag: "Unbreakable"
  readonly ring: ReadonlyArray<RingLink>
  readonly message: string
}

/** A line takes no ring of thousands: so many links of it. */
const mostSaid = 8

/** The refusal of a ring, with its one line. */
export const unbreakable = (ring: ReadonlyArray<RingLink>): Unbreakable => {
  const said = ring.slice(0, mostSaid)
  const way = said.map(({ constraint, from }) => `${from.table.name} -[${constraint}]->`).join(" ")
  const more = ring.length - said.length
  const rest = more === 0 ? "" : ` … (${more} more) ->`
  const message = `no order of statements satisfies ${way}${rest} ${ring[0]?.from.table.name ?? ""}`
  return Object.freeze({ _tag: "Unbreakable", ring: Object.freeze([...ring]), message })
}

const formatStep = (step: Step): string => {
  const { columns, expects, isFree, kind, matching, purpose, returns, rows, run, table } = step
  const target = kind === "delete" ? table.name : `${table.name} (${columns.join(", ")})`
  const guard = step.keyColumns.filter((key) => !table.primaryKey.includes(key))
  const notes = [
    run === "each" && expects > 1 ? (isFree ? "as a list" : "one by one") : "",
    purpose === "release" ? "released early" : "",
    purpose === "fill" ? "filled in" : "",
    guard.length > 0 ? `checked by ${guard.join(", ")}` : "",
    returns.length > 0 ? `returning ${returns.join(", ")}` : "",
    matching._tag === "columns" ? `matched by ${matching.columns.join(", ")}` : ""
  ].filter((note) => note !== "")
  const shown = rows.slice(0, 5).map((row) => formatRef(row.ref))
  const more = rows.length > shown.length ? `, and ${rows.length - shown.length} more` : ""
  return `${[`${kind} ${target}`, ...notes].join(", ")}: ${shown.join(", ")}${more}`
}

/**
 * The plan as a readable list, one line a step; keys are shown, other values are not.
 *
 * **Shape** `1. insert users (email), returning id: users@1`, then
 * `2. insert posts (authorId, title): posts@2, posts@3`.
 */
export const format = (plan: FlushPlan): string =>
  plan.steps.length === 0
    ? "nothing to do"
    : plan.steps.map((step, index) => `${index + 1}. ${formatStep(step)}`).join("\n")
