import { type Expr, expr, lift } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import * as T from "../types.ts"
import type { NullOf, RequiredOf, Value } from "../Value.ts"

/**
 * How a regular expression reads text.
 *
 * **Shape** `ignoreCase`: ASCII letters of either case are alike. `multiline`: `^` and `$` match at
 * lines. `dotAll`: `.` matches a new line too.
 *
 * @category models
 */
export interface RegexOptions {
  readonly ignoreCase?: boolean
  readonly multiline?: boolean
  readonly dotAll?: boolean
}

type Text = string | Expr<string | null, any>

/** Each server's words for the same flags; what is not said is the other way. */
const flagsOf = ({ dotAll = false, ignoreCase = false, multiline = false }: RegexOptions) => {
  const sensitivity = dotAll ? (multiline ? "w" : "s") : multiline ? "n" : "p"
  return {
    key: `${ignoreCase ? " i" : ""}${multiline ? " m" : ""}${dotAll ? " s" : ""}`,
    javascript: `u${ignoreCase ? "i" : ""}${multiline ? "m" : ""}${dotAll ? "s" : ""}`,
    // Of PostgreSQL's options newline sensitivity is one of four.
    postgres: `(?${sensitivity}${ignoreCase ? "i" : ""})`,
    mysql: `${ignoreCase ? "i" : "c"}${multiline ? "m" : ""}${dotAll ? "n" : ""}`,
    pcre: `${ignoreCase ? "(?i)" : "(?-i)"}${multiline ? "(?m)" : ""}${dotAll ? "(?s)" : ""}`
  }
}

/**
 * Whether a text holds a match of a regular expression.
 *
 * **Shape** NULL where either is. Every dialect agrees on literals, `.`, `[a-z]`, `[^a-z]`, groups,
 * `|`, `* + ?`, `{m,n}`, `^`, `$`, and `\d \w \s` of ASCII; beyond that each reads it as its own:
 * JavaScript on sqlite, POSIX advanced on postgres, ICU on mysql, PCRE on mariadb.
 * **SQL** `~` on postgres, `REGEXP` on mariadb, `regexp_like` on mysql; on sqlite a function that
 * athanor's connections bring along.
 * **Errors** when it runs: `InvalidText` for a pattern the server cannot read.
 * **Source** PostgreSQL manual 9.7.3; SQLAlchemy 2.0 `regexp_match`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const name = Expr.value("Athanor 4", Type.text)
 * const answer = Database.one(Query.select(Fn.matches(name, "^a\\w+ 4$", { ignoreCase: true })))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
 * ```
 * @category combinators
 */
export const matches = <A extends string | null, R, const O extends Text>(
  text: Value<A, R>,
  pattern: O,
  options: RegexOptions = {}
): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>> => {
  const { javascript, key, mysql, pcre, postgres } = flagsOf(options)
  return expr(
    S.customScalar(
      `matches${key}`,
      [text.node, lift(pattern, T.text, "matches")],
      {
        sqlite: ["athanor_matches(", ", ", `, '${javascript}')`],
        postgres: ["", ` ~ ('${postgres}' || `, ")"],
        mysql: ["regexp_like(", ", ", `, '${mysql}')`],
        mariadb: ["", ` REGEXP concat('${pcre}', `, ")"]
      },
      T.boolean,
      "condition"
    )
  )
}

/**
 * A text with the first match of a regular expression replaced, or with `all` of them.
 *
 * **Shape** NULL where an operand is. The replacement is text as it is: no character of it is
 * special. Patterns as in `matches`.
 * **Errors** when it runs: `InvalidText` for a pattern the server cannot read.
 * **Source** PostgreSQL manual 9.7.3; SQLAlchemy 2.0 `regexp_replace`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const masked = Fn.regexReplace(Expr.value("a1b22", Type.text), "[0-9]+", "#", { all: true })
 * const answer = Database.one(Query.select(masked))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "a#b#"
 * ```
 * @category combinators
 */
export const regexReplace = <
  A extends string | null,
  R,
  const P extends Text,
  const B extends Text
>(
  text: Value<A, R>,
  pattern: P,
  by: B,
  options: RegexOptions & { readonly all?: boolean } = {}
): Expr<string | (A & null) | NullOf<P> | NullOf<B>, R | RequiredOf<P> | RequiredOf<B>> => {
  const { javascript, key, mysql, pcre, postgres } = flagsOf(options)
  const { all = false } = options
  if (typeof all !== "boolean") return refuse("regexReplace: all is not a boolean")
  // The first alone: from the start on, whatever stands before it kept out of the match.
  const [before, after] = all ? [pcre, ""] : [`\\A(?s:.*?)\\K${pcre}(?:`, ")"]
  return expr(
    S.customScalar(
      `regexReplace${key}${all ? " all" : ""}`,
      [text.node, lift(pattern, T.text, "regexReplace"), lift(by, T.text, "regexReplace")],
      {
        sqlite: ["athanor_replace(", ", ", ", ", `, '${javascript}${all ? "g" : ""}')`],
        postgres: [
          "regexp_replace(",
          `, '${postgres}' || `,
          ", replace(",
          `, '\\', '\\\\')${all ? ", 'g'" : ""})`
        ],
        mysql: [
          "regexp_replace(",
          ", ",
          ", replace(replace(",
          `, '\\', '\\\\'), '$', '\\$'), 1, ${all ? 0 : 1}, '${mysql}')`
        ],
        mariadb: [
          "regexp_replace(",
          `, concat('${before}', `,
          `, '${after}'), replace(`,
          ", '\\', '\\\\'))"
        ]
      },
      T.text,
      "call"
    )
  )
}
