import type { FunctionName } from "../../algebra/Scalar.ts"
import { arrayTable } from "./arrayTable.ts"
import { rangeTable } from "./rangeTable.ts"
import { jsonTable } from "./jsonTable.ts"
import { type Asked, alike, apart, mayBeNull, numberOf, type Row, type Rows } from "./spelling.ts"
import { kindOf, small } from "./spelling.ts"
import { temporalTable } from "./temporalTable.ts"

type Elsewhere =
  | keyof typeof temporalTable
  | keyof typeof jsonTable
  | keyof typeof arrayTable
  | keyof typeof rangeTable

/** SQLite and MySQL find nothing to replace in the empty text before they see a NULL. */
const replaced = ({ args }: Asked): string =>
  mayBeNull(args[2]!)
    ? "CASE WHEN {2} IS NOT NULL THEN replace({0}, {1}, {2}) END"
    : "replace({0}, {1}, {2})"

/**
 * The characters from one place on, at most so many. Places are counted from 1 and begin before it
 * where they are told to, as in the standard; servers count those from the end, or refuse a length
 * below zero.
 */
const substring = (least: string, most: string, bare: boolean) => {
  const cut = (length: string): string => (bare ? length : `${most}(${length}, 0)`)
  return ({ args }: Asked): string => {
    const [from, length] = [numberOf(args[1]), numberOf(args[2])]
    if (args.length === 2)
      return from !== null && from >= 1 ? "substr({0}, {1})" : `substr({0}, ${most}({1}, 1))`
    if (from !== null && from >= 1)
      return `substr({0}, {1}, ${length !== null && length >= 0 ? "{2}" : cut("{2}")})`
    return `substr({0}, ${most}({1}, 1), ${cut(`${least}({1}, 1) - 1 + {2}`)})`
  }
}

const substringOwn = (asked: Asked): string => {
  const from = small(asked, 1)
  if (asked.args.length === 2) return `substr({0}, ${from})`
  const length = numberOf(asked.args[2])
  return length !== null && length >= 0
    ? `substr({0}, ${from}, ${small(asked, 2)})`
    : `substr({0}, ${from}, CASE WHEN {2} < 0 THEN 0 ELSE ${small(asked, 2)} END)`
}

/** A text of so many zero bytes, written out and each replaced, is a text so many times. */
const manyTimes = (text: string, count: string): string =>
  `replace(hex(zeroblob(${count})), '00', ${text})`

const padded = (side: "left" | "right"): string => {
  const fill = `substr(${manyTimes("{2}", "{1}")}, 1, max({1} - length({0}), 0))`
  const text = "substr({0}, 1, {1})"
  return `(${side === "left" ? `${fill} || ${text}` : `${text} || ${fill}`})`
}

/**
 * Halves go away from zero. Of doubles each server has its own way, so it is said in steps that
 * IEEE 754 has but one answer to.
 */
const rounded =
  (truncated: (text: string) => string) =>
  (asked: Asked): string => {
    if (kindOf(asked, 0) === "Numeric") return "round({*})"
    const digits = numberOf(asked.args[1]) ?? 0
    const units = digits === 0 ? "{0}" : `{0} * 1e${digits}`
    const whole = truncated(units)
    const nearest =
      `CASE WHEN ${units} - ${whole} >= 0.5 THEN ${whole} + 1 ` +
      `WHEN ${units} - ${whole} <= -0.5 THEN ${whole} - 1 ELSE ${whole} END`
    return digits === 0 ? nearest : `(${nearest} / 1e${digits})`
  }

const cutOff = (text: string): string => `trunc(${text})`

/** The whole number below or above a decimal is an integer to MySQL, which has fewer digits. */
const wholeOf =
  (name: string) =>
  (asked: Asked): string =>
    kindOf(asked, 0) === "Numeric" ? `CAST(${name}({0}) AS DECIMAL(65, 0))` : `${name}({0})`

const named = (name: string): Row => alike(`${name}({*})`)

const table: Rows<Exclude<FunctionName, Elsewhere | "coalesce" | "nullif" | "concat">> = {
  lower: named("lower"),
  upper: named("upper"),
  trim: named("trim"),
  ltrim: named("ltrim"),
  rtrim: named("rtrim"),
  length: apart("length({0})", "char_length({0})"),
  octetLength: named("octet_length"),
  replace: { sqlite: replaced, postgres: "replace({*})", mysql: replaced },
  substring: {
    sqlite: substring("min", "max", false),
    postgres: substringOwn,
    mysql: substring("least", "greatest", true)
  },
  position: { sqlite: "instr({1}, {0})", postgres: "strpos({1}, {0})", mysql: "locate({*})" },
  left: { sqlite: "substr({0}, 1, {1})", postgres: "left({*})", mysql: "left({*})" },
  right: { sqlite: "substr({0}, -{1}, {1})", postgres: "right({*})", mysql: "right({*})" },
  lpad: { sqlite: padded("left"), postgres: "lpad({*})", mysql: "lpad({*})" },
  rpad: { sqlite: padded("right"), postgres: "rpad({*})", mysql: "rpad({*})" },
  repeat: { sqlite: manyTimes("{0}", "{1}"), postgres: "repeat({*})", mysql: "repeat({*})" },
  reverse: { sqlite: null, postgres: "reverse({*})", mysql: "reverse({*})" },
  md5: { sqlite: null, postgres: "md5({*})", mysql: "md5({*})" },
  sha256: {
    sqlite: null,
    postgres: "encode(sha256(convert_to({0}, 'UTF8')), 'hex')",
    mysql: "sha2({0}, 256)"
  },
  concatWs: named("concat_ws"),
  abs: named("abs"),
  sign: { sqlite: "sign({0})", postgres: "CAST(sign({0}) AS integer)", mysql: "sign({0})" },
  floor: apart("floor({0})", wholeOf("floor")),
  ceil: apart("ceil({0})", wholeOf("ceil")),
  round: apart(
    rounded(cutOff),
    rounded((text) => `truncate(${text}, 0)`)
  ),
  power: alike(
    "CASE WHEN {0} = 0 AND {1} < 0 OR {0} < 0 AND {1} <> floor({1}) THEN NULL " +
      "ELSE power({*}) END"
  ),
  sqrt: {
    sqlite: "sqrt({0})",
    postgres: "CASE WHEN {0} >= 0 THEN sqrt({0}) END",
    mysql: "sqrt({0})"
  },
  // What PostgreSQL says depends on what may be NULL: see `sayExtreme`.
  greatest: { sqlite: "max({*})", postgres: () => "greatest({*})", mysql: "greatest({*})" },
  least: { sqlite: "min({*})", postgres: () => "least({*})", mysql: "least({*})" },
  random: {
    sqlite: "((random() & 9007199254740991) / 9007199254740992.0)",
    postgres: "random()",
    mysql: "rand()"
  }
}

/** Every function but those whose text is an operator's or depends on how many arguments it has. */
export const functionTable = {
  ...table,
  ...temporalTable,
  ...jsonTable,
  ...arrayTable,
  ...rangeTable
}
