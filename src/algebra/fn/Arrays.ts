import { type Expr, expr, lift } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import type { AnyType } from "../Type.ts"
import * as T from "../types.ts"
import { elementOf } from "../types/array.ts"
import { elementAt, listType } from "../arrayElement.ts"
import type { NullOf, RequiredOf, Safe, Value } from "../Value.ts"

type List = ReadonlyArray<unknown> | null

/** The elements of an array that may be NULL itself. */
type ElementOf<A> = A extends ReadonlyArray<infer E> ? E : never

/** What stands at so many places, one inside the other. */
type At<A, P> = P extends readonly [unknown, ...infer Q] ? At<ElementOf<A>, Q> : NonNullable<A>

type ListOperand<A> =
  | ReadonlyArray<ElementOf<A>>
  | Expr<ReadonlyArray<ElementOf<A> | null> | null, unknown>
type ElementOperand<A> = ElementOf<A> | Expr<NonNullable<ElementOf<A>> | null, unknown>
type Place = number | Expr<number | null, unknown>

/** An array of one dimension, whose elements are values. */
const flat = (type: AnyType, asked: string): AnyType =>
  type.sql._tag === "Array" && type.sql.dimensions > 1
    ? refuse(`${asked}: an array of arrays has no elements of its own`)
    : elementOf(listType(type, asked))!

/** A place given with the statement is part of its text. */
const placeNode = (place: unknown, asked: string): S.Scalar => {
  if (typeof place !== "number") return lift(place, T.integer, asked)
  return Number.isInteger(place) && place >= 1 && place <= 2_147_483_647
    ? S.constant(place, T.integer)
    : refuse(`${asked}: ${place} is no place of an array, which count from 1`)
}

const widths: ReadonlyArray<string> = ["Smallint", "Integer", "Bigint", "Double"]
const texts: ReadonlySet<string> = new Set(["Varchar", "Text", "Enum"])

/** The element type that holds the values of both; null where it is the first. */
const wider = (a: AnyType, b: AnyType, asked: string): AnyType | null => {
  const [mine, theirs] = [a.sql._tag, b.sql._tag]
  if (mine === theirs) return null
  if (texts.has(mine) && texts.has(theirs)) return T.text
  const [from, to] = [widths.indexOf(mine), widths.indexOf(theirs)]
  if (from < 0 || to < 0) return refuse(`${asked}: elements of ${a.key} beside those of ${b.key}`)
  return to > from ? b : null
}

const mayHoldNull = (type: AnyType): boolean => (type as T.ArrayType<unknown>).nulls

const listOf = (of: AnyType, nulls: boolean): T.ArrayType<unknown> =>
  nulls ? T.array(of, { nulls }) : T.array(of)

/** Two arrays as arrays of one type: no server has an operator between arrays of different ones. */
const beside = (
  self: S.Scalar,
  that: unknown,
  asked: string
): readonly [S.Scalar, S.Scalar, AnyType] => {
  const own = flat(self.type, asked)
  const other = lift(that, self.type, asked)
  const found = wider(own, flat(other.type, asked), asked)
  const type = listOf(found ?? own, mayHoldNull(self.type) || mayHoldNull(other.type))
  const as = (node: S.Scalar): S.Scalar =>
    elementOf(node.type)!.sql._tag === elementOf(type)!.sql._tag ? node : S.cast(node, type)
  return [as(self), as(other), type]
}

/** A value beside the elements of an array, as one of them. */
const elementNode = (that: unknown, of: AnyType, asked: string): S.Scalar => {
  const node = that === null ? S.bound(null, of) : lift(that, of, asked)
  return node.type.sql._tag === of.sql._tag || texts.has(of.sql._tag) ? node : S.cast(node, of)
}

const compared = (name: S.FunctionName, node: S.Scalar, that: unknown) => {
  const [left, right] = beside(node, that, name)
  return expr<never, never>(S.call(name, [left, right], T.boolean))
}

const changed = (name: S.FunctionName, node: S.Scalar, ...values: ReadonlyArray<unknown>) => {
  const of = flat(node.type, name)
  const nodes = values.map((value) => elementNode(value, of, name))
  return expr<never, never>(S.call(name, [node, ...nodes], node.type))
}

/**
 * ARRAY[a, b]: an array of values; of arrays of one length an array of one dimension more.
 *
 * **Shape** an element may be NULL, a column that an outer join left out among them; a cast to
 * `Type.array` of one type refuses those. An array given as a whole is `Expr.value`.
 * **Errors** `StatementError` for no values; `Unsupported` but on postgres.
 * **Source** SQL:2016 part 2, 6.41 array value constructor; SQLAlchemy 2.0 `array`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table } from "athanor"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer(), b: Column.integer() })
 * const query = Query.from(t).select(Fn.array([t.c.a, t.c.b]))
 * ```
 * @category constructors
 */
export const array = <A, R>(
  values: readonly [Value<A, R>, ...ReadonlyArray<Value<A, R>>]
): Expr<ReadonlyArray<A | null>, Safe<R>> => {
  const first = values[0]?.node ?? refuse("array: of no values")
  const of = first.type
  const nodes = values.map(({ node }) => node)
  const type = listOf(of, elementOf(of) === null)
  return expr(S.call("array", nodes, type))
}

/**
 * `a[1]`: the element at a place, counted from 1; of an array of arrays at a place of each level.
 *
 * **Shape** NULL where the array has no such place. `at` counts from 0.
 * **Errors** `StatementError` for what is no array, for a number below 1 and for fewer places than
 * dimensions; `Unsupported` but on postgres.
 * **Source** SQL:2016 part 2, 6.24 array element reference.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const posts = Table.make("posts", { tags: Column.make(Type.array(Type.text)) })
 * const first = Query.from(posts).select(Fn.arrayElement(posts.c.tags, 1))
 * ```
 * @category combinators
 */
export const arrayElement = <A extends List, R, const P extends readonly [Place, ...Array<Place>]>(
  { node }: Value<A, R>,
  ...places: P
): Expr<At<A, P> | null, R | RequiredOf<P[number]>> =>
  expr(
    elementAt(
      node,
      places.map((place) => placeNode(place, "arrayElement")),
      "arrayElement"
    )
  )

/**
 * `a[1:2]`: the elements from a place to another, both included and counted from 1; without an end
 * all from there on. Those the array has not are left out.
 *
 * **Errors** `StatementError` for what is no array, and for a number below 1; `Unsupported` but on
 * postgres.
 * **Source** PostgreSQL manual 8.15.3; SQLAlchemy 2.0 `ARRAY` slices.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const posts = Table.make("posts", { tags: Column.make(Type.array(Type.text)) })
 * const firstTwo = Query.from(posts).select(Fn.arraySlice(posts.c.tags, 1, 2))
 * ```
 * @category combinators
 */
export const arraySlice = <
  A extends List,
  R,
  const P extends readonly [from: Place] | readonly [from: Place, to: Place]
>(
  { node }: Value<A, R>,
  ...places: P
): Expr<A | NullOf<P[number]>, R | RequiredOf<P[number]>> => {
  const type = listType(node.type, "arraySlice")
  const nodes = places.map((place) => placeNode(place, "arraySlice"))
  return expr(S.call("arraySlice", [node, ...nodes], type))
}

/**
 * `@>`: whether an array has each element of another, in any order and however often. NULL stays
 * NULL.
 *
 * **Shape** an element that is NULL equals none. Of no elements TRUE.
 * **Errors** `StatementError` for what is no array of one dimension, or elements of another type;
 * `Unsupported` but on postgres.
 * **Source** PostgreSQL manual 9.19; SQLAlchemy 2.0 `ARRAY.Comparator.contains`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const posts = Table.make("posts", { tags: Column.make(Type.array(Type.text)) })
 * const both = Query.from(posts).where(Fn.arrayContains(posts.c.tags, ["sql", "effect"]))
 * ```
 * @category combinators
 */
export const arrayContains = <A extends List, R, O extends ListOperand<A>>(
  array: Value<A, R>,
  that: O
): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>> =>
  compared("arrayContains", array.node, that)

/**
 * `<@`: whether another array has each element of this one. NULL stays NULL.
 *
 * **Shape** an element that is NULL equals none. Of no elements TRUE.
 * **Errors** as `arrayContains`.
 * **Source** PostgreSQL manual 9.19; SQLAlchemy 2.0 `ARRAY.Comparator.contained_by`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const posts = Table.make("posts", { tags: Column.make(Type.array(Type.text)) })
 * const known = Query.from(posts).where(Fn.arrayContainedBy(posts.c.tags, ["sql", "effect"]))
 * ```
 * @category combinators
 */
export const arrayContainedBy = <A extends List, R, O extends ListOperand<A>>(
  array: Value<A, R>,
  that: O
): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>> =>
  compared("arrayContainedBy", array.node, that)

/**
 * `&&`: whether two arrays have an element in common. NULL stays NULL.
 *
 * **Shape** an element that is NULL equals none.
 * **Errors** as `arrayContains`.
 * **Source** PostgreSQL manual 9.19; SQLAlchemy 2.0 `ARRAY.Comparator.overlap`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const posts = Table.make("posts", { tags: Column.make(Type.array(Type.text)) })
 * const either = Query.from(posts).where(Fn.arrayOverlaps(posts.c.tags, ["sql", "effect"]))
 * ```
 * @category combinators
 */
export const arrayOverlaps = <A extends List, R, O extends ListOperand<A>>(
  array: Value<A, R>,
  that: O
): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>> =>
  compared("arrayOverlaps", array.node, that)

/**
 * `||`: the elements of one array and then those of another.
 *
 * **Shape** a NULL array has none; of two it is NULL.
 * **Errors** as `arrayContains`.
 * **Source** PostgreSQL manual 9.19, `array_cat`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const posts = Table.make("posts", { tags: Column.make(Type.array(Type.text)) })
 * const more = Query.from(posts).select(Fn.arrayConcat(posts.c.tags, ["sql"]))
 * ```
 * @category combinators
 */
export const arrayConcat = <A extends List, R, O extends ListOperand<A>>(
  array: Value<A, R>,
  that: O
): Expr<ReadonlyArray<ElementOf<A> | ElementIn<O>> | (A & NullOf<O>), R | RequiredOf<O>> => {
  const [left, right, type] = beside(array.node, that, "arrayConcat")
  return expr(S.call("arrayConcat", [left, right], type))
}

/** The elements of a list, or of an expression that is an array. */
type ElementIn<O> = O extends Value<infer A, any> ? ElementOf<A> : ElementOf<O>

/**
 * The elements of an array and one more at its end.
 *
 * **Shape** a NULL array has none.
 * **Errors** `StatementError` for what is no array of one dimension; `Unsupported` but on postgres.
 * **Source** PostgreSQL manual 9.19, `array_append`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const posts = Table.make("posts", { tags: Column.make(Type.array(Type.text)) })
 * const tag = Query.update(posts).set({ tags: Fn.arrayAppend(posts.c.tags, "sql") }).everyRow()
 * ```
 * @category combinators
 */
export const arrayAppend = <A extends List, R, O extends ElementOperand<A>>(
  array: Value<A, R>,
  value: O
): Expr<NonNullable<A>, Safe<R> | RequiredOf<O>> => changed("arrayAppend", array.node, value)

/**
 * One more element and then those of an array.
 *
 * **Shape** a NULL array has none.
 * **Errors** as `arrayAppend`.
 * **Source** PostgreSQL manual 9.19, `array_prepend`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const posts = Table.make("posts", { tags: Column.make(Type.array(Type.text)) })
 * const tag = Query.update(posts).set({ tags: Fn.arrayPrepend(posts.c.tags, "sql") }).everyRow()
 * ```
 * @category combinators
 */
export const arrayPrepend = <A extends List, R, O extends ElementOperand<A>>(
  array: Value<A, R>,
  value: O
): Expr<NonNullable<A>, Safe<R> | RequiredOf<O>> => changed("arrayPrepend", array.node, value)

/**
 * An array without the elements that are the same as a value, NULL as NULL. NULL stays NULL.
 *
 * **Errors** as `arrayAppend`.
 * **Source** PostgreSQL manual 9.19, `array_remove`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const posts = Table.make("posts", { tags: Column.make(Type.array(Type.text)) })
 * const untag = Query.update(posts).set({ tags: Fn.arrayRemove(posts.c.tags, "sql") }).everyRow()
 * ```
 * @category combinators
 */
export const arrayRemove = <A extends List, R, O extends ElementOperand<A>>(
  array: Value<A, R>,
  value: O
): Expr<A, R | RequiredOf<O>> => changed("arrayRemove", array.node, value)

/**
 * An array with one value in the place of each element that is the same as another, NULL as NULL.
 * NULL stays NULL.
 *
 * **Errors** as `arrayAppend`.
 * **Source** PostgreSQL manual 9.19, `array_replace`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const posts = Table.make("posts", { tags: Column.make(Type.array(Type.text)) })
 * const renamed = Query.from(posts).select(Fn.arrayReplace(posts.c.tags, "sql", "SQL"))
 * ```
 * @category combinators
 */
export const arrayReplace = <
  A extends List,
  R,
  O extends ElementOperand<A>,
  N extends ElementOperand<A>
>(
  array: Value<A, R>,
  from: O,
  to: N
): Expr<A, R | RequiredOf<O> | RequiredOf<N>> => changed("arrayReplace", array.node, from, to)

/**
 * An array with a value at a place, counted from 1: what `SET a[2] = value` makes of it.
 *
 * **Shape** behind the end of the array there are NULLs between; a NULL array has no elements.
 * **Errors** as `arrayAppend`, and `StatementError` for a place below 1.
 * **Source** PostgreSQL manual 8.15.4.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const posts = Table.make("posts", { tags: Column.make(Type.array(Type.text)) })
 * const retag = Query.update(posts).set({ tags: Fn.arrayPut(posts.c.tags, 1, "sql") }).everyRow()
 * ```
 * @category combinators
 */
export const arrayPut = <A extends List, R, O extends ElementOperand<A>>(
  { node }: Value<A, R>,
  place: number,
  value: O
): Expr<NonNullable<A>, Safe<R> | RequiredOf<O>> => {
  const of = flat(node.type, "arrayPut")
  if (typeof place !== "number") refuse("arrayPut: the place is not a number")
  const args = [node, placeNode(place, "arrayPut"), elementNode(value, of, "arrayPut")]
  return expr(S.call("arrayPut", args, node.type))
}

/**
 * The first place of an array, counted from 1, whose element is the same as a value, NULL as NULL;
 * NULL where there is none and of a NULL array.
 *
 * **Errors** as `arrayAppend`.
 * **Source** PostgreSQL manual 9.19, `array_position`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const posts = Table.make("posts", { tags: Column.make(Type.array(Type.text)) })
 * const where = Query.from(posts).select(Fn.arrayPosition(posts.c.tags, "sql"))
 * ```
 * @category combinators
 */
export const arrayPosition = <A extends List, R, O extends ElementOperand<A>>(
  { node }: Value<A, R>,
  value: O
): Expr<number | null, R | RequiredOf<O>> => {
  const of = flat(node.type, "arrayPosition")
  const args = [node, elementNode(value, of, "arrayPosition")]
  return expr(S.call("arrayPosition", args, T.integer))
}

const counted = (name: S.FunctionName, node: S.Scalar) => {
  listType(node.type, name)
  return expr<never, never>(S.call(name, [node], T.integer))
}

/**
 * The number of elements of an array, of arrays of arrays those of the first level. NULL stays
 * NULL.
 *
 * **Errors** `StatementError` for what is no array; `Unsupported` but on postgres.
 * **Source** SQL:2016 part 2, 6.30 numeric value function, cardinality.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const posts = Table.make("posts", { tags: Column.make(Type.array(Type.text)) })
 * const tagged = Query.from(posts).where(Fn.arrayLength(posts.c.tags).gt(0))
 * ```
 * @category combinators
 */
export const arrayLength = <A extends List, R>(array: Value<A, R>): Expr<number | (A & null), R> =>
  counted("arrayLength", array.node)

/**
 * The number of values of an array in all its dimensions. NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no array; `Unsupported` but on postgres.
 * **Source** PostgreSQL manual 9.19, `cardinality`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const boards = Table.make("boards", {
 *   squares: Column.make(Type.array(Type.array(Type.integer)))
 * })
 * const large = Query.from(boards).where(Fn.arrayCardinality(boards.c.squares).gt(64))
 * ```
 * @category combinators
 */
export const arrayCardinality = <A extends List, R>(
  array: Value<A, R>
): Expr<number | (A & null), R> => counted("arrayCardinality", array.node)
