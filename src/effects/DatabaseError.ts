import type { Version } from "../algebra/Dialect.ts"
import { failure } from "./Failure.ts"

export type { Facts, Failure, Fate, Operation } from "./Failure.ts"

// Reaching a server

/**
 * No connection could be made. `host` names the server, never the account's secret.
 *
 * **Shape** retryable for the reasons `refused`, `timeout`, `unreachable` and `tooManyClients`.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const layer = Sqlite.layer({ file: "/no/such/folder/blog.db" })
 * const program = Effect.flip(Database.script("select 1"))
 * const error = await Effect.runPromise(Effect.provide(program, layer))
 * error._tag // => "ConnectFailed"
 * ```
 * @category errors
 */
export class ConnectFailed extends failure("ConnectFailed")<{
  readonly reason: ConnectReason
  readonly host: string
}> {}

/**
 * Why no connection could be made.
 *
 * @category errors
 */
export type ConnectReason =
  | "refused"
  | "timeout"
  | "unreachable"
  | "tls"
  | "authentication"
  | "tooManyClients"
  | "unknownDatabase"
  | "file"
  | "protocol"
  | "credentials"
  | "onConnect"

/**
 * The connection died, and with it the transaction.
 *
 * **Shape** `transaction` is `ended`, and the failure retryable; it is `unknown`, and not
 * retryable, where a write of its own may have been done.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("ConnectionLost", (error) => Effect.log(error.transaction)))
 * ```
 * @category errors
 */
export class ConnectionLost extends failure("ConnectionLost") {}

/**
 * The connection died while COMMIT was on its way: committed or not, nobody here can tell.
 *
 * **Shape** `transaction` is `unknown`: look for what was written before writing it again.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.transaction(Database.script("vacuum")).pipe(
 *   Effect.catchTag("CommitOutcomeUnknown", (error) => Effect.log(error.message)))
 * ```
 * @category errors
 */
export class CommitOutcomeUnknown extends failure("CommitOutcomeUnknown") {}

/**
 * An option or address that means nothing. `culprit` names it; its value is never printed.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const layer = Database.layerUrl("oracle:blog", { drivers: [Sqlite] })
 * const error = await Effect.runPromise(Effect.flip(Effect.provide(Effect.void, layer)))
 * error._tag // => "ConfigInvalid"
 * ```
 * @category errors
 */
export class ConfigInvalid extends failure("ConfigInvalid")<{ readonly culprit: string }> {}

/**
 * The driver's package is not installed, or refused on this Node.
 *
 * @example
 * ```ts
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const program = Effect.provide(Effect.void, Sqlite.layer()).pipe(
 *   Effect.catchTag("DriverMissing", (error) => Effect.log(`npm install ${error.package}`)))
 * ```
 * @category errors
 */
export class DriverMissing extends failure("DriverMissing")<{
  readonly package: string
  /** Those accepted, as npm says ranges. */
  readonly versions: string
}> {}

// Waiting for a connection

/**
 * No connection came free in time. Retryable.
 *
 * **Shape** how long it waited, how many connections were in use and how many fibers were waiting.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("PoolTimeout", (error) => Effect.log(error.waited_ms)))
 * ```
 * @category errors
 */
export class PoolTimeout extends failure("PoolTimeout")<{
  /** The borrow deadline passed, or an overloaded pool refused earlier. */
  readonly reason: "deadline" | "overload"
  readonly waited_ms: number
  readonly inUse: number
  readonly waiting: number
}> {}

/**
 * Too many fibers were waiting for a connection already. Retryable.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("PoolQueueFull", (error) => Effect.log(error.waiting)))
 * ```
 * @category errors
 */
export class PoolQueueFull extends failure("PoolQueueFull")<{ readonly waiting: number }> {}

/**
 * The database's scope has ended: there are no connections any more.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("PoolClosed", (error) => Effect.log(error.message)))
 * ```
 * @category errors
 */
export class PoolClosed extends failure("PoolClosed") {}

// Time and concurrency

/**
 * The server's own limit on a statement's time. Not retryable: it would take as long again.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("StatementTimeout", (error) => Effect.log(error.message)))
 * ```
 * @category errors
 */
export class StatementTimeout extends failure("StatementTimeout") {}

/**
 * The server cancelled the statement at somebody's request.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("StatementCancelled", (error) => Effect.log(error.message)))
 * ```
 * @category errors
 */
export class StatementCancelled extends failure("StatementCancelled") {}

/**
 * A lock did not come free in time. Retryable.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("LockTimeout", (error) => Effect.log(error.retryable)))
 * ```
 * @category errors
 */
export class LockTimeout extends failure("LockTimeout") {}

/**
 * The server chose this transaction to break a cycle of waits. Retryable.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Schedule } from "effect"
 * const transfer = Database.transaction(Database.script("update accounts set amount = 0"), {
 *   retry: Schedule.recurs(3)
 * })
 * ```
 * @category errors
 */
export class Deadlock extends failure("Deadlock") {}

/**
 * Concurrent transactions had no serial order. Retryable.
 *
 * **Source** PostgreSQL manual, "Serialization Failure Handling".
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Schedule } from "effect"
 * const total = Database.transaction(Database.script("update totals set amount = 0"), {
 *   isolation: "serializable", retry: Schedule.recurs(3)
 * })
 * ```
 * @category errors
 */
export class SerializationFailure extends failure("SerializationFailure") {}

/**
 * Another connection holds SQLite's file. Retryable.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("Busy", (error) => Effect.log(error.retryable)))
 * ```
 * @category errors
 */
export class Busy extends failure("Busy") {}

// Constraints

/**
 * A row with this key exists. `constraint` is null where the server does not say and no table
 * tells.
 *
 * **Shape** of an insert of many rows `rows` says which: the one on SQLite and MariaDB, those of
 * the key on PostgreSQL. It is absent where the key is of expressions or of some rows only.
 * **Source** SQL:2016 part 2, 11.7 unique constraint definition.
 *
 * @example
 * ```ts
 * import { Column, Database, Query, Table } from "athanor"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), email: Column.varchar(255).unique() })
 * const register = Database.run(Query.insert(users).values({ email: "ann@example.org" })).pipe(
 *   Effect.catchTag("UniqueViolation", (error) => Effect.succeed(error.columns)))
 * ```
 * @category errors
 */
export class UniqueViolation extends failure("UniqueViolation")<{
  readonly constraint: string | null
  readonly table: string | null
  readonly columns: ReadonlyArray<string>
}> {}

/**
 * A foreign key does not hold.
 *
 * **Shape** `child`: the row referred to is not there; `parent`: others still refer to the row. Of
 * an insert of many rows `rows` says which, save where a table refers to itself on SQLite.
 * **Source** SQL:2016 part 2, 11.8 referential constraint definition.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const text = "create table t (a int primary key, b references t); insert into t values (1, 2)"
 * const program = Effect.flip(Database.script(text))
 * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * error._tag // => "ForeignKeyViolation"
 * ```
 * @category errors
 */
export class ForeignKeyViolation extends failure("ForeignKeyViolation")<{
  readonly direction: "child" | "parent" | null
  readonly constraint: string | null
  readonly table: string | null
}> {}

/**
 * A row for which a check is false. `constraint` names the check.
 *
 * **Shape** of an insert of many rows `rows` says which on PostgreSQL and MariaDB; SQLite does not
 * tell.
 * **Source** SQL:2016 part 2, 11.9 check constraint definition.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const text = "create table t (a int check (a > 0)); insert into t values (0)"
 * const program = Effect.flip(Database.script(text))
 * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * error._tag // => "CheckViolation"
 * ```
 * @category errors
 */
export class CheckViolation extends failure("CheckViolation")<{
  readonly constraint: string | null
  readonly table: string | null
}> {}

/**
 * A write that would leave a row outside a policy it runs under; nothing of it is done.
 *
 * **Shape** `policy` is the policy's name.
 * **Source** PostgreSQL manual, "Row Security Policies": WITH CHECK.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Policy, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const notes = Table.make("notes", { id: Column.id(), tenantId: Column.integer() })
 * const other = Database.run(Query.insert(notes).values({ tenantId: 2 }))
 * const catalog = Catalog.make({ notes })
 * const mine = Policy.tenant("tenantId", 1, { catalog })
 * const refused = Effect.flip(Database.policed([mine], other))
 * const program = Effect.andThen(Database.create(catalog), refused)
 * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * const said = error.message.split(",")[0]
 * said // => "a row of notes would be outside the policy tenant(tenantId)"
 * ```
 * @category errors
 */
export class PolicyViolation extends failure("PolicyViolation")<{
  readonly policy: string
  readonly table: string | null
}> {}

/**
 * NULL, or nothing at all, for a column that must have a value.
 *
 * **Shape** of an insert of many rows `rows` are those with NULL there; the first on MariaDB.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const text = "create table t (a int not null); insert into t values (null)"
 * const program = Effect.flip(Database.script(text))
 * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * error._tag // => "NotNullViolation"
 * ```
 * @category errors
 */
export class NotNullViolation extends failure("NotNullViolation")<{
  readonly table: string | null
  readonly column: string | null
}> {}

/**
 * A row that an exclusion constraint keeps out: PostgreSQL has them.
 *
 * **Shape** of an insert of many rows `rows` says which, where its values are written here as
 * there.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("ExclusionViolation", (error) => Effect.log(error.constraint)))
 * ```
 * @category errors
 */
export class ExclusionViolation extends failure("ExclusionViolation")<{
  readonly constraint: string | null
  readonly table: string | null
}> {}

// Values

/**
 * A value the column or operation cannot hold, found by the server.
 *
 * **Shape** of an insert of many rows `rows` says which on MariaDB alone.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("ValueOutOfRange", (error) => Effect.log(error.reason)))
 * ```
 * @category errors
 */
export class ValueOutOfRange extends failure("ValueOutOfRange")<{
  readonly reason: "tooLong" | "outOfRange" | "divisionByZero"
  readonly column: string | null
}> {}

/**
 * Text that is no value of the type asked for, found by the server.
 *
 * **Shape** of an insert of many rows `rows` says which on MariaDB alone.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("InvalidText", (error) => Effect.log(error.column)))
 * ```
 * @category errors
 */
export class InvalidText extends failure("InvalidText")<{ readonly column: string | null }> {}

/**
 * A value its type cannot hold, found before anything is sent.
 *
 * **Shape** `path` names the column or parameter, `expected` what it takes; the value is never
 * told. Of an insert of many rows it is `rows[3].age`, and `rows` is `[3]`. `entity` is the class
 * or table whose rule refuses the value; null where its type does.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const program = Effect.flip(Database.one(Query.select(Expr.value(1.5, Type.integer))))
 * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * error._tag // => "EncodeFailed"
 * ```
 * @category errors
 */
export class EncodeFailed extends failure("EncodeFailed")<{
  readonly path: string
  readonly expected: string
  readonly entity: string | null
}> {}

/**
 * A stored value its type cannot read, or SQL by hand with other columns than are declared.
 *
 * **Shape** `path` names the cell (`posts.0.title`), `expected` what it must be; the value is never
 * told. SQL by hand is asked for its columns before it first runs: where there are none, another
 * number of them, or one where another is declared, it has not run.
 *
 * @example
 * ```ts
 * import { Database, Query, Type, sql } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const program = Effect.flip(Database.one(Query.select(sql(Type.integer)`'seven'`)))
 * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * error._tag // => "DecodeFailed"
 * ```
 * @category errors
 */
export class DecodeFailed extends failure("DecodeFailed")<{
  readonly path: string
  readonly expected: string
}> {}

/**
 * A named parameter without a value.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const query = Query.select(Expr.param("n", Type.integer))
 * const program = Effect.flip(Database.one(query, {} as never))
 * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * error._tag // => "ParameterMissing"
 * ```
 * @category errors
 */
export class ParameterMissing extends failure("ParameterMissing")<{ readonly name: string }> {}

// Statements

/**
 * The server cannot do this. `capability` names what it lacks, `since` the version that has it.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("Unsupported", (error) => Effect.log(error.capability)))
 * ```
 * @category errors
 */
export class Unsupported extends failure("Unsupported")<{
  readonly capability: string
  readonly construct: string
  /** The first version of the server that can; absent where none is known to. */
  readonly since?: Version
}> {}

/**
 * Text the server cannot read, or a name it does not know.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const program = Effect.flip(Database.script("selekt 1"))
 * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * error._tag // => "SyntaxOrUndefined"
 * ```
 * @category errors
 */
export class SyntaxOrUndefined extends failure("SyntaxOrUndefined")<{
  readonly kind: "syntax" | "table" | "column" | "function" | "duplicate" | "ambiguous" | "other"
}> {}

/**
 * What is dropped or altered is needed by something else: a view, a foreign key, a default.
 *
 * **Shape** nothing is changed. `by` is what needs it, in the server's words for each (`view
 * adults`); empty where it says none: MariaDB names one foreign key, SQLite one view, index or
 * trigger, PostgreSQL all in English. A table others refer to is `ForeignKeyViolation` on SQLite,
 * where their rows stand in the way.
 * **Source** PostgreSQL manual, 5.15 dependency tracking.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const program = Database.script(
 *   "create table users (id integer, age integer); create view ages as select age from users"
 * ).pipe(
 *   Effect.andThen(Database.script("alter table users drop column age")),
 *   Effect.catchTag("StillNeeded", (error) => Effect.succeed(error.by)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["view ages"]
 * ```
 * @category errors
 */
export class StillNeeded extends failure("StillNeeded")<{
  readonly by: ReadonlyArray<string>
}> {}

/**
 * The account may not do this.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("PermissionDenied", (error) => Effect.log(error.message)))
 * ```
 * @category errors
 */
export class PermissionDenied extends failure("PermissionDenied") {}

/**
 * A write to what can only be read.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const writing = Database.script("create table t (a int)")
 * const program = Effect.flip(Database.transaction(writing, { readOnly: true }))
 * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * error._tag // => "ReadOnly"
 * ```
 * @category errors
 */
export class ReadOnly extends failure("ReadOnly") {}

/**
 * The server's disk or a quota is full.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("StorageFull", (error) => Effect.log(error.message)))
 * ```
 * @category errors
 */
export class StorageFull extends failure("StorageFull") {}

/**
 * More parameters than one statement may have.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("TooManyParameters", (error) => Effect.log(error.limit)))
 * ```
 * @category errors
 */
export class TooManyParameters extends failure("TooManyParameters")<{
  readonly count: number
  readonly limit: number
}> {}

/**
 * A statement deeper or wider than the server can plan.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("QueryTooComplex", (error) => Effect.log(error.message)))
 * ```
 * @category errors
 */
export class QueryTooComplex extends failure("QueryTooComplex") {}

/**
 * A trigger, a function or a procedure of the database refused, for a reason of its own.
 *
 * **Shape** `code` is the SQLSTATE it says, null on SQLite, which has none. Its words may quote
 * values of a row: they are in `driverError`, and in no message.
 * **Source** SQL:2016 part 4, 16.2 signal statement; PostgreSQL's RAISE, SQLite's RAISE().
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const text = `create table t (a int);
 *   create trigger odd before insert on t when new.a % 2 = 1
 *   begin select raise(abort, 'even numbers only'); end;
 *   insert into t values (1)`
 * const program = Effect.flip(Database.script(text))
 * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * error._tag // => "Raised"
 * ```
 * @category errors
 */
export class Raised extends failure("Raised")<{ readonly code: string | null }> {}

/**
 * An error of the driver nobody has given a meaning to. `code` is the server's.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("UnexpectedDriverError", (error) => Effect.log(error.code)))
 * ```
 * @category errors
 */
export class UnexpectedDriverError extends failure("UnexpectedDriverError")<{
  readonly code: string
}> {}

// Transactions

/**
 * An earlier failure, `reason`, left the transaction only its rollback. Retryable where `reason`
 * is.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.transaction(Database.script("vacuum")).pipe(
 *   Effect.catchTag("TransactionDoomed", (error) => Effect.log(error.reason._tag)))
 * ```
 * @category errors
 */
export class TransactionDoomed extends failure("TransactionDoomed")<{
  readonly reason: DatabaseError
}> {}

/**
 * A statement of a fiber that outlived its transaction: nothing was sent.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const program = Database.script("vacuum").pipe(
 *   Effect.catchTag("TransactionClosed", (error) => Effect.log(error.message)))
 * ```
 * @category errors
 */
export class TransactionClosed extends failure("TransactionClosed") {}

/**
 * Decided to be committed on several databases, and not yet committed on all of them: `databases`
 * names those that are left. The coordinator's `recover` finishes it.
 *
 * **Shape** not retryable: its work is done.
 *
 * @example
 * ```ts
 * import { DatabaseError } from "athanor"
 * import { Effect } from "effect"
 * const isDone = Effect.catchIf((error: unknown) => error instanceof DatabaseError.CommitPending,
 *   (error) => Effect.log(error.databases))
 * ```
 * @category errors
 */
export class CommitPending extends failure("CommitPending")<{
  readonly id: string
  readonly databases: ReadonlyArray<string>
}> {}

// Rows and sessions

/**
 * No row where one was asked for.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const one = Query.select(Expr.value(1, Type.integer))
 * const program = Effect.flip(Database.one(one.limit(0)))
 * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * error._tag // => "NotFound"
 * ```
 * @category errors
 */
export class NotFound extends failure("NotFound")<{ readonly subject: string }> {}

/**
 * More rows than were asked for, or another number than was written.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const one = Query.select(Expr.value(1, Type.integer))
 * const program = Effect.flip(Database.one(one.unionAll(one)))
 * const error = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * error._tag // => "RowCount"
 * ```
 * @category errors
 */
export class RowCount extends failure("RowCount")<{
  readonly expected: number
  readonly actual: number
}> {}

/**
 * A schema was created or dropped in part, on a server whose CREATE and DROP cannot be undone.
 *
 * **Shape** `done` are the objects that were made, or dropped, before `reason`: `table users`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Table } from "athanor"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id() })
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.catchTag("SchemaIncomplete", (error) => Effect.log(error.done)))
 * ```
 * @category errors
 */
export class SchemaIncomplete extends failure("SchemaIncomplete")<{
  readonly done: ReadonlyArray<string>
  readonly reason: DatabaseError
}> {}

/**
 * The row changed since it was read, or is gone.
 *
 * @example
 * ```ts
 * import { Session } from "athanor"
 * import { Effect } from "effect"
 * const program = Session.transact(Session.flush).pipe(
 *   Effect.catchTag("StaleRow", (error) => Effect.log(error.table)))
 * ```
 * @category errors
 */
export class StaleRow extends failure("StaleRow")<{
  readonly table: string
  readonly key: string
}> {}

/**
 * Changes that wait for each other in a circle no fix-up can break.
 *
 * @example
 * ```ts
 * import { Session } from "athanor"
 * import { Effect } from "effect"
 * const program = Session.transact(Session.flush).pipe(
 *   Effect.catchTag("Unbreakable", (error) => Effect.log(error.tables)))
 * ```
 * @category errors
 */
export class Unbreakable extends failure("Unbreakable")<{
  readonly tables: ReadonlyArray<string>
}> {}

/**
 * Another fiber is at work in this session.
 *
 * @category errors
 */
export class SessionBusy extends failure("SessionBusy") {}

/**
 * What would live in a session was asked for where no session lasts: behind a pooler by
 * transactions, such as PgBouncer's transaction mode.
 *
 * **Shape** SET, LISTEN, temporary tables, locks held by the session, PREPARE. Nothing was sent; a
 * transaction goes on. Inside a transaction `set local` and its locks do the same.
 * **Source** PgBouncer manual, "SQL feature map for pooling modes".
 *
 * @category errors
 */
export class RequiresSession extends failure("RequiresSession") {}

/**
 * What reaching a server and holding a connection can give.
 *
 * @category errors
 */
export type ConnectionError =
  | ConnectFailed
  | ConnectionLost
  | PoolTimeout
  | PoolQueueFull
  | PoolClosed

/**
 * What building a database can give, before anybody asks it anything.
 *
 * @category errors
 */
export type OpenError = ConfigInvalid | DriverMissing

/**
 * What any statement can give.
 *
 * @category errors
 */
export type ReadError =
  | ConnectionError
  | StatementTimeout
  | StatementCancelled
  | LockTimeout
  | Deadlock
  | SerializationFailure
  | Busy
  | ValueOutOfRange
  | InvalidText
  | EncodeFailed
  | DecodeFailed
  | ParameterMissing
  | RequiresSession
  | Unsupported
  | SyntaxOrUndefined
  | PermissionDenied
  | ReadOnly
  | StorageFull
  | TooManyParameters
  | QueryTooComplex
  | Raised
  | UnexpectedDriverError
  | TransactionDoomed
  | TransactionClosed

/**
 * What a constraint refuses.
 *
 * @category errors
 */
export type ConstraintViolation =
  | UniqueViolation
  | ForeignKeyViolation
  | CheckViolation
  | NotNullViolation
  | ExclusionViolation

/**
 * What a statement that writes can give: what any gives, what constraints and policies refuse, and
 * what is needed by something else.
 *
 * @category errors
 */
export type WriteError = ReadError | ConstraintViolation | PolicyViolation | StillNeeded

/**
 * What the bounds of a transaction can give: its begin, its savepoints, its end.
 *
 * **Shape** constraints are among them because a deferred one is checked at COMMIT, as a deferred
 * trigger raises there.
 *
 * @category errors
 */
export type TransactionError =
  | ConnectionError
  | CommitOutcomeUnknown
  | TransactionDoomed
  | TransactionClosed
  | StatementTimeout
  | StatementCancelled
  | LockTimeout
  | Deadlock
  | SerializationFailure
  | Busy
  | ConstraintViolation
  | PermissionDenied
  | ReadOnly
  | StorageFull
  | Unsupported
  | Raised
  | UnexpectedDriverError

/**
 * Every failure of a database.
 *
 * @category errors
 */
export type DatabaseError =
  | WriteError
  | TransactionError
  | OpenError
  | NotFound
  | RowCount
  | StaleRow
  | Unbreakable
  | SessionBusy
  | RequiresSession
  | CommitPending
  | SchemaIncomplete
