import { type Expr, expr, isExpr, operandType } from "./Expression.ts"
import type { Draws } from "./Generator.ts"
import * as S from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import type { Type } from "./Type.ts"
import * as T from "./types.ts"
import {
  type NullOf,
  type Param,
  type ParamList,
  ParamListId,
  type RequiredOf,
  type Value
} from "./Value.ts"

export type { Expr, Operand, Ordering } from "./Expression.ts"
export type { Aggregate, Each, InScope, Param, ParamList, ParamsOf, Uses, Value } from "./Value.ts"
export { caseOf as case, when } from "./Case.ts"
export { collate } from "./Collation.ts"
export { call, custom, operator, prefix } from "./CustomNode.ts"
export { all, any } from "./Quantified.ts"
export type { Quantified } from "./Quantified.ts"
export { system } from "./systemColumn.ts"
export type { SystemColumns } from "./systemColumn.ts"
export { tuple } from "./Tuple.ts"
export type { Tuple } from "./Tuple.ts"

type Predicate = Value<boolean | null, any>

const nodes = (parts: ReadonlyArray<Predicate>, asked: string) =>
  parts.map((part) =>
    isExpr(part) ? part.node : refuse(`${asked}: ${String(part)} is not a predicate`)
  )

/**
 * AND of many predicates; TRUE of none.
 *
 * **Shape** FALSE where one is FALSE, else NULL where one is NULL, else TRUE.
 * **Errors** `StatementError` for a part that is not a predicate, `undefined` among them.
 * **Source** SQL:2016 part 2, 6.39 boolean value expression; SQLAlchemy 2.0 `and_`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const age = Expr.value(18, Type.integer)
 * const answer = Database.one(Query.select(Expr.and(age.gte(18), age.lt(65), age.ne(42))))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
 * ```
 * @category constructors
 */
export const and = <const P extends ReadonlyArray<Predicate>>(
  ...parts: P
): Expr<boolean | NullOf<P[number]>, RequiredOf<P[number]>> =>
  expr(S.and(nodes(parts, "and"), T.boolean))

/**
 * OR of many predicates; FALSE of none.
 *
 * **Shape** TRUE where one is TRUE, else NULL where one is NULL, else FALSE.
 * **Errors** `StatementError` for a part that is not a predicate, `undefined` among them.
 * **Source** SQL:2016 part 2, 6.39 boolean value expression; SQLAlchemy 2.0 `or_`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Expr.or()))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => false
 * ```
 * @category constructors
 */
export const or = <const P extends ReadonlyArray<Predicate>>(
  ...parts: P
): Expr<boolean | NullOf<P[number]>, RequiredOf<P[number]>> =>
  expr(S.or(nodes(parts, "or"), T.boolean))

/**
 * A parameter given by name when the statement runs.
 *
 * **Shape** the verb that runs the statement takes a record of the names; the type asks for each.
 * **Errors** `ParameterMissing` when it runs without it.
 * **Source** SQLAlchemy 2.0 `bindparam`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const doubled = Query.select(Expr.param("n", Type.integer).mul(2))
 * const answer = Database.one(doubled, { n: 21 })
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 42
 * ```
 * @category constructors
 */
export const param = <const N extends string, A>(name: N, type: Type<A>): Expr<A, Param<N, A>> =>
  expr(S.named(name, type))

/**
 * A value made each time the statement runs, sent as a parameter.
 *
 * **Shape** made once for all rows of a statement, from Effect's Clock and Random alone, so that
 * tests can say the time and the draws.
 * **Errors** `EncodeFailed` when it runs, for a value the type cannot hold.
 * **Source** SQLAlchemy 2.0 `bindparam(callable_=…)`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const drawn = Expr.computed(({ random }) => 1 + Math.floor(random() * 6), Type.integer)
 * const answer = Database.one(Query.select(drawn.between(1, 6)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
 * ```
 * @category constructors
 */
export const computed = <A>(make: (draws: Draws) => NoInfer<A>, type: Type<A>): Expr<A, never> =>
  expr(S.generated({ _tag: "From", make }, type))

/**
 * The same SQL read as another type: nothing is printed and nothing converted.
 *
 * **Shape** only the TypeScript type and the decoder change; `cast` asks the server to convert.
 * **Errors** `DecodeFailed` when it runs, where what the server gives is no value of the type.
 * **Source** SQLAlchemy 2.0 `type_coerce`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const wide = Expr.retype(Expr.value(7, Type.integer), Type.bigint)
 * const answer = Database.one(Query.select(wide))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 7n
 * ```
 * @category constructors
 */
export const retype = <A, R, B>(value: Value<A, R>, type: Type<B>): Expr<B | (A & null), R> =>
  // COALESCE of one value is that value, and no dialect writes it.
  expr(S.call("coalesce", [value.node], type))

/**
 * A list for `in`, given by name when the statement runs.
 *
 * **Shape** any length, none included, one text; the verb that runs the statement takes a record of
 * the names.
 * **SQL** one parameter on every dialect: an array on postgres, else a JSON text.
 * **Errors** `ParameterMissing` when it runs without it; `EncodeFailed` for what is no list of
 * values of the type.
 * **Source** SQLAlchemy 2.0 `bindparam(expanding=True)`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const asked = Query.select(Expr.value(2, Type.integer).in(Expr.paramList("ids", Type.integer)))
 * const answer = Database.one(asked, { ids: [1, 2, 3] })
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
 * ```
 * @category constructors
 */
export const paramList = <const N extends string, A>(name: N, type: Type<A>): ParamList<N, A> =>
  Object.freeze({ [ParamListId]: S.named(name, operandType(type)) })

/**
 * A value as an expression, sent as a parameter: never part of the text.
 *
 * **Shape** `null` gives a nullable expression.
 * **Errors** `EncodeFailed` when it runs, for a value the type cannot hold.
 * **Source** SQLAlchemy 2.0 `literal`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Expr.value("It's bound", Type.text)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "It's bound"
 * ```
 * @category constructors
 */
export const value: {
  <A>(value: NoInfer<A>, type: Type<A>): Expr<A, never>
  <A>(value: NoInfer<A> | null, type: Type<A>): Expr<A | null, never>
} = (value: unknown, type: Type<unknown>): Expr<never, never> => expr(S.bound(value, type))

/**
 * DEFAULT: what the server puts into a column that is left out, as a cell of an insert or a new
 * value of an update.
 *
 * **Shape** NULL for a column without a default. It stands by itself, never inside an expression.
 * **SQL** postgres, mysql, mariadb: DEFAULT · sqlite: the default itself
 * **Errors** `StatementError` when it runs, where it stands inside an expression.
 * **Source** SQL:2016 part 2, 6.5 contextually typed value specification.
 *
 * @example
 * ```ts
 * import { Column, Expr, Query, Table } from "athanor"
 * const jobs = Table.make("jobs", { id: Column.id(), state: Column.text().serverDefault("new") })
 * const reset = Query.update(jobs).set({ state: Expr.byDefault() }).where(jobs.c.id.eq(1))
 * ```
 * @category constructors
 */
export const byDefault = (): Value<never, never> => expr(S.byDefault(null, T.text))
