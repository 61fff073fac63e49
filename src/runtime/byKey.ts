import * as R from "../algebra/Relation.ts"
import * as S from "../algebra/Scalar.ts"
import type { Statement } from "../algebra/Statement.ts"
import type { TableSource } from "../algebra/Source.ts"
import { tableFrom } from "../algebra/tableSource.ts"
import { boolean } from "../algebra/types.ts"
import type { Mapped } from "../mapping/EntityClass.ts"

const sources = new WeakMap<TableSource, ReturnType<typeof tableFrom>>()

const fromOf = (table: TableSource) => {
  let from = sources.get(table)
  if (from === undefined) {
    sources.set(table, (from = tableFrom(table, table.name)))
    R.remember(from.relation, from.fields, from.shape)
  }
  return from
}

/** The row of an entity with this key, whole. */
export const byKey = (
  { source }: Mapped,
  key: ReadonlyArray<unknown>
): Statement<object> & { readonly node: R.Relation } => {
  const from = fromOf(source)
  const parts = source.primaryKey.map((column, i) => {
    const { type } = source.byKey.get(column)!
    return S.compare(
      "eq",
      S.ref(source.name, source, [column], type),
      S.bound(key[i], type),
      boolean
    )
  })
  const predicate = parts.length === 1 ? parts[0]! : S.and(parts, boolean)
  return { node: R.project(R.filter(from.relation, predicate), from.fields, from.shape) }
}
