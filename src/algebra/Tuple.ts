import { projection } from "./block.ts"
import { type Expr, expr, isExpr, lift, operandType } from "./Expression.ts"
import type { Relation } from "./Relation.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import type { Statement } from "./Statement.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType } from "./Type.ts"
import * as T from "./types.ts"
import type { NullOf, RequiredOf, Safe, Value } from "./Value.ts"

/** As many operands as the tuple has parts, each of its part's type. */
type Operands<A> = {
  readonly [K in keyof A]: NonNullable<A[K]> | Expr<NonNullable<A[K]> | null, any>
}
type Plain<A> = { readonly [K in keyof A]: NonNullable<A[K]> }
type Compared<A extends ReadonlyArray<unknown>, R, O extends ReadonlyArray<unknown>> = Expr<
  boolean | Extract<A[number], null> | NullOf<O[number]>,
  R | RequiredOf<O[number]>
>

/**
 * Values side by side: `(a, b)`.
 *
 * **Shape** equal where all parts are; ordered by the first pair that differs, NULL where that pair
 * holds a NULL. The other side is a list of as many values or expressions.
 * **Source** SQL:2016 part 2, 8.2 comparison predicate of rows.
 *
 * @category models
 */
export interface Tuple<A extends ReadonlyArray<unknown>, out R> {
  readonly eq: <const O extends Operands<A>>(that: O) => Compared<A, R, O>
  readonly ne: <const O extends Operands<A>>(that: O) => Compared<A, R, O>
  readonly lt: <const O extends Operands<A>>(that: O) => Compared<A, R, O>
  readonly lte: <const O extends Operands<A>>(that: O) => Compared<A, R, O>
  readonly gt: <const O extends Operands<A>>(that: O) => Compared<A, R, O>
  readonly gte: <const O extends Operands<A>>(that: O) => Compared<A, R, O>
  /** `IS NOT DISTINCT FROM`, part by part: never NULL. */
  readonly same: <const O extends Operands<A>>(
    that: O
  ) => Expr<boolean, Safe<R | RequiredOf<O[number]>>>
  /** Membership in a list of tuples, or in the rows of a query as wide. */
  readonly in: {
    (values: ReadonlyArray<Plain<A>>): Expr<boolean | Extract<A[number], null>, R>
    <R2>(query: Statement<unknown, R2> & { readonly node: Relation }): Expr<boolean | null, R | R2>
  }
}

const families: Readonly<Partial<Record<AnyType["sql"]["_tag"], string>>> = {
  Smallint: "number",
  Integer: "number",
  Bigint: "number",
  Double: "number",
  Numeric: "number",
  Varchar: "text",
  Text: "text",
  Enum: "text"
}
const familyOf = ({ sql }: AnyType): string => families[sql._tag] ?? sql._tag

const widthOf = (given: ReadonlyArray<unknown>, parts: ReadonlyArray<Scalar>): void => {
  if (given.length !== parts.length)
    refuse(`tuple: ${parts.length} values are compared with ${given.length}`)
}

/** The list of a tuple's IN. */
const listOf = (rows: ReadonlyArray<unknown>, parts: ReadonlyArray<Scalar>): Scalar => {
  for (const row of rows) {
    if (!Array.isArray(row)) return refuse("tuple: an element of the list is no tuple")
    widthOf(row, parts)
    if (row.some((value) => value === null || value === undefined))
      refuse("tuple: a list for IN holds values only, no null and no undefined")
  }
  return S.boundList(rows, T.tuple(parts.map((part) => operandType(part.type))))
}

/** A query as wide as the tuple, of comparable columns. */
const queryOf = (query: Relation, parts: ReadonlyArray<Scalar>): Relation => {
  const fields = projection(query)?.fields ?? []
  widthOf(fields, parts)
  parts.forEach(({ type }, i) => {
    if (familyOf(type) !== familyOf(fields[i]!.type))
      refuse(`tuple: ${type.key} is compared with ${fields[i]!.type.key}`)
  })
  return query
}

/**
 * Values side by side, compared with as many: `(a, b) < (c, d)`, `(a, b) IN (…)`.
 *
 * **Errors** `StatementError` for fewer than two parts, for sides that differ in width, and for
 * `null` or `undefined` among the values of a list.
 * **Source** SQL:2016 part 2, 7.1 row value constructor; SQLAlchemy 2.0 `tuple_`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const at = Expr.tuple(Expr.value(1, Type.integer), Expr.value("b", Type.text))
 * const asked = { in: at.in([[1, "b"], [2, "a"]]), lt: at.lt([1, "c"]) }
 * const answer = Database.one(Query.select(asked))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => { in: true, lt: true }
 * ```
 * @category constructors
 */
export const tuple = <
  const P extends readonly [Value<any, any>, ...ReadonlyArray<Value<any, any>>]
>(
  ...parts: P
): Tuple<
  { readonly [K in keyof P]: P[K] extends Value<infer A, any> ? A : never },
  RequiredOf<P[number]>
> => {
  const nodes = parts.map((part) =>
    isExpr(part) ? part.node : refuse("tuple: a part is not an expression")
  )
  if (nodes.length < 2) refuse("tuple: values side by side are two at least")
  const self = S.tuple(nodes, T.tuple(nodes.map((node) => node.type)))
  const compared = (op: S.Comparison) => (that: ReadonlyArray<unknown>) => {
    if (!Array.isArray(that)) return refuse("tuple: the other side is no list of operands")
    widthOf(that, nodes)
    const others = that.map((one, i) => lift(one, nodes[i]!.type, "tuple"))
    const right = S.tuple(others, T.tuple(others.map((node) => node.type)))
    return expr(S.compare(op, self, right, T.boolean))
  }
  const member = (that: ReadonlyArray<unknown> | { readonly node: Relation }) =>
    expr(
      "node" in that
        ? S.inQuery(self, queryOf(that.node, nodes), T.boolean)
        : S.inList(self, listOf(that, nodes), T.boolean)
    )
  return Object.freeze({
    eq: compared("eq"),
    ne: compared("ne"),
    lt: compared("lt"),
    lte: compared("lte"),
    gt: compared("gt"),
    gte: compared("gte"),
    same: compared("same"),
    in: member
  }) as never
}
