import type { AnyType } from "../../algebra/Type.ts"
import { refuse } from "../../algebra/StatementError.ts"

export const PromisedCellId: unique symbol = Symbol.for("athanor/PromisedCell")

/** What makes a cell a promise; `RowRef.PromisedCell` says of which row. */
export interface AnyPromisedCell {
  readonly [PromisedCellId]: true
  readonly ref: { readonly id: string }
  readonly column: string
}

export const isPromised = (cell: unknown): cell is AnyPromisedCell =>
  typeof cell === "object" && cell !== null && PromisedCellId in cell

const isIntegral = (type: AnyType): boolean =>
  type.sql._tag === "Integer" || type.sql._tag === "Bigint" || type.sql._tag === "Smallint"

/** JSON with sorted object keys: equal documents give equal text. */
const stable = (json: unknown): string => {
  if (typeof json === "bigint") return String(json)
  if (typeof json !== "object" || json === null) return JSON.stringify(json)
  if (Array.isArray(json)) return `[${json.map(stable).join()}]`
  const record = json as Readonly<Record<string, unknown>>
  const keys = Object.keys(record).toSorted()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${stable(record[key])}`).join()}}`
}

/** What no type can hold. */
const unfit = Symbol("unfit")

const jsonOf = (type: AnyType, value: unknown): unknown => {
  try {
    return type.codec.json.encode(value)
  } catch {
    // A number for an int8 column, a bigint for an int4 one: the same key to the database.
    const isWhole = typeof value === "bigint" || Number.isSafeInteger(value)
    return isIntegral(type) && isWhole ? value : unfit
  }
}

/**
 * The text of one cell: equal texts mean equal values to the database.
 *
 * **Shape** by the type's JSON form, so a date equals a date of the same instant and 5 equals 5n;
 * a promised key has a text of its own.
 * **Errors** `StatementError` for a value the type cannot hold; the value is not named.
 */
export const cellText = (type: AnyType, cell: unknown): string =>
  textOf(type, cell) ?? refuse(`a value does not fit ${type.key}`)

/**
 * The same for a value nobody has checked yet: writing one its type cannot hold is what fails, so
 * comparing it does not.
 */
export const givenText = (type: AnyType, cell: unknown): string =>
  textOf(type, cell) ?? `unfit ${String(cell)}`

const textOf = (type: AnyType, cell: unknown): string | null => {
  if (typeof cell === "number" && type.sql._tag === "Integer") return String(cell)
  if (cell === null) return "null"
  if (isPromised(cell)) return `@${cell.ref.id}.${cell.column}`
  const json = jsonOf(type, cell)
  return json === unfit ? null : isIntegral(type) ? String(json) : stable(json)
}

/** Whether two cells of a column hold the same content. */
export const sameCell = (type: AnyType, left: unknown, right: unknown): boolean => {
  if (Object.is(left, right)) return true
  if (left === null || right === null || left === undefined || right === undefined) return false
  return givenText(type, left) === givenText(type, right)
}
