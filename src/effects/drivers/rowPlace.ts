const places = new WeakMap<object, number>()

/** An error that knows which row of its statement it is of, counted from 1. */
export const inRow = (error: unknown, row: number): unknown => {
  if (typeof error === "object" && error !== null && Number.isSafeInteger(row) && row > 0)
    places.set(error, row)
  return error
}

/** Which row of its statement an error is of, counted from 1; null where nobody knows. */
export const rowOf = (error: unknown): number | null =>
  typeof error === "object" && error !== null ? (places.get(error) ?? null) : null
