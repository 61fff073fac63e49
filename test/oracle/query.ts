import type { Order, Relation } from "../../src/algebra/Relation.ts"
import type { Env, Scope, World } from "./Meaning.ts"
import { compareKeys, denote } from "./relation.ts"
import { rowOf } from "./result.ts"
import { outside } from "./Value.ts"

const rows = (scopes: ReadonlyArray<Scope>): ReadonlyArray<unknown> =>
  scopes.map(({ result }) => rowOf(result ?? outside("a query without a projection")))

/** The sort that decides the order of a query's rows, if one does. */
const lastOrder = (query: Relation): Order | null =>
  query._tag === "Order"
    ? query
    : query._tag === "Slice" ||
        query._tag === "DistinctOn" ||
        query._tag === "Lock" ||
        query._tag === "Hint"
      ? lastOrder(query.self)
      : null

/**
 * The rows of a closed query, as classes in the promised order: within a class any order will do.
 * Without ORDER BY there is one class.
 */
export const answer = (query: Relation, world: World): ReadonlyArray<ReadonlyArray<unknown>> => {
  const env: Env = { world, scopes: [], around: null }
  const scopes = denote(query, env)
  const order = lastOrder(query)
  if (order === null) return [rows(scopes)]
  const classes: Array<Array<Scope>> = []
  let before: Scope["sorted"] = null
  for (const scope of scopes) {
    const keys = scope.sorted ?? outside("an order that was lost")
    if (before !== null && compareKeys(before, keys, order.directions) === 0)
      classes.at(-1)!.push(scope)
    else classes.push([scope])
    before = keys
  }
  return classes.map(rows)
}
