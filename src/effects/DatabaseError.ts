import { failure } from "./Failure.ts"

export type { Facts, Failure, Fate, Operation } from "./Failure.ts"

// Reaching a server

/** No connection could be made. `host` names the server, never the account's secret. */
export class ConnectFailed extends failure("ConnectFailed")<{
  readonly reason: ConnectReason
  readonly host: string
}> {}

/** Why no connection came to be. */
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

/** The connection died. `transaction` is `unknown` where the statement may have been done. */
export class ConnectionLost extends failure("ConnectionLost") {}

/** The connection died while COMMIT was on its way: committed or not, nobody here can tell. */
export class CommitOutcomeUnknown extends failure("CommitOutcomeUnknown") {}

/** An option or address that means nothing. `culprit` names it. */
export class ConfigInvalid extends failure("ConfigInvalid")<{ readonly culprit: string }> {}

/** The driver's package is not installed, or refused on this Node. */
export class DriverMissing extends failure("DriverMissing")<{ readonly package: string }> {}

// Waiting for a connection

/** No connection came free in time. */
export class PoolTimeout extends failure("PoolTimeout")<{
  readonly waited_ms: number
  readonly inUse: number
  readonly waiting: number
}> {}

/** Too many were waiting already. */
export class PoolQueueFull extends failure("PoolQueueFull")<{ readonly waiting: number }> {}

/** The database's scope has ended. */
export class PoolClosed extends failure("PoolClosed") {}

// Time and concurrency

/** The server's own limit on a statement's time. */
export class StatementTimeout extends failure("StatementTimeout") {}

/** The server cancelled the statement at somebody's request. */
export class StatementCancelled extends failure("StatementCancelled") {}

/** A lock did not come free in time. */
export class LockTimeout extends failure("LockTimeout") {}

/** The server chose this transaction to break a cycle of waits. */
export class Deadlock extends failure("Deadlock") {}

/** Concurrent transactions had no serial order. */
export class SerializationFailure extends failure("SerializationFailure") {}

/** Another connection holds SQLite's file. */
export class Busy extends failure("Busy") {}

// Constraints

/**
 * A row with this key exists. `constraint` is null where the server does not say and no table
 * tells.
 */
export class UniqueViolation extends failure("UniqueViolation")<{
  readonly constraint: string | null
  readonly table: string | null
  readonly columns: ReadonlyArray<string>
}> {}

/** `child`: the row referred to is not there; `parent`: others still refer to the row. */
export class ForeignKeyViolation extends failure("ForeignKeyViolation")<{
  readonly direction: "child" | "parent" | null
  readonly constraint: string | null
  readonly table: string | null
}> {}

/** A row for which a check is false. */
export class CheckViolation extends failure("CheckViolation")<{
  readonly constraint: string | null
  readonly table: string | null
}> {}

/** NULL, or nothing at all, for a column that must have a value. */
export class NotNullViolation extends failure("NotNullViolation")<{
  readonly table: string | null
  readonly column: string | null
}> {}

/** A row that an exclusion constraint keeps out. */
export class ExclusionViolation extends failure("ExclusionViolation")<{
  readonly constraint: string | null
  readonly table: string | null
}> {}

// Values

/** A value the column or operation cannot hold, found by the server. */
export class ValueOutOfRange extends failure("ValueOutOfRange")<{
  readonly reason: "tooLong" | "outOfRange" | "divisionByZero"
  readonly column: string | null
}> {}

/** Text that is no value of the type asked for, found by the server. */
export class InvalidText extends failure("InvalidText")<{ readonly column: string | null }> {}

/** A value its type cannot hold, found before anything is sent. */
export class EncodeFailed extends failure("EncodeFailed")<{
  readonly path: string
  readonly expected: string
}> {}

/** A stored value its type cannot read. */
export class DecodeFailed extends failure("DecodeFailed")<{
  readonly path: string
  readonly expected: string
}> {}

/** A named parameter without a value. */
export class ParameterMissing extends failure("ParameterMissing")<{ readonly name: string }> {}

// Statements

/** The server cannot do this. `capability` names what it lacks. */
export class Unsupported extends failure("Unsupported")<{
  readonly capability: string
  readonly construct: string
}> {}

/** Text the server cannot read, or a name it does not know. */
export class SyntaxOrUndefined extends failure("SyntaxOrUndefined")<{
  readonly kind: "syntax" | "table" | "column" | "function" | "duplicate" | "ambiguous" | "other"
}> {}

/** The account may not do this. */
export class PermissionDenied extends failure("PermissionDenied") {}

/** A write to what can only be read. */
export class ReadOnly extends failure("ReadOnly") {}

/** The server's disk or a quota is full. */
export class StorageFull extends failure("StorageFull") {}

/** More parameters than one statement may have. */
export class TooManyParameters extends failure("TooManyParameters")<{
  readonly count: number
  readonly limit: number
}> {}

/** A statement deeper or wider than the server can plan. */
export class QueryTooComplex extends failure("QueryTooComplex") {}

/** An error of the driver nobody has given a meaning to. `code` is the server's. */
export class UnexpectedDriverError extends failure("UnexpectedDriverError")<{
  readonly code: string
}> {}

// Transactions

/** An earlier failure, `reason`, left the transaction only its rollback. */
export class TransactionDoomed extends failure("TransactionDoomed")<{
  readonly reason: DatabaseError
}> {}

/** A statement of a fiber that outlived its transaction. */
export class TransactionClosed extends failure("TransactionClosed") {}

// Rows and sessions

/** No row where one was asked for. */
export class NotFound extends failure("NotFound")<{ readonly subject: string }> {}

/** More rows than were asked for, or another number than was written. */
export class RowCount extends failure("RowCount")<{
  readonly expected: number
  readonly actual: number
}> {}

/** The row changed since it was read, or is gone. */
export class StaleRow extends failure("StaleRow")<{
  readonly table: string
  readonly key: string
}> {}

/** Changes that wait for each other in a circle no fix-up can break. */
export class Unbreakable extends failure("Unbreakable")<{
  readonly tables: ReadonlyArray<string>
}> {}

/** Another fiber is at work in this session. */
export class SessionBusy extends failure("SessionBusy") {}

/** A call that means something only inside a session. */
export class RequiresSession extends failure("RequiresSession") {}

/** What reaching a server and holding a connection can give. */
export type ConnectionError =
  | ConnectFailed
  | ConnectionLost
  | PoolTimeout
  | PoolQueueFull
  | PoolClosed

/** What opening a database can give. */
export type OpenError = ConfigInvalid | DriverMissing | ConnectFailed

/** What any statement can give. */
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

/** What a constraint refuses. */
export type ConstraintViolation =
  | UniqueViolation
  | ForeignKeyViolation
  | CheckViolation
  | NotNullViolation
  | ExclusionViolation

/** What a statement that writes can give. */
export type WriteError = ReadError | ConstraintViolation

/** What the bounds of a transaction can give: its begin, its savepoints, its end. */
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

/** Every failure of a database. */
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
