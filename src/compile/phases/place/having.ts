import { children } from "../../../algebra/fold.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import type { From } from "../../Placed.ts"
import type { Draft } from "./Draft.ts"
import { hasNamesakes } from "./keys.ts"
import { freeReferencesOf } from "./references.ts"

/**
 * Whether MariaDB 10.11 takes a condition on groups wrongly, so that a query around them asks it.
 *
 * It looks for an outer column of HAVING among what the outer query selects, and finds none of two
 * grouped columns of one name. To a query in HAVING, `EXISTS (SELECT … WHERE d.x)`, it gives the
 * column of a derived table that it merges as it was for another row.
 */
export const mistakesHaving = ({ from, group, scope }: Draft, predicate: Scalar): boolean => {
  if (group === null) return false
  const reads = (one: Scalar, own: boolean): boolean =>
    freeReferencesOf(one).some((at) => (scope.visible(at.alias, at) !== null) === own)
  return (
    hasNamesakes(group) ||
    reads(predicate, false) ||
    (!isPlain(from) && queriesIn(predicate).some((one) => reads(one, true)))
  )
}

/** Whether there are tables in FROM and nothing else. */
const isPlain = (from: From | null): boolean =>
  from === null ||
  from._tag === "TableFrom" ||
  (from._tag === "JoinFrom" && isPlain(from.left) && isPlain(from.right))

const queriesIn = (root: Scalar): ReadonlyArray<Scalar> =>
  "query" in root
    ? [root]
    : (children(root) as ReadonlyArray<Scalar>).flatMap((child) => queriesIn(child))
