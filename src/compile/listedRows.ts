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
 * The rows of a list as a query over few parameters, whatever their number: its text is the same
 * for all. Only where `isListed`.
 *
 * **SQL** postgres: unnest of an array a column · mariadb: JSON_TABLE of all rows.
 * **Errors** throws `ValueRefused` for a value its type cannot hold.
 */
export const listedRows = (
  row: ValuesRow,
  keys: ReadonlyArray<string>,
  given: RowLists<ValueList>,
  dialect: DialectName
): Relation => {
  const { args, parts } =
    dialect === "postgres" ? arrays(given, keys) : document(given, keys, dialect)
  const print = { sqlite: null, postgres: null, mysql: null, mariadb: null, [dialect]: parts }
  const values = args.map((arg) => S.bound(arg, T.text))
  return R.customRelation("listed rows", R.values(row, []), values, print, true, [])
}

interface Said {
  readonly args: ReadonlyArray<string>
  /** What stands around them. */
  readonly parts: ReadonlyArray<string>
}

type Encode = (value: unknown) => unknown

const encoded = (list: ValueList, { codec }: AnyType, dialect: DialectName): Array<unknown> => {
  const encode = codec.row[dialect].encode as Encode
  return list.map((value) => (value === null ? null : encode(value)))
}

const arrays = ({ lists, types }: RowLists<ValueList>, keys: ReadonlyArray<string>): Said => {
  const { castName, quote } = dialects.postgres
  const ends = types.map(({ sql }) => `::${castName(sql)}[]`)
  const last = `${ends.at(-1)!}) AS listed (${keys.map(quote).join(", ")})`
  return {
    args: lists.map((list, i) => arrayText(encoded(list, types[i]!, "postgres"))),
    parts: ["SELECT * FROM unnest(", ...ends.slice(0, -1).map((end) => `${end}, `), last]
  }
}

/** Every value as a text that is cast, as a parameter is: what its JSON is decides nothing. */
const document = (
  { lists, rowCount, types }: RowLists<ValueList>,
  keys: ReadonlyArray<string>,
  dialect: DialectName
): Said => {
  const { castName, quote } = dialects[dialect]
  const sent = lists.map((list, i) => encoded(list, types[i]!, dialect))
  const rows: Array<ReadonlyArray<string | null>> = []
  for (let row = 0; row < rowCount; row++)
    rows.push(sent.map((list) => (list[row] === null ? null : textOf(list[row]))))
  const items = types.map(({ sql }, i) => `CAST(v${i} AS ${castName(sql)}) AS ${quote(keys[i]!)}`)
  const columns = types.map((_, i) => `v${i} LONGTEXT PATH '$[${i}]' ERROR ON ERROR`)
  return {
    args: [JSON.stringify(rows)],
    parts: [
      `SELECT ${items.join(", ")} FROM JSON_TABLE(`,
      `, '$[*]' COLUMNS (${columns.join(", ")})) AS listed`
    ]
  }
}

const textOf = (value: unknown): string =>
  typeof value === "boolean" ? (value ? "1" : "0") : String(value)
