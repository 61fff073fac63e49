import type { Column, ColumnValue, Deferring } from "./Column.ts"
import type { TableItem } from "./Constraint.ts"
import type { Expr } from "../Expression.ts"
import { type Fetched, type From, FromId } from "../From.ts"
import type { Select } from "../Select.ts"
import { definedFrom } from "./definedFrom.ts"
import type { Only } from "./only.ts"
import type { View } from "./View.ts"
import type { MysqlTable, OnCommit, PostgresStorage, TableOptions } from "./tableOptions.ts"
import { tableFrom, tableRefs, tableSource } from "./tableSource.ts"
import type { Writable } from "./Writable.ts"

export type {
  OnConflict,
  MysqlPart,
  MysqlTable,
  OnCommit,
  Partitioning,
  PostgresPart,
  PostgresStorage,
  PostgresTable,
  SqliteTable,
  TableOptions
} from "./tableOptions.ts"
export type { Notes } from "./notes.ts"
export type { Only, Versions } from "./only.ts"
export type { ReadOnly, Writable, WritableId } from "./Writable.ts"

/**
 * The columns of a table by key.
 *
 * @category models
 */
export type Columns = Readonly<Record<string, Column<any, any, any>>>

/**
 * A row as it is fetched: every column by key, null where nullable.
 *
 * @category models
 */
export type RowOf<C extends Columns> = { readonly [K in keyof C]: ColumnValue<C[K]> } & {}

/**
 * A whole row as it is fetched: without the columns that are deferred.
 *
 * @category models
 */
export type WholeOf<C extends Columns> = [Extract<C[keyof C], Deferring<unknown>>] extends [never]
  ? RowOf<C>
  : { readonly [K in Exclude<keyof C, DeferredKeys<C>>]: ColumnValue<C[K]> } & {}

/** The columns that whole rows come without, by key. */
export type DeferredKeys<C> = {
  [K in keyof C]: C[K] extends Deferring<unknown> ? K : never
}[keyof C]

/** Columns that an insert takes so. */
export type KeysWhere<C extends Columns, In> = {
  [K in keyof C]: C[K] extends Column<any, infer I, any> ? ([I] extends [In] ? K : never) : never
}[keyof C]

/**
 * A row as an insert takes it: generated columns left out, those with a default optional.
 *
 * @category models
 */
export type InsertOf<C extends Columns> = {
  readonly [K in KeysWhere<C, "required">]: ColumnValue<C[K]>
} & { readonly [K in KeysWhere<C, "optional">]?: ColumnValue<C[K]> | undefined }

/**
 * The columns an update may change, each optional.
 *
 * @category models
 */
export type PatchOf<C extends Columns> = {
  readonly [K in keyof C as C[K] extends Column<any, any, "yes"> ? K : never]?:
    | ColumnValue<C[K]>
    | undefined
} & {}

/**
 * A base table: its columns under `.c`, its rules read when the schema is.
 *
 * **Shape** `N` is its name and its alias in queries.
 * **Source** SQL:2016 part 2, 11.3 table definition; SQLAlchemy 2.0 "Table".
 *
 * @category models
 */
export interface Table<N extends string, C extends Columns>
  extends From<N, WholeOf<C>>, Writable<InsertOf<C>, PatchOf<C>> {
  readonly c: { readonly [K in keyof C]: Expr<ColumnValue<C[K]>, N> } & {}
}

/**
 * What PostgreSQL alone takes of a table made from a query.
 *
 * @category models
 */
export interface PostgresTableAs extends PostgresStorage {
  /** What becomes of a temporary one when a transaction commits. */
  readonly onCommit?: OnCommit
}

/**
 * What `Table.as` takes beside the query.
 *
 * @category models
 */
export interface TableAsOptions {
  /** The schema it lives in; the connection's default where left out. */
  readonly schema?: string
  /** Lives as long as its connection. Default false. */
  readonly temporary?: boolean
  /** The dialects and versions it is for; all of them where left out. */
  readonly only?: Only
  readonly postgres?: PostgresTableAs
  readonly mysql?: MysqlTable
  readonly mariadb?: MysqlTable
}

type Items<N extends string, C extends Columns> = (c: Table<N, C>["c"]) => ReadonlyArray<TableItem>

const build = <const N extends string, C extends Columns>(
  name: N,
  columns: C,
  items: Items<N, C> | undefined,
  options: TableOptions,
  exact: boolean
): Table<N, C> => {
  const source = tableSource({
    name,
    columns,
    exact,
    options,
    prototype: null,
    items: () => items?.(refs as unknown as Table<N, C>["c"]) ?? []
  })
  const refs = tableRefs(source, name)
  return Object.freeze({
    [FromId]: tableFrom<N, WholeOf<C>>(source, name),
    c: refs as unknown as Table<N, C>["c"]
  })
}

/**
 * A base table from its columns; keys become snake_case names.
 *
 * **Shape** the third argument gives indexes, unique and check constraints over the columns; it and
 * `references` thunks are read when the schema is, so tables may refer to each other.
 * **Errors** `StatementError` for an empty or malformed name, no columns, two columns of one name.
 * **Source** SQL:2016 part 2, 11.3 table definition; SQLAlchemy 2.0 `Table`.
 *
 * @example
 * ```ts
 * import { Check, Column, Index, Table } from "athanor"
 * const posts = Table.make("posts", {
 *   id: Column.id(),
 *   authorId: Column.integer(),
 *   status: Column.enum(["draft", "published"])
 * }, (c) => [Index.on(c.authorId, c.status), Check.that(c.authorId.gt(0), "author_positive")])
 * ```
 * @category constructors
 */
export const make = <const N extends string, C extends Columns>(
  name: N,
  columns: C,
  items?: Items<N, C>,
  options: TableOptions = {}
): Table<N, C> => build(name, columns, items, options, false)

/**
 * A base table whose column names are its keys, unchanged: for a schema that is there already.
 *
 * **Errors** as `make`.
 *
 * @example
 * ```ts
 * import { Column, Table } from "athanor"
 * const users = Table.exact("Users", { userId: Column.id(), displayName: Column.text() })
 * ```
 * @category constructors
 */
export const exact = <const N extends string, C extends Columns>(
  name: N,
  columns: C,
  items?: Items<N, C>,
  options: TableOptions = {}
): Table<N, C> => build(name, columns, items, options, true)

/**
 * A table made from a query with its rows: CREATE TABLE AS.
 *
 * **Shape** a member of a catalog: created after what the query reads, dropped before. Its columns
 * are the query's, without keys and constraints: it is read by this value, and written by one of
 * `Table.make` with the same name. From then on its rows are its own.
 * **Errors** `StatementError` for two columns of one name and for a record that may be absent.
 * **Source** PostgreSQL manual, CREATE TABLE AS; SQLAlchemy 2.1 `CreateTableAs`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.integer().primaryKey(), age: Column.integer() })
 * const adults = Table.as("adults", Query.from(users).where(users.c.age.gte(18)))
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).values({ id: 1, age: 20 }))),
 *   Effect.andThen(Database.create(Catalog.make({ adults }))),
 *   Effect.andThen(Database.all(Query.from(adults).select(adults.c.age))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [20]
 * ```
 * @category constructors
 */
export const as = <const N extends string, Row, S extends string>(
  name: N,
  query: Select<Row, never, S>,
  { temporary = false, ...options }: TableAsOptions = {}
): View<N, Fetched<Row>> =>
  definedFrom(name, query.node, temporary ? "temporary table" : "table", options)
