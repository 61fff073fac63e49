import type { DialectName } from "../../algebra/Dialect.ts"
import * as E from "../DatabaseError.ts"
import type { Connection, Site } from "../Driver.ts"

/** What a server's error number stands for. */
export type Meaning =
  | "StatementTimeout"
  | "StatementCancelled"
  | "LockTimeout"
  | "Deadlock"
  | "SerializationFailure"
  | "Busy"
  | "UniqueViolation"
  | "ForeignKeyViolation"
  | "CheckViolation"
  | "NotNullViolation"
  | "ExclusionViolation"
  | "TooLong"
  | "OutOfRange"
  | "DivisionByZero"
  | "InvalidText"
  | "Syntax"
  | "Table"
  | "Column"
  | "Function"
  | "Duplicate"
  | "Ambiguous"
  | "Undefined"
  | "OutsideTransaction"
  | "StillNeeded"
  | "PermissionDenied"
  | "ReadOnly"
  | "StorageFull"
  | "TooManyParameters"
  | "QueryTooComplex"
  | "Unsupported"
  | "Raised"
  | "Doomed"
  | "Lost"

/** What was read off the error, names only. */
export interface Details {
  readonly code: string
  readonly constraint?: string | null | undefined
  readonly table?: string | null | undefined
  readonly columns?: ReadonlyArray<string>
  readonly column?: string | null | undefined
  readonly direction?: "child" | "parent" | null
  /** What needs what was to go. */
  readonly needs?: ReadonlyArray<string>
  /** The server's words, where they can hold no value. */
  readonly words?: string | undefined
  /** What the error did to an open transaction, where the protocol does not say. */
  readonly fate: E.Fate
}

const writes: ReadonlySet<E.Operation> = new Set<E.Operation>([
  "insert",
  "update",
  "delete",
  "ddl",
  "script"
])

/** Observed where the protocol tells, else what the server's manual promises for the number. */
export const fateOf = (site: Site, connection: Connection | null, promised: E.Fate): E.Fate => {
  if (!site.inTransaction) return "ended"
  switch (connection?.isAlive() === true ? connection.transaction() : null) {
    case "open":
      return "alive"
    case "failed":
      return "doomed"
    case "none":
      return "ended"
    default:
      return promised
  }
}

/** The connection died: what a statement of its own was to write may be written. */
export const lost = (dialect: DialectName, site: Site, error: unknown): E.DatabaseError => {
  const unknown = !site.inTransaction && writes.has(site.operation)
  return new E.ConnectionLost(
    {
      message: `the connection was lost during ${site.operation}`,
      dialect,
      operation: site.operation,
      retryable: !unknown,
      transaction: unknown ? "unknown" : "ended"
    },
    error
  )
}

/** All that a failure is made of. */
interface Origin {
  readonly dialect: DialectName
  readonly site: Site
  readonly details: Details
  readonly error: unknown
}

/** The failure a meaning stands for. */
export const build = (
  dialect: DialectName,
  meaning: Meaning,
  site: Site,
  details: Details,
  error: unknown
): E.DatabaseError => makers[meaning]({ dialect, site, details, error })

const factsOf = ({ details, dialect, site }: Origin, message: string, retryable = false) => ({
  message,
  dialect,
  operation: site.operation,
  retryable,
  transaction: details.fate
})

const tableOf = ({ details, site }: Origin): string | null => details.table ?? site.table

/** The server's words: not of a script, whose literals they may quote. */
const saying = ({ details, site }: Origin, message: string): string => {
  if (site.operation === "script" || details.words === undefined) return message
  const words = oneLine(details.words)
  return words.startsWith(message) ? words : `${message}: ${words}`
}

const naming = (origin: Origin, message: string): string => {
  const table = tableOf(origin) ?? "unknown"
  return `${message}: table ${table}, constraint ${origin.details.constraint ?? "unknown"}`
}

type Maker = (origin: Origin) => E.DatabaseError

const undefinedAs =
  (kind: E.SyntaxOrUndefined["kind"], message: string): Maker =>
  (origin) =>
    new E.SyntaxOrUndefined({ ...factsOf(origin, saying(origin, message)), kind }, origin.error)

const outOfRange =
  (reason: E.ValueOutOfRange["reason"], message: string): Maker =>
  (origin) => {
    const column = origin.details.column ?? null
    const text = column === null ? message : `${message} for column ${column}`
    return new E.ValueOutOfRange({ ...factsOf(origin, text), reason, column }, origin.error)
  }

const plain =
  (
    Failure: new (facts: E.Facts, error: unknown) => E.DatabaseError,
    message: string,
    retryable = false
  ): Maker =>
  (origin) =>
    new Failure(factsOf(origin, message, retryable), origin.error)

const unique: Maker = (origin) => {
  const table = tableOf(origin)
  const columns = origin.details.columns ?? []
  const constraint = origin.details.constraint ?? null
  const key = columns.length > 0 ? `${table ?? "?"}(${columns.join(", ")})` : `in ${table ?? "?"}`
  const name = constraint === null ? "" : `, constraint ${constraint}`
  return new E.UniqueViolation(
    { ...factsOf(origin, `a row with this key exists: ${key}${name}`), constraint, table, columns },
    origin.error
  )
}

const foreignKeyWords = {
  parent: "other rows refer to this one",
  child: "the row referred to is not there",
  unknown: "a foreign key does not hold"
} as const

const foreignKey: Maker = (origin) => {
  const direction = origin.details.direction ?? null
  const message = naming(origin, foreignKeyWords[direction ?? "unknown"])
  const constraint = origin.details.constraint ?? null
  return new E.ForeignKeyViolation(
    { ...factsOf(origin, message), direction, constraint, table: tableOf(origin) },
    origin.error
  )
}

const check: Maker = (origin) => {
  const names = { constraint: origin.details.constraint ?? null, table: tableOf(origin) }
  return new E.CheckViolation(
    { ...factsOf(origin, naming(origin, "a check is false")), ...names },
    origin.error
  )
}

const exclusion: Maker = (origin) => {
  const names = { constraint: origin.details.constraint ?? null, table: tableOf(origin) }
  return new E.ExclusionViolation(
    { ...factsOf(origin, naming(origin, "an exclusion constraint keeps the row out")), ...names },
    origin.error
  )
}

const notNull: Maker = (origin) => {
  const table = tableOf(origin)
  const column = origin.details.column ?? null
  const message = `${table ?? "?"}.${column ?? "?"} must have a value`
  return new E.NotNullViolation({ ...factsOf(origin, message), table, column }, origin.error)
}

const invalidText: Maker = (origin) => {
  const column = origin.details.column ?? null
  const where = column === null ? "" : `: column ${column}`
  const message = `a text is no value of the type asked for${where}`
  return new E.InvalidText({ ...factsOf(origin, message), column }, origin.error)
}

const stillNeeded: Maker = (origin) => {
  const by = origin.details.needs ?? []
  const what = by.length === 0 ? "something else" : by.join(", ")
  const message = saying(origin, `still needed by ${what}`)
  return new E.StillNeeded({ ...factsOf(origin, message), by }, origin.error)
}

const doomed: Maker = (origin) => {
  const { details, dialect, error, site } = origin
  const message = "an earlier failure left the transaction only its rollback"
  const reason = unexpected(dialect, site, details, error)
  return new E.TransactionDoomed({ ...factsOf(origin, message), reason }, error)
}

const makers: Readonly<Record<Meaning, Maker>> = {
  StatementTimeout: plain(E.StatementTimeout, "the server stopped the statement: it took too long"),
  StatementCancelled: plain(E.StatementCancelled, "the server cancelled the statement"),
  LockTimeout: plain(E.LockTimeout, "a lock did not come free in time", true),
  Deadlock: plain(E.Deadlock, "the server broke a deadlock by ending this transaction", true),
  SerializationFailure: plain(
    E.SerializationFailure,
    "concurrent transactions had no serial order",
    true
  ),
  Busy: plain(E.Busy, "another connection holds the file", true),
  UniqueViolation: unique,
  ForeignKeyViolation: foreignKey,
  CheckViolation: check,
  NotNullViolation: notNull,
  ExclusionViolation: exclusion,
  TooLong: outOfRange("tooLong", "a value is too long"),
  OutOfRange: outOfRange("outOfRange", "a value is out of range"),
  DivisionByZero: outOfRange("divisionByZero", "division by zero"),
  InvalidText: invalidText,
  Syntax: undefinedAs("syntax", "the server cannot read the statement"),
  Table: undefinedAs("table", "no such table"),
  Column: undefinedAs("column", "no such column"),
  Function: undefinedAs("function", "no such function"),
  Duplicate: undefinedAs("duplicate", "the name is taken"),
  Ambiguous: undefinedAs("ambiguous", "a name means two things"),
  Undefined: undefinedAs("other", "the statement means nothing to the server"),
  OutsideTransaction: undefinedAs("other", "the statement wants a transaction, and none is open"),
  StillNeeded: stillNeeded,
  PermissionDenied: (origin) =>
    new E.PermissionDenied(
      factsOf(origin, saying(origin, "the account may not do this")),
      origin.error
    ),
  ReadOnly: plain(E.ReadOnly, "a write to what can only be read"),
  StorageFull: plain(E.StorageFull, "the server's storage is full"),
  TooManyParameters: (origin) =>
    new E.TooManyParameters(
      { ...factsOf(origin, "too many parameters"), count: -1, limit: -1 },
      origin.error
    ),
  QueryTooComplex: (origin) =>
    new E.QueryTooComplex(
      factsOf(origin, saying(origin, "the statement is too deep or too wide")),
      origin.error
    ),
  Unsupported: (origin) =>
    new E.Unsupported(
      {
        ...factsOf(origin, saying(origin, "the server cannot do this")),
        capability: "server",
        construct: origin.site.operation
      },
      origin.error
    ),
  Raised: (origin) => {
    const { code } = origin.details
    const where = origin.site.table === null ? "" : ` on ${origin.site.table}`
    return new E.Raised(
      {
        ...factsOf(
          origin,
          `the database refused of its own accord: ${origin.site.operation}${where}`
        ),
        code: origin.dialect === "sqlite" ? null : code
      },
      origin.error
    )
  },
  Doomed: doomed,
  Lost: ({ dialect, error, site }) => lost(dialect, site, error)
}

/** The number has no meaning in our tables: a provoked one is our bug. */
export const unexpected = (
  dialect: DialectName,
  site: Site,
  details: Pick<Details, "code" | "fate">,
  error: unknown
): E.UnexpectedDriverError =>
  new E.UnexpectedDriverError(
    {
      message: `the ${dialect} server's error ${details.code} during ${site.operation}`,
      dialect,
      operation: site.operation,
      retryable: false,
      transaction: details.fate,
      code: details.code
    },
    error
  )

const oneLine = (words: string): string => {
  const line = words.replace(/\s+/g, " ").trim()
  return line.length > 200 ? `${line.slice(0, 200)}…` : line
}
