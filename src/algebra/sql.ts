import { typeOfPlain } from "./Case.ts"
import { type Expr, expr, isExpr, lift } from "./Expression.ts"
import * as S from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import type { Type } from "./Type.ts"
import type { RequiredOf, Value } from "./Value.ts"

/**
 * SQL by hand, anywhere an expression stands: literal parts, and holes that are bound or embedded.
 *
 * **Shape** the type gives the value; the holes give the scope. A plain value is sent as a
 * parameter.
 *
 * @example
 * ```ts
 * import { Column, Query, sql, Table, Type } from "athanor"
 * const users = Table.make("users", { id: Column.id(), age: Column.integer() })
 * Query.from(users).select({ next: sql(Type.integer)`${users.c.age} + ${1}` })
 * ```
 * @category constructors
 */
export const sql =
  <A>(type: Type<A>) =>
  <const H extends ReadonlyArray<Hole>>(
    parts: TemplateStringsArray,
    ...holes: H
  ): Expr<A | null, RequiredOf<H[number]>> => {
    // A tag's parts are frozen and carry `raw`: text assembled at run time cannot pass for them.
    if (!Array.isArray(parts) || !Object.hasOwn(parts, "raw")) {
      return refuse("sql: use it as a template tag: sql(type)`…`")
    }
    return expr(
      S.raw(
        [...parts],
        holes.map((hole) =>
          isExpr(hole)
            ? hole.node
            : hole === null
              ? S.bound(null, type)
              : lift(hole, typeOfPlain(hole), "sql")
        ),
        type
      )
    )
  }

/** What a hole of `sql` takes. */
export type Hole = Value<any, any> | string | number | bigint | boolean | null
