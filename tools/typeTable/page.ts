import * as Schema from "effect/Schema"
import { type DialectName, dialectNames } from "../../src/algebra/Dialect.ts"
import type { AnyType } from "../../src/algebra/Type.ts"
import * as T from "../../src/algebra/types.ts"
import { dialects } from "../../src/compile/dialects.ts"
import { capabilities } from "../../src/compile/capabilities.ts"
import { refuseForeign } from "../../src/compile/phases/emulate/nativeTypes.ts"

type Row = readonly [called: string, type: AnyType, value: string, range: string]

const json = T.json(Schema.Unknown)

const generic: ReadonlyArray<Row> = [
  ["smallint", T.smallint, "number", "−32,768 to 32,767"],
  ["integer", T.integer, "number", "−2,147,483,648 to 2,147,483,647"],
  ["bigint", T.bigint, "bigint", "64 bits"],
  ["double", T.double, "number", "finite doubles, one zero"],
  ["numeric(12, 2)", T.numeric(12, 2), "BigDecimal", "12 digits, 2 after the point"],
  ["numeric(30, 4)", T.numeric(30, 4), "BigDecimal", "30 digits, 4 after the point"],
  ["varchar(50)", T.varchar(50), "string", "50 code points"],
  ["text", T.text, "string", "well-formed; no U+0000 on PostgreSQL"],
  ["boolean", T.boolean, "boolean", "true, false"],
  ["bytes", T.bytes, "Uint8Array", "any"],
  ["uuid", T.uuid, "string", "lower case"],
  ["json(schema)", json, "by the schema", "JSON without loss"],
  ["enumeration([…])", T.enumeration(["draft", "done"]), "union of literals", "those"],
  ["date", T.date, "LocalDate", "years 1 to 9999"],
  ["time(6)", T.time(6), "LocalTime", "microseconds"],
  ["timestamp(3)", T.timestamp(3), "DateTime.Utc", "years 1 to 9999, milliseconds"],
  ["timestamp(6)", T.timestamp(6), "Instant", "years 1 to 9999, microseconds"],
  ["interval", T.interval, "Interval", "months, days, microseconds"],
  ["array(integer)", T.array(T.integer), "ReadonlyArray", "up to six dimensions"],
  ["range(date)", T.range(T.date), "Range", "empty, unbounded, each bound"],
  ["multirange(date)", T.multirange(T.date), "MultiRange", "ranges apart from each other"]
]

const exact: ReadonlyArray<Row> = [
  ["inet", T.inet, "string", "IPv4 or IPv6, a width"],
  ["cidr", T.cidr, "string", "a network"],
  ["macaddr", T.macaddr, "string", "six bytes"],
  ["macaddr8", T.macaddr8, "string", "eight bytes"],
  ["inet4", T.inet4, "string", "IPv4"],
  ["inet6", T.inet6, "string", "IPv6"],
  ["money", T.money, "BigDecimal", "18 digits, 2 after the point"],
  ["oid", T.oid, "number", "0 to 4,294,967,295"],
  ["regclass", T.regclass, "string", "a name of a relation"],
  ["regconfig", T.regconfig, "string", "a name of a configuration"],
  ["regdictionary", T.regdictionary, "string", "a name of a dictionary"],
  ["regtype", T.regtype, "string", "a name of a type"],
  ["regproc", T.regproc, "string", "a name of a function"],
  ["regprocedure", T.regprocedure, "string", "a name of a function with what it takes"],
  ["regrole", T.regrole, "string", "a name of a role"],
  ["regnamespace", T.regnamespace, "string", "a name of a schema"],
  ["regcollation", T.regcollation, "string", "a name of a collation"],
  ["char(2)", T.char(2), "string", "2 characters, no space at the end"],
  ["citext", T.citext, "string", "any, compared without case"],
  ["jsonpath", T.jsonpath, "string", "SQL/JSON paths"],
  ["real", T.real, "number", "single precision, never rounded"],
  ["nativeUuid", T.nativeUuid, "string", "on MariaDB of versions 0 to 7"],
  ["bit(8)", T.bit(8), "string of 0 and 1", "8 digits; 64 at most"],
  ["varbit(8)", T.varbit(8), "string of 0 and 1", "0 to 8 digits"],
  ["timeWithZone(3)", T.timeWithZone(3), "string", "milliseconds and a zone"],
  ["timestampWithoutZone(3)", T.timestampWithoutZone(3), "DateTime.Utc", "as timestamp(3)"],
  ["intervalOf(…)", T.intervalOf("day to second", 3), "Interval", "what its fields keep"],
  ["tsvector", T.tsvector, "string", "words and places"],
  ["tsquery", T.tsquery, "string", "words and operators"],
  ["hstore", T.hstore, "object", "texts and nulls by key"],
  ["tinyint", T.tinyint, "number", "−128 to 127"],
  ["mediumint", T.mediumint, "number", "−8,388,608 to 8,388,607"],
  ['unsigned("tinyint")', T.unsigned("tinyint"), "number", "0 to 255"],
  ['unsigned("smallint")', T.unsigned("smallint"), "number", "0 to 65,535"],
  ['unsigned("mediumint")', T.unsigned("mediumint"), "number", "0 to 16,777,215"],
  ['unsigned("integer")', T.unsigned("integer"), "number", "0 to 4,294,967,295"],
  ['unsigned("bigint")', T.unsigned("bigint"), "bigint", "0 to 2^64 − 1"],
  ["anyNumeric", T.anyNumeric, "BigDecimal", "131,072 digits, 16,383 after the point"],
  ["unsignedNumeric(10, 2)", T.unsignedNumeric(10, 2), "BigDecimal", "not below 0"],
  ["unsignedDouble", T.unsignedDouble, "number", "finite, not below 0"],
  ["unsignedReal", T.unsignedReal, "number", "single precision, not below 0"],
  ["year", T.year, "number", "1901 to 2155"],
  ["set([…])", T.set(["a", "b"]), "ReadonlySet of literals", "at most 64"],
  ["nativeEnum([…])", T.nativeEnum(["a", "b"]), "union of literals", "those"],
  ['sizedText("tiny")', T.sizedText("tiny"), "string", "255 bytes"],
  ['sizedText("short")', T.sizedText("short"), "string", "65,535 bytes"],
  ['sizedText("medium")', T.sizedText("medium"), "string", "16,777,215 bytes"],
  ['sizedBytes("tiny")', T.sizedBytes("tiny"), "Uint8Array", "255 bytes"],
  ['sizedBytes("short")', T.sizedBytes("short"), "Uint8Array", "65,535 bytes"],
  ['sizedBytes("medium")', T.sizedBytes("medium"), "Uint8Array", "16,777,215 bytes"],
  ["binary(16)", T.binary(16), "Uint8Array", "16 bytes"],
  ["varbinary(64)", T.varbinary(64), "Uint8Array", "64 bytes at most"],
  ["unixTimestamp(3)", T.unixTimestamp(3), "DateTime.Utc", "1970 to 2038-01-19"],
  ["national(20)", T.national(20), "string", "20 characters of the basic plane"],
  ["numericAffinity", T.numericAffinity, "number", "whole within 2^53, or not whole"]
]

/** What a column of SQLite says beside its affinity. */
const placesOn = (dialect: DialectName, sql: AnyType["sql"]): string =>
  dialect === "sqlite" && sql._tag === "Numeric" ? `(${sql.precision}, ${sql.scale})` : ""

/** The SQL of a type on each dialect; a dash and the capability's name where it is refused. */
const cells = ({ sql }: AnyType): ReadonlyArray<string> =>
  dialectNames.map((dialect) => {
    let lacking: string | null = null
    refuseForeign(sql, capabilities(dialect), (capability) => {
      lacking ??= capability
    })
    return lacking === null
      ? `\`${dialects[dialect].columnType(sql)}${placesOn(dialect, sql)}\``
      : `– \`${String(lacking)}\``
  })

const table = (rows: ReadonlyArray<Row>): string =>
  [
    "| `Type.` | SQLite | PostgreSQL | MySQL | MariaDB | value | range |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map(
      ([called, type, value, range]) =>
        `| \`${called}\` | ${cells(type).join(" | ")} | ${value} | ${range} |`
    )
  ].join("\n")

/** docs/types.md */
export const page = (): string =>
  [
    "# Types",
    "",
    "Made by `npm run sql` from the types themselves; not edited by hand. A dash is a refusal",
    "before anything is sent: `Unsupported` with the capability that stands beside it, because the",
    "server has no such type among those of its manual:",
    "[SQLite](https://sqlite.org/datatype3.html),",
    "[PostgreSQL](https://www.postgresql.org/docs/current/datatype.html),",
    "[MySQL](https://dev.mysql.com/doc/refman/8.4/en/data-types.html),",
    "[MariaDB](https://mariadb.com/kb/en/data-types/).",
    "",
    "Each row is put to the laws on every database that has it: what",
    "is written is what is read, flat and nested in JSON, and what the range leaves out is",
    "`EncodeFailed`. For types of your own see [custom types](how-to/custom-types.md).",
    "",
    "## Generic types",
    "",
    table(generic),
    "",
    "## Types by their exact names",
    "",
    table(exact),
    ""
  ].join("\n")
