import { holds } from "../../../algebra/fold.ts"
import type { Relation } from "../../../algebra/Relation.ts"
import { isVolatile, type Scalar } from "../../../algebra/Scalar.ts"

/** Whether an expression or a query said twice has one value: nothing in it is drawn anew. */
export const isRepeatable = (node: Scalar | Relation): boolean =>
  !holds(node, (one) => isVolatile(one))
