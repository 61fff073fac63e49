import type { Capabilities } from "../algebra/Dialect.ts"
import type { RowShape } from "../algebra/RowShape.ts"
import { few } from "./few.ts"
import { fitName } from "./identifiers.ts"

/** A name, but none that looks like `cN`: a user's key of that form could meet a generated one. */
const ordinary = /^(?!c[0-9]+$)[a-z_][a-z0-9_]*$/i
/** No server cuts a name of so many letters. */
const shortest = 63

/** A name every object has, such as `__proto__`, is none: mysql2 builds a class with the labels. */
const isOrdinary = (key: string): boolean => ordinary.test(key) && !(key in Object.prototype)

/**
 * Labels of a query's columns: the key where it is an ordinary name and the only one, else `cN`. A
 * key the server would cut is cut here, with a hash of the whole.
 *
 * **Laws** injective without regard to case; a function of the shape and the server's longest name
 * alone (L26).
 */
export const labelsFor = (
  shape: RowShape,
  count: number,
  capabilities: Capabilities
): ReadonlyArray<string> => {
  const keys = new Array<string | null>(count).fill(null)
  nameCells(shape, null, keys)
  const folded = new Array<string | null>(count).fill(null)
  for (let at = 0; at < count; at++) {
    let key = keys[at]!
    if (key === null) continue
    if (key.length > shortest) keys[at] = key = fitName(key, capabilities)
    folded[at] = key.toLowerCase()
  }
  const isSole = soleIn(folded)
  return keys.map((key, i) => (key !== null && isSole(i) && isOrdinary(key) ? key : `c${i}`))
}

/** Whether what is at a place is nowhere else in a list. */
const soleIn = (list: ReadonlyArray<string | null>): ((at: number) => boolean) => {
  if (list.length <= few)
    return (at) => list.indexOf(list[at]!) === at && list.lastIndexOf(list[at]!) === at
  const uses = new Map<string | null, number>()
  for (const one of list) uses.set(one, (uses.get(one) ?? 0) + 1)
  return (at) => uses.get(list[at]!) === 1
}

const nameCells = (shape: RowShape, key: string | null, keys: Array<string | null>): void => {
  if (shape._tag === "Cell") {
    if (keys[shape.index] === null) keys[shape.index] = key
  } else
    for (let i = 0; i < shape.parts.length; i++) nameCells(shape.parts[i]!, shape.keys[i]!, keys)
}

/**
 * The part of a shape under a property path; null where there is none. A row that is one value
 * offers it as `value`.
 */
export const shapeAt = (shape: RowShape, path: ReadonlyArray<string>): RowShape | null => {
  if (shape._tag === "Cell" && path.length === 1 && path[0] === "value") return shape
  let at: RowShape = shape
  for (const step of path) {
    if (at._tag === "Cell") return null
    const index = at.keys.indexOf(step)
    if (index < 0) return null
    at = at.parts[index]!
  }
  return at
}

/**
 * The column that says whether the record under a path is there: its own, or that of a record
 * around it.
 */
export const presenceAt = (shape: RowShape, path: ReadonlyArray<string>): number | null => {
  let found: number | null = null
  for (let length = 0; length <= path.length; length++) {
    const at = shapeAt(shape, path.slice(0, length))
    if (at !== null && at._tag === "Record" && at.presence !== null) found = at.presence
  }
  return found
}
