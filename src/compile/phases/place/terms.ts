import { childFields, children, holds } from "../../../algebra/fold.ts"
import { isWritten, written } from "../../wrapped.ts"
import type { Relation } from "../../../algebra/Relation.ts"
import {
  type Aggregate,
  type BoundList,
  call,
  caseOf,
  cast,
  compare,
  constant,
  isVolatile,
  type Presence,
  raw,
  type Ref,
  type Scalar,
  type Window,
  window
} from "../../../algebra/Scalar.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import type { AnyType } from "../../../algebra/Type.ts"
import { holdsQuery, operandsOf } from "../../kids.ts"
import { booleanType, integerType } from "../../internalTypes.ts"
import { isOneRow } from "../../oneRow.ts"
import { parameterOf, positionOf } from "../../Position.ts"
import type { Context } from "../../Program.ts"
import {
  type ListParameter,
  type Operator,
  type OperatorTag,
  type Origin,
  type Parameter,
  type Query,
  type Term,
  typeOf
} from "../../Placed.ts"
import type { Finisher } from "./Finisher.ts"
import { boundIn, hasQuery } from "./saidInside.ts"
import { inRuns, resolve, type Scope, sourceOf, sureColumn } from "./Scope.ts"

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

const isSure = (node: Scalar): boolean =>
  node._tag === "Ref" && node.source._tag === "TableSource" && sureColumn(node.source) !== undefined

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

const untyped: ReadonlySet<string> = new Set(["Boolean", "Date", "Time", "Timestamp"])

/**
 * MySQL and MariaDB take a value of these types for a text where nothing says what it is: in a
 * list, in a window, and where a function passes on what it is given.
 */
export const typed = (value: Term, type: AnyType, { capabilities }: Context): Term =>
  (capabilities.dialect === "mysql" || capabilities.dialect === "mariadb") &&
  value._tag === "Parameter" &&
  untyped.has(type.sql._tag)
    ? operator(cast(constant(null, type), type), { self: value })
    : value

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

/** An operator over children that are terms already. */
export const operator = <T extends OperatorTag>(
  node: Operator<T>["node"],
  kids: { readonly [field: string]: Term | Query | null | ReadonlyArray<Term> }
): Term => ({ _tag: node._tag, node, kids }) as unknown as Operator<OperatorTag>

/** The number one. */
export const one = (): Term => operator(constant(1, integerType), {})

/** `CASE WHEN condition THEN value END` */
export const when = (condition: Term, value: Term): Term => {
  const type = typeOf(value)
  const absent = constant(null, type)
  return operator(caseOf([], [], absent, type), {
    whens: [condition],
    thens: [value],
    otherwise: operator(absent, {})
  })
}

/** TRUE. */
export const yes = (): Term => operator(constant(true, booleanType), {})

/**
 * A window function: its own children are placed, and it itself is nothing of a group. A partition
 * by what never varies is none, but a sort key stays one, because a frame may ask for it.
 */
const windowTerm = (node: Window, place: (kid: Scalar) => Term, context: Context): Term => {
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
 * WHERE d.x NOT IN (SELECT …)` has no rows. It looks into no call. As `beside`, a table may be one.
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

/** An operator whose children are all expressions. */
export const placeKids = (node: Scalar, place: (kid: Scalar) => Term): Term => {
  const kids: Record<string, Term | null | ReadonlyArray<Term>> = {}
  type Fields = Readonly<Record<string, Scalar | null | ReadonlyArray<Scalar>>>
  for (const field of childFields[node._tag] as ReadonlyArray<string>) {
    const child = (node as unknown as Fields)[field]!
    kids[field] =
      child === null
        ? null
        : Array.isArray(child)
          ? (child as ReadonlyArray<Scalar>).map(place)
          : place(child as Scalar)
  }
  return operator(node as Operator<OperatorTag>["node"], kids)
}

/**
 * An aggregate of this block. SQL gives one whose columns are all an outer query's to that outer
 * query; the algebra does not, so such a one is refused.
 */
export const checkAggregate = (node: Aggregate, inner: Scope): void => {
  const { args, filter, order } = node
  const references = [...args, ...order, ...(filter === null ? [] : [filter])].flatMap(
    freeReferencesOf
  )
  if (references.length > 0 && references.every((one) => inner.visible(one.alias, one) === null)) {
    refuse(`${node.name}() of an outer query's columns only: it would count the outer query's rows`)
  }
}

/** The references that no query inside the expression binds. */
export const freeReferencesOf = (root: Scalar): ReadonlyArray<Ref | Presence> => {
  const bound = boundIn(root)
  return referencesOf(root).filter((one) => !bound.has(one.alias))
}

/** Computes first the derived tables of which an expression reads what a query answered there. */
export const settleAnswers = (root: Scalar, scope: Scope): void => {
  for (const ref of freeReferencesOf(root)) sourceOf(ref, scope)?.apart?.(ref)
}

/** The references in an expression, those inside its subqueries too. */
export const referencesOf = (root: Scalar | Relation): ReadonlyArray<Ref | Presence> => {
  const out: Array<Ref | Presence> = []
  const todo: Array<ReturnType<typeof children>[number]> = [root]
  while (todo.length > 0) {
    const one = todo.pop()!
    if (one._tag === "Ref" || one._tag === "Presence") out.push(one)
    else todo.push(...children(one))
  }
  return out
}

/** An expression of values alone: it is itself wherever it stands, never a key or a column. */
export const isValue = (node: Scalar): boolean => {
  switch (node._tag) {
    case "Bound":
    case "BoundList":
    case "Named":
    case "Constant":
      return true
    case "Ref":
    case "Presence":
    case "Generated":
    case "Aggregate":
    case "Grouping":
    case "WindowCall":
    case "Window":
    case "Subquery":
    case "Exists":
    case "InQuery":
    case "Raw":
    case "CustomScalar":
      return false
    default:
      return !isVolatile(node) && children(node).every((child) => isValue(child as Scalar))
  }
}

/** Whether an expression asks if `what` is among a query's rows, its own queries apart. */
export const asksMembership = (root: Scalar, what: (self: Scalar) => boolean): boolean =>
  (root._tag === "InQuery" && what(root.self)) ||
  outsideQueries(root).some((one) => asksMembership(one, what))

/** Whether an aggregate of the block itself stands in an expression. */
export const aggregates = (root: Scalar): boolean =>
  root._tag === "Aggregate" || outsideQueries(root).some(aggregates)

const outsideQueries = (root: Scalar): ReadonlyArray<Scalar> =>
  root._tag === "InQuery"
    ? [root.self]
    : "query" in root
      ? []
      : (children(root) as ReadonlyArray<Scalar>)

/**
 * A term as a sort or grouping key. A server may fold a user's text without columns to an integer,
 * and read that as the number of a column; a call around it keeps it an expression.
 */
export const asKey = (term: Term): Term => (varies(term) ? asExpression(term) : term)

/** A term that no server takes for the number of a column. */
const asExpression = (term: Term): Term => (folds(term) ? inCall(term) : term)

/** The same value from a call, which servers leave as it is. */
export const inCall = (term: Term): Term => {
  const type = typeOf(term)
  return operator(call("coalesce", [], type), { args: [term, operator(constant(null, type), {})] })
}

/**
 * Whether a parser may make a plain number of a term. SQLite takes the whole of an AND for 0 where
 * one of its parts is for sure: `a AND (0 IS NULL)`, and whether that is NULL for 0 or 1.
 */
const folds = (term: Term): boolean => {
  if (term._tag === "And") return term.kids.parts.some(folds)
  if (term._tag === "IsNull") return folds(term.kids.self)
  if (term._tag === "Not" && term.kids.self._tag === "IsNull") return folds(term.kids.self)
  return !isAnchored(term)
}

/** Whether MariaDB dies of a sort key that is selected too: see `apart`. */
export const dies = (key: Scalar, scope: Scope): boolean =>
  (scope.outer !== null &&
    asksMembership(key, (self) =>
      freeReferencesOf(self).some((one) => scope.visible(one.alias, one) === null)
    )) ||
  asksRecursion(key)

/** Whether an expression asks a recursion anything. */
export const asksRecursion = (root: Scalar): boolean =>
  holds(
    root,
    (node) =>
      node._tag === "Cte" &&
      node.source._tag === "CteSource" &&
      node.source.query._tag === "Recursion"
  )

/**
 * MariaDB 10.11 looks for a sort key among what is selected and dies where both are an operator
 * over `outer.x IN (SELECT …)` of a grouped query outside, or over a column and a query that reads
 * a recursion. No operator of ours is said as IFNULL.
 */
export const apart = (key: Term): Term =>
  operator(raw(["ifnull(", ", NULL)"], [], typeOf(key)), { holes: [key] })

/** What has a value of its row or group: no server can fold it. */
const anchors: ReadonlySet<Term["_tag"]> = new Set<Term["_tag"]>([
  "Column",
  "Label",
  "Proposed",
  "Aggregate",
  "Grouping",
  "Window",
  "Subquery",
  "Exists",
  "InQuery"
])

/**
 * Whether a column, an aggregate or a query stands in a term, so that no server can fold it. In a
 * drawn value none does: PostgreSQL draws one for a sort key and a column that are spelled alike.
 */
export const isAnchored = (term: Term): boolean =>
  anchors.has(term._tag) || operandsOf(term).some(isAnchored)

/** Whether a window stands in a term, so that its value depends on the other rows of its query. */
export const looksAround = (term: Term): boolean =>
  term._tag === "Window" || operandsOf(term).some(looksAround)

/** Whether a term may differ from row to row; users' own text is trusted to. */
export const varies = (term: Term): boolean =>
  // Even a value drawn at execution is drawn once for all rows.
  anchors.has(term._tag) ||
  term._tag === "Raw" ||
  term._tag === "CustomScalar" ||
  (term._tag === "Call" && isVolatile(term.node)) ||
  operandsOf(term).some(varies)
