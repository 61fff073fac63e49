import { type Command, insert, update } from "../../../algebra/Command.ts"
import type { Relation } from "../../../algebra/Relation.ts"
import {
  arith,
  between,
  call,
  caseOf,
  cast,
  compare,
  constant,
  inList,
  type Scalar,
  tuple,
  windowCall
} from "../../../algebra/Scalar.ts"
import type { AnyType } from "../../../algebra/Type.ts"
import { isScaled } from "../../../algebra/types.ts"
import { bigintType, doubleType } from "../../internalTypes.ts"
import type { Context } from "../../Program.ts"
import { isInteger } from "../../sqlTypes.ts"
import { isRounding, rounding } from "./scaledRounding.ts"
import { projectionOf } from "../place/sources.ts"

type Node = Scalar | Relation | Command
type NodeOf<T extends Node["_tag"]> = Extract<Node, { readonly _tag: T }>

/**
 * Decimals on SQLite: up to 18 digits an integer in units of the scale's last digit, beyond that a
 * text. Operands of one operation are brought to one scale; what integers cannot say exactly, and
 * order and arithmetic of texts, is refused.
 *
 * **Laws** an expression of type `numeric(p, s)` has the value `v · 10^s`, before and after.
 */
export const scaledNumerics = (node: Node, context: Context): Node => {
  switch (node._tag) {
    case "Compare":
      return comparison(node, context)
    case "Between": {
      const { high, low, self } = node
      if (![self, low, high].some(isNumeric)) return node
      const [a, b, c] = level([self, low, high], "BETWEEN", true, context)
      return between(a!, b!, c!, node.type, node.symmetric)
    }
    case "InList":
      if (isNumeric(node.self) && node.list.type.key !== node.self.type.key) {
        const [item, list] = level([node.self, node.list], "IN", false, context)
        return inList(item!, list!, node.type, node.op, node.quantifier)
      }
      return node
    case "InQuery":
      return membership(node, context)
    case "Combine":
      return columnUnits(node, context)
    case "Arith":
      return arithmetic(node, context)
    case "Aggregate":
      return aggregated(node, context)
    case "Cast":
      return conversion(node, context)
    case "Call":
    case "Case":
      return chosen(node, context)
    case "Order":
      return sorted(node, node.keys, context)
    case "Window":
      return sorted(node, node.order, context)
    case "WindowCall":
      return defaulted(node, context)
    case "Insert":
    case "Update":
      return assigned(node, context)
    default:
      return node
  }
}

const isNumeric = (node: Scalar): boolean => node.type.sql._tag === "Numeric"
const isLong = ({ sql }: AnyType): boolean => sql._tag === "Numeric" && !isScaled(sql)

const refuseLong = (what: string, context: Context): void =>
  context.refuse(
    "wideDecimals",
    `${what} over decimals of more than 18 digits, which are texts here`
  )

/** The scale of a value in integers; null where it is none. */
const scaleOf = ({ sql }: AnyType): number | null =>
  sql._tag === "Numeric" ? (isScaled(sql) ? sql.scale : null) : isInteger(sql) ? 0 : null

const isNull = (node: Scalar): boolean => node._tag === "Constant" && node.value === null

/** The same value in smaller units. */
const shifted = (node: Scalar, digits: number, type: AnyType, context: Context): Scalar =>
  digits === 0 || isNull(node) ? node : arith("mul", node, powerOfTen(digits, context), type)

const powerOfTen = (digits: number, context: Context): Scalar => {
  if (digits > 15) context.refuse("numericScale", "decimals of scales that far apart")
  return constant(10 ** Math.min(digits, 15), bigintType)
}

/**
 * All in the units of the finest of them; refused where one is not an integer, or a text that is
 * ordered.
 */
const level = (
  nodes: ReadonlyArray<Scalar>,
  what: string,
  ordered: boolean,
  context: Context,
  least = 0
): ReadonlyArray<Scalar> => {
  if (nodes.some((node) => isLong(node.type))) {
    if (ordered || nodes.some((node) => node.type.key !== nodes[0]!.type.key))
      refuseLong(what, context)
    return nodes
  }
  const scales = nodes.map((node) => (isNull(node) ? 0 : scaleOf(node.type)))
  if (scales.includes(null)) {
    context.refuse("numericMix", `${what} of a decimal and a value that is none`)
    return nodes
  }
  const finest = Math.max(least, ...scales.map(Number))
  return nodes.map((node, i) => shifted(node, finest - Number(scales[i]), node.type, context))
}

const equalities: ReadonlySet<string> = new Set(["eq", "ne", "same", "notSame"])

/** Tuples part by part: each pair in one scale. */
const tuples = (node: NodeOf<"Compare">, context: Context): Scalar => {
  const { left, op, right } = node
  if (left._tag !== "Tuple" || right._tag !== "Tuple") return node
  const pairs = left.parts.map((part, i): ReadonlyArray<Scalar> => {
    const pair = [part, right.parts[i]!]
    const ordered = !equalities.has(op)
    return pair.some(isNumeric) ? level(pair, "a comparison", ordered, context) : pair
  })
  const side = (at: number, type: AnyType): Scalar =>
    tuple(
      pairs.map((pair) => pair[at]!),
      type
    )
  return compare(op, side(0, left.type), side(1, right.type), node.type)
}

const membership = (node: NodeOf<"InQuery">, context: Context): Node => {
  const parts = node.self._tag === "Tuple" ? node.self.parts : [node.self]
  const { fields } = projectionOf(node.query)
  parts.forEach((part, i) => sameUnits([part, fields[i]!], "IN", node, context))
  return node
}

const sorted = (node: Node, keys: ReadonlyArray<Scalar>, context: Context): Node => {
  if (keys.some(({ type }) => isLong(type))) refuseLong("ORDER BY", context)
  return node
}

const comparison = (node: NodeOf<"Compare">, context: Context): Scalar => {
  if (node.left._tag === "Tuple") return tuples(node, context)
  if (!isNumeric(node.left) && !isNumeric(node.right)) return node
  const ordered = !equalities.has(node.op)
  const [left, right] = level([node.left, node.right], "a comparison", ordered, context)
  return left === node.left && right === node.right
    ? node
    : compare(node.op, left!, right!, node.type)
}

const arithmetic = (node: NodeOf<"Arith">, context: Context): Scalar => {
  const { left, op, right, type } = node
  if (!isNumeric(left) && !isNumeric(right)) return node
  const target = scaleOf(type)
  if (isLong(left.type) || isLong(right.type)) refuseLong("arithmetic", context)
  else if (op === "div" || target === null)
    context.refuse("numericDivision", "division of decimals")
  else if (op === "mul") {
    if ((scaleOf(left.type) ?? -1) + (scaleOf(right.type) ?? -1) !== target) {
      context.refuse(
        "numericProduct",
        "a product of decimals with more digits after the point than its type has"
      )
    }
  } else {
    const [a, b] = level([left, right], "arithmetic", true, context, target)
    if (Math.max(scaleOf(left.type) ?? 0, scaleOf(right.type) ?? 0) > target) {
      context.refuse(
        "numericScale",
        "a sum of decimals with more digits after the point than its type has"
      )
    }
    return a === left && b === right ? node : arith(op, a!, b!, type)
  }
  return node
}

/** The value and the default of lag and lead, in the units of the whole. */
const defaulted = (node: NodeOf<"WindowCall">, context: Context): Scalar => {
  const [value, offset, otherwise] = node.args
  if (value === undefined || offset === undefined || otherwise === undefined) return node
  if (node.type.sql._tag !== "Numeric") return node
  const inside = inUnits(otherwise, node.type, context)
  return inside === otherwise ? node : windowCall(node.name, [value, offset, inside], node.type)
}

const aggregated = (node: NodeOf<"Aggregate">, context: Context): Scalar => {
  node.order.forEach((key) => isLong(key.type) && refuseLong("ORDER BY", context))
  if (node.name.startsWith("percentile") && node.order.some(isNumeric))
    context.refuse("orderedSetAggregates", "a percentile of decimals")
  const [arg] = node.args
  // A list of them says of what scale each is.
  if (arg === undefined || !isNumeric(arg) || node.name === "count" || node.name === "jsonAgg")
    return node
  if (isLong(arg.type)) refuseLong(`${node.name}()`, context)
  else if (scaleOf(arg.type) !== scaleOf(node.type)) {
    context.refuse("numericScale", `${node.name}() of decimals of another scale than its type`)
  }
  return node
}

const conversion = (node: NodeOf<"Cast">, context: Context): Scalar => {
  const { self, type } = node
  if (!isNumeric(self) && type.sql._tag !== "Numeric") return node
  if (
    self.type.sql._tag === "Numeric" &&
    type.sql._tag === "Numeric" &&
    self.type.sql.scale === type.sql.scale &&
    isLong(self.type) === isLong(type)
  )
    return self
  const from = self.type.sql._tag === "Boolean" ? 0 : scaleOf(self.type)
  const to = scaleOf(type)
  if (type.sql._tag === "Double" && from !== null) {
    return arith("div", cast(self, doubleType), powerOfTen(from, context), type)
  }
  if (from === null || to === null)
    context.refuse("cast", `a cast from ${self.type.sql._tag} to ${type.sql._tag}`)
  else if (to >= from) return shifted(self, to - from, type, context)
  // Cutting towards zero is what a cast to an integer means; decimals would be rounded.
  else if (isInteger(type.sql))
    return arith("quot", cast(self, bigintType), powerOfTen(from, context), type)
  else context.refuse("cast", "a cast to a decimal with fewer digits after the point")
  return node
}

/** COALESCE, NULLIF, CASE: every result in the units of the whole. */
const chosen = (node: NodeOf<"Call"> | NodeOf<"Case">, context: Context): Scalar => {
  if (node._tag === "Call") {
    if (node.name === "nullif" && node.args.some(isNumeric)) {
      const [a, b] = level(node.args, "nullif", false, context)
      if (a !== node.args[0])
        context.refuse(
          "numericScale",
          "nullif of a decimal and one with more digits after the point"
        )
      return b === node.args[1] ? node : call("nullif", [a!, b!], node.type)
    }
    if (node.args.some((arg) => isLong(arg.type)) && isReckoned(node))
      refuseLong(node.name, context)
    if (isRounding(node)) return rounding(node, powerOfTen, context)
    if (node.type.sql._tag !== "Numeric" || !chooses.has(node.name)) return node
    const args = node.args.map((arg) => inUnits(arg, node.type, context))
    return args.every((arg, i) => arg === node.args[i]) ? node : call(node.name, args, node.type)
  }
  if (node.type.sql._tag !== "Numeric") return node
  const thens = node.thens.map((then) => inUnits(then, node.type, context))
  const otherwise = inUnits(node.otherwise, node.type, context)
  const same = otherwise === node.otherwise && thens.every((then, i) => then === node.thens[i])
  return same ? node : caseOf(node.whens, thens, otherwise, node.type)
}

/** Functions whose value is one of their arguments. */
const chooses: ReadonlySet<string> = new Set(["coalesce", "greatest", "least"])

const isReckoned = ({ name }: NodeOf<"Call">): boolean => name !== "coalesce" && name !== "nullif"

const inUnits = (node: Scalar, type: AnyType, context: Context): Scalar => {
  if (isNull(node) || node.type.key === type.key) return node
  const from = scaleOf(node.type)
  const to = scaleOf(type)
  if (from !== null && to !== null && to >= from) return shifted(node, to - from, type, context)
  const long =
    isLong(node.type) &&
    isLong(type) &&
    node.type.sql._tag === "Numeric" &&
    type.sql._tag === "Numeric" &&
    node.type.sql.scale === type.sql.scale
  if (!long) context.refuse("numericScale", "a decimal where one of another scale belongs")
  return node
}

/** What cannot be brought to one scale from outside must have one. */
const sameUnits = (
  nodes: ReadonlyArray<Scalar>,
  what: string,
  node: Scalar,
  context: Context
): Scalar => {
  if (nodes.some(isNumeric) && new Set(nodes.map((one) => unitOf(one.type))).size > 1) {
    context.refuse("numericScale", `${what} over decimals of different scales`)
  }
  return node
}

const unitOf = (type: AnyType): string =>
  isLong(type) && type.sql._tag === "Numeric" ? `text${type.sql.scale}` : String(scaleOf(type))

const columnUnits = (node: NodeOf<"Combine">, context: Context): Relation => {
  const [first, ...rest] = node.parts.map((part) => projectionOf(part).fields)
  first!.forEach((field, i) => {
    for (const fields of rest)
      if (fields[i] !== undefined) sameUnits([field, fields[i]], node.op, field, context)
  })
  return node
}

/** Stored values are in the units of their column. */
const assigned = (node: NodeOf<"Insert"> | NodeOf<"Update">, context: Context): Command => {
  const stored = (value: Scalar, key: string): Scalar => {
    const type = node.table.byKey.get(key)?.type
    return type === undefined || type.sql._tag !== "Numeric" ? value : inUnits(value, type, context)
  }
  /** Rows of a query are as they are. */
  const given = (query: Relation | null, columns: ReadonlyArray<string>): void =>
    columns.forEach((key, i) => {
      const field = query === null ? undefined : projectionOf(query).fields[i]
      if (field !== undefined && stored(field, key) !== field)
        context.refuse("numericScale", "a decimal where one of another scale belongs")
    })
  const back = node.shape === null ? null : { fields: node.returned, shape: node.shape }
  if (node._tag === "Update") {
    given(node.row, node.rowColumns)
    const values = node.values.map((value, i) => stored(value, node.columns[i]!))
    return values.every((value, i) => value === node.values[i])
      ? node
      : update(node.table, node.alias, node.columns, values, node.where, back, node)
  }
  given(node.rows, node.columns)
  const cells = node.cells.map((cell, i) => stored(cell, node.columns[i % node.columns.length]!))
  const changes = node.changes.map((value, i) => stored(value, node.conflict!.columns[i]!))
  return cells.every((cell, i) => cell === node.cells[i]) &&
    changes.every((value, i) => value === node.changes[i])
    ? node
    : insert(node.table, node.columns, cells, node.rowCount, back, { ...node, changes })
}
