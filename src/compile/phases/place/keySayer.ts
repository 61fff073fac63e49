import { and, type And, or, type Or, type Scalar } from "../../../algebra/Scalar.ts"
import type { Term } from "../../Placed.ts"
import type { Group } from "../../../algebra/Relation.ts"
import { isJunction } from "./keys.ts"
import { isDerivable, type SaysKey } from "./Scope.ts"
import { isValue, operator, type PlaceTerm } from "./terms.ts"

type Same = (one: Scalar, other: Scalar) => boolean

/**
 * A junction that holds a grouped junction's parts in a row: `(a AND b) AND c` is one list of three
 * whose first two are the key; the longest key there is. Null where it holds none.
 */
const overRun = (
  node: And | Or,
  keys: ReadonlyArray<Scalar>,
  same: Same,
  place: (part: Scalar) => Term
): Term | null => {
  const make = node._tag === "And" ? and : or
  const wholes = keys.filter((key) => key._tag === node._tag) as ReadonlyArray<And | Or>
  const parts: Array<Scalar> = []
  let found = false
  for (let i = 0; i < node.parts.length;) {
    const runs = wholes.filter(({ parts: run }) => startsWith(node.parts, i, run, same))
    const width = Math.max(0, ...runs.map(({ parts: run }) => run.length))
    found ||= width > 0
    parts.push(width > 0 ? make(node.parts.slice(i, i + width), node.type) : node.parts[i]!)
    i += Math.max(width, 1)
  }
  return found && parts.length > 1
    ? operator(make([], node.type), { parts: parts.map(place) })
    : null
}

const startsWith = (
  parts: ReadonlyArray<Scalar>,
  at: number,
  run: ReadonlyArray<Scalar>,
  same: Same
): boolean =>
  run.length > 0 &&
  at + run.length <= parts.length &&
  run.every((part, i) => same(parts[at + i]!, part))

/**
 * How what stands above a group says its keys. `found` are keys that are columns of a query below:
 * they are meant also where the expression could be said without them.
 */
export const keySayer =
  (
    { keys, sets }: Group,
    found: ReadonlyArray<boolean>,
    has: (part: Scalar) => boolean | null,
    same: Same,
    term: PlaceTerm
  ): SaysKey =>
  (one, key, scope) => {
    // A value stands for itself, also where the key it equals is NULL.
    if (sets !== null && isValue(one)) return null
    const index = keys.findIndex(
      (at, i) => at.key === one.key && (found[i]! || !isDerivable(one, has)) && same(one, at)
    )
    if (index >= 0) return key(index)
    return isJunction(one) ? overRun(one, keys, same, (part) => term(part, scope)) : null
  }
