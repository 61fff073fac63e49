import type { DialectName } from "../../algebra/Dialect.ts"
import type { AnyType } from "../../algebra/Type.ts"
import * as T from "../../algebra/types.ts"
import { enumRules, labelFault, setRules } from "../../algebra/types/exact/texts.ts"

type Sizes = ReadonlyArray<number>
type Make = (sizes: Sizes) => AnyType | null
type Names = Readonly<Record<string, Make>>

const is =
  (type: AnyType): Make =>
  () =>
    type

const spans =
  (one: T.IntervalFields): Make =>
  ([precision]) =>
    T.intervalOf(one, precision)

const fields: ReadonlyArray<T.IntervalFields> = [
  "year",
  "year to month",
  "month",
  "day",
  "day to hour",
  "day to minute",
  "day to second",
  "hour",
  "hour to minute",
  "hour to second",
  "minute",
  "second"
]

const bits: Make = ([length = 1]) => (length > 64 ? null : T.bit(length))

const char: Make = ([length = 1]) => (length > 255 ? null : T.char(length))

const postgres: Names = {
  inet: is(T.inet),
  cidr: is(T.cidr),
  macaddr: is(T.macaddr),
  macaddr8: is(T.macaddr8),
  money: is(T.money),
  numeric: ([precision]) => (precision === undefined ? T.anyNumeric : null),
  oid: is(T.oid),
  regclass: is(T.regclass),
  regconfig: is(T.regconfig),
  regdictionary: is(T.regdictionary),
  regtype: is(T.regtype),
  regproc: is(T.regproc),
  regprocedure: is(T.regprocedure),
  regrole: is(T.regrole),
  regnamespace: is(T.regnamespace),
  regcollation: is(T.regcollation),
  character: char,
  citext: is(T.citext),
  jsonpath: is(T.jsonpath),
  hstore: is(T.hstore),
  tsvector: is(T.tsvector),
  tsquery: is(T.tsquery),
  real: is(T.real),
  bit: bits,
  "bit varying": ([length]) => (length === undefined ? null : T.varbit(length)),
  "time with time zone": ([precision = 6]) => T.timeWithZone(precision),
  "timestamp without time zone": ([precision = 6]) => T.timestampWithoutZone(precision as 3),
  interval: ([precision]) => (precision === undefined ? null : T.intervalOf(null, precision)),
  ...Object.fromEntries(fields.map((one) => [`interval ${one}`, spans(one)]))
}

const mysql: Names = {
  tinyint: ([width]) => (width === 1 ? null : T.tinyint),
  mediumint: is(T.mediumint),
  "tinyint unsigned": is(T.unsigned("tinyint")),
  "smallint unsigned": is(T.unsigned("smallint")),
  "mediumint unsigned": is(T.unsigned("mediumint")),
  "int unsigned": is(T.unsigned("integer")),
  "bigint unsigned": is(T.unsigned("bigint")),
  "decimal unsigned": ([precision, scale = 0]) =>
    precision === undefined ? null : T.unsignedNumeric(precision, scale),
  "double unsigned": is(T.unsignedDouble),
  "float unsigned": is(T.unsignedReal),
  year: is(T.year),
  float: is(T.real),
  tinytext: is(T.sizedText("tiny")),
  text: is(T.sizedText("short")),
  mediumtext: is(T.sizedText("medium")),
  tinyblob: is(T.sizedBytes("tiny")),
  blob: is(T.sizedBytes("short")),
  mediumblob: is(T.sizedBytes("medium")),
  bit: bits,
  char,
  binary: ([length = 1]) => T.binary(length),
  varbinary: ([length]) => (length === undefined ? null : T.varbinary(length)),
  timestamp: ([precision = 0]) => T.unixTimestamp(precision as 3)
}

const names: Readonly<Record<DialectName, Names>> = {
  sqlite: { NUMERIC: is(T.numericAffinity), DECIMAL: is(T.numericAffinity) },
  postgres,
  mysql,
  mariadb: { ...mysql, uuid: is(T.nativeUuid), inet4: is(T.inet4), inet6: is(T.inet6) }
}

const labelled = /^(enum|set)\(('(?:[^']|'')*'(?:,'(?:[^']|'')*')*)\)$/

const labelsOf = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/'((?:[^']|'')*)'/g), ([, label]) => label!.replaceAll("''", "'"))

/** The type of an exact name in a dialect's normal spelling; null for one that has none. */
export const readExact = (
  dialect: DialectName,
  text: string,
  name: string,
  sizes: Sizes
): AnyType | null => {
  const labels = dialect === "mysql" || dialect === "mariadb" ? labelled.exec(text) : null
  if (labels !== null) {
    const [, word, list] = labels
    const said = labelsOf(list!)
    const isSet = word === "set"
    if (labelFault(said, isSet ? setRules : enumRules) !== null) return null
    return isSet ? T.set(said) : T.nativeEnum(said)
  }
  return Object.hasOwn(names[dialect], name) ? names[dialect][name]!(sizes) : null
}
