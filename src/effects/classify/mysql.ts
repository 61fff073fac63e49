import type { DialectName } from "../../algebra/Dialect.ts"
import type { DatabaseError, Fate } from "../DatabaseError.ts"
import type { Connection, Site } from "../Driver.ts"
import { build, fateOf, lost, type Meaning, unexpected } from "./build.ts"

/**
 * Error number to meaning, for MariaDB and MySQL. Never the driver's label: mysql2 calls 4025
 * `ER_INNODB_AUTOEXTEND_SIZE_OUT_OF_RANGE`. Never SQLSTATE 23000: an ambiguous column has it too.
 * Source: MariaDB error code reference; MySQL 8.4 server error reference.
 */
const numbers: Readonly<Record<number, Meaning>> = {
  1048: "NotNullViolation",
  1364: "NotNullViolation",
  1263: "NotNullViolation",
  1062: "UniqueViolation",
  1022: "UniqueViolation",
  1169: "UniqueViolation",
  1586: "UniqueViolation",
  1216: "ForeignKeyViolation",
  1217: "ForeignKeyViolation",
  1451: "ForeignKeyViolation",
  1452: "ForeignKeyViolation",
  1761: "ForeignKeyViolation",
  1762: "ForeignKeyViolation",
  3819: "CheckViolation",
  4025: "CheckViolation",
  1369: "CheckViolation",
  1526: "CheckViolation",
  1406: "TooLong",
  1264: "OutOfRange",
  1690: "OutOfRange",
  1441: "OutOfRange",
  1365: "DivisionByZero",
  1301: "TooLong",
  1260: "TooLong",
  1292: "InvalidText",
  1366: "InvalidText",
  1265: "InvalidText",
  1367: "InvalidText",
  1411: "InvalidText",
  3140: "InvalidText",
  1300: "InvalidText",
  1139: "InvalidText",
  1525: "InvalidText",
  3685: "InvalidText",
  3688: "InvalidText",
  3691: "InvalidText",
  3692: "InvalidText",
  3696: "InvalidText",
  4038: "InvalidText",
  4042: "InvalidText",
  1416: "InvalidText",
  3141: "InvalidText",
  1064: "Syntax",
  1149: "Syntax",
  1065: "Syntax",
  1059: "Syntax",
  1103: "Syntax",
  1280: "Syntax",
  1146: "Table",
  4091: "Table",
  4092: "Table",
  1051: "Table",
  1109: "Table",
  1054: "Column",
  1305: "Function",
  1049: "Undefined",
  1091: "Undefined",
  1630: "Function",
  1148: "PermissionDenied",
  3948: "PermissionDenied",
  4166: "PermissionDenied",
  1370: "PermissionDenied",
  1397: "Undefined",
  1398: "Undefined",
  1399: "Undefined",
  1400: "Undefined",
  1402: "Undefined",
  1440: "Duplicate",
  1050: "Duplicate",
  1060: "Duplicate",
  1061: "Duplicate",
  1066: "Duplicate",
  1007: "Duplicate",
  1826: "Duplicate",
  1359: "Duplicate",
  1517: "Duplicate",
  121: "Duplicate",
  1005: "Undefined",
  1215: "Undefined",
  1052: "Ambiguous",
  1055: "Undefined",
  1056: "Undefined",
  1111: "Undefined",
  1140: "Undefined",
  1222: "Undefined",
  1241: "Undefined",
  1242: "Undefined",
  1248: "Undefined",
  1093: "Undefined",
  1170: "Undefined",
  1072: "Undefined",
  1068: "Undefined",
  1075: "Undefined",
  1067: "Undefined",
  1210: "Undefined",
  1582: "Function",
  3780: "Undefined",
  1136: "Undefined",
  1046: "Undefined",
  1025: "Undefined",
  1347: "Undefined",
  1356: "Undefined",
  1505: "Undefined",
  1008: "Undefined",
  1094: "Undefined",
  1100: "Undefined",
  1191: "Undefined",
  1193: "Undefined",
  1231: "Undefined",
  1232: "Undefined",
  1238: "Undefined",
  1253: "Undefined",
  1267: "Undefined",
  1273: "Undefined",
  1288: "Undefined",
  1291: "Undefined",
  1353: "Undefined",
  1360: "Undefined",
  1393: "Undefined",
  1394: "Undefined",
  1395: "Undefined",
  1396: "Undefined",
  1471: "Undefined",
  1493: "Undefined",
  1495: "Undefined",
  1503: "Undefined",
  1508: "Undefined",
  1509: "Undefined",
  1539: "Undefined",
  1906: "Undefined",
  1959: "Undefined",
  1965: "Undefined",
  1970: "Undefined",
  3105: "Undefined",
  4018: "Undefined",
  4085: "Undefined",
  4090: "Undefined",
  4108: "Undefined",
  4124: "Undefined",
  // Of periods, and of tables that keep the rows there were.
  4110: "Undefined",
  4116: "Undefined",
  4121: "Undefined",
  4122: "Undefined",
  4123: "Undefined",
  4125: "Undefined",
  4126: "Undefined",
  4128: "Undefined",
  4130: "Undefined",
  4131: "Undefined",
  4134: "Undefined",
  4135: "Undefined",
  4142: "Undefined",
  4153: "Undefined",
  4154: "Undefined",
  4155: "Undefined",
  4156: "Undefined",
  4157: "Undefined",
  4158: "Undefined",
  4170: "Undefined",
  4171: "Undefined",
  1644: "Raised",
  1243: "Undefined",
  1834: "Undefined",
  1553: "StillNeeded",
  1828: "StillNeeded",
  1829: "StillNeeded",
  1832: "StillNeeded",
  1833: "StillNeeded",
  1701: "StillNeeded",
  1435: "StillNeeded",
  3730: "StillNeeded",
  1901: "Undefined",
  4161: "Undefined",
  1044: "PermissionDenied",
  1045: "PermissionDenied",
  1142: "PermissionDenied",
  1143: "PermissionDenied",
  1227: "PermissionDenied",
  1410: "PermissionDenied",
  1290: "ReadOnly",
  1792: "ReadOnly",
  1036: "ReadOnly",
  1836: "ReadOnly",
  3100: "ReadOnly",
  1021: "StorageFull",
  1114: "StorageFull",
  1037: "StorageFull",
  1038: "StorageFull",
  1041: "StorageFull",
  1205: "LockTimeout",
  3572: "LockTimeout",
  1613: "LockTimeout",
  1213: "Deadlock",
  1614: "Deadlock",
  1020: "SerializationFailure",
  1317: "StatementCancelled",
  1028: "StatementCancelled",
  3024: "StatementTimeout",
  1969: "StatementTimeout",
  1390: "TooManyParameters",
  1461: "QueryTooComplex",
  1117: "QueryTooComplex",
  1116: "QueryTooComplex",
  1069: "QueryTooComplex",
  1070: "QueryTooComplex",
  1071: "QueryTooComplex",
  1118: "QueryTooComplex",
  1436: "QueryTooComplex",
  1473: "QueryTooComplex",
  1153: "QueryTooComplex",
  4003: "QueryTooComplex",
  1235: "Unsupported",
  1289: "Unsupported",
  1178: "Unsupported",
  1450: "Unsupported",
  4119: "Unsupported",
  4111: "Unsupported",
  4120: "Unsupported",
  4132: "Unsupported",
  4137: "Unsupported",
  4138: "Unsupported",
  4152: "Unsupported",
  1506: "Unsupported",
  1053: "Lost",
  1080: "Lost",
  1152: "Lost",
  1159: "Lost",
  1160: "Lost",
  1161: "Lost",
  1158: "Lost",
  1184: "Lost",
  1927: "Lost",
  2006: "Lost",
  2013: "Lost",
  2055: "Lost",
  4031: "Lost"
}

/** What SIGNAL gives, whose own state says more. */
const signalled = 1644

/** What a number that is not above means by the class of its SQLSTATE; HY says nothing. */
const classes: Readonly<Record<string, Meaning>> = {
  "22": "OutOfRange",
  "25": "Undefined",
  "42": "Undefined",
  "44": "CheckViolation",
  "45": "Raised"
}

/** What the tables read of `mysql2`'s error object. */
interface ServerError {
  readonly errno: number
  readonly sqlState?: string
  readonly message: string
  readonly sqlMessage?: string
}

const isServerError = (error: unknown): error is ServerError =>
  typeof error === "object" &&
  error !== null &&
  "errno" in error &&
  typeof error.errno === "number" &&
  error.errno > 0 &&
  "sqlState" in error

/** The statement was stopped by KILL QUERY. */
export const isCancelled = (error: unknown): boolean => isServerError(error) && error.errno === 1317

/**
 * A deadlock is over on the server, and so is what was sent a packet too large: every other error
 * undoes its statement only.
 */
const promised = (errno: number): Fate => (ending.has(errno) ? "ended" : "alive")

const ending: ReadonlySet<number> = new Set([1213, 1020, 1153])

/** The failure an error of `mysql2` stands for. */
export const classify = (
  dialect: DialectName,
  error: unknown,
  site: Site,
  connection: Connection | null
): DatabaseError => {
  if (!isServerError(error)) {
    if (connection?.isAlive() === true) {
      return unexpected(
        dialect,
        site,
        { code: "driver", fate: fateOf(site, connection, "alive") },
        error
      )
    }
    return lost(dialect, site, error)
  }
  const words = error.sqlMessage ?? error.message
  const details = {
    ...namesIn(error.errno, words, site),
    code: error.errno === signalled ? (error.sqlState ?? "45000") : String(error.errno),
    words,
    fate: fateOf(site, connection, promised(error.errno))
  }
  // The parser has one number for what is no SQL and for what is too deep for its stack.
  const isTooDeep = error.errno === 1064 && words.startsWith("memory exhausted")
  // A table goes with its rows: who refers to it is in the way, with rows or without.
  const isDropped = site.operation === "ddl" && (error.errno === 1451 || error.errno === 1217)
  // Of a column that is altered: NULL where none may be, a text too long, no label of an enum.
  const isUnfit = site.operation === "ddl" && error.errno === 1265
  const meaning = isTooDeep
    ? "QueryTooComplex"
    : isDropped
      ? "StillNeeded"
      : isUnfit
        ? "OutOfRange"
        : (numbers[error.errno] ?? classes[(error.sqlState ?? "").slice(0, 2)])
  return meaning === undefined
    ? unexpected(dialect, site, details, error)
    : build(dialect, meaning, site, details, error)
}

/**
 * The server gives names in prose only. Each pattern is anchored past any value the prose quotes.
 */
const namesIn = (
  errno: number,
  words: string,
  site: Site
): {
  constraint?: string | null
  table?: string | null
  column?: string | null
  direction?: "child" | "parent" | null
  needs?: ReadonlyArray<string>
} => {
  switch (errno) {
    case 1062:
    case 1586:
      return { constraint: keyIn(words, site) }
    case 1451:
    case 1217: {
      const constraint = spoken(last(words, constraints))
      return { constraint, table: referringIn(words), direction: "parent", needs: keys(constraint) }
    }
    case 1553: {
      const index = first(words, /^Cannot drop index '([^]*)': /)
      return { needs: index === null ? [] : [`a foreign key over the index ${index}`] }
    }
    case 1435:
      return { needs: site.table === null ? [] : [`a trigger of table ${site.table}`] }
    case 1701:
      return { needs: keys(spoken(last(words, constraints))) }
    case 1828:
    case 1829:
    case 1832:
    case 1833:
    case 3730:
      return { needs: keys(last(words, /foreign key constraint '([^']*)'/g)) }
    case 1452:
    case 1216:
      return { constraint: spoken(last(words, constraints)), direction: "child" }
    case 4025:
      return { constraint: checkIn(words) }
    case 3819:
      return { constraint: first(words, /^Check constraint '([^]*)' is violated/) }
    case 1048:
      return { column: first(words, /^Column '([^]*)' cannot be null/) }
    case 1364:
      return { column: first(words, /^Field '([^]*)' doesn't have a default value/) }
    case 1406:
    case 1264:
    case 1265:
      return { column: first(words, /^[^]*for column '([^]*)' at row \d+$/) }
    case 1292:
    case 1366:
      return {
        column:
          spoken(first(words, unfitIn)) ?? first(words, /^[^]*for column '([^]*)' at row \d+$/)
      }
    default:
      return {}
  }
}

const keys = (name: string | null): ReadonlyArray<string> =>
  name === null ? [] : [`foreign key ${unqualified(name.replace(/^.*\//, ""))!}`]

/** MySQL writes `table.key`, MariaDB `key`. */
const keyIn = (words: string, site: Site): string | null => {
  // The value before it may hold whatever it likes; nothing stands behind the name.
  const key = first(words, /^[^]*for key '([^]*)'$/)
  return key !== null && site.table !== null && key.startsWith(`${site.table}.`)
    ? key.slice(site.table.length + 1)
    : key
}

/** What stands between backticks, one of its own being two. */
const quoted = "`(?:[^`]|``)*`"
const name = "`((?:[^`]|``)*)`"
const checkFailed = new RegExp(`^CONSTRAINT ${name} failed for ${quoted}\\.${name}$`)
const constraints = new RegExp(`CONSTRAINT ${name}`, "g")
const referring = new RegExp(`\\(${quoted}\\.${name}, CONSTRAINT`)

const unfitIn = new RegExp(`^[^]*for column (?:${quoted}\\.)*${name} at row \\d+$`)

const spoken = (found: string | null | undefined): string | null =>
  found?.replaceAll("``", "`") ?? null

/** ``CONSTRAINT `name` failed for `database`.`table` ``; a column's own check is `table.column`. */
const checkIn = (words: string): string | null => {
  const [, own, of] = checkFailed.exec(words) ?? []
  const [rule, table] = [spoken(own), spoken(of)]
  if (rule === null || table === null) return null
  return rule.startsWith(`${table}.`) ? rule.slice(table.length + 1) : rule
}

/** `(`database`.`table`, CONSTRAINT …`: the table whose rows refer. */
const referringIn = (words: string): string | null => spoken(first(words, referring))

/** MariaDB names a column's own check `table.column`. */
const unqualified = (name: string | null): string | null =>
  name === null ? null : name.slice(name.indexOf(".") + 1)

const first = (words: string, pattern: RegExp): string | null => pattern.exec(words)?.[1] ?? null

const last = (words: string, pattern: RegExp): string | null => {
  let found: string | null = null
  for (const match of words.matchAll(pattern)) found = match[1] ?? null
  return found
}
