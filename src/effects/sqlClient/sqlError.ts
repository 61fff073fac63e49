import * as SqlError from "effect/sql/SqlError"
import type { DatabaseError } from "../DatabaseError.ts"

/**
 * A failure of ours as effect/sql says it: its reason by what became of the statement, ours as the
 * reason's cause.
 *
 * **Laws** what says `isRetryable` there says `retryable` here.
 */
export const sqlErrorOf = (failure: DatabaseError): SqlError.SqlError =>
  new SqlError.SqlError({ reason: truthful(failure, reasonOf(failure)) })

/** What may have been done must not look as if trying it again were safe. */
const truthful = (
  failure: DatabaseError,
  reason: SqlError.SqlErrorReason
): SqlError.SqlErrorReason =>
  reason.isRetryable && !failure.retryable ? new SqlError.UnknownError(fieldsOf(failure)) : reason

const fieldsOf = (failure: DatabaseError) => ({
  cause: failure,
  message: failure.message,
  operation: failure.operation
})

/** Ours, where a `SqlError` was made of one. */
export const failureOf = (error: SqlError.SqlError): DatabaseError | null => {
  const { cause } = error.reason
  return isOurs(cause) ? cause : null
}

const isOurs = (cause: unknown): cause is DatabaseError =>
  typeof cause === "object" && cause !== null && "retryable" in cause && "transaction" in cause

const reasonOf = (failure: DatabaseError): SqlError.SqlErrorReason => {
  const fields = fieldsOf(failure)
  switch (failure._tag) {
    case "UniqueViolation":
      return new SqlError.UniqueViolation({
        ...fields,
        constraint: failure.constraint ?? "unknown"
      })
    case "ForeignKeyViolation":
    case "CheckViolation":
    case "NotNullViolation":
    case "ExclusionViolation":
    case "Raised":
      return new SqlError.ConstraintError(fields)
    case "Deadlock":
      return new SqlError.DeadlockError(fields)
    case "SerializationFailure":
      return new SqlError.SerializationError(fields)
    case "LockTimeout":
    case "Busy":
      return new SqlError.LockTimeoutError(fields)
    case "StatementTimeout":
      return new SqlError.StatementTimeoutError(fields)
    case "PermissionDenied":
    case "ReadOnly":
    case "PolicyViolation":
      return new SqlError.AuthorizationError(fields)
    case "SyntaxOrUndefined":
      return new SqlError.SqlSyntaxError(fields)
    case "ConnectFailed":
      return failure.reason === "authentication"
        ? new SqlError.AuthenticationError(fields)
        : new SqlError.ConnectionError(fields)
    case "ConnectionLost":
    case "PoolTimeout":
    case "PoolQueueFull":
      return new SqlError.ConnectionError(fields)
    default:
      return new SqlError.UnknownError(fields)
  }
}
