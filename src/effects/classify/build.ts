import type { DialectName } from "../../algebra/Dialect.ts"
import * as E from "../DatabaseError.ts"
import type { Connection, Site } from "../Driver.ts"

/** What a server's error number stands for. */
export type Meaning =
  | "StatementTimeout" | "StatementCancelled" | "LockTimeout" | "Deadlock" | "SerializationFailure" | "Busy"
  | "UniqueViolation" | "ForeignKeyViolation" | "CheckViolation" | "NotNullViolation" | "ExclusionViolation"
  | "TooLong" | "OutOfRange" | "DivisionByZero" | "InvalidText"
  | "Syntax" | "Table" | "Column" | "Function" | "Duplicate" | "Ambiguous" | "Undefined"
  | "PermissionDenied" | "ReadOnly" | "StorageFull" | "TooManyParameters" | "QueryTooComplex"
  | "Unsupported" | "Doomed" | "Lost"

/** What was read off the error, names only. */
export interface Details {
  readonly code: string
  readonly constraint?: string | null | undefined
  readonly table?: string | null | undefined
  readonly columns?: ReadonlyArray<string>
  readonly column?: string | null | undefined
  readonly direction?: "child" | "parent" | null
  /** The server's words, where they can hold no value. */
  readonly words?: string | undefined
  /** What the error did to an open transaction, where the protocol does not say. */
  readonly fate: E.Fate
}

const writes: ReadonlySet<E.Operation> = new Set<E.Operation>(["insert", "update", "delete", "ddl", "script"])

/** Observed where the protocol tells, else what the server's manual promises for the number. */
export const fateOf = (site: Site, connection: Connection | null, promised: E.Fate): E.Fate => {
  if (!site.inTransaction) return "ended"
  switch (connection?.isAlive() === true ? connection.transaction() : null) {
    case "open": return "alive"
    case "failed": return "doomed"
    case "none": return "ended"
    default: return promised
  }
}

/** The connection died: what a statement of its own was to write may be written. */
export const lost = (dialect: DialectName, site: Site, error: unknown): E.DatabaseError => {
  const unknown = !site.inTransaction && writes.has(site.operation)
  return new E.ConnectionLost({
    message: `the connection was lost during ${site.operation}`, dialect, operation: site.operation,
    retryable: !unknown, transaction: unknown ? "unknown" : "ended"
  }, error)
}

const named = (name: string | null | undefined): string => name == null ? "" : ` ${name}`

/** The failure a meaning stands for. */
export const build = (
  dialect: DialectName, meaning: Meaning, site: Site, details: Details, error: unknown
): E.DatabaseError => {
  const operation = site.operation
  const table = details.table ?? site.table
  const constraint = details.constraint ?? null
  const column = details.column ?? null
  const facts = (message: string, retryable = false) =>
    ({ message, dialect, operation, retryable, transaction: details.fate })
  const said = operation === "script" || details.words === undefined ? "" : `: ${oneLine(details.words)}`
  const where = column === null ? "" : ` for column ${column}`
  switch (meaning) {
    case "StatementTimeout": return new E.StatementTimeout(facts("the server stopped the statement: it took too long"), error)
    case "StatementCancelled": return new E.StatementCancelled(facts("the server cancelled the statement"), error)
    case "LockTimeout": return new E.LockTimeout(facts("a lock did not come free in time", true), error)
    case "Deadlock": return new E.Deadlock(facts("the server broke a deadlock by ending this transaction", true), error)
    case "SerializationFailure": return new E.SerializationFailure(facts("concurrent transactions had no serial order", true), error)
    case "Busy": return new E.Busy(facts("another connection holds the file", true), error)
    case "UniqueViolation": {
      const columns = details.columns ?? []
      const key = columns.length > 0 ? `${table ?? "?"}(${columns.join(", ")})` : `in${named(table)}`
      return new E.UniqueViolation({ ...facts(`a row with this key exists: ${key}${constraint === null ? "" : `, constraint ${constraint}`}`), constraint, table, columns }, error)
    }
    case "ForeignKeyViolation": {
      const direction = details.direction ?? null
      const what = direction === "parent" ? "other rows refer to this one" : direction === "child" ? "the row referred to is not there" : "a foreign key does not hold"
      return new E.ForeignKeyViolation({ ...facts(`${what}: table${named(table) || " unknown"}, constraint${named(constraint) || " unknown"}`), direction, constraint, table }, error)
    }
    case "CheckViolation":
      return new E.CheckViolation({ ...facts(`a check is false: table${named(table) || " unknown"}, constraint${named(constraint) || " unknown"}`), constraint, table }, error)
    case "NotNullViolation":
      return new E.NotNullViolation({ ...facts(`${table ?? "?"}.${column ?? "?"} must have a value`), table, column }, error)
    case "ExclusionViolation":
      return new E.ExclusionViolation({ ...facts(`an exclusion constraint keeps the row out: table${named(table)}, constraint${named(constraint)}`), constraint, table }, error)
    case "TooLong": return new E.ValueOutOfRange({ ...facts(`a value is too long${where}`), reason: "tooLong", column }, error)
    case "OutOfRange": return new E.ValueOutOfRange({ ...facts(`a value is out of range${where}`), reason: "outOfRange", column }, error)
    case "DivisionByZero": return new E.ValueOutOfRange({ ...facts("division by zero"), reason: "divisionByZero", column }, error)
    case "InvalidText": return new E.InvalidText({ ...facts(`a text is no value of the type asked for${where}`), column }, error)
    case "Syntax": return new E.SyntaxOrUndefined({ ...facts(`the server cannot read the statement${said}`), kind: "syntax" }, error)
    case "Table": return new E.SyntaxOrUndefined({ ...facts(`no such table${said}`), kind: "table" }, error)
    case "Column": return new E.SyntaxOrUndefined({ ...facts(`no such column${said}`), kind: "column" }, error)
    case "Function": return new E.SyntaxOrUndefined({ ...facts(`no such function${said}`), kind: "function" }, error)
    case "Duplicate": return new E.SyntaxOrUndefined({ ...facts(`the name is taken${said}`), kind: "duplicate" }, error)
    case "Ambiguous": return new E.SyntaxOrUndefined({ ...facts(`a name means two things${said}`), kind: "ambiguous" }, error)
    case "Undefined": return new E.SyntaxOrUndefined({ ...facts(`the statement means nothing to the server${said}`), kind: "other" }, error)
    case "PermissionDenied": return new E.PermissionDenied(facts(`the account may not do this${said}`), error)
    case "ReadOnly": return new E.ReadOnly(facts("a write to what can only be read"), error)
    case "StorageFull": return new E.StorageFull(facts("the server's storage is full"), error)
    case "TooManyParameters": return new E.TooManyParameters({ ...facts("too many parameters"), count: -1, limit: -1 }, error)
    case "QueryTooComplex": return new E.QueryTooComplex(facts(`the statement is too deep or too wide${said}`), error)
    case "Unsupported": return new E.Unsupported({ ...facts(`the server cannot do this${said}`), capability: "server", construct: operation }, error)
    case "Doomed": {
      const reason = unexpected(dialect, site, details, error)
      return new E.TransactionDoomed({ ...facts("an earlier failure left the transaction only its rollback"), reason }, error)
    }
    case "Lost": return lost(dialect, site, error)
  }
}

/** The number has no meaning in our tables: a provoked one is our bug. */
export const unexpected = (
  dialect: DialectName, site: Site, details: Pick<Details, "code" | "fate">, error: unknown
): E.UnexpectedDriverError =>
  new E.UnexpectedDriverError({
    message: `the ${dialect} server's error ${details.code} during ${site.operation}`, dialect,
    operation: site.operation, retryable: false, transaction: details.fate, code: details.code
  }, error)

const oneLine = (words: string): string => {
  const line = words.replace(/\s+/g, " ").trim()
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}
