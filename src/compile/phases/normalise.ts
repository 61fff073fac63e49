import type { Command } from "../../algebra/Command.ts"
import { childFields, rebuilt } from "../../algebra/fold.ts"
import { filter, order, project, type Relation, slice } from "../../algebra/Relation.ts"
import type { RowShape } from "../../algebra/RowShape.ts"
import {
  and,
  constant,
  type Exists,
  exists,
  type InList,
  isNull,
  not,
  or,
  type Scalar
} from "../../algebra/Scalar.ts"
import type { AnyType } from "../../algebra/Type.ts"
import { isRepeatable } from "./emulate/isRepeatable.ts"
import { overTrees, type Program } from "../Program.ts"
import { kindsOf } from "../facts.ts"
import { facts, rewriteInner } from "../survey.ts"

/**
 * Where-fusion, TRUE and FALSE folding, the empty list, double negation: nothing for speed, only
 * what keeps the text short and sayable.
 *
 * **Laws** L2: `⟦normalise(q)⟧ = ⟦q⟧`; L4: `where p (where r q) = where (r and p) q`;
 * idempotent.
 */
export const normalise = (program: Program): Program => overTrees(program, normaliseTree)

export const normaliseTree = <N extends Relation | Command>(tree: N): N => {
  const kept = keptKeys(tree)
  return rewriteInner(tree, (node) => simplify(node, kept))
}

/** What keeps its text, by its key. */
type Kept = ReadonlyMap<string, Scalar>

/**
 * Negations and junctions that are grouped by or projected: above, they have a value only as a
 * whole, and as one of their parts they could be taken for another column.
 */
const keptKeys = (tree: Relation | Command): Kept => {
  const { inner, kinds } = facts(tree)
  if ((kinds & truths) === 0) return nothingKept
  const kept = new Map<string, Scalar>()
  // What is kept of one may stand in another, which becomes something else by that.
  let known: number
  do {
    known = kept.size
    for (const node of inner) keepOf(node, kept)
  } while (kept.size > known)
  return kept
}

const keepOf = (node: Scalar | Relation | Command, kept: Map<string, Scalar>): void => {
  if (node._tag === "Project") keepMade(node.fields, kept)
  else if (node._tag === "Group") {
    keepMade(node.keys, kept)
    // A key of grouping sets is NULL in totals.
    if (node.sets !== null) for (const key of node.keys) keepWhole(key, kept)
  } else if (node._tag === "Combine")
    // What is ordered by above a set operation is a column of its first part, known by its key.
    for (const field of fieldsOf(node)) keepWhole(field, kept)
}

/** Of what else there is no text is kept. */
const truths = kindsOf(["And", "Or", "Not", "InList"])

const nothingKept: Kept = new Map()

/** What is inside of them may be said otherwise by then: they are known by both. */
const keepMade = (values: ReadonlyArray<Scalar>, kept: Map<string, Scalar>): void => {
  for (const value of values) {
    if (!keeps(value)) continue
    kept.set(value.key, value)
    const made = rewriteInner(value, (node) => simplify(node, kept))
    if (made !== value) kept.set(made.key, made)
  }
}

/**
 * A truth that is told from others by its key, with all that would make a constant of it; gives
 * what becomes of it, which is kept as well.
 */
const keepWhole = (value: Scalar, kept: Map<string, Scalar>): Scalar => {
  if (isEmpty(value) || keeps(value)) kept.set(value.key, value)
  const made = wholeOf(value, kept)
  if (made !== value) kept.set(made.key, made)
  return made
}

const wholeOf = (value: Scalar, kept: Map<string, Scalar>): Scalar => {
  switch (value._tag) {
    case "InList": {
      const made = aroundWhole(value, kept) as InList
      if (!isEmpty(made)) return made
      kept.set(made.key, made)
      return toldOf(made, constant(made.quantifier === "all", made.type))
    }
    case "Not": {
      const self = keepWhole(value.self, kept)
      return self === value.self ? value : not(self, value.type)
    }
    case "And":
    case "Or": {
      if (value.parts.length === 0) return told(value, value._tag === "And")
      const parts = value.parts.map((part) => keepWhole(part, kept))
      if (parts.every((part, i) => part === value.parts[i])) return value
      return value._tag === "And" ? and(parts, value.type) : or(parts, value.type)
    }
    default:
      return aroundWhole(value, kept)
  }
}

/** What is computed of such a truth would be a value for sure too, which nothing tells by a key. */
const aroundWhole = (value: Scalar, kept: Map<string, Scalar>): Scalar => {
  const fields: ReadonlyArray<string> = childFields[value._tag]
  if (fields.length === 0) return value
  const whole = (one: Scalar): Scalar => keepWhole(one, kept)
  const simpler = (query: Relation): Relation => rewriteInner(query, (node) => simplify(node, kept))
  const kids = fields.map((field) => {
    const child = (value as unknown as Readonly<Record<string, Child>>)[field]!
    // A query says its own, and is said more simply.
    if (child === null) return [field, child]
    if (field === "query") return [field, simpler(child as Relation)]
    return [field, "_tag" in child ? whole(child as Scalar) : child.map(whole)]
  })
  const built = rebuilt(value, Object.fromEntries(kids)) as Scalar
  const made = built._tag === "Exists" ? existence(built) : built
  return made.key === value.key ? value : made
}

type Child = Scalar | Relation | null | ReadonlyArray<Scalar>

const fieldsOf = (query: Relation): ReadonlyArray<Scalar> => {
  if (query._tag === "Project") return query.fields
  if (query._tag === "Combine") return fieldsOf(query.parts[0]!)
  return "self" in query && query._tag !== "Derived" ? fieldsOf(query.self) : none
}

/** Membership of nothing, or a junction of nothing: TRUE or FALSE, as any other is. */
const isEmpty = (value: Scalar): boolean =>
  value._tag === "InList"
    ? value.list._tag === "BoundList" && value.list.values.length === 0
    : (value._tag === "And" || value._tag === "Or") && value.parts.length === 0

const none: ReadonlyArray<Scalar> = []

/** A junction of nothing has no text of its own. */
const keeps = (value: Scalar): boolean =>
  value._tag === "Not" || ((value._tag === "And" || value._tag === "Or") && value.parts.length > 0)

/** Keys are long: where none is kept, none is hashed. */
const isKept = (node: Scalar, kept: Kept): boolean => kept.size > 0 && kept.has(node.key)

/** Whether a junction has the parts of one that is kept in a row: they are that one there. */
const holdsKept = (
  { _tag, parts }: Extract<Scalar, { _tag: "And" | "Or" }>,
  kept: Kept
): boolean => {
  for (const one of kept.values()) {
    if (one._tag !== _tag) continue
    const run = one.parts
    const startsAt = (at: number): boolean => run.every(({ key }, i) => key === parts[at + i]?.key)
    if (run.length > 0 && parts.some((_, at) => startsAt(at))) return true
  }
  return false
}

const simplify = (node: Scalar | Relation | Command, kept: Kept): Scalar | Relation | Command => {
  switch (node._tag) {
    case "Filter": {
      if (isConstant(node.predicate, true)) return node.self
      const below = node.self
      return below._tag === "Filter"
        ? filter(below.self, and([below.predicate, node.predicate], node.predicate.type))
        : node
    }
    case "And":
      return isKept(node, kept) || holdsKept(node, kept) ? told(node, true) : junction(node, true)
    case "Or":
      return isKept(node, kept) || holdsKept(node, kept) ? told(node, false) : junction(node, false)
    case "Not":
      return negation(node, kept)
    case "Exists":
      return existence(node)
    case "InList": {
      if (!isEmpty(node)) return node
      const value = constant(node.quantifier === "all", node.type)
      return isKept(node, kept) ? toldOf(node, value) : value
    }
    default:
      return node
  }
}

/** Membership of nothing that is to keep a text of its own. */
const toldOf = ({ quantifier, self, type }: InList, value: Scalar): Scalar => {
  const parts = [
    value,
    ...(self._tag === "Tuple" ? self.parts : [self]).map((one) => isNull(one, type))
  ]
  return quantifier === "all" ? or(parts, type) : and(parts, type)
}

/** A junction of nothing that is to keep a text of its own. */
const told = (node: Extract<Scalar, { _tag: "And" | "Or" }>, neutral: boolean): Scalar => {
  if (node.parts.length > 0) return node
  const value = constant(neutral, node.type)
  return neutral ? and([value, value], node.type) : or([value, value], node.type)
}

const oneCell: RowShape = Object.freeze({ _tag: "Cell", index: 0 })

/** Whether there is a row depends neither on their order nor on what is selected of them. */
const existence = (node: Exists): Scalar => {
  const query = unasked(unordered(node.query), node.type)
  return query === node.query ? node : exists(query, node.type)
}

/** A query that selects nothing in particular, where nothing above it counts its rows by value. */
const unasked = (query: Relation, type: AnyType): Relation => {
  switch (query._tag) {
    case "Project":
      return query.fields.every(isConstantField)
        ? query
        : project(query.self, [constant(true, type)], oneCell)
    case "Slice":
    case "Order": {
      const self = unasked(query.self, type)
      if (self === query.self) return query
      return query._tag === "Order"
        ? order(self, query.keys, query.directions)
        : slice(self, query.limit, query.offset, query.ties, query.percent)
    }
    default:
      return query
  }
}

const isConstantField = ({ _tag }: Scalar): boolean => _tag === "Constant"

/** Whether there is a row does not depend on their order. */
const unordered = (query: Relation): Relation =>
  query._tag === "Order" ? unordered(query.self) : query

const isConstant = (node: Scalar, value: boolean): boolean =>
  node._tag === "Constant" && node.value === value

/**
 * The neutral constant disappears, the absorbing one absorbs all but what is drawn, one part stands
 * for itself.
 */
const junction = (node: Extract<Scalar, { _tag: "And" | "Or" }>, neutral: boolean): Scalar => {
  const mayGo = ({ _tag }: Scalar): boolean => _tag === "Constant" || _tag === node._tag
  if (node.parts.length > 1 && !node.parts.some(mayGo)) return node
  const absorbs = node.parts.some((part) => isConstant(part, !neutral))
  if (absorbs && node.parts.every(isRepeatable)) return constant(!neutral, node.type)
  const parts = node.parts.filter((part) => !isConstant(part, neutral))
  if (parts.length === 0) return constant(neutral, node.type)
  if (parts.length === 1) return parts[0]!
  if (parts.length === node.parts.length && parts.every((part) => part._tag !== node._tag))
    return node
  return node._tag === "And" ? and(parts, node.type) : or(parts, node.type)
}

const negation = (node: Extract<Scalar, { _tag: "Not" }>, kept: Kept): Scalar => {
  const { self } = node
  if (self._tag === "Constant" && typeof self.value === "boolean")
    return isKept(node, kept) ? node : constant(!self.value, node.type)
  return self._tag === "Not" && isTruthValue(self.self) && !kept.has(self.key) ? self.self : node
}

/** Only a truth value is its own double negation: a number used as one is not. */
const isTruthValue = (node: Scalar): boolean => node.type.sql._tag === "Boolean"
