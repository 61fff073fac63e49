import { type Expr, expr, isExpr, lift } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import type { AnyType } from "../Type.ts"
import * as T from "../types.ts"
import type { NullOf, RequiredOf, Safe, Value } from "../Value.ts"
import { isMultiRange, type MultiRange } from "../values/MultiRange.ts"
import { type Bounds, isRange, type Range } from "../values/Range.ts"
import { aggregated, type Aggregated } from "./Aggregated.ts"

type Ranges<A> = Range<A> | MultiRange<A>
type AnyRanges = Ranges<unknown> | null

/** What a range's bounds are. */
type BoundOf<A> = A extends Range<infer B> ? B : A extends MultiRange<infer B> ? B : never

type ElementOperand<A> = BoundOf<A> | Expr<BoundOf<A> | null, unknown>
type RangesOperand<A> = Ranges<BoundOf<A>> | Expr<Ranges<BoundOf<A>> | null, unknown>
type SameOperand<A> = NonNullable<A> | Expr<NonNullable<A> | null, unknown>
type Answer<A, R, O> = Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>

const rangeOf = ({ node }: Value<unknown, unknown>, asked: string): S.Scalar =>
  node.type.sql._tag === "Range" ? node : refuse(`${asked}: ${node.type.key} is no range`)

const boundOf = (type: AnyType): AnyType => (type as T.RangeType<unknown>).bound

/** A value of the bounds' own type: the server has no operator for another. */
const elementNode = (that: unknown, of: AnyType, asked: string): S.Scalar => {
  const node = lift(that, of, asked)
  return node.type.sql._tag === of.sql._tag ? node : S.cast(node, of)
}

/** Another range, several ranges, or a value beside a range, as the server wants them. */
const beside = (type: AnyType, that: unknown, asked: string): S.Scalar => {
  const of = boundOf(type)
  if (isRange(that)) return S.bound(that, T.range(of))
  if (isMultiRange(that)) return S.bound(that, T.multirange(of))
  if (!isExpr(that) || that.node.type.sql._tag !== "Range") return elementNode(that, of, asked)
  return boundOf(that.node.type).sql._tag === of.sql._tag
    ? that.node
    : refuse(`${asked}: ${that.node.type.key} beside ${type.key}`)
}

const compared = (
  name: S.FunctionName,
  self: Value<unknown, unknown>,
  that: unknown
): Expr<never, never> => {
  const node = rangeOf(self, name)
  return expr(S.call(name, [node, beside(node.type, that, name)], T.boolean))
}

const joined = (
  name: S.FunctionName,
  self: Value<unknown, unknown>,
  that: unknown
): Expr<never, never> => {
  const node = rangeOf(self, name)
  return expr(S.call(name, [node, lift(that, node.type, name)], node.type))
}

const allBounds: ReadonlySet<string> = new Set<Bounds>(["[)", "[]", "(]", "()"])

/**
 * A range from one bound to another; NULL is no bound.
 *
 * **Shape** the lower bound is in it and the upper is not, unless `bounds` says so.
 * **Errors** `StatementError` for another type; `Unsupported` but on postgres; the server's error
 * for
 * a lower bound above the upper.
 * **Source** PostgreSQL manual 8.17.6, constructing ranges.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const other = Fn.range(Type.range(Type.integer), Fn.rangeLower(stays.c.nights), 10)
 * const query = Query.from(stays).select({ other })
 * ```
 * @category constructors
 */
export const range = <
  A,
  L extends A | null | Expr<A | null, any>,
  U extends A | null | Expr<A | null, any>
>(
  type: T.RangeType<Range<A>>,
  lower: L,
  upper: U,
  bounds: Bounds = "[)"
): Expr<Range<A>, Safe<RequiredOf<L> | RequiredOf<U>>> => {
  if (!allBounds.has(bounds)) return refuse("range: the bounds are not [) or [] or (] or ()")
  if (type.sql._tag !== "Range" || type.sql.multi) return refuse(`range: ${type.key} is no range`)
  const end = (value: unknown): S.Scalar =>
    value === null ? S.constant(null, type.bound) : elementNode(value, type.bound, "range")
  return expr(S.call(`range${bounds}`, [end(lower), end(upper)], type))
}

/**
 * One range as several: a multirange. NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no range; `Unsupported` but on postgres since 14.
 * **Source** PostgreSQL manual 9.20, `multirange`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const several = Query.from(stays).select(Fn.multirange(stays.c.nights))
 * ```
 * @category combinators
 */
export const multirange = <A extends Range<unknown> | null, R>(
  self: Value<A, R>
): Expr<MultiRange<BoundOf<A>> | (A & null), R> => {
  const node = rangeOf(self, "multirange")
  return expr(S.call("multirange", [node], T.multirange(boundOf(node.type))))
}

/**
 * `@>`: whether a value, or all values of another range, are in one. NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no range, and for one of another type; `Unsupported` but
 * on
 * postgres.
 * **Source** PostgreSQL manual 9.20; SQLAlchemy 2.0 `AbstractRange.comparator_factory`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const found = Query.from(stays).where(Fn.rangeContains(stays.c.nights, 7))
 * ```
 * @category combinators
 */
export const rangeContains = <
  A extends AnyRanges,
  R,
  O extends ElementOperand<A> | RangesOperand<A>
>(
  self: Value<A, R>,
  that: O
): Answer<A, R, O> => compared("rangeContains", self, that)

/**
 * `<@`: whether all values of a range are in another. NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no range, and for one of another type; `Unsupported` but
 * on
 * postgres.
 * **Source** PostgreSQL manual 9.20; SQLAlchemy 2.0 `AbstractRange.comparator_factory`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Range, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const found = Query.from(stays).where(Fn.rangeContainedBy(stays.c.nights, Range.make(1, 10)))
 * ```
 * @category combinators
 */
export const rangeContainedBy = <A extends AnyRanges, R, O extends RangesOperand<A>>(
  self: Value<A, R>,
  that: O
): Answer<A, R, O> => compared("rangeContainedBy", self, that)

/**
 * `&&`: whether two ranges have a value in common. NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no range, and for one of another type; `Unsupported` but
 * on
 * postgres.
 * **Source** PostgreSQL manual 9.20; SQLAlchemy 2.0 `AbstractRange.comparator_factory`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Range, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const found = Query.from(stays).where(Fn.rangeOverlaps(stays.c.nights, Range.make(1, 10)))
 * ```
 * @category combinators
 */
export const rangeOverlaps = <A extends AnyRanges, R, O extends RangesOperand<A>>(
  self: Value<A, R>,
  that: O
): Answer<A, R, O> => compared("rangeOverlaps", self, that)

/**
 * `-|-`: whether two ranges lie side by side, with nothing in common and nothing between. NULL
 * stays NULL.
 *
 * **Errors** `StatementError` for what is no range, and for one of another type; `Unsupported` but
 * on
 * postgres.
 * **Source** PostgreSQL manual 9.20; SQLAlchemy 2.0 `AbstractRange.comparator_factory`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Range, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const found = Query.from(stays).where(Fn.rangeAdjacent(stays.c.nights, Range.make(1, 10)))
 * ```
 * @category combinators
 */
export const rangeAdjacent = <A extends AnyRanges, R, O extends RangesOperand<A>>(
  self: Value<A, R>,
  that: O
): Answer<A, R, O> => compared("rangeAdjacent", self, that)

/**
 * `<<`: whether all values of a range are below those of another; FALSE of an empty one. NULL stays
 * NULL.
 *
 * **Errors** `StatementError` for what is no range, and for one of another type; `Unsupported` but
 * on
 * postgres.
 * **Source** PostgreSQL manual 9.20; SQLAlchemy 2.0 `AbstractRange.comparator_factory`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Range, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const found = Query.from(stays).where(Fn.rangeBefore(stays.c.nights, Range.make(1, 10)))
 * ```
 * @category combinators
 */
export const rangeBefore = <A extends AnyRanges, R, O extends RangesOperand<A>>(
  self: Value<A, R>,
  that: O
): Answer<A, R, O> => compared("rangeBefore", self, that)

/**
 * `>>`: whether all values of a range are above those of another; FALSE of an empty one. NULL stays
 * NULL.
 *
 * **Errors** `StatementError` for what is no range, and for one of another type; `Unsupported` but
 * on
 * postgres.
 * **Source** PostgreSQL manual 9.20; SQLAlchemy 2.0 `AbstractRange.comparator_factory`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Range, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const found = Query.from(stays).where(Fn.rangeAfter(stays.c.nights, Range.make(1, 10)))
 * ```
 * @category combinators
 */
export const rangeAfter = <A extends AnyRanges, R, O extends RangesOperand<A>>(
  self: Value<A, R>,
  that: O
): Answer<A, R, O> => compared("rangeAfter", self, that)

/**
 * `&<`: whether no value of a range is above all of another; FALSE of an empty one. NULL stays
 * NULL.
 *
 * **Errors** `StatementError` for what is no range, and for one of another type; `Unsupported` but
 * on
 * postgres.
 * **Source** PostgreSQL manual 9.20; SQLAlchemy 2.0 `AbstractRange.comparator_factory`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Range, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const found = Query.from(stays).where(Fn.rangeEndsWithin(stays.c.nights, Range.make(1, 10)))
 * ```
 * @category combinators
 */
export const rangeEndsWithin = <A extends AnyRanges, R, O extends RangesOperand<A>>(
  self: Value<A, R>,
  that: O
): Answer<A, R, O> => compared("rangeEndsWithin", self, that)

/**
 * `&>`: whether no value of a range is below all of another; FALSE of an empty one. NULL stays
 * NULL.
 *
 * **Errors** `StatementError` for what is no range, and for one of another type; `Unsupported` but
 * on
 * postgres.
 * **Source** PostgreSQL manual 9.20; SQLAlchemy 2.0 `AbstractRange.comparator_factory`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Range, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const found = Query.from(stays).where(Fn.rangeBeginsWithin(stays.c.nights, Range.make(1, 10)))
 * ```
 * @category combinators
 */
export const rangeBeginsWithin = <A extends AnyRanges, R, O extends RangesOperand<A>>(
  self: Value<A, R>,
  that: O
): Answer<A, R, O> => compared("rangeBeginsWithin", self, that)

/**
 * `+`: the values of either of two ranges, or of two multiranges. NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no range; `Unsupported` but on postgres; the server's
 * error where what is left is no one range, which a multirange can hold.
 * **Source** PostgreSQL manual 9.20.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Range, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const query = Query.from(stays).select(Fn.rangeUnion(stays.c.nights, Range.make(1, 10)))
 * ```
 * @category combinators
 */
export const rangeUnion = <A extends AnyRanges, R, O extends SameOperand<A>>(
  self: Value<A, R>,
  that: O
): Expr<A | NullOf<O>, R | RequiredOf<O>> => joined("rangeUnion", self, that)

/**
 * `*`: the values two ranges, or two multiranges, have in common. NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no range; `Unsupported` but on postgres.
 * **Source** PostgreSQL manual 9.20.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Range, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const query = Query.from(stays).select(Fn.rangeIntersection(stays.c.nights, Range.make(1, 10)))
 * ```
 * @category combinators
 */
export const rangeIntersection = <A extends AnyRanges, R, O extends SameOperand<A>>(
  self: Value<A, R>,
  that: O
): Expr<A | NullOf<O>, R | RequiredOf<O>> => joined("rangeIntersection", self, that)

/**
 * `-`: the values of a range, or a multirange, that another has not. NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no range; `Unsupported` but on postgres; the server's
 * error where what is left is no one range, which a multirange can hold.
 * **Source** PostgreSQL manual 9.20.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Range, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const query = Query.from(stays).select(Fn.rangeDifference(stays.c.nights, Range.make(1, 10)))
 * ```
 * @category combinators
 */
export const rangeDifference = <A extends AnyRanges, R, O extends SameOperand<A>>(
  self: Value<A, R>,
  that: O
): Expr<A | NullOf<O>, R | RequiredOf<O>> => joined("rangeDifference", self, that)

/**
 * RANGE_MERGE: the least range that has all values of two, those between them included. NULL stays
 * NULL.
 *
 * **Errors** `StatementError` for what is no range; `Unsupported` but on postgres.
 * **Source** PostgreSQL manual 9.20.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Range, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const query = Query.from(stays).select(Fn.rangeMerge(stays.c.nights, Range.make(1, 10)))
 * ```
 * @category combinators
 */
export const rangeMerge = <A extends Range<unknown> | null, R, O extends SameOperand<A>>(
  self: Value<A, R>,
  that: O
): Expr<A | NullOf<O>, R | RequiredOf<O>> => joined("rangeMerge", self, that)

/**
 * The lower bound of a range; NULL where it has none, and of an empty one.
 *
 * **Shape** in canonical form: of whole numbers and days the upper bound is the first value behind.
 * **Errors** `StatementError` for what is no range; `Unsupported` but on postgres.
 * **Source** PostgreSQL manual 9.20.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const query = Query.from(stays).select(Fn.rangeLower(stays.c.nights))
 * ```
 * @category combinators
 */
export const rangeLower = <A extends AnyRanges, R>(
  self: Value<A, R>
): Expr<BoundOf<A> | null, R> => {
  const node = rangeOf(self, "rangeLower")
  return expr(S.call("rangeLower", [node], boundOf(node.type)))
}

/**
 * The upper bound of a range; NULL where it has none, and of an empty one.
 *
 * **Shape** in canonical form: of whole numbers and days the upper bound is the first value behind.
 * **Errors** `StatementError` for what is no range; `Unsupported` but on postgres.
 * **Source** PostgreSQL manual 9.20.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const query = Query.from(stays).select(Fn.rangeUpper(stays.c.nights))
 * ```
 * @category combinators
 */
export const rangeUpper = <A extends AnyRanges, R>(
  self: Value<A, R>
): Expr<BoundOf<A> | null, R> => {
  const node = rangeOf(self, "rangeUpper")
  return expr(S.call("rangeUpper", [node], boundOf(node.type)))
}

const asked = (name: S.FunctionName, self: Value<unknown, unknown>): Expr<never, never> =>
  expr(S.call(name, [rangeOf(self, name)], T.boolean))

/**
 * Whether a range has no value. NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no range; `Unsupported` but on postgres.
 * **Source** PostgreSQL manual 9.20.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const found = Query.from(stays).where(Fn.rangeIsEmpty(stays.c.nights))
 * ```
 * @category combinators
 */
export const rangeIsEmpty = <A extends AnyRanges, R>(
  self: Value<A, R>
): Expr<boolean | (A & null), R> => asked("rangeIsEmpty", self)

/**
 * Whether a range has no lower bound; FALSE of an empty one. NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no range; `Unsupported` but on postgres.
 * **Source** PostgreSQL manual 9.20.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const found = Query.from(stays).where(Fn.rangeLowerInfinite(stays.c.nights))
 * ```
 * @category combinators
 */
export const rangeLowerInfinite = <A extends AnyRanges, R>(
  self: Value<A, R>
): Expr<boolean | (A & null), R> => asked("rangeLowerInfinite", self)

/**
 * Whether a range has no upper bound; FALSE of an empty one. NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no range; `Unsupported` but on postgres.
 * **Source** PostgreSQL manual 9.20.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const found = Query.from(stays).where(Fn.rangeUpperInfinite(stays.c.nights))
 * ```
 * @category combinators
 */
export const rangeUpperInfinite = <A extends AnyRanges, R>(
  self: Value<A, R>
): Expr<boolean | (A & null), R> => asked("rangeUpperInfinite", self)

/**
 * Whether the lower bound of a range is in it; FALSE of an empty one. NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no range; `Unsupported` but on postgres.
 * **Source** PostgreSQL manual 9.20.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const found = Query.from(stays).where(Fn.rangeIncludesLower(stays.c.nights))
 * ```
 * @category combinators
 */
export const rangeIncludesLower = <A extends AnyRanges, R>(
  self: Value<A, R>
): Expr<boolean | (A & null), R> => asked("rangeIncludesLower", self)

/**
 * Whether the upper bound of a range is in it; FALSE of an empty one. NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no range; `Unsupported` but on postgres.
 * **Source** PostgreSQL manual 9.20.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const found = Query.from(stays).where(Fn.rangeIncludesUpper(stays.c.nights))
 * ```
 * @category combinators
 */
export const rangeIncludesUpper = <A extends AnyRanges, R>(
  self: Value<A, R>
): Expr<boolean | (A & null), R> => asked("rangeIncludesUpper", self)

/**
 * RANGE_AGG: the values of all ranges as one multirange; NULL of none.
 *
 * **Errors** `StatementError` for what is no range; `Unsupported` but on postgres since 14.
 * **Source** PostgreSQL manual 9.21.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const query = Query.from(stays).select(Fn.rangeAgg(stays.c.nights))
 * ```
 * @category combinators
 */
export const rangeAgg = <A extends AnyRanges, R>(
  self: Value<A, R>
): Aggregated<MultiRange<BoundOf<A>> | null, Safe<R>> => {
  const node = rangeOf(self, "rangeAgg")
  const type = T.multirange(boundOf(node.type))
  return aggregated(S.aggregate("rangeAgg", [node], false, type))
}

/**
 * RANGE_INTERSECT_AGG: the values all ranges have in common; NULL of none.
 *
 * **Errors** `StatementError` for what is no range; `Unsupported` but on postgres since 14.
 * **Source** PostgreSQL manual 9.21.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const nights = Column.make(Type.range(Type.integer))
 * const stays = Table.make("stays", { nights })
 * const query = Query.from(stays).select(Fn.rangeIntersectAgg(stays.c.nights))
 * ```
 * @category combinators
 */
export const rangeIntersectAgg = <A extends AnyRanges, R>(
  self: Value<A, R>
): Aggregated<A | null, Safe<R>> => {
  const node = rangeOf(self, "rangeIntersectAgg")
  return aggregated(S.aggregate("rangeIntersectAgg", [node], false, node.type))
}
