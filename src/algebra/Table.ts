import type { Column, ColumnValue } from "./Column.ts"
import type { TableItem } from "./Constraint.ts"
import type { Expr } from "./Expression.ts"
import { type From, FromId } from "./From.ts"
import { tableFrom, tableRefs, tableSource } from "./tableSource.ts"

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

type KeysWhere<C extends Columns, In> = {
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

declare const WritableId: unique symbol

/**
 * What an insert and an update of a source take.
 *
 * @category models
 */
export interface Writable<in out Insert, in out Patch> {
  readonly [WritableId]?: { readonly insert: Insert; readonly patch: Patch }
}
/**
 * Where the types keep what an insert and an update take.
 *
 * @category models
 */
export type WritableId = typeof WritableId

/**
 * A base table: its columns under `.c`, its rules read when the schema is.
 *
 * **Shape** `N` is its name and its alias in queries.
 * **Source** SQL:2016 part 2, 11.3 table definition; SQLAlchemy 2.0 "Table".
 *
 * @category models
 */
export interface Table<N extends string, C extends Columns>
  extends From<N, RowOf<C>>, Writable<InsertOf<C>, PatchOf<C>> {
  readonly c: { readonly [K in keyof C]: Expr<ColumnValue<C[K]>, N> } & {}
}

/**
 * What `Table.make` takes beside columns.
 *
 * @category models
 */
export interface TableOptions {
  /** The schema it lives in; the connection's default where left out. */
  readonly schema?: string
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
    schema: options.schema ?? null,
    prototype: null,
    items: () => items?.(refs as unknown as Table<N, C>["c"]) ?? []
  })
  const refs = tableRefs(source, name)
  return Object.freeze({
    [FromId]: tableFrom<N, RowOf<C>>(source, name),
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
