/**
 * What is done with rows once they are there.
 *
 * @module
 */
import { dual } from "effect/Function"
import * as MutableHashMap from "effect/MutableHashMap"
import * as Option from "effect/Option"

/**
 * The rows that are the first of their key, in their order.
 *
 * **Shape** keys are equal by value: dates, decimals and lists of columns are keys too.
 * **Laws** one row for each key; made unique twice is made unique once.
 * **Source** SQLAlchemy 2.0 `Result.unique`.
 *
 * @example
 * ```ts
 * import { Rows } from "athanor"
 * const rows = [{ id: 1, tag: "a" }, { id: 2, tag: "b" }, { id: 1, tag: "c" }]
 * Rows.uniqueBy(rows, ({ id }) => id).map(({ tag }) => tag) // => ["a", "b"]
 * ```
 * @category combinators
 */
export const uniqueBy: {
  <A, K>(key: (row: A) => K): (rows: ReadonlyArray<A>) => ReadonlyArray<A>
  <A, K>(rows: ReadonlyArray<A>, key: (row: A) => K): ReadonlyArray<A>
} = dual(2, <A, K>(rows: ReadonlyArray<A>, key: (row: A) => K): ReadonlyArray<A> =>
  groupBy(rows, key).map(([, [first]]) => first!)
)

/**
 * The rows of each key together: keys in the order of their first rows, rows in their own.
 *
 * **Shape** pairs of a key and its rows, as `new Map` takes them; keys are equal by value.
 * **Laws** every row is in the group of its key and in no other.
 * **Source** SQLAlchemy 2.0 `Result`, with Python's `itertools.groupby`.
 *
 * @example
 * ```ts
 * import { Rows } from "athanor"
 * const rows = [{ id: 1, tag: "a" }, { id: 2, tag: "b" }, { id: 1, tag: "c" }]
 * const tags = Rows.groupBy(rows, ({ id }) => id).map(([id, [...all]]) => [id, all.length])
 * tags // => [[1, 2], [2, 1]]
 * ```
 * @category combinators
 */
export const groupBy: {
  <A, K>(
    key: (row: A) => K
  ): (rows: ReadonlyArray<A>) => ReadonlyArray<readonly [K, ReadonlyArray<A>]>
  <A, K>(rows: ReadonlyArray<A>, key: (row: A) => K): ReadonlyArray<readonly [K, ReadonlyArray<A>]>
} = dual(
  2,
  <A, K>(
    rows: ReadonlyArray<A>,
    key: (row: A) => K
  ): ReadonlyArray<readonly [K, ReadonlyArray<A>]> => {
    const groups: Array<readonly [K, Array<A>]> = []
    const known = MutableHashMap.empty<K, Array<A>>()
    for (const row of rows) {
      const of = key(row)
      const group = Option.getOrNull(MutableHashMap.get(known, of))
      if (group !== null) group.push(row)
      else {
        const begun = [row]
        MutableHashMap.set(known, of, begun)
        groups.push([of, begun])
      }
    }
    return groups
  }
)
