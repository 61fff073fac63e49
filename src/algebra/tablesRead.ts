import { walk } from "./fold.ts"
import type { Relation } from "./nodes.ts"
import { rawReads } from "./rawReads.ts"
import type { TableSource } from "./Source.ts"

/** The tables and views a query reads, and those that the views read. */
export const tablesRead = (query: Relation): ReadonlySet<TableSource> => {
  const found = new Set<TableSource>()
  const add = (table: TableSource): void => {
    if (found.has(table)) return
    found.add(table)
    if (table.definition !== null) readBy(table.definition.query)
  }
  const readBy = (root: Relation): void => {
    for (const tree of [root, ...root.ctes.map((cte) => cte.query)])
      walk(tree, (node) => {
        if (node._tag === "Table") add(node.source)
        for (const table of rawReads(node) ?? []) add(table)
      })
  }
  readBy(query)
  return found
}
