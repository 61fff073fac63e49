const places = new WeakMap<object, number>()

/** An error that knows which of a script's statements it is of, counted from 1. */
export const placed = (error: unknown, statement: number): unknown => {
  if (typeof error === "object" && error !== null && !places.has(error))
    places.set(error, statement)
  return error
}

/** Which of a script's statements an error is of; null where it had one, or nobody knows. */
export const placeOf = (error: unknown): number | null =>
  typeof error === "object" && error !== null ? (places.get(error) ?? null) : null
