import { inQuotes } from "./inQuotes.ts"
import { type DialectName, dialectNames } from "./Dialect.ts"
import { type Expr, expr } from "./Expression.ts"
import { checkName } from "./schema/naming.ts"
import * as S from "./Scalar.ts"
import type { Value } from "./Value.ts"

type Names = string | { readonly [D in DialectName]?: string }

const quoted = (name: string, dialect: DialectName): string =>
  inQuotes(name, dialect === "mysql" || dialect === "mariadb" ? "`" : '"')

/**
 * A text under another collation, which decides how it is compared and sorted: `COLLATE`.
 *
 * **Shape** the name is one for all dialects, or a record; it is always written in quotes. Where it
 * is not said the statement is `Unsupported`.
 * **Errors** `StatementError` for an empty name; when it runs, `SyntaxOrUndefined` for a collation
 * the server does not know.
 * **Source** SQL:2016 part 2, 10.7 collate clause; SQLAlchemy 2.0 `collate`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const alike = Expr.collate(Expr.value("ATHANOR", Type.text), "NOCASE").eq("athanor")
 * const answer = Database.one(Query.select(alike))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
 * ```
 * @category constructors
 */
export const collate = <A extends string | null, R>(
  text: Value<A, R>,
  collation: Names
): Expr<A, R> => {
  const said = (dialect: DialectName): ReadonlyArray<string> | null => {
    const name = typeof collation === "string" ? collation : collation[dialect]
    return name === undefined
      ? null
      : ["", ` COLLATE ${quoted(checkName(name, "collation"), dialect)}`]
  }
  const print = Object.fromEntries(dialectNames.map((name) => [name, said(name)]))
  return expr(
    S.customScalar(
      "collate",
      [text.node],
      Object.freeze(print) as S.CustomScalar["print"],
      text.node.type,
      "operator"
    )
  )
}
