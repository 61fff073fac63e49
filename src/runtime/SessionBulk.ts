import type * as Effect from "effect/Effect"
import type { InsertOf, PatchOf } from "../algebra/schema/Table.ts"
import type { NotFound, NotNullViolation } from "../effects/DatabaseError.ts"
import type { AnyEntity } from "../mapping/EntityClass.ts"
import type { ColumnsOf, ValueOf } from "../mapping/EntityTypes.ts"
import type { OutsideOf } from "../mapping/Outside.ts"
import type { FlushError } from "./flush.ts"

/**
 * How an upsert tells the rows that are there, and what it changes of them.
 *
 * @category models
 */
export interface UpsertOptions<E extends AnyEntity> {
  /** The columns of a key: the primary one where left out. */
  readonly on?: ReadonlyArray<keyof ColumnsOf<E> & string>
  /** The columns that are written; all that were given and may change where left out. */
  readonly set?: ReadonlyArray<keyof PatchOf<ColumnsOf<E>> & string>
}

/** The verbs of a session that write many rows at once. */
export interface SessionBulk<Self> {
  /**
   * Inserts plain rows of an entity at once, and gives their values in the order of the rows.
   *
   * **Shape** what the ordinary insert of many rows sends, all or nothing; rows whose keys neither
   * the client makes nor a counter of the server go one by one. Defaults and `beforeInsert` are
   * those of `add`; graphs are added. The session knows the rows from then on. Rows of a class over
   * tables that are there are added and flushed, each in all of its tables.
   * **Errors** `StatementError` for a family, whose members' rows are inserted. Else what a flush
   * gives, of what is pending of these tables too.
   * **Source** SQLAlchemy 2.0 `insert(User).returning(User, sort_by_parameter_order=True)`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const insert = Session.insert(User, [{ name: "Ann" }, { name: "Bob" }])
   * const setUp = Database.create(Catalog.make({ User }))
   * const program = Effect.andThen(setUp, Session.transact(insert))
   * const users = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
   * users.map(({ id, name }) => `${id} ${name}`) // => ["1 Ann", "2 Bob"]
   * ```
   * @category verbs
   */
  insert<E extends AnyEntity>(
    entity: E,
    rows: ReadonlyArray<InsertOf<ColumnsOf<E>>>
  ): Effect.Effect<ReadonlyArray<ValueOf<E>>, FlushError, Self>
  /**
   * Inserts rows, or changes those that are there by a key; gives each as it now stands, in order.
   *
   * **Shape** one statement for the rows that give the same columns, all or nothing. On-update
   * values are written and versions counted where something is to be changed; write-once columns
   * stay. The session knows the rows from then on. Of a member of a family, and of a class over a
   * table, the rows are written to the one table they are kept in, and read again: one of another
   * member is a `UniqueViolation`, and stays as it was.
   * **Errors** `StatementError` for two rows of one key, a row without it, an entity whose hooks
   * rewrite updates, a family, and a member that two tables keep: `merge` those. `Unsupported`
   * (`conflictTarget`) on mysql and mariadb for a table with another unique key. Else as `insert`.
   * **Source** SQLAlchemy 2.0 "ORM upsert Statements".
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class Tag extends Entity<Tag>()("tags", {
   *   id: Column.id(), name: Column.varchar(20).unique(), uses: Column.integer()
   * }) {}
   * const upsert = (name: string, uses: number) =>
   *   Session.upsert(Tag, [{ name, uses }], { on: ["name"] })
   * const program = Database.create(Catalog.make({ Tag })).pipe(
   *   Effect.andThen(Session.transact(upsert("sql", 1))),
   *   Effect.andThen(Session.transact(upsert("sql", 5))))
   * const tags = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
   * tags.map(({ id, uses }) => [id, uses]) // => [[1, 5]]
   * ```
   * @category verbs
   */
  upsert<E extends AnyEntity>(
    entity: E,
    rows: ReadonlyArray<InsertOf<ColumnsOf<E>>>,
    options?: UpsertOptions<E>
  ): Effect.Effect<ReadonlyArray<ValueOf<E>>, FlushError, Self>
  /**
   * Makes the rows in the database those of a graph from outside, by their keys: plain records, or
   * values of another session.
   *
   * **Shape** rows that have a key which is there are changed where they differ, others are
   * inserted, and links follow. A relation to many that is given is the whole list: who is left out
   * is deleted where `children` says so, else detached. What is left out of a row is left alone. It
   * is read in one query a table and one a relation, and written at once; gives the session's
   * values of the roots. Of a family each row says by its tag which member it is of.
   * **Errors** `StaleRow` where a version was given and is another by now; `NotFound` for a key
   * that is not there and a row too bare to be made; `NotNullViolation` for a child left out that
   * must have a parent. Else as `flush`. Nothing of the graph is written then, nor pending.
   * **Source** SQLAlchemy 2.0 `Session.merge`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
   *   static readonly posts = this.hasMany(() => Post, { children: "delete" })
   * }
   * class Post extends Entity<Post>()("posts", {
   *   id: Column.id(), title: Column.text(), userId: Column.integer()
   * }) {
   *   static readonly user = this.belongsTo(() => User)
   * }
   * const titles = Database.all(Query.from(Post).orderBy(Post.c.id).select(Post.c.title))
   * const add = Session.merge(User, { name: "Ann", posts: [{ title: "one" }, { title: "two" }] })
   * const edit = Session.merge(User, { id: 1, posts: [{ id: 2, title: "2" }, { title: "three" }] })
   * const program = Database.create(Catalog.make({ User, Post })).pipe(
   *   Effect.andThen(Session.transact(Effect.andThen(add, edit))), Effect.andThen(titles))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["2", "three"]
   * ```
   * @category verbs
   */
  merge<E extends AnyEntity>(
    entity: E,
    graphs: ReadonlyArray<OutsideOf<E>>
  ): Effect.Effect<ReadonlyArray<ValueOf<E>>, MergeError, Self>
  merge<E extends AnyEntity>(
    entity: E,
    graph: OutsideOf<E>
  ): Effect.Effect<ValueOf<E>, MergeError, Self>
}

/** What a merge can give. */
export type MergeError = FlushError | NotFound | NotNullViolation
