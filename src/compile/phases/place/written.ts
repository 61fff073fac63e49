import type { Command } from "../../../algebra/Command.ts"
import { children, holds, walk } from "../../../algebra/fold.ts"
import type { Relation } from "../../../algebra/Relation.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import { isServerSet } from "../../../algebra/serverMade.ts"
import type { TableSource } from "../../../algebra/Source.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import { labelsFor } from "../../labels.ts"
import type { Context } from "../../Program.ts"
import type { Item, Term } from "../../Placed.ts"
import type { Placer } from "./relations.ts"
import { boundIn } from "./saidInside.ts"
import { emptyScope, type Scope } from "./Scope.ts"
import { tableVisible } from "./sources.ts"
import { hasQuery } from "./saidInside.ts"
import { operator } from "./operator.ts"

/** A cell or a new value: here, and only here, DEFAULT may stand. */
export const cellTerm = (node: Scalar, scope: Scope, places: Placer): Term =>
  node._tag === "Default" ? operator(node, {}) : places.term(node, scope)

/**
 * What a command gives back. Columns stand alone unless a subquery could capture them. SQLite knows
 * no alias in RETURNING, where the table has its own name.
 */
export const returnedItems = (
  node: Command,
  qualifier: string,
  places: Placer,
  context: Context,
  capability: "insertReturning" | "updateReturning" | "deleteReturning" | "mergeReturning"
): ReadonlyArray<Item> => {
  if (node.shape === null) return []
  if (!context.capabilities[capability])
    context.refuse(capability, `${node._tag.toUpperCase()} … RETURNING`)
  const onSqlite = context.capabilities.dialect === "sqlite"
  checkReturned(node, context)
  const labels = labelsFor(node.shape, node.returned.length, context.capabilities)
  const joined = besideOf(node)
  const alone = joined === null || onSqlite
  const called = onSqlite ? node.table.name : qualifier
  const table = alone && !node.returned.some(hasQuery) ? null : called
  if (called !== qualifier && node.returned.some((field) => bindsName(field, called)))
    context.refuse("returningAlias", `RETURNING of ${called} under the alias ${qualifier}`)
  const visible = tableVisible(node.table, table, null)
  const scope: Scope = {
    ...emptyScope(null),
    visible: (_, reference) => (reference.source === node.table ? visible : null)
  }
  if (onSqlite) refuseTriggered(node, context)
  return node.returned.map((field, i): Item => ({
    term: places.term(field, scope),
    label: labels[i]!
  }))
}

/** Whether a query in an expression calls something by a name, which has no case. */
export const bindsName = (field: Scalar, name: string): boolean =>
  [...boundIn(field)].some((alias) => alias.toLowerCase() === name.toLowerCase())

/**
 * A query in RETURNING sees the tables as they were before. SQLite and MariaDB answer it row by row
 * while they write: `DELETE … RETURNING (SELECT count(*) …)` counts down.
 */
const checkReturned = ({ returned, table }: Command, context: Context): void => {
  if (context.capabilities.dialect === "postgres") return
  if (returned.some((field) => hasQuery(field) && readsTable(field, table)))
    context.refuse("readsWrittenTable", `a RETURNING that reads ${table.name} in a subquery`)
}

/** SQLite gives back what stood there before its triggers, which can only run after the write. */
const refuseTriggered = (node: Command, context: Context): void => {
  const { returned, table } = node
  if (node._tag === "Delete" || table.columns.every(({ serverSet }) => serverSet === null)) return
  const inserts = node._tag !== "Update"
  const updates = node._tag !== "Insert" || node.conflict !== null
  for (const field of returned)
    walk(field, (one) => {
      if (one._tag !== "Ref" || one.source !== table) return
      const column = table.byKey.get(one.path[0]!)
      if (column === undefined) return
      if ((inserts && isServerSet(column, "insert")) || (updates && isServerSet(column, "update")))
        context.refuse("triggeredReturning", `${column.name} of ${table.name}, set by a trigger`)
    })
}

/** What stands beside the written table. */
const besideOf = (node: Command): Relation | null => {
  switch (node._tag) {
    case "Insert":
      return null
    case "Update":
      return node.from
    case "Delete":
    case "Merge":
      return node.using
  }
}

export const checkColumns = (table: TableSource, columns: ReadonlyArray<string>): void => {
  const seen = new Set<string>()
  for (const key of columns) {
    if (!table.byKey.has(key)) refuse(`the table "${table.name}" has no column "${key}"`)
    if (seen.has(key)) refuse(`the column "${key}" of "${table.name}" is given twice`)
    seen.add(key)
  }
}

export const checkSelfRead = (node: Command, what: string, context: Context): void => {
  if (!context.capabilities.readsWrittenTable) checkRead(node, what, context)
}

/** Refuses a command that reads the table it writes, other than by joining it. */
export const checkRead = (node: Command, what: string, context: Context): void => {
  const joined = besideOf(node)
  const read = children(node).filter((one) => one !== joined)
  for (const tree of [...read, ...node.ctes.map((cte) => cte.query)])
    if (readsTable(tree, node.table))
      context.refuse("readsWrittenTable", `${what} ${node.table.name} that reads it in a subquery`)
}

/** Whether a table is read in a tree or in the common table expressions it asks. */
export const readsTable = (root: Parameters<typeof walk>[0], table: TableSource): boolean =>
  [root, ...root.ctes.map(({ query }) => query)].some((tree) =>
    holds(tree, (one) => one._tag === "Table" && one.source === table)
  )
