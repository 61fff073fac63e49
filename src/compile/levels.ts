import { compare, type Comparison } from "../algebra/Scalar.ts"
import type { Operator, Term } from "./Placed.ts"

/**
 * How tight the text of a term binds, least first. The order is the one all four grammars share;
 * where they differ (`||`, comparisons among themselves) operands get parentheses.
 *
 * **Source** sqlite.org/lang_expr; PostgreSQL 4.1.6; MySQL 14.4.1 Operator Precedence.
 */
export const levels = {
  open: 0,
  or: 1,
  and: 2,
  not: 3,
  predicate: 4,
  concat: 5,
  additive: 6,
  multiplicative: 7,
  unary: 8,
  primary: 9
} as const

/** Where the grammars rank operators of bits differently, they are closed like `||`. */
const arithmeticLevels = {
  add: levels.additive,
  sub: levels.additive,
  mul: levels.multiplicative,
  div: levels.multiplicative,
  quot: levels.multiplicative,
  rem: levels.multiplicative,
  bitAnd: levels.concat,
  bitOr: levels.concat,
  bitXor: levels.concat,
  shiftLeft: levels.concat,
  shiftRight: levels.concat
} as const

/** Grammars rank a user's operator each in its way: what stands beside it is closed, like `||`. */
const customLevels = {
  text: levels.open,
  operator: levels.concat,
  condition: levels.predicate,
  call: levels.primary,
  comparison: levels.predicate,
  sum: levels.additive,
  product: levels.multiplicative,
  unary: levels.unary
} as const

/** How tight the operands of a user's node must bind; of two, the right one, read from the left. */
export const operandLevels = {
  text: [levels.primary, levels.primary],
  operator: [levels.unary, levels.unary],
  condition: [levels.unary, levels.unary],
  call: [levels.open, levels.open],
  comparison: [levels.concat, levels.concat],
  sum: [levels.additive, levels.multiplicative],
  product: [levels.multiplicative, levels.unary],
  unary: [levels.primary, levels.primary]
} as const

export const standardLevel = (term: Term): number => {
  switch (term._tag) {
    // The commonest first.
    case "Column":
    case "Parameter":
      return levels.primary
    case "Or":
      return levels.or
    case "And":
      return levels.and
    case "Not":
      return negatable(term.kids.self) ? levels.predicate : levels.not
    case "Compare":
    case "IsNull":
    case "IsTrue":
    case "Like":
    case "InList":
    case "InQuery":
    case "Between":
      return levels.predicate
    case "Arith":
      return arithmeticLevels[term.node.op]
    case "Negate":
      return levels.unary
    case "Constant":
      return typeof term.node.value === "number" &&
        (term.node.value < 0 || Object.is(term.node.value, -0))
        ? levels.unary
        : levels.primary
    case "Call":
      return term.node.name === "concat" && term.node.args.length > 1
        ? levels.concat
        : levels.primary
    case "JsonAt":
      return levels.concat
    case "CustomScalar":
      return customLevels[term.node.form]
    case "Raw":
      return levels.open
    default:
      return levels.primary
  }
}

export const opposites: Readonly<Record<Comparison, Comparison>> = {
  eq: "ne",
  ne: "eq",
  lt: "gte",
  gte: "lt",
  gt: "lte",
  lte: "gt",
  same: "notSame",
  notSame: "same"
}

/** The comparison that is TRUE where this one is FALSE, and NULL where it is NULL. */
export const opposite = ({ kids, node }: Operator<"Compare">): Term => ({
  _tag: "Compare",
  node: compare(opposites[node.op], node.left, node.right, node.type),
  kids
})

/**
 * Predicates with a negated form of their own: `<>`, IS NOT NULL, NOT LIKE, NOT IN, NOT BETWEEN.
 */
export const negatable = (term: Term): boolean =>
  term._tag === "Compare" ||
  term._tag === "IsNull" ||
  term._tag === "Like" ||
  term._tag === "InList" ||
  term._tag === "InQuery" ||
  term._tag === "Between"
