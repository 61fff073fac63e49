import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import type { Fetched, Of } from "../algebra/From.ts"
import type { LockStrength, Relation } from "../algebra/Relation.ts"
import type { Columns } from "../algebra/schema/Table.ts"
import type { Statement } from "../algebra/Statement.ts"
import type { Database } from "../effects/Database.ts"
import type {
  NotFound,
  ReadError,
  RowCount,
  StaleRow,
  TransactionError,
  UniqueViolation
} from "../effects/DatabaseError.ts"
import type { AnyEntity, OneOf } from "../mapping/EntityClass.ts"
import type {
  ColumnsOf,
  KeyOf,
  NameOf,
  Parent,
  TargetOf,
  ValueNames,
  ValueOf
} from "../mapping/EntityTypes.ts"
import type { ComputedOfValue, EntityValue, PatchOfValue } from "../mapping/Entity.ts"
import type { Child, Draft, DraftId } from "../mapping/EntityDraft.ts"
import type { RefId } from "../mapping/EntityRef.ts"
import type { Checked, Loaded, LoadPlan, Plan, Refused } from "../mapping/Load.ts"
import type { Path } from "../mapping/Path.ts"
import type {
  BelongsTo,
  Collection,
  HasMany,
  HasOne,
  LargeId,
  LoadedBy,
  ManyToMany,
  OwnerOf,
  RelatesToMany,
  RelatesToOne,
  WholeRelation
} from "../mapping/Relation.ts"
import type { TransactionOptions } from "../effects/transactions/TransactionOptions.ts"
import type { Parameters } from "../effects/statements/Parameters.ts"
import type { FlushError } from "./flush.ts"
import type { FlushPlan } from "./FlushPlan.ts"
import type { EntityHooks, Hooks } from "./hooks.ts"
import type { ReadingOptions, SessionOptions } from "./SessionOptions.ts"
import type { SessionBulk } from "./SessionBulk.ts"
import type { SessionReports } from "./SessionReports.ts"

/**
 * How rows are read again.
 *
 * @category models
 */
export interface RefreshOptions<V> {
  /** Read alone; all where left out. */
  readonly columns?: ReadonlyArray<ColumnKeys<V>>
  readonly lock?: LockStrength
}
/** What is replaced as a whole is loaded as a whole. */
type Whole<R> = R extends { readonly [LargeId]: true }
  ? Refused<"it is large: append to it, remove from it">
  : unknown
/** A value: a row to be is asked for apart, and a reference is no value to give anew. */
interface Read extends EntityValue<string, Columns> {
  readonly [DraftId]?: never
  readonly [RefId]?: never
}

type ColumnKeys<V> = V extends EntityValue<string, infer C> ? keyof C & string : never

type Query<Row, R = never> = Statement<Row, R> & { readonly node: Relation }

/** The verbs of a session, as module functions over the service. */
export interface SessionVerbs<Self> extends SessionReports<Self>, SessionBulk<Self> {
  /**
   * Opens a session on the database: one transaction, one flush at its end.
   *
   * **Shape** success flushes and commits; failure and interruption roll back. Inside an open
   * session it is `nested`. Isolation, `readOnly` and `retry` are those of `Database.transaction`:
   * run again, a session begins with nothing.
   * **Errors** what the effect gives, what a flush gives, what BEGIN and COMMIT give. After a fatal
   * one nothing of the session is left, and the next `transact` has a connection of its own.
   * **Source** SQLAlchemy 2.0 `Session.begin`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const ann = Session.add(User.make({ name: "Ann" }))
   * const work = Effect.andThen(ann, Session.all(Query.from(User).select(User.c.name)))
   * const program = Effect.andThen(Database.create(Catalog.make({ User })), Session.transact(work))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["Ann"]
   * ```
   * @category verbs
   */
  readonly transact: <A, E, R>(
    effect: Effect.Effect<A, E, R>,
    options?: TransactionOptions
  ) => Effect.Effect<A, E | FlushError | TransactionError, Exclude<R, Self> | Database>
  /**
   * Reads of an effect or a stream by other options: without a flush before, past what is known,
   * beside the session's memory, with the row locked.
   *
   * **Shape** `lock` and `fresh` are of `get` and `find`; other reads always give what the database
   * holds now, and a query has a lock of its own.
   * **Source** SQLAlchemy 2.0 `Session.no_autoflush`, `populate_existing`, `with_for_update`.
   *
   * @example
   * ```ts
   * import { Column, Entity, Session } from "athanor"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), visits: Column.integer() }) {}
   * const visit = Effect.gen(function* () {
   *   const user = yield* Session.with({ lock: "update" }, Session.get(User, 1))
   *   yield* Session.update(user, { visits: user.visits + 1 })
   * })
   * const program = Session.transact(visit)
   * ```
   * @category verbs
   */
  readonly with: {
    <A, E, R>(options: ReadingOptions, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R>
    <A, E, R>(options: ReadingOptions, stream: Stream.Stream<A, E, R>): Stream.Stream<A, E, R>
  }
  /**
   * What sessions opened below are like, said once: a layer over another one adds to it.
   *
   * **Source** SQLAlchemy 2.0 `sessionmaker`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id() }) {}
   * const isolation = "serializable"
   * const options = Session.options({ autoflush: false, transaction: { isolation } })
   * const add = Session.add(User.make({}))
   * const work = Session.transact(Effect.andThen(add, Session.all(Query.from(User))))
   * const program = Effect.andThen(Database.create(Catalog.make({ User })), work)
   * const found = Effect.provide(Effect.provide(program, options), Sqlite.layer())
   * await Effect.runPromise(found) // => []
   * ```
   * @category layers
   */
  readonly options: (options: SessionOptions) => Layer.Layer<never>
  /**
   * What is done to the changes of an entity before a flush plans them: give it to `options`.
   *
   * **Shape** pure, and over all a flush writes: what was changed and what rules of relations
   * entail. Asked as often as a plan is made, so it must give the same for the same. What a hook
   * gives for a row that was to be deleted is written instead. Effects belong into the effect
   * itself, before its end, or into `Database.afterCommit`.
   * **Errors** where it flushes, `StatementError`, as a defect, for a column that is none or a key.
   * **Source** SQLAlchemy 2.0 `MapperEvents.before_insert`, `before_update`, `before_delete`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), email: Column.text() }) {}
   * const folded = Session.hooks(User, {
   *   beforeInsert: ({ email = "" }) => ({ email: email.toLowerCase() })
   * })
   * const add = Session.transact(Session.add(User.make({ email: "Ann@X" }))).pipe(
   *   Effect.provide(Session.options({ hooks: [folded] })))
   * const emails = Database.all(Query.from(User).select(User.c.email))
   * const program = Database.create(Catalog.make({ User })).pipe(
   *   Effect.andThen(add), Effect.andThen(emails))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["ann@x"]
   * ```
   * @category constructors
   */
  readonly hooks: <E extends AnyEntity>(entity: E, hooks: EntityHooks<E>) => Hooks
  /**
   * A savepoint: failure takes rows and the session's state back to where it began.
   *
   * **Shape** what was pending before is flushed before it, what is made inside at its end: so what
   * a row breaks is told by the scope it was made in, and taken back with it. Values the scope gave
   * still name their rows, but what they say of them is compared with nothing after that.
   * **Errors** what the effect gives, what a flush gives, and what SAVEPOINT and its release give.
   * **Source** SQLAlchemy 2.0 `Session.begin_nested`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const ann = Session.add(User.make({ name: "Ann" }))
   * const work = Effect.andThen(ann, Session.nested(Database.count(Query.from(User))))
   * const program = Effect.andThen(Database.create(Catalog.make({ User })), Session.transact(work))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1
   * ```
   * @category verbs
   */
  readonly nested: <A, E, R>(
    effect: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | FlushError | TransactionError, R | Self>
  /**
   * Adds rows to be, with everything that hangs on them.
   *
   * **Shape** nothing is sent: the flush inserts parents before children. A draft that was added is
   * not added twice; one that was deleted since is added anew. A key of a row that goes, or goes
   * with its parent, is free: what hung on that row goes with it, what is added since does not.
   * **Errors** `UniqueViolation` for a key the session knows or has added, and then nothing is
   * added; `TransactionClosed` in a fiber that outlived its session; `PoolTimeout` where
   * another fiber's nested scope stays open for longer than a borrow may take.
   * **Source** SQLAlchemy 2.0 `Session.add_all`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const ann = Session.add(User.make({ name: "Ann" }))
   * const work = Session.transact(Effect.andThen(ann, Database.count(Query.from(User))))
   * const program = Effect.andThen(Database.create(Catalog.make({ User })), work)
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1
   * ```
   * @category verbs
   */
  add(
    ...drafts: ReadonlyArray<OneOf<string>>
  ): Effect.Effect<void, ReadError | UniqueViolation | StaleRow, Self>
  /**
   * New members of a relation to many, at its end.
   *
   * **Shape** rows at hand, drafts, or records of rows to be. Who holds the key is changed, or a
   * row of the link table is made: never twice for one pair, for what is linked is asked first,
   * with what is pending written before. A list with positions goes on from its last one. Nothing
   * else is loaded, so it is for large relations too.
   * **Errors** as `add` and `flush`; `StaleRow` for a member that was deleted in this session.
   * `StatementError`, as a defect, for what is no member.
   * **Source** SQLAlchemy 2.0 `WriteOnlyCollection.add`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id() }) {
   *   static readonly posts = this.hasMany(() => Post)
   * }
   * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
   *   static readonly user = this.belongsTo(() => User)
   * }
   * const ann = User.make({})
   * const work = Session.transact(Session.add(ann).pipe(
   *   Effect.andThen(Session.append(ann, User.posts, {}, {}))))
   * const program = Database.create(Catalog.make({ User, Post })).pipe(
   *   Effect.andThen(work), Effect.andThen(Database.count(Query.from(Post))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 2
   * ```
   * @category verbs
   */
  append<R extends Collection>(
    owner: OneOf<NameOf<OwnerOf<R>>>,
    relation: R,
    ...members: ReadonlyArray<Child<OwnerOf<R>, R>>
  ): Effect.Effect<void, FlushError | UniqueViolation, Self>
  /**
   * Links a row to others through a link entity: each gets a row of the link.
   *
   * **Shape** the path is of two relations, to the link entity and on; what the link holds beside
   * must have a default or allow NULL. Rows at hand, drafts or keys.
   * **Errors** as `append`; a link that is there is a `UniqueViolation` where its key says so.
   * **Source** SQLAlchemy 2.0 "Simplifying Association Objects".
   *
   * @example
   * ```ts
   * import { Column, Entity, Path, Session } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id() }) {
   *   static readonly seats = this.hasMany(() => Seat)
   * }
   * class Club extends Entity<Club>()("clubs", { id: Column.id(), name: Column.text() }) {}
   * class Seat extends Entity<Seat>()("seats", {
   *   userId: Column.integer().primaryKey(), clubId: Column.integer().primaryKey()
   * }) {
   *   static readonly user = this.belongsTo(() => User)
   *   static readonly club = this.belongsTo(() => Club)
   * }
   * const clubs = Path.make(User, "seats", "club")
   * const join = Session.appendAlong(User.ref(1), clubs, Club.make({ name: "chess" }))
   * const program = Session.transact(join)
   * ```
   * @category verbs
   */
  appendAlong<E extends AnyEntity, T extends AnyEntity, P>(
    owner: OneOf<NameOf<E>>,
    path: Path<E, T, P>,
    ...members: ReadonlyArray<Parent<T>>
  ): Effect.Effect<void, FlushError | UniqueViolation, Self>
  /**
   * Members leave a relation to many: a child its relation deletes goes, another has no parent any
   * more, a link goes.
   *
   * **Shape** what is no member stays as it is; positions keep their gap.
   * **Errors** as `append`; `StatementError`, as a defect, for a child whose key cannot be NULL.
   * **Source** SQLAlchemy 2.0 `WriteOnlyCollection.remove`.
   *
   * @example
   * ```ts
   * import { Column, Entity, Session } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id() }) {
   *   static readonly posts = this.hasMany(() => Post, { children: "delete" })
   * }
   * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
   *   static readonly user = this.belongsTo(() => User)
   * }
   * const program = Session.transact(Session.remove(User.ref(1), User.posts, Post.ref(2)))
   * ```
   * @category verbs
   */
  remove<R extends Collection>(
    owner: OneOf<NameOf<OwnerOf<R>>>,
    relation: R,
    ...members: ReadonlyArray<OneOf<ValueNames<TargetOf<R>>>>
  ): Effect.Effect<void, FlushError | UniqueViolation, Self>
  /**
   * All members of a relation to many at once: only what differs is written.
   *
   * **Shape** those that are not given leave as by `remove`, those that are new come as by
   * `append`. A list with positions has the order given, by the fewest writes: as many members as
   * can keep their positions.
   * **Laws** loaded again, it is what was given; given again, nothing is written.
   * **Errors** as `remove`. `StatementError`, as a defect, for a member given twice.
   * **Source** SQLAlchemy 2.0 bulk replace events, `ordering_list`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class List extends Entity<List>()("lists", { id: Column.id() }) {
   *   static readonly items = this.hasMany(() => Item, { position: "place", children: "delete" })
   * }
   * class Item extends Entity<Item>()("items", {
   *   id: Column.id(), name: Column.text(), place: Column.integer().default(0),
   *   listId: Column.integer()
   * }) {
   *   static readonly list = this.belongsTo(() => List)
   * }
   * const items = ["a", "b", "c"].map((name) => ({ name }))
   * const work = Effect.gen(function* () {
   *   yield* Session.add(List.make({ items }))
   *   const list = yield* Session.one(Query.from(List), { items: true })
   *   const [a, b, c] = list.items
   *   yield* Session.replace(list, List.items, [c!, a!, b!])
   *   const again = yield* Session.one(Query.from(List), { items: true })
   *   return again.items.map(({ name }) => name)
   * })
   * const program = Database.create(Catalog.make({ List, Item })).pipe(
   *   Effect.andThen(Session.transact(work)))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["c", "a", "b"]
   * ```
   * @category verbs
   */
  replace<R extends Collection>(
    owner: OneOf<NameOf<OwnerOf<R>>>,
    relation: R & Whole<R>,
    members: ReadonlyArray<Child<OwnerOf<R>, R>>
  ): Effect.Effect<void, FlushError | UniqueViolation, Self>
  /**
   * Changes columns of a row; gives the new value.
   *
   * **Shape** nothing is sent before the flush. The patch goes on top of the newest known state:
   * two patches merge column by column. `undefined` is absence.
   * **Errors** `StaleRow` for what was deleted in this session, and for a value of a version this
   * session never knew; else as `add`.
   *
   * @example
   * ```ts
   * import { Column, Entity, Session } from "athanor"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const rename = Effect.flatMap(Session.get(User, 1), (user) =>
   *   Session.update(user, { name: "Bob" }))
   * const program = Session.transact(rename)
   * ```
   * @category verbs
   */
  update<V extends OneOf<string>>(
    value: V,
    patch: PatchOfValue<V>
  ): Effect.Effect<V, ReadError | StaleRow, Self>
  /**
   * Changes columns of a row by a function of its newest known state; gives the new value.
   *
   * **Shape** reads the row first where a command has written its table past the session.
   * **Errors** as `add`, and what reading gives.
   *
   * @example
   * ```ts
   * import { Column, Entity, Session } from "athanor"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), visits: Column.integer() }) {}
   * const visit = Effect.flatMap(Session.get(User, 1), (user) =>
   *   Session.modify(user, (now) => ({ visits: now.visits + 1 })))
   * const program = Session.transact(visit)
   * ```
   * @category verbs
   */
  modify<V extends OneOf<string>>(
    value: V,
    f: (now: V) => PatchOfValue<V>
  ): Effect.Effect<V, ReadError | StaleRow, Self>
  /**
   * Has the server compute columns of a row, at once and behind all that is pending; gives the
   * value as it is read back.
   *
   * **Shape** an expression sees the row as the database holds it. Values may stand beside. The row
   * is found by its key and the version that is known, and the command gives it back; where there
   * is no UPDATE … RETURNING a query by its key does. Hooks see values alone.
   * **Errors** as `flush`; `StaleRow` too for a row that is gone.
   * **Source** SQLAlchemy 2.0 "Embedding SQL Insert/Update Expressions into a Flush".
   *
   * @example
   * ```ts
   * import { Column, Entity, Session } from "athanor"
   * import { Effect } from "effect"
   * class Post extends Entity<Post>()("posts", { id: Column.id(), views: Column.integer() }) {}
   * const seen = Effect.flatMap(Session.get(Post, 1), (post) =>
   *   Session.compute(post, { views: Post.c.views.add(1) }))
   * const program = Session.transact(seen)
   * ```
   * @category verbs
   */
  compute<V extends OneOf<string>>(
    value: V,
    columns: ComputedOfValue<V>
  ): Effect.Effect<V, FlushError, Self>
  /**
   * Writes columns as they are, at the next flush: the row's version counts, and what the client
   * makes at an update is made.
   *
   * **Errors** as `update`. `StatementError`, as a defect, for a column that is not known.
   * **Source** SQLAlchemy 2.0 `flag_modified`.
   *
   * @example
   * ```ts
   * import { Column, Entity, Session } from "athanor"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const rewrite = Effect.flatMap(Session.get(User, 1), (user) => Session.touch(user, "name"))
   * const program = Session.transact(rewrite)
   * ```
   * @category verbs
   */
  touch<V extends OneOf<string>>(
    value: V,
    ...columns: ReadonlyArray<keyof PatchOfValue<V> & string>
  ): Effect.Effect<V, ReadError | StaleRow, Self>
  /**
   * Says what the database holds of a row by now: no change, nothing is written of it.
   *
   * **Shape** for who knows it from elsewhere: a trigger, a message. What is pending stays on top.
   * **Errors** as `add`. `StatementError`, as a defect, for a column of the key.
   * **Source** SQLAlchemy 2.0 `set_committed_value`.
   *
   * @example
   * ```ts
   * import { Column, Entity, Session } from "athanor"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), posts: Column.integer() }) {}
   * const counted = Effect.flatMap(Session.get(User, 1), (user) =>
   *   Session.believe(user, { posts: 3 }))
   * const program = Session.transact(counted)
   * ```
   * @category verbs
   */
  believe<V extends EntityValue<string, Columns>>(
    value: V,
    columns: PatchOfValue<V>
  ): Effect.Effect<V, ReadError, Self>
  /**
   * Reads rows again: their newest values, with what they had loaded loaded again, and what a plan
   * gave them beside their columns.
   *
   * **Shape** one value or many: one query for each entity. What is pending on their tables is
   * written first; a draft gives its value so. `columns` are read alone, without relations; `lock`
   * keeps others from the rows until the transaction ends, as on SQLite whoever writes does.
   * **Errors** `NotFound` for a row that is gone, and the session does not know it any more; else
   * as reading gives.
   * **Source** SQLAlchemy 2.0 `Session.refresh`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const ann = User.make({ name: "Ann" })
   * const work = Effect.andThen(Session.add(ann), Session.refresh(ann))
   * const program = Effect.andThen(Database.create(Catalog.make({ User })), Session.transact(work))
   * const user = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
   * user.id // => 1
   * ```
   * @category verbs
   */
  refresh<E extends AnyEntity>(
    draft: Draft<E>,
    options?: RefreshOptions<ValueOf<E>>
  ): Effect.Effect<ValueOf<E>, ReadError | NotFound, Self>
  refresh<E extends AnyEntity>(
    drafts: ReadonlyArray<Draft<E>>,
    options?: RefreshOptions<ValueOf<E>>
  ): Effect.Effect<ReadonlyArray<ValueOf<E>>, ReadError | NotFound, Self>
  refresh<V extends Read>(
    value: V,
    options?: RefreshOptions<V>
  ): Effect.Effect<V, ReadError | NotFound, Self>
  refresh<V extends Read>(
    values: ReadonlyArray<V>,
    options?: RefreshOptions<V>
  ): Effect.Effect<ReadonlyArray<V>, ReadError | NotFound, Self>
  /**
   * As if the session had never met these rows: what is pending of them is not written.
   *
   * **Shape** children their relations delete with them are forgotten too, and links to them. A row
   * that is read later is known again.
   * **Errors** as `stateOf`. `StatementError`, as a defect, where a pending row refers to a key
   * only a forgotten one would get.
   * **Source** SQLAlchemy 2.0 `Session.expunge`.
   *
   * @example
   * ```ts
   * import { Column, Entity, Session } from "athanor"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const ann = User.make({ name: "Ann" })
   * const nothing = Session.transact(Effect.andThen(Session.add(ann), Session.forget(ann)))
   * ```
   * @category verbs
   */
  forget(...values: ReadonlyArray<OneOf<string>>): Effect.Effect<void, ReadError, Self>
  /**
   * Removes rows, and what the rules of their relations remove with them.
   *
   * **Shape** nothing is sent before the flush.
   * **Errors** as `update`.
   * **Source** SQLAlchemy 2.0 `Session.delete`.
   *
   * @example
   * ```ts
   * import { Column, Entity, Session } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const leave = Session.transact(Session.delete(User.ref(5)))
   * ```
   * @category verbs
   */
  delete(...values: ReadonlyArray<OneOf<string>>): Effect.Effect<void, ReadError | StaleRow, Self>
  /**
   * The row with this key: from the session's memory where it is known, else read.
   *
   * **Shape** a plan loads relations with it, and its type says so. What is pending is written
   * first where the row may go, or be detached, with one that was deleted.
   * **Errors** `NotFound`; else as reading gives.
   * **Source** SQLAlchemy 2.0 `Session.get_one`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const ann = Session.add(User.make({ name: "Ann" }))
   * const work = Effect.andThen(ann, Effect.map(Session.get(User, 1), (u) => u.name))
   * const program = Effect.andThen(Database.create(Catalog.make({ User })), Session.transact(work))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => "Ann"
   * ```
   * @category verbs
   */
  get<E extends AnyEntity>(
    entity: E,
    key: KeyOf<E>
  ): Effect.Effect<ValueOf<E>, ReadError | NotFound, Self>
  get<E extends AnyEntity, const P extends Plan<E>>(
    entity: E,
    key: KeyOf<E>,
    plan: P & Checked<E, P>
  ): Effect.Effect<Loaded<E, P>, ReadError | NotFound, Self>
  /**
   * The row with this key, if there is one: from the session's memory where it is known, else read.
   *
   * **Errors** as reading gives.
   * **Source** SQLAlchemy 2.0 `Session.get`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect, Option } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const ann = Session.add(User.make({ name: "Ann" }))
   * const work = Effect.andThen(ann, Effect.map(Session.find(User, 9), Option.isNone))
   * const program = Effect.andThen(Database.create(Catalog.make({ User })), Session.transact(work))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => true
   * ```
   * @category verbs
   */
  find<E extends AnyEntity>(
    entity: E,
    key: KeyOf<E>
  ): Effect.Effect<Option.Option<ValueOf<E>>, ReadError, Self>
  find<E extends AnyEntity, const P extends Plan<E>>(
    entity: E,
    key: KeyOf<E>,
    plan: P & Checked<E, P>
  ): Effect.Effect<Option.Option<Loaded<E, P>>, ReadError, Self>
  /**
   * What one relation of a value leads to.
   *
   * **Shape** a list for a relation to many, in its order; a value or null for one to one. The
   * first value that asks, asks for all that came with it, up to 1,000 in one query: the others
   * find their answer there, once each and until something is written that it depends on. Fibers
   * that ask at once ask together.
   * **Laws** what a query for the value alone gives.
   * **Errors** as reading gives. A `StatementError`, as a defect, for what is no relation of the
   * value.
   *
   * @example
   * ```ts
   * import { Column, Entity, Session } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id() }) {}
   * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
   *   static readonly user = this.belongsTo(() => User)
   * }
   * const authorOf = (post: Post) => Session.load(post, Post.user)
   * ```
   * @category verbs
   */
  load<E extends AnyEntity, T extends AnyEntity>(
    value: ValueOf<E>,
    relation: HasMany<E, T, unknown> | ManyToMany<E, T> | RelatesToMany<E, T>
  ): Effect.Effect<ReadonlyArray<ValueOf<T>>, ReadError, Self>
  load<R extends WholeRelation>(
    value: ValueOf<OwnerOf<R>>,
    relation: R
  ): Effect.Effect<LoadedBy<R>, ReadError, Self>
  load<E extends AnyEntity, T extends AnyEntity>(
    value: ValueOf<E>,
    relation: BelongsTo<E, T, unknown> | HasOne<E, T, unknown> | RelatesToOne<E, T>
  ): Effect.Effect<ValueOf<T> | null, ReadError, Self>
  /**
   * Values at hand with what a plan loads: one query a relation and level for all of them.
   *
   * **Shape** the plan is made by `Load.plan`. The values keep their order, and what was loaded
   * with them before; what is joined or JSON at the top of the plan has a query here. Columns that
   * one of them lacks are read by their keys: of a value loaded in part, all of a whole row.
   * **Errors** as reading gives.
   * **Source** MikroORM `em.populate`; SQLAlchemy has none.
   *
   * @example
   * ```ts
   * import { Column, Entity, Load, Session } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id() }) {}
   * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
   *   static readonly user = this.belongsTo(() => User)
   * }
   * const withUser = Load.plan(Post, { user: true })
   * const named = (posts: ReadonlyArray<Post>) => Session.populate(posts, withUser)
   * ```
   * @category verbs
   */
  populate<E extends AnyEntity, P, V extends EntityValue<ValueNames<E>, ColumnsOf<E>>>(
    values: ReadonlyArray<V>,
    plan: LoadPlan<E, P>
  ): Effect.Effect<ReadonlyArray<V & Loaded<E, P>>, ReadError, Self>
  /**
   * All rows of a query; entities among them are remembered.
   *
   * **Shape** a plan loads relations with them: one query a relation and level. What is pending is
   * written first where its tables meet the query's.
   * **Errors** as reading gives.
   * **Source** SQLAlchemy 2.0 `Session.scalars`, "Select IN loading".
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const ann = Session.add(User.make({ name: "Ann" }))
   * const work = Effect.andThen(ann, Session.all(Query.from(User).select(User.c.name)))
   * const program = Effect.andThen(Database.create(Catalog.make({ User })), Session.transact(work))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["Ann"]
   * ```
   * @category verbs
   */
  all<Row>(query: Query<Row>): Effect.Effect<ReadonlyArray<Fetched<Row>>, ReadError, Self>
  all<E extends AnyEntity, R, const P extends Plan<E>>(
    query: Query<Of<E>, R>,
    plan: P & Checked<E, P>,
    ...parameters: Parameters<R>
  ): Effect.Effect<ReadonlyArray<Loaded<E, P>>, ReadError, Self>
  /**
   * The only row.
   *
   * **Errors** `NotFound` for none, `RowCount` for more; else as `all`.
   * **Source** SQLAlchemy 2.0 `Result.one`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const ann = Session.add(User.make({ name: "Ann" }))
   * const work = Effect.andThen(ann, Session.one(Query.from(User).select(User.c.name)))
   * const program = Effect.andThen(Database.create(Catalog.make({ User })), Session.transact(work))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => "Ann"
   * ```
   * @category verbs
   */
  one<Row>(query: Query<Row>): Effect.Effect<Fetched<Row>, ReadError | NotFound | RowCount, Self>
  one<E extends AnyEntity, R, const P extends Plan<E>>(
    query: Query<Of<E>, R>,
    plan: P & Checked<E, P>,
    ...parameters: Parameters<R>
  ): Effect.Effect<Loaded<E, P>, ReadError | NotFound | RowCount, Self>
  /**
   * The only row, if there is one.
   *
   * **Errors** `RowCount` for more; else as `all`.
   * **Source** SQLAlchemy 2.0 `Result.one_or_none`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const ann = Session.add(User.make({ name: "Ann" }))
   * const work = Effect.andThen(ann, Session.oneOrNone(Query.from(User).select(User.c.id)))
   * const program = Effect.andThen(Database.create(Catalog.make({ User })), Session.transact(work))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => some(1)
   * ```
   * @category verbs
   */
  oneOrNone<Row>(
    query: Query<Row>
  ): Effect.Effect<Option.Option<Fetched<Row>>, ReadError | RowCount, Self>
  oneOrNone<E extends AnyEntity, R, const P extends Plan<E>>(
    query: Query<Of<E>, R>,
    plan: P & Checked<E, P>,
    ...parameters: Parameters<R>
  ): Effect.Effect<Option.Option<Loaded<E, P>>, ReadError | RowCount, Self>
  /**
   * The first row, if there is one. The others are fetched all the same: say `limit(1)`.
   *
   * **Errors** as `all`.
   * **Source** SQLAlchemy 2.0 `Result.first`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect, Option } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const ann = Session.add(User.make({ name: "Ann" }))
   * const work = Effect.andThen(ann, Effect.map(Session.first(Query.from(User)), Option.isSome))
   * const program = Effect.andThen(Database.create(Catalog.make({ User })), Session.transact(work))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => true
   * ```
   * @category verbs
   */
  first<Row>(query: Query<Row>): Effect.Effect<Option.Option<Fetched<Row>>, ReadError, Self>
  first<E extends AnyEntity, R, const P extends Plan<E>>(
    query: Query<Of<E>, R>,
    plan: P & Checked<E, P>,
    ...parameters: Parameters<R>
  ): Effect.Effect<Option.Option<Loaded<E, P>>, ReadError, Self>
  /**
   * All rows of a query, one after another; entities among them are remembered.
   *
   * **Shape** chunks of `fetchSize` rows; a plan loads relations with each. The session holds every
   * row it was given until it ends: to read alone say `Load.stream`, which holds a chunk.
   * **Errors** as `all`, after the chunks before.
   * **Source** SQLAlchemy 2.0 `yield_per` of `Session.scalars`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect, Stream } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const two = Session.add(User.make({ name: "Ann" }), User.make({ name: "Bob" }))
   * const rename = Stream.runForEach(Session.stream(Query.from(User)), (user) =>
   *   Session.update(user, { name: user.name.toUpperCase() }))
   * const program = Database.create(Catalog.make({ User })).pipe(
   *   Effect.andThen(Session.transact(Effect.andThen(two, rename))),
   *   Effect.andThen(Database.all(Query.from(User).orderBy(User.c.id).select(User.c.name))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["ANN", "BOB"]
   * ```
   * @category verbs
   */
  stream<Row>(query: Query<Row>): Stream.Stream<Fetched<Row>, ReadError, Self>
  stream<E extends AnyEntity, R, const P extends Plan<E>>(
    query: Query<Of<E>, R>,
    plan: P & Checked<E, P>,
    ...parameters: Parameters<R>
  ): Stream.Stream<Loaded<E, P>, ReadError, Self>
  /**
   * Writes what is pending, all or nothing, in an order no constraint objects to.
   *
   * **Errors** what a constraint refuses leaves the session as before the flush. `StaleRow` where a
   * row changed or went since it was read; `Unbreakable` where changes wait for each other in a
   * circle.
   * **Source** SQLAlchemy 2.0 "Flushing".
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const ann = Session.add(User.make({ name: "Ann" }))
   * const work = Session.transact(Effect.andThen(ann, Session.flush))
   * const program = Effect.andThen(Database.create(Catalog.make({ User })), work)
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => undefined
   * ```
   * @category verbs
   */
  readonly flush: Effect.Effect<void, FlushError, Self>
  /**
   * What a flush would do now: the loads it would make, its steps, its texts. Writes nothing.
   *
   * **Shape** the loads are made, for steps depend on what they find; what they read stays known.
   * **Errors** as `flush` has before it writes.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const ann = Session.add(User.make({ name: "Ann" }))
   * const work = Effect.andThen(ann, Effect.map(Session.plan, ({ steps }) => steps.length))
   * const program = Effect.andThen(Database.create(Catalog.make({ User })), Session.transact(work))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1
   * ```
   * @category verbs
   */
  readonly plan: Effect.Effect<FlushPlan, FlushError, Self>
}
