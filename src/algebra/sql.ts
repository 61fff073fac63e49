import { typeOfPlain } from "./Case.ts"
import { type Expr, expr, isExpr, lift } from "./Expression.ts"
import * as S from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import type { Type } from "./Type.ts"
import type { RequiredOf, Value } from "./Value.ts"

/**
 * SQL by hand, anywhere an expression stands: literal parts, and holes that are bound or embedded.
 *
 * **Shape** the type gives the value, which may be NULL; the holes give the scope. A plain value is
 * sent as a parameter, an expression is embedded.
 * **Errors** `StatementError` when called other than as a template tag, for an `undefined` hole, or
 * for one that is no expression, text, number, bigint, boolean or null.
 * **Source** SQLAlchemy 2.0 `text`, `literal_column`.
 *
 * @example
 * ```ts
 * import { Database, Query, Type, sql } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(sql(Type.integer)`abs(${-7})`))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 7
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

/**
 * What a hole of `sql` takes: an expression, or a plain value to be bound.
 *
 * @category models
 */
export type Hole = Value<any, any> | string | number | bigint | boolean | null
