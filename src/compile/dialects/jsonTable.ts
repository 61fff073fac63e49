import type { FunctionName } from "../../algebra/words.ts"
import { isInteger, isText } from "../sqlTypes.ts"
import { type Asked, type Row, type Rows, type Spelling } from "./spelling.ts"

const numbersIn = "('INTEGER', 'DOUBLE', 'DECIMAL', 'UNSIGNED INTEGER')"

/** A value of another kind than the one asked for is NULL, as JSON's null is: no server guesses. */
const asSqlite = ({ type: { sql } }: Asked): string | null => {
  const value = "{0} ->> '$'"
  const numeric = "CASE WHEN json_type({0}) IN ('integer', 'real') THEN"
  if (isText(sql)) return `CASE json_type({0}) WHEN 'text' THEN ${value} END`
  if (sql._tag === "Boolean")
    return "CASE json_type({0}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END"
  if (sql._tag === "Double") return `${numeric} CAST(${value} AS REAL) END`
  // The document's own text has all digits of the number, which no cast of SQLite's keeps.
  if (sql._tag === "Numeric")
    return `${numeric} athanor_decimal({0} -> '$', ${sql.precision}, ${sql.scale}) END`
  if (!isInteger(sql)) return null
  // Beyond 64 bits a cast would give the last integer there is; left as it is, it is refused.
  return (
    `${numeric} CASE WHEN abs(${value} + 0.0) < 9e18 THEN CAST(${value} AS INTEGER) ` +
    `ELSE ${value} END END`
  )
}

const asPostgres = ({ type: { sql } }: Asked): string | null => {
  const numeric = (as: string): string => `CASE jsonb_typeof({0}) WHEN 'number' THEN ${as} END`
  if (isText(sql)) return "CASE jsonb_typeof({0}) WHEN 'string' THEN {0} #>> '{}' END"
  if (sql._tag === "Boolean")
    return "CASE jsonb_typeof({0}) WHEN 'boolean' THEN CAST({0} AS boolean) END"
  if (sql._tag === "Double") return numeric("CAST({0} AS double precision)")
  if (sql._tag === "Numeric") return numeric(`CAST({0} AS numeric(${sql.precision}, ${sql.scale}))`)
  if (!isInteger(sql)) return null
  return numeric(`CAST(trunc(CAST({0} AS numeric)) AS ${sql._tag.toLowerCase()})`)
}

const asMysql = ({ type: { sql } }: Asked): string | null => {
  // Read out of a document a text has no collation of the session; cast, it has.
  const value = "CAST(json_unquote({0}) AS CHAR)"
  const numeric = (as: string): string => `CASE WHEN json_type({0}) IN ${numbersIn} THEN ${as} END`
  if (isText(sql)) return `CASE json_type({0}) WHEN 'STRING' THEN ${value} END`
  if (sql._tag === "Boolean") return `CASE json_type({0}) WHEN 'BOOLEAN' THEN ${value} = 'true' END`
  if (sql._tag === "Double") return numeric(`CAST(${value} AS DOUBLE)`)
  // A cast to the type itself would give the largest there is for what is beyond it.
  if (sql._tag === "Numeric") return numeric(`CAST(${value} AS DECIMAL(65, ${sql.scale}))`)
  // A decimal is refused beyond the type, where a cast to an integer would give the last there is.
  return isInteger(sql) ? numeric(`truncate(CAST(${value} AS DECIMAL(65, 20)), 0)`) : null
}

/** PostgreSQL's alone. */
const own = (postgres: Spelling): Row => ({ sqlite: null, postgres, mysql: null })

/** Functions of documents. */
export const jsonTable: Rows<Extract<FunctionName, `json${string}`>> = {
  jsonContains: own("({0} @> {1})"),
  jsonContainedBy: own("({0} <@ {1})"),
  // Of a list `?&` would look for elements.
  jsonHasKeys: own("(jsonb_typeof({0}) = 'object' AND {0} ?& {1})"),
  jsonHasAnyKey: own("(jsonb_typeof({0}) = 'object' AND {0} ?| {1})"),
  jsonPathExists: own("jsonb_path_exists({0}, CAST({1} AS jsonpath))"),
  jsonPathMatches: own("jsonb_path_match({0}, CAST({1} AS jsonpath), '{}', true)"),
  jsonPathQuery: own("jsonb_path_query_array({0}, CAST({1} AS jsonpath))"),
  jsonAs: { sqlite: asSqlite, postgres: asPostgres, mysql: asMysql },
  jsonType: {
    sqlite:
      "CASE json_type({0}) WHEN 'text' THEN 'string' WHEN 'integer' THEN 'number' " +
      "WHEN 'real' THEN 'number' WHEN 'true' THEN 'boolean' WHEN 'false' THEN 'boolean' " +
      "ELSE json_type({0}) END",
    postgres: "jsonb_typeof({0})",
    mysql:
      `CASE WHEN json_type({0}) IN ${numbersIn} THEN 'number' ` +
      "ELSE CAST(lower(json_type({0})) AS CHAR) END"
  },
  jsonLength: {
    sqlite: "CASE json_type({0}) WHEN 'array' THEN json_array_length({0}) END",
    postgres: "CASE jsonb_typeof({0}) WHEN 'array' THEN jsonb_array_length({0}) END",
    mysql: "CASE json_type({0}) WHEN 'ARRAY' THEN json_length({0}) END"
  }
}
