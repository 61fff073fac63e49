import type * as Effect from "effect/Effect"
import type { ColumnValue } from "../algebra/schema/Column.ts"
import type { ReadError } from "../effects/DatabaseError.ts"
import type { EntityValue } from "../mapping/Entity.ts"
import type { AnyEntity, OneOf } from "../mapping/EntityClass.ts"
import type { Draft } from "../mapping/EntityDraft.ts"
import type { ColumnsOf, ValueOf } from "../mapping/EntityTypes.ts"
import type { Row } from "../mapping/RowRef.ts"

/**
 * Where a session stands with a row.
 *
 * **Shape** `new`: added, not yet written. `known`: read or written, nothing is pending. `changed`
 * and `deleted`: a flush would write it. `unknown`: neither read, nor added, nor changed here.
 *
 * @category models
 */
export type EntityState = "new" | "known" | "changed" | "deleted" | "unknown"

/**
 * What became of one column; `undefined` where there was no row, is none any more, or where nobody
 * knows.
 *
 * @category models
 */
export interface ColumnHistory<out A = unknown> {
  readonly old: A | undefined
  readonly new: A | undefined
}

/**
 * Who came to a relation and who left it.
 *
 * **Shape** a draft while it is new, a value where it is known, else a reference.
 *
 * @category models
 */
export interface Membership {
  readonly added: ReadonlyArray<OneOf<string>>
  readonly removed: ReadonlyArray<OneOf<string>>
}

/** The history of a row of some entity. */
export interface SomeHistory {
  readonly state: EntityState
  readonly columns: Readonly<Record<string, ColumnHistory>>
  readonly relations: Readonly<Record<string, Membership>>
}

/**
 * What became of one row since it was read: its columns that changed, its relations by name.
 *
 * @category models
 */
export interface History<V> extends SomeHistory {
  readonly columns: HistoryOf<V>
}
type HistoryOf<V> =
  V extends Draft<infer E>
    ? HistoryIn<ColumnsOf<E>>
    : V extends EntityValue<string, infer C>
      ? HistoryIn<C>
      : Readonly<Record<string, ColumnHistory>>
type HistoryIn<C> = { readonly [K in keyof C]?: ColumnHistory<ColumnValue<C[K]>> } & Readonly<
  Record<string, ColumnHistory>
>

/**
 * One row that comes, changes or goes: its table, its key where it has one, and its columns.
 *
 * @category models
 */
export interface RowChange {
  readonly table: string
  readonly key: Row | null
  readonly columns: Readonly<Record<string, ColumnHistory>>
}

/**
 * What is pending in a session, by tables and keys: rows of link tables too.
 *
 * @category models
 */
export interface Changes {
  readonly new: ReadonlyArray<RowChange>
  readonly changed: ReadonlyArray<RowChange>
  readonly deleted: ReadonlyArray<RowChange>
}

/** What a session tells of itself; no statement is sent. */
export interface SessionReports<Self> {
  /**
   * Where the session stands with the row of a value, a draft or a reference.
   *
   * **Shape** what was patched back to what it was is `known` again; what is flushed is `known`, or
   * `unknown` once it was deleted.
   * **Errors** `TransactionClosed` in a fiber that outlived its session.
   * **Source** SQLAlchemy 2.0 "Quickie Intro to Object States", `inspect(obj)`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const ann = User.make({ name: "Ann" })
   * const work = Effect.andThen(Session.add(ann), Session.stateOf(ann))
   * const program = Effect.andThen(Database.create(Catalog.make({ User })), Session.transact(work))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => "new"
   * ```
   * @category verbs
   */
  stateOf(value: OneOf<string>): Effect.Effect<EntityState, ReadError, Self>
  /**
   * What is pending, as data: rows that come, change and go, with old and new columns.
   *
   * **Shape** what rules of relations entail is in `plan`, which may have to read.
   * **Errors** as `stateOf`.
   * **Source** SQLAlchemy 2.0 `Session.new`, `Session.dirty`, `Session.deleted`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const work = Effect.andThen(Session.add(User.make({ name: "Ann" })), Session.changes)
   * const program = Effect.andThen(Database.create(Catalog.make({ User })), Session.transact(work))
   * const changes = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
   * changes.new.map(({ columns }) => columns["name"]?.new) // => ["Ann"]
   * ```
   * @category verbs
   */
  readonly changes: Effect.Effect<Changes, ReadError, Self>
  /**
   * The values of an entity the session knows, as they have come to be; deleted ones are not there.
   *
   * **Errors** as `stateOf`.
   * **Source** SQLAlchemy 2.0 `Session.identity_map`.
   *
   * @example
   * ```ts
   * import { Column, Entity, Session } from "athanor"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const names = Effect.map(Session.known(User), (users) => users.map(({ name }) => name))
   * const program = Session.transact(names)
   * ```
   * @category verbs
   */
  known<E extends AnyEntity>(entity: E): Effect.Effect<ReadonlyArray<ValueOf<E>>, ReadError, Self>
  /**
   * What became of a row since it was read: its state, its columns with old and new value, who came
   * to its relations and who left them.
   *
   * **Shape** of what is pending: after a flush there is none. Members are told of rows the session
   * has read or changed; nothing is read for it.
   * **Errors** as `stateOf`.
   * **Source** SQLAlchemy 2.0 `AttributeState.history`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Entity, Session } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
   * const rename = Effect.gen(function* () {
   *   yield* Session.add(User.make({ name: "Ann" }))
   *   const ann = yield* Session.get(User, 1)
   *   yield* Session.update(ann, { name: "Bob" })
   *   return (yield* Session.history(ann)).columns.name
   * })
   * const setUp = Database.create(Catalog.make({ User }))
   * const program = Effect.andThen(setUp, Session.transact(rename))
   * const name = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
   * name // => { old: "Ann", new: "Bob" }
   * ```
   * @category verbs
   */
  history<V extends OneOf<string>>(value: V): Effect.Effect<History<V>, ReadError, Self>
}
