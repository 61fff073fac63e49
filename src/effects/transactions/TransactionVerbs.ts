import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { AdvisoryLock, LockOptions } from "./AdvisoryLock.ts"
import type {
  ConnectionError,
  NotFound,
  ReadError,
  SyntaxOrUndefined,
  TransactionClosed,
  TransactionDoomed,
  TransactionError,
  Unsupported
} from "../DatabaseError.ts"
import type { Prepared } from "./Prepared.ts"
import type { TransactionOptions } from "./TransactionOptions.ts"

/** What begins, bounds and follows transactions. */
export interface TransactionVerbs<Self> {
  /**
   * Runs an effect in a transaction: COMMIT where it succeeds, ROLLBACK where it fails, dies or is
   * interrupted. Inside a transaction, a savepoint.
   *
   * **Shape** statements run in it are those of this effect and of the fibers it starts, on this
   * database. A fiber that outlives it gets `TransactionClosed`. While a savepoint is open,
   * statements of the fibers beside it wait.
   * What a fiber left in a savepoint of its own is undone before COMMIT.
   * **Errors** what the effect gives; `CommitOutcomeUnknown` where the connection died during
   * COMMIT; `TransactionDoomed` where an error the effect caught left only the rollback;
   * `Unsupported` for an option this database, or the transaction that is open, does not have; else
   * what BEGIN, COMMIT and the wait for a connection give.
   * **Laws** nothing of a failed effect is stored; `transaction(transaction(e)) = transaction(e)`.
   * **Source** SQL:2016 part 2, 17 transaction management; SQLAlchemy 2.0
   * `Connection.begin_nested`.
   *
   * @example
   * ```ts
   * import { Catalog, Column, Database, Table } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const users = Table.make("users", { id: Column.id(), name: Column.text() })
   * const work = Effect.andThen(Database.create(Catalog.make({ users })), Effect.fail("no"))
   * const program = Effect.flip(Database.transaction(work))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => "no"
   * ```
   * @category verbs
   */
  readonly transaction: {
    <A, E, R>(
      effect: Effect.Effect<A, E, R>,
      options?: TransactionOptions
    ): Effect.Effect<A, E | TransactionError, R | Self>
    (
      options?: TransactionOptions
    ): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | TransactionError, R | Self>
  }
  /**
   * How often the open transaction has been begun: 1 at first, 2 when `retry` runs it again, 0
   * outside of one.
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const program = Database.transaction(Database.attempt)
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1
   * ```
   * @category verbs
   */
  readonly attempt: Effect.Effect<number, never, Self>
  /**
   * Has an effect run when the open transaction is committed, after its connection is given back;
   * never where it is rolled back. Outside a transaction, at once.
   *
   * **Shape** in the order registered, uninterruptibly, outside the transaction. In a savepoint
   * that is rolled back, never. Where the outcome of COMMIT is unknown, never. One that dies makes
   * the transaction die, which is committed all the same; the others still run.
   * **Errors** `TransactionClosed` in a fiber that outlived its transaction.
   * **Source** Django "Performing actions after commit"; SQLAlchemy 2.0 `after_commit`.
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const sent: Array<string> = []
   * const send = (text: string) => Database.afterCommit(Effect.sync(() => sent.push(text)))
   * const work = Effect.andThen(send("a"), Effect.ignore(
   *   Database.transaction(Effect.andThen(send("b"), Effect.fail("no")))))
   * const program = Effect.map(Database.transaction(work), () => sent)
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["a"]
   * ```
   * @category verbs
   */
  readonly afterCommit: <R>(
    action: Effect.Effect<unknown, never, R>
  ) => Effect.Effect<void, TransactionClosed, R | Self>
  /**
   * Has an effect run when the open transaction or savepoint is rolled back, or one around it;
   * never where it is committed. Outside a transaction, never.
   *
   * **Shape** after ROLLBACK outside the transaction; after ROLLBACK TO SAVEPOINT in what is left
   * of it. Else as `afterCommit`.
   * **Errors** as `afterCommit`.
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * let undone = 0
   * const work = Database.afterRollback(Effect.sync(() => undone++))
   * const failing = Effect.flip(Database.transaction(Effect.andThen(work, Effect.fail("no"))))
   * const program = Effect.map(Effect.andThen(Database.transaction(work), failing), () => undone)
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1
   * ```
   * @category verbs
   */
  readonly afterRollback: <R>(
    action: Effect.Effect<unknown, never, R>
  ) => Effect.Effect<void, TransactionClosed, R | Self>
  /**
   * Runs an effect on one connection outside every transaction: each statement commits by itself,
   * whatever becomes of the transaction around.
   *
   * **Shape** the session of that connection ends with the effect, and with it what was SET in it
   * and its temporary tables. `Database.transaction` inside begins one on that connection.
   * **Errors** what the effect and the wait for a connection give; `Unsupported` on SQLite inside a
   * transaction: there is one connection; `TransactionDoomed` where a script began a transaction
   * and none committed it.
   * **Source** SQLAlchemy 2.0 "Understanding the DBAPI-Level Autocommit Isolation Level".
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const program = Database.autocommit(Database.script("vacuum"))
   * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => undefined
   * ```
   * @category verbs
   */
  readonly autocommit: <A, E, R>(
    effect: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | ConnectionError | TransactionDoomed | Unsupported, R | Self>
  /**
   * Takes a lock by name that means what its users agree on: nobody else of this database has it
   * meanwhile.
   *
   * **Shape** outside a transaction it is held until the scope ends, on a connection lent for as
   * long; inside one until that ends, on its connection.
   * **SQL** postgres: pg_advisory_lock(hashtextextended(name, 0)) · mysql, mariadb: get_lock of the
   * SHA-256 of database and name
   * **Errors** `LockTimeout` after `wait_ms`, which on PostgreSQL dooms the transaction it was
   * asked for in unless `wait_ms` is 0; `Unsupported` on SQLite; else as any statement.
   * **Source** PostgreSQL manual, "Advisory Locks"; MariaDB manual, GET_LOCK.
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * import { Effect } from "effect"
   * const nightly = Effect.scoped(Effect.gen(function*() {
   *   const lock = yield* Database.lock("nightly report", { wait_ms: 0 })
   *   yield* Database.script("insert into reports select now()")
   *   yield* lock.check
   * }))
   * ```
   * @category verbs
   */
  readonly lock: (
    name: string,
    options?: LockOptions
  ) => Effect.Effect<AdvisoryLock, ReadError, Scope.Scope | Self>
  /**
   * Runs an effect in a transaction that is prepared under a name instead of committed: everything
   * of it is durable, nothing of it seen, until it is committed or rolled back by that name.
   *
   * **Shape** names are 1 to 64 bytes, one use at a time: of the whole server on MariaDB, of the
   * database on PostgreSQL. What fails before is rolled back. Actions after commit run by
   * `commit` of what this gives; with the program they are lost.
   * **SQL** postgres: PREPARE TRANSACTION, where max_prepared_transactions is not 0 · mysql,
   * mariadb: XA START, XA END, XA PREPARE on a connection that goes with it
   * **Errors** what the effect gives; `SyntaxOrUndefined` of kind `duplicate` for a name in use;
   * `CommitOutcomeUnknown` where the connection died meanwhile: `prepared` tells; `Unsupported` on
   * SQLite, and inside a transaction; else as `transaction`.
   * **Source** PostgreSQL manual, PREPARE TRANSACTION; MariaDB manual, "XA Transactions".
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * import { Effect } from "effect"
   * const pay = Database.script("update accounts set amount = amount - 10 where id = 1")
   * const program = Effect.flatMap(Database.prepare("payment 17", pay), (paid) => paid.commit)
   * ```
   * @category verbs
   */
  readonly prepare: <A, E, R>(
    id: string,
    effect: Effect.Effect<A, E, R>,
    options?: TransactionOptions
  ) => Effect.Effect<Prepared<A>, E | TransactionError | SyntaxOrUndefined, R | Self>
  /**
   * The names of all prepared transactions that wait for their end, whoever prepared them: to be
   * finished after a crash.
   *
   * **Errors** `Unsupported` on SQLite; else as any statement.
   * **Source** PostgreSQL manual, pg_prepared_xacts; MariaDB manual, XA RECOVER.
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * import { Effect } from "effect"
   * const undoAll = Effect.flatMap(Database.prepared,
   *   (names) => Effect.forEach(names, Database.rollbackPrepared, { discard: true }))
   * ```
   * @category verbs
   */
  readonly prepared: Effect.Effect<ReadonlyArray<string>, ReadError, Self>
  /**
   * Commits a prepared transaction by its name, on whatever connection.
   *
   * **Errors** `NotFound` where nothing is prepared under that name; `CommitOutcomeUnknown` where
   * the connection died: it may be asked again.
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * import { Effect } from "effect"
   * const program = Database.commitPrepared("payment 17").pipe(
   *   Effect.catchTag("NotFound", () => Effect.log("it was finished before")))
   * ```
   * @category verbs
   */
  readonly commitPrepared: (id: string) => Effect.Effect<void, TransactionError | NotFound, Self>
  /**
   * Rolls a prepared transaction back by its name: nothing of it is kept.
   *
   * **Errors** as `commitPrepared`.
   *
   * @example
   * ```ts
   * import { Database } from "athanor"
   * const program = Database.rollbackPrepared("payment 17")
   * ```
   * @category verbs
   */
  readonly rollbackPrepared: (id: string) => Effect.Effect<void, TransactionError | NotFound, Self>
}
