import { caseOf } from "../Case.ts"
import type { Expr } from "../Expression.ts"
import { namedOf } from "../schema/namedOf.ts"
import { refuse } from "../StatementError.ts"
import type { AnyType } from "../Type.ts"
import type { Value } from "../Value.ts"

/** What the database stores of each value, in the order declared. */
const storedOf = (type: AnyType): ReadonlyArray<string> => {
  const named = namedOf(type)
  if (named?._tag === "EnumType") return named.values
  return type.sql._tag === "Enum" ? type.sql.values : refuse(`ordinal: ${type.key} is no enum`)
}

/**
 * The place of a value among those its enum declares, from 1: what to sort by where the order is
 * the declared one. NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no enum.
 * **Source** SQLAlchemy 2.0 `Enum.sort_key_function`; MySQL manual, the index of an ENUM value.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const size = Expr.value("large", Type.enumeration({ small: "S", medium: "M", large: "L" }))
 * const answer = Database.one(Query.select(Fn.ordinal(size)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 3
 * ```
 * @category functions
 */
export const ordinal = <A extends string | null, R>(value: Value<A, R>): Expr<number | null, R> => {
  const { codec } = value.node.type
  const places = storedOf(value.node.type).map((stored, at) => [codec.json.decode(stored), at + 1])
  return caseOf(value, Object.fromEntries(places) as never) as never
}
