import { tableKeys } from "../algebra/schema/tableKeys.ts"
import type { TableSource } from "../algebra/Source.ts"
import type { Edit } from "../mapping/flush/diff.ts"

/** Changes of unique values, which others may refer to: these follow. */

export type Patch = Extract<Edit, { readonly _tag: "Patch" }>

const changeable = new WeakMap<TableSource, ReadonlySet<string>>()

/** The columns of a table that others may refer to, and that may change. */
export const changeableIn = (table: TableSource): ReadonlySet<string> => {
  let columns = changeable.get(table)
  if (columns === undefined) {
    const all = tableKeys(table).flatMap((key) => key.columns)
    columns = new Set(all.filter((column) => !table.primaryKey.includes(column)))
    changeable.set(table, columns)
  }
  return columns
}

/** May others follow this edit? */
export const isRekeying = (edit: Edit): edit is Patch => {
  if (edit._tag !== "Patch") return false
  const columns = changeableIn(edit.ref.table)
  if (columns.size === 0) return false
  for (const key in edit.values) if (columns.has(key)) return true
  return false
}
