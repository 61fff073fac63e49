import type { Relation } from "../../algebra/Relation.ts"
import type { Scalar } from "../../algebra/Scalar.ts"
import type { StatementNode } from "../../algebra/Statement.ts"
import type { Compiled } from "../../compile/Compiled.ts"

const known = new WeakMap<Compiled, boolean>()
let last: Compiled | null = null
let lastAnswer = false

/**
 * Whether a query can be seen to give at most one row: all columns of one table's key equal values.
 *
 * **Shape** false where it cannot be seen. Depends on structure only, so it is asked once per text.
 */
export const givesAtMostOne = (
  asked: { readonly node: StatementNode },
  compiled: Compiled
): boolean => {
  if (compiled === last) return lastAnswer
  let answer = known.get(compiled)
  // Its node may have to be made: it is asked for the first time only.
  if (answer === undefined) known.set(compiled, (answer = atMostOne(asked.node as Relation)))
  last = compiled
  return (lastAnswer = answer)
}

/** The same, asked of one query by its structure. */
export const atMostOne = (node: Relation): boolean => {
  switch (node._tag) {
    case "Project":
    case "Order":
    case "Slice":
    case "Distinct":
    case "DistinctOn":
      return atMostOne(node.self)
    case "Group":
      return node.keys.length === 0
    case "Filter": {
      const { self } = node
      if (self._tag === "Filter") return atMostOne(self)
      return self._tag === "Table" && fixesKey(node.predicate, self.source.primaryKey)
    }
    default:
      return false
  }
}

const fixesKey = (predicate: Scalar, key: ReadonlyArray<string>): boolean => {
  const parts = predicate._tag === "And" ? predicate.parts : [predicate]
  return key.length > 0 && key.every((column) => parts.some((part) => fixes(part, column)))
}

/** `column = value`, the value from outside the statement's tables. */
const fixes = (part: Scalar, column: string): boolean =>
  part._tag === "Compare" &&
  part.op === "eq" &&
  part.left._tag === "Ref" &&
  part.left.path.length === 1 &&
  part.left.path[0] === column &&
  (part.right._tag === "Bound" || part.right._tag === "Named") &&
  part.left.source._tag === "TableSource"
