import type { Insert } from "../../algebra/Command.ts"
import { listsOf } from "../../algebra/rowLists.ts"
import type { TableSource } from "../../algebra/Source.ts"
import type { AnyType } from "../../algebra/Type.ts"
import type { DatabaseError } from "../DatabaseError.ts"

/** One value of one row of an insert; `undefined` where only the server knows it. */
type ValueAt = (row: number, column: number) => unknown

/** So many say where to look. */
const most = 10

/**
 * The rows of an insert that hold what its server refused, counted from 0; none where it tells no
 * more than that it did.
 *
 * **Shape** those with NULL in the column that must have a value. On PostgreSQL also those with the
 * key, or with all the values, that its words quote: a row is left out whose text is another there.
 */
export const rowsTold = (error: DatabaseError, node: Insert): ReadonlyArray<number> => {
  switch (error._tag) {
    case "NotNullViolation":
      return rowsOfNull(node, error.column)
    case "UniqueViolation":
    case "ForeignKeyViolation":
    case "ExclusionViolation":
      return rowsOfKey(node, detailOf(error))
    case "CheckViolation":
      return rowsOfAll(node, detailOf(error))
    default:
      return []
  }
}

const rowsWhere = (node: Insert, holds: (row: number) => boolean): ReadonlyArray<number> => {
  const rows: Array<number> = []
  for (let row = 0; row < node.rowCount && rows.length < most; row++) if (holds(row)) rows.push(row)
  return rows
}

/** The values of an insert, whichever way it keeps them. */
export const valuesOf = (node: Insert): ValueAt => {
  const given = listsOf(node)
  if (given !== null)
    return (row, column) => {
      const list = given.lists[column]!
      return Array.isArray(list) ? list[row] : undefined
    }
  const { cells, columns } = node
  return (row, column) => {
    const cell = cells[row * columns.length + column]!
    return cell._tag === "Bound" ? cell.value : undefined
  }
}

/** Where among the columns of an insert the one is that the database calls so; -1 where nowhere. */
export const placeOf = ({ columns, table }: Insert, name: string): number =>
  columns.findIndex((key) => (table.byKey.get(key)?.name ?? key) === name)

const rowsOfNull = (node: Insert, name: string | null): ReadonlyArray<number> => {
  const column = name === null ? -1 : placeOf(node, name)
  const valueAt = valuesOf(node)
  return column < 0 ? [] : rowsWhere(node, (row) => valueAt(row, column) === null)
}

/** What PostgreSQL says beside its message: it quotes values, and is never passed on. */
const detailOf = ({ dialect, driverError }: DatabaseError): string =>
  dialect === "postgres" &&
  typeof driverError === "object" &&
  driverError !== null &&
  "detail" in driverError
    ? String(driverError.detail)
    : ""

/** `Key (email, "group")=(ann@example.org, 3) already exists.` */
const rowsOfKey = (node: Insert, detail: string): ReadonlyArray<number> => {
  const told = /^Key \(([^()]*)\)=\(([^]*)\) (?:already exists|is not present|conflicts with)/.exec(
    detail
  )
  if (told === null) return []
  const places = told[1]!.split(", ").map((name) => placeOf(node, unquoted(name)))
  if (places.includes(-1)) return []
  const textAt = textsOf(node)
  return rowsWhere(
    node,
    (row) => places.map((column) => textAt(row, column)).join(", ") === told[2]
  )
}

const unquoted = (name: string): string =>
  name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name

/** `Failing row contains (7, ann, null, …).`: columns in the table's order, long ones cut. */
const rowsOfAll = (node: Insert, detail: string): ReadonlyArray<number> => {
  const told = /^Failing row contains \(([^]*)\)\.$/.exec(detail)?.[1]
  if (told === undefined) return []
  const textAt = textsOf(node)
  const order = node.table.columns.map(({ name }) => placeOf(node, name))
  return rowsWhere(node, (row) => {
    const texts = order.map((column) => (column < 0 ? undefined : textAt(row, column)))
    return fits(told, texts)
  })
}

/** Bytes after which PostgreSQL cuts a value it quotes. */
const longest = 64

/** No text of PostgreSQL's holds it. */
const unknown = "\0"

/** Whether a list's text may be of these; one that is unknown stands for any text. */
const fits = (told: string, texts: ReadonlyArray<string | undefined>): boolean => {
  if (texts.every((text) => text === undefined)) return false
  const written = texts.map((text) => (text === undefined ? unknown : shortened(text)))
  const [head = "", ...rest] = written.join(", ").split(unknown)
  const tail = rest.pop()
  if (tail === undefined) return told === head
  if (!told.startsWith(head) || !told.endsWith(tail)) return false
  const end = told.length - tail.length
  let at = head.length
  for (const piece of rest) {
    const found = told.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return at <= end
}

const shortened = (text: string): string => {
  if (Buffer.byteLength(text) <= longest) return text
  const cut = new TextDecoder().decode(Buffer.from(text).subarray(0, longest))
  // A cut inside a letter of several bytes leaves the letter out.
  return `${cut.replace(/\uFFFD+$/, "")}...`
}

/** Values as PostgreSQL writes them; `undefined` for what only the server knows. */
const textsOf = (node: Insert): ((row: number, column: number) => string | undefined) => {
  const valueAt = valuesOf(node)
  const types = node.columns.map((key) => typeOf(node.table, key))
  return (row, column) => {
    const value = valueAt(row, column)
    if (value === undefined) return undefined
    return value === null ? "null" : written(types[column], value)
  }
}

const typeOf = (table: TableSource, key: string): AnyType | undefined => table.byKey.get(key)?.type

const written = (type: AnyType | undefined, value: unknown): string | undefined => {
  if (type === undefined) return undefined
  const encoded: unknown = (type.codec.row.postgres.encode as (value: unknown) => unknown)(value)
  if (typeof value === "boolean") return value ? "t" : "f"
  return typeof encoded === "string" || typeof encoded === "number" || typeof encoded === "bigint"
    ? String(encoded)
    : undefined
}
