import { isDrawn } from "../../../algebra/Scalar.ts"
import { type From, isQuery, type Query, type Term } from "../../Placed.ts"
import { kidsOf } from "../../kids.ts"

/** Whether a query's rows are drawn: by itself, the queries in its FROM apart. */
export const drawsRows = (query: Query): boolean => {
  switch (query._tag) {
    case "CustomQuery":
      return drawsRows(query.self) || query.args.some(draws)
    case "Compound":
      return query.parts.some(drawsRows) || [query.limit, query.offset].some(isDrawing)
    case "Block":
      return (
        query.items.some(({ term }) => draws(term)) ||
        query.order.some(({ term }) => draws(term)) ||
        (query.group ?? []).some(draws) ||
        [query.where, query.having, query.limit, query.offset].some(isDrawing) ||
        joinsDraw(query.from)
      )
  }
}

const isDrawing = (term: Term | null): boolean => term !== null && draws(term)

const joinsDraw = (from: From | null): boolean =>
  from?._tag === "JoinFrom" && (isDrawing(from.on) || joinsDraw(from.left) || joinsDraw(from.right))

const draws = (term: Term): boolean =>
  ("node" in term && isDrawn(term.node)) ||
  kidsOf(term).some((part) => (isQuery(part) ? drawsAnywhere(part) : draws(part)))

/** The same, what stands in FROM included. */
const drawsAnywhere = (query: Query): boolean =>
  drawsRows(query) ||
  (query._tag === "Block"
    ? sourcesDraw(query.from)
    : (query._tag === "Compound" ? query.parts : [query.self]).some(drawsAnywhere))

const sourcesDraw = (from: From | null): boolean =>
  from?._tag === "JoinFrom"
    ? sourcesDraw(from.left) || sourcesDraw(from.right)
    : (from?._tag === "QueryFrom" || from?._tag === "RecursionFrom") && drawsAnywhere(from.query)
