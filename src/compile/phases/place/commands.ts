import type { Also, Command, Delete, Update } from "../../../algebra/Command.ts"
import type { Relation } from "../../../algebra/Relation.ts"
import type { TableSource } from "../../../algebra/Source.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import type { Context } from "../../Program.ts"
import type { Assignment, From, PlacedCommand, Sort, Term } from "../../Placed.ts"
import { orderAssignments } from "./assignments.ts"
import { once, openItems } from "./Draft.ts"
import { freshLabel } from "./freshLabel.ts"
import { placeInsert } from "./inserts.ts"
import { placeMerge } from "./merges.ts"
import { countOf } from "./countOf.ts"
import type { Placer } from "./relations.ts"
import type { Scope } from "./Scope.ts"
import { joinedScope, sourceScope } from "./sides.ts"
import { type Offered, projectionOf, tableVisible } from "./sources.ts"
import { yes } from "./operator.ts"
import { asKey, varies } from "./varying.ts"
import { bindsName, cellTerm, checkColumns, checkSelfRead, returnedItems } from "./written.ts"

/** Places a command: its expressions see the table under its alias, and what stands beside it. */
export const placeCommand = (node: Command, places: Placer, context: Context): PlacedCommand => {
  switch (node._tag) {
    case "Insert":
      return placeInsert(node, places, context)
    case "Update":
      return placeUpdate(node, places, context)
    case "Delete":
      return placeDelete(node, places, context)
    case "Merge":
      return placeMerge(node, places, context)
  }
}

/** A command as a common table expression: what it gives back are its columns. */
export const placeWritten = (
  node: Command,
  places: Placer,
  context: Context
): { readonly query: PlacedCommand; readonly offered: Offered } => {
  // Rows of a table have no order.
  const made = placeCommand(
    node._tag === "Insert" && node.ordered ? { ...node, ordered: false } : node,
    places,
    context
  )
  // Nobody asks beforehand what a text inside of a statement gives.
  const query =
    made._tag === "Insert" && made.rows !== null
      ? { ...made, rows: places.finish.byName(made.rows) }
      : made
  const { fields, shape } = projectionOf(node)
  const items = query.returned
  return {
    query,
    offered: {
      shape,
      labels: items.map(({ label }) => label),
      types: fields.map(({ type }) => type),
      flag: once(() => {
        const label = freshLabel("present", items)
        openItems(items).push({ term: yes(), label })
        return label
      }),
      settle: () => undefined,
      query: null
    }
  }
}

const placeUpdate = (node: Update, places: Placer, context: Context): PlacedCommand => {
  const { columns, row, rowColumns, table, values } = node
  if (columns.length + rowColumns.length === 0) refuse(`an update of "${table.name}" sets nothing`)
  checkColumns(table, [...columns, ...rowColumns])
  checkSelfRead(node, "UPDATE of", context)
  const { from, scope } = beside(node, node.from, node.alias, places)
  const joins = from !== null && context.capabilities.updateFrom === "join"
  const owners = [{ alias: node.alias, columns, table }, ...node.also]
  if (values.length !== owners.reduce((sum, owner) => sum + owner.columns.length, 0))
    refuse(`an update of "${table.name}" has another number of values than of columns`)
  let next = 0
  const sets = owners.flatMap((owner) =>
    owner.columns.map((key): Assignment => {
      const column = owner.table.byKey.get(key)!
      return {
        table: joins ? owner.alias : null,
        column: column.name,
        path: key,
        type: column.type,
        term: cellTerm(values[next++]!, scope, places)
      }
    })
  )
  const simultaneous = context.capabilities.simultaneousAssignment || from !== null
  const placed: PlacedCommand = {
    _tag: "Update",
    table,
    alias: node.alias === table.name ? null : node.alias,
    sets: simultaneous ? sets : orderAssignments(sets, node.alias, context),
    row:
      row === null
        ? null
        : {
            columns: rowColumns.map((key) => table.byKey.get(key)!.name),
            query: places.finish.byName(places.query(row, scope, "row"))
          },
    from,
    where: places.term(node.where, scope),
    ...first(node, scope, places, context),
    returned: returnedItems(node, node.alias, places, context, "updateReturning")
  }
  checkWritten(node.also, from, "multiTableUpdate", context)
  return placed
}

const placeDelete = (node: Delete, places: Placer, context: Context): PlacedCommand => {
  const { also, table, using } = node
  checkSelfRead(node, "DELETE of", context)
  // With USING and with JOIN an alias can be said on every server.
  const nameable = context.capabilities.deleteAlias || using !== null
  const renamed = node.alias !== table.name
  const aliased = renamed && nameable
  const said = [node.where, ...node.order, ...node.returned]
  if (renamed && !aliased && said.some((one) => bindsName(one, table.name)))
    context.refuse("deleteAlias", `DELETE FROM ${table.name} under an alias`)
  const called = aliased ? node.alias : table.name
  const { from, scope } = beside(node, using, called, places)
  const placed: PlacedCommand = {
    _tag: "Delete",
    table,
    alias: aliased ? node.alias : null,
    using: from,
    also: also.map(({ alias }) => alias),
    where: places.term(node.where, scope),
    ...first(node, scope, places, context),
    returned: returnedItems(node, called, places, context, "deleteReturning")
  }
  checkWritten(also, from, "multiTableDelete", context)
  return placed
}

/** What is written beside the own table must stand there as it is: asked once all is placed. */
const checkWritten = (
  also: ReadonlyArray<Also>,
  from: From | null,
  capability: "multiTableUpdate" | "multiTableDelete",
  context: Context
): void => {
  for (const { alias } of also)
    if (from === null || !standsPlain(from, alias))
      context.refuse(capability, `"${alias}" written where it stands as a query`)
}

const standsPlain = (from: From, alias: string): boolean =>
  from._tag === "JoinFrom"
    ? standsPlain(from.left, alias) || standsPlain(from.right, alias)
    : from._tag === "TableFrom" && from.alias === alias && from.flag === null

/** The written table under the alias its references use, printed as `called`, and its company. */
const beside = (
  node: Update | Delete,
  relation: Relation | null,
  called: string,
  places: Placer
): { readonly from: From | null; readonly scope: Scope } => {
  const own = sourceScope(node.alias, tableVisible(node.table, called, null), null)
  checkAlso(node.also, node.table)
  if (relation === null) return { from: null, scope: own }
  const { from, scope } = places.beside(relation)
  return { from, scope: joinedScope(own, scope, null) }
}

const checkAlso = (also: ReadonlyArray<Also>, table: TableSource): void => {
  for (const one of also) {
    checkColumns(one.table, one.columns)
    if (one.table === table) refuse(`"${table.name}" is written twice in one statement`)
  }
}

/** The first rows by an order: a constant orders nothing, and could be a column's number. */
const first = (
  { directions, limit, order }: Update | Delete,
  scope: Scope,
  places: Placer,
  context: Context
): { readonly order: ReadonlyArray<Sort>; readonly limit: Term | null } => ({
  order: order
    .map((key, i): Sort => ({ term: asKey(places.term(key, scope)), direction: directions[i]! }))
    .filter(({ term }) => varies(term)),
  limit: limit === null ? null : countOf(limit, places.term, context)
})
