import { type Expr, expr, isExpr, lift, operandType, soleField } from "./Expression.ts"
import type { SoleOf } from "./projection.ts"
import type { Relation } from "./Relation.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import type { Statement } from "./Statement.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType, Type } from "./Type.ts"
import * as T from "./types.ts"
import { elementOf } from "./types/array.ts"
import { type Each, EachId, type NullOf, type RequiredOf, type Value } from "./Value.ts"

type Compared<A, R, O> = Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>>
type Against<A> = NonNullable<A> | Expr<NonNullable<A> | null, any>

/**
 * One of many values, or each of them, as a side of a comparison.
 *
 * **Shape** stands on either side: `Expr.any(q).lt(x)` is `x.gt(Expr.any(q))`. NULL where nothing
 * decides and a value or the other side is NULL.
 * **Source** SQL:2016 part 2, 8.9 quantified comparison predicate.
 *
 * @category models
 */
export interface Quantified<out A, out R> extends Each<A, R> {
  readonly eq: <O extends Against<A>>(that: O) => Compared<A, R, O>
  readonly ne: <O extends Against<A>>(that: O) => Compared<A, R, O>
  readonly lt: <O extends Against<A>>(that: O) => Compared<A, R, O>
  readonly lte: <O extends Against<A>>(that: O) => Compared<A, R, O>
  readonly gt: <O extends Against<A>>(that: O) => Compared<A, R, O>
  readonly gte: <O extends Against<A>>(that: O) => Compared<A, R, O>
}

type Asked = Statement<any, any> & { readonly node: Relation }
type Column = Value<ReadonlyArray<unknown> | null, any>

/** The values of a list or an array, and what each of them is. */
const listed = (
  quantifier: S.Quantifier,
  values: ReadonlyArray<unknown> | Column,
  given: AnyType | undefined
): readonly [Scalar, AnyType] => {
  if (isExpr(values)) {
    const { node } = values
    const of = elementOf(node.type) ?? refuse(`${quantifier}: ${node.type.key} is no array`)
    return [node, elementOf(of) === null ? of : refuse(`${quantifier}: an array of arrays`)]
  }
  const type = operandType(given ?? refuse(`${quantifier}: a list needs its type`))
  return [S.boundList(values as ReadonlyArray<unknown>, type), type]
}

const make = (
  quantifier: S.Quantifier,
  values: Asked | ReadonlyArray<unknown> | Column,
  given: AnyType | undefined
): Quantified<never, never> => {
  const query = Array.isArray(values) || isExpr(values) ? null : (values as Asked).node
  const [list, type] =
    query === null
      ? listed(quantifier, values as ReadonlyArray<unknown> | Column, given)
      : [null, soleField(query, quantifier).type]
  const compared = (op: S.Comparison, self: Scalar): Scalar => {
    if (op === "same" || op === "notSame")
      return refuse(`same: ${quantifier}() has no one value to be the same as`)
    return query === null
      ? S.inList(self, list!, T.boolean, op, quantifier)
      : S.inQuery(self, query, T.boolean, op, quantifier)
  }
  /** The many on the left: the comparison the other way round. */
  const turned = (op: S.Comparison) => (that: unknown) =>
    expr<never, never>(compared(op, lift(that, type, quantifier)))
  return Object.freeze({
    [EachId]: Object.freeze({ compared }),
    eq: turned("eq"),
    ne: turned("ne"),
    lt: turned("gt"),
    lte: turned("gte"),
    gt: turned("lt"),
    gte: turned("lte")
  }) as unknown as Quantified<never, never>
}

/** What the values of an array are, and whether there is one. */
type ValueIn<A> = A extends ReadonlyArray<infer E> ? E : A

interface Make {
  <A extends ReadonlyArray<unknown> | null, R>(array: Value<A, R>): Quantified<ValueIn<A>, R>
  <Row, R>(query: Statement<Row, R> & { readonly node: Relation }): Quantified<SoleOf<Row>, R>
  <A>(values: ReadonlyArray<NoInfer<A>>, type: Type<A>): Quantified<A, never>
}

/**
 * `ANY`: a comparison holds with one of a query's values at least, or of a list's or an array's.
 *
 * **Shape** FALSE of no values, NULL of a NULL array. A list is one parameter where the dialect has
 * arrays.
 * **SQL** on sqlite of a query by its least and greatest value; of a list, `eq` and `ne` are IN and
 * NOT IN but on postgres.
 * **Errors** `StatementError` for a query of more than one column, or a list without its type;
 * `Unsupported` for another comparison with a list, but on postgres.
 * **Source** SQL:2016 part 2, 8.9 quantified comparison predicate; SQLAlchemy 2.0 `any_`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const three = Query.select(Expr.value(3, Type.integer))
 * const answer = Database.one(Query.select(Expr.value(2, Type.integer).lt(Expr.any(three))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
 * ```
 * @category constructors
 */
export const any: Make = (values: Asked | ReadonlyArray<unknown> | Column, type?: AnyType): never =>
  make("any", values, type) as never

/**
 * `ALL`: a comparison holds with each of a query's values, or of a list's or an array's.
 *
 * **Shape** TRUE of no values, NULL of a NULL array. A list is one parameter where the dialect has
 * arrays.
 * **Errors** as `any`.
 * **Source** SQL:2016 part 2, 8.9 quantified comparison predicate; SQLAlchemy 2.0 `all_`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const two = Expr.value(2, Type.integer)
 * const answer = Database.one(Query.select(two.ne(Expr.all([1, 2], Type.integer))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => false
 * ```
 * @category constructors
 */
export const all: Make = (values: Asked | ReadonlyArray<unknown> | Column, type?: AnyType): never =>
  make("all", values, type) as never
