import { nodesOf, ruled, type ConditionalOptions, type TableItem } from "./Constraint.ts"
import { onlyIn } from "./only.ts"
import type { Ordering } from "../Expression.ts"
import type { IndexStorage } from "./storage.ts"
import type { Value } from "../Value.ts"

export type { IndexStorage, MysqlIndex, PostgresIndex, Settings } from "./storage.ts"

type Columns = readonly [Value<any, any>, ...Array<Value<any, any>>]

/**
 * An index over columns, in their order.
 *
 * **Shape** its name is made of the table's and the columns' names.
 * **Source** the CREATE INDEX page of each server's manual; SQLAlchemy 2.0 `Index`.
 *
 * @example
 * ```ts
 * import { Column, Index, Table } from "athanor"
 * const columns = { id: Column.id(), authorId: Column.integer(), status: Column.varchar(20) }
 * const posts = Table.make("posts", columns, (c) => [Index.on(c.authorId, c.status)])
 * ```
 * @category constructors
 */
export const on = (...columns: Columns): TableItem => with_({}, ...columns)

/**
 * An index over columns under a name of its own.
 *
 * @example
 * ```ts
 * import { Column, Index, Table } from "athanor"
 * const columns = { id: Column.id(), authorId: Column.integer() }
 * const posts = Table.make("posts", columns, (c) => [Index.named("by_author", c.authorId)])
 * ```
 * @category constructors
 */
export const named = (name: string, ...columns: Columns): TableItem => with_({ name }, ...columns)

/**
 * What an index is, beside what it is of.
 *
 * @category models
 */
export interface IndexOptions extends ConditionalOptions, IndexStorage {
  /** No two rows it holds agree on all its parts; rows with a NULL among them never clash. */
  readonly unique?: boolean
  /** It holds the rows for which this is true, and binds only them where it is unique. */
  readonly where?: Value<boolean | null, unknown>
  /** Columns kept beside its own, for queries that read the index alone; on PostgreSQL. */
  readonly include?: ReadonlyArray<Value<any, any>>
  /** Where it is unique, rows with NULLs in the same places clash too; from PostgreSQL 15 on. */
  readonly nullsEqual?: boolean
}

/**
 * An index of columns and expressions, in either direction, of all rows or of some.
 *
 * **Shape** a part is a column, an expression of the row, or one of them with `.asc()` or
 * `.desc()`; where NULL stands among them is the server's matter. An expression that depends on
 * more than its row is refused by the server. What one dialect alone takes, such as an access
 * method, stands under its name, and the others leave it out.
 * **Errors** `Unsupported` for an expression on MariaDB (`expressionIndexes`), for `where` on MySQL
 * and MariaDB (`partialIndexes`), for `nullsEqual` but on PostgreSQL (`nullsNotDistinct`), for a
 * comment on SQLite (`comments`); `UniqueViolation` from writes where it is unique.
 * **Source** the CREATE INDEX page of each server's manual; SQLAlchemy 2.0 `Index`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Index, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { email: Column.text(), left: Column.boolean() }, (c) => [
 *   Index.with({ unique: true, where: c.left.not() }, Fn.lower(c.email))
 * ])
 * const add = (email: string, left: boolean) =>
 *   Database.run(Query.insert(users).values({ email, left }))
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.andThen(add("Ann@x.org", true)),
 *   Effect.andThen(add("ann@x.org", false)),
 *   Effect.andThen(Effect.flip(add("ANN@x.org", false))))
 * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * error._tag // => "UniqueViolation"
 * ```
 * @category constructors
 */
const with_ = (options: IndexOptions, ...parts: readonly [Part, ...Array<Part>]): TableItem => {
  const { include = [], mariadb, mysql, nullsEqual = false, postgres } = options
  const { unique = false, where } = options
  return Object.freeze({
    _tag: "Index",
    parts: Object.freeze(parts.map(partOf)),
    where: where === undefined ? null : where.node,
    unique,
    only: onlyIn(options.only, "index"),
    include: nodesOf(include),
    nullsEqual,
    storage: Object.freeze({
      ...(postgres === undefined ? {} : { postgres }),
      ...(mysql === undefined ? {} : { mysql }),
      ...(mariadb === undefined ? {} : { mariadb })
    }),
    ...ruled(options)
  })
}
export { with_ as with }

type Part = Value<unknown, unknown> | Ordering<unknown>

const partOf = (part: Part) =>
  Object.freeze({
    scalar: part.node,
    descending: "direction" in part && part.direction === "desc"
  })
