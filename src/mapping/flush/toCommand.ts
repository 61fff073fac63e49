import * as Result from "effect/Result"
import { type Command, insert, remove, type Returning, update } from "../../algebra/Command.ts"
import * as S from "../../algebra/Scalar.ts"
import { insertOfLists, type RowLists } from "../../algebra/rowLists.ts"
import type { Scalar } from "../../algebra/Scalar.ts"
import type { TableSource } from "../../algebra/Source.ts"
import type { AnyType } from "../../algebra/Type.ts"
import { boolean } from "../../algebra/types.ts"
import type { Matching, Resolved, StepRow, StepStatement } from "../FlushPlan.ts"
import { type Row, rowOf } from "../RowRef.ts"
import { cellText } from "./canonical.ts"
import { resolveCell } from "./settle.ts"

const typeOf = (table: TableSource, column: string): AnyType => table.byKey.get(column)!.type

const column = (table: TableSource, key: string): Scalar =>
  S.ref(table.name, table, [key], typeOf(table, key))

/** The columns to give back: what the server made, and what tells the rows apart. */
const returningOf = ({ matching, returns, table }: StepStatement["step"]): Returning | null => {
  if (matching._tag === "nothing" || matching._tag === "insertId") return null
  const keys =
    matching._tag === "columns" ? [...new Set([...returns, ...matching.columns])] : returns
  const parts = keys.map((_, index) => ({ _tag: "Cell", index }) as const)
  const shape = { _tag: "Record", keys, parts, presence: null, prototype: null } as const
  return { fields: keys.map((key) => column(table, key)), shape }
}

/** The rows of an update or delete: by key, as one list where the key is one column. */
const whereOf = ({ rows, step }: StepStatement, resolved: Resolved): Scalar => {
  const { keyColumns, table } = step
  const [only] = keyColumns
  if (keyColumns.length === 1 && rows.length > 1) {
    const keys = rows.map(({ key }) => resolveCell(key[0], resolved))
    const type = typeOf(table, only!)
    return S.inList(column(table, only!), S.boundList(keys, type), boolean)
  }
  const alternatives = rows.map(({ key }) => {
    const parts = keyColumns.map((name, index) => {
      const value = S.bound(resolveCell(key[index], resolved), typeOf(table, name))
      return S.compare("eq", column(table, name), value, boolean)
    })
    return parts.length === 1 ? parts[0]! : S.and(parts, boolean)
  })
  return alternatives.length === 1 ? alternatives[0]! : S.or(alternatives, boolean)
}

const cellsOf = ({ cells }: StepRow, { step }: StepStatement, resolved: Resolved) =>
  step.columns.map((key, index) =>
    S.bound(resolveCell(cells[index], resolved), step.table.byKey.get(key)!.written)
  )

/** Rows by their columns: whoever stores a thousand makes no node of each value. */
const rowLists = ({ rows, step }: StepStatement, resolved: Resolved): RowLists => ({
  rowCount: rows.length,
  types: step.columns.map((key) => typeOf(step.table, key)),
  lists: step.columns.map((_, index) =>
    rows.map(({ cells }) => resolveCell(cells[index], resolved))
  )
})

/**
 * A statement of a step as a command, its promised keys filled in.
 *
 * **Shape** pure. Statements of one step share their structure, hence one compiled text where the
 * number of rows is the same: an `each` step is prepared once.
 * **Errors** `StatementError` for a promised key that is not resolved yet.
 */
export const toCommand = (statement: StepStatement, resolved: Resolved): Command => {
  const { rows, step } = statement
  const { columns, kind, table } = step
  if (kind === "delete") return remove(table, table.name, whereOf(statement, resolved))
  if (kind === "insert" && rows.length > 1)
    return insertOfLists(table, columns, rowLists(statement, resolved), returningOf(step))
  const cells = rows.flatMap((row) => cellsOf(row, statement, resolved))
  return kind === "insert"
    ? insert(table, columns, cells, rows.length, returningOf(step))
    : update(table, table.name, columns, cells, whereOf(statement, resolved))
}

/** The server's answer does not prove which row got which values. */
export interface Unmatched {
  readonly _tag: "Unmatched"
  readonly message: string
}

const unmatched = (table: TableSource, what: string): Result.Result<never, Unmatched> =>
  Result.fail({ _tag: "Unmatched", message: `insert into "${table.name}": ${what}` })

/** What the server made of a row. What it was given may be written again before the flush ends. */
const madeOf = ({ returns }: StepStatement["step"], row: Row): Row => {
  const made = rowOf()
  for (const key of returns) made[key] = row[key]
  return made
}

/** The rows that came back by what they were given; the last of each list is the first to take. */
const byGiven = (
  textOf: (row: Row) => string,
  returned: ReadonlyArray<Row>,
  { columns }: TableSource
): Map<string, Array<Row>> => {
  const key = columns.find(({ identity }) => identity)?.key
  // Of rows alike, the first gets the first key, which is what people expect.
  const later = (left: Row, right: Row) => Number(right[key!]) - Number(left[key!])
  const byText = Map.groupBy(returned, textOf)
  if (key !== undefined)
    for (const twins of byText.values()) if (twins.length > 1) twins.sort(later)
  return byText
}

/**
 * Rows that came back as they were given, one by one, as they do from most servers: no text of any
 * is made. Null where one did not, or where rows alike might not have the first key first.
 */
const inTurn = (
  { rows, step }: StepStatement,
  columns: ReadonlyArray<string>,
  returned: ReadonlyArray<Row>,
  resolved: Resolved
): ReadonlyArray<readonly [string, Row]> | null => {
  const places = columns.map((key) => step.columns.indexOf(key))
  const identity = step.table.columns.find((one) => one.identity)?.key
  const found: Array<readonly [string, Row]> = []
  let last = -Infinity
  for (let at = 0; at < rows.length; at++) {
    const back = returned[at]!
    const { cells, ref } = rows[at]!
    for (let part = 0; part < columns.length; part++) {
      const cell = back[columns[part]!]
      const isSame = cell === resolveCell(cells[places[part]!], resolved)
      if (!isSame || (typeof cell === "object" && cell !== null)) return null
    }
    if (identity !== undefined) {
      const key = Number(back[identity])
      if (!(key > last)) return null
      last = key
    }
    found.push([ref.id, madeOf(step, back)])
  }
  return found
}

const matchBy = (
  { rows, step }: StepStatement,
  matching: Extract<Matching, { readonly _tag: "columns" }>,
  returned: ReadonlyArray<Row>,
  resolved: Resolved
): Result.Result<ReadonlyArray<readonly [string, Row]>, Unmatched> => {
  const { columns } = matching
  const turn = inTurn({ rows, step }, columns, returned, resolved)
  if (turn !== null) return Result.succeed(turn)
  const types = columns.map((key) => typeOf(step.table, key))
  const places = columns.map((key) => step.columns.indexOf(key))
  const textOf = (cell: (at: number) => unknown): string =>
    types.map((type, at) => cellText(type, cell(at))).join()
  const byText = byGiven((row) => textOf((at) => row[columns[at]!]), returned, step.table)
  const found: Array<readonly [string, Row]> = []
  for (const { cells, ref } of rows) {
    const text = textOf((at) => resolveCell(cells[places[at]!], resolved))
    const row = byText.get(text)?.pop()
    if (row === undefined)
      return unmatched(step.table, "a row came back with other values than it was given")
    found.push([ref.id, madeOf(step, row)])
  }
  return Result.succeed(found)
}

/**
 * Which values the server made for which row: entries for `Resolved`.
 *
 * **Shape** `returned` holds the rows that came back, or `{ [column]: insertId }`. Proof only: one
 * row of a statement of one, or rows told apart by columns the client had given.
 * **Errors** `Unmatched` where the proof fails, as a trigger that rewrites a key can make it.
 */
export const absorb = (
  statement: StepStatement,
  returned: ReadonlyArray<Row>,
  resolved: Resolved
): Result.Result<ReadonlyArray<readonly [string, Row]>, Unmatched> => {
  const {
    rows,
    step: { matching, table }
  } = statement
  if (matching._tag === "nothing") return Result.succeed([])
  if (returned.length !== rows.length) {
    return unmatched(table, `${returned.length} rows came back of ${rows.length}`)
  }
  return matching._tag === "columns"
    ? matchBy(statement, matching, returned, resolved)
    : Result.succeed([[rows[0]!.ref.id, returned[0]!]])
}
