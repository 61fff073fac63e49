import { type Pipeable, pipeArguments } from "effect/Pipeable"
import { projection } from "./block.ts"
import type { Relation } from "./Relation.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import type { Statement } from "./Statement.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType, Type } from "./Type.ts"
import * as T from "./types.ts"
import type { BigDecimal } from "effect/BigDecimal"
import type { NullOf, RequiredOf, Safe, Value } from "./Value.ts"

/** What a value of type A is compared with: a plain value or an expression of the same type. */
export type Operand<A> = NonNullable<A> | Expr<NonNullable<A> | null, any>

/** An expression in ORDER BY with its direction. */
export interface Ordering<out R> {
  readonly [OrderingId]: R
  readonly node: Scalar
  readonly direction: "asc" | "desc"
  readonly nulls: "first" | "last"
  /** NULLs before every value. */
  nullsFirst(): Ordering<R>
  /** NULLs after every value. */
  nullsLast(): Ordering<R>
}
declare const OrderingId: unique symbol

/** What a sort key needs: an expression's own needs, or those of the expression it sorts by. */
export type SortNeeds<K> =
  K extends Value<any, any> ? RequiredOf<K> : K extends Ordering<any> ? K[typeof OrderingId] : never
type Numeric = number | bigint | BigDecimal

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
  /** `=`. NULL where either side is NULL. */
  eq<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    that: O
  ): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /** `<>`. NULL where either side is NULL. */
  ne<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    that: O
  ): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /** `<`. NULL where either side is NULL. */
  lt<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    that: O
  ): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /** `<=`. NULL where either side is NULL. */
  lte<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    that: O
  ): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /** `>`. NULL where either side is NULL. */
  gt<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    that: O
  ): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /** `>=`. NULL where either side is NULL. */
  gte<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    that: O
  ): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /** `low <= self AND self <= high`. */
  between<
    L extends NonNullable<A> | Expr<NonNullable<A> | null, any>,
    H extends NonNullable<A> | Expr<NonNullable<A> | null, any>
  >(
    low: L,
    high: H
  ): Expr<boolean | (A & null) | NullOf<L> | NullOf<H>, R | RequiredOf<L> | RequiredOf<H>>
  /** Membership in a list of values, or in a query of one column. FALSE for the empty list. */
  in(values: ReadonlyArray<NonNullable<A>>): Expr<boolean | (A & null), R>
  in<Row extends OneColumn<A>, R2>(
    query: Statement<Row, R2> & { readonly node: Relation }
  ): Expr<boolean | (A & null) | NullIn<Row>, R | R2>
  /** `IS NULL`: never NULL itself. */
  isNull(): Expr<boolean, Safe<R>>
  /** `IS NOT NULL`: never NULL itself. */
  isNotNull(): Expr<boolean, Safe<R>>
  /** TRUE where the predicate is FALSE or NULL: what `where` would drop. */
  isNotTrue(this: Value<boolean | null, any>): Expr<boolean, Safe<R>>
  /** Three-valued conjunction. */
  and<B extends boolean | null, R2>(
    this: Value<boolean | null, any>,
    that: Value<B, R2>
  ): Expr<boolean | (A & null) | (B & null), R | R2>
  /** Three-valued disjunction. */
  or<B extends boolean | null, R2>(
    this: Value<boolean | null, any>,
    that: Value<B, R2>
  ): Expr<boolean | (A & null) | (B & null), R | R2>
  /** Negation of a predicate that is never NULL; `isNotTrue` for one that may be. */
  not(this: Value<boolean, any>): Expr<boolean, R>
  /** Ascending, NULLs first. */
  asc(): Ordering<R>
  /** Descending, NULLs last. */
  desc(): Ordering<R>
  /** `CAST(self AS type)`. */
  cast<B>(type: Type<B>): Expr<B | (A & null), R>
  /** `self + that`. */
  add<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    this: Value<Numeric | null, any>,
    that: O
  ): Expr<A | NullOf<O>, R | RequiredOf<O>>
  /** `self - that`. */
  sub<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    this: Value<Numeric | null, any>,
    that: O
  ): Expr<A | NullOf<O>, R | RequiredOf<O>>
  /** `self * that`. */
  mul<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    this: Value<Numeric | null, any>,
    that: O
  ): Expr<A | NullOf<O>, R | RequiredOf<O>>
  /** True division; NULL where the divisor is zero. */
  div<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    this: Value<Numeric | null, any>,
    that: O
  ): Expr<Quotient<A>, R | RequiredOf<O>>
  /** Integer quotient, towards zero; NULL where the divisor is zero. */
  quot<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    this: Value<number | bigint | null, any>,
    that: O
  ): Expr<A | null, R | RequiredOf<O>>
  /** Remainder of `quot`, with the sign of `self`; NULL where the divisor is zero. */
  rem<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    this: Value<number | bigint | null, any>,
    that: O
  ): Expr<A | null, R | RequiredOf<O>>
  /** `-self`. */
  neg(this: Value<Numeric | null, any>): Expr<A, R>
  /** Pattern match, case-sensitive: `%` any text, `_` one character, `\` escapes. */
  like<O extends NonNullable<A> | Expr<NonNullable<A> | null, any>>(
    this: Value<string | null, any>,
    pattern: O
  ): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /** Whether the text occurs inside; no character is special. */
  contains(this: Value<string | null, any>, text: string): Expr<boolean | (A & null), R>
  /** Whether it begins with the text; no character is special. */
  startsWith(this: Value<string | null, any>, text: string): Expr<boolean | (A & null), R>
  /** Whether it ends with the text; no character is special. */
  endsWith(this: Value<string | null, any>, text: string): Expr<boolean | (A & null), R>
  /** `||`. NULL where either side is NULL. */
  concat<O extends string | Expr<string | null, any>>(
    this: Value<string | null, any>,
    that: O
  ): Expr<string | (A & null) | NullOf<O>, R | RequiredOf<O>>
  /** The value, or `that` where it is NULL. */
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

/** Comparison widens a bounded text, so that a longer operand is simply unequal. */
const operandType = (type: AnyType): AnyType =>
  type.sql._tag === "Varchar" && type.key === varcharKey(type.sql.length) ? T.text : type

const isList = (that: unknown): that is ReadonlyArray<unknown> => Array.isArray(that)

const isValue = (that: unknown): that is Value<any, any> => that instanceof Expression

/** The node of an operand: an expression's own, or a parameter of the subject's type. */
export const lift = (that: unknown, type: AnyType, asked: string): Scalar => {
  if (isValue(that)) return that.node
  if (that === undefined)
    return refuse(`${asked}: the operand is undefined; leave the condition out or use null`)
  if (that === null) return refuse(`${asked}: the operand is null; use isNull()`)
  return S.bound(that, operandType(type))
}

const escapePattern = (text: unknown, asked: string): string =>
  typeof text === "string"
    ? text.replace(/[\\%_]/g, "\\$&")
    : refuse(`${asked}: the operand is not text`)

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

const quotientType = (type: AnyType): AnyType => (type.sql._tag === "Numeric" ? type : T.double)

/** The one class behind `Expr`: a node with methods. */
class Expression {
  readonly node: Scalar
  #keys: { [op in S.Comparison]?: string } | null = null
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
    const right = lift(that, node.type, op)
    // A column compared with one value after another: the key is made, and hashed, once.
    if (node._tag !== "Ref" || isValue(that))
      return new Expression(S.compare(op, node, right, T.boolean))
    const keys = (this.#keys ??= {})
    const key = (keys[op] ??= S.compareKey(op, node, right))
    return new Expression(S.compare(op, node, right, T.boolean, key))
  }
  #arith(op: S.Arithmetic, that: unknown, type: AnyType) {
    return new Expression(S.arith(op, this.node, lift(that, this.node.type, op), type))
  }
  #like(pattern: Scalar) {
    return new Expression(S.like(this.node, pattern, T.boolean))
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
  between(low: unknown, high: unknown) {
    const { node } = this
    return new Expression(
      S.between(node, lift(low, node.type, "between"), lift(high, node.type, "between"), T.boolean)
    )
  }
  in(that: ReadonlyArray<unknown> | { readonly node: Relation }) {
    if (isList(that)) {
      return new Expression(
        S.inList(this.node, S.boundList(that, operandType(this.node.type)), T.boolean)
      )
    }
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
    return this.#arith("add", that, this.node.type)
  }
  sub(that: unknown) {
    return this.#arith("sub", that, this.node.type)
  }
  mul(that: unknown) {
    return this.#arith("mul", that, this.node.type)
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
  like(pattern: unknown) {
    return this.#like(lift(pattern, T.text, "like"))
  }
  contains(text: string) {
    return this.#like(S.bound(`%${escapePattern(text, "contains")}%`, T.text))
  }
  startsWith(text: string) {
    return this.#like(S.bound(`${escapePattern(text, "startsWith")}%`, T.text))
  }
  endsWith(text: string) {
    return this.#like(S.bound(`%${escapePattern(text, "endsWith")}`, T.text))
  }
  concat(that: unknown) {
    return new Expression(S.call("concat", [this.node, lift(that, T.text, "concat")], T.text))
  }
  coalesce(that: unknown) {
    const { node } = this
    return new Expression(
      S.call("coalesce", [node, lift(that, node.type, "coalesce")], operandType(node.type))
    )
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
