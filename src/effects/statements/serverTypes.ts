import type { DialectName } from "../../algebra/Dialect.ts"
import type { SqlType } from "../../algebra/SqlType.ts"
import { dialects } from "../../compile/dialects.ts"
import { sizesOf } from "../../compile/sqlTypes.ts"

/** What a server's type is like, as far as reading a value of it goes. */
interface Kind {
  readonly is:
    | "integer"
    | "decimal"
    | "float"
    | "boolean"
    | "text"
    | "json"
    | "uuid"
    | "bytes"
    | "date"
    | "time"
    | "timestamp"
    | "other"
  /** Bytes of an integer; the largest where all are one. */
  readonly width: number
}

const kind = (is: Kind["is"], width = 8): Kind => ({ is, width })

/** Types by the names PostgreSQL, MySQL and MariaDB give them. */
const kinds: Readonly<Record<string, Kind>> = {
  tinyint: kind("integer", 1),
  smallint: kind("integer", 2),
  mediumint: kind("integer", 3),
  int: kind("integer", 4),
  integer: kind("integer", 4),
  bigint: kind("integer", 8),
  decimal: kind("decimal"),
  numeric: kind("decimal"),
  real: kind("float"),
  float: kind("float"),
  double: kind("float"),
  "double precision": kind("float"),
  boolean: kind("boolean"),
  text: kind("text"),
  longtext: kind("text"),
  varchar: kind("text"),
  "character varying": kind("text"),
  char: kind("text"),
  character: kind("text"),
  enum: kind("text"),
  json: kind("json"),
  jsonb: kind("json"),
  uuid: kind("uuid"),
  bytea: kind("bytes"),
  blob: kind("bytes"),
  longblob: kind("bytes"),
  binary: kind("bytes"),
  varbinary: kind("bytes"),
  date: kind("date"),
  time: kind("time"),
  "time without time zone": kind("time"),
  datetime: kind("timestamp"),
  timestamp: kind("timestamp"),
  "timestamp with time zone": kind("timestamp"),
  "timestamp without time zone": kind("timestamp")
}

/** SQLite types columns by what their names contain: "Determination Of Column Affinity". */
const affinities: ReadonlyArray<readonly [part: RegExp, kind: Kind]> = [
  [/int/, kind("integer")],
  [/char|clob|text/, kind("text")],
  [/blob/, kind("bytes")],
  [/real|floa|doub/, kind("float")]
]

const kindOf = (dialect: DialectName, name: string): Kind => {
  const bare = name
    .toLowerCase()
    .replace(/\(.*?\)/g, "")
    .trim()
  if (dialect === "sqlite")
    return affinities.find(([part]) => part.test(bare))?.[1] ?? kind("other")
  return kinds[bare.replace(/ unsigned$/, "")] ?? kind("other")
}

const isNumber = ({ is }: Kind): boolean => is === "integer" || is === "decimal" || is === "float"

/** MariaDB and MySQL take a parameter for text, or for bytes, until it has a value. */
const isUntold = ({ is }: Kind): boolean => is === "text" || is === "bytes"

/** How sure one can be of an expression's type before a server is asked. */
export type Certainty = "column" | "written" | "derived"

/** The type a column is declared with, as the dialect spells it. */
export const declaredType = (dialect: DialectName, sql: SqlType): string =>
  dialects[dialect].columnType(sql) + sizesOf(dialect, sql)

/** Whole numbers of another last place are other decimals; a file of before does not say them. */
const isOfPlaces = (sql: SqlType, server: string): boolean => {
  const places = /\(\d+, *(\d+)\)/.exec(server)?.[1]
  return sql._tag !== "Numeric" || places === undefined || Number(places) === sql.scale
}

/**
 * Whether values of the server's type are read as what was declared.
 *
 * **Shape** of a column the widths of integers count; of SQL by hand the kind; of the compiler's
 * own expressions numbers are numbers, for it reads sums and means as what they are.
 */
export const isReadable = (
  dialect: DialectName,
  sql: SqlType,
  server: string,
  certainty: Certainty
): boolean => {
  if (dialect === "sqlite" && certainty === "column" && !isOfPlaces(sql, server)) return false
  const declared = kindOf(dialect, declaredType(dialect, sql))
  const found = kindOf(dialect, server)
  // What has no fixed type on SQLite, and types of a user's own elsewhere.
  if (declared.is === "other" || (dialect === "sqlite" && found.is === "other")) return true
  if (found.is === "other") return declared.is === "text"
  if (certainty === "derived" && dialect !== "postgres" && isUntold(found)) return true
  if (certainty === "derived" && isNumber(declared) && isNumber(found)) return true
  // MariaDB keeps JSON as text.
  if (dialect === "mariadb" && declared.is === "json" && found.is === "text") return true
  const isWide = certainty === "column" && declared.is === "integer" && found.width > declared.width
  return declared.is === found.is && !isWide
}
