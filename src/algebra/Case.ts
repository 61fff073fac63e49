import { type Expr, expr, isExpr, lift, wider } from "./Expression.ts"
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
    then: O & (Value<any, any> | string | number | bigint | boolean)
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
  else<O>(
    otherwise: O & (Value<any, any> | string | number | bigint | boolean | null)
  ): Expr<A | Result<O>, R | RequiredOf<O>>
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

const isText = ({ sql }: AnyType): boolean =>
  sql._tag === "Text" || sql._tag === "Varchar" || sql._tag === "Enum"

/** One type for two results: the wider number, text for texts. Others must be one type. */
const common = (a: AnyType, b: AnyType): AnyType => {
  if (a.key === b.key) return a
  if (isText(a) && isText(b)) return T.text
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
