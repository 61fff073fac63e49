import { type Expr, expr, isExpr, lift } from "./Expression.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType } from "./Type.ts"
import * as T from "./types.ts"
import type { RequiredOf, Value } from "./Value.ts"

type Predicate = Value<boolean | null, any>

interface CaseOf<A, R> {
  /** The value where the predicate is the first TRUE one. */
  when<R2, O>(
    predicate: Value<boolean | null, R2>,
    then: O & (Value<any, any> | string | number | bigint | boolean)
  ): CaseOf<A | Result<O>, R | R2 | RequiredOf<O>>
  /** The value where none is TRUE. */
  else<O>(
    otherwise: O & (Value<any, any> | string | number | bigint | boolean | null)
  ): Expr<A | Result<O>, R | RequiredOf<O>>
  /** NULL where none is TRUE. */
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

const resultOf = (value: unknown, known: AnyType | null) =>
  isExpr(value)
    ? value.node
    : value === null
      ? S.bound(null, known ?? T.text)
      : lift(value, known ?? typeOfPlain(value), "case")

const branches = (
  whens: ReadonlyArray<Scalar>,
  thens: ReadonlyArray<Scalar>,
  type: AnyType | null
) => ({
  when: (predicate: Predicate, then: unknown): unknown => {
    if (!isExpr(predicate)) return refuse(`case: ${String(predicate)} is not a predicate`)
    const result = resultOf(then, type)
    return branches([...whens, predicate.node], [...thens, result], result.type)
  },
  else: (otherwise: unknown) =>
    expr(S.caseOf(whens, thens, resultOf(otherwise, type), type ?? T.text)),
  end: () => expr(S.caseOf(whens, thens, S.constant(null, type ?? T.text), type ?? T.text))
})

/**
 * CASE: the first branch whose predicate is TRUE.
 *
 * @example
 * ```ts
 * import { Column, Expr, Query, Table } from "athanor"
 * const users = Table.make("users", { id: Column.id(), age: Column.integer() })
 * Query.from(users).select({ group: Expr.when(users.c.age.lt(18), "minor").else("adult") })
 * ```
 * @category constructors
 */
export const when = branches([], [], null).when as CaseOf<never, never>["when"]
