import { scope } from "../../../algebra/block.ts"
import type { Command } from "../../../algebra/Command.ts"
import { children, holds, rewriteTree, walk } from "../../../algebra/fold.ts"
import {
  combine,
  customRelation,
  derived,
  distinct,
  distinctOn,
  filter,
  order,
  project,
  type Relation,
  slice,
  values
} from "../../../algebra/Relation.ts"
import type { RowShape } from "../../../algebra/RowShape.ts"
import {
  call,
  caseOf,
  constant,
  exists,
  inQuery,
  isNull,
  ref,
  type Scalar,
  tuple
} from "../../../algebra/Scalar.ts"
import { tuple as tupleType } from "../../../algebra/types.ts"
import { kindsOf } from "../../facts.ts"
import { facts } from "../../survey.ts"
import { isMembership } from "../../dialects/membershipWord.ts"
import { integerType } from "../../internalTypes.ts"
import type { Context } from "../../Program.ts"
import { asksQuery, projectionOf } from "../place/sources.ts"
import { absentAliases } from "./absentAliases.ts"
import { isRepeatable } from "./isRepeatable.ts"

type InList = Extract<Scalar, { readonly _tag: "InList" }>
type InQuery = Extract<Scalar, { readonly _tag: "InQuery" }>

const memberships = kindsOf(["InQuery", "InList"])

/**
 * A NULL sought in the rows of a query is unknown where there are rows. MariaDB 10.11 materialises
 * the query, and where it had no row once says FALSE each time the prepared statement runs again;
 * of two columns it does not. So a one stands beside what may be NULL, and beside each row.
 *
 * Where only TRUE counts, in WHERE and ON, FALSE and unknown are alike and nothing is added.
 *
 * **Laws** L2; a statement run again means what it meant the first time.
 */
export const nullMembership = <N extends Relation | Command>(tree: N, context: Context): N => {
  if (context.capabilities.nullMembership) return tree
  if ((facts(tree).kinds & memberships) === 0) return tree
  const absent = absentAliases(tree)
  const lateral = lateralAliases(tree)
  const harmless = filteringKeys(tree)
  return rewriteTree(tree, (node) => {
    if ((node._tag !== "InQuery" && node._tag !== "InList") || harmless.has(node.key)) return node
    if (node._tag === "InList") return isOpenTuple(node.self, absent) ? apart(node) : node
    if (isMembership(node) === null) return unsure(node, absent)
    return mayBeNull(node.self, absent) ? besideOne(node, lateral) : node
  })
}

/**
 * MariaDB 10.11 takes a row's IN for NULL where one of its parts is, though another part tells it
 * from all rows of the list, and so drops the row an outer join leaves absent. It looks into no
 * call.
 */
const apart = (node: InList | InQuery): Scalar =>
  call("coalesce", [node, constant(null, node.type)], node.type)

/**
 * MariaDB 10.11 takes a comparison with ANY or ALL rows of a query for never NULL where what it
 * compares is not, whatever the rows are, and DISTINCT then stores 0 for it. NULLIF may be NULL.
 * What a column of a derived table is, it knows from the expression there.
 */
const unsure = (node: InQuery, absent: ReadonlySet<string>): Scalar => {
  const { op, quantifier, query, self, type } = node
  const isColumn = self._tag === "Ref" && self.source._tag === "TableSource"
  if (self._tag === "Tuple" || (isColumn && mayBeNull(self, absent))) return node
  const open = call("nullif", [self, constant(null, self.type)], self.type)
  const compared = inQuery(open, query, type, op, quantifier)
  return seeksNull(self) ? apart(compared) : compared
}

/**
 * MariaDB 10.11 takes `(NULL, 1) IN (SELECT …) < ANY (SELECT …)` for TRUE as all that an outer join
 * is made on.
 */
const seeksNull = (self: Scalar): boolean => holds(self, (one) => one._tag === "InQuery")

const isOpenTuple = (self: Scalar, absent: ReadonlySet<string>): boolean =>
  self._tag === "Tuple" &&
  self.parts.some(
    (part) => part._tag !== "Bound" && part._tag !== "Constant" && mayBeNull(part, absent)
  )

/** Keys of memberships that stand nowhere but as a condition of WHERE or of an inner join. */
const filteringKeys = (tree: Relation | Command): ReadonlySet<string> => {
  const filters = new Map<string, number>()
  const stands = new Map<string, number>()
  walk(tree, (node) => {
    if (node._tag === "Filter") countIn(filters, conjuncts(node.predicate))
    if (node._tag === "Join" && node.kind === "inner") countIn(filters, conjuncts(node.on))
    // Parts of an AND are counted where the AND stands as a condition.
    countIn(stands, children(node))
  })
  return new Set([...filters.keys()].filter((key) => filters.get(key) === stands.get(key)))
}

const countIn = (
  counts: Map<string, number>,
  nodes: ReadonlyArray<{ readonly _tag: string; readonly key: string }>
): void => {
  for (const { _tag, key } of nodes)
    if (_tag === "InQuery" || _tag === "InList") counts.set(key, (counts.get(key) ?? 0) + 1)
}

const conjuncts = (predicate: Scalar): ReadonlyArray<Scalar> =>
  predicate._tag === "And" ? predicate.parts : [predicate]

const mayBeNull = (self: Scalar, absent: ReadonlySet<string>): boolean => {
  if (self._tag === "Tuple" || self._tag === "Exists") return false
  if (self._tag !== "Ref" || self.source._tag !== "TableSource") return true
  return absent.has(self.alias) || self.source.byKey.get(self.path[0]!)?.nullable !== false
}

const besideOne = (node: InQuery, lateral: ReadonlySet<string>): Scalar => {
  const { op, quantifier, query, self, type } = node
  if (asksQuery(self, lateral)) return nullApart(node)
  const one = constant(1, integerType)
  const parts = [self, one]
  const beside = tuple(parts, tupleType(parts.map((part) => part.type)))
  return inQuery(beside, withOne(query, one), type, op, quantifier)
}

/** Aliases of what is lateral, whose columns may become queries. */
const lateralAliases = (tree: Relation | Command): ReadonlySet<string> => {
  const lateral = new Set<string>()
  walk(tree, (node) => {
    if (node._tag === "Join" && node.lateral)
      for (const alias of scope(node.right).aliases) lateral.add(alias)
  })
  return lateral
}

/**
 * MariaDB 10.11 has no query in a row that is sought in a query, also where it finds one in a
 * derived table that it merges: a NULL is answered before it is sought. What may answer twice
 * differently is sought as it is.
 */
const nullApart = (node: InQuery): Scalar => {
  const { query, self, type } = node
  if (!isRepeatable(self) || !isRepeatable(query)) return node
  // Of no rows nothing is a member, and everything is none.
  const ofNone = constant(isMembership(node) === false, type)
  const nothing = caseOf([exists(query, type)], [constant(null, type)], ofNone, type)
  return caseOf([isNull(self, type)], [nothing], node, type)
}

/** The same rows as a derived table, which a user's text can only be. */
const besideRows = (query: Relation, one: Scalar): Relation => {
  const source = Object.freeze({ _tag: "DerivedSource", query } as const)
  const { fields, shape } = projectionOf(query)
  const path = shape._tag === "Cell" ? ["value"] : [shape.keys[0]!]
  const value = ref("each", source, path, fields[0]!.type)
  return withOne(project(derived(source, "each"), [value], cell(0)), one)
}

const cell = (index: number) => Object.freeze({ _tag: "Cell", index } as const)

const besideShape = (shape: RowShape): RowShape => {
  const key = shape._tag === "Record" ? shape.keys[0]! : "value"
  return Object.freeze({
    _tag: "Record",
    keys: Object.freeze([key, `${key}_`]),
    parts: Object.freeze([cell(0), cell(1)]),
    presence: null,
    prototype: null
  })
}

/** The same rows, a constant beside each. */
const withOne = (query: Relation, one: Scalar): Relation => {
  switch (query._tag) {
    case "Project":
      return project(query.self, [...query.fields, one], besideShape(query.shape))
    case "Values": {
      const { cells, row } = query
      const fields = Object.freeze([...row.fields, constant(null, one.type)])
      const wider = Object.freeze({ fields, shape: besideShape(row.shape) })
      return values(
        wider,
        cells.flatMap((cell) => [cell, one])
      )
    }
    case "Filter":
      return filter(withOne(query.self, one), query.predicate)
    case "Distinct":
      return distinct(withOne(query.self, one))
    case "Order":
      return order(withOne(query.self, one), query.keys, query.directions)
    case "Slice":
      return slice(withOne(query.self, one), query.limit, query.offset, query.ties, query.percent)
    case "DistinctOn":
      return distinctOn(withOne(query.self, one), query.keys)
    case "Combine":
      return combine(
        query.op,
        query.parts.map((part) => withOne(part, one))
      )
    case "CustomRelation":
      return query.replaces
        ? besideRows(query, one)
        : customRelation(query.name, withOne(query.self, one), query.args, query.print)
    default:
      return besideRows(query, one)
  }
}
