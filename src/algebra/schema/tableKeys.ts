import type { IndexNode, TableSource } from "../Source.ts"

/** Columns of which no two rows agree on all, and the rule that says so. */
export interface TableKey {
  readonly name: string
  readonly columns: ReadonlyArray<string>
}

/** The columns of an index that is of nothing else; null where an expression is part of it. */
export const indexedColumns = ({ parts }: IndexNode): ReadonlyArray<string> | null => {
  const columns: Array<string> = []
  for (const { scalar } of parts) {
    if (scalar._tag !== "Ref" || scalar.path.length !== 1) return null
    columns.push(scalar.path[0]!)
  }
  return columns
}

/**
 * Every key of a table: primary key, unique constraints, unique indexes.
 *
 * **Shape** without indexes that bind some rows only, or the values of an expression.
 */
export const tableKeys = (table: TableSource): ReadonlyArray<TableKey> => [
  ...(table.primaryKey.length === 0
    ? []
    : [{ name: table.primaryKeyName, columns: table.primaryKey }]),
  ...table.uniques(),
  ...table.indexes().flatMap((index) => {
    const columns = index.unique && index.where === null ? indexedColumns(index) : null
    return columns === null ? [] : [{ name: index.name, columns }]
  })
]
