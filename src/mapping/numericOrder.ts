import * as T from "../algebra/types.ts"
import type { RelationFacts } from "./EntityClass.ts"

/**
 * Are the rows of a relation in the order of one number? It is here what it is on any server, and
 * costs less: most rows come so as they are found.
 */
export const isNumeric = ({ order, target, toMany }: RelationFacts): boolean =>
  toMany &&
  order.length === 0 &&
  target.primaryKey.length === 1 &&
  target.byKey.get(target.primaryKey[0]!)!.type.key === T.integer.key

/** The number of the row at a position, where a relation's rows are in such an order; else null. */
export const numbersIn = (
  relation: RelationFacts,
  rows: ReadonlyArray<object>
): ((position: number) => number) | null => {
  if (!isNumeric(relation)) return null
  const key = relation.target.primaryKey[0]!
  return (position) => (rows[position] as Readonly<Record<string, number>>)[key]!
}
