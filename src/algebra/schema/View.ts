import { definedFrom } from "./definedFrom.ts"
import { refreshView } from "../Ddl.ts"
import { type Fetched, type From, FromId } from "../From.ts"
import type { Derived, Select } from "../Select.ts"
import type { NoRows, Statement } from "../Statement.ts"
import type { Only } from "./only.ts"
import { refuse } from "../StatementError.ts"
import type { ReadOnly } from "./Writable.ts"

/**
 * A query kept under a name: its columns under `.c`, as those of a derived table.
 *
 * **Shape** it is read like a table and is not written. `N` is its name and its alias in queries.
 * **Source** SQL:2016 part 2, 11.32 view definition.
 *
 * @category models
 */
export interface View<N extends string, Row> extends From<N, Row>, ReadOnly {
  readonly c: Derived<N, Row>["c"]
}

/**
 * What a view is beside its query.
 *
 * @category models
 */
export interface ViewOptions {
  /** The schema it lives in; the connection's default where left out. */
  readonly schema?: string
  /** How long it lives and whether its rows are kept; a plain view where left out. */
  readonly kind?: "temporary" | "materialized"
  /** The dialects and versions it is for; all of them where left out. */
  readonly only?: Only
}

const kinds = {
  plain: "view",
  temporary: "temporary view",
  materialized: "materialized view"
} as const

/**
 * A view: a query kept by the database under a name, read like a table.
 *
 * **Shape** a member of a catalog: created after what it reads, dropped before. Its columns are
 * named by their keys in snake_case, a nested record's by its path. A temporary view lives as long
 * as its connection; a materialized one keeps its rows until `View.refresh`. Policies are not part
 * of a view: where one speaks of a table it reads, reading it is `Unsupported` (`policy`).
 * **Laws** `Query.from(view)` gives the rows of `query.as(name)`.
 * **Errors** `StatementError` for two columns of one name and for a record that may be absent;
 * `Unsupported` (`temporaryViews`, `materializedViews`) when created where there are none.
 * **Source** SQL:2016 part 2, 11.32 view definition; SQLAlchemy 2.1 `CreateView`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table, View } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), age: Column.integer() })
 * const adults = View.make("adults", Query.from(users).where(users.c.age.gte(18)))
 * const program = Database.create(Catalog.make({ users, adults })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).rows([{ age: 7 }, { age: 20 }]))),
 *   Effect.andThen(Database.all(Query.from(adults).select(adults.c.age))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [20]
 * ```
 * @category constructors
 */
export const make = <const N extends string, Row, S extends string>(
  name: N,
  query: Select<Row, never, S>,
  { kind, ...options }: ViewOptions = {}
): View<N, Fetched<Row>> => definedFrom(name, query.node, kinds[kind ?? "plain"], options)

/**
 * How a materialized view is filled again.
 *
 * @category models
 */
export interface RefreshOptions {
  /** Without locking out who reads it: the view needs a unique index, and must be filled. */
  readonly concurrently?: boolean
}

/**
 * REFRESH MATERIALIZED VIEW: the rows of its query as they are now.
 *
 * **Errors** `StatementError` for what is no materialized view.
 * **Source** PostgreSQL manual, REFRESH MATERIALIZED VIEW.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table, View } from "athanor"
 * import { compile } from "athanor/compile"
 * const users = Table.make("users", { id: Column.id() })
 * const totals = View.make("totals", Query.from(users).select({ users: Fn.count() }),
 *   { kind: "materialized" })
 * const said = compile(View.refresh(totals), "postgres")
 * "text" in said && said.text // => "REFRESH MATERIALIZED VIEW totals"
 * ```
 * @category constructors
 */
export const refresh = (
  view: View<string, unknown>,
  { concurrently = false }: RefreshOptions = {}
): Statement<NoRows> => {
  const { source } = view[FromId]
  return source._tag === "TableSource" && source.definition?.kind === "materialized view"
    ? Object.freeze({ node: refreshView(source, concurrently) })
    : refuse("View.refresh: not a materialized view")
}
