import { raw, type Scalar } from "../../../algebra/Scalar.ts"
import { type Term, typeOf } from "../../Placed.ts"
import type { Scope } from "./Scope.ts"
import { asksMembership, asksRecursion } from "./contents.ts"
import { operator } from "./operator.ts"
import { freeReferencesOf } from "./references.ts"

/** Whether MariaDB dies of a sort key that is selected too: see `apart`. */
export const dies = (key: Scalar, scope: Scope): boolean =>
  (scope.outer !== null &&
    asksMembership(key, (self) =>
      freeReferencesOf(self).some((one) => scope.visible(one.alias, one) === null)
    )) ||
  asksRecursion(key)

/**
 * MariaDB 10.11 looks for a sort key among what is selected and dies where both are an operator
 * over `outer.x IN (SELECT …)` of a grouped query outside, or over a column and a query that reads
 * a recursion. No operator of ours is said as IFNULL.
 */
export const apart = (key: Term): Term =>
  operator(raw(["ifnull(", ", NULL)"], [], typeOf(key)), { holes: [key] })
