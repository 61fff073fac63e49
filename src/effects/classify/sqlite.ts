import type { DatabaseError } from "../DatabaseError.ts"
import type { Connection, Site } from "../Driver.ts"
import { build, type Details, fateOf, type Meaning, unexpected } from "./build.ts"

/** Extended result code to meaning. Source: sqlite.org/rescode.html. */
const codes: Readonly<Record<string, Meaning>> = {
  SQLITE_CONSTRAINT_UNIQUE: "UniqueViolation",
  SQLITE_CONSTRAINT_PRIMARYKEY: "UniqueViolation",
  SQLITE_CONSTRAINT_ROWID: "UniqueViolation",
  SQLITE_CONSTRAINT_FOREIGNKEY: "ForeignKeyViolation",
  SQLITE_CONSTRAINT_TRIGGER: "ForeignKeyViolation",
  SQLITE_CONSTRAINT_CHECK: "CheckViolation",
  SQLITE_CONSTRAINT: "CheckViolation",
  SQLITE_CONSTRAINT_VTAB: "CheckViolation",
  SQLITE_ERROR_MISSING_COLLSEQ: "Undefined",
  SQLITE_CONSTRAINT_NOTNULL: "NotNullViolation",
  SQLITE_CONSTRAINT_DATATYPE: "InvalidText",
  SQLITE_MISMATCH: "InvalidText",
  SQLITE_BUSY: "Busy",
  SQLITE_BUSY_RECOVERY: "Busy",
  SQLITE_BUSY_SNAPSHOT: "SerializationFailure",
  SQLITE_BUSY_TIMEOUT: "Busy",
  SQLITE_LOCKED: "Busy",
  SQLITE_LOCKED_SHAREDCACHE: "Busy",
  SQLITE_INTERRUPT: "StatementCancelled",
  SQLITE_AUTH: "PermissionDenied",
  SQLITE_PERM: "PermissionDenied",
  SQLITE_READONLY: "ReadOnly",
  SQLITE_READONLY_CANTLOCK: "ReadOnly",
  SQLITE_READONLY_DBMOVED: "ReadOnly",
  SQLITE_READONLY_DIRECTORY: "ReadOnly",
  SQLITE_READONLY_RECOVERY: "ReadOnly",
  SQLITE_READONLY_ROLLBACK: "ReadOnly",
  SQLITE_READONLY_CANTINIT: "ReadOnly",
  SQLITE_FULL: "StorageFull",
  SQLITE_IOERR_WRITE: "StorageFull",
  SQLITE_NOMEM: "StorageFull",
  SQLITE_TOOBIG: "TooLong",
  SQLITE_RANGE: "TooManyParameters",
  SQLITE_CORRUPT: "Lost",
  SQLITE_NOTADB: "Lost",
  SQLITE_THREAD_ENDED: "Lost",
  SQLITE_IOERR: "Lost",
  SQLITE_IOERR_READ: "Lost",
  SQLITE_IOERR_SHORT_READ: "Lost",
  SQLITE_IOERR_FSYNC: "Lost"
}

/**
 * SQLITE_ERROR has one number for many things: the start of its prose, which quotes no values,
 * tells.
 */
const prose: ReadonlyArray<readonly [RegExp, Meaning]> = [
  [/^near "|^unrecognized token|^incomplete input|syntax error/, "Syntax"],
  [/^no such table|^no such view/, "Table"],
  [/^no such column|has no column named/, "Column"],
  [/^no such function|^wrong number of arguments|^misuse of/, "Function"],
  [
    /already exists$|^(error in \w+ .* after rename: )?duplicate column name|already another table/,
    "Duplicate"
  ],
  [/^ambiguous column name/, "Ambiguous"],
  [
    /^error in \w+ .* after (drop column|rename): |^cannot drop (UNIQUE|PRIMARY KEY) /,
    "StillNeeded"
  ],
  // Said of the path that a table made anew gives it.
  [/'a value of .+ is no (INTEGER|REAL|NUMERIC)[^']*'$/, "InvalidText"],
  [/'a value of .+ has no place in [^']*'$/, "OutOfRange"],
  [/'no value for .+, a key'$/, "NotNullViolation"],
  [/^integer overflow/, "OutOfRange"],
  [/^too many SQL variables/, "TooManyParameters"],
  [
    /^(Expression tree is too la|Recursion limit|parser stack overfl|too many (terms|columns))/,
    "QueryTooComplex"
  ],
  [/^at most \d+ t/, "QueryTooComplex"],
  [
    /subqueries nested too deep$|^LIKE or GLOB pattern too complex|^too many (FROM clause|argum)/,
    "QueryTooComplex"
  ],
  // Said of the path that the compiler gives it where one row is asked for: see `soleValue.ts`.
  [/'a scalar subquery of several rows/, "Undefined"],
  [/^malformed JSON|^JSON/, "InvalidText"]
]

/** What the tables read of better-sqlite3's error object. */
interface ServerError {
  readonly code: string
  readonly message: string
}

const isServerError = (error: unknown): error is ServerError =>
  error instanceof Error &&
  "code" in error &&
  typeof error.code === "string" &&
  error.code.startsWith("SQLITE_")

/** Another connection holds the file: the statement may be tried again as it is. */
export const isBusy = (error: unknown): boolean =>
  isServerError(error) &&
  (error.code === "SQLITE_BUSY" ||
    error.code === "SQLITE_BUSY_RECOVERY" ||
    error.code === "SQLITE_LOCKED")

/** The failure an error of better-sqlite3 stands for. */
export const classify = (
  error: unknown,
  site: Site,
  connection: Connection | null
): DatabaseError => {
  const fate = fateOf(site, connection, "alive")
  if (!isServerError(error)) {
    // better-sqlite3 refuses what it cannot bind before SQLite sees it: a bigint beyond 64 bits.
    if (error instanceof RangeError && /too big|too (few|many) param/i.test(error.message)) {
      const meaning = /param/i.test(error.message) ? "TooManyParameters" : "OutOfRange"
      return build("sqlite", meaning, site, { code: "RangeError", fate }, error)
    }
    return unexpected("sqlite", site, { code: "driver", fate }, error)
  }
  const details: Details = { ...namesIn(error, site), code: error.code, words: error.message, fate }
  // RAISE() has the number of a foreign key that is kept by a trigger of SQLite's own.
  const isRaised =
    error.code === "SQLITE_CONSTRAINT_TRIGGER" && error.message !== "FOREIGN KEY constraint failed"
  const meaning = isRaised
    ? "Raised"
    : (codes[error.code] ??
      (error.code === "SQLITE_ERROR" ? proseMeaning(error.message) : undefined))
  return meaning === undefined
    ? unexpected("sqlite", site, details, error)
    : build("sqlite", meaning, site, details, error)
}

const proseMeaning = (words: string): Meaning =>
  prose.find(([pattern]) => pattern.test(words))?.[1] ?? "Undefined"

/** What `table.column` begins with: the table written to, which may have points, or a trigger's. */
const tableIn = (subject: string, { table }: Site): string =>
  table !== null && subject.startsWith(`${table}.`) ? table : subject.slice(0, subject.indexOf("."))

/** `UNIQUE constraint failed: users.email, users.name`: columns, no constraint's name. */
const namesIn = (error: ServerError, site: Site): Partial<Details> => {
  const subject = error.message.slice(error.message.indexOf(": ") + 2)
  switch (error.code) {
    case "SQLITE_CONSTRAINT_UNIQUE":
    case "SQLITE_CONSTRAINT_PRIMARYKEY": {
      const index = /^index '(.*)'$/.exec(subject)
      if (index !== null) return { constraint: index[1] }
      const table = tableIn(subject, site)
      return { table, columns: subject.slice(table.length + 1).split(`, ${table}.`) }
    }
    case "SQLITE_CONSTRAINT_NOTNULL": {
      const table = tableIn(subject, site)
      return { table, column: subject.slice(table.length + 1) }
    }
    case "SQLITE_CONSTRAINT_CHECK":
      return { constraint: subject }
    case "SQLITE_CONSTRAINT_FOREIGNKEY":
    case "SQLITE_CONSTRAINT_TRIGGER":
      return {
        table: null,
        direction:
          site.operation === "insert" ? "child" : site.operation === "delete" ? "parent" : null
      }
    default: {
      const needing = /^error in (\w+ .*) after (?:drop column|rename): /.exec(error.message)
      const key = /^cannot drop (UNIQUE|PRIMARY KEY) /.exec(error.message)
      const lost =
        /'(?:a value of|no value for) .+\.(.+?)(?: (?:is no|has no place in) [^']*|, a key)'$/.exec(
          error.message
        )
      return needing !== null
        ? { needs: [needing[1]!.replace(/^table /, "a rule of table ")] }
        : key !== null
          ? { needs: [key[1] === "UNIQUE" ? "a unique constraint" : "the primary key"] }
          : { column: lost?.[1] }
    }
  }
}
