import { nothing } from "./carried.ts"
import { insert, insertKeyOf, type InsertMore, type Returning } from "./Command.ts"
import type { Generated, Insert, TableSource } from "./nodes.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import type { AnyType } from "./Type.ts"

/** The values of a column, row by row; NULL may be among them. */
export type ValueList = ReadonlyArray<unknown>

/** Rows by their columns: values, or what makes one for each row when it is stored. */
export interface RowLists<L = ValueList | Generated> {
  readonly rowCount: number
  readonly types: ReadonlyArray<AnyType>
  readonly lists: ReadonlyArray<L>
}

const kept = new WeakMap<Insert, RowLists>()

/** The rows of an insert by their columns, where it was made of them. */
export const listsOf = (node: Insert): RowLists | null => kept.get(node) ?? null

/** Whether a column has its values already. */
export const isValueList = (list: ValueList | Generated): list is ValueList => Array.isArray(list)

/** Some of the rows. */
export const someRows = (
  { lists, rowCount, types }: RowLists<ValueList>,
  from: number,
  count: number
): RowLists<ValueList> => ({
  rowCount: Math.min(count, rowCount - from),
  types,
  lists: lists.map((list) => list.slice(from, from + count))
})

/**
 * An insert of rows by their columns.
 *
 * **Shape** as `insert` of their cells, which are made when first asked for: whoever runs a hundred
 * thousand rows asks for those of a few, and of none where the text is known by the key.
 * **Laws** `key` is that of the same insert of cells.
 */
export const insertOfLists = (
  table: TableSource,
  columns: ReadonlyArray<string>,
  given: RowLists,
  returning: Returning | null,
  more?: InsertMore
): Insert => {
  const { rowCount } = given
  let made: Insert | null = null
  const whole = (): Insert =>
    (made ??= insert(table, columns, cellsOf(given), rowCount, returning, more))
  const { conflict = null, rows = null, ordered = false } = more ?? {}
  const isTold = conflict === null && rows === null && given.lists.every(isValueList)
  let key: string | null = null
  const keyOf = (): string => {
    const row = given.types.map((type) => `${S.boundKey(type)},`).join("")
    const plain = insertKeyOf(table, columns, row.repeat(rowCount), rowCount, returning)
    return ordered ? `${plain}ordered` : plain
  }
  // What it carries beside its cells is known without them.
  const bare = insert(table, columns, nothing, rowCount, returning, more)
  const node: Insert = Object.freeze({
    ...bare,
    get cells() {
      return whole().cells
    },
    get key() {
      return isTold ? (key ??= keyOf()) : whole().key
    },
    get binds() {
      return whole().binds
    }
  })
  kept.set(node, given)
  return node
}

const cellsOf = ({ lists, rowCount, types }: RowLists): ReadonlyArray<Scalar> => {
  const keys = types.map((type) => S.boundKey(type))
  const cells: Array<Scalar> = []
  for (let row = 0; row < rowCount; row++)
    for (const [column, list] of lists.entries())
      cells.push(isValueList(list) ? S.bound(list[row], types[column]!, keys[column]) : list)
  return cells
}
