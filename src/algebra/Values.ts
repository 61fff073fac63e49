import { type From, FromId, type FromNode } from "./From.ts"
import * as R from "./Relation.ts"
import type { RowShape } from "./RowShape.ts"
import * as S from "./Scalar.ts"
import type { Select } from "./Select.ts"
import { query } from "./SelectQuery.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType, ValueOf } from "./Type.ts"
import * as T from "./types.ts"

type Types = Readonly<Record<string, AnyType>>

/** A row of a list: NULL in the type of those columns whose values may be. */
type ListedRow<C extends Types, Row> = {
  readonly [K in keyof C]: ValueOf<C[K]> | Extract<K extends keyof Row ? Row[K] : never, null>
} & {}

/**
 * VALUES: rows of a program as a query, each column of the type said.
 *
 * **Shape** a query as any other: `.as` makes it a table, `.cte` a named one; it stands in `in`, in
 * set operations and in an insert from a query. Its values are parameters. Without rows it is a
 * query without rows, its types the same.
 * **Laws** the list of no rows is the unit of `unionAll` (L6).
 * **Errors** `StatementError` for no column, and for a row with other keys or an `undefined`;
 * `Unsupported` for more values than a statement takes, and on MySQL and MariaDB for more than 500
 * rows.
 * **Source** SQL:2016 part 2, 7.3 table value constructor; SQLAlchemy 2.0 `values`.
 *
 * @example
 * ```ts
 * import { Database, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const types = { id: Type.integer, name: Type.text }
 * const list = Query.values(types, [{ id: 1, name: "Ann" }, { id: 2, name: null }]).as("list")
 * const program = Database.all(Query.from(list).where(list.c.name.isNull()).select(list.c.id))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [2]
 * ```
 * @category constructors
 */
export const values = <
  const C extends Types,
  Row extends { readonly [K in keyof C]: ValueOf<C[K]> | null }
>(
  types: C,
  rows: ReadonlyArray<Row>
): Select<ListedRow<C, Row>, never, never> => {
  const keys = Object.keys(types)
  if (keys.length === 0) return refuse("values: there are no columns")
  const cells = rows.flatMap((row) => {
    const extra = Object.keys(row).find((key) => !Object.hasOwn(types, key))
    if (extra !== undefined) return refuse(`values: no column is called "${extra}"`)
    return keys.map((key) => {
      const value = Object.hasOwn(row, key) ? row[key] : undefined
      return value === undefined
        ? refuse(`values: a row has no value for "${key}"`)
        : S.bound(value, types[key]!)
    })
  })
  const shape: RowShape = Object.freeze({
    _tag: "Record",
    keys: Object.freeze(keys),
    parts: Object.freeze(keys.map((_, index) => Object.freeze({ _tag: "Cell", index }))),
    presence: null,
    prototype: null
  })
  const fields = Object.freeze(keys.map((key) => S.constant(null, types[key]!)))
  return query(R.values(Object.freeze({ fields, shape }), cells))
}

/** How a sample is taken: which rows, and whether again the same. */
export interface SampleOptions {
  /** Each row by itself, or whole pages of rows, which is faster and less even. */
  readonly method?: "bernoulli" | "system"
  /** The same sample for the same number, as long as the table does not change. */
  readonly seed?: number
}

/** A table of which some rows are read. */
export interface Sampled<N extends string, Row, C> extends From<N, Row> {
  readonly c: C
}

/**
 * TABLESAMPLE: about so many per cent of a table's rows, by chance.
 *
 * **Shape** stands in FROM and joins for the table, under its name. PostgreSQL has it.
 * **Errors** `StatementError` for what is no table and for less than 0 or more than 100 per cent;
 * `Unsupported` (`tableSample`) on SQLite, MySQL and MariaDB.
 * **Source** SQL:2016 part 2, 7.6 sample clause; SQLAlchemy 2.0 `tablesample`.
 *
 * @example
 * ```ts
 * import { Column, Query, Table } from "athanor"
 * import { compile } from "athanor/compile"
 * const users = Table.make("users", { id: Column.id() })
 * const said = compile(Query.from(Query.sample(users, 10, { seed: 1 })), "postgres")
 * const text = "text" in said ? said.text.slice(0, 61) : ""
 * text // => "SELECT users.id FROM users TABLESAMPLE BERNOULLI ($1::double "
 * ```
 * @category constructors
 */
export const sample = <N extends string, Row, C>(
  source: From<N, Row> & { readonly c: C },
  percent: number,
  options: SampleOptions = {}
): Sampled<N, Row, C> => {
  const from: FromNode<N, Row> = source[FromId]
  const { relation } = from
  if (relation._tag !== "Table") return refuse("sample: only a base table has samples")
  if (!(percent >= 0 && percent <= 100)) return refuse(`sample: ${percent} per cent of the rows`)
  const { method = "bernoulli", seed } = options
  if (seed !== undefined && !Number.isFinite(seed)) return refuse(`sample: ${seed} is no seed`)
  const node: FromNode<N, Row> = {
    alias: from.alias,
    source: from.source,
    relation: R.sample(
      relation,
      method,
      S.bound(percent, T.double),
      seed === undefined ? null : S.bound(seed, T.double)
    ),
    get fields() {
      return from.fields
    },
    shape: from.shape
  }
  return Object.freeze({ [FromId]: node, c: source.c })
}
