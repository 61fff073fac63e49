import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import * as T from "../types.ts"
import { type Expr, expr, type Ordering } from "../Expression.ts"
import type { Aggregate, Safe, Value } from "../Value.ts"
import { elementOf } from "../types/array.ts"
import { type SortedBy, sortsOf, type SortingNeeds } from "../windowSpec.ts"
import { aggregated, type Aggregated } from "./Aggregated.ts"

const given = (value: Value<any, any> | undefined, asked: string): S.Scalar =>
  value?.node ?? refuse(`${asked}: the expression is undefined`)

/**
 * STRING_AGG, GROUP_CONCAT: the texts that are not NULL, joined in order; NULL of none.
 *
 * **Errors** a text cut by the server is an error, never a value.
 * **Source** SQL:2016 part 2, 10.9 aggregate function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).select(Fn.stringAgg(t.c.s, "+", t.c.id.desc()))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["z+y+x"]
 * ```
 * @category combinators
 */
export const stringAgg = <A extends string | null, R, K extends ReadonlyArray<SortedBy>>(
  value: Value<A, R>,
  separator: string,
  ...order: K
): Aggregated<string | null, Safe<R> | SortingNeeds<K[number]>> => {
  if (typeof separator !== "string") return refuse("stringAgg: the separator is not text")
  const args = [given(value, "stringAgg"), S.bound(separator, T.text)]
  return aggregated(
    S.aggregate("stringAgg", args, false, T.text, { filter: null, ...sortsOf(order, "stringAgg") })
  )
}

/**
 * JSON_ARRAYAGG: the values in order as an array, NULLs among them; NULL of no rows.
 *
 * **Shape** each element is read by its type's JSON codec: whole numbers of 64 bits and decimals go
 * as text, bytes as hexadecimal digits. An element may be NULL: a column that an outer join left
 * out is one, and which joins there are is not known here.
 * **Source** SQL:2016 part 2, 10.11 JSON aggregate function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).select(Fn.jsonAgg(t.c.a, t.c.id.desc()))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [[7, 5, 5]]
 * ```
 * @category combinators
 */
export const jsonAgg = <A, R, K extends ReadonlyArray<SortedBy>>(
  value: Value<A, R>,
  ...order: K
): Aggregated<ReadonlyArray<A | null> | null, Safe<R> | SortingNeeds<K[number]>> => {
  const node = given(value, "jsonAgg")
  const sorts = sortsOf(order, "jsonAgg")
  return aggregated(
    S.aggregate("jsonAgg", [node], false, T.listOf(node.type), { filter: null, ...sorts })
  )
}

/**
 * JSON_OBJECTAGG: one object of all rows, a member of each key; NULL of no rows.
 *
 * **Shape** a row whose key is NULL is left out; a member may be NULL. Of rows with one key the
 * last in the order gives the value, without an order any of them; where SQL looks into the object
 * itself let each key stand once, for sqlite, mysql and mariadb keep all members in its text.
 * Members are read by their type's JSON codec, as elements of `jsonAgg`.
 * **Errors** `Unsupported` (`jsonObjectAggregate`) for a key that is drawn.
 * **SQL** sqlite: json_group_object · postgres: jsonb_object_agg · mysql, mariadb: group_concat
 * **Source** SQL:2016 part 2, 10.11 JSON aggregate function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 6, s: "y" }, { a: 7, s: "x" }]
 * const asked = Query.from(t).select(Fn.jsonObjectAgg(t.c.s, t.c.a, t.c.id))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [{ x: 7, y: 6 }]
 * ```
 * @category combinators
 */
export const jsonObjectAgg = <A, R, R2, K extends ReadonlyArray<SortedBy>>(
  key: Value<string | null, R>,
  value: Value<A, R2>,
  ...order: K
): Aggregated<
  Readonly<Record<string, A | null>> | null,
  Safe<R> | Safe<R2> | SortingNeeds<K[number]>
> => {
  const nodes = [given(key, "jsonObjectAgg: the key"), given(value, "jsonObjectAgg")]
  const sorts = sortsOf(order, "jsonObjectAgg")
  return aggregated(
    S.aggregate("jsonObjectAgg", nodes, false, T.recordOf(nodes[1]!.type), {
      filter: null,
      ...sorts
    })
  )
}

/**
 * ARRAY_AGG: the values in order as an array, NULLs among them; NULL of no rows.
 *
 * **Shape** an element may be NULL, a column that an outer join left out among them; a cast to
 * `Type.array` of one type refuses those.
 * **Errors** `Unsupported` but on postgres.
 * **Source** SQL:2016 part 2, 10.9 aggregate function; SQLAlchemy 2.0 `array_agg`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table } from "athanor"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const query = Query.from(t).groupBy(t.c.s).select({ s: t.c.s, all: Fn.arrayAgg(t.c.a, t.c.id) })
 * ```
 * @category combinators
 */
export const arrayAgg = <A, R, K extends ReadonlyArray<SortedBy>>(
  value: Value<A, R>,
  ...order: K
): Aggregated<ReadonlyArray<A | null> | null, Safe<R> | SortingNeeds<K[number]>> => {
  const node = given(value, "arrayAgg")
  const type =
    elementOf(node.type) === null ? T.array(node.type, { nulls: true }) : T.array(node.type)
  return aggregated(
    S.aggregate("arrayAgg", [node], false, type, { filter: null, ...sortsOf(order, "arrayAgg") })
  )
}

/**
 * PERCENTILE_CONT: the value a fraction of the way through the group, between two if need be.
 *
 * **Shape** NULLs are skipped; NULL of none. `key` may be sorted descending.
 * **Errors** `StatementError` for a fraction outside of 0 to 1. `Unsupported` on MySQL, MariaDB.
 * **Source** SQL:2016 part 2, 10.9 aggregate function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).select(Fn.percentileCont(0.75, t.c.a))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [6]
 * ```
 * @category combinators
 */
export const percentileCont = <A, R>(
  fraction: number,
  key: Value<A, R> | Ordering<R>
): Aggregated<number | null, Safe<R>> => {
  if (typeof fraction !== "number" || !(fraction >= 0 && fraction <= 1))
    return refuse("percentileCont: the fraction is not a number from 0 to 1")
  const sorts = sortsOf([key], "percentileCont")
  const type = T.average
  return aggregated(
    S.aggregate("percentileCont", [S.bound(fraction, T.double)], false, type, {
      filter: null,
      ...sorts
    })
  )
}

/**
 * PERCENTILE_DISC: the first value at least a fraction of the way through the group.
 *
 * **Shape** NULLs are skipped; NULL of none. `key` may be sorted descending.
 * **Errors** `StatementError` for a fraction outside of 0 to 1. `Unsupported` on MySQL, MariaDB.
 * **Source** SQL:2016 part 2, 10.9 aggregate function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).select(Fn.percentileDisc(0.5, t.c.a))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [5]
 * ```
 * @category combinators
 */
export const percentileDisc = <A, R>(
  fraction: number,
  key: Value<A, R> | Ordering<R>
): Aggregated<NonNullable<A> | null, Safe<R>> => {
  if (typeof fraction !== "number" || !(fraction >= 0 && fraction <= 1))
    return refuse("percentileDisc: the fraction is not a number from 0 to 1")
  const sorts = sortsOf([key], "percentileDisc")
  const type = sorts.order[0]!.type
  return aggregated(
    S.aggregate("percentileDisc", [S.bound(fraction, T.double)], false, type, {
      filter: null,
      ...sorts
    })
  )
}

/**
 * MODE: the commonest value of the group, the first in order of those as common; NULL of none.
 *
 * **Errors** `Unsupported` outside of PostgreSQL.
 * **Source** PostgreSQL 9.21 "Ordered-Set Aggregate Functions".
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table } from "athanor"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer() })
 * const query = Query.from(t).select(Fn.mode(t.c.a))
 * ```
 * @category combinators
 */
export const mode = <A, R>(
  key: Value<A, R> | Ordering<R>
): Aggregated<NonNullable<A> | null, Safe<R>> => {
  const sorts = sortsOf([key], "mode")
  return aggregated(
    S.aggregate("mode", [], false, sorts.order[0]!.type, { filter: null, ...sorts })
  )
}

/**
 * GROUPING: 1 where the row is a total over the key of grouping sets, else 0.
 *
 * **Errors** `StatementError` for what is no key of groupBy.
 * **Source** SQL:2016 part 2, 6.9 set function specification.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), s: Column.text() })
 * const rows = [{ a: 5, s: "x" }, { a: 5, s: "y" }, { a: 7, s: "z" }]
 * const asked = Query.from(t).groupBy(Query.rollup(t.c.a)).select(Fn.grouping(t.c.a))
 * const program = Database.create(Catalog.make({ t })).pipe(
 *   Effect.andThen(Database.run(Query.insert(t).rows(rows))),
 *   Effect.andThen(Database.all(asked)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [0, 0, 1]
 * ```
 * @category combinators
 */
export const grouping = <R>(key: Value<any, R>): Expr<number, Safe<R> | Aggregate> =>
  expr(S.grouping(given(key, "grouping"), T.integer))
