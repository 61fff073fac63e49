import { declaredAliases } from "../../../algebra/declaredAliases.ts"
import { rewriteTree, walk } from "../../../algebra/fold.ts"
import * as R from "../../../algebra/Relation.ts"
import * as S from "../../../algebra/Scalar.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"

/** The aliases an expression speaks of, its own subqueries' among them, as servers compare them. */
export const spokenIn = (node: Scalar, out: Set<string>): void =>
  walk(node, (one) => {
    if (one._tag === "Ref" || one._tag === "Presence") out.add(one.alias.toLowerCase())
  })

/**
 * A predicate whose subqueries' aliases are none of those given: in its place among a statement's
 * own, a column of the row it is about would else be one of an inner source of that name.
 *
 * **Laws** L28: a query under other aliases is the same query.
 */
export const apart = (predicate: Scalar, taken: ReadonlySet<string>, own: string): Scalar => {
  const declared = declaredAliases(predicate)
  const used = new Set([...taken, ...[...declared, own].map((alias) => alias.toLowerCase())])
  const others = new Map<string, string>()
  for (const alias of declared) {
    if (!taken.has(alias.toLowerCase())) continue
    let other = alias
    do other += "_"
    while (used.has(other.toLowerCase()))
    used.add(other.toLowerCase())
    others.set(alias, other)
  }
  if (others.size === 0) return predicate
  return rewriteTree(predicate, (node) => {
    const alias = "alias" in node ? others.get(node.alias) : undefined
    if (alias === undefined) return node
    switch (node._tag) {
      case "Ref":
        return S.ref(alias, node.source, node.path, node.type)
      case "Presence":
        return S.presence(alias, node.source, node.path, node.type)
      case "Table":
        return R.table(node.source, alias, node.only)
      case "Derived":
        return R.derived(node.source, alias)
      case "Cte":
        return R.cte(node.source, alias)
      default:
        return node
    }
  })
}
