import * as DateTime from "effect/DateTime"

const slow = (epochMilliseconds: number): DateTime.Utc => DateTime.makeUnsafe(epochMilliseconds)

/**
 * Effect's prototype, with its cache of parts kept out of sight: `DateTime.makeUnsafe` spends
 * 140 ns on defining that one property, this 6 ns.
 */
const prototype: object = Object.create(Object.getPrototypeOf(slow(0)), {
  partsUtc: {
    get: () => undefined,
    set(this: object, value: unknown) {
      Object.defineProperty(this, "partsUtc", { value, writable: true, enumerable: false })
    }
  }
})

const fast = (epochMilliseconds: number): DateTime.Utc => {
  const made = Object.create(prototype) as { epochMilliseconds: number }
  made.epochMilliseconds = epochMilliseconds
  return made as unknown as DateTime.Utc
}

/** Does an Effect of another shape still take ours for its own? */
const isFaithful = (): boolean => {
  try {
    const [ours, theirs] = [fast(86_400_123), slow(86_400_123)]
    return (
      DateTime.Equivalence(ours, theirs) &&
      DateTime.isUtc(ours) &&
      DateTime.formatIso(ours) === DateTime.formatIso(theirs) &&
      DateTime.toPartsUtc(ours).millisecond === 123 &&
      Object.keys(ours).join() === Object.keys(theirs).join()
    )
  } catch {
    return false
  }
}

/** A `DateTime.Utc` of whole milliseconds that are known to be a date. */
export const utcOfMillis: (epochMilliseconds: number) => DateTime.Utc = isFaithful() ? fast : slow
