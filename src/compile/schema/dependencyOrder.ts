import type { ForeignKey, TableSource } from "../../algebra/Source.ts"

/**
 * A table in its place among others, and those of its foreign keys that refer to a later one.
 *
 * @category models
 */
export interface Ordered {
  readonly table: TableSource
  readonly forward: ReadonlyArray<ForeignKey>
}

/**
 * Tables by dependency: those first that others refer to; foreign keys that close a cycle are set
 * apart.
 *
 * **Shape** of the tables given, and the keys between them. A table that refers to itself closes no
 * cycle. Ties keep the order given (L26).
 * **Source** SQLAlchemy 2.0 `Inspector.get_sorted_table_and_fkc_names`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Table } from "athanor"
 * import { dependencyOrder } from "athanor/compile"
 * const users = Table.make("users", { id: Column.id() })
 * const posts = Table.make("posts", { author: Column.integer().references(() => users.c.id) })
 * const order = dependencyOrder(Catalog.make({ posts, users }).tables)
 * order.map(({ table }) => table.name) // => ["users", "posts"]
 * ```
 * @category interpreters
 */
export const dependencyOrder = (tables: ReadonlyArray<TableSource>): ReadonlyArray<Ordered> => {
  const given = new Set(tables)
  const entered = new Set<TableSource>()
  const done = new Set<TableSource>()
  const out: Array<Ordered> = []
  const visit = (table: TableSource): void => {
    if (entered.has(table)) return
    entered.add(table)
    const keys = table.foreignKeys().filter((key) => given.has(key.target) && key.target !== table)
    // Nothing inherits from, or is part of, what comes of it.
    for (const parent of table.parents()) if (given.has(parent)) visit(parent)
    for (const key of keys) visit(key.target)
    out.push({ table, forward: keys.filter((key) => !done.has(key.target)) })
    done.add(table)
  }
  for (const table of given) visit(table)
  return out
}
