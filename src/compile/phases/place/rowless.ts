import { constant } from "../../../algebra/Scalar.ts"
import { integerType } from "../../internalTypes.ts"
import type { From, Query, Term } from "../../Placed.ts"
import type { Offered } from "./sources.ts"
import { operator } from "./operator.ts"

/** Whether a query reads rows, and where it is one row by itself, whether it joins outwards. */
type Reads = "rows" | "nothing" | "nothing joined"

type Named = ReadonlyMap<string, Offered>

/**
 * Keeps apart the queries of a side that an outer join may leave out.
 *
 * What reads no table and joins outwards PostgreSQL 18 merges into the outer join around it, and
 * its values are there where that one leaves the row out: `… LEFT JOIN (SELECT 0 AS x FROM
 * (SELECT 1) a LEFT JOIN (SELECT 1) b ON FALSE) c ON FALSE`. It merges none with an offset.
 */
export const keptApart = (from: From, named: Named): void => {
  if (from._tag === "JoinFrom") {
    keptApart(from.left, named)
    keptApart(from.right, named)
    return
  }
  const query =
    from._tag === "QueryFrom"
      ? from.query
      : from._tag === "CteFrom"
        ? (named.get(from.name)?.query ?? null)
        : null
  if (query?._tag === "Block" && ofQuery(query, named) === "nothing joined")
    (query as { offset: Term | null }).offset ??= operator(constant(0, integerType), {})
}

const ofQuery = (query: Query, named: Named): Reads =>
  query._tag === "Block"
    ? ofFrom(query.from, named)
    : query._tag === "Compound" && query.parts.length === 1
      ? ofQuery(query.parts[0]!, named)
      : "rows"

const ofFrom = (from: From | null, named: Named): Reads => {
  switch (from?._tag) {
    case undefined:
      return "nothing"
    case "JoinFrom": {
      const sides = [ofFrom(from.left, named), ofFrom(from.right, named)]
      if (sides.includes("rows")) return "rows"
      const isOuter = from.kind !== "inner" && from.kind !== "cross"
      return isOuter || sides.includes("nothing joined") ? "nothing joined" : "nothing"
    }
    case "QueryFrom":
      return ofQuery(from.query, named)
    case "CteFrom": {
      const query = named.get(from.name)?.query ?? null
      return query === null ? "rows" : ofQuery(query, named)
    }
    default:
      return "rows"
  }
}
