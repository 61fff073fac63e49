import { tableKeys } from "../../../algebra/schema/tableKeys.ts"
import { excluded, type Insert } from "../../../algebra/Command.ts"
import { children, holds, walk } from "../../../algebra/fold.ts"
import { caseOf, constant, type Presence, raw, type Ref } from "../../../algebra/Scalar.ts"
import type { TableSource } from "../../../algebra/Source.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import { countingOf } from "../../counting.ts"
import { booleanType } from "../../internalTypes.ts"
import type { Context } from "../../Program.ts"
import {
  type Assignment,
  type Column,
  type Item,
  type PlacedCommand,
  type PlacedConflict,
  type Query,
  type Term,
  typeOf
} from "../../Placed.ts"
import { orderAssignments } from "./assignments.ts"
import type { Placer } from "./relations.ts"
import { emptyScope, type Scope, type Visible } from "./Scope.ts"
import { tableVisible } from "./sources.ts"
import { hasQuery } from "./saidInside.ts"
import { operator } from "./operator.ts"
import {
  cellTerm,
  checkColumns,
  checkRead,
  checkSelfRead,
  readsTable,
  returnedItems
} from "./written.ts"

export const placeInsert = (node: Insert, places: Placer, context: Context): PlacedCommand => {
  const { capabilities } = context
  const { conflict, rowCount, table } = node
  const width = node.columns.length
  const isFull =
    node.rows === null
      ? node.cells.length === width * rowCount && rowCount > 0
      : node.cells.length === 0 && width > 0
  if (!isFull)
    refuse(`an insert has ${node.cells.length} cells for ${rowCount} rows of ${width} columns`)
  checkColumns(table, node.columns)
  // MySQL and MariaDB compute a row's cells after storing the rows before it.
  if (rowCount > 1 && !capabilities.simultaneousAssignment)
    checkRead(node, "INSERT of several rows into", context)
  else if (node.rows === null) checkSelfRead(node, "INSERT into", context)
  const nowhere = emptyScope(null)
  const returned = returnedItems(node, table.name, places, context, "insertReturning")
  return {
    _tag: "Insert",
    table,
    columns: node.columns,
    cells: node.cells.map((cell) => cellTerm(cell, nowhere, places)),
    rowCount,
    rows: node.rows === null ? null : rowsOf(node, node.rows, places, context),
    conflict: conflict === null ? null : placeConflict(node, conflict, places, context),
    returned: [...told(node, capabilities), ...returned]
  }
}

/** What stands before the columns asked for: see `counting.ts`. */
const told = (node: Insert, capabilities: Context["capabilities"]): ReadonlyArray<Item> => {
  const counting = countingOf(node, capabilities)
  if (counting === "written") return [leftAlone]
  const made = node.table.columns.find(({ identity }) => identity)
  if (counting !== "ordered" || made === undefined) return []
  const { name, type } = made
  const key = { _tag: "Column", table: null, name, type, nullable: false, stored: true } as const
  return [{ term: key, label: name }]
}

/** After an upsert's query SQLite takes ON for a join's, and MariaDB its tables for the target. */
const rowsOf = (
  { conflict }: Insert,
  rows: NonNullable<Insert["rows"]>,
  places: Placer,
  context: Context
): Query => {
  const query = places.query(rows, null, "row")
  return conflict === null || context.capabilities.dialect === "postgres"
    ? query
    : places.finish.wrap(query)
}

const placeConflict = (
  node: Insert,
  conflict: NonNullable<Insert["conflict"]>,
  places: Placer,
  context: Context
): PlacedConflict => {
  const { changes, condition, table } = node
  const { upsert } = context.capabilities
  checkColumns(table, conflict.columns)
  if (upsert === "none") context.refuse("upsert", "ON CONFLICT")
  checkTarget(node, conflict, context)
  checkReads(node, context)
  const scope = conflictScope(node)
  const where = condition === null ? null : places.term(condition, scope)
  const sets = conflict.columns.map((key, i): Assignment => {
    const column = table.byKey.get(key)!
    const term = cellTerm(changes[i]!, scope, places)
    return { table: null, column: column.name, path: key, type: column.type, term }
  })
  const on: PlacedConflict = {
    target: conflict.target.map((key) => table.byKey.get(key)!.name),
    partial: conflict.partial,
    sets,
    where
  }
  return upsert === "duplicate" ? onDuplicate(on, table, node, context) : on
}

/**
 * No WHERE there: each column keeps its value where the condition does not hold. A variable of the
 * session remembers that for the other columns and for RETURNING: see `leftAlone`.
 */
const onDuplicate = (
  { partial, sets, target, where }: PlacedConflict,
  table: TableSource,
  node: Insert,
  context: Context
): PlacedConflict => {
  const remembers = countingOf(node, context.capabilities) === "written"
  const made = (sets: ReadonlyArray<Assignment>): PlacedConflict => ({
    target,
    partial,
    where: null,
    sets
  })
  if (sets.length === 0) {
    const { name, type } = table.byKey.get(node.conflict!.target[0] ?? table.columns[0]!.key)!
    const term = ownColumn(table, name, type)
    const alike: Assignment = { table: null, column: name, path: name, type, term }
    const always = operator(constant(false, booleanType), {})
    return made([remembers ? whenTrue(remembered(always), alike, table, context) : alike])
  }
  if (where === null) return made(orderAssignments(sets, table.name, context))
  const kept = (when: Term) => (set: Assignment) => whenTrue(when, set, table, context)
  if (!remembers) return made(orderAssignments(sets.map(kept(where)), table.name, context))
  const [first, ...rest] = orderAssignments(sets, table.name, context)
  return made([kept(remembered(where))(first!), ...rest.map(kept(said(`${left} = 0`)))])
}

const left = "@athanor_left"

const said = (text: string): Term => operator(raw([text], [], booleanType), { holes: [] })

/** The condition, which is remembered where it does not hold. */
const remembered = (where: Term): Term =>
  operator(raw([`(${left} := CASE WHEN `, " THEN 0 ELSE 1 END) = 0"], [], booleanType), {
    holes: [where]
  })

/** Whether the row was written, and forgets: before anything of RETURNING can fail. */
const leftAlone: Item = {
  label: "written",
  term: said(`CASE WHEN ${left} = 1 THEN (${left} := 0) ELSE 1 END`)
}

const ownColumn = (table: TableSource, name: string, type: Column["type"]): Column => ({
  _tag: "Column",
  table: table.name,
  name,
  type,
  nullable: true,
  stored: true
})

const whenTrue = (
  where: Term,
  set: Assignment,
  table: TableSource,
  context: Context
): Assignment => {
  const { column, term, type } = set
  const chosen = operator(caseOf([], [], constant(null, type), type), {
    whens: [where],
    thens: [term._tag === "Default" ? defaultValue(set, table, context) : term],
    otherwise: ownColumn(table, column, typeOf(term))
  })
  return { ...set, term: chosen }
}

/** What DEFAULT stands for, where the keyword may not stand. */
const defaultValue = ({ path, type }: Assignment, table: TableSource, context: Context): Term => {
  const made = table.byKey.get(path)?.serverDefault ?? null
  if (made === null) return operator(constant(null, type), {})
  if (made._tag === "Bound") {
    const generator = { _tag: "Value", value: made.value } as const
    return { _tag: "Parameter", origin: { _tag: "Generated", generator }, type }
  }
  context.refuse("conflictDefault", "DEFAULT of an expression in an upsert with a condition")
  return operator(constant(null, type), {})
}

/** The columns of every key of a table. */
const keysOf = (table: TableSource): ReadonlyArray<ReadonlyArray<string>> =>
  tableKeys(table).map(({ columns }) => columns)

const sameColumns = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((key) => b.includes(key))

const checkTarget = (
  { columns, table }: Insert,
  { columns: changed, partial, target }: NonNullable<Insert["conflict"]>,
  context: Context
): void => {
  checkColumns(table, target)
  if (target.length === 0 && changed.length > 0)
    refuse(`an upsert into "${table.name}" changes rows without naming their key`)
  if (partial !== null && !context.capabilities.partialIndexes)
    context.refuse("partialIndexes", "ON CONFLICT over a partial index")
  const keys = keysOf(table)
  if (target.length > 0 && partial === null && !keys.some((key) => sameColumns(key, target)))
    refuse(`${target.join(", ")}: no key of "${table.name}"; declare it unique`)
  if (context.capabilities.upsert !== "duplicate" || target.length === 0) return
  // A key the server makes meets none that is there.
  const made = ({ identity, key }: TableSource["columns"][number]): boolean =>
    identity && !columns.includes(key)
  const others = keys.filter(
    (key) => !sameColumns(key, target) && !key.some((one) => made(table.byKey.get(one)!))
  )
  if (others.length > 0)
    context.refuse(
      "conflictTarget",
      `an upsert over (${target.join(", ")}) of "${table.name}", which has other keys`
    )
}

/** Whether what is read is the table before the statement or in its midst differs by server. */
const checkReads = (node: Insert, context: Context): void => {
  const { changes, condition, table } = node
  const terms = [...changes, condition].filter((one) => one !== null)
  const { dialect } = context.capabilities
  if (dialect !== "postgres" && terms.some((one) => readsTable(one, table)))
    context.refuse("readsWrittenTable", `an upsert into ${table.name} that reads it`)
  if (context.capabilities.upsert !== "duplicate") return
  for (const term of terms.filter(hasQuery)) {
    walk(term, (one) => {
      if ("query" in one && children(one).some(namesExcluded))
        context.refuse("conflictSubquery", "a subquery that asks for the row an upsert proposes")
    })
  }
}

const namesExcluded = (root: Parameters<typeof walk>[0]): boolean =>
  holds(root, (one) => "alias" in one && one.alias === excluded)

/** The row that is there by its alias, and the proposed one as `excluded`. */
const conflictScope = ({ table }: Insert): Scope => {
  const own = tableVisible(table, table.name, null)
  const proposed: Visible = {
    column: (node: Ref) => {
      const column = table.byKey.get(node.path[0]!)
      return column === undefined
        ? refuse(`the table "${table.name}" has no column "${node.path.join(".")}"`)
        : { _tag: "Proposed", name: column.name, type: column.type }
    },
    present: (node: Presence) => operator(constant(true, node.type), {})
  }
  return {
    ...emptyScope(null),
    visible: (alias, node) => (node.source !== table ? null : alias === excluded ? proposed : own)
  }
}
