import type { Brand } from "effect/Brand"
import type { Utc } from "effect/DateTime"
import { held } from "../frozen.ts"
import { counterOf, type CounterOptions, isUsual } from "./counter.ts"
import type { Draws, Generator } from "../Generator.ts"
import type { Scalar } from "../Scalar.ts"
import { noNotes, type Notes, notesOf } from "./notes.ts"
import * as S from "../Scalar.ts"
import { type ReferenceOptions, type Referring, referring, ruled } from "./Constraint.ts"
import type { ColumnNode } from "../Source.ts"
import { refuse } from "../StatementError.ts"
import type { AnyType, Type } from "../Type.ts"
import * as T from "../types.ts"
import { isExpr } from "../Expression.ts"
import { ruleOf } from "./rule.ts"
import type { Rule } from "../RuleBroken.ts"
import type { SchemaOf } from "../types/schemaRule.ts"
import type { Value } from "../Value.ts"
import type { ServerSets } from "../words.ts"

export type { ReferenceOptions } from "./Constraint.ts"

export type { CounterOptions } from "./counter.ts"

declare const ColumnId: unique symbol
declare const DeferringId: unique symbol

/**
 * Whether an insert gives the column: it must, it may, it cannot.
 *
 * @category models
 */
export type OnInsert = "required" | "optional" | "never"

/**
 * Whether an update may give the column.
 *
 * @category models
 */
export type OnUpdate = "yes" | "no"

/**
 * A foreign key as a column declares it; the thunk is read when the schema is.
 *
 * @category models
 */
export interface Reference extends Referring, ReturnType<typeof ruled> {
  readonly target: () => Value<any, any>
}

/**
 * The facts of a column, as data.
 *
 * @category models
 */
export interface ColumnFacts {
  readonly type: () => AnyType
  readonly name: string | null
  readonly nullable: boolean
  readonly primaryKey: boolean
  readonly identity: boolean
  readonly counted: ColumnNode["counted"]
  readonly unique: boolean
  readonly default: Generator | null
  readonly serverDefault: Scalar | null
  /** `table`: one of the table's rules says from what. */
  readonly computed: ColumnNode["computed"] | "table"
  readonly onUpdate: Generator | null
  readonly writeOnce: boolean
  readonly version: ColumnNode["version"]
  readonly serverSet: ColumnNode["serverSet"]
  readonly spelled?: ColumnNode["spelled"]
  readonly attributes?: ColumnNode["attributes"]
  readonly references: Reference | null
  readonly comment: string | null
  readonly notes: Notes
  readonly guarded: boolean | null
  readonly deferred: ColumnNode["deferred"]
  /** What the program asks of a value before it is written. */
  readonly rules: ReadonlyArray<Rule>
  readonly redacted: boolean
  /** No column of the table: an entity says from what it is read. */
  readonly queried: boolean
}

/**
 * A value the client makes when the statement runs: `Column.now`, `Column.uuid4`, `Column.uuid7`.
 *
 * @category models
 */
export interface Made<out A> {
  readonly [MadeId]?: A
  readonly generator: Generator
}
declare const MadeId: unique symbol

/**
 * How an identity column counts, and whether it always does.
 *
 * @category models
 */
export interface IdentityOptions extends CounterOptions {
  /** No statement gives a value. Default false. */
  readonly always?: boolean
}

/**
 * A column of a table: its type and the facts the server and the mapper need.
 *
 * **Shape** `A` is the value, null included where nullable. `In` and `Up` say whether an insert and
 * an update give it. Immutable: each method returns a new column.
 * **Source** SQL:2016 part 2, 11.4 column definition; SQLAlchemy 2.0 "Column, Table, MetaData".
 *
 * @example
 * ```ts
 * import { Column, Table } from "athanor"
 * const users = Table.make("users", {
 *   id: Column.id(),
 *   email: Column.varchar(255).unique(),
 *   createdAt: Column.timestamp().default(Column.now)
 * })
 * ```
 * @category models
 */
export interface Column<
  out A,
  out In extends OnInsert = "required",
  out Up extends OnUpdate = "yes"
> {
  readonly [ColumnId]?: { readonly value: A; readonly insert: In; readonly update: Up }
  readonly facts: ColumnFacts
  /**
   * Allows NULL; an insert may leave it out, which stores NULL. Columns are NOT NULL unless said.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const t = Table.make("t", { a: Column.text().nullable() })
   * const add = Query.insert(t).values({ a: null }).returning(t.c.a)
   * const program = Effect.andThen(Database.create(Catalog.make({ t })), Database.one(add))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => null
   * ```
   * @category combinators
   */
  nullable(): Column<A | null, In extends "required" ? "optional" : In, Up>
  /**
   * A value made by the client when an insert leaves the column out.
   *
   * **Shape** for `Database` and `Session` alike; the server's schema does not know of it.
   * **Errors** `StatementError` for `undefined`.
   * **Source** SQLAlchemy 2.0 "Column INSERT/UPDATE Defaults".
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const t = Table.make("t", { a: Column.text().default("draft") })
   * const add = Query.insert(t).values({ a: undefined }).returning(t.c.a)
   * const program = Effect.andThen(Database.create(Catalog.make({ t })), Database.one(add))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => "draft"
   * ```
   * @category combinators
   */
  default(value: NonNullable<A> | Made<NonNullable<A>>): Column<A, "optional", Up>
  /**
   * DEFAULT: a value made by the server when an insert leaves the column out, a constant
   * expression.
   *
   * **Source** SQL:2016 part 2, 11.5 default clause; SQLAlchemy 2.0 `server_default`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const t = Table.make("t", { id: Column.id(), a: Column.integer().serverDefault(7) })
   * const add = Query.insert(t).values({}).returning(t.c.a)
   * const program = Effect.andThen(Database.create(Catalog.make({ t })), Database.one(add))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 7
   * ```
   * @category combinators
   */
  serverDefault(value: NonNullable<A> | Value<A, never>): Column<A, "optional", Up>
  /**
   * A value made by the client when an update leaves the column out.
   *
   * **Source** SQLAlchemy 2.0 "Column INSERT/UPDATE Defaults".
   *
   * @example
   * ```ts
   * import { Column, Query, Table } from "athanor"
   * const changedAt = Column.timestamp().default(Column.now).onUpdate(Column.now)
   * const users = Table.make("users", { id: Column.id(), name: Column.text(), changedAt })
   * const rename = Query.update(users).set({ name: "Ann" }).where(users.c.id.eq(1))
   * ```
   * @category combinators
   */
  onUpdate(value: NonNullable<A> | Made<NonNullable<A>>): Column<A, In, Up>
  /**
   * PRIMARY KEY, or part of it where several columns say so. Never updated.
   *
   * **Source** SQL:2016 part 2, 11.7 unique constraint definition.
   *
   * @example
   * ```ts
   * import { Column, Table } from "athanor"
   * const likes = Table.make("likes", {
   *   userId: Column.integer().primaryKey(),
   *   postId: Column.integer().primaryKey()
   * })
   * ```
   * @category combinators
   */
  primaryKey(): Column<A, In, "no">
  /**
   * UNIQUE by itself: no two rows agree on it; NULLs never clash.
   *
   * **Errors** `UniqueViolation` for an insert or update that would make them agree.
   * **Source** SQL:2016 part 2, 11.7 unique constraint definition.
   *
   * @example
   * ```ts
   * import { Column, Table } from "athanor"
   * const users = Table.make("users", { id: Column.id(), email: Column.varchar(255).unique() })
   * ```
   * @category combinators
   */
  unique(): Column<A, In, Up>
  /**
   * REFERENCES one column of another table, or of its own.
   *
   * **Shape** the thunk is read when the schema is, so two tables may refer to each other.
   * **Errors** `ForeignKeyViolation` for a value no row has, and where a row goes that is referred
   * to.
   * **Source** SQL:2016 part 2, 11.8 referential constraint definition; SQLAlchemy 2.0
   * `ForeignKey`.
   *
   * @example
   * ```ts
   * import { Column, Table } from "athanor"
   * const users = Table.make("users", { id: Column.id() })
   * const posts = Table.make("posts", {
   *   id: Column.id(),
   *   userId: Column.integer().references(() => users.c.id, { onDelete: "cascade" })
   * })
   * ```
   * @category combinators
   */
  references(target: () => Value<any, any>, options?: ReferenceOptions): Column<A, In, Up>
  /**
   * The name in the database, where it is not the key in snake_case.
   *
   * @example
   * ```ts
   * import { Column, Table } from "athanor"
   * const users = Table.make("users", { id: Column.id(), name: Column.text().named("full_name") })
   * ```
   * @category combinators
   */
  named(name: string): Column<A, In, Up>
  /**
   * GENERATED AS IDENTITY: counted by the server where an insert leaves it out, or always.
   *
   * **Shape** without options it counts as `Column.id` does, and is the primary key but on
   * PostgreSQL. `always` keeps values of one's own out of inserts and updates.
   * **Errors** `Unsupported` for options but on PostgreSQL (`identityColumns`); `StatementError`
   * for numbers that are not whole.
   * **Source** SQL:2016 part 2, 11.4 identity column specification; SQLAlchemy 2.0 `Identity`.
   *
   * @example
   * ```ts
   * import { Column, Table } from "athanor"
   * const number = Column.bigint().identity({ always: true, start: 1000, increment: 10 })
   * const bills = Table.make("bills", { number: number.primaryKey(), sum: Column.integer() })
   * ```
   * @category combinators
   */
  identity(
    this: Column<number | bigint, any, any>,
    options: IdentityOptions & { readonly always: true }
  ): Column<A, "never", "no">
  identity(
    this: Column<number | bigint, any, any>,
    options?: IdentityOptions
  ): Column<A, "optional", Up>
  /**
   * COMMENT: what people should know of the column; the server keeps it.
   *
   * **Errors** `Unsupported` on SQLite (`comments`).
   * **Source** SQLAlchemy 2.0 `Column.comment`.
   *
   * @example
   * ```ts
   * import { Column, Table } from "athanor"
   * const born = Column.date().nullable().comment("As on the passport.")
   * const people = Table.make("people", { id: Column.id(), born })
   * ```
   * @category combinators
   */
  comment(text: string): Column<A, In, Up>
  /**
   * What the program notes of the column for itself; notes given before stay under other names.
   *
   * **Errors** `StatementError` for what is no value of JSON.
   * **Source** SQLAlchemy 2.0 `Column.info`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Table } from "athanor"
   * const email = Column.text().notes({ personal: true })
   * const users = Table.make("users", { id: Column.id(), email })
   * Catalog.notes(Catalog.make({ users })) // => { "users.email": { personal: true } }
   * ```
   * @category combinators
   */
  notes(notes: Notes): Column<A, In, Up>
  /**
   * A check constraint that holds a boolean or an enum to its values, where the server has no such
   * type: of a boolean if asked, of an enum unless `false`.
   *
   * **SQL** postgres has booleans: `flag IN (0, 1)` elsewhere.
   * **Errors** `CheckViolation` for whoever writes another value, by whatever program.
   * **Source** SQLAlchemy 2.0 `Boolean.create_constraint`, `Enum.create_constraint`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Table } from "athanor"
   * import { createScript } from "athanor/compile"
   * const users = Table.make("users", { active: Column.boolean().guarded() })
   * String(createScript(Catalog.make({ users }), "sqlite")).includes("active IN (0, 1)") // => true
   * ```
   * @category combinators
   */
  guarded(this: Column<boolean | string | null, any, any>, yes?: boolean): Column<A, In, Up>
  /**
   * What a value must be like, asked before anything is sent: a schema, or words and a predicate.
   *
   * **Shape** asked of every value given in `make`, an insert, an update or a flush, never of NULL,
   * of what the server computes, or of values read. The words say what is expected; a schema is
   * asked of values that are decoded already, and told by the words of its checks. Several rules
   * are asked in turn. A CHECK of the table is the server's own: `Check.that`.
   * **Errors** `EncodeFailed` with entity, path and the words, never the value; `RuleBroken` from
   * `make`.
   * **Source** SQLAlchemy 2.0 "Simple Validators".
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Query, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const email = Column.text().rule("an address with an @", (text) => text.includes("@"))
   * const t = Table.make("t", { email })
   * const add = Effect.flip(Database.run(Query.insert(t).values({ email: "Ann" })))
   * const program = Effect.andThen(Database.create(Catalog.make({ t })), add)
   * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
   * error._tag === "EncodeFailed" && error.expected // => "an address with an @"
   * ```
   * @category combinators
   */
  rule(schema: SchemaOf<NonNullable<A>>): Column<A, In, Up>
  rule(says: string, holds: (value: NonNullable<A>) => boolean): Column<A, In, Up>
  /**
   * Not to be seen where values and drafts of the entity are printed: `<redacted>` stands there.
   *
   * **Shape** of the console alone: JSON, which is read back, has the value.
   *
   * @example
   * ```ts
   * import { Column, Entity } from "athanor"
   * import { inspect } from "node:util"
   * const secret = Column.text().redacted()
   * class User extends Entity<User>()("users", { id: Column.id(), secret }) {}
   * inspect(User.of({ id: 1, secret: "a" })) // => "User { id: 1, secret: <redacted> }"
   * ```
   * @category combinators
   */
  redacted(): Column<A, In, Up>
  /**
   * No column of the table: read with each row of an entity, by the expression that its static
   * `this.reads` gives. Neither inserts nor updates give it.
   *
   * **Shape** it stands where a column does: selected, filtered and sorted by, in plans. A session
   * has it as it was last read.
   * **Errors** `StatementError` of a table without a class, and at first use where no static says
   * from what it is read.
   * **Source** SQLAlchemy 2.0 `column_property`.
   *
   * @example
   * ```ts
   * import { Column, Entity, Fn, Query } from "athanor"
   * class User extends Entity<User>()("users", {
   *   id: Column.id(), name: Column.text(), letters: Column.integer().queried()
   * }) {
   *   static readonly counting = this.reads("letters", (u) => Fn.length(u.name))
   * }
   * const long = Query.from(User).where(User.c.letters.gt(20))
   * ```
   * @category combinators
   */
  queried(): Column<A, "never", "no">
  /**
   * Never changed after insert.
   *
   * **Errors** `StatementError` for an update that gives it; the types refuse it before.
   *
   * @example
   * ```ts
   * import { Column, Table } from "athanor"
   * const users = Table.make("users", { id: Column.id(), code: Column.text().writeOnce() })
   * ```
   * @category combinators
   */
  writeOnce(): Column<A, In, "no">
  /**
   * Tells a stale writer: each update of a session makes another value, and finds the row by the
   * one that was read. Who comes too late gets `StaleRow`.
   *
   * **Shape** a number counts from 1; a timestamp is the clock's, and later than the last whatever
   * the clock says; what is made, as `Column.uuid4`, is drawn anew. With "server" the column is the
   * server's: an update leaves it out, and it is read again before the next.
   * **SQL** "server": what an insert leaves out is `serverDefault`; an update makes another by a
   * trigger, before it on postgres and mariadb, after it on sqlite; on mysql and mariadb
   * `ON UPDATE CURRENT_TIMESTAMP(6)` too. `xmin` of postgres is no column of a table.
   * **Source** SQLAlchemy 2.0 "Configuring a Version Counter", "Server Side Version Counters".
   *
   * @example
   * ```ts
   * import { Column, Entity } from "athanor"
   * class User extends Entity<User>()("users", {
   *   id: Column.id(),
   *   name: Column.text(),
   *   version: Column.integer().version()
   * }) {}
   * class Note extends Entity<Note>()("notes", {
   *   id: Column.id(),
   *   mark: Column.uuid().version(Column.uuid4)
   * }) {}
   * ```
   * @category combinators
   */
  version(this: Column<number | bigint | Utc, any, any>): Column<A, "never", "no">
  version(by: Made<NonNullable<A>> | "server"): Column<A, "never", "no">
  /**
   * Computed by the database from other columns of its row, as one of the table's rules says:
   * `Computed.stored` or `Computed.virtual`. Neither inserts nor updates give it.
   *
   * **Errors** `StatementError`, when the schema is read, where no rule says from what.
   * **Source** SQL:2016 part 2, 4.14.8 generated columns; SQLAlchemy 2.0 `Computed`.
   *
   * @example
   * ```ts
   * import { Column, Computed, Table } from "athanor"
   * const lines = Table.make("lines", {
   *   price: Column.integer(),
   *   count: Column.integer(),
   *   total: Column.integer().computed()
   * }, (c) => [Computed.stored(c.total, c.price.mul(c.count))])
   * ```
   * @category combinators
   */
  computed(): Column<A, "never", "no">
  /**
   * Set by the server with each insert, each update, or both, as by a trigger of its own: those
   * statements do not give it.
   *
   * **Shape** RETURNING gives what the server set; a session has it back so after an insert, and
   * reads it again after an update, where it is next asked for. One that is `deferred` stays
   * unloaded until it is asked for by name. What stands there before the trigger runs must be
   * allowed: give a `serverDefault`, or let it be NULL.
   * **SQL** a trigger of postgres, mysql and mariadb sets it before the row is written. SQLite has
   * only those that change it afterwards, which its RETURNING does not see: asked for there it is
   * `Unsupported` (`triggeredReturning`), and a session reads it with a query of its own.
   * **Errors** `StatementError` for a statement that gives it, which the types refuse before, and
   * of a table whose client fills it as well.
   * **Source** SQLAlchemy 2.0 `FetchedValue`, "Fetching Server-Generated Defaults".
   *
   * @example
   * ```ts
   * import { Column, Table } from "athanor"
   * const orders = Table.make("orders", {
   *   id: Column.id(),
   *   total: Column.integer(),
   *   number: Column.text().nullable().serverSet("insert"),
   *   changes: Column.integer().serverDefault(0).serverSet("update")
   * })
   * ```
   * @category combinators
   */
  serverSet(): Column<A, "never", "no">
  serverSet(on: "insert"): Column<A, "never", Up>
  serverSet(on: "update"): Column<A, In, "no">
  /**
   * Not read with its row, but where a plan asks for it: by its name, or that of its group.
   *
   * **Shape** whole rows come without it, in their type too; `c` has it, and inserts, updates and
   * every expression take it as any other. Keys, versions and what links rows are not deferred.
   * **Errors** `StatementError` where the table is made, for a key or a version, and for a group of
   * a column's name.
   * **Source** SQLAlchemy 2.0 `deferred`, "Limiting which Columns Load with Column Deferral".
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Load, Query } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", {
   *   id: Column.id(), name: Column.text(),
   *   notes: Column.text().deferred(), photo: Column.bytes().nullable().deferred("media")
   * }) {}
   * const program = Effect.gen(function* () {
   *   yield* Database.create(Catalog.make({ User }))
   *   yield* Database.run(Query.insert(User).values({ name: "Ann", notes: "long" }))
   *   const user = yield* Load.one(Query.from(User), {})
   *   const whole = yield* Load.one(Query.from(User), Load.also(User, ["notes", "media"]))
   *   return [Object.keys(user), whole.notes, whole.photo]
   * })
   * const seen = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
   * seen // => [["id", "name"], "long", null]
   * ```
   * @category combinators
   */
  deferred(): DeferredColumn<A, In, Up, null>
  deferred<const G extends string>(group: G): DeferredColumn<A, In, Up, G>
}

/** What a column's type says of its group: null where it has none. */
export interface Deferring<out G> {
  readonly [DeferringId]: G
}

/**
 * A column that is not read with its row: of the group `G`, or of none.
 *
 * @category models
 */
export interface DeferredColumn<
  out A,
  out In extends OnInsert,
  out Up extends OnUpdate,
  out G extends string | null
>
  extends Column<A, In, Up>, Deferring<G> {
  nullable(): DeferredColumn<A | null, In extends "required" ? "optional" : In, Up, G>
  default(value: NonNullable<A> | Made<NonNullable<A>>): DeferredColumn<A, "optional", Up, G>
  serverDefault(value: NonNullable<A> | Value<A, never>): DeferredColumn<A, "optional", Up, G>
  onUpdate(value: NonNullable<A> | Made<NonNullable<A>>): DeferredColumn<A, In, Up, G>
  unique(): DeferredColumn<A, In, Up, G>
  references(
    target: () => Value<any, any>,
    options?: ReferenceOptions
  ): DeferredColumn<A, In, Up, G>
  named(name: string): DeferredColumn<A, In, Up, G>
  comment(text: string): DeferredColumn<A, In, Up, G>
  notes(notes: Notes): DeferredColumn<A, In, Up, G>
  guarded(
    this: Column<boolean | string | null, any, any>,
    yes?: boolean
  ): DeferredColumn<A, In, Up, G>
  rule(schema: SchemaOf<NonNullable<A>>): DeferredColumn<A, In, Up, G>
  rule(says: string, holds: (value: NonNullable<A>) => boolean): DeferredColumn<A, In, Up, G>
  redacted(): DeferredColumn<A, In, Up, G>
  writeOnce(): DeferredColumn<A, In, "no", G>
  computed(): DeferredColumn<A, "never", "no", G>
  serverSet(): DeferredColumn<A, "never", "no", G>
  serverSet(on: "insert"): DeferredColumn<A, "never", Up, G>
  serverSet(on: "update"): DeferredColumn<A, In, "no", G>
}

/**
 * The value of a column.
 *
 * @category models
 */
export type ColumnValue<C> = C extends Column<infer A, any, any> ? A : never

const facts = (type: () => AnyType): ColumnFacts => ({
  type,
  name: null,
  nullable: false,
  primaryKey: false,
  identity: false,
  counted: null,
  computed: null,
  unique: false,
  default: null,
  serverDefault: null,
  onUpdate: null,
  writeOnce: false,
  version: false,
  serverSet: null,
  references: null,
  comment: null,
  notes: noNotes,
  guarded: null,
  deferred: null,
  rules: [],
  redacted: false,
  queried: false
})

const isMade = (value: unknown): value is Made<unknown> =>
  typeof value === "object" && value !== null && Object.hasOwn(value, "generator")

const generatorOf = (value: unknown): Generator =>
  value === undefined
    ? refuse("a default is undefined")
    : isMade(value)
      ? value.generator
      : Object.freeze({ _tag: "Value", value: held(value) })

const prototype = {
  nullable(this: Built) {
    return with_(this, { nullable: true })
  },
  default(this: Built, value: unknown) {
    return with_(this, { default: generatorOf(value) })
  },
  serverDefault(this: Built, value: unknown) {
    return with_(this, {
      serverDefault: isExpr(value) ? value.node : S.bound(value, this.facts.type())
    })
  },
  onUpdate(this: Built, value: unknown) {
    return with_(this, { onUpdate: generatorOf(value) })
  },
  primaryKey(this: Built) {
    return with_(this, { primaryKey: true, writeOnce: true })
  },
  unique(this: Built) {
    return with_(this, { unique: true })
  },
  identity(this: Built, options: IdentityOptions = {}) {
    const { always = false } = options
    const counter = counterOf(options, "identity")
    return with_(this, {
      identity: true,
      counted: always || !isUsual(counter) ? Object.freeze({ always, counter }) : null,
      ...(always ? { writeOnce: true } : {})
    })
  },
  references(this: Built, target: () => Value<any, any>, options: ReferenceOptions = {}) {
    const reference = { target, ...referring(options), ...ruled(options) }
    return with_(this, { references: Object.freeze(reference) })
  },
  named(this: Built, name: string) {
    return with_(this, { name })
  },
  writeOnce(this: Built) {
    return with_(this, { writeOnce: true })
  },
  comment(this: Built, text: string) {
    return with_(this, { comment: text })
  },
  notes(this: Built, notes: Notes) {
    return with_(this, { notes: { ...this.facts.notes, ...notesOf(notes, "column") } })
  },
  guarded(this: Built, yes = true) {
    return with_(this, { guarded: yes })
  },
  rule(this: Built, ...given: ReadonlyArray<unknown>) {
    return with_(this, { rules: Object.freeze([...this.facts.rules, ruleOf(given, "rule")]) })
  },
  queried(this: Built) {
    return with_(this, { queried: true })
  },
  redacted(this: Built) {
    return with_(this, { redacted: true })
  },
  computed(this: Built) {
    return with_(this, { computed: "table" })
  },
  serverSet(this: Built, on: ServerSets = "both") {
    return with_(this, { serverSet: on })
  },
  deferred(this: Built, group: string | null = null) {
    return with_(this, { deferred: Object.freeze({ group }) })
  },
  version(this: Built, by?: Made<unknown> | "server") {
    if (by === "server") return with_(this, { version: "server", writeOnce: true })
    if (by === undefined && this.facts.type().sql._tag !== "Timestamp") {
      const first = this.facts.type().sql._tag === "Bigint" ? 1n : 1
      const made: Generator = Object.freeze({ _tag: "Value", value: first })
      return with_(this, { version: "counter", writeOnce: true, default: made })
    }
    const { generator } = by ?? now
    return with_(this, {
      version: by === undefined ? "clock" : "drawn",
      writeOnce: true,
      default: generator,
      onUpdate: generator
    })
  }
}

interface Built {
  readonly facts: ColumnFacts
}

/** Every column is built here; its type parameters are what the constructor says. */
const build = (facts: ColumnFacts): never =>
  Object.freeze(
    Object.assign(Object.create(prototype) as object, { facts: Object.freeze(facts) })
  ) as never

const with_ = (self: Built, change: Partial<ColumnFacts>) => build({ ...self.facts, ...change })

/**
 * A column of any type.
 *
 * **Source** SQL:2016 part 2, 11.4 column definition; SQLAlchemy 2.0 `Column`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { a: Column.make(Type.smallint) })
 * const add = Query.insert(t).values({ a: 7 }).returning(t.c.a)
 * const program = Effect.andThen(Database.create(Catalog.make({ t })), Database.one(add))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 7
 * ```
 * @category constructors
 */
export const make = <A>(type: Type<A>): Column<A> => build(facts(() => type))

/**
 * An integer key made by the server; `id("UserId")` brands its values.
 *
 * **Shape** the primary key, 32 bits; an insert cannot give it, an update cannot change it.
 * **SQL** sqlite: integer primary key · postgres: generated by default as identity · mysql,
 * mariadb: auto_increment
 * **Source** SQL:2016 part 2, 11.4 identity column specification; SQLAlchemy 2.0 `Identity`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id("UserId"), name: Column.text() })
 * const add = Query.insert(users).values({ name: "Ann" }).returning(users.c.id)
 * const program = Effect.andThen(Database.create(Catalog.make({ users })), Database.one(add))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1
 * ```
 * @category constructors
 */
export const id: {
  (): Column<number, "never", "no">
  <const B extends string>(brand: B): Column<number & Brand<B>, "never", "no">
} = () => build({ ...facts(() => T.integer), primaryKey: true, identity: true, writeOnce: true })

/**
 * A column of the type of another column: a foreign key's own side.
 *
 * **Shape** it has the type and the brand, not the constraint: `references` says that.
 *
 * @example
 * ```ts
 * import { Column, Table } from "athanor"
 * const id = Column.id("UserId")
 * const users = Table.make("users", { id })
 * const userId = Column.key(() => id).references(() => users.c.id)
 * const posts = Table.make("posts", { id: Column.id(), userId })
 * ```
 * @category constructors
 */
export const key = <A>(target: () => Column<A, any, any>): Column<A> =>
  build(facts(() => target().facts.type()))

/**
 * A whole number of 16 bits, −32,768 to 32,767; others are refused with `EncodeFailed`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { a: Column.smallint() })
 * const add = Query.insert(t).values({ a: 7 }).returning(t.c.a)
 * const program = Effect.andThen(Database.create(Catalog.make({ t })), Database.one(add))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 7
 * ```
 * @category constructors
 */
export const smallint = (): Column<number> => make(T.smallint)
/**
 * A whole number of 32 bits, −2,147,483,648 to 2,147,483,647; others are refused with
 * `EncodeFailed`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { a: Column.integer() })
 * const add = Query.insert(t).values({ a: 7 }).returning(t.c.a)
 * const program = Effect.andThen(Database.create(Catalog.make({ t })), Database.one(add))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 7
 * ```
 * @category constructors
 */
export const integer = (): Column<number> => make(T.integer)
/**
 * A whole number of 64 bits, as `bigint`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { a: Column.bigint() })
 * const add = Query.insert(t).values({ a: 9007199254740993n }).returning(t.c.a)
 * const program = Effect.andThen(Database.create(Catalog.make({ t })), Database.one(add))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 9007199254740993n
 * ```
 * @category constructors
 */
export const bigint = (): Column<bigint> => make(T.bigint)
/**
 * A double-precision number; NaN and the infinities are refused with `EncodeFailed`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { a: Column.double() })
 * const add = Query.insert(t).values({ a: 0.1 }).returning(t.c.a)
 * const program = Effect.andThen(Database.create(Catalog.make({ t })), Database.one(add))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 0.1
 * ```
 * @category constructors
 */
export const double = (): Column<number> => make(T.double)
/**
 * An exact decimal of `precision` digits, `scale` of them after the point, as `BigDecimal`.
 *
 * **Shape** precision 1 to 65, scale 0 to 30 and not above it. A longer value is refused, not
 * rounded.
 * **Errors** `StatementError` for a precision or scale out of range; `EncodeFailed` for a value of
 * more digits.
 *
 * @example
 * ```ts
 * import { Column, Table } from "athanor"
 * const orders = Table.make("orders", { id: Column.id(), total: Column.numeric(12, 2) })
 * ```
 * @category constructors
 */
export const numeric = (precision: number, scale: number) => make(T.numeric(precision, scale))
/**
 * Text of at most `length` characters, counted in code points; longer is refused, not cut.
 *
 * **Errors** `StatementError` for a length that is not whole or below 1; `EncodeFailed` for longer
 * text.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { a: Column.varchar(50) })
 * const add = Query.insert(t).values({ a: "Ann" }).returning(t.c.a)
 * const program = Effect.andThen(Database.create(Catalog.make({ t })), Database.one(add))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => "Ann"
 * ```
 * @category constructors
 */
export const varchar = (length: number): Column<string> => make(T.varchar(length))
/**
 * Text without a limit.
 *
 * **SQL** sqlite, postgres: text · mysql, mariadb: longtext
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { a: Column.text() })
 * const add = Query.insert(t).values({ a: "Ann" }).returning(t.c.a)
 * const program = Effect.andThen(Database.create(Catalog.make({ t })), Database.one(add))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => "Ann"
 * ```
 * @category constructors
 */
export const text = (): Column<string> => make(T.text)
/**
 * TRUE or FALSE, as `boolean` on every dialect.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { a: Column.boolean() })
 * const add = Query.insert(t).values({ a: true }).returning(t.c.a)
 * const program = Effect.andThen(Database.create(Catalog.make({ t })), Database.one(add))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => true
 * ```
 * @category constructors
 */
export const boolean = (): Column<boolean> => make(T.boolean)
/**
 * Bytes of any length, as `Uint8Array`.
 *
 * **SQL** sqlite: blob · postgres: bytea · mysql, mariadb: longblob
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { a: Column.bytes() })
 * const add = Query.insert(t).values({ a: Uint8Array.of(1, 2) }).returning(t.c.a)
 * const program = Effect.andThen(Database.create(Catalog.make({ t })), Database.one(add))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => Uint8Array.of(1, 2)
 * ```
 * @category constructors
 */
export const bytes = () => make(T.bytes)
/**
 * A UUID as lower-case text; upper-case digits are taken and written lower.
 *
 * **SQL** postgres: uuid · sqlite: text · mysql: char(36)
 *
 * @example
 * ```ts
 * import { Column, Table } from "athanor"
 * const users = Table.make("users", { id: Column.uuid().primaryKey().default(Column.uuid7) })
 * ```
 * @category constructors
 */
export const uuid = (): Column<string> => make(T.uuid)
/**
 * A moment to the millisecond, as `DateTime.Utc`.
 *
 * **Shape** years 0001 to 9999. `Column.make(Type.timestamp(6))` holds microseconds.
 * **SQL** sqlite: TEXT of one width in UTC · postgres: timestamptz(3) · mysql, mariadb: datetime(3)
 *
 * @example
 * ```ts
 * import { Column, Table } from "athanor"
 * const users = Table.make("users", { createdAt: Column.timestamp().default(Column.now) })
 * ```
 * @category constructors
 */
export const timestamp = (): Column<Utc> => make(T.timestamp())
/**
 * A day of the calendar, as `LocalDate`, in years 0001 to 9999.
 *
 * @example
 * ```ts
 * import { Column, Table } from "athanor"
 * const people = Table.make("people", { id: Column.id(), born: Column.date().nullable() })
 * ```
 * @category constructors
 */
export const date = () => make(T.date)
/**
 * One of the given texts, as a union of them; of a record the names are the values, and what the
 * database stores is what stands under them.
 *
 * **Errors** `StatementError` for an empty list, an empty or repeated text; `EncodeFailed` for
 * another text.
 * **Source** SQLAlchemy 2.0 `Enum` with `native_enum=False`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const t = Table.make("t", { a: Column.enum(["draft", "published"]) })
 * const add = Query.insert(t).values({ a: "draft" }).returning(t.c.a)
 * const program = Effect.andThen(Database.create(Catalog.make({ t })), Database.one(add))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => "draft"
 * ```
 * @category constructors
 */
const enumeration: {
  <const V extends readonly [string, ...Array<string>]>(values: V): Column<V[number]>
  <const V extends Readonly<Record<string, string>>>(values: V): Column<keyof V & string>
} = (values: ReadonlyArray<string> & Readonly<Record<string, string>>): Column<never> =>
  make(T.enumeration(values)) as never
export { enumeration as enum }

/**
 * The current time from Effect's Clock, when the statement runs.
 *
 * @example
 * ```ts
 * import { Column } from "athanor"
 * const createdAt = Column.timestamp().default(Column.now)
 * ```
 * @category constructors
 */
export const now: Made<any> = Object.freeze({ generator: Object.freeze({ _tag: "Now" }) })
/**
 * A value the client makes by a function of the time and of chance, when the statement runs.
 *
 * **Shape** `epochMillis` is of Effect's Clock, `random` of its Random.
 *
 * @example
 * ```ts
 * import { Column } from "athanor"
 * const pin = Column.text().default(Column.made(({ random }) => String(random()).slice(2, 6)))
 * ```
 * @category constructors
 */
export const made = <A>(make: (draws: Draws) => A): Made<A> =>
  Object.freeze({ generator: Object.freeze({ _tag: "From", make }) })
/**
 * A random UUID (version 4) from Effect's Random, made when the statement runs: a key, not a
 * secret.
 *
 * **Source** RFC 9562, 5.4.
 *
 * @example
 * ```ts
 * import { Column } from "athanor"
 * const key = Column.uuid().default(Column.uuid4)
 * ```
 * @category constructors
 */
export const uuid4: Made<string> = Object.freeze({ generator: Object.freeze({ _tag: "Uuid4" }) })
/**
 * A time-ordered UUID (version 7), made when the statement runs: Clock's milliseconds, then Random.
 *
 * **Shape** keys of a later millisecond are greater; within one, in no order.
 * **Source** RFC 9562, 5.7.
 *
 * @example
 * ```ts
 * import { Column } from "athanor"
 * const id = Column.uuid().primaryKey().default(Column.uuid7)
 * ```
 * @category constructors
 */
export const uuid7: Made<string> = Object.freeze({ generator: Object.freeze({ _tag: "Uuid7" }) })
