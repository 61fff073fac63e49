import type { SqlType } from "../../algebra/SqlType.ts"
import type { ArrayFunctionName } from "../../algebra/words.ts"
import { typeOf } from "../Placed.ts"
import { castName } from "./postgresTypes.ts"
import { type Asked, numberOf, type Row, type Rows, small, type Spelling } from "./spelling.ts"

const own = (postgres: Spelling): Row => ({ sqlite: null, postgres, mysql: null })

const dimensionsOf = (sql: SqlType): number => (sql._tag === "Array" ? sql.dimensions : 0)

/** The places are 32-bit integers. */
const placed = (asked: Asked): string =>
  asked.args
    .slice(1)
    .map((_, at) => `[${small(asked, at + 1)}]`)
    .join("")

/** Of no elements the server says NULL, but by how many there are in all. */
const length: Spelling = ({ args }) =>
  dimensionsOf(typeOf(args[0]!).sql) === 1
    ? "cardinality({0})"
    : "CASE WHEN cardinality({0}) = 0 THEN 0 ELSE array_length({0}, 1) END"

/** The places before it, as many NULLs as they are too few, the value, and the places after it. */
const put: Spelling = ({ args, type }) => {
  const place = numberOf(args[1])
  if (place === null || type.sql._tag !== "Array") return null
  if (place === 1) return "array_prepend({2}, ({0})[2:])"
  const none = `CAST(NULL AS ${castName(type.sql.of)})`
  const missing = `greatest(${place - 1} - coalesce(cardinality({0}), 0), 0)`
  const before = `({0})[1:${place - 1}] || array_fill(${none}, ARRAY[${missing}])`
  return `(array_append(${before}, {2}) || ({0})[${place + 1}:])`
}

/** Functions of arrays: PostgreSQL's alone. */
export const arrayTable: Rows<ArrayFunctionName> = {
  array: own(({ type }) => `CAST(ARRAY[{*}] AS ${castName(type.sql)})`),
  arrayElement: own((asked) => `({0})${placed(asked)}`),
  arraySlice: own((asked) =>
    asked.args.length === 2
      ? `({0})[${small(asked, 1)}:]`
      : `({0})[${small(asked, 1)}:${small(asked, 2)}]`
  ),
  arrayContains: own("({0} @> {1})"),
  arrayContainedBy: own("({0} <@ {1})"),
  arrayOverlaps: own("({0} && {1})"),
  arrayConcat: own("({0} || {1})"),
  arrayAppend: own("array_append({0}, {1})"),
  arrayPrepend: own("array_prepend({1}, {0})"),
  arrayRemove: own("array_remove({0}, {1})"),
  arrayReplace: own("array_replace({0}, {1}, {2})"),
  arrayPut: own(put),
  arrayPosition: own("array_position({0}, {1})"),
  arrayLength: own(length),
  arrayCardinality: own("cardinality({0})")
}
