import type { Command } from "../../algebra/Command.ts"
import type { DialectName } from "../../algebra/Dialect.ts"
import type { Relation } from "../../algebra/Relation.ts"
import {
  arith,
  between,
  call,
  cast,
  compare,
  constant,
  like,
  or,
  type Scalar
} from "../../algebra/Scalar.ts"
import { doubleType } from "../internalTypes.ts"
import { type Context, overTrees, type Program } from "../Program.ts"
import { isInteger, isNumber } from "../sqlTypes.ts"
import { kindsOf } from "../facts.ts"
import { facts, rewriteFew } from "../survey.ts"
import { absentConstants } from "./emulate/absentConstants.ts"
import { emulateCommand } from "./emulate/commands.ts"
import { extremes } from "./emulate/extremes.ts"
import { isRepeatable } from "./emulate/isRepeatable.ts"
import { refuseForeign } from "./emulate/nativeTypes.ts"
import { nullMembership } from "./emulate/nullMembership.ts"
import { aggregated } from "./emulate/aggregates.ts"
import { scaledNumerics } from "./emulate/scaledNumerics.ts"
import { overWindow } from "./emulate/windows.ts"
import { sortedApart } from "./emulate/sortedApart.ts"
import { tupleComparison } from "./emulate/tupleComparison.ts"
import { refuseWholeDocuments } from "./emulate/wholeDocuments.ts"

type Node = Scalar | Relation | Command
type Tag = Node["_tag"]

/**
 * Says with what a server has what it has not, as the same meaning in other nodes; what cannot be
 * said is refused by the name of the capability.
 *
 * **Laws** L2: `⟦emulate(q)⟧ = ⟦q⟧`, for each dialect; L27.
 */
export const emulate = (program: Program, context: Context): Program =>
  overTrees(program, (tree) =>
    sortedApart(
      absentConstants(nullMembership(emulateTree(tree, context), context), context),
      context
    )
  )

const emulateTree = <N extends Relation | Command>(tree: N, context: Context): N => {
  const { isPlain, kinds } = facts(tree)
  // A comparison of two leaves is one of the kinds only for its types.
  if (isPlain && (kinds & concerned) === 0) return tree
  return rewriteFew(tree, (node) => emulateNode(node, context))
}

const emulateNode = (node: Node, context: Context): Node => {
  if ("type" in node) refuseForeign(node.type.sql, context.capabilities, context.refuse)
  refuseWholeDocuments(node, context)
  const step = steps[node._tag] as ((one: Node, context: Context) => Node) | undefined
  const standard = step === undefined ? node : step(node, context)
  return context.capabilities.dialect === "sqlite" ? scaledNumerics(standard, context) : standard
}

type Steps = {
  readonly [T in Tag]?: (node: Extract<Node, { readonly _tag: T }>, context: Context) => Node
}

/** What is done with a node of plain types; the others are left as they are. */
const steps: Steps = {
  Arith: (node, context) => {
    refuseCutProduct(node, context)
    return node.op === "bitXor" ? exclusive(node, context) : division(node, context)
  },
  Compare: tupleComparison,
  Like: (node, context) =>
    node.insensitive && !context.capabilities.ilike ? inLowerCase(node) : node,
  Between: (node, context) =>
    node.symmetric && !context.capabilities.betweenSymmetric ? bothWays(node, context) : node,
  InQuery: (node, context) =>
    context.capabilities.quantifiedQuery ? node : extremes(node, context),
  Aggregate: aggregated,
  Window: overWindow,
  Cast: (node) => truth(node),
  Insert: emulateCommand,
  Update: emulateCommand,
  Delete: emulateCommand,
  Merge: emulateCommand
}

const concerned = kindsOf(Object.keys(steps) as ReadonlyArray<Tag>)

type ArithNode = Extract<Scalar, { readonly _tag: "Arith" }>

/** Digits after the point that a decimal has at most. */
const finest: Partial<Record<DialectName, number>> = { mysql: 30, mariadb: 38 }

/** The server cuts a product that has more digits after the point, and says nothing. */
const refuseCutProduct = ({ left, op, right }: ArithNode, context: Context): void => {
  if (op !== "mul") return
  const scales = [left, right].map(({ type: { sql } }) => (sql._tag === "Numeric" ? sql.scale : 0))
  const most = finest[context.capabilities.dialect]
  if (most !== undefined && scales[0]! + scales[1]! > most)
    context.refuse("numericProduct", "a product with more digits after the point than there can be")
}

/** NULL, not an error, where the divisor is zero; a true quotient of integers is a double. */
const division = (node: ArithNode, context: Context): Scalar => {
  if (node.op !== "div" && node.op !== "quot" && node.op !== "rem") return node
  const { left, right, type } = node
  const divisor =
    context.capabilities.divisionByZeroIsNull || isNonZero(right)
      ? right
      : call("nullif", [right, constant(0, right.type)], right.type)
  const dividend =
    node.op === "div" && isInteger(left.type.sql) && type.sql._tag !== "Numeric"
      ? cast(left, doubleType)
      : left
  if (node.op === "quot" && !(isInteger(left.type.sql) && isInteger(right.type.sql))) {
    context.refuse("quot", "the integer quotient of values that are not integers")
  }
  if (node.op === "rem" && [left, right].some(({ type: { sql } }) => sql._tag === "Double")) {
    context.refuse("rem", "the remainder of values that are not integers")
  }
  return divisor === right && dividend === left ? node : arith(node.op, dividend, divisor, type)
}

/** Bits of one but not of both, where there is no operator for it: none is lost, none carries. */
const exclusive = (node: ArithNode, context: Context): Scalar => {
  const { left, right, type } = node
  // The complement has an operator of its own.
  if (context.capabilities.bits !== "signed64" || (right._tag === "Constant" && right.value === -1))
    return node
  if (!isRepeatable(left) || !isRepeatable(right)) context.refuse("bitXor", "XOR of a drawn value")
  return arith("sub", arith("bitOr", left, right, type), arith("bitAnd", left, right, type), type)
}

const inLowerCase = (node: Extract<Scalar, { readonly _tag: "Like" }>): Scalar => {
  const lower = (one: Scalar): Scalar => call("lower", [one], one.type)
  return like(lower(node.self), lower(node.pattern), node.type, false, node.escape)
}

const bothWays = (
  { high, low, self, type }: Extract<Scalar, { readonly _tag: "Between" }>,
  context: Context
): Scalar => {
  if (![self, low, high].every(isRepeatable))
    context.refuse("betweenSymmetric", "BETWEEN SYMMETRIC of a drawn value")
  return or([between(self, low, high, type), between(self, high, low, type)], type)
}

const isNonZero = (node: Scalar): boolean =>
  node._tag === "Constant" && node.value !== 0 && node.value !== null

/** A number is TRUE where it is not zero. */
const truth = (node: Extract<Scalar, { readonly _tag: "Cast" }>): Scalar =>
  node.type.sql._tag === "Boolean" && isNumber(node.self.type.sql)
    ? compare("ne", node.self, constant(0, node.self.type), node.type)
    : node
