import type { Assigned } from "../../../algebra/assigned.ts"
import * as C from "../../../algebra/Command.ts"
import type { Command, Delete, Insert, Update } from "../../../algebra/Command.ts"
import { walk } from "../../../algebra/fold.ts"
import * as R from "../../../algebra/Relation.ts"
import type { RowShape } from "../../../algebra/RowShape.ts"
import * as S from "../../../algebra/Scalar.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import type { ColumnNode, TableSource } from "../../../algebra/Source.ts"
import { boolean } from "../../../algebra/types.ts"
import type { Context } from "../../Program.ts"
import { columnByColumn } from "../emulate/columnByColumn.ts"
import { byLeast, isSettled } from "../emulate/leastRows.ts"
import { projectionOf } from "../place/sources.ts"
import { guarded } from "./guard.ts"
import type { CellOf, Rule } from "./rules.ts"

/** A command that sees visible rows only and leaves none outside. */
export const policed = (
  command: Insert | Update | Delete,
  rulesOf: RulesOf,
  context: Context
): Command => {
  const written = command._tag === "Insert" ? [command] : [command, ...command.also]
  if (written.every(({ table }) => rulesOf(table).length === 0)) return command
  switch (command._tag) {
    case "Insert":
      return inserted(command, rulesOf(command.table), context)
    case "Update":
      return updated(command, rulesOf, context)
    case "Delete":
      return deleted(command, rulesOf, context)
  }
}

type RulesOf = (table: TableSource) => ReadonlyArray<Rule>

const returningOf = ({ returned, shape }: Command): C.Returning | null =>
  shape === null ? null : { fields: returned, shape }

/** Rows an insert proposes, filled and guarded, one after the other. */
interface Proposal {
  readonly columns: ReadonlyArray<string>
  readonly cells: ReadonlyArray<Scalar>
}

const inserted = (node: Insert, rules: ReadonlyArray<Rule>, context: Context): Command => {
  const { table } = node
  const { derived, proposed } = proposals(node)
  const { cells, columns } = proposedRows(table, node.columns, proposed, rules, context)
  const more = { ...upserted(node, rules, context), ordered: node.ordered }
  return derived === null
    ? C.insert(table, columns, cells, node.rowCount, returningOf(node), more)
    : C.insert(table, columns, [], 0, returningOf(node), {
        ...more,
        rows: R.project(derived, cells, recordOf(cells))
      })
}

/** Rows on their way into a table: what the policies give is in them, and each is checked. */
export const proposedRows = (
  table: TableSource,
  own: ReadonlyArray<string>,
  proposed: ReadonlyArray<ReadonlyArray<Scalar>>,
  rules: ReadonlyArray<Rule>,
  context: Context
): Proposal => {
  const fills = rules.flatMap(({ fill }) => (fill === null ? [] : [fill]))
  const added = fills.filter(
    ({ column }, i) =>
      !own.includes(column) && fills.findIndex((one) => one.column === column) === i
  )
  const given = own.length + added.length > 0 ? [] : [sayable(table)]
  const columns = [...own, ...added.map(({ column }) => column), ...given]
  const rows = proposed.map((row) => [
    ...row.map((cell, i) => filled(cell, table.byKey.get(columns[i]!)!, fills)),
    ...added.map(({ value }) => value),
    ...given.map((key) => left(table, key, context))
  ])
  const cells = rows.flatMap((row) => {
    const said = row.map((cell, i) =>
      cell._tag === "Default" && !table.byKey.get(columns[i]!)!.identity
        ? left(table, columns[i]!, context)
        : cell
    )
    const cell: CellOf = (key) => {
      const at = columns.indexOf(key)
      return at < 0 || said[at]!._tag === "Default"
        ? left(table, key, context)
        : repeatable(said[at]!, key, context)
    }
    const checks = rules.filter(
      ({ fill, retire }) =>
        // What the policy gives keeps it, and so does a NULL the column has of itself.
        !(fill !== null && added.includes(fill)) &&
        !(retire !== null && !columns.includes(retire.key) && retire.serverDefault === null)
    )
    return checks.length === 0 ? row : guardedFirst(said, checks, cell, context)
  })
  return { columns, cells }
}

/** The rows an insert proposes: its own, or the one that stands for all of a query's. */
const proposals = ({ cells, columns, rowCount, rows }: Insert) => {
  if (rows === null) {
    const width = columns.length
    const own = Array.from({ length: rowCount }, (_, i) => cells.slice(i * width, (i + 1) * width))
    return { derived: null, proposed: own }
  }
  const source = Object.freeze({ _tag: "DerivedSource", query: rows } as const)
  const { fields, shape } = projectionOf(rows)
  const refs = fields.map(({ type }, i) => S.ref("rows", source, pathTo(shape, i) ?? [], type))
  return { derived: R.derived(source, "rows"), proposed: [refs] }
}

/** Where a row has the value of a field. */
const pathTo = (shape: RowShape, index: number): ReadonlyArray<string> | null => {
  if (shape._tag === "Cell") return shape.index === index ? ["value"] : null
  for (const [i, part] of shape.parts.entries()) {
    if (part._tag === "Cell" && part.index === index) return [shape.keys[i]!]
    const inside = part._tag === "Record" ? pathTo(part, index) : null
    if (inside !== null) return [shape.keys[i]!, ...inside]
  }
  return null
}

const recordOf = (fields: ReadonlyArray<Scalar>): RowShape => ({
  _tag: "Record",
  keys: fields.map((_, i) => `c${i}`),
  parts: fields.map((_, index) => ({ _tag: "Cell", index })),
  presence: null,
  prototype: null
})

/** The first cell that can fail does, where a check does not hold. */
const guardedFirst = (
  row: ReadonlyArray<Scalar>,
  checks: ReadonlyArray<Rule>,
  cell: CellOf,
  context: Context
): ReadonlyArray<Scalar> => {
  const at = row.findIndex((one) => one._tag !== "Default")
  if (at < 0) context.refuse("policyCheck", "a row of keys that the server makes")
  return row.map((one, i) => (i === at ? guardedBy(one, checks, cell) : one))
}

/** A row that is there and not visible is not changed: the statement fails as for a key taken. */
const upserted = (node: Insert, rules: ReadonlyArray<Rule>, context: Context): C.InsertMore => {
  const { changes, condition, conflict, table } = node
  if (conflict === null || conflict.columns.length === 0) return { conflict, changes, condition }
  const old = cellsOf(table.name, table)
  const made = changes.map((change, i) =>
    change._tag === "Default" ? left(table, conflict.columns[i]!, context) : change
  )
  const next: CellOf = (key) => {
    const at = conflict.columns.indexOf(key)
    return at < 0 ? old(key) : repeatable(made[at]!, key, context)
  }
  const checks = rules.filter(
    ({ checksVisible, reads }) => !checksVisible || conflict.columns.some((key) => reads.has(key))
  )
  const seen = rules.reduce(
    (last, { index, visible }) => guarded(last, visible(old), index),
    guardedBy(made[0]!, checks, next)
  )
  return { conflict, condition, changes: [seen, ...made.slice(1)] }
}

/** A column to say in a row of defaults, so that its value can be guarded. */
const sayable = (table: TableSource): string =>
  (table.columns.find((column) => !column.identity) ?? table.columns[0]!).key

/** A column that may be NULL is left out by giving NULL. */
const filled = (
  cell: Scalar,
  { key, nullable, serverDefault, type }: ColumnNode,
  fills: ReadonlyArray<NonNullable<Rule["fill"]>>
): Scalar => {
  const fill = nullable ? fills.find(({ column }) => column === key) : undefined
  if (fill === undefined) return cell
  const given = cell._tag === "Default" ? serverDefault : cell
  return given === null ? fill.value : S.call("coalesce", [given, fill.value], type)
}

/** New values of a visible row that leave it visible. */
export const checkedValues = (
  node: Pick<Update, "table" | "alias" | "columns" | "values">,
  rules: ReadonlyArray<Rule>,
  context: Context
): ReadonlyArray<Scalar> => {
  const old = cellsOf(node.alias, node.table)
  const assigned = new Map(
    node.columns.map((key, i) => {
      const value = node.values[i]!
      return [key, value._tag === "Default" ? left(node.table, key, context) : value]
    })
  )
  const next: CellOf = (key) => {
    const value = assigned.get(key)
    return value === undefined ? old(key) : repeatable(value, key, context)
  }
  return rules.length === 0
    ? node.values
    : guardedFirst([...assigned.values()], rules, next, context)
}

/** What may turn a visible row into one that is not, or that may not be written. */
export const rulesOver = (
  rules: ReadonlyArray<Rule>,
  columns: ReadonlyArray<string>
): ReadonlyArray<Rule> =>
  rules.filter(
    ({ checksVisible, reads }) => !checksVisible || columns.some((key) => reads.has(key))
  )

/**
 * The rows beside a command's own are visible ones already, so what is left of the other tables it
 * writes is what their new values may be.
 */
const updated = (given: Update, rulesOf: RulesOf, context: Context): Command => {
  const own = rulesOf(given.table)
  const owners = [given, ...given.also].map(({ alias, columns, table }) => ({
    alias,
    columns,
    table
  }))
  const checksOf = (
    { columns, table }: (typeof owners)[number],
    more: ReadonlyArray<string> = []
  ) => rulesOver(rulesOf(table), [...columns, ...more])
  // A row of a query is checked column by column.
  const isRow = given.row !== null && checksOf(owners[0]!, given.rowColumns).length > 0
  const whole = isRow ? columnByColumn(given) : given
  const first = { ...owners[0]!, columns: whole.columns }
  const checks = [checksOf(first, whole.rowColumns), ...owners.slice(1).map((one) => checksOf(one))]
  // What is checked is the row that comes of it, not each that could.
  const isChecked = checks.some((rules) => rules.length > 0)
  const node = !isChecked || given.also.length > 0 || isSettled(whole) ? whole : byLeast(whole)
  let next = 0
  const values = [first, ...owners.slice(1)].flatMap((owner, i) => {
    const part = { ...owner, values: node.values.slice(next, (next += owner.columns.length)) }
    return checkedValues(part, checks[i]!, context)
  })
  const old = cellsOf(node.alias, node.table)
  const where = S.and([...own.map(({ visible }) => visible(old)), node.where], boolean)
  return C.update(node.table, node.alias, node.columns, values, where, returningOf(node), node)
}

const deleted = (node: Delete, rulesOf: RulesOf, context: Context): Command => {
  const { alias, also, directions, limit, order, table, using } = node
  const rules = rulesOf(table)
  const where = S.and(
    [...rules.map(({ visible }) => visible(cellsOf(alias, table))), node.where],
    boolean
  )
  const retired = [node, ...also].map((one) => retirement(one.table, rulesOf(one.table)))
  if (retired.every((one) => one === null))
    return C.remove(table, alias, where, returningOf(node), node)
  if (retired.includes(null))
    context.refuse("policy", "one DELETE that removes rows of one table and marks those of another")
  return C.update(
    table,
    alias,
    retired[0]?.columns ?? [],
    retired.flatMap((one) => one?.values ?? []),
    where,
    returningOf(node),
    {
      directions,
      limit,
      order,
      from: using,
      also: also.map((one, i) => ({ ...one, columns: retired[i + 1]?.columns ?? [] }))
    }
  )
}

/** What becomes of a row that is removed and stays; null where it goes. */
export const retirement = (table: TableSource, rules: ReadonlyArray<Rule>): Assigned | null => {
  // Two policies may go by one column.
  const retired = [...new Set(rules.flatMap(({ retire }) => (retire === null ? [] : [retire])))]
  if (retired.length === 0) return null
  const changed = table.columns.filter(
    (column) => column.onUpdate !== null && !retired.includes(column)
  )
  return {
    columns: [...retired, ...changed].map(({ key }) => key),
    values: [
      ...retired.map(({ type }) => S.generated({ _tag: "Now" }, type)),
      ...changed.map(({ onUpdate, type }) => S.generated(onUpdate!, type))
    ]
  }
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
    if (S.isVolatile(node) || node._tag === "Raw" || node._tag === "CustomScalar")
      context.refuse("policyCheck", `a policy that reads "${key}", whose value is drawn or raw`)
  })
  return value
}
