import type { Context } from "../../Program.ts"
import type { PlacedCommand, Term } from "../../Placed.ts"

type Assignment = Extract<PlacedCommand, { readonly _tag: "Update" }>["sets"][number]

/**
 * Orders assignments for servers where each sees the ones before it: a column is read before it is
 * written. Columns that read each other have no such order and are refused.
 */
export const orderAssignments = (
  sets: ReadonlyArray<Assignment>,
  context: Context
): ReadonlyArray<Assignment> => {
  const reads = new Map(sets.map((set) => [set, columnsIn(set.term)]))
  const left = [...sets]
  const out: Array<Assignment> = []
  while (left.length > 0) {
    const next = left.findIndex((set) =>
      left.every((other) => other === set || !reads.get(other)!.has(set.column))
    )
    if (next < 0) {
      context.refuse(
        "simultaneousAssignment",
        `an update whose columns read each other: ${left.map((set) => set.path).join(", ")}`
      )
      return sets
    }
    out.push(...left.splice(next, 1))
  }
  return out
}

/**
 * Names of the columns a term reads, those inside its subqueries too: one too many only costs
 * order.
 */
const columnsIn = (root: Term): ReadonlySet<string> => {
  const out = new Set<string>()
  const todo: Array<unknown> = [root]
  while (todo.length > 0) {
    const value = todo.pop()
    if (Array.isArray(value)) todo.push(...(value as ReadonlyArray<unknown>))
    else if (value !== null && typeof value === "object") {
      const one = value as Readonly<Record<string, unknown>>
      if (one["_tag"] === "Column") out.add(one["name"] as string)
      else for (const key of Object.keys(one)) if (!facts.has(key)) todo.push(one[key])
    }
  }
  return out
}

/** What a placed tree holds beside its children. */
const facts: ReadonlySet<string> = new Set(["node", "type", "source", "origin"])
