import type { Relation } from "../../../algebra/Relation.ts"
import {
  type BoundList,
  compare,
  constant,
  type Scalar,
  type Window
} from "../../../algebra/Scalar.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import type { AnyType } from "../../../algebra/Type.ts"
import type { ListParameter, Origin, Parameter, Query, Term } from "../../Placed.ts"
import { parameterOf, positionOf } from "../../Position.ts"
import type { Context } from "../../Program.ts"
import { holdsQuery } from "../../kids.ts"
import { isOneRow } from "../../oneRow.ts"
import { isWritten, written } from "../../wrapped.ts"
import type { Finisher } from "./Finisher.ts"
import { inRuns, isSure, resolve, type Scope } from "./Scope.ts"
import { isValue } from "./contents.ts"
import { inCall, operator, placeKids } from "./operator.ts"
import { settleAnswers } from "./references.ts"
import { hasQuery } from "./saidInside.ts"
import { typed } from "./typed.ts"
import { looksAround } from "./varying.ts"
import { windowTerm } from "./windowTerm.ts"

/**
 * How a query inside an expression is placed: given by `relations.ts`, which needs terms itself.
 */
export type PlaceQuery = (query: Relation, outer: Scope, rows: "row" | "any") => Query

/** Places expressions: references become columns, values parameters, queries nested SELECTs. */
export type PlaceTerm = (node: Scalar, scope: Scope) => Term

export const termPlacer = (
  context: Context,
  placeQuery: PlaceQuery,
  /** Made of this itself. */
  finish: () => Finisher
): PlaceTerm => {
  const onMariadb = context.capabilities.dialect === "mariadb"
  const place = (node: Scalar, scope: Scope): Term => {
    for (let at: Scope | null = scope; at !== null; at = at.outer) {
      if (at.known !== null) {
        if (isValue(node)) break
        const known = at.known(node)
        if (known !== null) return at === scope || !onMariadb ? known : beside(node, known, scope)
      }
      // A window is over the rows of its own query, whatever one around it has of that key.
      if (node._tag === "Window") break
    }
    switch (node._tag) {
      case "Ref":
      case "Presence":
        return onMariadb && scope.outer !== null && scope.visible(node.alias, node) === null
          ? beside(node, resolve(node, scope), scope)
          : resolve(node, scope)
      case "Bound":
        return isWritten(node.type.sql, context.capabilities.dialect)
          ? wrapped(node.type, parameterOf(node).origin)
          : parameterOf(node)
      case "BoundList":
        return list(node)
      case "Named":
        return wrapped(node.type, { _tag: "Named", name: node.name })
      case "Generated":
        return wrapped(node.type, { _tag: "Generated", generator: node.generator })
      case "Default":
        return refuse("DEFAULT stands inside an expression: it is a whole cell, or a new value")
      case "Aggregate":
        return scope.aggregate === null
          ? refuse(
              `${node.name}() stands where no rows are grouped: use it in select, having or orderBy`
            )
          : scope.aggregate(node)
      case "Grouping":
        return scope.aggregate === null
          ? refuse("grouping() stands where no rows are grouped")
          : scope.aggregate(node)
      case "Window":
        return over(node, scope)
      case "WindowCall":
        return refuse(`${node.name} needs a window: say over()`)
      // The commonest operator, without lists of its children.
      case "Compare":
        return operator(node, { left: place(node.left, scope), right: place(node.right, scope) })
      case "And":
      case "Or":
        return operator(node, { parts: each(inRuns(node, scope), scope) })
      case "InList":
        return operator(node, { self: place(node.self, scope), list: listOf(node.list, scope) })
      case "InQuery":
        return operator(node, { self: sought(node.self, scope), query: inner(node.query, scope) })
      case "Subquery":
        // A query in a user's text is what the text makes of it: any number of rows and columns.
        if ("parts" in node.type)
          return operator(node, { query: grounded(asOne(node.query, scope)) })
        return scalar(node, soleOf(node.query, asOne(node.query, scope)), grounded)
      case "Exists":
        return operator(node, { query: grounded(placeQuery(node.query, scope, "any")) })
      default:
        return placed(node, scope)
    }
  }
  const grounded = (query: Query): Query => finish().ground(query)
  const wrapped = (type: AnyType, origin: Origin): Term =>
    written(type, context.capabilities.dialect, (one) => parameter(origin, one))
  const each = (nodes: ReadonlyArray<Scalar>, scope: Scope): ReadonlyArray<Term> => {
    const terms = new Array<Term>(nodes.length)
    for (let at = 0; at < nodes.length; at++) terms[at] = place(nodes[at]!, scope)
    return terms
  }
  // This one and the others apart from `place`, in which a closure would cost memory at each node.
  const over = (node: Window, scope: Scope): Term =>
    windowTerm(node, (kid) => place(kid, scope), context)
  const placed = (node: Scalar, scope: Scope): Term => {
    const passesOn = node._tag === "Call" && (node.name === "nullif" || node.name === "coalesce")
    const term = placeKids(node, (kid) =>
      passesOn ? typed(place(kid, scope), kid.type, context) : place(kid, scope)
    )
    return onMariadb && scope.outer !== null && term._tag === "Not"
      ? operator(term.node, { self: inDenial(term.kids.self) })
      : term
  }
  /**
   * MySQL and MariaDB have no query in a row that is sought in a query. MariaDB 10.11 finds one in
   * a derived table too that it merges, so that such a table is computed first. A query that is
   * sought by itself it takes for found where it has no row; it looks into no call.
   */
  const sought = (node: Scalar, scope: Scope): Term => {
    if (node._tag !== "Tuple" || context.capabilities.tuples) {
      const one = place(node, scope)
      return onMariadb && one._tag === "Subquery" ? inCall(one) : one
    }
    settleAnswers(node, scope)
    const row = place(node, scope)
    // A column that a key of groups has become may be one again, where MariaDB merges.
    if (hasQuery(node) || holdsQuery(row))
      context.refuse("tuples", "a query in a tuple sought in another query")
    return row
  }
  /** MariaDB 10.11 forgets `LIMIT 0` of an arm: `(SELECT (SELECT 1 LIMIT 0) UNION …)`. */
  const asOne = (query: Relation, scope: Scope): Query => {
    const placed = placeQuery(query, scope, "row")
    return onMariadb && placed._tag === "Compound"
      ? { ...placed, parts: placed.parts.map((arm) => (isCut(arm) ? finish().wrap(arm) : arm)) }
      : placed
  }
  const soleOf = (query: Relation, placed: Query): Query =>
    context.capabilities.severalRowsFail || isOneRow(query) ? placed : finish().sole(placed)
  /**
   * MySQL refuses LIMIT on the right of IN, but not inside one more derived table; there MariaDB
   * 10.11 also finds NULL in INTERSECT and EXCEPT where there is none, and in a DELETE the wrong
   * value of a window.
   */
  const inner = (query: Relation, scope: Scope): Query => {
    const placed = grounded(finish().byName(placeQuery(query, scope, "row")))
    const apart = isCut(placed) || subtracts(placed) || selectsWindow(placed)
    const { limitInsideIn } = context.capabilities
    return finish().sought(limitInsideIn || !apart ? placed : finish().wrap(placed))
  }
  const listOf = (node: Scalar, scope: Scope): Term =>
    node._tag === "Named"
      ? {
          _tag: "ListParameter",
          origin: { _tag: "Named", name: node.name },
          size: null,
          type: node.type
        }
      : place(node, scope)
  return place
}

/**
 * A column of a query outside, said where rows are grouped. Beside an aggregate MariaDB 10.11 gives
 * that of a derived table it merges as it was for another row: `(SELECT count(*) + d.x FROM …)`. It
 * looks into no call. A table is a derived one where it says of itself that its row is there.
 */
const beside = (node: Scalar, outside: Term, scope: Scope): Term => {
  if (outside._tag !== "Column" || scope.aggregate === null || isSure(node)) return outside
  return inCall(outside)
}

/**
 * MariaDB 10.11 dies of `(SELECT NOT g.x …)` where a query outside groups no rows by x, and of that
 * x in a junction that is denied. A comparison is no column.
 */
const inDenial = (term: Term): Term => {
  if (term._tag === "And" || term._tag === "Or")
    return operator(term.node, { parts: term.kids.parts.map(inDenial) })
  if (term._tag !== "Column") return term
  const never = constant(false, term.type)
  const node = compare("ne", never, never, term.type)
  return operator(node, { left: term, right: operator(never, {}) })
}

/** LIMIT in a query itself or in an arm of it. */
export const isCut = (query: Query): boolean => {
  if (query._tag === "CustomQuery") return isCut(query.self)
  if (query.limit !== null || query.offset !== null) return true
  return query._tag === "Compound" && query.parts.some(isCut)
}

/** A window among what a query or an arm of it selects. */
const selectsWindow = (query: Query): boolean => {
  if (query._tag === "CustomQuery") return selectsWindow(query.self)
  return query._tag === "Compound"
    ? query.parts.some(selectsWindow)
    : query.items.some(({ term }) => looksAround(term))
}

/** INTERSECT or EXCEPT in a query itself or in an arm of it. */
const subtracts = (query: Query): boolean => {
  if (query._tag === "CustomQuery") return subtracts(query.self)
  if (query._tag === "Block") return false
  return (query.op !== "union" && query.op !== "unionAll") || query.parts.some(subtracts)
}

const parameter = (origin: Parameter["origin"], type: Parameter["type"]): Parameter => ({
  _tag: "Parameter",
  origin,
  type
})

const list = (node: BoundList): ListParameter => ({
  _tag: "ListParameter",
  origin: { _tag: "Bound", position: positionOf(node) },
  size: node.values.length,
  type: node.type
})

/** The one value of a query; of a query of one row without tables it is the expression itself. */
const scalar = (
  node: Extract<Scalar, { readonly _tag: "Subquery" }>,
  query: Query,
  ground: (query: Query) => Query
): Term => {
  const plain =
    query._tag === "Block" &&
    query.from === null &&
    query.where === null &&
    query.group === null &&
    query.having === null &&
    query.limit === null &&
    query.offset === null &&
    !looksAround(query.items[0]!.term)
  return plain ? query.items[0]!.term : operator(node, { query: ground(query) })
}
