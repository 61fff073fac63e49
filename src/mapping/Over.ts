import { type From, FromId, type FromNode } from "../algebra/From.ts"
import type { RowShape } from "../algebra/RowShape.ts"
import type { Column } from "../algebra/schema/Column.ts"
import { overSource } from "../algebra/schema/overSource.ts"
import type { Columns, ReadOnly, Table } from "../algebra/schema/Table.ts"
import { asTable, type ColumnNode, type TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { baseOver } from "./baseOver.ts"
import type { EntityClass, ReadStatics } from "./Entity.ts"
import type { EntityBase } from "./EntityBase.ts"
import { registered } from "./EntityTables.ts"
import { readColumn } from "./readColumn.ts"

/**
 * The class of an entity that is only read.
 *
 * @category models
 */
export type ReadClass<N extends string, Self, C extends Columns> = typeof EntityBase &
  ReadStatics<N, Self, C> &
  ReadOnly

/**
 * The class of an entity over a table that is there: all of its columns, or some.
 *
 * **Shape** `class User extends Mapping.over<User>()(users)`. The table keeps its rules and its
 * keys, and its rows are one row for every class over it: a session knows what one of them wrote
 * by the other. Relations are statics, as of every entity.
 * **Laws** what it reads and writes is what the entity declared with these columns does.
 * **Errors** `StatementError` for what is no base table, a column it has not, and a choice of
 * columns without its key.
 * **Source** SQLAlchemy 2.0 "Imperative Mapping", `include_properties`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Mapping, Query, Session, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text(), bio: Column.text() })
 * class User extends Mapping.over<User>()(users) {}
 * class Card extends Mapping.over<Card>()(users, ["id", "name"]) {}
 * const add = Session.add(User.make({ name: "Ann", bio: "Lights the furnace." }))
 * const work = Effect.andThen(add, Session.all(Query.from(Card)))
 * const program = Effect.andThen(Database.create(Catalog.make({ users })), Session.transact(work))
 * const cards = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * cards.map((card) => ({ ...card })) // => [{ id: 1, name: "Ann" }]
 * ```
 * @category constructors
 */
export const over =
  <Self>() =>
  <N extends string, C extends Columns, K extends keyof C & string = keyof C & string>(
    table: Table<N, C>,
    columns?: ReadonlyArray<K>
  ): EntityClass<N, Self, { readonly [P in K]: C[P] }> => {
    const source = asTable(table[FromId].source, "Mapping.over")
    return overTable(source, columns ?? source.columns.map(({ key }) => key)) as never
  }

const overTable = (table: TableSource, keys: ReadonlyArray<string>): typeof EntityBase => {
  const what = `a class over "${table.name}"`
  const columns = keys.map(
    (key) => table.byKey.get(key) ?? refuse(`${what}: it has no column "${key}"`)
  )
  const left = table.primaryKey.find((key) => !keys.includes(key))
  if (left !== undefined) refuse(`${what} needs "${left}" of its key`)
  const tables = Object.freeze([table])
  return baseOver({
    name: table.name,
    columns: {},
    declaredKeys: () => table.foreignKeys(),
    tables,
    heard: (entity) => registered(entity, tables),
    source: ({ prototype, relations, rules }) =>
      overSource({
        name: table.name,
        columns,
        primaryKey: () => table.primaryKey,
        over: Object.freeze({ said: table, tables, members: null, each: null }),
        prototype,
        relations,
        rules
      })
  })
}

/**
 * How a query's rows are told apart.
 *
 * @category models
 */
export interface OverKey<out K> {
  /** The columns by which a row is told from all others. */
  readonly key: K | readonly [K, ...Array<K>]
}

/**
 * Where the rows of a query are kept.
 *
 * @category models
 */
export interface OverWrites<out T> {
  /** The table its rows are rows of: columns of the same keys are written there. */
  readonly writes: T
}

/** The columns of rows that are only read. */
type Read<Row, K> = {
  readonly [P in keyof Row]: Column<Row[P], P extends K ? "required" : "never", "no">
}

/** The columns of rows that are kept in a table; what the query adds is read. */
type Written<Row, C extends Columns> = {
  readonly [P in keyof Row]: P extends keyof C ? C[P] : Column<Row[P], "never", "no">
}

/**
 * The class of an entity over a query: a join, a group, any select with an alias, or a view.
 *
 * **Shape** `class Total extends Mapping.overQuery<Total>()(totals, { key: "authorId" })`. It is
 * read as any entity, with its relations; a session does not remember its rows, which change with
 * what the query reads. `{ writes: posts }` says whose rows they are: those columns are written
 * there, and what the query adds is read.
 * **Laws** its rows are the query's.
 * **Errors** `StatementError` for a query whose row is no record of columns, and, where it does not
 * say where its rows are kept, for every write of one.
 * **Source** SQLAlchemy 2.0 "Mapping a Class against Arbitrary Subqueries".
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Mapping, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const posts = Table.make("posts", { id: Column.id(), authorId: Column.integer() })
 * const totals = Query.from(posts).groupBy(posts.c.authorId)
 *   .select({ authorId: posts.c.authorId, posts: Fn.count() }).as("totals")
 * class Total extends Mapping.overQuery<Total>()(totals, { key: "authorId" }) {
 *   get isBusy() { return this.posts > 1 }
 * }
 * const program = Database.create(Catalog.make({ posts })).pipe(
 *   Effect.andThen(Database.run(Query.insert(posts).rows([{ authorId: 7 }, { authorId: 7 }]))),
 *   Effect.andThen(Database.one(Query.from(Total))))
 * const total = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * total.isBusy // => true
 * ```
 * @category constructors
 */
export const overQuery =
  <Self>(): {
    <N extends string, Row, K extends keyof Row & string>(
      query: From<N, Row>,
      options: OverKey<K>
    ): ReadClass<N, Self, Read<Row, K>>
    <N extends string, Row, C extends Columns>(
      query: From<N, Row>,
      options: OverWrites<Table<string, C>>
    ): ReadClass<N, Self, Written<Row, C>>
  } =>
  (query: From<string, unknown>, options: Options): never => {
    const from = query[FromId]
    const kept =
      options.writes === undefined
        ? null
        : asTable(options.writes[FromId].source, `a class over "${from.alias}"`)
    const given = typeof options.key === "string" ? [options.key] : (options.key ?? [])
    return overFrom(from, kept, () => (kept === null ? given : kept.primaryKey)) as never
  }

interface Options {
  readonly key?: string | ReadonlyArray<string>
  readonly writes?: From<string, unknown>
}

const overFrom = (
  from: FromNode<string, unknown>,
  kept: TableSource | null,
  primaryKey: () => ReadonlyArray<string>
): typeof EntityBase => {
  const { alias, fields, shape, source } = from
  const what = `a class over "${alias}"`
  if (source._tag !== "DerivedSource" && source._tag !== "TableSource")
    return refuse(`${what}: it is neither a query with an alias nor a view`)
  const columns = recordOf(shape, what).map(([key, at]): ColumnNode => {
    const own = kept?.byKey.get(key)
    return own ?? readColumn(key, fields[at]!.type)
  })
  const missing = primaryKey().find((key) => !columns.some((column) => column.key === key))
  if (missing !== undefined) refuse(`${what}: its rows have no "${missing}", a part of their key`)
  const tables = Object.freeze(kept === null ? [] : [kept])
  return baseOver({
    name: alias,
    columns: {},
    declaredKeys: () => kept?.foreignKeys() ?? [],
    tables,
    heard: (entity) => registered(entity, tables),
    source: ({ prototype, relations, rules }) =>
      overSource({
        name: alias,
        columns,
        primaryKey,
        over: Object.freeze({ said: source, tables, members: null, each: null }),
        prototype,
        relations,
        rules
      })
  })
}

/** The columns of a flat row, and where their values stand. */
const recordOf = (shape: RowShape, what: string): ReadonlyArray<readonly [string, number]> =>
  shape._tag === "Record" && shape.presence === null
    ? shape.keys.map((key, at) => {
        const part = shape.parts[at]!
        return part._tag === "Cell"
          ? ([key, part.index] as const)
          : refuse(`${what}: "${key}" is a record: select its columns`)
      })
    : refuse(`${what}: its rows are no records of columns`)
