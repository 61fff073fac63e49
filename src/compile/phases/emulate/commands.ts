import {
  type Command,
  type Delete,
  remove,
  type Returning,
  type Update,
  update
} from "../../../algebra/Command.ts"
import { holds, walk } from "../../../algebra/fold.ts"
import * as R from "../../../algebra/Relation.ts"
import type { Relation } from "../../../algebra/Relation.ts"
import type { RowShape } from "../../../algebra/RowShape.ts"
import * as S from "../../../algebra/Scalar.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import type { TableSource } from "../../../algebra/Source.ts"
import { isDrawn } from "../../../algebra/volatile.ts"
import { booleanType, integerType } from "../../internalTypes.ts"
import type { Context } from "../../Program.ts"
import { inReadingOrder } from "../place/assignments.ts"
import { projectionOf } from "../place/sources.ts"
import { readsTable } from "../place/written.ts"
import { byLeast, isSettled } from "./leastRows.ts"
import { columnByColumn } from "./columnByColumn.ts"
import { aliasesOf, determinedBy } from "./matches.ts"

/**
 * UPDATE and DELETE in the clauses a server has: others' rows by subqueries, the first rows by
 * their key, columns that read each other by a query of their new values.
 *
 * **Laws** L1: the database after it is the command's; L27.
 */
export const emulateCommand = (node: Command, context: Context): Command => {
  switch (node._tag) {
    case "Insert":
      return node
    case "Update":
      return simultaneous(byRows(firstRows(rowOf(node, context), context), context), context)
    case "Delete":
      return using(firstDeleted(node, context), context)
    case "Merge":
      return node
  }
}

/** One row of a query, where the server has it for several columns. */
const rowOf = (node: Update, context: Context): Update =>
  context.capabilities.rowAssignment && node.from === null ? node : columnByColumn(node)

const backOf = ({ returned, shape }: Update | Delete): Returning | null =>
  shape === null ? null : { fields: returned, shape }

const rebuilt = (node: Update, more: Partial<Update>): Update => {
  const next = { ...node, ...more }
  const { alias, columns, table, values, where } = next
  return update(table, alias, columns, values, where, backOf(node), next)
}

const cell: RowShape = Object.freeze({ _tag: "Cell", index: 0 })

const projected = (query: Relation): ReadonlyArray<Scalar> => projectionOf(query).fields

// The first rows by an order

/**
 * MariaDB 10.11.19 computes the new values of sorted rows from another row where the condition
 * seeks something IN a query over the same table: `update g set p = g.p where 0 in (select 0 from b
 * join g t) order by p limit 1`.
 */
const saysFirst = (node: Update | Delete, { capabilities }: Context): boolean => {
  const values = node._tag === "Update" ? node.values : []
  const within = [node.where, ...values, ...node.order]
  return (
    capabilities.limitedWrite &&
    !(capabilities.dialect === "mariadb" && readsInside(node.table, within, null))
  )
}

const firstRows = (node: Update, context: Context): Update =>
  node.limit === null || saysFirst(node, context)
    ? node
    : rebuilt(node, { where: byKey(node, context), order: [], directions: [], limit: null })

const firstDeleted = (node: Delete, context: Context): Delete =>
  node.limit === null || saysFirst(node, context)
    ? node
    : remove(node.table, node.alias, byKey(node, context), backOf(node))

/** The key is among those of the first rows. */
const byKey = (node: Update | Delete, context: Context): Scalar => {
  const { alias, directions, limit, order, table, where } = node
  const key = keyOf(table, alias)
  if (key.length === 0) {
    context.refuse("limitedWrite", `the first rows of "${table.name}", which has no primary key`)
    return where
  }
  const rows = R.filter(R.table(table, alias), where)
  const [only] = key
  if (key.length === 1) {
    const query = R.slice(R.order(R.project(rows, key, cell), order, directions), limit, null)
    return S.inQuery(only!, query, booleanType)
  }
  const chosen = R.slice(
    R.order(R.project(rows, key, numbered(key)), order, directions),
    limit,
    null
  )
  const { conditions, relation } = matching(key, chosen, freshAlias(node))
  return S.exists(R.filter(relation, S.and(conditions, booleanType)), booleanType)
}

const keyOf = (table: TableSource, alias: string): ReadonlyArray<Scalar> =>
  table.primaryKey.map((key) => S.ref(alias, table, [key], table.byKey.get(key)!.type))

const numbered = (fields: ReadonlyArray<Scalar>): RowShape => ({
  _tag: "Record",
  keys: fields.map((_, i) => `c${i}`),
  parts: fields.map((_, index) => ({ _tag: "Cell", index })),
  presence: null,
  prototype: null
})

/** A derived table whose first columns equal a key. */
const matching = (key: ReadonlyArray<Scalar>, query: Relation, alias: string) => {
  const source = Object.freeze({ _tag: "DerivedSource", query } as const)
  const columns = projected(query).map((field, i) => S.ref(alias, source, [`c${i}`], field.type))
  return {
    relation: R.derived(source, alias),
    columns,
    conditions: key.map((one, i) => S.compare("eq", columns[i]!, one, booleanType))
  }
}

const freshAlias = (node: Command): string => {
  const taken = new Set<string>([node.table.name.toLowerCase()])
  walk(node, (one) => {
    if ("alias" in one) taken.add(one.alias.toLowerCase())
  })
  let alias = "changed"
  for (let i = 1; taken.has(alias); i++) alias = `changed${i}`
  return alias
}

// Rows of other sources

/** What the server says itself, or the values and the condition by subqueries over the sources. */
const byRows = (node: Update, context: Context): Update => {
  const { also, from, values, where } = node
  const { updateFrom } = context.capabilities
  if (also.length > 0) return severalTables(node, context)
  if (from === null) return node
  const joins =
    updateFrom === "join" &&
    !readsWritten(node) &&
    !readsInside(node.table, [...values, where], from)
  const settled = isSettled(node)
  if (settled && (updateFrom === "from" || joins)) return node
  if (!settled && isDrawnFrom(from, context))
    context.refuse("ambiguousUpdate", "an UPDATE that several rows match, drawn for each new value")
  return byLeast(node)
}

/** Whether these rows may be others each time they are asked for. */
const isDrawnFrom = (from: Relation, { capabilities }: Context): boolean =>
  holds(from, (one) => (one._tag === "Sample" && capabilities.tableSample) || isDrawn(one))

/** Columns of a table that new values or a condition read. */
const readsOf = (root: Scalar | Relation, alias: string): ReadonlySet<string> => {
  const out = new Set<string>()
  walk(root, (one) => {
    if (one._tag === "Ref" && one.alias === alias) out.add(one.path[0]!)
  })
  return out
}

/** A joined UPDATE promises no order of its assignments: none may read what another writes. */
const readsWritten = ({ alias, also, columns, values }: Update): boolean => {
  const written = [{ alias, columns }, ...also].flatMap((owner) =>
    owner.columns.map((column) => ({ alias: owner.alias, column }))
  )
  return values.some((value, i) =>
    written.some((one, j) => i !== j && readsOf(value, one.alias).has(one.column))
  )
}

/** Each table's values must be settled by its own row. */
const severalTables = (node: Update, context: Context): Update => {
  const { alias, also, columns, from, values, where } = node
  if (!context.capabilities.multiTableUpdate) {
    context.refuse("multiTableUpdate", "one UPDATE of several tables")
    return node
  }
  const all = R.join("cross", R.table(node.table, alias), from!, S.constant(true, booleanType))
  let next = 0
  for (const owner of [{ alias, columns }, ...also]) {
    const determined = determinedBy(owner.alias, all, where)
    for (const value of values.slice(next, (next += owner.columns.length))) {
      const settled = [...aliasesOf(value)].every(
        (one) => one === owner.alias || determined.has(one)
      )
      if (!settled)
        context.refuse("ambiguousUpdate", `an UPDATE that several rows of another table match`)
    }
  }
  if (readsWritten(node))
    context.refuse("simultaneousAssignment", "an UPDATE of several tables that read each other")
  checkInside(node, [...values, where], from, context)
  return besideItself(node)
}

/**
 * MariaDB 10.11 writes a row of the first table as soon as it meets one, and finds no more rows
 * that go with it where the condition reads what was written. Not so of a table that is there
 * twice: such a one stands once more, for no row.
 */
const besideItself = (node: Update): Update =>
  [node, ...node.also]
    .filter(({ alias, columns }) => {
      const read = [node.where, node.from!].map((one) => readsOf(one, alias))
      return columns.some((column) => read.some((names) => names.has(column)))
    })
    .reduce<Update>((all, { table }) => {
      const again = R.table(table, freshAlias(all))
      const from = R.join("left", all.from!, again, S.constant(false, booleanType))
      return rebuilt(all, { from })
    }, node)

/** What is written with others may stand in no subquery: there is no other way to say it. */
const checkInside = (
  node: Update | Delete,
  within: ReadonlyArray<Scalar>,
  beside: Relation | null,
  context: Context
): void => {
  for (const { table } of [node, ...node.also])
    if (readsInside(table, within, beside))
      context.refuse("readsWrittenTable", `a write of several tables that reads ${table.name}`)
}

const using = (node: Delete, context: Context): Delete => {
  const { deleteUsing, multiTableDelete } = context.capabilities
  if (node.also.length > 0) {
    if (!multiTableDelete) context.refuse("multiTableDelete", "one DELETE from several tables")
    if (node.shape !== null)
      context.refuse("deleteReturning", "DELETE from several tables … RETURNING")
    checkInside(node, [node.where], node.using, context)
    return node
  }
  if (node.using === null) return node
  // MariaDB gives nothing back of a joined DELETE.
  const joins =
    deleteUsing === "join" &&
    node.shape === null &&
    !readsInside(node.table, [node.where], node.using)
  if (deleteUsing === "using" || joins) return node
  const where = S.exists(R.filter(node.using, node.where), booleanType)
  return remove(node.table, node.alias, where, backOf(node))
}

/** Joined statements may not read what they write in a subquery, alone they may. */
const readsInside = (
  table: TableSource,
  within: ReadonlyArray<Scalar>,
  beside: Relation | null
): boolean =>
  within.some((one) => readsTable(one, table)) || (beside !== null && asksFor(beside, table))

/** Whether a condition among the sources asks for the table by a query. */
const asksFor = (beside: Relation, table: TableSource): boolean =>
  holds(beside, (one) => "query" in one && readsTable(one.query, table))

// Columns that read each other

/**
 * Where assignments see those before them and have no order that hides it, the new values are
 * computed by a query first and joined by the key.
 */
const simultaneous = (node: Update, context: Context): Update => {
  const { alias, columns, from, table, values } = node
  if (from !== null) return node
  if (context.capabilities.dialect === "sqlite") return beforehand(node, context)
  if (context.capabilities.simultaneousAssignment) return node
  const sets = columns.map((column, i) => ({ column, reads: readsOf(values[i]!, alias) }))
  const hasOrder =
    inReadingOrder(
      sets,
      ({ column }) => column,
      ({ reads }) => reads
    ) !== null
  const key = keyOf(table, alias)
  if (hasOrder || key.length === 0 || values.some((one) => one._tag === "Default")) return node
  const fields = [...key, ...values]
  const rows = R.project(R.filter(R.table(table, alias), node.where), fields, numbered(fields))
  // A server that merged the query into the statement would compute its columns too late.
  const kept =
    node.limit === null
      ? R.slice(rows, null, S.constant(0, integerType))
      : R.slice(R.order(rows, node.order, node.directions), node.limit, null)
  const { columns: made, conditions, relation } = matching(key, kept, freshAlias(node))
  return rebuilt(node, {
    values: made.slice(key.length),
    from: relation,
    where: S.and(conditions, booleanType),
    order: [],
    directions: [],
    limit: null
  })
}

/**
 * SQLite computes a row's new values after it wrote the rows before it, which a query over the
 * table sees. With a FROM it computes all of them first.
 *
 * **Source** sqlite.org/lang_update, 2.2 UPDATE FROM; found by L1 in 3.53.
 */
const beforehand = (node: Update, context: Context): Update => {
  const { row, table, values } = node
  const reads = [...values, row].some((one) => one !== null && readsTable(one, table))
  if (!reads) return node
  if (context.capabilities.updateFrom !== "from") {
    context.refuse("readsWrittenTable", `an UPDATE of ${table.name} that reads it in a subquery`)
    return node
  }
  const one = S.constant(1, integerType)
  const query = R.project(R.unit, [one], cell)
  const source = Object.freeze({ _tag: "DerivedSource", query } as const)
  return rebuilt(node, { from: R.derived(source, freshAlias(node)) })
}
