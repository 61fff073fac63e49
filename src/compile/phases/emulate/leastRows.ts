import { type Update, update } from "../../../algebra/Command.ts"
import * as R from "../../../algebra/Relation.ts"
import type { Relation } from "../../../algebra/Relation.ts"
import type { RowShape } from "../../../algebra/RowShape.ts"
import * as S from "../../../algebra/Scalar.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import { booleanType, integerType } from "../../internalTypes.ts"
import { aliasesIn, aliasesOf, determinedBy } from "./matches.ts"

/** Whether one row of the sources at most gives each row of an update its values. */
export const isSettled = ({ alias, from, values, where }: Update): boolean => {
  if (from === null) return true
  const determined = determinedBy(alias, from, where)
  const beside = aliasesIn(from)
  return values.every((value) =>
    [...aliasesOf(value)].every((one) => !beside.has(one) || determined.has(one))
  )
}

const cell: RowShape = Object.freeze({ _tag: "Cell", index: 0 })

/** The least of the tuples of new values by subqueries, in the place of the sources. */
export const byLeast = (node: Update): Update => {
  const { from, values, where } = node
  if (from === null) return node
  const beside = aliasesIn(from)
  const reads = (value: Scalar): boolean => [...aliasesOf(value)].some((one) => beside.has(one))
  const rows = R.filter(from, where)
  const dependent = values.filter(reads)
  const least = (value: Scalar): Scalar =>
    S.subquery(
      R.slice(ordered(R.project(rows, [value], cell), dependent), S.constant(1, integerType), null),
      value.type
    )
  const back = node.shape === null ? null : { fields: node.returned, shape: node.shape }
  return update(
    node.table,
    node.alias,
    node.columns,
    values.map((value) => (reads(value) ? least(value) : value)),
    S.exists(rows, booleanType),
    back,
    { ...node, from: null }
  )
}

export const ascending: R.Direction = { direction: "asc", nulls: "first" }

export const ordered = (self: Relation, keys: ReadonlyArray<Scalar>): Relation =>
  R.order(
    self,
    keys,
    keys.map(() => ascending)
  )
