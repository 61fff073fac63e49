import type { Command } from "../../../algebra/Command.ts"
import { children, rewriteTree } from "../../../algebra/fold.ts"
import type { Relation } from "../../../algebra/Relation.ts"
import {
  type Aggregate,
  aggregate,
  call,
  constant,
  inList,
  inQuery,
  type Ref,
  type Scalar,
  tuple,
  type Window,
  window,
  windowCall
} from "../../../algebra/Scalar.ts"
import type { Context } from "../../Program.ts"
import { kindsOf } from "../../facts.ts"
import { facts } from "../../survey.ts"
import { isValue } from "../place/contents.ts"
import { cellIndex, projectionOf } from "../place/sources.ts"
import { absentAliases } from "./absentAliases.ts"
import { isStrict } from "./isStrict.ts"

const seeing = kindsOf(["Aggregate", "Window", "InQuery", "InList"])

/**
 * A column of a derived table that an outer join leaves absent is NULL. MariaDB 10.11 merges the
 * derived table, and where the column is a constant there, or has a value of NULLs, windows, MIN,
 * MAX and IN see that: `max(d.x) … LEFT JOIN (SELECT coalesce(n, 1) AS x …) AS d`. They look into
 * no call.
 *
 * **Laws** L2.
 */
export const absentConstants = <N extends Relation | Command>(tree: N, context: Context): N => {
  if (context.capabilities.dialect !== "mariadb") return tree
  if ((facts(tree).kinds & seeing) === 0) return tree
  const absent = absentAliases(tree)
  const seen = (arg: Scalar): Scalar => {
    if (!isFixedColumn(arg) || !mayBeAbsent(arg, absent)) return arg
    return call("coalesce", [arg, constant(null, arg.type)], arg.type)
  }
  return rewriteTree(tree, (node) => {
    switch (node._tag) {
      case "Aggregate":
        return node.name === "min" || node.name === "max" ? withArgs(node, seen) : node
      case "Window":
        return overArgs(node, seen)
      case "InQuery":
      case "InList": {
        const self = sought(node.self, seen)
        if (self === node.self) return node
        return node._tag === "InQuery"
          ? inQuery(self, node.query, node.type, node.op, node.quantifier)
          : inList(self, node.list, node.type, node.op, node.quantifier)
      }
      default:
        return node
    }
  })
}

type Each = (arg: Scalar) => Scalar

const changed = (args: ReadonlyArray<Scalar>, each: Each): ReadonlyArray<Scalar> | null => {
  const seen = args.map(each)
  return seen.some((one, i) => one !== args[i]) ? seen : null
}

const withArgs = (node: Aggregate, each: Each): Aggregate => {
  const args = changed(node.args, each)
  return args === null ? node : aggregate(node.name, args, node.distinct, node.type, node)
}

const overArgs = (node: Window, each: Each): Window => {
  const { self } = node
  if (self._tag === "Aggregate") {
    const inner = withArgs(self, each)
    return inner === self ? node : window(inner, node)
  }
  const args = changed(self.args, each)
  return args === null ? node : window(windowCall(self.name, args, self.type), node)
}

const sought = (self: Scalar, each: Each): Scalar => {
  if (self._tag !== "Tuple") return each(self)
  const parts = changed(self.parts, each)
  return parts === null ? self : tuple(parts, self.type)
}

/** What a column is in the query it is of; null of a table's and of a recursion's. */
const below = (node: Ref): Scalar | null => {
  const { source } = node
  if (source._tag !== "DerivedSource" && source._tag !== "CteSource") return null
  const { fields, shape } = projectionOf(source.query)
  return fields[cellIndex(shape, node, node.alias)]!
}

/** Whether it is a column of a derived table that is such an expression there. */
export const isFixedColumn = (node: Scalar): node is Ref => node._tag === "Ref" && isFixed(node)

/** Whether it is a column that is made below of others, of whose NULLs too: `coalesce(t.x, 0)`. */
export const makesValues = (node: Ref): boolean => {
  const field = below(node)
  if (field === null) return false
  return field._tag === "Ref" ? makesValues(field) : !isValue(field) && isFixed(field)
}

/**
 * Whether an expression may have a value where all columns it is made of are NULL: a constant, and
 * what makes one of a NULL.
 */
const isFixed = (node: Scalar): boolean => {
  switch (node._tag) {
    case "Ref": {
      const field = below(node)
      return field !== null && isFixed(field)
    }
    // Of a column that cannot be NULL it is known, and a user's text may ask that.
    case "Presence":
    case "IsNull":
    case "Raw":
    case "CustomScalar":
      return true
    case "Aggregate":
    case "Grouping":
    case "Window":
      return false
    default: {
      if ("query" in node) return true
      const parts = children(node) as ReadonlyArray<Scalar>
      return isStrict(node) ? parts.every(isFixed) : parts.length === 0 || parts.some(isFixed)
    }
  }
}

/** A query that is named has outer joins of its own, which are not looked for. */
const mayBeAbsent = (node: Ref, absent: ReadonlySet<string>): boolean => {
  if (absent.has(node.alias) || node.source._tag === "CteSource") return true
  const field = below(node)
  return field !== null && field._tag === "Ref" && mayBeAbsent(field, absent)
}
