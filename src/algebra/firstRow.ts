import * as B from "./block.ts"
import { beneath } from "./lock.ts"
import type { Relation } from "./Relation.ts"
import * as S from "./Scalar.ts"
import * as T from "./types.ts"

const one = S.bound(1, T.count)

/**
 * A query that is asked for its first row only: LIMIT 1 where none smaller stands.
 *
 * **Shape** SQL by hand stays as it is: within another query it would lose its order. So does a
 * locked query with a limit of its own, below whose lock no other can stand.
 * **Laws** L8: its only row is the first of the query's.
 */
export const firstRow = (node: Relation): Relation => {
  let asked = node
  while (asked._tag === "Lock" || asked._tag === "Hint") asked = asked.self
  const stays = asked._tag === "CustomRelation" || (asked !== node && asked._tag === "Slice")
  return stays ? node : beneath(node, (self) => B.limit(self, one))
}
