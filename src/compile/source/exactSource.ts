import type { Exact } from "../../algebra/SqlType.ts"
import { quoted } from "./texts.ts"

/** Names that `Type` has as they are. */
const plain = new Set([
  "inet",
  "cidr",
  "macaddr",
  "macaddr8",
  "inet4",
  "inet6",
  "money",
  "oid",
  "regclass",
  "regconfig",
  "regdictionary",
  "regtype",
  "regproc",
  "regprocedure",
  "regrole",
  "regnamespace",
  "regcollation",
  "citext",
  "jsonpath",
  "hstore",
  "tsvector",
  "tsquery",
  "real",
  "tinyint",
  "mediumint",
  "year"
])

const others: Readonly<Record<string, string>> = {
  uuid: "nativeUuid",
  NUMERIC: "numericAffinity",
  tinytext: 'sizedText("tiny")',
  text: 'sizedText("short")',
  mediumtext: 'sizedText("medium")',
  tinyblob: 'sizedBytes("tiny")',
  blob: 'sizedBytes("short")',
  mediumblob: 'sizedBytes("medium")',
  "int unsigned": 'unsigned("integer")',
  "double unsigned": "unsignedDouble",
  "float unsigned": "unsignedReal",
  numeric: "anyNumeric"
}

const labels = (list: string): string => {
  const said = Array.from(list.matchAll(/'((?:[^']|'')*)'/g), ([, one]) => one!)
  return `[${said.map((one) => quoted(one.replaceAll("''", "'"))).join(", ")}]`
}

const patterns: ReadonlyArray<readonly [RegExp, (...parts: ReadonlyArray<string>) => string]> = [
  [/^(char|binary|varbinary)\((\d+)\)$/, (name, length) => `${name}(${length})`],
  [/^timestamp\((\d)\)$/, (digits) => `unixTimestamp(${digits})`],
  [/^bit\((\d+)\)$/, (length) => `bit(${length})`],
  [/^bit varying\((\d+)\)$/, (length) => `varbit(${length})`],
  [/^time\((\d)\) with time zone$/, (digits) => `timeWithZone(${digits})`],
  [/^timestamp\((\d)\) without time zone$/, (digits) => `timestampWithoutZone(${digits})`],
  [/^interval\((\d)\)$/, (digits) => `intervalOf(null, ${digits})`],
  [/^interval ([a-z ]+)$/, (fields) => `intervalOf(${quoted(fields)})`],
  [/^interval ([a-z ]+)\((\d)\)$/, (fields, digits) => `intervalOf(${quoted(fields)}, ${digits})`],
  [/^(tinyint|smallint|mediumint|bigint) unsigned$/, (size) => `unsigned(${quoted(size)})`],
  [/^decimal\((\d+),(\d+)\) unsigned$/, (all, after) => `unsignedNumeric(${all}, ${after})`],
  [/^set\((.*)\)$/s, (list) => `set(${labels(list)})`],
  [/^enum\((.*)\)$/s, (list) => `nativeEnum(${labels(list)})`]
]

/** A type by its exact name as TypeScript; null for one that is made otherwise. */
export const exactSource = ({ name }: Exact): string | null => {
  if (plain.has(name)) return `Type.${name}`
  if (Object.hasOwn(others, name)) return `Type.${others[name]!}`
  for (const [pattern, say] of patterns) {
    const found = pattern.exec(name)
    if (found !== null) return `Type.${say(...found.slice(1))}`
  }
  return null
}
