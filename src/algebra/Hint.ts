import type { DialectName } from "./Dialect.ts"
import { type From, FromId } from "./From.ts"
import * as R from "./Relation.ts"
import type { DialectText, HintForm, Relation } from "./nodes.ts"
import type { Select } from "./Select.ts"
import { query } from "./SelectQuery.ts"
import type { Statement, StatementNode } from "./Statement.ts"
import { refuse } from "./StatementError.ts"
import { isTemplate } from "./template.ts"

declare const LiteralId: unique symbol

/**
 * SQL text that stands in the program and was not put together from values.
 *
 * @category models
 */
export interface Literal {
  readonly [LiteralId]: true
  readonly text: string
}

/**
 * The same place in several dialects; the others say nothing there.
 *
 * @category models
 */
export type Literals = Readonly<Partial<Record<DialectName, Literal>>>

const made = new WeakSet<object>()

/**
 * Words, numbers, brackets and signs between them: nothing quoted, nothing commented, and nothing
 * that a driver takes for a placeholder.
 */
const plain = /^[A-Za-z_](?:[\w ,.=+()]|-(?!-))*$/

/** Words that begin a clause. */
const clauses: ReadonlySet<string> = new Set(
  (
    "select from where group having order limit offset union intersect except values set into " +
    "returning join with window"
  ).split(" ")
)

/**
 * A text for the hints below, as a template tag: only what the program's own source says.
 *
 * **Shape** words, numbers, names, brackets and signs. No quotes, no semicolon, no comment, no word
 * that begins a clause.
 * **Errors** `StatementError` for a text with holes, for one that was put together, and for any
 * other sign.
 *
 * @example
 * ```ts
 * import { Query } from "athanor"
 * Query.literal`MAX_EXECUTION_TIME(1000)`.text // => "MAX_EXECUTION_TIME(1000)"
 * ```
 * @category constructors
 */
export const literal = (parts: TemplateStringsArray): Literal => {
  if (!isTemplate(parts) || parts.length !== 1)
    return refuse("literal: use it as a template tag without holes: literal`…`")
  const [text = ""]: ReadonlyArray<string> = parts
  const begins = text
    .toLowerCase()
    .split(/\W+/)
    .some((word) => clauses.has(word))
  if (!plain.test(text) || begins || !isBalanced(text))
    return refuse(`literal: ${JSON.stringify(text)} is more than words, numbers and brackets`)
  const one = Object.freeze({ text }) as Literal
  made.add(one)
  return one
}

const isBalanced = (text: string): boolean => {
  let depth = 0
  for (const sign of text) {
    if (sign === "(") depth++
    if (sign === ")" && --depth < 0) return false
  }
  return depth === 0
}

const textsOf = (literals: Literals, asked: string): DialectText => {
  const texts: Partial<Record<DialectName, string>> = {}
  for (const [dialect, one] of Object.entries(literals)) {
    if (!made.has(one)) refuse(`${asked}: write the text as literal\`…\``)
    texts[dialect as DialectName] = one.text
  }
  return Object.freeze(texts)
}

const hinted =
  (form: HintForm) =>
  <Row, R, S extends string>(self: Select<Row, R, S>): Select<Row, R, S> =>
    query(R.hint(self.node, form))

/**
 * A comment before the query, for logs and statistics of the server: a fragment for `.pipe`.
 *
 * **Shape** written `/* text *\/` before SELECT on every dialect; it changes no row. Its text is
 * part of the statement: one that differs with each call fills the cache of statements.
 * **Errors** `StatementError` for a text that begins or ends a comment, or holds NUL or half a
 * character.
 * **Source** SQLAlchemy 2.0 `Select.prefix_with`.
 *
 * @example
 * ```ts
 * import { Expr, Query, Type } from "athanor"
 * import { compile } from "athanor/compile"
 * const one = Query.select(Expr.value(1, Type.integer)).pipe(Query.comment("GET /one"))
 * const said = compile(one, "sqlite")
 * "text" in said && said.text // => "/* GET /one *\/ SELECT ? AS c0"
 * ```
 * @category combinators
 */
export const comment = (text: string) => {
  // PostgreSQL nests comments: a text that begins one must not stand inside of one.
  const safe = text.isWellFormed() && !text.includes("\0") && !/\*\/|\/\*/.test(text)
  return safe
    ? hinted(Object.freeze({ _tag: "Comment", text }))
    : refuse("comment: the text begins or ends a comment, or holds half a character")
}

/**
 * Hints for the optimiser in the comment it reads: a fragment for `.pipe`.
 *
 * **Shape** after SELECT on MySQL and MariaDB, before it on PostgreSQL, where the extension
 * pg_hint_plan reads it; nothing on SQLite. No row changes.
 * **Errors** `StatementError` for a text that is no `literal`.
 * **Source** MySQL manual, "Optimizer Hints"; SQLAlchemy 2.0 `Select.with_statement_hint`.
 *
 * @example
 * ```ts
 * import { Expr, Query, Type } from "athanor"
 * import { compile } from "athanor/compile"
 * const hint = Query.optimizer({ mysql: Query.literal`MAX_EXECUTION_TIME(1000)` })
 * const said = compile(Query.select(Expr.value(1, Type.integer)).pipe(hint), "mysql")
 * "text" in said && said.text.startsWith("SELECT /*+ MAX_EXECUTION_TIME(1000) *\/ ") // => true
 * ```
 * @category combinators
 */
export const optimizer = (text: Literals) =>
  hinted({ _tag: "Optimizer", text: textsOf(text, "optimizer") })

/**
 * Words after SELECT, by dialect: a fragment for `.pipe`.
 *
 * **Shape** what they mean is the server's affair: athanor takes them for a hint.
 * **Errors** `StatementError` for a text that is no `literal`.
 * **Source** SQLAlchemy 2.0 `Select.prefix_with`.
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * const users = Table.make("users", { id: Column.id() })
 * const small = Query.prefix({ mysql: Query.literal`SQL_SMALL_RESULT` })
 * const query = Query.from(users).groupBy(users.c.id).select(users.c.id).pipe(small)
 * ```
 * @category combinators
 */
export const prefix = (text: Literals) => hinted({ _tag: "Prefix", text: textsOf(text, "prefix") })

/**
 * Words at the end of the query, by dialect: a fragment for `.pipe`.
 *
 * **Shape** what they mean is the server's affair: athanor takes them for a hint.
 * **Errors** `StatementError` for a text that is no `literal`.
 * **Source** SQLAlchemy 2.0 `Select.suffix_with`.
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * const users = Table.make("users", { id: Column.id() })
 * const examined = Query.suffix({ mariadb: Query.literal`ROWS EXAMINED 10000` })
 * const query = Query.from(users).limit(20).pipe(examined)
 * ```
 * @category combinators
 */
export const suffix = (text: Literals) => hinted({ _tag: "Suffix", text: textsOf(text, "suffix") })

/**
 * USE, FORCE or IGNORE INDEX after a table, on MySQL and MariaDB: a fragment for `.pipe`.
 *
 * **Shape** the names are quoted as any name is; other dialects are not told. No row changes.
 * **Errors** `StatementError` for a source the query does not join as a table, or without names.
 * **Source** MySQL manual, "Index Hints"; SQLAlchemy 2.0 `Select.with_hint`.
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * import { compile } from "athanor/compile"
 * const users = Table.make("users", { id: Column.id() })
 * const query = Query.from(users).pipe(Query.indexHint(users, "force", ["PRIMARY"]))
 * const said = compile(query, "mysql")
 * "text" in said && said.text // => "SELECT users.id FROM users FORCE INDEX (`PRIMARY`)"
 * ```
 * @category combinators
 */
export const indexHint = <N extends string>(
  source: From<N, unknown>,
  verb: "use" | "force" | "ignore",
  names: ReadonlyArray<string>
) => {
  const { alias } = source[FromId]
  if (names.length === 0) return refuse("indexHint: name an index")
  const hint = hinted({ _tag: "Index", alias, verb, names: Object.freeze([...names]) })
  return <Row, R, S extends string>(self: Select<Row, R, S | N>): Select<Row, R, S | N> =>
    joins(self.node, alias)
      ? hint(self)
      : refuse(`indexHint: "${alias}" is no table that the query joins`)
}

const joins = (rel: Relation, alias: string): boolean => {
  switch (rel._tag) {
    case "Table":
      return rel.alias === alias
    case "Join":
      return joins(rel.left, alias) || joins(rel.right, alias)
    case "Derived":
    case "Cte":
    case "Unit":
    case "Combine":
    case "Recursion":
    case "Values":
    case "TableFunction":
      return false
    default:
      return joins(rel.self, alias)
  }
}

/**
 * A table without the rows of tables that inherit from it: `FROM ONLY table`.
 *
 * **Shape** the columns are the table's own. Where tables do not inherit, it is the table.
 * **Errors** `StatementError` for what is no table.
 * **Source** PostgreSQL manual, "Inheritance"; SQLAlchemy 2.0 `Select.with_hint` with `ONLY`.
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * import { compile } from "athanor/compile"
 * const cities = Table.make("cities", { id: Column.id() })
 * const said = compile(Query.from(Query.only(cities)), "postgres")
 * "text" in said && said.text // => "SELECT cities.id FROM ONLY cities"
 * ```
 * @category constructors
 */
export const only = <N extends string, Row, C>(
  source: From<N, Row> & { readonly c: C }
): From<N, Row> & { readonly c: C } => {
  const from = source[FromId]
  if (from.relation._tag !== "Table") return refuse("only: not a table")
  const relation = R.table(from.relation.source, from.alias, true)
  const { alias, shape } = from
  return Object.freeze({
    [FromId]: {
      alias,
      source: from.source,
      relation,
      // Made on first use: a column's type may depend on a table declared later.
      get fields() {
        return from.fields
      },
      shape
    },
    c: source.c
  })
}

/**
 * A query that says that it writes: by the common table expressions it asks.
 *
 * **Shape** no query to read with: it stands in no other one, and fails as a command does.
 *
 * @category models
 */
export interface Writing<out Row, out R> extends Statement<Row, R> {
  readonly node: StatementNode
}

/**
 * Says that a query writes, by commands it asks as common table expressions.
 *
 * **Shape** a query over them runs only so, that nobody takes it for one that reads: its verbs fail
 * with what constraints refuse too. It sees the database as it was before, beside what the commands
 * give back.
 * **SQL** postgres. Elsewhere `Unsupported` with capability `dataModifyingCte`.
 * **Source** PostgreSQL manual, 7.8.4 data-modifying statements in WITH.
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * import { compile } from "athanor/compile"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const gone = Query.deleteFrom(users).where(users.c.id.gt(9)).returning().cte("gone")
 * const names = Query.from(gone).select(gone.c.name).pipe(Query.writing)
 * const said = compile(names, "sqlite")
 * "capability" in said && said.capability // => "dataModifyingCte"
 * ```
 * @category combinators
 */
export const writing = <Row, R, S extends string>(self: Select<Row, R, S>): Writing<Row, R> =>
  query(R.hint(self.node, Object.freeze({ _tag: "Writes" })))
