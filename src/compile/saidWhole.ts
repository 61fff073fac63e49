import type { Command } from "../algebra/Command.ts"
import { type Policy, policyValues } from "../algebra/Policy.ts"
import type { Relation } from "../algebra/Relation.ts"
import { statementBinds } from "../algebra/statementKey.ts"
import type { Dialect } from "./Dialect.ts"
import { wordsOf } from "./dialects.ts"
import { bind } from "./phases/bind.ts"
import { complexity } from "./phases/complexity.ts"
import { emulate } from "./phases/emulate.ts"
import { normalise } from "./phases/normalise.ts"
import { place } from "./phases/place.ts"
import { policy } from "./phases/policy.ts"
import { render, type Rendered } from "./phases/render.ts"
import { verify } from "./phases/verify.ts"
import type { Context } from "./Program.ts"

/** What a statement that is said with its values in it is said under. */
interface SaidOptions {
  readonly words?: Dialect
  readonly policies?: ReadonlyArray<Policy>
  readonly pretty?: boolean
  readonly verify?: boolean
}

/** A query or command with its values as literals: for people, and for what the schema keeps. */
export const saidWhole = (
  root: Relation | Command,
  context: Context,
  options: SaidOptions
): Rendered => {
  const { policies = [], pretty = false, verify: verified = false } = options
  const program = normalise(policy(bind(root), context, policies))
  complexity(program, context)
  if (context.refusal() !== null) return { text: "", slots: [], schemas: [] }
  const placed = place(emulate(program, context), context)
  if (verified) verify(placed)
  const values = [...statementBinds(root), ...policyValues(policies)]
  return render(placed, wordsOf(context.capabilities, options), context, pretty, values)
}
