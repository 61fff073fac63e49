import type { DialectName } from "../../algebra/Dialect.ts"
import type { SqlType } from "../../algebra/SqlType.ts"
import { readExact } from "./readExact.ts"

type Make = (sizes: ReadonlyArray<number>) => SqlType | null
type Names = Readonly<Record<string, Make>>

const plain =
  (sql: SqlType): Make =>
  () =>
    sql
const numeric: Make = ([precision, scale = 0]) =>
  precision === undefined ? null : { _tag: "Numeric", precision, scale }
const varchar: Make = ([length]) =>
  length === undefined ? { _tag: "Text" } : { _tag: "Varchar", length }
const digits =
  (_tag: "Time" | "Timestamp", usual: number): Make =>
  ([precision = usual]) => ({ _tag, precision })
const rangeOf =
  (of: SqlType, multi: boolean): Make =>
  () => ({ _tag: "Range", of, multi })

const ranges = (suffix: "range" | "multirange"): Names => {
  const multi = suffix === "multirange"
  return {
    [`int4${suffix}`]: rangeOf({ _tag: "Integer" }, multi),
    [`int8${suffix}`]: rangeOf({ _tag: "Bigint" }, multi),
    [`date${suffix}`]: rangeOf({ _tag: "Date" }, multi),
    [`tstz${suffix}`]: rangeOf({ _tag: "Timestamp", precision: 6 }, multi)
  }
}

const postgres: Names = {
  smallint: plain({ _tag: "Smallint" }),
  integer: plain({ _tag: "Integer" }),
  bigint: plain({ _tag: "Bigint" }),
  "double precision": plain({ _tag: "Double" }),
  numeric,
  "character varying": varchar,
  text: plain({ _tag: "Text" }),
  boolean: plain({ _tag: "Boolean" }),
  bytea: plain({ _tag: "Bytes" }),
  uuid: plain({ _tag: "Uuid" }),
  jsonb: plain({ _tag: "Json" }),
  date: plain({ _tag: "Date" }),
  "time without time zone": digits("Time", 6),
  "timestamp with time zone": digits("Timestamp", 6),
  interval: plain({ _tag: "Interval" }),
  ...ranges("range"),
  ...ranges("multirange")
}

const mysql: Names = {
  smallint: plain({ _tag: "Smallint" }),
  int: plain({ _tag: "Integer" }),
  bigint: plain({ _tag: "Bigint" }),
  double: plain({ _tag: "Double" }),
  decimal: numeric,
  varchar,
  longtext: plain({ _tag: "Text" }),
  tinyint: ([width]) => (width === 1 ? { _tag: "Boolean" } : null),
  longblob: plain({ _tag: "Bytes" }),
  json: plain({ _tag: "Json" }),
  date: plain({ _tag: "Date" }),
  time: digits("Time", 0),
  datetime: digits("Timestamp", 0)
}

/** What a column of SQLite with both sizes keeps: whole numbers of a last place, or texts. */
const decimals =
  (usual: SqlType, isKept: (precision: number) => boolean): Make =>
  ([precision, scale]) =>
    precision !== undefined && scale !== undefined && scale <= precision && isKept(precision)
      ? { _tag: "Numeric", precision, scale }
      : usual

/** SQLite keeps what is given to it: a type is an affinity, and an integer has up to 64 bits. */
const sqlite: Names = {
  INTEGER: decimals({ _tag: "Bigint" }, (precision) => precision <= 18),
  INT: plain({ _tag: "Bigint" }),
  BIGINT: plain({ _tag: "Bigint" }),
  REAL: plain({ _tag: "Double" }),
  "DOUBLE PRECISION": plain({ _tag: "Double" }),
  TEXT: decimals({ _tag: "Text" }, (precision) => precision > 18),
  VARCHAR: plain({ _tag: "Text" }),
  BLOB: plain({ _tag: "Bytes" })
}

const spelled: ReadonlyArray<readonly [RegExp, SqlType]> = [
  [/^(UNSIGNED )?(TINY|SMALL|MEDIUM|BIG ?)?INT(EGER)?[248]?( UNSIGNED)?$/, { _tag: "Bigint" }],
  [
    /^(NATIVE |NATIONAL |VARYING )?(N?(VAR)?CHAR(ACTER)?( VARYING)?|CLOB|(TINY|MEDIUM|LONG)TEXT)$/,
    { _tag: "Text" }
  ],
  [/^(DOUBLE|FLOAT)$/, { _tag: "Double" }],
  [/^BOOL(EAN)?$/, { _tag: "Boolean" }]
]

/** Other servers' names have their affinities; POINT has that of its letters, and is no number. */
const affinity = (name: string): SqlType | null =>
  spelled.find(([pattern]) => pattern.test(name))?.[1] ?? null

const names: Readonly<Record<DialectName, Names>> = {
  sqlite,
  postgres,
  mysql,
  mariadb: mysql
}

/** A type in a dialect's normal spelling as athanor knows it; null for one it does not. */
export const readType = (dialect: DialectName, text: string): SqlType | null => {
  const dimensions = (/(\[\])+$/.exec(text)?.[0].length ?? 0) / 2
  if (dimensions > 0) {
    const of = readType(dialect, text.slice(0, -2 * dimensions))
    return of === null ? null : { _tag: "Array", of, dimensions }
  }
  const sizes = /\((\d+(?:,\d+)*)\)/.exec(text)
  const name = sizes === null ? text : text.replace(sizes[0], "").trim().replaceAll(/ +/g, " ")
  const lengths = sizes === null ? [] : sizes[1]!.split(",").map(Number)
  const exact = readExact(dialect, text, name, lengths)
  if (exact !== null) return exact.sql
  const known = names[dialect]
  if (Object.hasOwn(known, name)) return known[name]!(lengths)
  return dialect === "sqlite" ? affinity(name) : null
}
