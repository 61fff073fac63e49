import type { TableSource } from "../../algebra/Source.ts"

/**
 * Columns of a table that hold what another table holds in some of its own, because they refer to
 * it: at once, or by way of rows between that hold it too.
 */
export interface Chain {
  readonly owner: TableSource
  readonly columns: ReadonlyArray<string>
  readonly target: TableSource
  readonly targetColumns: ReadonlyArray<string>
  /** The table it refers to itself, and by which columns; null where that is the target. */
  readonly next: {
    readonly table: TableSource
    readonly columns: ReadonlyArray<string>
    readonly targetColumns: ReadonlyArray<string>
  } | null
  /** The database carries it on all the way. */
  readonly isCascade: boolean
}

/** What the columns of a table follow. */
export const chainsOf = (owner: TableSource): ReadonlyArray<Chain> => {
  const chains = owner.foreignKeys().map(({ columns, onUpdate, target, targetColumns }): Chain => ({
    owner,
    columns,
    target,
    targetColumns,
    next: null,
    isCascade: onUpdate === "cascade"
  }))
  const seen = new Set<TableSource>([owner])
  for (const chain of chains) {
    const { columns, isCascade, next, target, targetColumns } = chain
    if (seen.has(target)) continue
    for (const key of target.foreignKeys()) {
      const places = key.columns.map((column) => targetColumns.indexOf(column))
      if (places.includes(-1)) continue
      seen.add(target)
      chains.push({
        owner,
        columns: places.map((at) => columns[at]!),
        target: key.target,
        targetColumns: key.targetColumns,
        next: next ?? { table: target, columns, targetColumns },
        isCascade: isCascade && key.onUpdate === "cascade"
      })
    }
  }
  return chains
}
