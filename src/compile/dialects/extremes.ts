import { isVolatile } from "../../algebra/Scalar.ts"
import type { FunctionName } from "../../algebra/Scalar.ts"
import type { Writer } from "../Dialect.ts"
import { levels } from "../levels.ts"
import { isRepeatable } from "../phases/emulate/isRepeatable.ts"
import type { Operator, Term } from "../Placed.ts"
import { applied } from "./functions.ts"
import { mayBeNull } from "./spelling.ts"

/** Functions that are NULL where an argument is, and nowhere else. */
const strict: ReadonlySet<FunctionName> = new Set<FunctionName>([
  "lower",
  "upper",
  "trim",
  "ltrim",
  "rtrim",
  "length",
  "octetLength",
  "replace",
  "substring",
  "position",
  "left",
  "right",
  "lpad",
  "rpad",
  "repeat",
  "reverse",
  "md5",
  "sha256",
  "concat",
  "abs",
  "sign",
  "floor",
  "ceil",
  "round"
])

/** Arithmetic that has a value for all values. */
const total: ReadonlySet<string> = new Set(["add", "sub", "mul"])

/** The terms of which one is NULL where this one is; null where that cannot be said. */
const witnesses = (term: Term): ReadonlyArray<Term> | null => {
  if (!mayBeNull(term)) return []
  if (isOneValue(term)) return [term]
  switch (term._tag) {
    case "Arith":
      return total.has(term.node.op) ? together([term.kids.left, term.kids.right]) : null
    case "Negate":
    case "Cast":
      return witnesses(term.kids.self)
    case "Call":
      return strict.has(term.node.name) ? together(term.kids.args) : null
    default:
      return null
  }
}

const together = (terms: ReadonlyArray<Term>): ReadonlyArray<Term> | null => {
  const found = terms.map(witnesses)
  return found.includes(null) ? null : (found as ReadonlyArray<ReadonlyArray<Term>>).flat()
}

const isOneValue = (term: Term): boolean =>
  term._tag === "Parameter"
    ? term.origin._tag !== "Generated"
    : !("node" in term) || (isRepeatable(term.node) && !isVolatile(term.node))

/**
 * NULL where one argument is; PostgreSQL's own takes the others. An argument that is drawn is said
 * once: what it is made of says whether it is NULL.
 */
export const sayExtreme = (term: Operator<"Call">, writer: Writer): void => {
  const { args } = term.kids
  const { name } = term.node
  const nullable = together(args)
  if (nullable === null) return writer.refuse(name, `the function ${name} of a drawn value`)
  if (nullable.length === 0) return applied(writer, name, args)
  writer.put("CASE WHEN ")
  nullable.forEach((one, i) => {
    if (i > 0) writer.put(" OR ")
    writer.term(one, levels.concat)
    writer.put(" IS NULL")
  })
  writer.put(" THEN NULL ELSE ")
  applied(writer, name, args)
  writer.put(" END")
}
