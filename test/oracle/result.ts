import type { RowShape } from "../../src/algebra/RowShape.ts"
import type { Result } from "./Meaning.ts"
import { outside, outward, type Value } from "./Value.ts"

/** NULL, FALSE and 0 in a presence column say that the record is absent. */
export const isAbsent = (value: Value): boolean =>
  value === null || value === false || value === 0n || value === 0

const build = (shape: RowShape, result: Result): unknown => {
  if (shape._tag === "Cell")
    return outward(result.values[shape.index]!, result.fields[shape.index]!.type)
  if (shape.presence !== null && isAbsent(result.values[shape.presence]!)) return null
  const out = Object.create(shape.prototype ?? Object.prototype) as Record<string, unknown>
  shape.keys.forEach((key, i) => {
    Object.defineProperty(out, key, {
      value: build(shape.parts[i]!, result),
      enumerable: true,
      writable: true,
      configurable: true
    })
  })
  return out
}

/** The TypeScript value of a result row. */
export const rowOf = (result: Result): unknown => build(result.shape, result)

/** The part of a row's shape at a property path; a query of one bare value has it under `value`. */
export const partAt = (shape: RowShape, path: ReadonlyArray<string>): RowShape => {
  if (shape._tag === "Cell" && path.length === 1 && path[0] === "value") return shape
  let at = shape
  for (const key of path) {
    const index = at._tag === "Record" ? at.keys.indexOf(key) : -1
    at =
      at._tag === "Record" && index >= 0
        ? at.parts[index]!
        : outside(`no property ${key} in a result row`)
  }
  return at
}
