import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { EntityId, isOfEntity } from "../mapping/EntityClass.ts"

/** Keys whose values are told apart by themselves. */
type KeysOf<V> = {
  [K in keyof V]: V[K] extends string | number | bigint | boolean ? K : never
}[keyof V] &
  string

/**
 * Two values where a map has room for one.
 *
 * **Shape** names the column and where the two stand in the list, never what they hold.
 *
 * @category errors
 */
export class DuplicateKey extends Data.TaggedError("DuplicateKey")<{
  readonly message: string
  readonly column: string
  readonly positions: readonly [first: number, second: number]
}> {}

/**
 * What the values of a list hold in one column, each once.
 *
 * **Shape** of a column whose values are text, numbers or booleans, and never NULL.
 * **Source** SQLAlchemy 2.0 "Using Custom Collection Access", `collection_class=set`.
 *
 * @example
 * ```ts
 * import { Load } from "athanor"
 * const posts = [{ id: 1, place: "home" }, { id: 2, place: "home" }]
 * Load.setOf(posts, "place").size // => 1
 * ```
 * @category conversions
 */
export const setOf = <V extends object, const K extends KeysOf<V>>(
  values: ReadonlyArray<V>,
  column: K
): ReadonlySet<V[K]> => new Set(values.map((value) => value[column]))

const duplicate = (value: object, column: string, first: number, second: number): DuplicateKey => {
  const place = isOfEntity(value) ? `${value[EntityId].label}.${column}` : column
  const message = `${place}: two values of the list hold the same, and a map has room for one`
  return new DuplicateKey({ message, column, positions: [first, second] })
}

/**
 * The values of a list by what they hold in one column.
 *
 * **Shape** in the order of the list; a column as for `setOf`.
 * **Errors** `DuplicateKey` where two values hold the same.
 * **Source** SQLAlchemy 2.0 "Dictionary Collections", `attribute_keyed_dict`.
 *
 * @example
 * ```ts
 * import { Load } from "athanor"
 * import { Effect } from "effect"
 * const posts = [{ id: 1, slug: "a" }, { id: 2, slug: "b" }]
 * const bySlug = Effect.runSync(Load.mapBy(posts, "slug"))
 * bySlug.get("b")?.id // => 2
 * ```
 * @category conversions
 */
export const mapBy = <V extends object, const K extends KeysOf<V>>(
  values: ReadonlyArray<V>,
  column: K
): Effect.Effect<ReadonlyMap<V[K], V>, DuplicateKey> =>
  Effect.suspend(() => {
    const found = new Map<V[K], V>()
    const places = new Map<V[K], number>()
    for (const [at, value] of values.entries()) {
      const key = value[column]
      const before = places.get(key)
      if (before !== undefined) return Effect.fail(duplicate(value, column, before, at))
      places.set(key, at)
      found.set(key, value)
    }
    return Effect.succeed(found)
  })
