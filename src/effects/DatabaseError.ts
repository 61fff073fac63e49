import { failure } from "./Failure.ts"

export type { Facts, Failure, Fate, Operation } from "./Failure.ts"

// Reaching a server

/**
 * No connection could be made. `host` names the server, never the account's secret.
 *
 * **Shape** retryable for the reasons `refused`, `timeout`, `unreachable` and `tooManyClients`.
 *
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

/**
 * The connection died, and with it the transaction.
 *
 * **Shape** `transaction` is `ended`, and the failure retryable; it is `unknown`, and not
 * retryable, where a write of its own may have been done.
 *
 * @category errors
 */
export class ConnectionLost extends failure("ConnectionLost") {}

/**
 * The connection died while COMMIT was on its way: committed or not, nobody here can tell.
 *
 * **Shape** `transaction` is `unknown`: look for what was written before writing it again.
 *
 * @category errors
 */
export class CommitOutcomeUnknown extends failure("CommitOutcomeUnknown") {}

/**
 * An option or address that means nothing. `culprit` names it; its value is never printed.
 *
 * @category errors
 */
export class ConfigInvalid extends failure("ConfigInvalid")<{ readonly culprit: string }> {}

/**
 * The driver's package is not installed, or refused on this Node.
 *
 * @category errors
 */
export class DriverMissing extends failure("DriverMissing")<{ readonly package: string }> {}

// Waiting for a connection

/**
 * No connection came free in time. Retryable.
 *
 * **Shape** how long it waited, how many connections were in use and how many fibers were waiting.
 *
 * @category errors
 */
export class PoolTimeout extends failure("PoolTimeout")<{
  readonly waited_ms: number
  readonly inUse: number
  readonly waiting: number
}> {}

/**
 * Too many fibers were waiting for a connection already. Retryable.
 *
 * @category errors
 */
export class PoolQueueFull extends failure("PoolQueueFull")<{ readonly waiting: number }> {}

/**
 * The database's scope has ended: there are no connections any more.
 *
 * @category errors
 */
export class PoolClosed extends failure("PoolClosed") {}

// Time and concurrency

/**
 * The server's own limit on a statement's time. Not retryable: it would take as long again.
 *
 * @category errors
 */
export class StatementTimeout extends failure("StatementTimeout") {}

/**
 * The server cancelled the statement at somebody's request.
 *
 * @category errors
 */
export class StatementCancelled extends failure("StatementCancelled") {}

/**
 * A lock did not come free in time. Retryable.
 *
 * @category errors
 */
export class LockTimeout extends failure("LockTimeout") {}

/**
 * The server chose this transaction to break a cycle of waits. Retryable.
 *
 * @category errors
 */
export class Deadlock extends failure("Deadlock") {}

/**
 * Concurrent transactions had no serial order. Retryable.
 *
 * **Source** SQL:2016 part 2, 4.41 SQL-transactions; PostgreSQL manual, "Serialization Failure
 * Handling".
 *
 * @category errors
 */
export class SerializationFailure extends failure("SerializationFailure") {}

/**
 * Another connection holds SQLite's file. Retryable.
 *
 * @category errors
 */
export class Busy extends failure("Busy") {}

// Constraints

/**
 * A row with this key exists. `constraint` is null where the server does not say and no table
 * tells.
 *
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
 * **Shape** `child`: the row referred to is not there; `parent`: others still refer to the row.
 * **Source** SQL:2016 part 2, 11.8 referential constraint definition.
 *
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
 * **Source** SQL:2016 part 2, 11.9 check constraint definition.
 *
 * @category errors
 */
export class CheckViolation extends failure("CheckViolation")<{
  readonly constraint: string | null
  readonly table: string | null
}> {}

/**
 * NULL, or nothing at all, for a column that must have a value.
 *
 * @category errors
 */
export class NotNullViolation extends failure("NotNullViolation")<{
  readonly table: string | null
  readonly column: string | null
}> {}

/**
 * A row that an exclusion constraint keeps out: PostgreSQL has them.
 *
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
 * @category errors
 */
export class ValueOutOfRange extends failure("ValueOutOfRange")<{
  readonly reason: "tooLong" | "outOfRange" | "divisionByZero"
  readonly column: string | null
}> {}

/**
 * Text that is no value of the type asked for, found by the server.
 *
 * @category errors
 */
export class InvalidText extends failure("InvalidText")<{ readonly column: string | null }> {}

/**
 * A value its type cannot hold, found before anything is sent.
 *
 * **Shape** `path` names the column or parameter, `expected` what it takes; the value is never
 * told.
 *
 * @category errors
 */
export class EncodeFailed extends failure("EncodeFailed")<{
  readonly path: string
  readonly expected: string
}> {}

/**
 * A stored value its type cannot read.
 *
 * **Shape** `path` names the cell (`posts.0.title`), `expected` what it must be; the value is never
 * told.
 *
 * @category errors
 */
export class DecodeFailed extends failure("DecodeFailed")<{
  readonly path: string
  readonly expected: string
}> {}

/**
 * A named parameter without a value.
 *
 * @category errors
 */
export class ParameterMissing extends failure("ParameterMissing")<{ readonly name: string }> {}

// Statements

/**
 * The server cannot do this. `capability` names what it lacks.
 *
 * @category errors
 */
export class Unsupported extends failure("Unsupported")<{
  readonly capability: string
  readonly construct: string
}> {}

/**
 * Text the server cannot read, or a name it does not know.
 *
 * @category errors
 */
export class SyntaxOrUndefined extends failure("SyntaxOrUndefined")<{
  readonly kind: "syntax" | "table" | "column" | "function" | "duplicate" | "ambiguous" | "other"
}> {}

/**
 * The account may not do this.
 *
 * @category errors
 */
export class PermissionDenied extends failure("PermissionDenied") {}

/**
 * A write to what can only be read.
 *
 * @category errors
 */
export class ReadOnly extends failure("ReadOnly") {}

/**
 * The server's disk or a quota is full.
 *
 * @category errors
 */
export class StorageFull extends failure("StorageFull") {}

/**
 * More parameters than one statement may have.
 *
 * @category errors
 */
export class TooManyParameters extends failure("TooManyParameters")<{
  readonly count: number
  readonly limit: number
}> {}

/**
 * A statement deeper or wider than the server can plan.
 *
 * @category errors
 */
export class QueryTooComplex extends failure("QueryTooComplex") {}

/**
 * An error of the driver nobody has given a meaning to. `code` is the server's.
 *
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
 * @category errors
 */
export class TransactionDoomed extends failure("TransactionDoomed")<{
  readonly reason: DatabaseError
}> {}

/**
 * A statement of a fiber that outlived its transaction: nothing was sent.
 *
 * @category errors
 */
export class TransactionClosed extends failure("TransactionClosed") {}

// Rows and sessions

/**
 * No row where one was asked for.
 *
 * @category errors
 */
export class NotFound extends failure("NotFound")<{ readonly subject: string }> {}

/**
 * More rows than were asked for, or another number than was written.
 *
 * @category errors
 */
export class RowCount extends failure("RowCount")<{
  readonly expected: number
  readonly actual: number
}> {}

/**
 * The row changed since it was read, or is gone.
 *
 * @category errors
 */
export class StaleRow extends failure("StaleRow")<{
  readonly table: string
  readonly key: string
}> {}

/**
 * Changes that wait for each other in a circle no fix-up can break.
 *
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
 * A call that means something only inside a session.
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
 * What opening a database can give.
 *
 * @category errors
 */
export type OpenError = ConfigInvalid | DriverMissing | ConnectFailed

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
  | Unsupported
  | SyntaxOrUndefined
  | PermissionDenied
  | ReadOnly
  | StorageFull
  | TooManyParameters
  | QueryTooComplex
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
 * What a statement that writes can give: what any gives, and what constraints refuse.
 *
 * @category errors
 */
export type WriteError = ReadError | ConstraintViolation

/**
 * What the bounds of a transaction can give: its begin, its savepoints, its end.
 *
 * **Shape** constraints are among them because a deferred one is checked at COMMIT.
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
