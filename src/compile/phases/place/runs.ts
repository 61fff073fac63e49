import { and, type And, or, type Or, type Scalar } from "../../../algebra/Scalar.ts"
import type { Term } from "../../Placed.ts"
import { operator } from "./terms.ts"

/**
 * A junction that holds a grouped junction's parts in a row: `(a AND b) AND c` is one list of three
 * whose first two are the key. Null where it holds none.
 */
export const overRun = (
  node: And | Or,
  keys: ReadonlyArray<Scalar>,
  place: (part: Scalar) => Term
): Term | null => {
  const make = node._tag === "And" ? and : or
  const wholes = keys.filter((key) => key._tag === node._tag) as ReadonlyArray<And | Or>
  const parts: Array<Scalar> = []
  let found = false
  for (let i = 0; i < node.parts.length;) {
    const width = wholes.find(({ parts: run }) => startsWith(node.parts, i, run))?.parts.length ?? 0
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
  run: ReadonlyArray<Scalar>
): boolean => run.length > 0 && run.every((part, i) => part.key === parts[at + i]?.key)
