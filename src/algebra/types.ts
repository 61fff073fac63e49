/**
 * The one catalogue of SQL types: what `Type.integer`, `Type.varchar(50)` … are.
 *
 * Each is a value: a SQL type with the codec of its values on every dialect. A value its type
 * cannot hold is refused before it is sent, and a stored form that cannot be read exactly is
 * refused too: nothing is rounded, cut or replaced.
 */
import type * as BigDecimal from "effect/BigDecimal"
import type * as DateTime from "effect/DateTime"
import type { Codec, RowCodec } from "./Codec.ts"
import { type DialectName, dialectNames } from "./Dialect.ts"
import { checkName } from "./schema/naming.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType, Type } from "./Type.ts"
import { safeIntegerCodec, sumBigintCodec } from "./types/aggregates.ts"
import { arrayCodec, arraySql, type ElementType, elementOf } from "./types/array.ts"
import { booleanCodec } from "./types/boolean.ts"
import { bytesCodec } from "./types/bytes.ts"
import { localDateCodec, localTimeCodec } from "./types/dates.ts"
import {
  decimalCodec,
  numericCodec,
  numericNumberCodec,
  scaledPrecision
} from "./types/decimals.ts"
import { averageCodec, doubleCodec } from "./types/double.ts"
import { foreignCodec, mappedCodec } from "./types/foreign.ts"
import { bigintCodec, integerCodec } from "./types/integers.ts"
import { jsonCodec, type JsonSchema } from "./types/json.ts"
import { cellsCodec, listCodec, recordCodec } from "./types/list.ts"
import { makeCodec, makeType } from "./types/make.ts"
import { intervalCodec } from "./types/interval.ts"
import { multiRangeCodec, rangeCodec } from "./types/range.ts"
import { tupleCodec } from "./types/tuple.ts"
import {
  enumCodec,
  isWellFormed,
  namedCodec,
  textCodec,
  uuidCodec,
  varcharCodec
} from "./types/text.ts"
import { dateCodec, dateTimeCodec, instantCodec } from "./types/timestamps.ts"
import type { Instant } from "./values/Instant.ts"
import type { LocalDate } from "./values/LocalDate.ts"
import type { LocalTime } from "./values/LocalTime.ts"
import type { Interval } from "./values/Interval.ts"
import type { MultiRange } from "./values/MultiRange.ts"
import type { Range } from "./values/Range.ts"

export { cidr, inet, inet4, inet6, macaddr, macaddr8 } from "./types/exact/addresses.ts"
export {
  numericAffinity,
  timestampWithoutZone,
  timeWithZone,
  unixTimestamp
} from "./types/exact/clocks.ts"
export {
  type Hstore,
  hstore,
  type IntervalFields,
  intervalOf,
  tsquery,
  tsvector
} from "./types/exact/documents.ts"
export { binary, char, varbinary } from "./types/exact/fixed.ts"
export { type IntegerSize, mediumint, tinyint, unsigned, year } from "./types/exact/integers.ts"
export { anyNumeric, unsignedDouble, unsignedNumeric, unsignedReal } from "./types/exact/numbers.ts"
export {
  regcollation,
  regconfig,
  regdictionary,
  regnamespace,
  regproc,
  regprocedure,
  regrole,
  regtype
} from "./types/exact/objects.ts"
export { citext, jsonpath, money, nativeUuid, oid, real, regclass } from "./types/exact/servers.ts"
export {
  bit,
  type ByteSize,
  characters,
  national,
  nativeEnum,
  set,
  sizedBytes,
  sizedText,
  varbit
} from "./types/exact/texts.ts"
export { type Spelled, wrapped, type WrappedOptions } from "./types/wrapped.ts"

/**
 * A whole number of 16 bits, −32,768 to 32,767.
 *
 * **Errors** `EncodeFailed` for a value out of range or not whole.
 * **Source** SQL:2016 part 2, 6.1 data type.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.smallint.key // => "smallint"
 * ```
 * @category types
 */
export const smallint: Type<number> = makeType(
  "smallint",
  { _tag: "Smallint" },
  integerCodec(-32_768, 32_767, "a whole number of 16 bits")
)

/**
 * A whole number of 32 bits, −2,147,483,648 to 2,147,483,647.
 *
 * **Errors** `EncodeFailed` for a value out of range or not whole.
 * **Source** SQL:2016 part 2, 6.1 data type.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Expr.value("42", Type.text).cast(Type.integer)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 42
 * ```
 * @category types
 */
export const integer: Type<number> = makeType(
  "integer",
  { _tag: "Integer" },
  integerCodec(-2_147_483_648, 2_147_483_647, "a whole number of 32 bits")
)

/**
 * A whole number of 64 bits, as a `bigint`.
 *
 * **Shape** JSON carries it as text, because JSON numbers are rounded by every parser.
 * **Errors** `EncodeFailed` for a value out of range.
 * **Source** SQL:2016 part 2, 6.1 data type.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Expr.value(9007199254740993n, Type.bigint)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 9007199254740993n
 * ```
 * @category types
 */
export const bigint: Type<bigint> = makeType("bigint", { _tag: "Bigint" }, bigintCodec)

/**
 * A double-precision number.
 *
 * **Shape** finite, and with one zero: NaN and the infinities are refused everywhere because SQLite
 * and MySQL keep none of them; −0 is 0.
 * **Errors** `EncodeFailed` for NaN and the infinities.
 * **Source** SQL:2016 part 2, 6.1 data type.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Expr.value(0.1, Type.double)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 0.1
 * ```
 * @category types
 */
export const double: Type<number> = makeType("double", { _tag: "Double" }, doubleCodec)

/**
 * A decimal type, read as `BigDecimal`.
 *
 * @category models
 */
export interface NumericType extends Type<BigDecimal.BigDecimal> {
  /**
   * The same SQL type read as numbers.
   *
   * **Shape** a decimal no double stands for exactly is refused, in both directions: the number
   * must print the digits the database holds.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(12.5, Type.numeric(6, 2).asNumber())))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => 12.5
   * ```
   * @category types
   */
  readonly asNumber: () => Type<number>
}

/**
 * An exact decimal of at most `precision` digits, `scale` of them after the point.
 *
 * **Shape** precision 1 to 65, scale 0 to 30 and not above the precision: the limits of the
 * narrowest server. A longer value is refused, not rounded.
 * **SQL** sqlite: up to 18 digits an INTEGER in units of `10^-scale`, beyond TEXT · postgres,
 * mysql, mariadb: numeric(p, s)
 * **Errors** `StatementError` for a precision or scale out of range; `EncodeFailed` for a value of
 * more digits.
 * **Source** SQL:2016 part 2, 6.1 data type; SQLAlchemy 2.0 `Numeric`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.numeric(12, 2).key // => "numeric(12,2)"
 * ```
 * @category types
 */
export const numeric = (precision: number, scale = 0): NumericType => {
  within("numeric: precision", precision, 1, 65)
  within("numeric: scale", scale, 0, Math.min(precision, 30))
  const key = `numeric(${precision},${scale})`
  const sql = Object.freeze({ _tag: "Numeric", precision, scale } as const)
  const asNumber = (): Type<number> =>
    makeType(`${key}:number`, sql, numericNumberCodec(precision, scale))
  return Object.freeze({ key, sql, codec: numericCodec(precision, scale), asNumber })
}

/**
 * Text of at most `length` characters, counted in code points.
 *
 * **Errors** `StatementError` for a length that is not whole, below 1 or above 10,485,760.
 * `EncodeFailed` for longer text, for lone surrogates everywhere, for U+0000 on PostgreSQL, which
 * stores none.
 * **Source** SQL:2016 part 2, 6.1 data type.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.varchar(50).key // => "varchar(50)"
 * ```
 * @category types
 */
export const varchar = (length: number): Type<string> => {
  within("varchar: length", length, 1, 10_485_760)
  return makeType(`varchar(${length})`, { _tag: "Varchar", length }, varcharCodec(length))
}

/**
 * Text of any length.
 *
 * **Errors** lone surrogates are refused everywhere, U+0000 on PostgreSQL, which stores none.
 * **SQL** sqlite, postgres: text · mysql, mariadb: longtext
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Expr.value("It's lit", Type.text)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "It's lit"
 * ```
 * @category types
 */
export const text: Type<string> = makeType("text", { _tag: "Text" }, textCodec)

/**
 * Text under a collation, which decides how a column of it is compared and sorted.
 *
 * **Shape** the name is one for all dialects, or a record; it is written in quotes. A schema with
 * such a column is `Unsupported` where no name is said.
 * **Errors** `StatementError` for an empty name.
 * **SQL** `text COLLATE "…"` · mysql, mariadb: longtext COLLATE `…`
 *
 * @example
 * ```ts
 * import { Column, Table, Type } from "athanor"
 * const folded = Type.collated({ sqlite: "NOCASE", mariadb: "utf8mb4_general_ci" })
 * const users = Table.make("users", { id: Column.id(), name: Column.make(folded) })
 * ```
 * @category types
 */
export const collated = (
  collation: string | { readonly [D in DialectName]?: string }
): Type<string> => {
  const names: { readonly [D in DialectName]?: string } =
    typeof collation === "string"
      ? { sqlite: collation, postgres: collation, mysql: collation, mariadb: collation }
      : collation
  for (const name of Object.values(names)) checkName(name, "collation")
  const key = `text collated ${JSON.stringify(dialectNames.map((name) => names[name] ?? null))}`
  return makeType(key, { _tag: "Text", collation: Object.freeze({ ...names }) }, textCodec)
}

/**
 * True or false.
 *
 * **SQL** sqlite, mysql, mariadb: 1 and 0 · postgres: boolean
 * **Source** SQL:2016 part 2, 6.1 data type.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Expr.value(true, Type.boolean)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => true
 * ```
 * @category types
 */
export const boolean: Type<boolean> = makeType("boolean", { _tag: "Boolean" }, booleanCodec)

/**
 * Bytes of any length, as a `Uint8Array` of the row's own.
 *
 * **SQL** sqlite: blob · postgres: bytea · mysql, mariadb: longblob
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const answer = Database.one(Query.select(Expr.value(Uint8Array.of(1, 2), Type.bytes)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => Uint8Array.of(1, 2)
 * ```
 * @category types
 */
export const bytes: Type<Uint8Array> = makeType("bytes", { _tag: "Bytes" }, bytesCodec)

/**
 * A UUID as lower-case text; upper-case digits are taken and written lower.
 *
 * **Errors** `EncodeFailed` for what is no UUID.
 * **SQL** sqlite: text · postgres: uuid · mysql: char(36)
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.uuid.key // => "uuid"
 * ```
 * @category types
 */
export const uuid: Type<string> = makeType("uuid", { _tag: "Uuid" }, uuidCodec)

/**
 * A calendar day, as `LocalDate`, in years 0001 to 9999.
 *
 * **Source** SQL:2016 part 2, 6.1 data type.
 *
 * @example
 * ```ts
 * import { Expr, Type } from "athanor"
 * const day = Expr.value("2024-02-29", Type.text).cast(Type.date)
 * ```
 * @category types
 */
export const date: Type<LocalDate> = makeType("date", { _tag: "Date" }, localDateCodec)

/**
 * A time of day, as `LocalTime`, with `precision` digits of a second.
 *
 * **Shape** precision 0 to 6.
 * **Errors** `StatementError` for another precision.
 * **Source** SQL:2016 part 2, 6.1 data type.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.time(3).key // => "time(3)"
 * ```
 * @category types
 */
export const time = (precision = 6): Type<LocalTime> => {
  within("time: precision", precision, 0, 6)
  return makeType(`time(${precision})`, { _tag: "Time", precision }, localTimeCodec(precision))
}

/**
 * A moment to the millisecond, read as `DateTime.Utc`.
 *
 * @category models
 */
export interface TimestampType extends Type<DateTime.Utc> {
  /**
   * The same SQL type read as `Date`.
   *
   * @example
   * ```ts
   * import { Database, Expr, Query, Type } from "athanor"
   * import { Sqlite } from "athanor/sqlite"
   * import { Effect } from "effect"
   * const answer = Database.one(Query.select(Expr.value(new Date(0), Type.timestamp().asDate())))
   * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => new Date(0)
   * ```
   * @category types
   */
  readonly asDate: () => Type<Date>
}

/**
 * A moment with `precision` digits of a second, in years 0001 to 9999.
 *
 * **Shape** up to 3 digits it is a `DateTime.Utc`, from 4 to 6 an `Instant` of microseconds. A
 * stored moment finer than the precision is refused, not cut.
 * **SQL** sqlite: TEXT of one width, `2024-01-01 10:00:00.123`, in UTC · postgres: timestamptz(p) ·
 * mysql, mariadb: datetime(p) in UTC sessions
 * **Errors** `StatementError` for another precision.
 * **Source** SQL:2016 part 2, 6.1 data type; SQLAlchemy 2.0 `DateTime`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.timestamp(6).key // => "timestamp(6)"
 * ```
 * @category types
 */
export function timestamp(precision?: 0 | 1 | 2 | 3): TimestampType
export function timestamp(precision: 4 | 5 | 6): Type<Instant>
export function timestamp(precision = 3): TimestampType | Type<Instant> {
  within("timestamp: precision", precision, 0, 6)
  const key = `timestamp(${precision})`
  const sql = Object.freeze({ _tag: "Timestamp", precision } as const)
  if (precision > 3) return makeType(key, sql, instantCodec(precision))
  const asDate = (): Type<Date> => makeType(`${key}:date`, sql, dateCodec(precision))
  return Object.freeze({ key, sql, codec: dateTimeCodec(precision), asDate })
}

/** Numbers for codecs that have no name of their own: a part of type keys, nothing else. */
let counted = 0
const numbers = new WeakMap<object, number>()

const numberOf = (identity: object): number => {
  const known = numbers.get(identity)
  if (known !== undefined) return known
  numbers.set(identity, ++counted)
  return counted
}

/**
 * JSON as the values of a schema.
 *
 * **Shape** the schema decodes what was stored and encodes what is sent. A number of the JSON that
 * the schema has as bigint or BigDecimal keeps every digit. Other whole numbers in stored JSON that
 * no double equals are refused, as are NaN, class instances and functions in values: JSON would
 * change them silently.
 * **SQL** sqlite: TEXT · postgres: jsonb · mysql, mariadb: json
 * **Source** SQLAlchemy 2.0 `JSON`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect, Schema } from "effect"
 * const tags = Type.json(Schema.Array(Schema.String))
 * const answer = Database.one(Query.select(Expr.value(["sql", "effect"], tags)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => ["sql", "effect"]
 * ```
 * @category types
 */
export const json = <A>(schema: JsonSchema<A>): Type<A> =>
  makeType(`json#${numberOf(schema)}`, { _tag: "Json" }, jsonCodec(schema))

/**
 * One of a closed list of texts.
 *
 * **Shape** of a record the names are the values, and the database stores what stands under them:
 * `{ draft: "D" }`. Comparisons with a text, and functions of texts, are about what is stored.
 * `Fn.ordinal` orders values as they are declared.
 * **Errors** `StatementError` for an empty list, an empty or repeated text, a name that is a
 * number; `EncodeFailed` for another value.
 * **SQL** postgres, mysql, mariadb: varchar of the longest · sqlite: text
 * **Source** SQLAlchemy 2.0 `Enum` with `native_enum=False`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const status = Type.enumeration(["draft", "published"])
 * const answer = Database.one(Query.select(Expr.value("draft", status)))
 * await Effect.runPromise(Effect.provide(answer, Sqlite.layer())) // => "draft"
 * ```
 * @category types
 */
export const enumeration: {
  <const A extends string>(values: ReadonlyArray<A>): Type<A>
  <const R extends Readonly<Record<string, string>>>(values: R): Type<keyof R & string>
} = (values: ReadonlyArray<string> | Readonly<Record<string, string>>): Type<never> => {
  const named = Array.isArray(values) ? null : Object.entries(values as Record<string, string>)
  const list = Object.freeze(
    named === null ? [...(values as ReadonlyArray<string>)] : named.map(([, stored]) => stored)
  )
  if (list.length === 0) refuse("enumeration: give at least one text")
  if (new Set(list).size !== list.length) refuse("enumeration: a text is repeated")
  for (const value of list) {
    const valid = typeof value === "string" && value !== "" && isWellFormed(value)
    if (!valid || value.includes("\0")) refuse("enumeration: give non-empty, well-formed texts")
  }
  const key = `enum${JSON.stringify(named ?? list)}`
  const sql = { _tag: "Enum", values: list } as const
  if (named === null) return makeType<never>(key, sql, enumCodec(list) as unknown as Codec<never>)
  // Objects put such names before all others, whatever their order was.
  if (named.some(([name]) => /^\d+$/.test(name))) refuse("enumeration: a name is a number")
  return makeType<never>(key, sql, namedCodec(named) as unknown as Codec<never>)
}

/**
 * A type of the database's own, spelled as it stands.
 *
 * **Shape** `sql` is one spelling for all dialects or one for each; it is printed unquoted. `codec`
 * is one row form for all dialects and for JSON, or a full `Codec`. What it encodes must be text, a
 * finite number, a bigint or bytes. Each call makes a type of a new key: make it once.
 * **Source** SQLAlchemy 2.0 `UserDefinedType`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * const codec = { decode: (raw: unknown) => String(raw), encode: (value: string) => value }
 * const inet = Type.custom({ sql: "inet", codec })
 * ```
 * @category types
 */
export const custom = <A>(options: {
  readonly sql: string | Readonly<Record<DialectName, string>>
  readonly codec: Codec<A> | RowCodec<A>
  readonly name?: string
}): Type<A> => {
  const { codec, name, sql } = options
  const print = Object.freeze(
    typeof sql === "string" ? { sqlite: sql, postgres: sql, mysql: sql, mariadb: sql } : { ...sql }
  )
  const full =
    "row" in codec
      ? codec
      : makeCodec({ sqlite: codec, postgres: codec, mysql: codec, json: codec })
  const label = name ?? print.postgres
  const key = `${label}#${++counted}`
  return makeType(key, { _tag: "Custom", print }, foreignCodec(full, `a value of ${label}`))
}

/**
 * Another representation of a type's values, one conversion away; the SQL type stays.
 *
 * **Shape** `from` reads what the type read, `to` gives what the type writes; they are inverse.
 * Each call makes a type of a new key: make it once.
 * **Laws** `to(from(a)) = a`.
 * **Source** SQLAlchemy 2.0 `TypeDecorator`.
 *
 * @example
 * ```ts
 * import { Database, Expr, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const url = { name: "Url", from: (text: string) => new URL(text), to: (one: URL) => one.href }
 * const link = Expr.value(new URL("https://effect.website/"), Type.mapped(Type.text, url))
 * const href = Effect.map(Database.one(Query.select(link)), (found) => found!.href)
 * await Effect.runPromise(Effect.provide(href, Sqlite.layer())) // => "https://effect.website/"
 * ```
 * @category types
 */
export const mapped = <A, B>(
  type: Type<A>,
  options: {
    readonly name: string
    readonly from: (stored: A) => B
    readonly to: (value: B) => A
  }
): Type<B> => {
  const { from, name, to } = options
  const key = `${type.key}:${name}#${++counted}`
  return makeType(key, type.sql, mappedCodec<A, B>(type.codec, `a value of ${name}`, from, to))
}

/**
 * A type of arrays, which knows the type of its elements.
 *
 * @category models
 */
export interface ArrayType<out A> extends Type<ReadonlyArray<A>>, ElementType {}

/**
 * An array of values of one type.
 *
 * **Shape** without NULLs unless `nulls` allows them. Of an array type it has one dimension more;
 * then all lists of a level have one length, and none is empty but the whole. A stored array whose
 * places do not count from 1 is refused, as is a NULL nobody allowed.
 * **SQL** postgres: `integer[]`; `Unsupported` elsewhere, where a list is a JSON document.
 * **Errors** `StatementError` for more than six dimensions, and for NULLs among arrays of arrays.
 * **Source** SQL:2016 part 2, 4.10 collection types; SQLAlchemy 2.0 `ARRAY`.
 *
 * @example
 * ```ts
 * import { Column, Table, Type } from "athanor"
 * const posts = Table.make("posts", {
 *   id: Column.id(),
 *   tags: Column.make(Type.array(Type.text)),
 *   scores: Column.make(Type.array(Type.integer, { nulls: true }))
 * })
 * Type.array(Type.array(Type.integer)).key // => "array(array(integer))"
 * ```
 * @category types
 */
export function array<A>(of: Type<A>): ArrayType<A>
export function array<A>(of: Type<A>, options: { readonly nulls: true }): ArrayType<A | null>
export function array(of: AnyType, { nulls = false } = {}): ArrayType<unknown> {
  const sql = arraySql(of)
  if (sql.dimensions > 6) refuse("array: more than six dimensions")
  if (nulls && sql.dimensions > 1) refuse("array: an array inside of an array is never NULL")
  const key = `array(${of.key})${nulls ? "?" : ""}`
  // An array's own elements say whether they may be NULL.
  let [element, inner] = [of, nulls]
  for (let next = elementOf(element); next !== null; next = elementOf(element)) {
    inner = (element as AnyType & ElementType).nulls
    element = next
  }
  const codec = arrayCodec(element, sql.dimensions, inner)
  return Object.freeze({ key, sql, codec, of, nulls })
}

/**
 * A span of time in months, days and microseconds: `Interval`.
 *
 * **SQL** postgres: interval; `Unsupported` elsewhere, where `Fn.addInterval` takes one all the
 * same.
 * **Source** SQL:2016 part 2, 4.6.3 intervals; SQLAlchemy 2.0 `Interval`.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.interval.key // => "interval"
 * ```
 * @category types
 */
export const interval: Type<Interval> = makeType("interval", { _tag: "Interval" }, intervalCodec)

/**
 * A type of ranges, which knows the type of their bounds.
 *
 * @category models
 */
export interface RangeType<out A> extends Type<A> {
  readonly bound: AnyType
}

const rangeKinds: ReadonlySet<string> = new Set([
  "Integer",
  "Bigint",
  "Numeric",
  "Date",
  "Timestamp"
])

const bounded = (of: AnyType, asked: string): AnyType =>
  rangeKinds.has(of.sql._tag) && !of.key.includes(":")
    ? of
    : refuse(`${asked}: there are no ranges of ${of.key}`)

/**
 * A range of values of one type: `Range`.
 *
 * **Shape** of `integer`, `bigint`, `numeric`, `date` and `timestamp` as they are.
 * **SQL** postgres: int4range, int8range, numrange, daterange, tstzrange; `Unsupported` elsewhere.
 * **Errors** `StatementError` for another type, or another representation of one of them.
 * **Source** PostgreSQL manual 8.17; SQLAlchemy 2.0 "Range and Multirange Types".
 *
 * @example
 * ```ts
 * import { Column, Table, Type } from "athanor"
 * const stays = Table.make("stays", {
 *   id: Column.id(),
 *   nights: Column.make(Type.range(Type.date))
 * })
 * Type.range(Type.date).key // => "range(date)"
 * ```
 * @category types
 */
export const range = <A>(of: Type<A>): RangeType<Range<A>> => {
  const sql = Object.freeze({ _tag: "Range", of: bounded(of, "range").sql, multi: false } as const)
  return Object.freeze({ key: `range(${of.key})`, sql, codec: rangeCodec(of), bound: of })
}

/**
 * Several ranges of values of one type: `MultiRange`.
 *
 * **SQL** postgres since 14: int4multirange and its like; `Unsupported` elsewhere.
 * **Errors** as `range`.
 * **Source** PostgreSQL manual 8.17; SQLAlchemy 2.0 "Range and Multirange Types".
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.multirange(Type.date).key // => "multirange(date)"
 * ```
 * @category types
 */
export const multirange = <A>(of: Type<A>): RangeType<MultiRange<A>> => {
  const sql = Object.freeze({
    _tag: "Range",
    of: bounded(of, "multirange").sql,
    multi: true
  } as const)
  return Object.freeze({ key: `multirange(${of.key})`, sql, codec: multiRangeCodec(of), bound: of })
}

/**
 * What `count` gives: a number, refused beyond 2^53.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
 *   Effect.andThen(Database.one(Query.from(users).select(Fn.count()))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 2
 * ```
 * @category derived types
 */
export const count: Type<number> = makeType("count", { _tag: "Bigint" }, safeIntegerCodec)

/**
 * What the sum of small integers is: a number, refused beyond 2^53.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
 *   Effect.andThen(Database.one(Query.from(users).select(Fn.sum(users.c.id)))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 3
 * ```
 * @category derived types
 */
export const safeInteger: Type<number> = makeType(
  "safeInteger",
  { _tag: "Bigint" },
  safeIntegerCodec
)

/**
 * What the sum of 64-bit integers is: a `bigint` of whatever size the server adds up to.
 *
 * @example
 * ```ts
 * import { Database, Expr, Fn, Query, Type } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const one = Query.select({ n: Expr.value(1n, Type.bigint) }).as("one")
 * const total = Query.from(one).select(Fn.sum(one.c.n))
 * const program = Database.one(total)
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1n
 * ```
 * @category derived types
 */
export const sumBigint: Type<bigint> = makeType("sumBigint", { _tag: "Bigint" }, sumBigintCodec)

/**
 * What the mean of integers is: the double nearest to what the server says.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Fn, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const users = Table.make("users", { id: Column.id(), name: Column.text() })
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).rows([{ name: "Ann" }, { name: "Bob" }]))),
 *   Effect.andThen(Database.one(Query.from(users).select(Fn.avg(users.c.id)))))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1.5
 * ```
 * @category derived types
 */
export const average: Type<number> = makeType("average", { _tag: "Double" }, averageCodec)

/**
 * What sums, means and products of decimals are: a `BigDecimal` of whatever length comes.
 *
 * **Shape** SQLite's raw numbers are in units of `10^-scale`, as its scaled integers are.
 * **Errors** `StatementError` for a scale that is not whole, below 0 or above 18.
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.decimal(2).key // => "decimal(2)"
 * ```
 * @category derived types
 */
export const decimal = (scale = 0): Type<BigDecimal.BigDecimal> => {
  within("decimal: scale", scale, 0, scaledPrecision)
  const sql = { _tag: "Numeric", precision: scaledPrecision, scale } as const
  return makeType(`decimal(${scale})`, sql, decimalCodec(scale))
}

/**
 * Must SQLite's driver read this type's integers as bigints, because numbers would round them?
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.needsExactIntegers(Type.bigint) // => true
 * ```
 * @category guards
 */
export const needsExactIntegers = ({ codec, sql }: AnyType): boolean =>
  // A rounded number is beyond 2^53, and there these types refuse it.
  (sql._tag === "Bigint" && codec !== safeIntegerCodec) ||
  (sql._tag === "Numeric" && isScaled(sql) && sql.precision > 15)

/**
 * Does SQLite keep this decimal type as an integer in units of `10^-scale`, and not as text?
 *
 * @example
 * ```ts
 * import { Type } from "athanor"
 * Type.isScaled({ precision: 18 }) // => true
 * ```
 * @category guards
 */
export const isScaled = (sql: { readonly precision: number }): boolean =>
  sql.precision <= scaledPrecision

/** An array type whose elements are written as another type's, of the same SQL type as before. */
export const arrayOperand = (type: AnyType, widened: (of: AnyType) => AnyType): AnyType => {
  const of = elementOf(type)
  if (of === null || of.sql._tag !== "Varchar" || widened(of) === of) return type
  const { nulls } = type as AnyType & ElementType
  const codec = arrayCodec(widened(of), 1, nulls)
  return Object.freeze({ key: `${type.key}:operand`, sql: type.sql, codec, of, nulls })
}

/** The type of values side by side: they are compared part by part, and never read. */
export interface TupleType extends AnyType {
  readonly parts: ReadonlyArray<AnyType>
}

/** The type of values side by side, from the types of its parts. */
export const tuple = (parts: ReadonlyArray<AnyType>): TupleType => {
  const key = `(${parts.map((part) => part.key).join()})`
  return Object.freeze({ key, sql: tupleSql, codec: tupleCodec, parts: Object.freeze(parts) })
}

const tupleSql = Object.freeze({
  _tag: "Custom",
  print: Object.freeze({ sqlite: "", postgres: "", mysql: "", mariadb: "" })
} as const)

const within = (what: string, value: number, low: number, high: number): void => {
  if (!Number.isInteger(value) || value < low || value > high) {
    refuse(`${what} must be a whole number from ${low} to ${high}`)
  }
}

/** An array of values, as JSON aggregation makes it. */
export const listOf = (type: AnyType): Type<ReadonlyArray<unknown>> =>
  makeType(`list(${type.key})`, { _tag: "Json" }, listCodec(type))

/** An object whose members are of one type, as JSON aggregation makes it. */
export const recordOf = (type: AnyType): Type<Readonly<Record<string, unknown>>> =>
  makeType(`record(${type.key})`, { _tag: "Json" }, recordCodec(type))

/** An array of rows, each an array of its cells: as JSON aggregation of several values makes it. */
export const rowsOf = (types: ReadonlyArray<AnyType>): Type<ReadonlyArray<unknown>> =>
  types.length === 1
    ? listOf(types[0]!)
    : listOf(
        makeType(
          `cells(${types.map(({ key }) => key).join()})`,
          { _tag: "Json" },
          cellsCodec(types)
        )
      )
