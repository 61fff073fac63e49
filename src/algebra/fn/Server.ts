import { type Expr, expr } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import * as T from "../types.ts"

/** Who asks is the same as long as the statement runs. */
const known = (name: string, word: string, mysql: string): Expr<string> =>
  expr(
    S.customScalar(
      name,
      [],
      { sqlite: null, postgres: [word], mysql: [mysql], mariadb: [mysql] },
      T.text,
      "call"
    )
  )

/**
 * The name of the user whose rights the statement has: `CURRENT_USER`.
 *
 * **Shape** on MySQL and MariaDB with the host, as the account is called. SQLite has no users.
 * **Source** SQL:2016 part 2, 6.4 value specification.
 *
 * @example
 * ```ts
 * import { Fn, Query } from "athanor"
 * import { compile } from "athanor/compile"
 * const said = compile(Query.select({ who: Fn.currentUser() }), "postgres")
 * const text = "text" in said ? said.text : ""
 * text // => "SELECT current_user AS who"
 * ```
 * @category combinators
 */
export const currentUser = (): Expr<string> =>
  known("currentUser", "current_user", "current_user()")

/**
 * The name of the user who opened the connection: `SESSION_USER`.
 *
 * **Shape** on MySQL and MariaDB with the host it came from. SQLite has no users.
 * **Source** SQL:2016 part 2, 6.4 value specification.
 *
 * @example
 * ```ts
 * import { Fn, Query } from "athanor"
 * import { compile } from "athanor/compile"
 * const said = compile(Query.select({ who: Fn.sessionUser() }), "mariadb")
 * const text = "text" in said ? said.text : ""
 * text // => "SELECT session_user() AS who"
 * ```
 * @category combinators
 */
export const sessionUser = (): Expr<string> =>
  known("sessionUser", "session_user", "session_user()")

const ordinary = /^[a-z_][a-z0-9_]{0,59}$/

/**
 * The next number of a sequence: `NEXT VALUE FOR`.
 *
 * **Shape** another one each time it is asked, whether the transaction is kept or not; a number,
 * checked to be exact. PostgreSQL and MariaDB have sequences.
 * **Errors** `StatementError` for a name that is not lower-case letters, digits and underscores;
 * when it runs, `SyntaxOrUndefined` where there is no such sequence.
 * **Source** SQL:2016 part 2, 6.14 next value expression; SQLAlchemy 2.0 `next_value`.
 *
 * @example
 * ```ts
 * import { Fn, Query } from "athanor"
 * import { compile } from "athanor/compile"
 * const said = compile(Query.select({ n: Fn.nextValue("order_numbers") }), "postgres")
 * const text = "text" in said ? said.text : ""
 * text // => "SELECT nextval('\"order_numbers\"') AS n"
 * ```
 * @category combinators
 */
export const nextValue = (sequence: string): Expr<number> => {
  if (typeof sequence !== "string" || !ordinary.test(sequence))
    refuse("nextValue: the name of a sequence is lower-case letters, digits and underscores")
  const mariadb = [`nextval(\`${sequence}\`)`]
  return expr(
    S.customScalar(
      "nextValue",
      [],
      { sqlite: null, postgres: [`nextval('"${sequence}"')`], mysql: null, mariadb },
      T.count,
      "call",
      true
    )
  )
}
