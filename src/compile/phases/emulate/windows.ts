import { aggregates } from "../../../algebra/block.ts"
import {
  aggregate,
  arith,
  call,
  caseOf,
  cast,
  compare,
  constant,
  type Over,
  type Scalar,
  type Window,
  window,
  windowCall
} from "../../../algebra/Scalar.ts"
import type { AnyType } from "../../../algebra/Type.ts"
import { bigintType, booleanType, doubleType } from "../../internalTypes.ts"
import type { Context } from "../../Program.ts"
import { unfiltered } from "./aggregates.ts"

/**
 * Windows with what the server has, or a refusal.
 *
 * **Laws** L2. The default of lag and lead stands where fewer rows than the offset come before or
 * after; a distribution is a quotient of counts.
 */
export const overWindow = (node: Window, context: Context): Scalar => {
  const { capabilities, refuse } = context
  const { frame, self } = node
  if (!capabilities.windows) refuse("windows", "a window function")
  if (frame?.unit === "groups" && !capabilities.groupsFrame)
    refuse("groupsFrame", "a frame in groups of rows")
  if (frame !== null && frame.exclude !== "no others" && !capabilities.frameExclusion)
    refuse("frameExclusion", "a frame that excludes rows")
  if (self._tag === "Aggregate") {
    if (self.distinct) refuse("distinctWindow", `distinct ${self.name}() over a window`)
    if (self.order.length > 0 || self.name === "mode")
      refuse("orderedWindow", `ordered ${self.name}() over a window`)
    // PostgreSQL has no aggregate of the group in the FILTER of a window.
    return capabilities.dialect === "postgres" && self.filter !== null && aggregates(self.filter)
      ? window(unfiltered(self), node)
      : node
  }
  if ((self.name === "lag" || self.name === "lead") && self.args.length > 2)
    return capabilities.lagDefault ? node : shifted(node)
  if (capabilities.exactDistributions) return node
  if (self.name === "percentRank") return percentRank(node)
  return self.name === "cumeDist" ? cumeDist(node) : node
}

const whole = ({ partition }: Window): Over => ({
  partition,
  order: [],
  directions: [],
  frame: null,
  offsets: [],
  name: null
})

const ranked = ({ directions, name, order, partition }: Window): Over => ({
  partition,
  order,
  directions,
  frame: null,
  offsets: [],
  name
})

const countOver = (over: Over): Scalar => window(aggregate("count", [], false, bigintType), over)
const place = (name: "rowNumber" | "rank", node: Window): Scalar =>
  window(windowCall(name, [], bigintType), ranked(node))

const shifted = (node: Window): Scalar => {
  const { name, args, type } = node.self as Extract<Window["self"], { _tag: "WindowCall" }>
  const [value, offset, otherwise] = args as readonly [Scalar, Scalar, Scalar]
  const number = place("rowNumber", node)
  const outside =
    name === "lag"
      ? compare("lte", number, offset, booleanType)
      : compare("lt", arith("sub", countOver(whole(node)), number, bigintType), offset, booleanType)
  return caseOf([outside], [otherwise], window(windowCall(name, [value, offset], type), node), type)
}

const quotient = (a: Scalar, b: Scalar, type: AnyType): Scalar =>
  arith("div", cast(a, doubleType), b, type)

/** `(rank - 1) / (rows - 1)`; 0 of one row. */
const percentRank = (node: Window): Scalar => {
  const one = constant(1, bigintType)
  const others = arith("sub", countOver(whole(node)), one, bigintType)
  const before = arith("sub", place("rank", node), one, bigintType)
  const divisor = call("nullif", [others, constant(0, bigintType)], bigintType)
  const { type } = node
  return call("coalesce", [quotient(before, divisor, type), constant(0, type)], type)
}

/** Rows up to the last that sorts alike, over all rows. */
const cumeDist = (node: Window): Scalar =>
  quotient(countOver({ ...ranked(node), name: null }), countOver(whole(node)), node.type)
