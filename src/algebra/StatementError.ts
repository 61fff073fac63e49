/**
 * A statement, table or type that cannot mean anything, refused at the call that builds it.
 *
 * **Shape** one line that names the culprit; never a value. The only exception the pure rooms
 * throw.
 * **Source** the words of SQL:2016 part 2 for the rule that was broken, where there is one.
 *
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
