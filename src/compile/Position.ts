import { bound, type Bound, type BoundList, boundList } from "../algebra/Scalar.ts"
import type { AnyType } from "../algebra/Type.ts"
import type { Origin, Parameter } from "./Placed.ts"

/**
 * What stands in a numbered statement where a value stood: the parameter it is to be, which knows
 * its place in `statementBinds`.
 *
 * **Laws** two occurrences of one node have two positions: sharing is invisible.
 */
export type Position = Parameter & { readonly origin: Extract<Origin, { readonly _tag: "Bound" }> }

const positioned = (position: number, type: AnyType): Position =>
  Object.freeze({ _tag: "Parameter", origin: Object.freeze({ _tag: "Bound", position }), type })

/** So many of the first positions are remembered: every statement has the same. */
const few = 64

/** A placeholder for the n-th value; its key is that of the value it replaces. */
export const numbered = (node: Bound | BoundList, position: number): Bound | BoundList => {
  const { type } = node
  if (node._tag === "BoundList") {
    const at = positioned(position, type)
    return boundList(
      Array.from({ length: node.values.length }, () => at),
      type
    )
  }
  if (position >= few) return bound(positioned(position, type), type, node.key)
  let known = placeholders.get(type)
  if (known === undefined) placeholders.set(type, (known = []))
  return (known[position] ??= bound(positioned(position, type), type, node.key))
}

/** Those of the first positions by their type. */
const placeholders = new WeakMap<AnyType, Array<Bound>>()

/** The parameter that is said for a numbered value. */
export const parameterOf = (node: Bound): Position => node.value as Position

/** The position of a numbered value; an empty list has none, and no text either. */
export const positionOf = (node: Bound | BoundList): number =>
  ((node._tag === "Bound" ? node.value : node.values[0]) as Position).origin.position

/** The positions under a node, in child order. */
export const positionsOf = (binds: ReadonlyArray<Bound | BoundList>): ReadonlyArray<number> =>
  binds.map((node) =>
    node._tag === "BoundList" && node.values.length === 0 ? -1 : positionOf(node)
  )
