import { type Update, update } from "../../../algebra/Command.ts"
import * as R from "../../../algebra/Relation.ts"
import type { Relation } from "../../../algebra/Relation.ts"
import type { RowShape } from "../../../algebra/RowShape.ts"
import * as S from "../../../algebra/Scalar.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import { projectionOf } from "../place/sources.ts"
import { ascending, ordered } from "./leastRows.ts"

/**
 * An update by a row of a query, each column by a query of its own; all of them choose the same row
 * of those that tie.
 *
 * **Laws** L2: the update is the same.
 */
export const columnByColumn = (node: Update): Update => {
  const { alias, columns, row, rowColumns, table, values, where } = node
  if (row === null) return node
  const width = columns.length
  const parts = rowColumns.map((_, i) => columnOf(row, i))
  const back = node.shape === null ? null : { fields: node.returned, shape: node.shape }
  return update(
    table,
    alias,
    [...columns, ...rowColumns],
    [...values.slice(0, width), ...parts, ...values.slice(width)],
    where,
    back,
    { ...node, rowColumns: [], row: null }
  )
}

const cell: RowShape = Object.freeze({ _tag: "Cell", index: 0 })

/** One field of a query's only row. */
const columnOf = (query: Relation, index: number): Scalar => {
  const of = (node: Relation, sorted: boolean): { rel: Relation; field: Scalar } => {
    switch (node._tag) {
      case "Project": {
        const field = node.fields[index]!
        const rel = R.project(node.self, [field], cell)
        return { field, rel: sorted ? ordered(rel, node.fields) : rel }
      }
      case "Order": {
        const { field, rel } = of(node.self, false)
        const ties = sorted ? projected(node) : []
        const keys = [...node.keys, ...ties]
        const ways = [...node.directions, ...ties.map(() => ascending)]
        return { field, rel: R.order(rel, keys, ways) }
      }
      case "Slice": {
        if (node.ties || node.percent) return around(node, index)
        const { field, rel } = of(node.self, true)
        return { field, rel: R.slice(rel, node.limit, node.offset) }
      }
      default:
        return around(node, index)
    }
  }
  const { field, rel } = of(query, false)
  return S.subquery(rel, field.type)
}

/** A query whose columns are settled is asked through one around it. */
const around = (node: Relation, index: number): { rel: Relation; field: Scalar } => {
  const source = Object.freeze({ _tag: "DerivedSource", query: node } as const)
  const { shape } = projectionOf(node)
  const path = shape._tag === "Record" ? [shape.keys[index]!] : ["value"]
  const field = S.ref("row", source, path, projected(node)[index]!.type)
  return { field, rel: R.project(R.derived(source, "row"), [field], cell) }
}

const projected = (query: Relation): ReadonlyArray<Scalar> => projectionOf(query).fields
