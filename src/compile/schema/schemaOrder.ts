import {
  addForeignKey,
  type CommentOn,
  commentsOn,
  createIndex,
  createTable,
  type Ddl,
  dropForeignKey,
  dropTable
} from "../../algebra/Ddl.ts"
import type { Capabilities } from "../../algebra/Dialect.ts"
import type { TableSource } from "../../algebra/Source.ts"
import { rulesOn } from "./partsOn.ts"
import { dependencyOrder } from "./dependencyOrder.ts"

/**
 * The statements that create tables and their indexes, each after what it needs.
 *
 * **Shape** foreign keys that close a cycle are added at the end, where the server can alter
 * tables;
 * SQLite takes references to tables that do not exist yet. Ties keep the order given (L26).
 */
export const createOrder = (
  tables: ReadonlyArray<TableSource>,
  capabilities: Capabilities,
  ifNotExists = false
): ReadonlyArray<Ddl> => {
  const out: Array<Ddl> = []
  const later: Array<Ddl> = []
  for (const { forward, table } of dependencyOrder(tables)) {
    const deferred = capabilities.alterConstraint ? forward : []
    out.push(
      createTable(
        table,
        deferred.map((key) => key.name),
        ifNotExists
      )
    )
    const closing = new Set(deferred.map(({ name }) => name))
    const isLater = ({ on }: CommentOn): boolean => on._tag === "Constraint" && closing.has(on.name)
    const { absent, indexes } = rulesOn(table, capabilities)
    const isThere = ({ on }: CommentOn): boolean => !("name" in on && absent.has(on.name))
    const comments = capabilities.comments === "statements" ? commentsOn(table).filter(isThere) : []
    for (const index of indexes) out.push(createIndex(table, index, ifNotExists))
    out.push(...comments.filter((comment) => !isLater(comment)))
    for (const key of deferred) later.push(addForeignKey(table, key))
    later.push(...comments.filter(isLater))
  }
  return [...out, ...later]
}

/**
 * The statements that drop tables, referring ones first; foreign keys that close a cycle go before.
 *
 * **Shape** SQLite cannot alter them away: there a cycle is dropped with `PRAGMA
 * defer_foreign_keys`, and each of its tables leaves its like without foreign keys behind until all
 * have gone. What a key does when a row goes is prepared even where there is no row, and fails
 * where a table that the row refers to is missing.
 */
export const dropOrder = (
  tables: ReadonlyArray<TableSource>,
  capabilities: Capabilities,
  ifExists = false
): ReadonlyArray<Ddl> => {
  const order = dependencyOrder(tables)
  const drops = order.toReversed().map(({ table }) => dropTable(table, ifExists))
  const closing = order.flatMap(({ forward, table }) => forward.map((key) => ({ key, table })))
  if (closing.length === 0) return drops
  if (capabilities.alterConstraint)
    return [...closing.map(({ key, table }) => dropForeignKey(table, key)), ...drops]
  const bare = drops.flatMap((drop) => [drop, createTable(drop.table, namesOf(drop.table), false)])
  return [...bare, ...drops]
}

const namesOf = (table: TableSource): ReadonlyArray<string> =>
  table.foreignKeys().map((key) => key.name)
