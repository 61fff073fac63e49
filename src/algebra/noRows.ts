import { columnList } from "./columnList.ts"
import { flatShape } from "./projection.ts"
import * as R from "./Relation.ts"
import type { Relation } from "./Relation.ts"
import * as S from "./Scalar.ts"
import { isServerMade, isServerSet } from "./serverMade.ts"
import type { TableSource } from "./Source.ts"

/** What an insert has of no rows: a list without any, under the columns that a row would give. */
export const noRows = (
  table: TableSource
): { readonly columns: ReadonlyArray<string>; readonly rows: Relation } => {
  const free = table.columns.filter(
    (column) => column.computed === null && !isServerSet(column, "insert")
  )
  const needed = free.filter((column) => column.default !== null || !isServerMade(column))
  const given = needed.length > 0 ? needed : free
  const columns = columnList(
    table,
    given.map(({ key }) => key)
  )
  const fields = given.map(({ type }) => S.constant(null, type))
  return { columns, rows: R.values({ fields, shape: flatShape(columns) }, []) }
}

/** Does an insert take its rows from a list that has none? */
export const isOfNoRows = (rows: Relation | null | undefined): boolean =>
  rows?._tag === "Values" && rows.cells.length === 0
