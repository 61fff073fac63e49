/**
 * A database of a few rows that checks every constraint after every row, not after every statement.
 *
 * What passes here passes on a server: SQLite, PostgreSQL and MariaDB all check less often. In
 * `mariadb` mode two more things fail, as they do there: deleting a row that refers to itself, and
 * rows of one DELETE that rely on each other's order.
 */
import * as Result from "effect/Result"
import type { ForeignKey, TableSource } from "../../../src/algebra/Source.ts"
import {
  type FlushPlan,
  type Resolved,
  statements,
  type StepRow,
  type StepStatement
} from "../../../src/mapping/FlushPlan.ts"
import { absorb } from "../../../src/mapping/flush/toCommand.ts"
import { resolveCell } from "../../../src/mapping/flush/settle.ts"
import type { Row } from "../../../src/mapping/RowRef.ts"

export type Mode = "strict" | "mariadb"

export interface World {
  readonly rows: ReadonlyMap<TableSource, ReadonlyArray<Row>>
  /** The next generated key of every table. */
  readonly nextKey: number
}

/** A constraint is broken: by the message of this error. */
export class Broken extends Error {}

const broken = (message: string): never => {
  throw new Broken(message)
}

interface Running {
  readonly rows: Map<TableSource, Array<Row>>
  nextKey: number
  readonly resolved: Map<string, Row>
  readonly mode: Mode
}

interface Checks {
  readonly uniques: ReadonlyArray<{
    readonly name: string
    readonly columns: ReadonlyArray<string>
  }>
  readonly foreignKeys: ReadonlyArray<ForeignKey>
}

const checksOf = new WeakMap<TableSource, Checks>()

const checksFor = (table: TableSource): Checks => {
  let checks = checksOf.get(table)
  if (checks === undefined) {
    checksOf.set(
      table,
      (checks = {
        uniques: [{ name: "primary key", columns: table.primaryKey }, ...table.uniques()],
        foreignKeys: table.foreignKeys()
      })
    )
  }
  return checks
}

const agree = (a: Row, of: ReadonlyArray<string>, b: Row, on: ReadonlyArray<string>): boolean => {
  for (let i = 0; i < of.length; i++) {
    if (a[of[i]!] === null || a[of[i]!] !== b[on[i]!]) return false
  }
  return true
}

const checkTable = (running: Running, table: TableSource, rows: ReadonlyArray<Row>): void => {
  const { foreignKeys, uniques } = checksFor(table)
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!
    for (const { columns, name } of uniques) {
      for (let j = 0; j < i; j++) {
        if (agree(row, columns, rows[j]!, columns)) broken(`${table.name}: unique ${name}`)
      }
    }
    for (const { columns, name, target, targetColumns } of foreignKeys) {
      if (columns.some((key) => row[key] === null)) continue
      const targets = running.rows.get(target) ?? []
      if (!targets.some((one) => agree(row, columns, one, targetColumns))) {
        broken(`${table.name}: foreign key ${name}`)
      }
    }
  }
}

/** Every constraint of every table. */
export const checkAll = (running: Pick<Running, "rows">): void => {
  for (const [table, rows] of running.rows) checkTable(running as Running, table, rows)
}

const checkNulls = (table: TableSource, row: Row): void => {
  for (const { key, nullable } of table.columns) {
    if (row[key] === undefined) broken(`${table.name}.${key} has no value`)
    if (row[key] === null && !nullable) broken(`${table.name}.${key} is null`)
  }
}

const find = (
  rows: ReadonlyArray<Row>,
  { step }: StepStatement,
  row: StepRow,
  resolved: Resolved
) => {
  const key = row.key.map((cell) => resolveCell(cell, resolved))
  return rows.findIndex((one) => step.keyColumns.every((column, i) => one[column] === key[i]))
}

const runInsert = (running: Running, { step }: StepStatement, row: StepRow): Row => {
  const made: Record<string, unknown> = {}
  step.columns.forEach((column, i) => {
    made[column] = resolveCell(row.cells[i], running.resolved)
  })
  for (const { identity, key } of step.table.columns) {
    if (identity && made[key] === undefined) made[key] = running.nextKey++
  }
  checkNulls(step.table, made)
  running.rows.get(step.table)!.push(made)
  return made
}

const runUpdate = (running: Running, statement: StepStatement, row: StepRow): boolean => {
  const { step } = statement
  const rows = running.rows.get(step.table)!
  const at = find(rows, statement, row, running.resolved)
  if (at < 0) return false
  const cells = step.columns.map((column, i) => [
    column,
    resolveCell(row.cells[i], running.resolved)
  ])
  rows[at] = { ...rows[at], ...Object.fromEntries(cells) }
  checkNulls(step.table, rows[at]!)
  return true
}

const runDelete = (running: Running, statement: StepStatement, row: StepRow): boolean => {
  const { table } = statement.step
  const rows = running.rows.get(table)!
  const at = find(rows, statement, row, running.resolved)
  if (at < 0) return false
  const isOwn = (one: ForeignKey) =>
    one.target === table && agree(rows[at]!, one.columns, rows[at]!, one.targetColumns)
  if (running.mode === "mariadb" && checksFor(table).foreignKeys.some(isOwn)) {
    broken(`${table.name}: the row refers to itself`)
  }
  const [gone] = rows.splice(at, 1)
  cascade(running, table, gone!)
  return true
}

/** What goes with a row by ON DELETE CASCADE. */
const cascade = (running: Running, table: TableSource, gone: Row): void => {
  for (const [owner, rows] of running.rows)
    for (const { columns, onDelete, target, targetColumns } of checksFor(owner).foreignKeys) {
      if (target !== table || onDelete !== "cascade") continue
      const left = rows.filter((row) => !agree(row, columns, gone, targetColumns))
      const taken = rows.filter((row) => !left.includes(row))
      rows.splice(0, rows.length, ...left)
      for (const row of taken) cascade(running, owner, row)
    }
}

const runStatement = (running: Running, statement: StepStatement): number => {
  const { step } = statement
  const isReversed = running.mode === "mariadb" && step.kind === "delete"
  const rows = isReversed ? statement.rows.toReversed() : statement.rows
  const inserted: Array<Row> = []
  let matched = 0
  for (const row of rows) {
    if (step.kind === "insert") inserted.push(runInsert(running, statement, row))
    const isFound =
      step.kind === "insert" ||
      (step.kind === "update" ? runUpdate : runDelete)(running, statement, row)
    if (isFound) matched++
    checkAll(running)
  }
  // No server promises an order of returned rows: give the worst one.
  const wanted = step.matching._tag === "columns" ? step.matching.columns : []
  const pick = (row: Row): Row =>
    Object.fromEntries([...step.returns, ...wanted].map((key) => [key, row[key]]))
  const found = absorb(statement, inserted.map(pick).toReversed(), running.resolved)
  if (Result.isFailure(found)) return broken(found.failure.message)
  for (const [id, row] of found.success) running.resolved.set(id, row)
  return matched
}

/** What running a plan gives; `Broken` is thrown where a constraint is, or where `failAt` says. */
export const run = (
  world: World,
  plan: FlushPlan,
  mode: Mode,
  failAt = -1
): { readonly world: World; readonly resolved: Resolved; readonly statements: number } => {
  const running: Running = {
    rows: new Map([...world.rows].map(([table, rows]) => [table, [...rows]])),
    nextKey: world.nextKey,
    resolved: new Map(),
    mode
  }
  let count = 0
  for (const step of plan.steps) {
    let matched = 0
    for (const statement of statements(step)) {
      if (count++ === failAt) broken(`injected at statement ${failAt}`)
      matched += runStatement(running, statement)
    }
    if (matched !== step.expects) broken(`${step.table.name}: ${matched} rows of ${step.expects}`)
  }
  return {
    world: { rows: running.rows, nextKey: running.nextKey },
    resolved: running.resolved,
    statements: count
  }
}
