import type { Capabilities, DialectName } from "../algebra/Dialect.ts"
import * as R from "../algebra/Relation.ts"
import type { Relation, ValuesRow } from "../algebra/Relation.ts"
import type { RowLists, ValueList } from "../algebra/rowLists.ts"
import * as S from "../algebra/Scalar.ts"
import type { SqlType } from "../algebra/SqlType.ts"
import type { AnyType } from "../algebra/Type.ts"
import * as T from "../algebra/types.ts"
import { arrayText } from "../algebra/types/arrayText.ts"
import { dialects } from "./dialects.ts"

/** Types whose arrays PostgreSQL makes of their elements' texts. */
const listable: ReadonlySet<SqlType["_tag"]> = new Set<SqlType["_tag"]>([
  "Smallint",
  "Integer",
  "Bigint",
  "Double",
  "Numeric",
  "Varchar",
  "Text",
  "Boolean",
  "Bytes",
  "Uuid",
  "Json",
  "Date",
  "Time",
  "Timestamp",
  "Enum"
])

/** A value that passes an expression of its own goes alone. */
export const isListable = (sql: SqlType): boolean =>
  listable.has(sql._tag) && sql.wrap === undefined

/** Types whose values MariaDB reads from JSON as they are. It has no cast to a document. */
const inJson = new Set([...listable].filter((tag) => tag !== "Bytes" && tag !== "Json"))

/** Whether all of a statement's rows go as one text for each column, or for all of them. */
export const isListed = (
  types: ReadonlyArray<AnyType>,
  { dialect, jsonTable }: Capabilities
): boolean => {
  const known =
    dialect === "postgres" ? listable : dialect === "mariadb" && jsonTable ? inJson : none
  return types.every(({ sql }) => isListable(sql) && known.has(sql._tag))
}

const none: ReadonlySet<string> = new Set()

/**
 * The rows of a list over few parameters, whatever their number: its text is the same for all. Only
 * where `isListed`.
 *
 * **SQL** postgres: unnest of an array a column · mariadb: JSON_TABLE of all rows, no derived table
 * around it, which the server would fill first.
 * **Errors** throws `ValueRefused` for a value its type cannot hold.
 */
export const listedRows = (
  row: ValuesRow,
  keys: ReadonlyArray<string>,
  given: RowLists<ValueList>,
  dialect: DialectName
): Relation =>
  dialect === "postgres"
    ? unnested(row, keys, given)
    : R.tableFunction("listed", [S.bound(document(given, dialect), T.text)], row)

type Encode = (value: unknown) => unknown

const encoded = (list: ValueList, { codec }: AnyType, dialect: DialectName): Array<unknown> => {
  const encode = codec.row[dialect].encode as Encode
  return list.map((value) => (value === null ? null : encode(value)))
}

const unnested = (
  row: ValuesRow,
  keys: ReadonlyArray<string>,
  { lists, types }: RowLists<ValueList>
): Relation => {
  const { castName, quote } = dialects.postgres
  const ends = types.map(({ sql }) => `::${castName(sql)}[]`)
  const last = `${ends.at(-1)!}) AS listed (${keys.map(quote).join(", ")})`
  const parts = ["SELECT * FROM unnest(", ...ends.slice(0, -1).map((end) => `${end}, `), last]
  const print = { sqlite: null, postgres: parts, mysql: null, mariadb: null }
  const values = lists.map((list, i) =>
    S.bound(arrayText(encoded(list, types[i]!, "postgres")), T.text)
  )
  return R.customRelation("listed rows", R.values(row, []), values, print, true, [])
}

/** Every value as a text that is cast, as a parameter is: what its JSON is decides nothing. */
const document = (
  { lists, rowCount, types }: RowLists<ValueList>,
  dialect: DialectName
): string => {
  const sent = lists.map((list, i) => encoded(list, types[i]!, dialect))
  const rows: Array<ReadonlyArray<string | null>> = []
  for (let row = 0; row < rowCount; row++)
    rows.push(sent.map((list) => (list[row] === null ? null : textOf(list[row]))))
  return JSON.stringify(rows)
}

const textOf = (value: unknown): string =>
  typeof value === "boolean" ? (value ? "1" : "0") : String(value)
