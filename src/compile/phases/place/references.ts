import type { Relation } from "../../../algebra/Relation.ts"
import type { Aggregate, Presence, Ref, Scalar } from "../../../algebra/Scalar.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import { children } from "../../../algebra/fold.ts"
import { type Scope, sourceOf } from "./Scope.ts"
import { boundIn } from "./saidInside.ts"

/**
 * An aggregate of this block. SQL gives one whose columns are all an outer query's to that outer
 * query; the algebra does not, so such a one is refused.
 */
export const checkAggregate = (node: Aggregate, inner: Scope): void => {
  const { args, filter, order } = node
  const references = [...args, ...order, ...(filter === null ? [] : [filter])].flatMap(
    freeReferencesOf
  )
  if (references.length > 0 && references.every((one) => inner.visible(one.alias, one) === null)) {
    refuse(`${node.name}() of an outer query's columns only: it would count the outer query's rows`)
  }
}

/** The references that no query inside the expression binds. */
export const freeReferencesOf = (root: Scalar): ReadonlyArray<Ref | Presence> => {
  const bound = boundIn(root)
  return referencesOf(root).filter((one) => !bound.has(one.alias))
}

/** Computes first the derived tables of which an expression reads what a query answered there. */
export const settleAnswers = (root: Scalar, scope: Scope): void => {
  for (const ref of freeReferencesOf(root)) sourceOf(ref, scope)?.apart?.(ref)
}

/** The references in an expression, those inside its subqueries too. */
export const referencesOf = (root: Scalar | Relation): ReadonlyArray<Ref | Presence> => {
  const out: Array<Ref | Presence> = []
  const todo: Array<ReturnType<typeof children>[number]> = [root]
  while (todo.length > 0) {
    const one = todo.pop()!
    if (one._tag === "Ref" || one._tag === "Presence") out.push(one)
    else todo.push(...children(one))
  }
  return out
}
