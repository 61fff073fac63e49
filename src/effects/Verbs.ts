import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { Alteration } from "../algebra/schema/Alter.ts"
import type { Catalog } from "../algebra/schema/Catalog.ts"
import type { Command } from "../algebra/Command.ts"
import type { Fetched } from "../algebra/From.ts"
import type { Policy } from "../algebra/Policy.ts"
import type { Select } from "../algebra/Select.ts"
import type { Snapshot } from "../algebra/schema/Snapshot.ts"
import type { AnyRow, Returns, Statement, StatementNode } from "../algebra/Statement.ts"
import type { Param, ParamsOf } from "../algebra/Value.ts"
import type {
  ConnectionError,
  NotFound,
  ReadError,
  RowCount,
  SchemaIncomplete,
  TransactionError,
  WriteError
} from "./DatabaseError.ts"
import type { ServerFacts } from "./FirstConnect.ts"
import type { Description } from "./observability/Description.ts"
import type { StatementOptions, StreamOptions } from "./statements/StatementOptions.ts"
import type { Borrowed } from "./pool/borrow.ts"
import type { ExplainVerbs } from "./observability/ExplainVerbs.ts"
import type { NotificationVerbs } from "./NotificationVerbs.ts"
import type { CreateOptions, DropOptions } from "./schemaVerbs.ts"
import type { Failing, OpenScope, Parameters } from "./statements/Parameters.ts"
import type { SchemaObject } from "./reflection/exists.ts"
import type { ReflectOptions } from "./reflection/reflect.ts"
import type { TransactionVerbs } from "./transactions/TransactionVerbs.ts"

/** The verbs that read. */
export interface Reads<Self> extends TransactionVerbs<Self>, ExplainVerbs<Self>, Options<Self> {
  /**
   * What the server told at the first connection, which is opened for it where there is none yet.
   *
   * **Shape** asked once for each database; a failure is not remembered.
   * **Errors** `ConnectFailed`; what the wait for a connection gives.
   * **Source** SQLAlchemy 2.0 `Dialect.initialize`.
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const program = Effect.map(Database.server, ({ dialect, isolation, schema }) =>
   *   [dialect, schema, isolation])
   * const told = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
   * told // => ["sqlite", "main", "serializable"]
   * ```
   * @category verbs
   */
  readonly server: Effect.Effect<ServerFacts, ConnectionError, Self>
  /**
   * One of the pool's connections, until the scope ends: for work that is about the connection
   * itself, and to take one out for good.
   *
   * **Shape** statements go to it where they are given to `use`. It goes back as any other does:
   * proven idle, its session reset; `detach` keeps it.
   * **Errors** what the wait for a connection gives.
   * **Source** SQLAlchemy 2.0 `Pool.connect`, `Connection.detach`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const program = Effect.scoped(Effect.flatMap(Database.borrow, ({ use }) =>
   *   use(Database.one(Query.select(Expr.value(42, Type.integer))))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 42
   * ```
   * @category verbs
   */
  readonly borrow: Effect.Effect<Borrowed<Self>, ConnectionError, Self | Scope.Scope>
  /**
   * All rows of a query, or of a command's RETURNING.
   *
   * **Shape** in the query's order; an empty array where there are none. A command without
   * RETURNING has no rows to read and does not compile here: `run` it.
   * **Errors** `ReadError`; for commands `WriteError`, which adds what constraints refuse.
   * **Source** SQLAlchemy 2.0 `Result.all`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.all(Query.from(users).select(users.c.name))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["Ann", "Bob"]
   * ```
   * @category verbs
   */
  readonly all: <Row, R, N extends StatementNode>(
    statement: Statement<Row, R> & Returns<AnyRow> & { readonly node: N },
    ...parameters: Parameters<R>
  ) => Effect.Effect<ReadonlyArray<Fetched<Row>>, Failing<N>, Self>
  /**
   * The only row.
   *
   * **Errors** `NotFound` for none, `RowCount` for more than one; else as `all`.
   * **Source** SQLAlchemy 2.0 `Result.one`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.one(Query.from(users).where(users.c.id.eq(2)))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => { id: 2, name: "Bob" }
   * ```
   * @category verbs
   */
  readonly one: <Row, R, N extends StatementNode>(
    statement: Statement<Row, R> & Returns<AnyRow> & { readonly node: N },
    ...parameters: Parameters<R>
  ) => Effect.Effect<Fetched<Row>, Failing<N> | NotFound | RowCount, Self>
  /**
   * The only row, if there is one.
   *
   * **Errors** `RowCount` for more than one; else as `all`.
   * **Source** SQLAlchemy 2.0 `Result.one_or_none`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect, Option } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Effect.map(Database.oneOrNone(Query.from(users).limit(1)), Option.isSome)))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => true
   * ```
   * @category verbs
   */
  readonly oneOrNone: <Row, R, N extends StatementNode>(
    statement: Statement<Row, R> & Returns<AnyRow> & { readonly node: N },
    ...parameters: Parameters<R>
  ) => Effect.Effect<Option.Option<Fetched<Row>>, Failing<N> | RowCount, Self>
  /**
   * The first row, if there is one: LIMIT 1.
   *
   * **Shape** a query by hand (`Query.raw`) is sent as it is written.
   * **Errors** as `all`.
   * **Source** SQLAlchemy 2.0 `Result.first`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect, Option } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Effect.map(Database.first(Query.from(users).limit(1)), Option.isSome)))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => true
   * ```
   * @category verbs
   */
  readonly first: <Row, R, N extends StatementNode>(
    statement: Statement<Row, R> & Returns<AnyRow> & { readonly node: N },
    ...parameters: Parameters<R>
  ) => Effect.Effect<Option.Option<Fetched<Row>>, Failing<N>, Self>
  /**
   * All rows, one after another.
   *
   * **Shape** through a cursor, `fetchSize` rows at a time, on the open transaction's
   * connection or one of its own; it is closed when the stream ends, however it ends. A statement
   * that runs on the same connection meanwhile is let in: MySQL and MariaDB, and SQLite where it
   * writes, then first keep the rows that are left in memory. A command's rows come all at once.
   * **Laws** the rows of `all`, as they were at the first fetch, whatever is written meanwhile.
   * **Errors** as `all`, after the chunks before.
   * **Source** PostgreSQL manual, "Extended Query"; SQLAlchemy 2.0 "Using Server Side Cursors".
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect, Stream } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Stream.runCount(Database.stream(Query.from(users)))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 2
   * ```
   * @category verbs
   */
  readonly stream: <Row, R, N extends StatementNode>(
    statement: Statement<Row, R> & Returns<AnyRow> & { readonly node: N },
    ...parameters: Parameters<R>
  ) => Stream.Stream<Fetched<Row>, Failing<N>, Self>
  /**
   * How many rows a query gives: `SELECT count(*) FROM (query)`.
   *
   * **Errors** `ReadError`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.count(Query.from(users))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 2
   * ```
   * @category verbs
   */
  readonly count: <Row, R, S extends string>(
    query: Select<Row, R, S>,
    ...parameters: Parameters<R>
  ) => Effect.Effect<number, ReadError, Self>
  /**
   * Whether a query gives a row: `SELECT EXISTS (query)`.
   *
   * **Errors** `ReadError`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.exists(Query.from(users).where(users.c.name.eq("Cleo")))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => false
   * ```
   * @category verbs
   */
  readonly exists: <Row, R, S extends string>(
    query: Select<Row, R, S>,
    ...parameters: Parameters<R>
  ) => Effect.Effect<boolean, ReadError, Self>
  /**
   * What the database says of a statement without running it: for CI, against the live schema.
   *
   * **Shape** columns, types and, where the server tells, nullability, as declared and as they are;
   * `mismatches` lists where the two part. Commands change nothing; parameters need no values.
   * SQLite tells the types of columns only, of expressions nothing.
   * **Errors** `SyntaxOrUndefined`, in the server's words, for a table or column that is not there;
   * `Unsupported` for what the server cannot do; else as `all`.
   * **Source** PostgreSQL manual, "Extended Query": Describe; MySQL manual, COM_STMT_PREPARE.
   *
   * @example
   * ```ts
   * import { Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), age: Column.integer() })
   * const program = Database.script("create table users (id integer primary key, age text)").pipe(
   *   Effect.andThen(Database.describe(Query.from(users).select(users.c.age))),
   *   Effect.map(({ mismatches }) => mismatches.map(({ message }) => message)))
   * const found = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
   * found[0] // => "the value is declared INTEGER and is TEXT there"
   * ```
   * @category verbs
   */
  readonly describe: <Row, R, N extends StatementNode>(
    statement: Statement<Row, R> & { readonly node: N },
    ...open: [R] extends [Param<unknown, unknown>]
      ? []
      : [OpenScope<Exclude<R, Param<unknown, unknown>>>]
  ) => Effect.Effect<Description, Failing<N>, Self>
  /**
   * The schema a database has, as a value: tables, columns, keys, checks, indexes, views.
   *
   * **Shape** at most eight statements, however many tables. Types, defaults and conditions are the
   * server's own texts in one normal form; a type athanor does not know has `sql: null`. On SQLite
   * the file's own schema, `main`.
   * **Laws** L29: what is reflected after `create` is what the catalog says.
   * **Errors** `ReadError`.
   * **Source** SQL:2016 part 11; SQLAlchemy 2.0 `Inspector`, `MetaData.reflect`.
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const program = Database.script("create table users (id integer primary key, name text)").pipe(
   *   Effect.andThen(Database.reflect()),
   *   Effect.map(({ tables }) => tables[0]?.columns.map(({ name, type }) => `${name} ${type}`)))
   * const found = Effect.runPromise(Effect.provide(program, Sqlite.layer()))
   * await found // => ["id INTEGER", "name TEXT"]
   * ```
   * @category verbs
   */
  readonly reflect: (options?: ReflectOptions) => Effect.Effect<Snapshot, ReadError, Self>
  /**
   * Whether there is a schema, table, view, index or sequence of that name.
   *
   * **Shape** one statement. Names are told apart as the server does: on SQLite not by the case of
   * their letters. What a server does not have at all is not there.
   * **Errors** `ReadError`; on SQLite a file that is not attached is `SyntaxOrUndefined` for an
   * index.
   * **Source** SQLAlchemy 2.0 `Inspector.has_table`, `has_index`, `has_sequence`, `has_schema`.
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const program = Database.script("create table users (id integer primary key)").pipe(
   *   Effect.andThen(Effect.all([
   *     Database.has({ kind: "table", name: "users" }),
   *     Database.has({ kind: "view", name: "users" })])))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [true, false]
   * ```
   * @category verbs
   */
  readonly has: (object: SchemaObject) => Effect.Effect<boolean, ReadError, Self>
  /**
   * The names of the schemas there are, in order, but for the server's own.
   *
   * **Errors** `ReadError`.
   * **Source** SQL:2016 part 11, SCHEMATA; SQLAlchemy 2.0 `Inspector.get_schema_names`.
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * await Effect.runPromise(Effect.provide(Database.schemas, Sqlite.layer())) // => ["main"]
   * ```
   * @category verbs
   */
  readonly schemas: Effect.Effect<ReadonlyArray<string>, ReadError, Self>
  /**
   * Runs an effect on the part of the database that policies leave: whatever it asks, it sees their
   * rows only and leaves no row outside.
   *
   * **Shape** policies add up where one stands inside another. Texts are compiled once for policies
   * of one structure, whatever their values. A script is `Unsupported`, and so is raw SQL unless
   * it declares its tables and no policy speaks of them.
   * **Laws** L25: as on a database that holds nothing but the policies' rows.
   * **Errors** what the effect gives; a write that would leave a row outside is a
   * `PolicyViolation`. A `StatementError`, as a defect, inside an open session: its policies are
   * chosen before it opens.
   * **Source** PostgreSQL manual, "Row Security Policies"; SQLAlchemy 2.0
   * `with_loader_criteria`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Policy, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const notes = Table.make("notes", { id: Column.id(), tenantId: Column.integer() })
   * const catalog = Catalog.make({ notes })
   * const theirs = Policy.tenant("tenantId", 2, { catalog })
   * const all = Database.count(Query.from(notes))
   * const program = Database.create(catalog).pipe(
   *   Effect.andThen(Database.run(Query.insert(notes).rows([{ tenantId: 1 }, { tenantId: 2 }]))),
   *   Effect.andThen(Effect.all([all, Database.policed([theirs], all)])))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [2, 1]
   * ```
   * @category verbs
   */
  readonly policed: <A, E, R>(
    policies: ReadonlyArray<Policy>,
    effect: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, R | Self>
  /**
   * Runs an effect with one policy lifted, by its name.
   *
   * **Errors** what the effect gives. A `StatementError`, as a defect, where no policy is called
   * so, and inside an open session.
   * **Source** SQLAlchemy 2.0 execution options of the "Soft Delete" example.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Policy, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const deletedAt = Column.timestamp().nullable()
   * const notes = Table.make("notes", { id: Column.id(), deletedAt })
   * const soft = Policy.softDelete("deletedAt", { byColumn: true })
   * const all = Database.count(Query.from(notes))
   * const work = Database.run(Query.insert(notes).values({})).pipe(
   *   Effect.andThen(Database.run(Query.deleteFrom(notes).everyRow())),
   *   Effect.andThen(Effect.all([all, Database.unpoliced(soft.name, all)])))
   * const program = Effect.andThen(Database.create(Catalog.make({ notes })),
   *   Database.policed([soft], work))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [0, 1]
   * ```
   * @category verbs
   */
  readonly unpoliced: <A, E, R>(
    name: string,
    effect: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, R | Self>
}

/** What is said of statements. */
export interface Options<Self> {
  /**
   * Runs an effect, or a stream, with options for each of its statements on this database: a
   * timeout, tags for the server's log, how many rows a stream fetches at once.
   *
   * **Shape** what the database, a transaction or an effect around this one says stays where
   * nothing is said here. Tags change the text that is sent: each set of them is a prepared
   * statement of its own.
   * **Errors** what the effect gives; `StatementTimeout` for a statement that took too long.
   * **Source** SQLAlchemy 2.0 `execution_options`; sqlcommenter.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const texts: Array<string> = []
   * const program = Database.one(Query.select(Expr.value(42, Type.integer))).pipe(
   *   (effect) => Database.with({ timeout_ms: 500, tags: { route: "/" } }, effect),
   *   Effect.provideService(Database.Tap, ({ text }) => texts.push(text)),
   *   Effect.map(() => texts[0]?.includes("route='%2F'")))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => true
   * ```
   * @category verbs
   */
  readonly with: {
    <A, E, R>(options: StreamOptions, stream: Stream.Stream<A, E, R>): Stream.Stream<A, E, R | Self>
    <A, E, R>(
      options: StatementOptions,
      effect: Effect.Effect<A, E, R>
    ): Effect.Effect<A, E, R | Self>
  }
}

/** The verbs that write. */
export interface Writes<Self> extends NotificationVerbs<Self> {
  /**
   * Runs a statement for its effect.
   *
   * **Shape** gives the number of rows matched, changed or not, the same on every database.
   * **Errors** `WriteError`: what any statement gives, and what constraints refuse.
   * **Source** SQLAlchemy 2.0 `CursorResult.rowcount`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
   *   Effect.andThen(Database.run(Query.deleteFrom(users).where(users.c.name.eq("Bob")))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1
   * ```
   * @category verbs
   */
  readonly run: <Row, R, N extends StatementNode>(
    statement: Statement<Row, R> & { readonly node: N },
    ...parameters: Parameters<R>
  ) => Effect.Effect<number, Failing<N>, Self>
  /**
   * Runs a command that is of exactly one row: a strict `run`.
   *
   * **Shape** where it matches none or several, nothing of it is done: it runs in a transaction of
   * its own, or in a savepoint of the one around it.
   * **Errors** `RowCount` with the number of rows; else as `run`. `StatementError` for a query.
   * **Source** SQLAlchemy 2.0 `CursorResult.rowcount`, `confirm_matched_rows` of the mapper.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const rename = Query.update(users).set({ name: "Al" }).where(users.c.name.like("A%"))
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Abe" }]))),
   *   Effect.andThen(Effect.flip(Database.runOne(rename))))
   * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
   * error._tag // => "RowCount"
   * ```
   * @category verbs
   */
  readonly runOne: <Row, R>(
    statement: Statement<Row, R> & { readonly node: Command },
    ...parameters: Parameters<R>
  ) => Effect.Effect<void, WriteError | TransactionError | RowCount, Self>
  /**
   * CREATE TABLE for every table of a catalogue with its keys, checks and indexes, in an order that
   * works.
   *
   * **Shape** in one transaction where the database has transactional DDL; MySQL and MariaDB keep
   * what was created before a failure. With `ifMissing` tables that are there stay as they are,
   * whatever their columns.
   * **Errors** `SyntaxOrUndefined` of kind `duplicate` where a table exists; else `WriteError`.
   * **Source** SQL:2016 part 2, 11.3 table definition; SQLAlchemy 2.0 `MetaData.create_all`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Effect.andThen(
   *   Database.create(Catalog.make({ users })), Database.count(Query.from(users)))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 0
   * ```
   * @category verbs
   */
  readonly create: <E = never, R = never>(
    catalog: Catalog,
    options?: CreateOptions<E, R>
  ) => Effect.Effect<void, WriteError | TransactionError | SchemaIncomplete | E, Self | R>
  /**
   * Runs a command once for each set of parameters, and gives the number of rows matched in all.
   *
   * **Shape** in one transaction or savepoint: all sets or none. An insert of a row becomes one of
   * many, an update that names its row by a whole key an update from a list; every other command is
   * run in turn. No sets are 0 rows, and nothing is sent.
   * **Laws** the same rows stored, and the same number, as `run` with one set after the other.
   * **Errors** as `run`; `set` says which of them was refused, from 0. A value that is missing or
   * cannot be stored is found before anything is sent.
   * **Source** SQLAlchemy 2.0 "Sending Multiple Parameters"; PEP 249 `executemany`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Expr, Query, Table, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.integer().primaryKey(), name: Column.text() })
   * const rename = Query.update(users).set({ name: Expr.param("name", Type.text) })
   *   .where(users.c.id.eq(Expr.param("id", Type.integer)))
   * const program = Database.create(Catalog.make({ users })).pipe(
   *   Effect.andThen(Database.run(Query.insert(users).rows([
   *     { id: 1, name: "" }, { id: 2, name: "" }]))),
   *   Effect.andThen(Database.runEach(rename, [
   *     { id: 1, name: "Ann" }, { id: 2, name: "Bob" }, { id: 3, name: "Cleo" }])))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 2
   * ```
   * @category verbs
   */
  readonly runEach: <Row, R extends Param<unknown, unknown>>(
    statement: Statement<Row, R> & { readonly node: Command },
    sets: ReadonlyArray<ParamsOf<R>>
  ) => Effect.Effect<number, WriteError | TransactionError, Self>
  /**
   * DROP TABLE for every table of a catalogue that exists, referring tables first.
   *
   * **Errors** `WriteError`.
   * **Source** SQL:2016 part 2, drop table statement; SQLAlchemy 2.0 `MetaData.drop_all`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const program = Database.drop(Catalog.make({ users }))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => undefined
   * ```
   * @category verbs
   */
  readonly drop: <E = never, R = never>(
    catalog: Catalog,
    options?: DropOptions<E, R>
  ) => Effect.Effect<void, WriteError | TransactionError | SchemaIncomplete | E, Self | R>
  /**
   * Alters tables that are there, one change after the other; their rows are kept.
   *
   * **Shape** in one transaction where the database has transactional DDL; MySQL and MariaDB keep
   * what was changed before a failure. Each change is made of the schema as it is by then. SQLite
   * makes a table anew where it has no ALTER for it, with foreign keys off, and checks them after.
   * **Errors** a `StatementError` for what is not there, a defect; `WriteError` for rows that do
   * not fit; `Unsupported` (`alterTable`) on SQLite inside a transaction, and for a table with
   * options that would be lost.
   * **Source** SQL:2016 part 2, 11.10 alter table statement; Alembic operations.
   *
   * @example
   * ```ts
   * import { Alter, Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const before = Table.make("users", { id: Column.id(), name: Column.text() })
   * const users = Table.make("users", {
   *   id: Column.id(), name: Column.text(), age: Column.integer().serverDefault(18) })
   * const program = Database.create(Catalog.make({ before })).pipe(
   *   Effect.andThen(Database.run(Query.insert(before).values({ name: "Ann" }))),
   *   Effect.andThen(Database.alter(Alter.addColumn(users, "age"))),
   *   Effect.andThen(Database.all(Query.from(users))))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
   * ```
   * @category verbs
   */
  readonly alter: (
    ...alterations: ReadonlyArray<Alteration>
  ) => Effect.Effect<void, WriteError | TransactionError, Self>
  /**
   * Runs SQL as it is written, several statements separated by semicolons. Nothing is bound.
   *
   * **Shape** PostgreSQL runs a script as one transaction; the others keep what ran before a
   * failure. SQLite's triggers are one statement each.
   * **Errors** `WriteError`; `SyntaxOrUndefined` for what the server cannot read. Of several
   * statements the failure says which one it was, by `statement`, from 1. A transaction that the
   * script begins and leaves open is rolled back: `TransactionDoomed`. Inside a transaction it
   * begins and ends none (`Unsupported`, `transactionBounds`), before anything is sent.
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const program = Database.script("create table t (a integer); insert into t values (1)")
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => undefined
   * ```
   * @category verbs
   */
  readonly script: (text: string) => Effect.Effect<void, WriteError, Self>
}

/** Everything a database does. */
export interface Verbs<Self> extends Reads<Self>, Writes<Self> {}
