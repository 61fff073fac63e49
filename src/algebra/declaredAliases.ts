import type { Command } from "./Command.ts"
import { walk } from "./fold.ts"
import type { Relation } from "./Relation.ts"
import type { Scalar } from "./Scalar.ts"

/** The aliases of all sources in a tree, its subqueries' among them. */
export const declaredAliases = (node: Scalar | Relation | Command): ReadonlySet<string> => {
  const out = new Set<string>()
  walk(node, (one) => {
    if (one._tag === "Table" || one._tag === "Derived" || one._tag === "Cte") out.add(one.alias)
  })
  return out
}
