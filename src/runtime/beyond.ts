import type { ChangeSet, Delete, Update } from "../mapping/ChangeSet.ts"
import { byTable, type ConstraintModel, type ReferenceFacts } from "../mapping/ConstraintModel.ts"
import { detachable, withKey } from "../mapping/flush/expand.ts"
import { rowOf } from "../mapping/RowRef.ts"
import { alone, type Beside } from "./Elsewhere.ts"

/** What becomes of rows in another database where the row they refer to goes. */
export type Fate = "delete" | "detach" | "restrict"

/** Rows of other databases that refer to one that goes, or to a key that changes. */
export interface Beyond {
  readonly reference: ReferenceFacts
  /** The key they refer to; null where nobody knows it, or where it becomes another one. */
  readonly key: ReadonlyArray<unknown> | null
}

/** What no class says anything of is refused, as the database would refuse it. */
export const fateOf = (reference: ReferenceFacts): Fate => {
  const { children } = reference
  if (children === "delete") return children
  return children === "detach" && detachable(reference).length > 0 ? children : "restrict"
}

const keyOf = (
  { before, ref }: Delete | Update,
  columns: ReadonlyArray<string>
): ReadonlyArray<unknown> => {
  const row = withKey(ref, before, columns)
  return columns.map((column) => row[column])
}

/**
 * What changes take with them in other databases, once everything here is known.
 *
 * **Shape** nothing of a relation that leaves its children to the database: there that is the
 * program.
 */
export const beyondOf = (
  model: ConstraintModel,
  { changes }: ChangeSet,
  beside: Beside
): ReadonlyArray<Beyond> => {
  if (beside === alone) return []
  const factsOf = byTable(model)
  return changes.flatMap((change) => {
    if (change._tag === "Insert") return []
    return factsOf(change.ref.table).referrers.flatMap((reference): ReadonlyArray<Beyond> => {
      const { children, columns, foreignKey, owner, rest } = reference
      if (rest !== null || children === "database") return []
      const { targetColumns } = foreignKey
      const isMoved = change._tag === "Update" && change.instead === undefined
      if (isMoved && targetColumns.every((column) => change.set[column] === undefined)) return []
      const key = keyOf(change, targetColumns)
      if (key.includes(null)) return []
      const cells = rowOf()
      columns.forEach((column, at) => {
        if (key[at] !== undefined) cells[column] = key[at]
      })
      if (!beside.isAlso(owner, cells)) return []
      return [{ reference, key: isMoved || key.includes(undefined) ? null : key }]
    })
  })
}
