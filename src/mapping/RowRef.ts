import type { TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { type AnyPromisedCell, givenText, isPromised, PromisedCellId } from "./flush/canonical.ts"

/** The key of a row the database has, or gets with a key the client made. */
export interface KnownRef {
  readonly _tag: "Known"
  readonly table: TableSource
  /** Values of the primary key, in its order. */
  readonly key: ReadonlyArray<unknown>
  readonly id: string
}

/** A row whose key the server makes when it is inserted. */
export interface PromisedRef {
  readonly _tag: "Promised"
  readonly table: TableSource
  /** Tells the new rows of one session apart. */
  readonly promise: number
  readonly id: string
}

/**
 * The key of a row known or promised.
 *
 * **Shape** two refs mean one row exactly when their `id`s are equal; keys compare by decoded value
 * through the type, so `5` and `5n` of an int8 key are one row.
 *
 * @category models
 */
export type RowRef = KnownRef | PromisedRef

/** A cell that holds a value the server will make for another row: a generated key. */
export interface PromisedCell extends AnyPromisedCell {
  readonly ref: PromisedRef
}

/**
 * Values by column key. A cell is a value, null, or a `PromisedCell`.
 *
 * **Shape** a column that is absent is not known, which is not the same as null.
 *
 * @category models
 */
export type Row = Readonly<Record<string, unknown>>

/** Nothing to inherit. Not null itself: objects of a null prototype are slow dictionaries. */
const bare: object = Object.freeze(Object.create(null))

/**
 * Rows merged, the later ones over the earlier.
 *
 * **Shape** without inherited members: a column may be called `constructor` or `__proto__`, and one
 * that is absent is undefined.
 */
export const rowOf = (...parts: ReadonlyArray<Row>): Record<string, unknown> =>
  Object.assign(Object.create(bare) as Record<string, unknown>, ...parts)

/** Was this row made by `rowOf`? */
export const isBare = (row: Row): boolean => Object.getPrototypeOf(row) === bare

/** The row itself where it is one, else a copy that is. */
export const bareRow = (row: Row): Row => (isBare(row) ? row : rowOf(row))

/** Is this cell the promise of a key? */
export const isPromisedCell = (cell: unknown): cell is PromisedCell => isPromised(cell)

/** The columns' types, in the order of the primary key. */
const keyText = (table: TableSource, key: ReadonlyArray<unknown>): string => {
  const { primaryKey, name } = table
  if (key.length !== primaryKey.length || key.length === 0) {
    refuse(`a key of "${name}" has ${primaryKey.length} columns, not ${key.length}`)
  }
  const texts = key.map((value, index) => {
    if (value === null || value === undefined) refuse(`a key of "${name}" holds ${String(value)}`)
    return givenText(table.byKey.get(primaryKey[index]!)!.type, value)
  })
  return texts.length === 1 ? texts[0]! : texts.join()
}

/**
 * The ref of a row with this key, in the order of the primary key.
 *
 * **Shape** a key its columns cannot hold is one too: reading or writing by it is what fails.
 * **Errors** `StatementError` for null, undefined, a wrong number of columns.
 *
 * @category constructors
 */
export const known = (table: TableSource, key: ReadonlyArray<unknown>): KnownRef =>
  Object.freeze({
    _tag: "Known",
    table,
    key: Object.freeze([...key]),
    id: `${table.id}:${keyText(table, key)}`
  })

/** Of the one column of a key, whose text a number is itself. */
const refOfInteger = (table: TableSource, key: number): KnownRef =>
  Object.freeze({
    _tag: "Known",
    table,
    key: Object.freeze([key]),
    id: `${table.id}:${key}`
  })

/**
 * The primary key of a row as one primitive: what tells the rows of one table apart.
 *
 * **Laws** two rows of a table have equal keys exactly where the `id`s of their refs are equal.
 */
export type RowKey = number | string

/** Whole numbers as numbers: texts of keys that are one are never met, so none is made of them. */
export const keyOfText = (text: string): RowKey => {
  const number = Number(text)
  return Number.isSafeInteger(number) && String(number) === text ? number : text
}

/** The integer that is a table's whole primary key, by table: null where the key is another. */
const ownColumns = new WeakMap<TableSource, string | null>()
let last: { readonly table: TableSource; readonly column: string | null } | null = null

/** Programs ask for the keys of row after row of one table. */
const ownColumn = (table: TableSource): string | null => {
  if (last !== null && last.table === table) return last.column
  let column = ownColumns.get(table)
  if (column === undefined) ownColumns.set(table, (column = findOwnColumn(table)))
  last = { table, column }
  return column
}

const findOwnColumn = ({ byKey, primaryKey }: TableSource): string | null => {
  const [only] = primaryKey
  const isInteger = only !== undefined && byKey.get(only)!.type.sql._tag === "Integer"
  return isInteger && primaryKey.length === 1 ? only : null
}

/** The key of a table's row where the value itself is: undefined where a text must be made. */
export const ownKey = (table: TableSource, value: unknown): number | undefined =>
  Number.isSafeInteger(value) && ownColumn(table) !== null ? (value as number) : undefined

/** The key of a row by the values of its primary key, in their order. **Errors** as `known`. */
export const rowKey = (table: TableSource, key: ReadonlyArray<unknown>): RowKey =>
  (key.length === 1 ? ownKey(table, key[0]) : undefined) ?? keyOfText(keyText(table, key))

/** The key of a row where it is one whole number: undefined where a text must be made. */
export const ownKeyOf = (table: TableSource, row: Row): number | undefined => {
  const column = ownColumn(table)
  const value = column === null ? undefined : row[column]
  return Number.isSafeInteger(value) ? (value as number) : undefined
}

/** The key of a row that holds it. **Errors** as `known`. */
export const rowKeyOfRow = (table: TableSource, row: Row): RowKey => {
  const own = ownKeyOf(table, row)
  if (own !== undefined) return own
  const key = table.primaryKey.map((one) => row[one])
  return rowKey(table, key)
}

/** The key a ref stands for; a promise is one of its own. */
export const rowKeyOf = (ref: RowRef): RowKey =>
  ref._tag === "Known"
    ? (ownKey(ref.table, ref.key[0]) ?? placeOfId(ref.id).key)
    : `@${ref.promise}`

/** A ref's `id` taken apart: the table's own, and the key in it. */
export const placeOfId = (id: string): { readonly table: number; readonly key: RowKey } => {
  const end = id.search(/[:@]/)
  return {
    table: Number(id.slice(0, end)),
    key: id[end] === ":" ? keyOfText(id.slice(end + 1)) : id.slice(end)
  }
}

/** The ref of a new row; `promise` tells it apart from the other new rows of the session. */
export const promised = (table: TableSource, promise: number): PromisedRef =>
  Object.freeze({ _tag: "Promised", table, promise, id: `${table.id}@${promise}` })

/** The value the server will make for a column of a new row, as a cell of another one. */
export const promisedCell = (ref: PromisedRef, column: string): PromisedCell =>
  Object.freeze({ [PromisedCellId]: true as const, ref, column })

/** The ref of a row found under this key: the promised one where it has not got its own yet. */
export const refUnder = (table: TableSource, key: RowKey, row: Row): RowRef =>
  typeof key === "string" && key.startsWith("@")
    ? promised(table, Number(key.slice(1)))
    : known(
        table,
        table.primaryKey.map((column) => row[column])
      )

/** The ref of a row that holds its own key, or undefined where a part of it is missing. */
export const ofRow = (table: TableSource, row: Row): KnownRef | undefined => {
  const own = ownColumn(table)
  const cell = own === null ? undefined : row[own]
  if (Number.isSafeInteger(cell)) return refOfInteger(table, cell as number)
  if (own !== null && (cell === undefined || cell === null)) return undefined
  const key = table.primaryKey.map((column) => row[column])
  const isWhole = key.every((cell) => cell !== undefined && cell !== null && !isPromisedCell(cell))
  return isWhole && key.length > 0 ? known(table, key) : undefined
}

/** The key columns of a row, as far as its ref knows them; promised ones as promises. */
export const keyRow = (ref: RowRef): Record<string, unknown> => {
  const row = rowOf()
  ref.table.primaryKey.forEach((column, index) => {
    row[column] = ref._tag === "Known" ? ref.key[index] : promisedCell(ref, column)
  })
  return row
}

/** Compact text for listings: `users(5)` or `users@1`. */
export const format = (ref: RowRef): string =>
  ref._tag === "Promised"
    ? `${ref.table.name}@${ref.promise}`
    : `${ref.table.name}(${ref.id.slice(ref.id.indexOf(":") + 1)})`

const compareText = (left: string, right: string): number =>
  left < right ? -1 : Number(left > right)

const comparePart = (left: unknown, right: unknown): number => {
  const isNumber = (value: unknown): value is number | bigint =>
    typeof value === "number" || typeof value === "bigint"
  if (isNumber(left) && isNumber(right)) return left < right ? -1 : Number(left > right)
  return 0
}

/** A total order of the refs of one table: by key, new rows last. The order rows are locked in. */
export const compare = (left: RowRef, right: RowRef): number => {
  if (left._tag === "Promised" || right._tag === "Promised") {
    if (left._tag !== right._tag) return left._tag === "Known" ? -1 : 1
    return left._tag === "Promised" && right._tag === "Promised" ? left.promise - right.promise : 0
  }
  for (let part = 0; part < left.key.length; part++) {
    const order = comparePart(left.key[part], right.key[part])
    if (order !== 0) return order
  }
  return compareText(left.id, right.id)
}
