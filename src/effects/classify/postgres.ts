import { type DatabaseError, RequiresSession } from "../DatabaseError.ts"
import type { Connection, Site } from "../Driver.ts"
import { SessionRequired } from "../drivers/SessionRequired.ts"
import { build, fateOf, lost, type Meaning, unexpected } from "./build.ts"

/**
 * SQLSTATE to meaning; the server's code, never its prose. Source: PostgreSQL manual, appendix A.
 */
const states: Readonly<Record<string, Meaning>> = {
  "0A000": "Unsupported",
  "21000": "Undefined",
  "22000": "OutOfRange",
  "22001": "TooLong",
  "22003": "OutOfRange",
  "22007": "InvalidText",
  "22008": "OutOfRange",
  "22012": "DivisionByZero",
  "22021": "InvalidText",
  "2201B": "InvalidText",
  "22023": "OutOfRange",
  "22P02": "InvalidText",
  "22P03": "InvalidText",
  "22P05": "InvalidText",
  "2201W": "OutOfRange",
  "2201X": "OutOfRange",
  "22011": "OutOfRange",
  "22025": "InvalidText",
  "22026": "TooLong",
  "22031": "InvalidText",
  "2200L": "InvalidText",
  "2200M": "InvalidText",
  "2200N": "InvalidText",
  "2200S": "InvalidText",
  "2200T": "InvalidText",
  "22032": "InvalidText",
  "23001": "ForeignKeyViolation",
  "23502": "NotNullViolation",
  "23503": "ForeignKeyViolation",
  "23505": "UniqueViolation",
  "23514": "CheckViolation",
  "23P01": "ExclusionViolation",
  "25001": "Undefined",
  "25006": "ReadOnly",
  "25P01": "OutsideTransaction",
  "25P02": "Doomed",
  "40001": "SerializationFailure",
  "40P01": "Deadlock",
  "40003": "Lost",
  "40002": "SerializationFailure",
  "42501": "PermissionDenied",
  "42601": "Syntax",
  "42602": "Syntax",
  "42622": "Syntax",
  "42939": "Syntax",
  "42P01": "Table",
  "42703": "Column",
  "42883": "Function",
  "42704": "Undefined",
  "3F000": "Undefined",
  "3D000": "Undefined",
  "42P07": "Duplicate",
  "42701": "Duplicate",
  "42710": "Duplicate",
  "42712": "Duplicate",
  "42723": "Duplicate",
  "42P06": "Duplicate",
  "42P04": "Duplicate",
  "42P05": "Duplicate",
  "42702": "Ambiguous",
  "42725": "Ambiguous",
  "42803": "Undefined",
  "42804": "Undefined",
  "42P18": "Undefined",
  "42P10": "Undefined",
  "42830": "Undefined",
  "42846": "Undefined",
  "42809": "Undefined",
  "42P08": "Undefined",
  "42P02": "Undefined",
  "42P20": "Undefined",
  "42P19": "Undefined",
  "42P13": "Undefined",
  "42611": "Undefined",
  "42P16": "Undefined",
  "42P17": "Undefined",
  "42P22": "Undefined",
  "42P21": "Undefined",
  "428C9": "Undefined",
  "2BP01": "StillNeeded",
  "26000": "Undefined",
  "34000": "Undefined",
  "3B001": "Undefined",
  "08P01": "Undefined",
  "55000": "Undefined",
  "55006": "LockTimeout",
  "55P03": "LockTimeout",
  "53000": "StorageFull",
  "53100": "StorageFull",
  "53200": "StorageFull",
  "53400": "StorageFull",
  "54000": "QueryTooComplex",
  "54001": "QueryTooComplex",
  "54011": "QueryTooComplex",
  "54023": "TooManyParameters",
  "57014": "StatementCancelled",
  "57P01": "Lost",
  "57P02": "Lost",
  "57P03": "Lost",
  "57P05": "Lost",
  "08000": "Lost",
  "08003": "Lost",
  "08006": "Lost",
  "25P03": "Lost",
  "25P04": "Lost"
}

/** What a state that is not above means by its class, its first two letters. */
const classes: Readonly<Record<string, Meaning>> = {
  "0L": "PermissionDenied",
  "0P": "Undefined",
  "22": "OutOfRange",
  "25": "Undefined",
  "2F": "Undefined",
  "34": "Undefined",
  "38": "Raised",
  "39": "Raised",
  "3B": "Undefined",
  "42": "Undefined",
  "44": "CheckViolation",
  "54": "QueryTooComplex",
  "55": "Undefined",
  P0: "Raised"
}

/** The classes of the server itself: a state of any other is somebody's own. */
const known = /^(?:0[0-9A-Z]|[1-2]\w|3[0-9A-H]|4[0-4]|5[3-8]|72|F0|HV|P0|XX)/

/** What the tables below read of `pg`'s error object. */
interface ServerError {
  readonly code: string
  readonly severity?: string
  readonly message: string
  readonly constraint?: string
  readonly table?: string
  readonly column?: string
  readonly routine?: string
  readonly detail?: string
}

const isServerError = (error: unknown): error is ServerError =>
  typeof error === "object" &&
  error !== null &&
  "code" in error &&
  typeof error.code === "string" &&
  "severity" in error

/** A statement stopped by anybody's request, also by `statement_timeout`. */
export const isCancelled = (error: unknown): boolean =>
  isServerError(error) && error.code === "57014"

/** The failure an error of `pg` stands for. */
export const classify = (
  error: unknown,
  site: Site,
  connection: Connection | null
): DatabaseError => {
  if (error instanceof SessionRequired) return sessionRequired(error, site)
  if (!isServerError(error)) {
    if (connection?.isAlive() === true) {
      return unexpected(
        "postgres",
        site,
        { code: "driver", fate: fateOf(site, connection, "doomed") },
        error
      )
    }
    return lost("postgres", site, error)
  }
  const details = {
    code: error.code,
    constraint: error.constraint,
    table: error.table,
    column: error.column,
    direction: directionOf(error, site),
    words: error.message,
    needs: needsOf(error),
    fate: fateOf(site, connection, "doomed")
  }
  const meaning = meaningOf(error)
  return meaning === undefined
    ? unexpected("postgres", site, details, error)
    : build("postgres", meaning, site, details, error)
}

/** `view adults depends on table users`: a line for each. */
const needsOf = ({ code, detail = "" }: ServerError): ReadonlyArray<string> =>
  code !== "2BP01" && code !== "0A000"
    ? []
    : [
        ...new Set(
          Array.from(detail.matchAll(/^(.+?) depends on .+$/gm), ([, one]) =>
            one!.replace(/^rule _RETURN on /, "")
          )
        )
      ]

/**
 * Two states are of two meanings each, which only the server's words tell apart: 57014 is a limit
 * of time or a request to cancel, 42601 no SQL or too much of it for the parser's stack.
 */
const meaningOf = (error: ServerError): Meaning | undefined => {
  const { code, message } = error
  // A type that a view reads by cannot change: told as what is not supported.
  if (code === "0A000" && needsOf(error).length > 0) return "StillNeeded"
  return code === "57014" && /statement timeout/.test(message)
    ? "StatementTimeout"
    : code === "42601" && message.startsWith("memory exhausted")
      ? "QueryTooComplex"
      : (states[code] ?? classes[code.slice(0, 2)] ?? (known.test(code) ? undefined : "Raised"))
}

const sessionRequired = (error: SessionRequired, { inTransaction, operation }: Site) =>
  new RequiresSession({
    message: error.message,
    dialect: "postgres",
    operation,
    retryable: false,
    transaction: inTransaction ? "alive" : "ended"
  })

/** Both directions name the referring table: the operation tells which side was touched. */
const directionOf = (error: ServerError, site: Site): "child" | "parent" | null => {
  if (site.operation === "insert") return "child"
  if (site.operation === "delete" || error.code === "23001") return "parent"
  if (site.operation === "update" && error.table !== undefined && error.table !== site.table)
    return "parent"
  return null
}
