/** A set of values in several ranges: what PostgreSQL's multirange types hold. */
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import { NodeInspectSymbol } from "effect/Inspectable"
import * as Range from "./Range.ts"

/**
 * The values of several ranges.
 *
 * **Shape** the ranges are sorted, none of them is empty, and there is something between any two:
 * multiranges of the same values are equal, by content. Prints as the server does, in JSON too.
 *
 * @category models
 */
export interface MultiRange<out A> extends Equal.Equal {
  readonly ranges: ReadonlyArray<Range.Range<A>>
  readonly toString: () => string
  readonly toJSON: () => string
}

const prototype = {
  [Equal.symbol](this: MultiRange<unknown>, that: unknown): boolean {
    return (
      isMultiRange(that) &&
      this.ranges.length === that.ranges.length &&
      this.ranges.every((range, i) => Equal.equals(range, that.ranges[i]))
    )
  },
  [Hash.symbol](this: MultiRange<unknown>): number {
    return Hash.number(this.ranges.length)
  },
  [NodeInspectSymbol](this: MultiRange<unknown>): string {
    return `MultiRange(${this.toString()})`
  },
  toString(this: MultiRange<unknown>): string {
    return `{${this.ranges.join(",")}}`
  },
  toJSON(this: MultiRange<unknown>): string {
    return this.toString()
  }
}

/**
 * The values of some ranges, in any order.
 *
 * @example
 * ```ts
 * import { MultiRange, Range } from "athanor"
 * const made = MultiRange.make([Range.make(5, 9), Range.make(1, 3), Range.make(3, 4)])
 * String(made) // => "{[1,4),[5,9)}"
 * ```
 * @category constructors
 */
export const make = <A>(ranges: ReadonlyArray<Range.Range<A>>): MultiRange<A> => {
  const joined: Array<Range.Range<A>> = []
  for (const range of ranges.filter((one) => !one.isEmpty).toSorted(Range.order)) {
    const last = joined.at(-1)
    const one = last === undefined ? null : Range.union(last, range)
    if (one === null) joined.push(range)
    else joined[joined.length - 1] = one
  }
  const made = Object.create(prototype)
  made.ranges = Object.freeze(joined)
  return Object.freeze(made)
}

/**
 * Is this a multirange?
 *
 * @category guards
 */
export const isMultiRange = (value: unknown): value is MultiRange<unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === prototype

/**
 * Whether a value is in one of the ranges.
 *
 * @category combinators
 */
export const contains = <A extends Range.Bound>(self: MultiRange<A>, value: A): boolean =>
  self.ranges.some((range) => Range.contains(range, value))

/**
 * The values of either.
 *
 * @category combinators
 */
export const union = <A>(self: MultiRange<A>, that: MultiRange<A>): MultiRange<A> =>
  make([...self.ranges, ...that.ranges])

/**
 * The values of both.
 *
 * @category combinators
 */
export const intersection = <A>(self: MultiRange<A>, that: MultiRange<A>): MultiRange<A> =>
  make(self.ranges.flatMap((a) => that.ranges.map((b) => Range.intersection(a, b))))

/**
 * The values of one that another has not.
 *
 * @category combinators
 */
export const difference = <A>(self: MultiRange<A>, that: MultiRange<A>): MultiRange<A> =>
  make(
    that.ranges.reduce<ReadonlyArray<Range.Range<A>>>(
      (left, taken) => left.flatMap((range) => Range.without(range, taken)),
      self.ranges
    )
  )

/**
 * Whether two have a value in common.
 *
 * @category combinators
 */
export const overlaps = <A>(self: MultiRange<A>, that: MultiRange<A>): boolean =>
  intersection(self, that).ranges.length > 0
