import { type Expr, Expression } from "./Expression.ts"
import type { Scalar } from "./Scalar.ts"

/** An expression whose node is made when it is first asked for, with members of its own. */
export const lateExpr = (make: () => Scalar, members: object): Expr<unknown, unknown> => {
  let node: Scalar | undefined
  const late = new Expression(undefined as never)
  Object.defineProperty(late, "node", { get: () => (node ??= make()), enumerable: true })
  return Object.freeze(Object.assign(late, members)) as unknown as Expr<unknown, unknown>
}
