import type { BigDecimal } from "effect/BigDecimal"
import { type Expr, expr } from "./Expression.ts"
import * as S from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType } from "./Type.ts"
import * as T from "./types.ts"
import { aggregated, type Aggregated } from "./fn/Aggregated.ts"
import type { Safe, Value } from "./Value.ts"

export { matches, regexReplace } from "./fn/Regex.ts"
export type { RegexOptions } from "./fn/Regex.ts"
export {
  hstoreConcat,
  hstoreContains,
  hstoreGet,
  hstoreHas,
  hstoreHasAnyKey,
  hstoreHasKeys,
  hstoreKeys,
  hstoreValues,
  hstoreWithout
} from "./fn/Hstore.ts"
export {
  search,
  searchHeadline,
  searchMatches,
  searchQuery,
  searchRank,
  searchVector
} from "./fn/Search.ts"
export type { SearchConfig, SearchMode } from "./fn/Search.ts"
export { bitAnd, bitNot, bitOr, bitXor, shiftLeft, shiftRight } from "./fn/Bits.ts"
export {
  currentDate,
  currentTime,
  dateAdd,
  dateDiff,
  dateTrunc,
  extract,
  makeDate,
  now,
  toDate,
  toTimestamp
} from "./fn/Dates.ts"
export { ordinal } from "./fn/Enums.ts"
export type { Aggregated } from "./fn/Aggregated.ts"
export {
  arrayAgg,
  grouping,
  jsonAgg,
  jsonObjectAgg,
  mode,
  percentileCont,
  percentileDisc,
  stringAgg
} from "./fn/Ordered.ts"
export type { Placed } from "./fn/Windows.ts"
export {
  cumeDist,
  denseRank,
  firstValue,
  lag,
  lastValue,
  lead,
  nthValue,
  ntile,
  percentRank,
  rank,
  rowNumber
} from "./fn/Windows.ts"
export {
  array,
  arrayAppend,
  arrayCardinality,
  arrayConcat,
  arrayContainedBy,
  arrayContains,
  arrayElement,
  arrayLength,
  arrayOverlaps,
  arrayPosition,
  arrayPrepend,
  arrayPut,
  arrayRemove,
  arrayReplace,
  arraySlice
} from "./fn/Arrays.ts"
export {
  multirange,
  range,
  rangeAdjacent,
  rangeAfter,
  rangeAgg,
  rangeBefore,
  rangeBeginsWithin,
  rangeContainedBy,
  rangeContains,
  rangeDifference,
  rangeEndsWithin,
  rangeIncludesLower,
  rangeIncludesUpper,
  rangeIntersectAgg,
  rangeIntersection,
  rangeIsEmpty,
  rangeLower,
  rangeLowerInfinite,
  rangeMerge,
  rangeOverlaps,
  rangeUnion,
  rangeUpper,
  rangeUpperInfinite
} from "./fn/Ranges.ts"
export { addInterval, subtractInterval } from "./fn/Intervals.ts"
export { field } from "./fn/Composite.ts"
export { define } from "./fn/Defined.ts"
export type { DefinedOptions } from "./fn/Defined.ts"
export { currentUser, nextValue, sessionUser } from "./fn/Server.ts"
export { jsonAs, jsonLength, jsonType } from "./fn/Json.ts"
export {
  jsonContainedBy,
  jsonContains,
  jsonHasAnyKey,
  jsonHasKeys,
  jsonPathExists,
  jsonPathMatches,
  jsonPathQuery
} from "./fn/JsonOwn.ts"
export { jsonAppend, jsonMerge, jsonRemove, jsonSet } from "./fn/JsonEdits.ts"
export { ceil, floor, greatest, least, power, random, round, sign, sqrt } from "./fn/Numbers.ts"
export {
  concatWs,
  left,
  lpad,
  ltrim,
  md5,
  octetLength,
  position,
  repeat,
  replace,
  reverse,
  right,
  rpad,
  rtrim,
  sha256,
  substring,
  tryCast
} from "./fn/Text.ts"

type Numeric = number | bigint | BigDecimal

/** The type of a sum: wide enough for the sum of many. */
const sumType = (type: AnyType): AnyType =>
  type.sql._tag === "Bigint"
    ? type.key === T.count.key
      ? T.safeInteger
      : T.sumBigint
    : type.sql._tag === "Smallint" || type.sql._tag === "Integer"
      ? T.safeInteger
      : type.sql._tag === "Numeric"
        ? T.decimal(type.sql.scale)
        : type.key === T.anyNumeric.key || type.key === T.money.key
          ? type
          : T.double

const averageType = (type: AnyType): AnyType =>
  type.sql._tag === "Numeric"
    ? T.decimal(type.sql.scale)
    : type.key === T.anyNumeric.key
      ? type
      : T.average

const of = (
  name: S.AggregateName,
  value: Value<any, any> | undefined,
  distinct: boolean,
  type: AnyType
) =>
  aggregated<never, never>(
    S.aggregate(name, value === undefined ? [] : [value.node], distinct, type)
  )

const given = (value: Value<any, any> | undefined, asked: string): Value<any, any> =>
  value ?? refuse(`${asked}: the expression is undefined`)

/**
 * `count(*)`, or the number of rows where the expression is not NULL. Never NULL.
 *
 * **Shape** a number, checked to be exact. Of a column an outer join may leave absent, only rows
 * where it is there count.
 * **Source** SQL:2016 part 2, 10.9 aggregate function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
 *   Effect.andThen(Database.one(Query.from(users).select(Fn.count()))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 2
 * ```
 * @category combinators
 */
export const count: {
  (): Aggregated<number, never>
  <R>(value: Value<any, R>): Aggregated<number, Safe<R>>
} = (value?: Value<any, any>) => of("count", value, false, T.count)

/**
 * The sum of the values that are not NULL; NULL of none.
 *
 * **Shape** of integers a number, checked to be exact; of `bigint` a bigint; of decimals a decimal
 * of the same scale; of doubles a double.
 * **Source** SQL:2016 part 2, 10.9 aggregate function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
 *   Effect.andThen(Database.one(Query.from(users).select(Fn.sum(users.c.id)))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 3
 * ```
 * @category combinators
 */
export const sum = <A extends Numeric | null, R>(
  value: Value<A, R>
): Aggregated<NonNullable<A> | null, Safe<R>> =>
  of("sum", given(value, "sum"), false, sumType(value.node.type))

/**
 * The mean of the values that are not NULL; NULL of none.
 *
 * **Shape** of decimals a decimal, else a number: `avg` of 1 and 2 is 1.5 on every dialect.
 * **Source** SQL:2016 part 2, 10.9 aggregate function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
 *   Effect.andThen(Database.one(Query.from(users).select(Fn.avg(users.c.id)))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1.5
 * ```
 * @category combinators
 */
export const avg = <A extends Numeric | null, R>(
  value: Value<A, R>
): Aggregated<
  (A extends BigDecimal ? BigDecimal : A extends number | bigint ? number : never) | null,
  Safe<R>
> => of("avg", given(value, "avg"), false, averageType(value.node.type))

/**
 * The least value that is not NULL; NULL of none.
 *
 * **Source** SQL:2016 part 2, 10.9 aggregate function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
 *   Effect.andThen(Database.one(Query.from(users).select(Fn.min(users.c.name)))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => "Ann"
 * ```
 * @category combinators
 */
export const min = <A, R>(value: Value<A, R>): Aggregated<NonNullable<A> | null, Safe<R>> =>
  of("min", given(value, "min"), false, value.node.type)

/**
 * The greatest value that is not NULL; NULL of none.
 *
 * **Source** SQL:2016 part 2, 10.9 aggregate function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
 *   Effect.andThen(Database.one(Query.from(users).select(Fn.max(users.c.name)))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => "Bob"
 * ```
 * @category combinators
 */
export const max = <A, R>(value: Value<A, R>): Aggregated<NonNullable<A> | null, Safe<R>> =>
  of("max", given(value, "max"), false, value.node.type)

/**
 * EVERY, BOOL_AND: whether the condition is TRUE in all rows where it is not NULL; NULL of none.
 *
 * **Source** SQL:2016 part 2, 10.9 aggregate function.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table } from "athanor"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer() })
 * const query = Query.from(t).select(Fn.every(t.c.a.gt(1)))
 * ```
 * @category combinators
 */
export const every = <R>(
  condition: Value<boolean | null, R>
): Aggregated<boolean | null, Safe<R>> => of("min", given(condition, "every"), false, T.boolean)

/**
 * SOME, BOOL_OR: whether the condition is TRUE in a row; NULL where it is NULL in all.
 *
 * **Source** SQL:2016 part 2, 10.9 aggregate function.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table } from "athanor"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer() })
 * const query = Query.from(t).select(Fn.some(t.c.a.gt(1)))
 * ```
 * @category combinators
 */
export const some = <R>(condition: Value<boolean | null, R>): Aggregated<boolean | null, Safe<R>> =>
  of("max", given(condition, "some"), false, T.boolean)

const text = (name: S.FunctionName, value: Value<any, any>) =>
  expr<never, never>(S.call(name, [given(value, name).node], T.text))

/**
 * Lower case; NULL stays NULL.
 *
 * **Shape** ASCII letters on every dialect; others as the server knows them.
 * **Source** SQL:2016 part 2, 6.32 string value function.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.lower(Expr.value("Athanor", Type.text))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "athanor"
 * ```
 * @category combinators
 */
export const lower = <A extends string | null, R>(
  value: Value<A, R>
): Expr<string | (A & null), R> => text("lower", value)

/**
 * Upper case; NULL stays NULL.
 *
 * **Shape** ASCII letters on every dialect; others as the server knows them.
 * **Source** SQL:2016 part 2, 6.32 string value function.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.upper(Expr.value("Athanor", Type.text))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "ATHANOR"
 * ```
 * @category combinators
 */
export const upper = <A extends string | null, R>(
  value: Value<A, R>
): Expr<string | (A & null), R> => text("upper", value)

/**
 * The text without spaces at both ends; NULL stays NULL.
 *
 * **Source** SQL:2016 part 2, 6.32 string value function.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.trim(Expr.value("  lit ", Type.text))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "lit"
 * ```
 * @category combinators
 */
export const trim = <A extends string | null, R>(
  value: Value<A, R>
): Expr<string | (A & null), R> => text("trim", value)

/**
 * The number of characters of a text; NULL stays NULL.
 *
 * **Source** SQL:2016 part 2, 6.30 numeric value function, character length.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.length(Expr.value("höhe", Type.text))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 4
 * ```
 * @category combinators
 */
export const length = <A extends string | null, R>(
  value: Value<A, R>
): Expr<number | (A & null), R> => expr(S.call("length", [given(value, "length").node], T.integer))

/**
 * The absolute value; NULL stays NULL.
 *
 * **Source** SQL:2016 part 2, 6.30 numeric value function.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Fn.abs(Expr.value(-7, Type.integer))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 7
 * ```
 * @category combinators
 */
export const abs = <A extends Numeric | null, R>(value: Value<A, R>): Expr<A, R> =>
  expr(S.call("abs", [given(value, "abs").node], value.node.type))

/**
 * NULLIF: NULL where the two are equal, else the first.
 *
 * **Source** SQL:2016 part 2, 6.12 case expression.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const asked = Fn.nullif(Expr.value("", Type.text), Expr.value("", Type.text))
 * const answer = Database.one(Query.select(asked))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => null
 * ```
 * @category combinators
 */
export const nullif = <A, R, R2>(value: Value<A, R>, other: Value<A, R2>): Expr<A | null, R | R2> =>
  expr(
    S.call("nullif", [given(value, "nullif").node, given(other, "nullif").node], value.node.type)
  )
