import type { Command } from "../../algebra/Command.ts"
import { rewrite } from "../../algebra/fold.ts"
import type { Relation } from "../../algebra/Relation.ts"
import {
  aggregate,
  arith,
  call,
  cast,
  compare,
  constant,
  type Scalar
} from "../../algebra/Scalar.ts"
import { doubleType } from "../internalTypes.ts"
import { type Context, overTrees, type Program } from "../Program.ts"
import { isInteger, isNumber } from "../sqlTypes.ts"
import { scaledNumerics } from "./emulate/scaledNumerics.ts"

type Node = Scalar | Relation | Command

/**
 * Says with what a server has what it has not, as the same meaning in other nodes; what cannot be
 * said is refused by the name of the capability.
 *
 * **Laws** L2: `⟦emulate(q)⟧ = ⟦q⟧`, for each dialect; L27.
 */
export const emulate = (program: Program, context: Context): Program =>
  overTrees(program, (tree) => rewrite(tree, (node) => emulateNode(node, context)))

const emulateNode = (node: Node, context: Context): Node => {
  const standard = step(node, context)
  return context.capabilities.dialect === "sqlite" ? scaledNumerics(standard, context) : standard
}

const step = (node: Node, context: Context): Node => {
  switch (node._tag) {
    case "Arith":
      return division(node, context)
    case "Aggregate":
      return context.capabilities.dialect === "sqlite" ? node : average(node)
    case "Cast":
      return truth(node)
    default:
      return node
  }
}

type ArithNode = Extract<Scalar, { readonly _tag: "Arith" }>

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

const isNonZero = (node: Scalar): boolean =>
  node._tag === "Constant" && node.value !== 0 && node.value !== null

/** The mean of integers is a double on every server, not a decimal of its choice. */
const average = (node: Extract<Scalar, { readonly _tag: "Aggregate" }>): Scalar => {
  const arg = node.args[0]
  return node.name === "avg" && arg !== undefined && isInteger(arg.type.sql)
    ? aggregate("avg", [cast(arg, doubleType)], node.distinct, node.type)
    : node
}

/** A number is TRUE where it is not zero. */
const truth = (node: Extract<Scalar, { readonly _tag: "Cast" }>): Scalar =>
  node.type.sql._tag === "Boolean" && isNumber(node.self.type.sql)
    ? compare("ne", node.self, constant(0, node.self.type), node.type)
    : node
