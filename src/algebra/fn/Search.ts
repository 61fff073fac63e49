import { type Expr, expr, lift } from "../Expression.ts"
import * as S from "../Scalar.ts"
import { refuse } from "../StatementError.ts"
import type { AnyType } from "../Type.ts"
import * as T from "../types.ts"
import type { NullOf, RequiredOf, Value } from "../Value.ts"
import { postgresOnly } from "./postgresOnly.ts"

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

/**
 * A configuration of PostgreSQL: which words are one, and which are none.
 *
 * **Shape** those that come with the server; one of your own is its name in small letters.
 *
 * @category models
 */
export type SearchConfig =
  | "simple"
  | "arabic"
  | "armenian"
  | "basque"
  | "catalan"
  | "danish"
  | "dutch"
  | "english"
  | "finnish"
  | "french"
  | "german"
  | "greek"
  | "hindi"
  | "hungarian"
  | "indonesian"
  | "irish"
  | "italian"
  | "lithuanian"
  | "nepali"
  | "norwegian"
  | "portuguese"
  | "romanian"
  | "russian"
  | "serbian"
  | "spanish"
  | "swedish"
  | "tamil"
  | "turkish"
  | "yiddish"
  | (string & {})

const checkedConfig = (config: string, asked: string): string =>
  /^[a-z_][a-z0-9_]{0,62}$/.test(config)
    ? config
    : refuse(`${asked}: the configuration is not a name in small letters`)

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
  options: { readonly mode?: SearchMode; readonly config?: SearchConfig } = {}
): Expr<boolean | (A & null) | NullOf<O>, R | RequiredOf<O>> => {
  const { mode = "plain" } = options
  const config = checkedConfig(options.config ?? "simple", "search")
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

const typed = ({ node }: Value<unknown, unknown>, type: AnyType, asked: string): S.Scalar =>
  node.type.key === type.key
    ? node
    : refuse(`${asked}: ${node.type.key} where ${type.key} is expected`)

/**
 * `to_tsvector`: the words of a text and their places, for a column of `Type.tsvector`, an index,
 * or to be searched at once. NULL stays NULL.
 *
 * **Errors** `StatementError` for a `config` that is no name; `Unsupported` but on postgres.
 * **Source** PostgreSQL manual 12.3.1; SQLAlchemy 2.0 `postgresql.to_tsvector`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table } from "athanor"
 * const posts = Table.make("posts", { id: Column.id(), body: Column.text() })
 * const words = Query.from(posts).select(Fn.searchVector(posts.c.body, "english"))
 * ```
 * @category combinators
 */
export const searchVector = <A extends string | null, R>(
  text: Value<A, R>,
  config: SearchConfig = "simple"
): Expr<string | (A & null), R> =>
  postgresOnly(
    "searchVector",
    [text.node],
    [`to_tsvector('${checkedConfig(config, "searchVector")}', `, ")"],
    T.tsvector
  )

/**
 * What is searched for, made from what somebody asked: `plainto_tsquery` and its like.
 *
 * **Shape** `plain`: all the words; `phrase`: one after the other; `web`: as people write it in a
 * search box. What is asked for is a parameter, and no text is wrong.
 * **Errors** `StatementError` for a `config` that is no name and another mode; `Unsupported` but on
 * postgres.
 * **Source** PostgreSQL manual 12.3.2; SQLAlchemy 2.0 `postgresql.websearch_to_tsquery`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const pages = Table.make("pages", { id: Column.id(), words: Column.make(Type.tsvector) })
 * const asked = Fn.searchQuery("red wine -white", { mode: "web", config: "english" })
 * const found = Query.from(pages).where(Fn.searchMatches(pages.c.words, asked))
 * ```
 * @category combinators
 */
export const searchQuery = <const O extends Text>(
  asked: O,
  {
    config = "simple",
    mode = "plain"
  }: { readonly mode?: "plain" | "phrase" | "web"; readonly config?: SearchConfig } = {}
): Expr<string | NullOf<O>, RequiredOf<O>> => {
  const make = queries[mode] ?? refuse(`searchQuery: there is no mode ${JSON.stringify(mode)}`)
  return postgresOnly(
    "searchQuery",
    [lift(asked, T.text, "searchQuery")],
    [`${make}('${checkedConfig(config, "searchQuery")}', `, ")"],
    T.tsquery
  )
}

/**
 * `@@`: whether words are what is searched for. NULL stays NULL.
 *
 * **Errors** `StatementError` for what is no `Type.tsvector` and no `Type.tsquery`; `Unsupported`
 * but on postgres.
 * **Source** PostgreSQL manual 12.1.2; SQLAlchemy 2.0 `TSVECTOR`, `@@`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const pages = Table.make("pages", { id: Column.id(), words: Column.make(Type.tsvector) })
 * const red = Query.from(pages).where(Fn.searchMatches(pages.c.words, Fn.searchQuery("red")))
 * ```
 * @category combinators
 */
export const searchMatches = <A extends string | null, R, B extends string | null, Q>(
  words: Value<A, R>,
  query: Value<B, Q>
): Expr<boolean | (A & null) | (B & null), R | Q> =>
  postgresOnly(
    "searchMatches",
    [typed(words, T.tsvector, "searchMatches"), typed(query, T.tsquery, "searchMatches")],
    ["ts_match_vq(", ", ", ")"],
    T.boolean
  )

/**
 * `ts_rank`: how well words are what is searched for; more is better. NULL stays NULL.
 *
 * **Shape** of four bytes on the server. With `near`, by how near the words stand to each other:
 * `ts_rank_cd`.
 * **Errors** as `searchMatches`.
 * **Source** PostgreSQL manual 12.3.3; SQLAlchemy 2.0 `func.ts_rank`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, Type } from "athanor"
 * const pages = Table.make("pages", { id: Column.id(), words: Column.make(Type.tsvector) })
 * const asked = Fn.searchQuery("red wine")
 * const best = Query.from(pages)
 *   .orderBy(Fn.searchRank(pages.c.words, asked).desc()).limit(10).select(pages.c.id)
 * ```
 * @category combinators
 */
export const searchRank = <A extends string | null, R, B extends string | null, Q>(
  words: Value<A, R>,
  query: Value<B, Q>,
  { near = false }: { readonly near?: boolean } = {}
): Expr<number | (A & null) | (B & null), R | Q> =>
  postgresOnly(
    "searchRank",
    [typed(words, T.tsvector, "searchRank"), typed(query, T.tsquery, "searchRank")],
    [`CAST(ts_rank${near ? "_cd" : ""}(`, ", ", ") AS double precision)"],
    T.double
  )

/**
 * `ts_headline`: a part of a text with what was searched for between marks. NULL stays NULL.
 *
 * **Shape** the marks are `<b>` and `</b>`; the text is not escaped: what comes from others is to
 * be made harmless before it is shown as HTML.
 * **Errors** `StatementError` for what is no text and no `Type.tsquery`; `Unsupported` but on
 * postgres.
 * **Source** PostgreSQL manual 12.3.4; SQLAlchemy 2.0 `postgresql.ts_headline`.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table } from "athanor"
 * const posts = Table.make("posts", { id: Column.id(), body: Column.text() })
 * const asked = Fn.searchQuery("wine", { config: "english" })
 * const shown = Query.from(posts).select(Fn.searchHeadline(posts.c.body, asked, "english"))
 * ```
 * @category combinators
 */
export const searchHeadline = <A extends string | null, R, B extends string | null, Q>(
  text: Value<A, R>,
  query: Value<B, Q>,
  config: SearchConfig = "simple"
): Expr<string | (A & null) | (B & null), R | Q> =>
  postgresOnly(
    "searchHeadline",
    [text.node, typed(query, T.tsquery, "searchHeadline")],
    [`ts_headline('${checkedConfig(config, "searchHeadline")}', `, ", ", ")"],
    T.text
  )
