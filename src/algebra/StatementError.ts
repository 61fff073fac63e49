/**
 * A statement, table or type that cannot mean anything, refused at the call that builds it.
 *
 * **Shape** one line that names the culprit; never a value. It is thrown; inside an Effect a
 * defect.
 * **Source** the words of SQL:2016 part 2 for the rule that was broken, where there is one.
 *
 * @example
 * ```ts
 * import { Expr, Query, StatementError, Type } from "athanor"
 * import { Effect } from "effect"
 * const refused = Effect.sync(() => Query.select({ n: Expr.value(1, Type.integer) }).limit(-1))
 * const cause = Effect.catchDefect(refused, (defect) => Effect.succeed(defect))
 * Effect.runSync(cause) instanceof StatementError // => true
 * ```
 * @category errors
 */
export class StatementError extends Error {
  readonly _tag = "StatementError"
  override readonly name = "StatementError"
}

/** Refuses a malformed statement: the one `throw` of the pure rooms. */
export const refuse = (message: string): never => {
  throw new StatementError(message)
}
