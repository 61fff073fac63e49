import * as C from "../../../algebra/Command.ts"
import type { Command, Delete, Insert, Update } from "../../../algebra/Command.ts"
import { walk } from "../../../algebra/fold.ts"
import * as S from "../../../algebra/Scalar.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import type { ColumnNode, TableSource } from "../../../algebra/Source.ts"
import { boolean } from "../../../algebra/types.ts"
import type { Context } from "../../Program.ts"
import { guarded } from "./guard.ts"
import type { CellOf, Rule } from "./rules.ts"

/** A command that sees visible rows only and leaves none outside. */
export const policed = (
  command: Command,
  rules: ReadonlyArray<Rule>,
  context: Context
): Command => {
  if (rules.length === 0) return command
  switch (command._tag) {
    case "Insert":
      return inserted(command, rules, context)
    case "Update":
      return updated(command, rules, context)
    case "Delete":
      return deleted(command, rules)
  }
}

const returningOf = ({ returned, shape }: Command): C.Returning | null =>
  shape === null ? null : { fields: returned, shape }

const inserted = (node: Insert, rules: ReadonlyArray<Rule>, context: Context): Command => {
  const { rowCount, table } = node
  const fills = rules.flatMap(({ fill }) => (fill === null ? [] : [fill]))
  const added = fills.filter(({ column }) => !node.columns.includes(column))
  const given = node.columns.length + added.length > 0 ? [] : [sayable(table)]
  const columns = [...node.columns, ...added.map(({ column }) => column), ...given]
  const rows = Array.from({ length: rowCount }, (_, row) => [
    ...node.cells
      .slice(row * node.columns.length, (row + 1) * node.columns.length)
      .map((cell, i) => filled(cell, table.byKey.get(columns[i]!)!, fills)),
    ...added.map(({ value }) => value),
    ...given.map((key) => left(table, key, context))
  ])
  const cells = rows.flatMap((row) => {
    const cell: CellOf = (key) => {
      const at = columns.indexOf(key)
      return at < 0 ? left(table, key, context) : repeatable(row[at]!, key, context)
    }
    const checks = rules.filter(
      ({ fill, retire }) =>
        // What the policy gives keeps it, and so does a NULL the column has of itself.
        !(fill !== null && added.includes(fill)) &&
        !(retire !== null && !columns.includes(retire.key) && retire.serverDefault === null)
    )
    return checks.length === 0 ? row : [guardedBy(row[0]!, checks, cell), ...row.slice(1)]
  })
  return C.insert(table, columns, cells, rowCount, returningOf(node))
}

/** A column to say in a row of defaults, so that its value can be guarded. */
const sayable = (table: TableSource): string =>
  (table.columns.find((column) => !column.identity) ?? table.columns[0]!).key

/** A column that may be NULL is left out by giving NULL. */
const filled = (
  cell: Scalar,
  { key, nullable, type }: ColumnNode,
  fills: ReadonlyArray<NonNullable<Rule["fill"]>>
): Scalar => {
  const fill = nullable ? fills.find(({ column }) => column === key) : undefined
  return fill === undefined ? cell : S.call("coalesce", [cell, fill.value], type)
}

const updated = (node: Update, rules: ReadonlyArray<Rule>, context: Context): Command => {
  const old = cellsOf(node.alias, node.table)
  const assigned = new Map(node.columns.map((key, i) => [key, node.values[i]!]))
  const next: CellOf = (key) => {
    const value = assigned.get(key)
    return value === undefined ? old(key) : repeatable(value, key, context)
  }
  const checks = rules.filter(
    ({ checksVisible, reads }) => !checksVisible || node.columns.some((key) => reads.has(key))
  )
  const values =
    checks.length === 0
      ? node.values
      : [guardedBy(node.values[0]!, checks, next), ...node.values.slice(1)]
  const where = S.and([...rules.map(({ visible }) => visible(old)), node.where], boolean)
  return C.update(node.table, node.alias, node.columns, values, where, returningOf(node))
}

const deleted = (node: Delete, rules: ReadonlyArray<Rule>): Command => {
  const { alias, table } = node
  const where = S.and(
    [...rules.map(({ visible }) => visible(cellsOf(alias, table))), node.where],
    boolean
  )
  const retired = rules.flatMap(({ retire }) => (retire === null ? [] : [retire]))
  if (retired.length === 0) return C.remove(table, alias, where, returningOf(node))
  const changed = table.columns.filter(
    (column) => column.onUpdate !== null && !retired.includes(column)
  )
  return C.update(
    table,
    alias,
    [...retired, ...changed].map(({ key }) => key),
    [
      ...retired.map(({ type }) => S.generated({ _tag: "Now" }, type)),
      ...changed.map(({ onUpdate, type }) => S.generated(onUpdate!, type))
    ],
    where,
    returningOf(node)
  )
}

/** The columns of a table under an alias. */
export const cellsOf =
  (alias: string, table: TableSource): CellOf =>
  (key) =>
    S.ref(alias, table, [key], table.byKey.get(key)!.type)

const guardedBy = (value: Scalar, rules: ReadonlyArray<Rule>, cell: CellOf): Scalar =>
  rules.reduce((last, { check, index }) => guarded(last, check(cell), index), value)

/** What a column holds that an insert leaves out. */
const left = (table: TableSource, key: string, context: Context): Scalar => {
  const column = table.byKey.get(key)!
  if (column.identity)
    context.refuse("policyCheck", `a policy that reads "${key}", which the server makes`)
  return column.serverDefault ?? S.constant(null, column.type)
}

/** A check says the value again: it must be the same both times. */
const repeatable = (value: Scalar, key: string, context: Context): Scalar => {
  walk(value, (node) => {
    if (node._tag === "Generated" || node._tag === "Raw" || node._tag === "CustomScalar")
      context.refuse("policyCheck", `a policy that reads "${key}", whose value is drawn or raw`)
  })
  return value
}
