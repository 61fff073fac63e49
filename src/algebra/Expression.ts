import { type Pipeable, pipeArguments } from "effect/Pipeable"
import { projection } from "./block.ts"
import { eitherType, openDecimal, productType, sumType } from "./decimalResult.ts"
import type { Relation } from "./Relation.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import type { Statement } from "./Statement.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType, Type } from "./Type.ts"
import * as T from "./types.ts"
import { jsonPart } from "./types/json.ts"
import { elementAt } from "./arrayElement.ts"
import type { BigDecimal } from "effect/BigDecimal"
import {
  type Each,
  EachId,
  type NullOf,
  type Param,
  type ParamList,
  ParamListId,
  type RequiredOf,
  type Safe,
  type Value
} from "./Value.ts"

/**
 * What a value of type A is compared with: a plain value or an expression of the same type.
 *
 * **Shape** never `null` or `undefined` as plain values: `isNull()` asks for NULL.
 *
 * @category models
 */
export type Operand<A> = NonNullable<A> | Expr<NonNullable<A> | null, any>

/**
 * An expression in ORDER BY with its direction and the place of its NULLs.
 *
 * **Shape** NULL is the smallest value on every dialect unless said: first in `asc`, last in
 * `desc`.
 * **Source** SQL:2016 part 2, 10.10 sort specification list.
 *
 * @category models
 */
export interface Ordering<out R> {
  readonly [OrderingId]: R
  readonly node: Scalar
  readonly direction: "asc" | "desc"
  readonly nulls: "first" | "last"
  /**
   * NULLs before every value: `NULLS FIRST`.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const users = Table.make("users", { id: Column.id(), age: Column.integer().nullable() })
   * const query = Query.from(users).orderBy(users.c.age.desc().nullsFirst())
   * ```
   * @category combinators
   */
  nullsFirst(): Ordering<R>
  /**
   * NULLs after every value: `NULLS LAST`.
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const users = Table.make("users", { id: Column.id(), age: Column.integer().nullable() })
   * const query = Query.from(users).orderBy(users.c.age.asc().nullsLast())
   * ```
   * @category combinators
   */
  nullsLast(): Ordering<R>
}
declare const OrderingId: unique symbol

/**
 * What a sort key needs: an expression's own needs, or those of the expression it sorts by.
 *
 * @category models
 */
export type SortNeeds<K> =
  K extends Value<any, any> ? RequiredOf<K> : K extends Ordering<any> ? K[typeof OrderingId] : never
type Numeric = number | bigint | BigDecimal

/** The keys of a document's records, and places of its lists. */
export type Leg<A> = unknown extends A
  ? string | number
  : A extends ReadonlyArray<unknown>
    ? number
    : A extends object
      ? Extract<keyof A, string>
      : never

/** What a document has there; null is what a key or a place may lack. */
export type Part<A, K> = unknown extends A
  ? unknown
  : A extends ReadonlyArray<infer E>
    ? E
    : A extends object
      ? K extends keyof A
        ? Exclude<A[K], undefined>
        : never
      : never

/** The result of `a / b`: exact for decimals, double precision otherwise. */
type Quotient<A> =
  | (A extends BigDecimal ? BigDecimal : A extends number | bigint ? number : never)
  | null

/**
 * A SQL expression: a value computed from the row.
 *
 * **Shape** `A` is its value, null included where the expression itself can be NULL; `R` what it
 * still needs: the aliases it reads, `Aggregate`, named parameters. Immutable; every method returns
 * a
 * new expression. An operand is a value, sent as a parameter, or another expression.
 * **Laws** three-valued logic; NULL operands give NULL except where said (L1).
 * **Errors** `StatementError` at the call for `undefined` operands.
 * **Source** SQL:2016 part 2, 6.28 value expression, 8 predicates; SQLAlchemy 2.0 "Column
 * Elements".
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * const users = Table.make("users", { id: Column.id(), age: Column.integer().nullable() })
 * Query.from(users).where(users.c.age.gte(18).and(users.c.id.in([1, 2, 3])))
 * ```
 * @category models
 */
export interface Expr<out A, out R = never> extends Value<A, R>, Pipeable {
  /**
   * `=`: whether both sides are equal.
   *
   * **Shape** NULL where either side is NULL; ask for NULL with `isNull`.
   * **Errors** `StatementError` for `null` or `undefined`.
   * **Source** SQL:2016 part 2, 8.2 comparison predicate.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(18, Type.integer).eq(18)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
   * ```
   * @category combinators
   */
  eq<
    O extends NonNullable<A> | Expr<NonNullable<A> | null, any> | Each<NonNullable<A> | null, any>
  >(
    that: O
  ): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /**
   * `<>`: whether the sides differ.
   *
   * **Shape** NULL where either side is NULL.
   * **Errors** `StatementError` for `null` or `undefined`.
   * **Source** SQL:2016 part 2, 8.2 comparison predicate.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(18, Type.integer).ne(18)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => false
   * ```
   * @category combinators
   */
  ne<
    O extends NonNullable<A> | Expr<NonNullable<A> | null, any> | Each<NonNullable<A> | null, any>
  >(
    that: O
  ): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /**
   * `<`: whether the left side is less.
   *
   * **Shape** NULL where either side is NULL.
   * **Errors** `StatementError` for `null` or `undefined`.
   * **Source** SQL:2016 part 2, 8.2 comparison predicate.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(17, Type.integer).lt(18)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
   * ```
   * @category combinators
   */
  lt<
    O extends NonNullable<A> | Expr<NonNullable<A> | null, any> | Each<NonNullable<A> | null, any>
  >(
    that: O
  ): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /**
   * `<=`: whether the left side is less or equal.
   *
   * **Shape** NULL where either side is NULL.
   * **Errors** `StatementError` for `null` or `undefined`.
   * **Source** SQL:2016 part 2, 8.2 comparison predicate.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(18, Type.integer).lte(18)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
   * ```
   * @category combinators
   */
  lte<
    O extends NonNullable<A> | Expr<NonNullable<A> | null, any> | Each<NonNullable<A> | null, any>
  >(
    that: O
  ): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /**
   * `>`: whether the left side is greater.
   *
   * **Shape** NULL where either side is NULL.
   * **Errors** `StatementError` for `null` or `undefined`.
   * **Source** SQL:2016 part 2, 8.2 comparison predicate.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(18, Type.integer).gt(18)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => false
   * ```
   * @category combinators
   */
  gt<
    O extends NonNullable<A> | Expr<NonNullable<A> | null, any> | Each<NonNullable<A> | null, any>
  >(
    that: O
  ): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /**
   * `>=`: whether the left side is greater or equal.
   *
   * **Shape** NULL where either side is NULL.
   * **Errors** `StatementError` for `null` or `undefined`.
   * **Source** SQL:2016 part 2, 8.2 comparison predicate.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(18, Type.integer).gte(18)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
   * ```
   * @category combinators
   */
  gte<
    O extends NonNullable<A> | Expr<NonNullable<A> | null, any> | Each<NonNullable<A> | null, any>
  >(
    that: O
  ): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /**
   * `IS NOT DISTINCT FROM`: whether both sides are the same, NULL the same as NULL. Never NULL.
   *
   * **Shape** `a.same(null)` is `a.isNull()`; its negation is `a.same(b).not()`. Of sources an
   * outer join left absent on both sides, TRUE.
   * **SQL** `IS` on sqlite, `<=>` on mysql and mariadb.
   * **Errors** `StatementError` for `undefined`.
   * **Source** SQL:2016 part 2, 8.15 distinct predicate; SQLAlchemy 2.0 `is_not_distinct_from`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(null, Type.integer).same(null)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
   * ```
   * @category combinators
   */
  same<O extends A | null | Expr<NonNullable<A> | null, any>>(
    that: O
  ): Expr<boolean, Safe<R | RequiredOf<O>>>
  /**
   * BETWEEN: `low <= self AND self <= high`, both ends included.
   *
   * **Shape** NULL where an operand is NULL and the others do not decide. `symmetric` takes the
   * ends in either order.
   * **Errors** `StatementError` for a `null` or `undefined` end.
   * **Source** SQL:2016 part 2, 8.3 between predicate.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(18, Type.integer).between(18, 65)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
   * ```
   * @category combinators
   */
  between<
    L extends NonNullable<A> | Expr<NonNullable<A> | null, any>,
    H extends NonNullable<A> | Expr<NonNullable<A> | null, any>
  >(
    low: L,
    high: H,
    options?: { readonly symmetric?: boolean }
  ): Expr<boolean | (A & null) | NullOf<L> | NullOf<H>, R | RequiredOf<L> | RequiredOf<H>>
  /**
   * What a document has under keys and at places from 0, one inside the other; of an array what is
   * at a place of each dimension.
   *
   * **Shape** typed by the column's schema. NULL where the document has nothing there, so that
   * `isNotNull()` asks whether it does; JSON's null is not NULL, but `null` when it is read:
   * `Fn.jsonType` tells them apart. A key is one whatever is in it. For more than four, go on.
   * **SQL** `->` on sqlite and postgres, `json_extract` on mysql and mariadb; of an array `a[1]`.
   * **Errors** `StatementError` for what is no document of a schema that says what is there, for a
   * place that is no whole number from 0, and for fewer places than an array has dimensions.
   * **Source** SQLAlchemy 2.0 `JSON.Comparator`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect, Schema } from "effect"
   * const shape = Type.json(Schema.Struct({ tags: Schema.Array(Schema.String) }))
   * const answer = Database.one(Query.select(Expr.value({ tags: ["sql"] }, shape).at("tags", 0)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "sql"
   * ```
   * @category combinators
   */
  at<B, K extends Leg<B>>(this: Value<B, any>, key: K): Expr<Part<B, K> | null, R>
  at<B, K extends Leg<B>, L extends Leg<Part<B, K>>>(
    this: Value<B, any>,
    key: K,
    then: L
  ): Expr<Part<Part<B, K>, L> | null, R>
  at<B, K extends Leg<B>, L extends Leg<Part<B, K>>, M extends Leg<Part<Part<B, K>, L>>>(
    this: Value<B, any>,
    key: K,
    then: L,
    third: M
  ): Expr<Part<Part<Part<B, K>, L>, M> | null, R>
  at<
    B,
    K extends Leg<B>,
    L extends Leg<Part<B, K>>,
    M extends Leg<Part<Part<B, K>, L>>,
    N extends Leg<Part<Part<Part<B, K>, L>, M>>
  >(
    this: Value<B, any>,
    key: K,
    then: L,
    third: M,
    fourth: N
  ): Expr<Part<Part<Part<Part<B, K>, L>, M>, N> | null, R>
  /**
   * IN: membership in a list of values, or in the rows of a query of one column.
   *
   * **Shape** FALSE for the empty list, even of NULL. NULL where the subject is NULL, or where
   * nothing equals it and the query gave a NULL. `Expr.paramList` names a list given when the
   * statement runs.
   * **SQL** a list is one parameter on sqlite (JSON) and postgres (array), and one placeholder an
   * element on mysql and mariadb.
   * **Errors** `StatementError` for an `undefined` or `null` element, or a query of more than one
   * column.
   * **Source** SQL:2016 part 2, 8.4 in predicate.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(2, Type.integer).in([1, 2, 3])))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
   * ```
   * @category combinators
   */
  in(values: ReadonlyArray<NonNullable<A>>): Expr<boolean | (A & null), R>
  in<N>(
    list: ParamList<N, NonNullable<A>>
  ): Expr<boolean | (A & null), R | Param<N, ReadonlyArray<NonNullable<A>>>>
  in<Row extends OneColumn<A>, R2>(
    query: Statement<Row, R2> & { readonly node: Relation }
  ): Expr<boolean | (A & null) | NullIn<Row>, R | R2>
  /**
   * `IS NULL`: never NULL itself.
   *
   * **Shape** of a source an outer join left absent, TRUE.
   * **Source** SQL:2016 part 2, 8.8 null predicate.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(null, Type.integer).isNull()))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
   * ```
   * @category combinators
   */
  isNull(): Expr<boolean, Safe<R>>
  /**
   * `IS NOT NULL`: never NULL itself.
   *
   * **Source** SQL:2016 part 2, 8.8 null predicate.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(null, Type.integer).isNotNull()))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => false
   * ```
   * @category combinators
   */
  isNotNull(): Expr<boolean, Safe<R>>
  /**
   * TRUE where the predicate is FALSE or NULL: the rows that `where` would drop. Never NULL.
   *
   * **Source** SQL:2016 part 2, 6.39 boolean value expression, `IS NOT TRUE`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(null, Type.integer).eq(1).isNotTrue()))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
   * ```
   * @category combinators
   */
  isNotTrue(this: Value<boolean | null, any>): Expr<boolean, Safe<R>>
  /**
   * AND: three-valued conjunction.
   *
   * **Shape** FALSE where either side is FALSE, else NULL where either is NULL, else TRUE.
   * **Source** SQL:2016 part 2, 6.39 boolean value expression.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const age = Expr.value(18, Type.integer)
   * const answer = Database.one(Query.select(age.gte(18).and(age.lt(65))))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
   * ```
   * @category combinators
   */
  and<B extends boolean | null, R2>(
    this: Value<boolean | null, any>,
    that: Value<B, R2>
  ): Expr<boolean | (A & null) | (B & null), R | R2>
  /**
   * OR: three-valued disjunction.
   *
   * **Shape** TRUE where either side is TRUE, else NULL where either is NULL, else FALSE.
   * **Source** SQL:2016 part 2, 6.39 boolean value expression.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const age = Expr.value(18, Type.integer)
   * const answer = Database.one(Query.select(age.lt(18).or(age.gte(65))))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => false
   * ```
   * @category combinators
   */
  or<B extends boolean | null, R2>(
    this: Value<boolean | null, any>,
    that: Value<B, R2>
  ): Expr<boolean | (A & null) | (B & null), R | R2>
  /**
   * NOT: negation of a predicate that is never NULL.
   *
   * **Shape** does not compile for one that may be NULL, whose negation is NULL too and keeps no
   * row: use `isNotTrue`.
   * **Source** SQL:2016 part 2, 6.39 boolean value expression.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(18, Type.integer).isNull().not()))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
   * ```
   * @category combinators
   */
  not(this: Value<boolean, any>): Expr<boolean, R>
  /**
   * Ascending in ORDER BY, NULLs first on every dialect.
   *
   * **Source** SQL:2016 part 2, 10.10 sort specification list.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.all(Query.from(users).orderBy(users.c.id.asc()).limit(1))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [{ id: 1, name: "Ann" }]
   * ```
   * @category combinators
   */
  asc(): Ordering<R>
  /**
   * Descending in ORDER BY, NULLs last on every dialect.
   *
   * **Source** SQL:2016 part 2, 10.10 sort specification list.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.all(Query.from(users).orderBy(users.c.id.desc()).limit(1))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [{ id: 2, name: "Bob" }]
   * ```
   * @category combinators
   */
  desc(): Ordering<R>
  /**
   * `CAST(self AS type)`: the value converted by the server. NULL stays NULL.
   *
   * **Errors** when it runs: `InvalidText` or `ValueOutOfRange` where the server refuses the
   * conversion; `DecodeFailed` where what it makes is no value of the type.
   * **Source** SQL:2016 part 2, 6.13 cast specification.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value("42", Type.text).cast(Type.integer)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 42
   * ```
   * @category combinators
   */
  cast<B>(type: Type<B>): Expr<B | (A & null), R>
  /**
   * `self + that`. NULL where either side is NULL.
   *
   * **Errors** when it runs: `ValueOutOfRange` where the server finds an overflow, else
   * `DecodeFailed` for a result the type cannot hold.
   * **Source** SQL:2016 part 2, 6.29 numeric value expression.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(7, Type.integer).add(2)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 9
   * ```
   * @category combinators
   */
  add<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    this: Value<Numeric | null, any>,
    that: O
  ): Expr<A | NullOf<O>, R | RequiredOf<O>>
  /**
   * `self - that`. NULL where either side is NULL.
   *
   * **Errors** when it runs: as `add`.
   * **Source** SQL:2016 part 2, 6.29 numeric value expression.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(7, Type.integer).sub(2)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 5
   * ```
   * @category combinators
   */
  sub<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    this: Value<Numeric | null, any>,
    that: O
  ): Expr<A | NullOf<O>, R | RequiredOf<O>>
  /**
   * `self * that`. NULL where either side is NULL.
   *
   * **Errors** when it runs: as `add`.
   * **Source** SQL:2016 part 2, 6.29 numeric value expression.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(7, Type.integer).mul(2)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 14
   * ```
   * @category combinators
   */
  mul<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    this: Value<Numeric | null, any>,
    that: O
  ): Expr<A | NullOf<O>, R | RequiredOf<O>>
  /**
   * True division: `7 / 2` is 3.5 on every dialect.
   *
   * **Shape** NULL where either side is NULL or the divisor is zero. A decimal stays a decimal, of
   * as many places as the server computes; an integer gives a double; `quot` is the integer
   * quotient.
   * **Source** SQL:2016 part 2, 6.29 numeric value expression.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(7, Type.integer).div(2)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 3.5
   * ```
   * @category combinators
   */
  div<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    this: Value<Numeric | null, any>,
    that: O
  ): Expr<Quotient<A>, R | RequiredOf<O>>
  /**
   * Integer quotient, towards zero: `-7` by `2` is `-3`.
   *
   * **Shape** NULL where either side is NULL or the divisor is zero.
   * **Laws** `a = quot(a, b) * b + rem(a, b)` where `b` is not zero.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(-7, Type.integer).quot(2)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => -3
   * ```
   * @category combinators
   */
  quot<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    this: Value<number | bigint | null, any>,
    that: O
  ): Expr<A | null, R | RequiredOf<O>>
  /**
   * Remainder of `quot`, with the sign of `self`.
   *
   * **Shape** NULL where either side is NULL or the divisor is zero.
   * **Source** SQL:2016 part 2, 6.30 numeric value function, modulus.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(-7, Type.integer).rem(2)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => -1
   * ```
   * @category combinators
   */
  rem<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    this: Value<number | bigint | null, any>,
    that: O
  ): Expr<A | null, R | RequiredOf<O>>
  /**
   * `-self`. NULL stays NULL.
   *
   * **Source** SQL:2016 part 2, 6.29 numeric value expression.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(7, Type.integer).neg()))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => -7
   * ```
   * @category combinators
   */
  neg(this: Value<Numeric | null, any>): Expr<A, R>
  /**
   * LIKE, case-sensitive on every dialect: `%` any text, `_` one character, `\` escapes.
   *
   * **Shape** NULL where either side is NULL. `contains`, `startsWith` and `endsWith` take text as
   * it is. `escape` is another escape character.
   * **Errors** `StatementError` for an escape that is not one ASCII character, or is `%` or `_`.
   * **Source** SQL:2016 part 2, 8.5 like predicate.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value("athanor", Type.text).like("ath_n%")))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
   * ```
   * @category combinators
   */
  like<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    this: Value<string | null, any>,
    pattern: O,
    options?: { readonly escape?: string }
  ): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /**
   * ILIKE: as `like`, ASCII letters of either case alike on every dialect.
   *
   * **Shape** NULL where either side is NULL. Whether `É` is like `é` is up to the server.
   * **SQL** both sides in lower case on sqlite, mysql and mariadb.
   * **Errors** `StatementError` as `like`, and for an escape that is a letter.
   * **Source** PostgreSQL manual 9.7.1; SQLAlchemy 2.0 `ColumnOperators.ilike`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value("Athanor", Type.text).ilike("aTH_n%")))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
   * ```
   * @category combinators
   */
  ilike<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    this: Value<string | null, any>,
    pattern: O,
    options?: { readonly escape?: string }
  ): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /**
   * Whether the text occurs inside; no character of it is special. NULL stays NULL.
   *
   * **Shape** with `ignoreCase`, ASCII letters of either case are alike.
   * **Errors** `StatementError` for what is not text.
   * **Source** SQLAlchemy 2.0 `ColumnOperators.contains` with `autoescape`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value("100 % wool", Type.text).contains("%")))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
   * ```
   * @category combinators
   */
  contains(
    this: Value<string | null, any>,
    text: string,
    options?: { readonly ignoreCase?: boolean }
  ): Expr<boolean | (A & null), R>
  /**
   * Whether it begins with the text; no character of it is special. NULL stays NULL.
   *
   * **Shape** with `ignoreCase`, ASCII letters of either case are alike.
   * **Errors** `StatementError` for what is not text.
   * **Source** SQLAlchemy 2.0 `ColumnOperators.startswith` with `autoescape`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value("athanor", Type.text).startsWith("a_h")))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => false
   * ```
   * @category combinators
   */
  startsWith(
    this: Value<string | null, any>,
    text: string,
    options?: { readonly ignoreCase?: boolean }
  ): Expr<boolean | (A & null), R>
  /**
   * Whether it ends with the text; no character of it is special. NULL stays NULL.
   *
   * **Shape** with `ignoreCase`, ASCII letters of either case are alike.
   * **Errors** `StatementError` for what is not text.
   * **Source** SQLAlchemy 2.0 `ColumnOperators.endswith` with `autoescape`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value("athanor", Type.text).endsWith("nor")))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
   * ```
   * @category combinators
   */
  endsWith(
    this: Value<string | null, any>,
    text: string,
    options?: { readonly ignoreCase?: boolean }
  ): Expr<boolean | (A & null), R>
  /**
   * `||`: the two texts one after the other. NULL where either side is NULL, on every dialect.
   *
   * **Source** SQL:2016 part 2, 6.31 string value expression.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value("atha", Type.text).concat("nor")))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "athanor"
   * ```
   * @category combinators
   */
  concat<O extends string | Expr<string | null, any>>(
    this: Value<string | null, any>,
    that: O
  ): Expr<string | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /**
   * COALESCE: the value, or `that` where it is NULL.
   *
   * **Shape** NULL only where `that` may be. Of a source an outer join may leave absent it gives
   * `that`, so the null is gone from the type.
   * **Source** SQL:2016 part 2, 6.12 case expression.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(null, Type.integer).coalesce(0)))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 0
   * ```
   * @category combinators
   */
  coalesce<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    that: O
  ): Expr<NonNullable<A> | NullOf<O>, Safe<R> | RequiredOf<O>>
}

/** A row of one column: the value itself, or a record of one key. */
type OneColumn<A> = A | null | { readonly [key: string]: A | null }

/** The null a query's one column may hold. */
type NullIn<Row> =
  | Extract<Row, null>
  | (Row extends { readonly [key: string]: infer V } ? Extract<V, null> : never)

/** A query's one expression, or a refusal where it selects more. */
export const soleField = (rel: Relation, asked: string): Scalar => {
  const row = projection(rel)
  return row === null || row.fields.length !== 1
    ? refuse(`${asked}: the query selects ${row?.fields.length ?? 0} columns, not one`)
    : row.fields[0]!
}

const varcharKeys = new Map<number, string>()

/** The key of our own bounded text: a type somebody derived from it has another. */
const varcharKey = (length: number): string => {
  let key = varcharKeys.get(length)
  if (key === undefined) varcharKeys.set(length, (key = T.varchar(length).key))
  return key
}

/**
 * Comparison widens a bounded text, so that a longer operand is simply unequal; and an array of
 * such.
 */
export const operandType = (type: AnyType): AnyType =>
  type.sql._tag === "Varchar" && type.key === varcharKey(type.sql.length)
    ? T.text
    : type.sql._tag === "Array"
      ? T.arrayOperand(type, operandType)
      : type

const isList = (that: unknown): that is ReadonlyArray<unknown> => Array.isArray(that)

const isEach = (that: unknown): that is Each<any, any> =>
  typeof that === "object" && that !== null && EachId in that

const isValue = (that: unknown): that is Value<any, any> => that instanceof Expression

/** The node of an operand: an expression's own, or a parameter of the subject's type. */
export const lift = (that: unknown, type: AnyType, asked: string): Scalar => {
  if (isValue(that)) return that.node
  if (that === undefined)
    return refuse(`${asked}: the operand is undefined; leave the condition out or use null`)
  if (that === null) return refuse(`${asked}: the operand is null; use isNull()`)
  const own = operandType(type)
  const number = plainNumber(that)
  return S.bound(that, number === null ? own : wider(own, number))
}

/** A plain number with a fraction is compared and reckoned with as a double, whatever it meets. */
const plainNumber = (that: unknown): AnyType | null =>
  typeof that === "number" && !Number.isInteger(that) ? T.double : null

const widths: ReadonlyMap<string, number> = new Map(
  [T.smallint, T.integer, T.count, T.double].map((type, at) => [type.key, at])
)

/** The wider of two plain number types; the first where either is another type. */
export const wider = (type: AnyType, that: AnyType | null): AnyType => {
  const [mine, theirs] = [widths.get(type.key), that === null ? undefined : widths.get(that.key)]
  return mine !== undefined && theirs !== undefined && theirs > mine ? that! : type
}

const escapePattern = (text: unknown, asked: string): string =>
  typeof text === "string"
    ? text.replace(/[\\%_]/g, "\\$&")
    : refuse(`${asked}: the operand is not text`)

/** One printable character that no wildcard is; a letter would change with the pattern's case. */
const escapeChecked = (escape: string, insensitive: boolean): string =>
  /^[ -~]$/.test(escape) && !/[%_]/.test(escape) && !(insensitive && /[a-z]/i.test(escape))
    ? escape
    : refuse("like: the escape is not one ASCII character that may be one")

const orderingPrototype = {
  nullsFirst(this: Ordering<any>) {
    return ordering(this.node, this.direction, "first")
  },
  nullsLast(this: Ordering<any>) {
    return ordering(this.node, this.direction, "last")
  }
}

/** A sort key. NULL is the smallest value unless said. */
export const ordering = (
  node: Scalar,
  direction: "asc" | "desc",
  nulls: "first" | "last" = direction === "asc" ? "first" : "last"
): Ordering<any> =>
  Object.freeze(
    Object.assign(Object.create(orderingPrototype) as object, { node, direction, nulls })
  ) as Ordering<any>

/** A quotient of decimals has as many places as its server computes. */
const quotientType = (type: AnyType): AnyType =>
  type.sql._tag === "Numeric"
    ? (openDecimal(type) ?? type)
    : type.key === T.anyNumeric.key
      ? type
      : T.double

/** What comparisons of one column with plain values have in common. */
interface Compared {
  readonly type: AnyType
  readonly key: string
  readonly keys: { [op in S.Comparison]?: string }
}

const comparedAs = (type: AnyType): Compared => ({ type, key: S.boundKey(type), keys: {} })

/** The type of what stands in a document under a key or at a place. */
export const partOf = (type: AnyType, leg: string | number): AnyType =>
  typeof leg === "number" && !(Number.isInteger(leg) && leg >= 0)
    ? refuse(`at: ${leg} is no place in a list`)
    : (jsonPart(type, leg) ??
      refuse(`at: ${type.key} does not say what is at ${JSON.stringify(leg)}`))

/** What stands at a path: of an array its element first, and of that what is left of the path. */
const partAt = (node: Scalar, path: ReadonlyArray<string | number>): Scalar => {
  const { sql } = node.type
  if (sql._tag !== "Array") return S.jsonAt(node, path, path.reduce(partOf, node.type))
  const places = path
    .slice(0, sql.dimensions)
    .map((leg) =>
      Number.isInteger(leg) && Number(leg) >= 0
        ? S.constant(Number(leg) + 1, T.integer)
        : refuse(`at: ${leg} is no place in a list`)
    )
  const element = elementAt(node, places, "at")
  const rest = path.slice(sql.dimensions)
  return rest.length === 0 ? element : partAt(element, rest)
}

/** The one class behind `Expr`: a node with methods. */
export class Expression {
  readonly node: Scalar
  #compared: Compared | null = null
  constructor(node: Scalar) {
    this.node = node
  }
  pipe() {
    return pipeArguments(this, arguments)
  }
  toString() {
    return `Expr(${this.node._tag})`
  }
  #compare(op: S.Comparison, that: unknown) {
    const { node } = this
    if (isEach(that)) return new Expression(that[EachId].compared(op, node))
    if (node._tag !== "Ref" || that === undefined || that === null || isValue(that))
      return new Expression(S.compare(op, node, lift(that, node.type, op), T.boolean))
    // A column compared with one value after another: the key is made, and hashed, once.
    const known = (this.#compared ??= comparedAs(operandType(node.type)))
    const number = plainNumber(that)
    if (number !== null && wider(known.type, number) !== known.type)
      return new Expression(S.compare(op, node, S.bound(that, number), T.boolean))
    const right = S.bound(that, known.type, known.key)
    const key = (known.keys[op] ??= S.compareKey(op, node, right))
    return new Expression(S.compare(op, node, right, T.boolean, key))
  }
  #arith(
    op: S.Arithmetic,
    that: unknown,
    type: AnyType,
    decimal: (a: AnyType, b: AnyType) => AnyType | null = () => null
  ) {
    const operand = lift(that, this.node.type, op)
    const result = decimal(this.node.type, operand.type) ?? wider(type, operand.type)
    return new Expression(S.arith(op, this.node, operand, result))
  }
  #like(pattern: Scalar, insensitive: boolean, escape = "\\") {
    return new Expression(S.like(this.node, pattern, T.boolean, insensitive, escape))
  }
  eq(that: unknown) {
    return this.#compare("eq", that)
  }
  ne(that: unknown) {
    return this.#compare("ne", that)
  }
  lt(that: unknown) {
    return this.#compare("lt", that)
  }
  lte(that: unknown) {
    return this.#compare("lte", that)
  }
  gt(that: unknown) {
    return this.#compare("gt", that)
  }
  gte(that: unknown) {
    return this.#compare("gte", that)
  }
  same(that: unknown) {
    return that === null ? this.isNull() : this.#compare("same", that)
  }
  between(low: unknown, high: unknown, { symmetric = false } = {}) {
    const { type } = this.node
    const [from, to] = [lift(low, type, "between"), lift(high, type, "between")]
    return new Expression(S.between(this.node, from, to, T.boolean, symmetric))
  }
  at(...path: ReadonlyArray<string | number>) {
    return new Expression(partAt(this.node, path))
  }
  in(that: ReadonlyArray<unknown> | ParamList<any, any> | { readonly node: Relation }) {
    if (isList(that)) {
      return new Expression(
        S.inList(this.node, S.boundList(that, operandType(this.node.type)), T.boolean)
      )
    }
    if (ParamListId in that)
      return new Expression(S.inList(this.node, that[ParamListId], T.boolean))
    soleField(that.node, "in")
    return new Expression(S.inQuery(this.node, that.node, T.boolean))
  }
  isNull() {
    return new Expression(S.isNull(this.node, T.boolean))
  }
  isNotNull() {
    return new Expression(S.not(S.isNull(this.node, T.boolean), T.boolean))
  }
  isNotTrue() {
    return new Expression(
      S.not(S.call("coalesce", [this.node, S.constant(false, T.boolean)], T.boolean), T.boolean)
    )
  }
  and(that: Value<any, any>) {
    return new Expression(S.and([this.node, lift(that, T.boolean, "and")], T.boolean))
  }
  or(that: Value<any, any>) {
    return new Expression(S.or([this.node, lift(that, T.boolean, "or")], T.boolean))
  }
  not() {
    return new Expression(S.not(this.node, T.boolean))
  }
  asc() {
    return ordering(this.node, "asc")
  }
  desc() {
    return ordering(this.node, "desc")
  }
  cast(type: AnyType) {
    return new Expression(S.cast(this.node, type))
  }
  add(that: unknown) {
    return this.#arith("add", that, this.node.type, sumType)
  }
  sub(that: unknown) {
    return this.#arith("sub", that, this.node.type, sumType)
  }
  mul(that: unknown) {
    return this.#arith("mul", that, this.node.type, productType)
  }
  div(that: unknown) {
    return this.#arith("div", that, quotientType(this.node.type))
  }
  quot(that: unknown) {
    return this.#arith("quot", that, this.node.type)
  }
  rem(that: unknown) {
    return this.#arith("rem", that, this.node.type)
  }
  neg() {
    return new Expression(S.negate(this.node, this.node.type))
  }
  like(pattern: unknown, { escape = "\\" } = {}) {
    return this.#like(lift(pattern, T.text, "like"), false, escapeChecked(escape, false))
  }
  ilike(pattern: unknown, { escape = "\\" } = {}) {
    return this.#like(lift(pattern, T.text, "ilike"), true, escapeChecked(escape, true))
  }
  contains(text: string, { ignoreCase = false } = {}) {
    return this.#like(S.bound(`%${escapePattern(text, "contains")}%`, T.text), ignoreCase)
  }
  startsWith(text: string, { ignoreCase = false } = {}) {
    return this.#like(S.bound(`${escapePattern(text, "startsWith")}%`, T.text), ignoreCase)
  }
  endsWith(text: string, { ignoreCase = false } = {}) {
    return this.#like(S.bound(`%${escapePattern(text, "endsWith")}`, T.text), ignoreCase)
  }
  concat(that: unknown) {
    return new Expression(S.call("concat", [this.node, lift(that, T.text, "concat")], T.text))
  }
  coalesce(that: unknown) {
    const { node } = this
    const other = lift(that, node.type, "coalesce")
    const type = eitherType(node.type, other.type) ?? operandType(node.type)
    return new Expression(S.call("coalesce", [node, other], type))
  }
}

/** An expression over a node. */
export const expr = <A, R>(node: Scalar): Expr<A, R> =>
  new Expression(node) as unknown as Expr<A, R>

/** Whether a value is an expression. */
export const isExpr = (value: unknown): value is Expr<any, any> => value instanceof Expression

/**
 * The node of a command's filter. Where it is the `only` one, a conjunction of nothing is refused:
 * every row is asked for by name.
 */
export const filterOf = (predicate: unknown, only: boolean, asked: string): Scalar => {
  if (!isExpr(predicate)) return refuse(`${asked}: the filter is not an expression`)
  const { node } = predicate
  return only && node._tag === "And" && node.parts.length === 0
    ? refuse(`${asked}: the filter holds no condition; say everyRow() where every row is meant`)
    : node
}
