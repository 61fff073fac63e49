import { and, or, type Scalar } from "../../../algebra/Scalar.ts"
import type { Group } from "../../../algebra/Relation.ts"
import { isJunction } from "./keys.ts"
import { isDerivable, type SaysKey, type Scope } from "./Scope.ts"
import { isValue } from "./contents.ts"

type Same = (one: Scalar, other: Scalar) => boolean

/**
 * A junction's parts, a grouped junction that they hold in a row one of them: `(a AND b) AND c` is
 * one list of three whose first two are the key; the longest key there is.
 */
export const runsOf = (keys: ReadonlyArray<Scalar>, same: Same): Scope["runs"] => {
  const junctions = keys.filter(isJunction)
  if (junctions.length === 0) return undefined
  return ({ _tag, type }, parts) => {
    const wholes = junctions.filter((key) => key._tag === _tag)
    const make = _tag === "And" ? and : or
    const parted: Array<Scalar> = []
    let found = false
    for (let i = 0; i < parts.length;) {
      const runs = wholes.filter(({ parts: run }) => startsWith(parts, i, run, same))
      const width = Math.max(0, ...runs.map(({ parts: run }) => run.length))
      found ||= width > 0
      parted.push(width > 0 ? make(parts.slice(i, i + width), type) : parts[i]!)
      i += Math.max(width, 1)
    }
    return found && parted.length > 1 ? parted : parts
  }
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
    same: Same
  ): SaysKey =>
  (one, key) => {
    // A value stands for itself, also where the key it equals is NULL.
    if (sets !== null && isValue(one)) return null
    const index = keys.findIndex(
      (at, i) => at.key === one.key && (found[i]! || !isDerivable(one, has)) && same(one, at)
    )
    return index >= 0 ? key(index) : null
  }
