import { eitherType } from "./decimalResult.ts"
import { type Expr, expr, isExpr, lift, wider } from "./Expression.ts"
import { walk } from "./fold.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType } from "./Type.ts"
import * as T from "./types.ts"
import type { RequiredOf, Value } from "./Value.ts"

type Predicate = Value<boolean | null, any>

interface CaseOf<A, R> {
  /**
   * The value where the predicate is the first TRUE one.
   *
   * **Shape** a plain value is text, a number, a bigint or a boolean; `Expr.value` types any other.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const age = Expr.value(70, Type.integer)
   * const asked = Expr.when(age.lt(18), "minor").when(age.gte(65), "senior").else("adult")
   * const answer = Database.one(Query.select(asked))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "senior"
   * ```
   * @category combinators
   */
  when<R2, O>(
    predicate: Value<boolean | null, R2>,
    then: O & Branch<A>
  ): CaseOf<A | Result<O>, R | R2 | RequiredOf<O>>
  /**
   * The value where no predicate is TRUE; closes the CASE.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const asked = Expr.when(Expr.value(17, Type.integer).lt(18), "minor").else("adult")
   * const answer = Database.one(Query.select(asked))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "minor"
   * ```
   * @category combinators
   */
  else<O>(otherwise: O & (Branch<A> | null)): Expr<A | Result<O>, R | RequiredOf<O>>
  /**
   * Closes the CASE: NULL where no predicate is TRUE.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const asked = Expr.when(Expr.value(42, Type.integer).lt(18), "minor").end()
   * const answer = Database.one(Query.select(asked))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => null
   * ```
   * @category combinators
   */
  end(): Expr<A | null, R>
}
/** What another branch may give: a value of the type the branches before it have. */
type Branch<A> = [NonNullable<A>] extends [never]
  ? Value<any, any> | string | number | bigint | boolean
  : Value<Wide<A> | null, any> | Wide<A>
type Wide<A> = A extends string
  ? string
  : A extends number
    ? number
    : A extends bigint
      ? bigint
      : A extends boolean
        ? boolean
        : NonNullable<A>
type Result<O> =
  O extends Value<infer A, any>
    ? A
    : O extends number
      ? number
      : O extends string
        ? string
        : O extends boolean
          ? boolean
          : O

/** The type of a plain value written where no column says it. */
export const typeOfPlain = (value: unknown): AnyType =>
  typeof value === "string"
    ? T.text
    : typeof value === "number"
      ? Number.isInteger(value)
        ? T.integer
        : T.double
      : typeof value === "bigint"
        ? T.bigint
        : typeof value === "boolean"
          ? T.boolean
          : refuse(
              "a plain value here is text, a number or a boolean; else use Expr.value(value, type)"
            )

/** Whether what is read is the text that is stored. */
const isText = ({ codec, key, sql }: AnyType): boolean =>
  sql._tag === "Text"
    ? codec === T.text.codec
    : sql._tag === "Varchar"
      ? key === `varchar(${sql.length})`
      : sql._tag === "Enum" && key === `enum${JSON.stringify(sql.values)}`

/** One type for two results: the wider number, text for texts. Others must be one type. */
const common = (a: AnyType, b: AnyType): AnyType => {
  if (a.key === b.key) return a
  if (isText(a) && isText(b)) return T.text
  const decimal = eitherType(a, b)
  if (decimal !== null) return decimal
  const widest = wider(wider(a, b), a)
  return widest.key === a.key && wider(b, a).key !== a.key
    ? refuse(`case: one branch gives ${a.key}, another ${b.key}`)
    : widest
}

const typeOf = (result: unknown): AnyType | null =>
  isExpr(result) ? result.node.type : result === null ? null : typeOfPlain(result)

/** The CASE of branches and what is left, all of one type. */
const close = (
  whens: ReadonlyArray<Scalar>,
  thens: ReadonlyArray<unknown>,
  otherwise: unknown
): Expr<never, never> => {
  let type: AnyType | null = null
  for (const result of [...thens, otherwise]) {
    const own = typeOf(result)
    if (own !== null) type = type === null ? own : common(type, own)
  }
  const whole = type ?? T.text
  const node = (result: unknown): Scalar =>
    result === null ? S.constant(null, whole) : lift(result, whole, "case")
  return expr(S.caseOf(whens, thens.map(node), node(otherwise), whole))
}

const branches = (whens: ReadonlyArray<Scalar>, thens: ReadonlyArray<unknown>) => ({
  when: (predicate: Predicate, then: unknown): unknown =>
    isExpr(predicate)
      ? branches([...whens, predicate.node], [...thens, then])
      : refuse(`case: ${String(predicate)} is not a predicate`),
  else: (otherwise: unknown) => close(whens, thens, otherwise),
  end: () => close(whens, thens, null)
})

/**
 * CASE: the value of the first branch whose predicate is TRUE.
 *
 * **Shape** a predicate that is NULL takes no branch. `else` or `end` makes it an expression.
 * **Errors** `StatementError` for what is no predicate, or a plain value that is no text, number,
 * bigint or boolean: `Expr.value(value, type)` types others.
 * **Source** SQL:2016 part 2, 6.12 case expression; SQLAlchemy 2.0 `case`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const asked = Expr.when(Expr.value(17, Type.integer).lt(18), "minor").else("adult")
 * const answer = Database.one(Query.select(asked))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "minor"
 * ```
 * @category constructors
 */
export const when = branches([], []).when as CaseOf<never, never>["when"]

interface SimpleCase<V, A, R> {
  /**
   * The result where the subject equals the value and no value before it.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const asked = Expr.case(Expr.value(2, Type.integer)).when(1, "one").when(2, "two").end()
   * const answer = Database.one(Query.select(asked))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "two"
   * ```
   * @category combinators
   */
  when<const W extends NonNullable<V> | Expr<NonNullable<V> | null, any>, O>(
    value: W,
    then: O & Branch<A>
  ): SimpleCase<V, A | Result<O>, R | RequiredOf<W> | RequiredOf<O>>
  /**
   * The result where the subject equals none of the values, or is NULL.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const asked = Expr.case(Expr.value(3, Type.integer)).when(1, "one").else("many")
   * const answer = Database.one(Query.select(asked))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "many"
   * ```
   * @category combinators
   */
  else<O>(otherwise: O & (Branch<A> | null)): Expr<A | Result<O>, R | RequiredOf<O>>
  /**
   * Closes the CASE: NULL where the subject equals none of the values, or is NULL.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const asked = Expr.case(Expr.value(3, Type.integer)).when(1, "one").end()
   * const answer = Database.one(Query.select(asked))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => null
   * ```
   * @category combinators
   */
  end(): Expr<A | null, R>
}

type Plain = string | number | bigint | boolean
/** A result for each literal of the subject; keys of numbers are written as numbers. */
type Results<V> = { readonly [K in Extract<V, string | number>]?: Plain | Value<any, any> }
type Given<M> = Result<Exclude<M[keyof M], undefined>>

/** The same comparison in each branch, so the subject must be one value each time it is said. */
const subjectOf = (subject: unknown): Scalar => {
  if (!isExpr(subject)) return refuse(`case: ${String(subject)} is not an expression`)
  walk(subject.node, (one) => {
    if (S.isVolatile(one)) refuse("case: the subject is drawn anew each time it is said")
  })
  return subject.node
}

const simple = (
  subject: Scalar,
  whens: ReadonlyArray<Scalar>,
  thens: ReadonlyArray<unknown>
): unknown => ({
  when: (value: unknown, then: unknown) =>
    simple(subject, [...whens, equals(subject, value)], [...thens, then]),
  else: (otherwise: unknown) => close(whens, thens, otherwise),
  end: () => close(whens, thens, null)
})

const equals = (subject: Scalar, value: unknown): Scalar =>
  S.compare("eq", subject, lift(value, subject.type, "case"), T.boolean)

const keyOf = (key: string, subject: Scalar): unknown =>
  numbers.has(subject.type.sql._tag) ? Number(key) : key
const numbers: ReadonlySet<string> = new Set(["Smallint", "Integer", "Double"])

/**
 * CASE of one value: the result of the first branch it equals, or one result a literal.
 *
 * **Shape** NULL equals nothing and takes no branch. With a record of results: NULL, or the third
 * argument, where the value is none of its keys.
 * **Errors** `StatementError` for what is no expression, an empty record, or results of different
 * types.
 * **Source** SQL:2016 part 2, 6.12 case expression; SQLAlchemy 2.0 `case(…, value=)`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const status = Expr.value("draft", Type.enumeration(["draft", "live"]))
 * const answer = Database.one(Query.select(Expr.case(status, { draft: 0, live: 1 }, -1)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 0
 * ```
 * @category constructors
 */
export const caseOf: {
  <V, R>(subject: Value<V, R>): SimpleCase<V, never, R>
  <V, R, M extends Results<V>>(
    subject: Value<V, R>,
    results: M
  ): Expr<Given<M> | null, R | RequiredOf<M[keyof M]>>
  <V, R, M extends Results<V>, O>(
    subject: Value<V, R>,
    results: M,
    otherwise: O & Branch<Given<M>>
  ): Expr<Given<M> | Result<O>, R | RequiredOf<M[keyof M]> | RequiredOf<O>>
} = (subject: unknown, results?: object, otherwise: unknown = null): never => {
  const node = subjectOf(subject)
  if (results === undefined) return simple(node, [], []) as never
  const pairs = Object.entries(results).filter(([, result]) => result !== undefined)
  if (pairs.length === 0) return refuse("case: the record of results is empty")
  const whens = pairs.map(([key]) => equals(node, keyOf(key, node)))
  return close(
    whens,
    pairs.map(([, result]) => result as unknown),
    otherwise
  ) as never
}
