import { inQuotes } from "../inQuotes.ts"
import { type Expr, expr } from "../Expression.ts"
import { forEachDialect } from "../Print.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import type { Type } from "../Type.ts"
import type { Value } from "../Value.ts"

/**
 * `(value).name`: a field of a composite value, of the type it has there.
 *
 * **Shape** the name is the field's own in the database, and is quoted. NULL of NULL, and where the
 * field is.
 * **Errors** `StatementError` for a name that is no text or empty. `Unsupported` (`compositeTypes`)
 * but on postgres.
 * **Source** SQL:2016 part 2, 6.15 field reference; PostgreSQL manual 8.16.3 "Accessing Composite
 * Types".
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, sql, Table, Type } from "athanor"
 * import { compile } from "athanor/compile"
 * const items = Table.make("items", { id: Column.id() })
 * const price = sql(Type.text)`ROW(7, 'EUR')::money_of`
 * const said = compile(Query.from(items).select({
 *   amount: Fn.field(price, "amount", Type.integer) }), "postgres")
 * const text = "text" in said ? said.text : ""
 * text.startsWith("SELECT (ROW(7, 'EUR')::money_of)") // => true
 * ```
 * @category combinators
 */
export const field = <A, R>(
  value: Value<unknown, R>,
  name: string,
  type: Type<A>
): Expr<A | null, R> => {
  const node = value?.node ?? refuse("field: the value is undefined")
  if (typeof name !== "string" || name === "" || name.includes("\u0000"))
    return refuse("field: the field's name is no name")
  const said = Object.freeze(["(", `).${inQuotes(name, '"')}`])
  const print = forEachDialect((dialect) => (dialect === "postgres" ? said : null))
  return expr(S.customScalar("compositeTypes", [node], print, type, "call"))
}
