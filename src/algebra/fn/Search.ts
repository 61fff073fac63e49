import { type Expr, expr, lift } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import * as T from "../types.ts"
import type { NullOf, RequiredOf, Value } from "../Value.ts"

type Text = string | Expr<string | null, any>

/**
 * How a text is searched.
 *
 * **Shape** `plain`: all the words (postgres), words in natural language (mysql, mariadb).
 * `phrase`: the words one after the other (postgres, sqlite). `web`: as people write it in a search
 * box (postgres). `boolean`: with the server's own operators (mysql, mariadb; sqlite: FTS5).
 * `expansion`: natural language with query expansion (mysql, mariadb).
 *
 * @category models
 */
export type SearchMode = "plain" | "phrase" | "web" | "boolean" | "expansion"

const queries: Readonly<Partial<Record<SearchMode, string>>> = {
  plain: "plainto_tsquery",
  phrase: "phraseto_tsquery",
  web: "websearch_to_tsquery"
}
const modes: Readonly<Partial<Record<SearchMode, string>>> = {
  plain: "IN NATURAL LANGUAGE MODE",
  boolean: "IN BOOLEAN MODE",
  expansion: "WITH QUERY EXPANSION"
}

/**
 * Full-text search: whether a text holds what is asked for.
 *
 * **Shape** NULL where either is. What is asked for is a parameter, never part of the statement.
 * On mysql and mariadb the column has a full-text index; on sqlite it is one of an FTS5 table,
 * whose `rank` is a column. `config` is PostgreSQL's, `simple` where none is said.
 * **SQL** `to_tsvector(…) @@ plainto_tsquery(…)`, `MATCH (…) AGAINST (…)`, `… MATCH …`.
 * **Errors** `Unsupported` for a mode the dialect has not; `StatementError` for a `config` that is
 * no name.
 * **Source** PostgreSQL manual 12.1; MySQL manual 14.9; sqlite.org/fts5.html.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table } from "athanor"
 * const posts = Table.make("posts", { id: Column.id(), body: Column.text() })
 * const query = Query.from(posts).where(Fn.search(posts.c.body, "red wine", { config: "english" }))
 * ```
 * @category combinators
 */
export const search = <A extends string | null, R, const O extends Text>(
  text: Value<A, R>,
  asked: O,
  options: { readonly mode?: SearchMode; readonly config?: string } = {}
): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>> => {
  const { config = "simple", mode = "plain" } = options
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(config))
    return refuse("search: the configuration is not a name in small letters")
  const query = queries[mode]
  const against = modes[mode]
  const said = against === undefined ? null : ["MATCH (", ") AGAINST (", ` ${against})`]
  const fts =
    mode === "boolean"
      ? ["", " MATCH ", ""]
      : mode === "phrase"
        ? ["", " MATCH ('\"' || replace(", ", '\"', '\"\"') || '\"')"]
        : null
  return expr(
    S.customScalar(
      `search ${mode}`,
      [text.node, lift(asked, T.text, "search")],
      {
        sqlite: fts,
        postgres:
          query === undefined
            ? null
            : [`to_tsvector('${config}', `, `) @@ ${query}('${config}', `, ")"],
        mysql: said,
        mariadb: said
      },
      T.boolean,
      "condition"
    )
  )
}
