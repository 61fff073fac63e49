import * as R from "../algebra/Relation.ts"
import * as S from "../algebra/Scalar.ts"
import type { TableSource } from "../algebra/Source.ts"
import { tableFrom } from "../algebra/schema/tableSource.ts"
import { boolean } from "../algebra/types.ts"
import type { Named } from "../effects/statements/bind.ts"

const known = new WeakMap<TableSource, R.Relation>()
let last: { readonly table: TableSource; readonly node: R.Relation } | null = null

/** The query of a table's row by its key, whole: one a table, its key a parameter for each part. */
export const byKey = (table: TableSource): R.Relation => {
  if (last !== null && last.table === table) return last.node
  let node = known.get(table)
  if (node === undefined) known.set(table, (node = make(table)))
  last = { table, node }
  return node
}

const make = (table: TableSource): R.Relation => {
  const from = tableFrom(table, table.name)
  const parts = table.primaryKey.map((column, at) => {
    const { type } = table.byKey.get(column)!
    return S.compare(
      "eq",
      S.ref(table.name, table, [column], type),
      S.named(`key${at}`, type),
      boolean
    )
  })
  const predicate = parts.length === 1 ? parts[0]! : S.and(parts, boolean)
  return R.project(R.filter(from.relation, predicate), from.fields, from.shape)
}

/** The parameters of the values of a primary key. */
export const keyParameters = (values: ReadonlyArray<unknown>): Named =>
  Object.fromEntries(values.map((value, at) => [`key${at}`, value]))
