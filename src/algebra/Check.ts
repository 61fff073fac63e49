import type { TableItem } from "./Constraint.ts"
import type { Value } from "./Value.ts"

/**
 * CHECK: a row for which the predicate is FALSE is refused; NULL passes.
 *
 * **Shape** name it: an error can then say which rule was broken.
 *
 * @category constructors
 */
export const that = (predicate: Value<boolean | null, any>, name?: string): TableItem =>
  Object.freeze({ _tag: "Check", predicate: predicate.node, name: name ?? null })
