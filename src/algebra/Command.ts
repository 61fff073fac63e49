import { bindsOfAll, type Carried, ctesOfAll, keysOfAll, nothing, quoted } from "./carried.ts"
import { columnsKey } from "./columnList.ts"
import type { RowShape } from "./RowShape.ts"
import { shapeKey } from "./Relation.ts"
import type { Scalar } from "./Scalar.ts"
import type { TableSource } from "./Source.ts"

/** What a command gives back of each row it touched; null gives nothing but their number. */
export interface Returning {
  readonly fields: ReadonlyArray<Scalar>
  readonly shape: RowShape
}

/**
 * Adds rows. `cells` holds the rows one after another, `columns.length` cells a row; a column that
 * is
 * absent takes its server's default. Without columns one row of defaults.
 */
export interface Insert extends Carried {
  readonly _tag: "Insert"
  readonly table: TableSource
  /** Column keys. */
  readonly columns: ReadonlyArray<string>
  readonly cells: ReadonlyArray<Scalar>
  readonly rowCount: number
  readonly returned: ReadonlyArray<Scalar>
  readonly shape: RowShape | null
}

/** Changes the rows for which `where` is TRUE; expressions see the row as it was. */
export interface Update extends Carried {
  readonly _tag: "Update"
  readonly table: TableSource
  readonly alias: string
  readonly columns: ReadonlyArray<string>
  readonly values: ReadonlyArray<Scalar>
  readonly where: Scalar
  readonly returned: ReadonlyArray<Scalar>
  readonly shape: RowShape | null
}

/** Removes the rows for which `where` is TRUE. */
export interface Delete extends Carried {
  readonly _tag: "Delete"
  readonly table: TableSource
  readonly alias: string
  readonly where: Scalar
  readonly returned: ReadonlyArray<Scalar>
  readonly shape: RowShape | null
}

/** A function from a database to a database and the rows it returns. */
export type Command = Insert | Update | Delete

const freeze = Object.freeze
const none = freeze({ fields: nothing, shape: null })

export const returningKey = (returning: Returning | typeof none): string =>
  returning.shape === null ? "" : `${keysOfAll(returning.fields)}|${shapeKey(returning.shape)}`

/** `carried` is what the parts carry together, from whoever knows it already. */
export const insert = (
  table: TableSource,
  columns: ReadonlyArray<string>,
  cells: ReadonlyArray<Scalar>,
  rowCount: number,
  returning: Returning | null = null,
  carried: Carried = insertCarried(table, columns, cells, rowCount, returning)
): Insert => {
  const back = returning ?? none
  return freeze({
    _tag: "Insert",
    table,
    columns: freeze(columns),
    cells: freeze(cells),
    rowCount,
    returned: back.fields,
    shape: back.shape,
    key: carried.key,
    binds: carried.binds,
    ctes: carried.ctes
  })
}

const insertCarried = (
  table: TableSource,
  columns: ReadonlyArray<string>,
  cells: ReadonlyArray<Scalar>,
  rowCount: number,
  returning: Returning | null
): Carried => {
  const back = returning ?? none
  const kids = back.fields.length === 0 ? cells : [...cells, ...back.fields]
  return {
    key: insertKey(table, columns, cells, rowCount, returning),
    binds: bindsOfAll(kids),
    ctes: ctesOfAll(kids)
  }
}

export const insertKey = (
  table: TableSource,
  columns: ReadonlyArray<string>,
  cells: ReadonlyArray<Scalar>,
  rowCount: number,
  returning: Returning | null
): string =>
  `insert(T${table.id}|${columnsKey(columns)}|${rowCount}|` +
  `${keysOfAll(cells)}|${returningKey(returning ?? none)})`

/** `carried` is what the parts carry together, from whoever knows it already. */
export const update = (
  table: TableSource,
  alias: string,
  columns: ReadonlyArray<string>,
  values: ReadonlyArray<Scalar>,
  where: Scalar,
  returning: Returning | null = null,
  carried: Carried = updateCarried(table, alias, columns, values, where, returning)
): Update => {
  const back = returning ?? none
  return freeze({
    _tag: "Update",
    table,
    alias,
    columns: freeze(columns),
    values: freeze(values),
    where,
    returned: back.fields,
    shape: back.shape,
    key: carried.key,
    binds: carried.binds,
    ctes: carried.ctes
  })
}

const updateCarried = (
  table: TableSource,
  alias: string,
  columns: ReadonlyArray<string>,
  values: ReadonlyArray<Scalar>,
  where: Scalar,
  returning: Returning | null
): Carried => {
  const back = returning ?? none
  const kids = [...values, where, ...back.fields]
  return {
    key: updateKey(table, alias, columns, values, where, returning),
    binds: bindsOfAll(kids),
    ctes: ctesOfAll(kids)
  }
}

export const updateKey = (
  table: TableSource,
  alias: string,
  columns: ReadonlyArray<string>,
  values: ReadonlyArray<Scalar>,
  where: Scalar,
  returning: Returning | null
): string =>
  `update(T${table.id}${quoted(alias)}|${columnsKey(columns)}|` +
  `${keysOfAll(values)}|${where.key}|${returningKey(returning ?? none)})`

export const remove = (
  table: TableSource,
  alias: string,
  where: Scalar,
  returning: Returning | null = null
): Delete => {
  const back = returning ?? none
  const kids = [where, ...back.fields]
  return freeze({
    _tag: "Delete",
    table,
    alias,
    where,
    returned: back.fields,
    shape: back.shape,
    key: `delete(T${table.id}${quoted(alias)}|${where.key}|${returningKey(back)})`,
    binds: bindsOfAll(kids),
    ctes: ctesOfAll(kids)
  })
}
