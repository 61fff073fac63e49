import { walk } from "../algebra/fold.ts"
import type { TableSource } from "../algebra/Source.ts"
import { isCommand } from "./phases/place.ts"
import type { Program } from "./Program.ts"

/** The tables a statement reads and writes, by name, each once: what caches and flushes go by. */
export interface Audit {
  readonly reads: ReadonlyArray<string>
  readonly writes: ReadonlyArray<string>
}

export const audit = (program: Program): Audit => {
  const reads = new Set<string>()
  const writes = new Set<string>()
  const { root } = program
  for (const tree of [root, ...program.ctes.map((cte) => cte.query)]) {
    walk(tree, (node) => {
      if (node._tag === "Table") reads.add(tableName(node.source))
    })
  }
  if (isCommand(root)) writes.add(tableName(root.table))
  return { reads: Object.freeze([...reads]), writes: Object.freeze([...writes]) }
}

/** `schema.name`, or the name alone. */
export const tableName = (table: TableSource): string =>
  table.schema === null ? table.name : `${table.schema}.${table.name}`
