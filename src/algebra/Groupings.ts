import type * as S from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import type { RequiredOf, Value } from "./Value.ts"

declare const GroupingsId: unique symbol

/**
 * Several groupings of one query: what `groupBy` takes beside plain keys.
 *
 * **Shape** above the totals a key that was left out is NULL.
 * **Source** SQL:2016 part 2, 7.13 group by clause.
 *
 * @category models
 */
export interface Groupings<out R> {
  readonly [GroupingsId]: R
  readonly keys: ReadonlyArray<S.Scalar>
  readonly sets: ReadonlyArray<ReadonlyArray<number>>
}

type Keys = ReadonlyArray<Value<any, any>>

const nodeOf = (key: Value<any, any> | undefined, asked: string): S.Scalar =>
  key?.node ?? refuse(`${asked}: a key is no expression`)

const make = <R>(
  keys: ReadonlyArray<S.Scalar>,
  sets: ReadonlyArray<ReadonlyArray<number>>
): Groupings<R> => Object.freeze({ keys, sets }) as unknown as Groupings<R>

/** Whether what groupBy was given are groupings. */
export const isGroupings = (value: object): value is Groupings<any> => "sets" in value

/**
 * ROLLUP: groups by all keys, then by all but the last, and so on, down to one total.
 *
 * **Source** SQL:2016 part 2, 7.13 group by clause.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).groupBy(Query.rollup(t.c.a)).select({ a: t.c.a, n: Fn.count() })
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * const found = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * found // => [{ a: 5, n: 2 }, { a: 7, n: 1 }, { a: null, n: 3 }]
 * ```
 * @category combinators
 */
export const rollup = <K extends Keys>(...keys: K): Groupings<RequiredOf<K[number]>> => {
  const nodes = keys.map((key) => nodeOf(key, "rollup"))
  const places = nodes.map((_, at) => at)
  return make(nodes, [...places.map((at) => places.slice(0, nodes.length - at)), []])
}

/**
 * CUBE: groups by every set of the keys.
 *
 * **Source** SQL:2016 part 2, 7.13 group by clause.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).groupBy(Query.cube(t.c.a)).select({ a: t.c.a, n: Fn.count() })
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * const found = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * found // => [{ a: 5, n: 2 }, { a: 7, n: 1 }, { a: null, n: 3 }]
 * ```
 * @category combinators
 */
export const cube = <K extends Keys>(...keys: K): Groupings<RequiredOf<K[number]>> => {
  if (keys.length > 8) return refuse(`cube: ${keys.length} keys have ${2 ** keys.length} sets`)
  const sets = keys.reduce<ReadonlyArray<ReadonlyArray<number>>>(
    (found, _, at) => found.flatMap((set) => [[...set, at], set]),
    [[]]
  )
  return make(
    keys.map((key) => nodeOf(key, "cube")),
    sets
  )
}

/**
 * GROUPING SETS: groups by each of several lists of keys; the empty list is one total.
 *
 * **Errors** `StatementError` without a set.
 * **Source** SQL:2016 part 2, 7.13 group by clause.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).groupBy(Query.groupingSets([t.c.a], []))
 *   .select({ a: t.c.a, n: Fn.count() })
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * const found = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * found // => [{ a: 5, n: 2 }, { a: 7, n: 1 }, { a: null, n: 3 }]
 * ```
 * @category combinators
 */
export const groupingSets = <K extends ReadonlyArray<Keys>>(
  ...sets: K
): Groupings<RequiredOf<K[number][number]>> => {
  if (sets.length === 0) return refuse("groupingSets: give at least one list of keys")
  const keys: Array<S.Scalar> = []
  const place = (node: S.Scalar): number => {
    const known = keys.findIndex((key) => key.key === node.key)
    return known < 0 ? keys.push(node) - 1 : known
  }
  const places = sets.map((set) => set.map((key) => place(nodeOf(key, "groupingSets"))))
  return make(keys, places)
}
