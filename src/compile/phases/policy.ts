import type { Context, Program } from "../Program.ts"

/** A rewrite of every statement: row-level filters, tenants, soft deletion. */
export type Policy = (program: Program, context: Context) => Program

/**
 * Applies the policies in order. None are given yet: then the statement is returned as it is.
 *
 * **Laws** L25: what a policed statement does on a database is what the statement does on the
 * database its policies leave visible.
 */
export const policy = (
  program: Program,
  context: Context,
  policies: ReadonlyArray<Policy>
): Program => policies.reduce((last, one) => one(last, context), program)
