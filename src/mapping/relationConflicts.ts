import { refuse } from "../algebra/StatementError.ts"
import type { RelationFacts } from "./EntityClass.ts"
import { place } from "./relationKeys.ts"

/** Whose columns a relation of keys writes, and which; null where it writes none of this kind. */
const written = ({ columns, kind, target, targetColumns }: RelationFacts): string | null => {
  if (kind === "belongsTo") return `own ${columns.join()}`
  return kind === "hasOne" || kind === "hasMany" ? `${target.id} ${targetColumns.join()}` : null
}

/** Two sides that hold one key both write it; two lists of one key differ in whose it is to go. */
const reason = (one: RelationFacts, other: RelationFacts): string | null => {
  if (one.kind === "belongsTo") return `both write "${one.columns.join('", "')}"`
  if (one.children === other.children) return null
  const key = one.targetColumns.join('", "')
  return (
    `both write "${key}" of "${one.target.name}", and differ in what becomes of children: ` +
    `${one.children} and ${other.children}`
  )
}

/**
 * Refuses relations of one entity that write the same columns in conflict.
 *
 * **Shape** keys that share some of their columns are no conflict by themselves, as where tenants
 * are part of every key: there a row is refused that would hold two values in one.
 */
export const refuseConflicts = (relations: Iterable<RelationFacts>): void => {
  const writers = new Map<string, RelationFacts>()
  for (const relation of relations) {
    const columns = written(relation)
    if (columns === null) continue
    const other = writers.get(columns)
    writers.set(columns, relation)
    const says = other === undefined ? null : reason(other, relation)
    if (says !== null) refuse(`${place(relation.owner, other!.name)} and ${relation.name} ${says}`)
  }
}
