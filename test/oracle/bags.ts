import type { CombineOperator } from "../../src/algebra/Relation.ts"
import { tokens, type Value } from "./Value.ts"

type Row = ReadonlyArray<Value>

/** The first of each kind. */
export const distinctBy = <A>(
  list: ReadonlyArray<A>,
  kind: (one: A) => string
): ReadonlyArray<A> => {
  const seen = new Set<string>()
  return list.filter((one) => {
    const key = kind(one)
    return seen.has(key) ? false : (seen.add(key), true)
  })
}

/** The rows of the left for which one of the right is left over, or those for which none is. */
const paired = (
  met: boolean,
  left: ReadonlyArray<Row>,
  right: ReadonlyArray<Row>
): ReadonlyArray<Row> => {
  const over = new Map<string, number>()
  for (const row of right) over.set(tokens(row), (over.get(tokens(row)) ?? 0) + 1)
  return left.filter((row) => {
    const key = tokens(row)
    const count = over.get(key) ?? 0
    over.set(key, Math.max(0, count - 1))
    return count > 0 === met
  })
}

const pair = (
  op: CombineOperator,
  left: ReadonlyArray<Row>,
  right: ReadonlyArray<Row>
): ReadonlyArray<Row> => {
  if (op === "unionAll") return [...left, ...right]
  if (op === "union") return distinctBy([...left, ...right], tokens)
  if (op === "intersectAll" || op === "exceptAll") return paired(op === "intersectAll", left, right)
  const others = new Set(right.map(tokens))
  return distinctBy(left, tokens).filter((row) => others.has(tokens(row)) === (op === "intersect"))
}

/** A set operation over parts, from the left. */
export const combineRows = (
  op: CombineOperator,
  parts: ReadonlyArray<ReadonlyArray<Row>>
): ReadonlyArray<Row> =>
  parts.slice(1).reduce((left, right) => pair(op, left, right), parts[0] ?? [])
