import { boundColumn } from "../algebra/boundColumn.ts"
import * as C from "../algebra/Command.ts"
import type { Insert } from "../algebra/Command.ts"
import type { Capabilities, DialectName } from "../algebra/Dialect.ts"
import { insertOfLists, type RowLists, someRows, type ValueList } from "../algebra/rowLists.ts"
import type { Bound, Scalar } from "../algebra/Scalar.ts"
import { isListable } from "./listedRows.ts"

/** Fewer rows stay one statement of their own, where that has a parameter for each value. */
const leastBatched = 100

/** May these rows be more than one statement? */
export const isBatched = (
  { columns, rowCount }: Insert,
  { maxParameters }: Capabilities
): boolean => rowCount > leastBatched || rowCount * columns.length > maxParameters

/** Rows said one by one: more in a statement gain nothing, and their text is longer. */
const rowsSaid: Readonly<Record<DialectName, number>> = {
  // A call of the driver takes as many arguments as its statement has values.
  sqlite: 200,
  postgres: 1000,
  mysql: 1000,
  mariadb: 1000
}

/** Rows given as one list a column: more at once gain nothing, and are held twice meanwhile. */
const rowsListed = 5_000

/**
 * The same rows in several inserts, to be run in their order and in one transaction; null where the
 * insert is to be run as it is.
 *
 * **Shape** as lists, one parameter a column, where the dialect takes them and every cell is a
 * value: one text for any number of rows. Else so many rows a statement as its parameters allow.
 * `given` are the rows by their columns, where somebody knows them.
 * **Laws** the same rows stored, given back and counted, in the same order. An upsert is split only
 * where its rows meet each other alike in one statement and in several.
 */
export const insertBatches = (
  node: Insert,
  capabilities: Capabilities,
  policed: boolean,
  given: RowLists<ValueList> | null
): ReadonlyArray<Insert> | null => {
  const { columns, rowCount } = node
  const width = columns.length
  if (node.rows !== null || width === 0 || !isBatched(node, capabilities)) return null
  if (!policed && capabilities.rowsOfLists) {
    const lists = given ?? cellLists(node)
    if (lists !== null && lists.types.every(({ sql }) => isListable(sql)))
      return listed(node, lists)
  }
  if (given === null && !node.cells.every(isPlain)) return null
  const isUpsert = node.conflict !== null
  // There a second row of one key is an error, but only within one statement.
  if (isUpsert && capabilities.dialect === "postgres") return null
  const fits = Math.floor(capabilities.maxParameters / width)
  const isWide = isUpsert || policed || refersToItself(node)
  const size = isWide ? fits : Math.min(rowsSaid[capabilities.dialect], fits)
  if (rowCount <= size || size === 0) return null
  return given === null || isUpsert ? said(node, size) : saidOf(node, given, size)
}

/** The values of the cells by columns; null where some cell is none. */
const cellLists = ({ cells, columns, rowCount }: Insert): RowLists<ValueList> | null => {
  const width = columns.length
  if (!cells.every(isBound)) return null
  const lists = columns.map((_, column) => {
    const list = new Array<unknown>(rowCount)
    for (let row = 0; row < rowCount; row++) list[row] = cells[row * width + column]!.value
    return list
  })
  return { lists, rowCount, types: cells.slice(0, width).map(({ type }) => type) }
}

const isBound = (cell: Scalar): cell is Bound => cell._tag === "Bound"

/** Depends on nothing a row before could have changed. */
const isPlain = ({ _tag }: Scalar): boolean =>
  _tag === "Bound" || _tag === "Generated" || _tag === "Default" || _tag === "Constant"

/** A row may refer to one that comes later in the same statement, and in no later one. */
const refersToItself = ({ columns, table }: Insert): boolean =>
  table.foreignKeys().some((key) => key.target === table && columns.includes(key.columns[0]!))

const moreOf = ({ changes, condition, conflict, ordered }: Insert): C.InsertMore =>
  conflict === null ? { ordered } : { changes, condition, conflict, ordered }

const returningOf = ({ returned, shape }: Insert): C.Returning | null =>
  shape === null ? null : { fields: returned, shape }

const said = (node: Insert, size: number): ReadonlyArray<Insert> => {
  const { cells, columns, rowCount, table } = node
  const width = columns.length
  const back = returningOf(node)
  const more = moreOf(node)
  // Rows of one kind have one key: then the keys of all full batches are one too.
  const isOneKind =
    node.conflict === null &&
    node.returned.every(({ binds }) => binds.length === 0) &&
    cells.every((cell, i) => cell._tag === "Bound" && cell.key === cells[i % width]!.key)
  let full: Insert | null = null
  const batches: Array<Insert> = []
  for (let start = 0; start < rowCount; start += size) {
    const count = Math.min(size, rowCount - start)
    const own = cells.slice(start * width, (start + count) * width)
    const known =
      isOneKind && full !== null && count === size
        ? { key: full.key, binds: own as ReadonlyArray<Bound>, ctes: full.ctes }
        : undefined
    const batch = C.insert(table, columns, own, count, back, more, known)
    full ??= batch
    batches.push(batch)
  }
  return batches
}

/** As `said`, of rows that are lists: the batches share one text, and no cell is made. */
const saidOf = (node: Insert, given: RowLists<ValueList>, size: number): ReadonlyArray<Insert> => {
  const { columns, rowCount, table } = node
  const back = returningOf(node)
  const more = moreOf(node)
  const batches: Array<Insert> = []
  for (let start = 0; start < rowCount; start += size)
    batches.push(insertOfLists(table, columns, someRows(given, start, size), back, more))
  return batches
}

const listed = (node: Insert, given: RowLists<ValueList>): ReadonlyArray<Insert> => {
  const { columns, rowCount, table } = node
  const back = returningOf(node)
  const more = moreOf(node)
  // Two rows of one key are refused where they stand in one statement.
  const isWhole = node.conflict !== null || refersToItself(node)
  const size = isWhole ? rowCount : rowsListed
  const batches: Array<Insert> = []
  for (let start = 0; start < rowCount; start += size) {
    const { lists, types } = someRows(given, start, size)
    const cells = lists.map((list, column) => boundColumn(list, types[column]!))
    // One row, each cell of it a whole column: so the text is the same for any number of them.
    batches.push(C.insert(table, columns, cells, 1, back, more))
  }
  return batches
}
