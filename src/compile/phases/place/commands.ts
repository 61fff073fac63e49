import type { Command, Delete, Insert, Update } from "../../../algebra/Command.ts"
import { walk } from "../../../algebra/fold.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import type { TableSource } from "../../../algebra/Source.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import { labelsFor } from "../../labels.ts"
import type { Context } from "../../Program.ts"
import type { Item, PlacedCommand } from "../../Placed.ts"
import { orderAssignments } from "./assignments.ts"
import type { Placer } from "./relations.ts"
import { emptyScope, type Scope } from "./Scope.ts"
import { tableVisible } from "./sources.ts"
import { hasQuery } from "./terms.ts"

/** Places a command: its expressions see the one table, under its alias. */
export const placeCommand = (node: Command, places: Placer, context: Context): PlacedCommand => {
  switch (node._tag) {
    case "Insert":
      return placeInsert(node, places, context)
    case "Update":
      return placeUpdate(node, places, context)
    case "Delete":
      return placeDelete(node, places, context)
  }
}

const placeInsert = (node: Insert, places: Placer, context: Context): PlacedCommand => {
  const width = node.columns.length
  if (node.cells.length !== width * node.rowCount || node.rowCount < 1) {
    refuse(`an insert has ${node.cells.length} cells for ${node.rowCount} rows of ${width} columns`)
  }
  checkColumns(node.table, node.columns)
  // MySQL and MariaDB compute a row's cells after storing the rows before it.
  if (node.rowCount > 1 && !context.capabilities.simultaneousAssignment)
    checkRead(node, "INSERT of several rows into", context)
  else checkSelfRead(node, "INSERT into", context)
  if (width === 0 && node.rowCount > 1 && !context.capabilities.defaultKeyword) {
    context.refuse("defaultKeyword", "an insert of several rows of defaults")
  }
  const nowhere = emptyScope(null)
  return {
    _tag: "Insert",
    node,
    cells: node.cells.map((cell) => places.term(cell, nowhere)),
    returned: returnedItems(node, node.table.name, places, context, "insertReturning")
  }
}

const placeUpdate = (node: Update, places: Placer, context: Context): PlacedCommand => {
  if (node.columns.length === 0) refuse(`an update of "${node.table.name}" sets nothing`)
  checkColumns(node.table, node.columns)
  checkSelfRead(node, "UPDATE of", context)
  const alias = node.alias === node.table.name ? null : node.alias
  const scope = commandScope(node.table, node.alias)
  const sets = node.columns.map((key, i) => {
    const column = node.table.byKey.get(key)!
    return {
      column: column.name,
      path: key,
      type: column.type,
      term: places.term(node.values[i]!, scope)
    }
  })
  return {
    _tag: "Update",
    table: node.table,
    alias,
    sets: context.capabilities.simultaneousAssignment ? sets : orderAssignments(sets, context),
    where: places.term(node.where, scope),
    returned: returnedItems(node, node.alias, places, context, "updateReturning")
  }
}

const placeDelete = (node: Delete, places: Placer, context: Context): PlacedCommand => {
  checkSelfRead(node, "DELETE of", context)
  const renamed = node.alias !== node.table.name
  const aliased = renamed && context.capabilities.deleteAlias
  if (renamed && !aliased && namesAlias(node.where, node.table.name)) {
    context.refuse("deleteAlias", `DELETE FROM ${node.table.name} under an alias`)
  }
  const scope = commandScope(node.table, node.alias, aliased ? node.alias : node.table.name)
  return {
    _tag: "Delete",
    table: node.table,
    alias: aliased ? node.alias : null,
    where: places.term(node.where, scope),
    returned: returnedItems(
      node,
      aliased ? node.alias : node.table.name,
      places,
      context,
      "deleteReturning"
    )
  }
}

/** The written table under the alias its references use, printed as `table`. */
const commandScope = (source: TableSource, alias: string, table: string | null = alias): Scope => {
  const visible = tableVisible(source, table, false, null)
  return { ...emptyScope(null), visible: (name) => (name === alias ? visible : null) }
}

/**
 * What a command gives back. SQLite knows no alias in RETURNING, so columns stand alone there
 * unless
 * a subquery could capture them.
 */
const returnedItems = (
  node: Command,
  qualifier: string,
  places: Placer,
  context: Context,
  capability: "insertReturning" | "updateReturning" | "deleteReturning"
): ReadonlyArray<Item> => {
  if (node.shape === null) return []
  if (!context.capabilities[capability])
    context.refuse(capability, `${node._tag.toUpperCase()} … RETURNING`)
  const labels = labelsFor(node.shape, node.returned.length)
  const table = node.returned.some(hasQuery) ? qualifier : null
  const visible = tableVisible(node.table, table, false, null)
  const scope: Scope = {
    ...emptyScope(null),
    visible: (_, reference) => (reference.source === node.table ? visible : null)
  }
  return node.returned.map((field, i): Item => ({
    term: places.term(field, scope),
    label: labels[i]!
  }))
}

const checkColumns = (table: TableSource, columns: ReadonlyArray<string>): void => {
  const seen = new Set<string>()
  for (const key of columns) {
    if (!table.byKey.has(key)) refuse(`the table "${table.name}" has no column "${key}"`)
    if (seen.has(key)) refuse(`the column "${key}" of "${table.name}" is given twice`)
    seen.add(key)
  }
}

const checkSelfRead = (node: Command, what: string, context: Context): void => {
  if (!context.capabilities.readsWrittenTable) checkRead(node, what, context)
}

const checkRead = (node: Command, what: string, context: Context): void => {
  for (const tree of [node, ...node.ctes.map((cte) => cte.query)])
    walk(tree, (one) => {
      if (one._tag === "Table" && one.source === node.table)
        context.refuse(
          "readsWrittenTable",
          `${what} ${node.table.name} that reads it in a subquery`
        )
    })
}

const namesAlias = (root: Scalar, alias: string): boolean => {
  let found = false
  walk(root, (one) => {
    if (
      (one._tag === "Table" || one._tag === "Derived" || one._tag === "Cte") &&
      one.alias === alias
    )
      found = true
  })
  return found
}
