import * as R from "./Relation.ts"
import type { Lock, Relation } from "./Relation.ts"
import { refuse } from "./StatementError.ts"
import { tablesRead } from "./tablesRead.ts"

/** The base tables joined by a query whose rows are rows of theirs; null where they are not. */
export const tablesOf = (query: Relation): ReadonlyArray<string> | null => {
  let at = query
  if (at._tag === "Slice") at = at.self
  if (at._tag === "Order") at = at.self
  while (at._tag === "Project" || at._tag === "Filter") at = at.self
  return tablesIn(at)
}

const tablesIn = (rel: Relation): ReadonlyArray<string> | null => {
  switch (rel._tag) {
    case "Unit":
    case "Derived":
    case "Cte":
      return []
    case "Table":
      return [rel.alias]
    // A policy leaves one on each side of a full join.
    case "Filter":
      return tablesIn(rel.self)
    case "Join": {
      const left = tablesIn(rel.left)
      const right = tablesIn(rel.right)
      return left === null || right === null ? null : [...left, ...right]
    }
    default:
      return null
  }
}

/** Whether a query's rows are rows of tables, which can be locked. */
export const isLockable = (query: Relation): boolean => (tablesOf(query)?.length ?? 0) > 0

/** A query with its rows locked. */
export const locked = (
  query: Relation,
  { of, strength, wait }: Pick<Lock, "of" | "strength" | "wait">
): Lock => {
  const tables = tablesOf(query)
  if (tables === null)
    return refuse("lock: what is grouped, distinct, combined or cut before has no rows of a table")
  if (tables.length === 0)
    return refuse(
      tablesRead(query).size === 0
        ? "lock: the query joins no table"
        : "lock: the query joins no table, and rows inside a derived one stay free: of a class " +
            "over tables get, find and refresh lock them"
    )
  for (const alias of of)
    if (!tables.includes(alias)) refuse(`lock: "${alias}" is no table that the query joins`)
  return R.lock(query, strength, wait, of)
}

/** Whether a query takes a lock of its own. */
export const isLocked = (query: Relation): boolean =>
  query._tag === "Lock" || (query._tag === "Hint" && isLocked(query.self))

/** A query with this lock, below its hints, in the place of the one it may have. */
export const relocked = (query: Relation, lock: Parameters<typeof locked>[1]): Relation =>
  query._tag === "Hint"
    ? R.hint(relocked(query.self, lock), query.hint)
    : locked(query._tag === "Lock" ? query.self : query, lock)

/**
 * A clause of a query goes below its lock and its hints: locked are the rows it has in the end.
 */
export const beneath = (query: Relation, clause: (inner: Relation) => Relation): Relation => {
  switch (query._tag) {
    case "Lock":
      return locked(clause(query.self), query)
    case "Hint":
      return R.hint(beneath(query.self, clause), query.hint)
    default:
      return clause(query)
  }
}
