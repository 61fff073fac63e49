import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type { Fetched, From, Of } from "../algebra/From.ts"
import type { Relation } from "../algebra/Relation.ts"
import type { RowOf } from "../algebra/schema/Table.ts"
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
import type { Engine } from "../effects/Engine.ts"
import type { TransactionOptions } from "../effects/transactions/TransactionOptions.ts"
import type { PatchOfValue } from "../mapping/Entity.ts"
import type { AnyEntity, OneOf } from "../mapping/EntityClass.ts"
import type { ColumnsOf, KeyOf, ValueOf } from "../mapping/EntityTypes.ts"
import type { Checked, Loaded, Plan } from "../mapping/Load.ts"
import type {
  BelongsTo,
  HasMany,
  HasOne,
  ManyToMany,
  RelatesToMany,
  RelatesToOne
} from "../mapping/Relation.ts"
import type { Binding } from "./Binding.ts"
import type { FlushError } from "./flush.ts"
import type { Session } from "./Session.ts"

/** How the rows of several databases are put together. */
export interface AcrossOptions<Row> {
  /**
   * One list of those the databases gave, in the order of their names: for rows that are ordered,
   * limited or counted.
   */
  readonly merge?: (lists: ReadonlyArray<ReadonlyArray<Row>>) => ReadonlyArray<Row>
}

/** The same of values, with what to load beside each from wherever it stands. */
export interface AcrossLoading<Row, P> extends AcrossOptions<Row> {
  readonly load: P
}

type Services = Readonly<Record<string, Context.Key<unknown, Engine>>>
type Needed<S extends Services> = S[keyof S] extends Context.Key<infer Self, Engine> ? Self : never
type Query<Row> = Statement<Row, never> & { readonly node: Relation }

/** The verbs over several databases; `Self` are those databases, `Open` the sessions on them. */
export interface DatabasesVerbs<Self, Open> {
  /**
   * Rows of a table or an entity stand in one of the databases.
   *
   * **Shape** a family stands somewhere as a whole, with all tables of its members. What goes with
   * a row in other databases is deleted, detached or refused by the sessions there, as its relation
   * says; what it leaves to the database is left to the program. Before a read of several databases
   * and at the end, not within a nested scope of one of them: a flush there is `Unsupported`
   * (`joinAcrossDatabases`), and so is a change of a key that others refer to from elsewhere.
   * @example
   * ```ts
   * import { Column, Databases, Entity } from "athanor"
   * class Report extends Entity<Report>()("reports", { id: Column.id() }) {}
   * const bound = Databases.bind(Report, "reports")
   * ```
   * @category constructors
   */
  readonly bind: <const Name extends string>(of: From<string, unknown>, name: Name) => Binding<Name>
  /**
   * Rows of an entity stand in several databases: a function of a row says in which.
   *
   * **Shape** it gets the columns that are known, often the key alone, and gives null where they
   * do not tell: then a read asks all of these databases, and a write is refused.
   * **Source** SQLAlchemy 2.0 "Horizontal Sharding".
   *
   * @example
   * ```ts
   * import { Column, Databases, Entity } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.integer().primaryKey() }) {}
   * const bound = Databases.shard(User, ["even", "odd"], ({ id }) =>
   *   id === undefined ? null : id % 2 === 0 ? "even" : "odd")
   * ```
   * @category constructors
   */
  readonly shard: <E extends AnyEntity, const Name extends string>(
    entity: E,
    names: ReadonlyArray<Name>,
    choose: (row: Partial<RowOf<ColumnsOf<E>>>) => NoInfer<Name> | null
  ) => Binding<Name>
  /**
   * Databases by names of this program, and what stands in which; what is not bound stands in the
   * first.
   *
   * **Errors** `StatementError` for a table that is bound twice.
   *
   * @example
   * ```ts
   * import { Column, Database, Databases, Entity } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Layer } from "effect"
   * class Reports extends Database.Service<Reports>()("reports") {}
   * class Report extends Entity<Report>()("reports", { id: Column.id() }) {}
   * const databases = Databases.layer({ main: Database, reports: Reports }, [
   *   Databases.bind(Report, "reports")])
   * const opened = Layer.merge(Sqlite.layer(), Sqlite.layerOf(Reports, {}))
   * const layer = Layer.provideMerge(databases, opened)
   * ```
   * @category layers
   */
  readonly layer: <const S extends Services>(
    services: S,
    bindings: ReadonlyArray<Binding<keyof S & string>>
  ) => Layer.Layer<Self, never, Needed<S>>
  /**
   * Opens a session on each of the databases: what it reads, and what is done in it, is kept apart.
   *
   * **Shape** success writes what is pending in all of them before it commits in any; failure and
   * interruption roll all of them back. Each commits by itself: where one COMMIT fails after
   * another, `TwoPhase` is the answer.
   * **Errors** what the effect gives, what a flush gives, what BEGIN and COMMIT give.
   * **Source** SQLAlchemy 2.0 `Session.binds`.
   *
   * @example
   * ```ts
   * import { Column, Databases, Entity } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id() }) {}
   * const program = Databases.transact(Databases.get(User, 1))
   * ```
   * @category verbs
   */
  readonly transact: <A, E, R>(
    work: Effect.Effect<A, E, R>,
    options?: Omit<TransactionOptions, "retry">
  ) => Effect.Effect<A, E | FlushError | TransactionError, Exclude<R, Open> | Self>
  /**
   * Runs the work of one session, or of one `Database`, on the database of this name.
   *
   * **Shape** values it gives are known to stand there from then on: one key in two databases is
   * two entities.
   *
   * @example
   * ```ts
   * import { Column, Databases, Entity, Query, Session } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id() }) {}
   * const program = Databases.transact(Databases.on("main", Session.all(Query.from(User))))
   * ```
   * @category verbs
   */
  readonly on: <A, E, R>(
    name: string,
    work: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, Exclude<R, Session | Database> | Open>
  /**
   * The value of a key, from the database it stands in; from all of them where the key does not
   * tell.
   *
   * **Errors** `NotFound`; `RowCount` where several hold the key.
   *
   * @example
   * ```ts
   * import { Column, Databases, Entity } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id() }) {}
   * const program = Databases.transact(Databases.get(User, 1))
   * ```
   * @category verbs
   */
  get<E extends AnyEntity>(
    entity: E,
    key: KeyOf<E>
  ): Effect.Effect<ValueOf<E>, ReadError | NotFound | RowCount, Open>
  get<E extends AnyEntity, const P extends Plan<E>>(
    entity: E,
    key: KeyOf<E>,
    plan: P & Checked<E, P>
  ): Effect.Effect<Loaded<E, P>, ReadError | NotFound | RowCount, Open>
  /**
   * As `get`, none where there is none.
   *
   * @example
   * ```ts
   * import { Column, Databases, Entity } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id() }) {}
   * const program = Databases.transact(Databases.find(User, 1))
   * ```
   * @category verbs
   */
  find<E extends AnyEntity>(
    entity: E,
    key: KeyOf<E>
  ): Effect.Effect<Option.Option<ValueOf<E>>, ReadError | RowCount, Open>
  find<E extends AnyEntity, const P extends Plan<E>>(
    entity: E,
    key: KeyOf<E>,
    plan: P & Checked<E, P>
  ): Effect.Effect<Option.Option<Loaded<E, P>>, ReadError | RowCount, Open>
  /**
   * All rows of a query, from the databases that hold its tables: all are asked at once.
   *
   * **Shape** the lists one after another, in the order of the names, or as `merge` puts them
   * together. `load` is a plan: each of its relations is read where its rows stand, by statements
   * of its own.
   * **Errors** `Unsupported` (`joinAcrossDatabases`) for tables that do not stand together.
   * `StatementError` for rows of several databases that are ordered, limited or counted, without a
   * `merge`.
   *
   * @example
   * ```ts
   * import { Column, Databases, Entity, Query } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const names = Query.from(User).orderBy(User.c.name).limit(3).select(User.c.name)
   * const program = Databases.transact(Databases.all(names, {
   *   merge: (lists) => lists.flat().toSorted().slice(0, 3) }))
   * ```
   * @category verbs
   */
  all<Row>(
    query: Query<Row>,
    options?: AcrossOptions<Fetched<Row>>
  ): Effect.Effect<ReadonlyArray<Fetched<Row>>, ReadError, Open>
  all<E extends AnyEntity, const P extends Plan<E>>(
    query: Query<Of<E>>,
    options: AcrossLoading<ValueOf<E>, P & Checked<E, P>>
  ): Effect.Effect<ReadonlyArray<Loaded<E, P>>, ReadError, Open>
  /**
   * Adds drafts, each with what hangs on it, where they are to stand.
   *
   * **Shape** a new row that does not tell by itself stands with its parent.
   * **Errors** `StatementError` for a graph that spreads over databases, and where nothing tells.
   *
   * @example
   * ```ts
   * import { Column, Databases, Entity } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const program = Databases.transact(Databases.add(User.make({ name: "Ann" })))
   * ```
   * @category verbs
   */
  add(
    ...drafts: ReadonlyArray<OneOf<string>>
  ): Effect.Effect<void, ReadError | UniqueViolation, Open>
  /**
   * The new value of a row, in the database it stands in.
   *
   * **Errors** as a session's `update`; `StatementError` where it would stand elsewhere then.
   *
   * @example
   * ```ts
   * import { Column, Databases, Entity } from "athanor"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const rename = Effect.flatMap(Databases.get(User, 1), (one) =>
   *   Databases.update(one, { name: "Ann" }))
   * const program = Databases.transact(rename)
   * ```
   * @category verbs
   */
  update<V extends OneOf<string>>(
    value: V,
    patch: PatchOfValue<V>
  ): Effect.Effect<V, ReadError | StaleRow, Open>
  /**
   * Deletes rows, each in the database it stands in.
   *
   * @example
   * ```ts
   * import { Column, Databases, Entity } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const program = Databases.transact(Databases.delete(User.ref(1), User.ref(2)))
   * ```
   * @category verbs
   */
  delete(...values: ReadonlyArray<OneOf<string>>): Effect.Effect<void, ReadError, Open>
  /**
   * What a relation of a value leads to, from the databases its rows stand in.
   *
   * **Errors** `Unsupported` (`joinAcrossDatabases`) where its link table or its condition needs
   * rows of both sides in one statement, and they stand apart.
   *
   * @example
   * ```ts
   * import { Column, Databases, Entity } from "athanor"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
   *   static readonly reports = this.hasMany(() => Report)
   * }
   * class Report extends Entity<Report>()("reports", {
   *   id: Column.id(), userId: Column.integer()
   * }) {}
   * const reports = Effect.flatMap(Databases.get(User, 1), (one) =>
   *   Databases.load(one, User.reports))
   * const program = Databases.transact(reports)
   * ```
   * @category verbs
   */
  load<E extends AnyEntity, T extends AnyEntity>(
    value: ValueOf<E>,
    relation: HasMany<E, T, unknown> | ManyToMany<E, T> | RelatesToMany<E, T>
  ): Effect.Effect<ReadonlyArray<ValueOf<T>>, ReadError, Open>
  load<E extends AnyEntity, T extends AnyEntity>(
    value: ValueOf<E>,
    relation: BelongsTo<E, T, unknown> | HasOne<E, T, unknown> | RelatesToOne<E, T>
  ): Effect.Effect<ValueOf<T> | null, ReadError, Open>
}
