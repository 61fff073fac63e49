import { constant, isVolatile, type Scalar, window, type Window } from "../../../algebra/Scalar.ts"
import type { Term } from "../../Placed.ts"
import type { Context } from "../../Program.ts"
import { isSure } from "./Scope.ts"
import { inCall, operator, placeKids } from "./operator.ts"
import { typed } from "./typed.ts"
import { asExpression, isAnchored, varies } from "./varying.ts"

/**
 * A window function: its own children are placed, and it itself is nothing of a group. A partition
 * by what never varies is none, but a sort key stays one, because a frame may ask for it.
 */
export const windowTerm = (node: Window, place: (kid: Scalar) => Term, context: Context): Term => {
  const over = {
    self: placeKids(node.self, (kid) => {
      const one = typed(place(kid), kid.type, context)
      return isSure(kid) ? one : gathered(one, context)
    }),
    partition: node.partition.map(place).filter(varies),
    order: node.order.map((key) => asExpression(place(key))),
    offsets: node.offsets.map(place)
  }
  const sorted = over.order.length > 0 && over.order.every(isSortable)
  return context.capabilities.unorderedWindows || sorted
    ? operator(node, over)
    : unsorted(node, over, context)
}

/**
 * What a window looks at. A column of a derived table that it merges MariaDB 10.11 takes for
 * another row's where a query in WHERE reads it too: `SELECT min(d.x) OVER () FROM (SELECT …) AS d
 * WHERE d.x NOT IN (SELECT …)` has no rows. It looks into no call. A table may be one: see
 * `terms.ts`.
 */
const gathered = (term: Term, { capabilities }: Context): Term =>
  capabilities.dialect === "mariadb" && term._tag === "Column" ? inCall(term) : term

/**
 * MariaDB 10.11 sorts windows in one pass whose orders begin alike, and takes a constant for the
 * beginning of any. It wants an order for these functions, though, which then are constants too.
 */
const unsorted = (node: Window, over: OverTerms, context: Context): Term => {
  const kept = over.order.map(isSortable)
  const order = node.order.filter((_, i) => kept[i])
  const directions = node.directions.filter((_, i) => kept[i])
  const { frame, self } = node
  if (order.length === 0) {
    if (frame?.unit === "range" && over.offsets.length > 0)
      context.refuse("unorderedWindows", "a range with an offset over a constant")
    if (self._tag === "WindowCall") {
      if (self.name === "rank" || self.name === "denseRank")
        return operator(constant(1, self.type), {})
      if (self.name === "ntile" || self.name === "lag" || self.name === "lead")
        context.refuse("unorderedWindows", `${self.name}() without an order`)
    }
  }
  return operator(window(self, { ...node, order, directions }), {
    ...over,
    order: over.order.filter((_, i) => kept[i])
  })
}

interface OverTerms {
  readonly self: Term
  readonly partition: ReadonlyArray<Term>
  readonly order: ReadonlyArray<Term>
  readonly offsets: ReadonlyArray<Term>
}

/** No server can fold it to a constant; of a user's text without holes the user knows. */
const isSortable = (term: Term): boolean =>
  isAnchored(term) ||
  (term._tag === "Raw" && term.kids.holes.length === 0) ||
  (term._tag === "Call" && isVolatile(term.node))
