import type { Assignment, Term } from "../../Placed.ts"
import type { Context } from "../../Program.ts"

/**
 * Orders assignments for servers where each sees the ones before it: a column is read before it is
 * written. Columns that read each other have no such order and are refused.
 */
export const orderAssignments = (
  sets: ReadonlyArray<Assignment>,
  table: string,
  context: Context
): ReadonlyArray<Assignment> => {
  const reads = new Map(sets.map((set) => [set, columnsIn(set.term, table)]))
  const ordered = inReadingOrder(
    sets,
    (set) => set.column,
    (set) => reads.get(set)!
  )
  if (ordered === null)
    context.refuse(
      "simultaneousAssignment",
      `an update whose columns read each other: ${sets.map((set) => set.path).join(", ")}`
    )
  return ordered ?? sets
}

/** Each before those that write what it reads; null where there is no such order. */
export const inReadingOrder = <A>(
  sets: ReadonlyArray<A>,
  columnOf: (set: A) => string,
  readsOf: (set: A) => ReadonlySet<string>
): ReadonlyArray<A> | null => {
  const left = [...sets]
  const out: Array<A> = []
  while (left.length > 0) {
    const next = left.findIndex((set) =>
      left.every((other) => other === set || !readsOf(other).has(columnOf(set)))
    )
    if (next < 0) return null
    out.push(...left.splice(next, 1))
  }
  return out
}

/** Names of the table's columns a term reads, those inside its subqueries too. */
const columnsIn = (root: Term, table: string): ReadonlySet<string> => {
  const out = new Set<string>()
  const todo: Array<unknown> = [root]
  while (todo.length > 0) {
    const value = todo.pop()
    if (Array.isArray(value)) todo.push(...(value as ReadonlyArray<unknown>))
    else if (value !== null && typeof value === "object") {
      const one = value as Readonly<Record<string, unknown>>
      if (one["_tag"] === "Column") {
        if (one["table"] === null || one["table"] === table) out.add(one["name"] as string)
      } else for (const key of Object.keys(one)) if (!facts.has(key)) todo.push(one[key])
    }
  }
  return out
}

/** What a placed tree holds beside its children. */
const facts: ReadonlySet<string> = new Set(["node", "type", "source", "origin"])
