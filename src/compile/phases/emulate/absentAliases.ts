import { scope } from "../../../algebra/block.ts"
import type { Command } from "../../../algebra/Command.ts"
import { walk } from "../../../algebra/fold.ts"
import type { Relation } from "../../../algebra/Relation.ts"

/** Aliases an outer join may leave absent. */
export const absentAliases = (tree: Relation | Command): ReadonlySet<string> => {
  const absent = new Set<string>()
  walk(tree, (node) => {
    if (node._tag !== "Join") return
    const { kind, left, right } = node
    if (kind === "left" || kind === "full")
      for (const alias of scope(right).aliases) absent.add(alias)
    if (kind === "right" || kind === "full")
      for (const alias of scope(left).aliases) absent.add(alias)
  })
  return absent
}
