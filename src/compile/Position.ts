import { bound, type Bound, type BoundList, boundList } from "../algebra/Scalar.ts"
import type { AnyType } from "../algebra/Type.ts"

/**
 * What stands in a numbered statement where a value stood: its place in `statementBinds`.
 *
 * **Laws** two occurrences of one node have two positions: sharing is invisible.
 */
export interface Position {
  readonly position: number
}

/** The first positions, which every statement has. */
const first: ReadonlyArray<Position> = Array.from({ length: 64 }, (_, position) =>
  Object.freeze({ position })
)

/** A placeholder for the n-th value; its key is that of the value it replaces. */
export const numbered = (node: Bound | BoundList, position: number): Bound | BoundList => {
  const at = first[position] ?? Object.freeze({ position })
  if (node._tag === "BoundList")
    return boundList(
      Array.from({ length: node.values.length }, () => at),
      node.type
    )
  if (position >= first.length) return bound(at, node.type, node.key)
  let known = placeholders.get(node.type)
  if (known === undefined) placeholders.set(node.type, (known = []))
  return (known[position] ??= bound(at, node.type, node.key))
}

/** Those of the first positions by their type: every statement has the same. */
const placeholders = new WeakMap<AnyType, Array<Bound>>()

/** The position of a numbered value; an empty list has none, and no text either. */
export const positionOf = (node: Bound | BoundList): number =>
  node._tag === "Bound" ? (node.value as Position).position : (node.values[0] as Position).position

/** The positions under a node, in child order. */
export const positionsOf = (binds: ReadonlyArray<Bound | BoundList>): ReadonlyArray<number> =>
  binds.map((node) =>
    node._tag === "BoundList" && node.values.length === 0 ? -1 : positionOf(node)
  )
