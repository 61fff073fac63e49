import { refuse } from "../StatementError.ts"

/** A value of JSON. */
type Json =
  | string
  | number
  | boolean
  | null
  | ReadonlyArray<Json>
  | { readonly [key: string]: Json }

/**
 * What a program notes of a table or a column, for itself: values of JSON by name.
 *
 * **Shape** no server keeps them. They stand in the catalog, in `Catalog.notes`, and so in pictures
 * and in printed source.
 * **Source** SQLAlchemy 2.0 `Table.info`, `Column.info`.
 *
 * @category models
 */
export type Notes = { readonly [name: string]: Json }

/** No notes. */
export const noNotes: Notes = Object.freeze({})

const frozen = (value: Json, what: string): Json => {
  if (Array.isArray(value)) return Object.freeze(value.map((one: Json) => frozen(one, what)))
  if (typeof value === "object" && value !== null) {
    if (![Object.prototype, null].includes(Object.getPrototypeOf(value) as object))
      return refuse(`${what}: a note is no value of JSON`)
    return Object.freeze(
      Object.fromEntries(Object.entries(value).map(([key, one]) => [key, frozen(one, what)]))
    )
  }
  const isPlain =
    value === null ||
    typeof value === "string" ||
    typeof value === "boolean" ||
    (typeof value === "number" && Number.isFinite(value))
  return isPlain ? value : refuse(`${what}: a note is no value of JSON`)
}

/** Notes that nobody changes any more. */
export const notesOf = (notes: Notes | undefined, what: string): Notes =>
  notes === undefined ? noNotes : (frozen(notes, what) as Notes)
