import type { Comparison, Quantifier } from "../../algebra/Scalar.ts"
import { opposites } from "../levels.ts"

const signs: Readonly<Partial<Record<Comparison, string>>> = {
  eq: "=",
  ne: "<>",
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">="
}

interface Asked {
  readonly op: Comparison
  readonly quantifier: Quantifier
}

/** NOT of `any` is `all` of the opposite. */
const negated = ({ op, quantifier }: Asked): Asked => ({
  op: opposites[op],
  quantifier: quantifier === "any" ? "all" : "any"
})

/** Whether a comparison with many values is membership (TRUE), its negation (FALSE), or neither. */
export const isMembership = ({ op, quantifier }: Asked): boolean | null =>
  op === "eq" && quantifier === "any" ? true : op === "ne" && quantifier === "all" ? false : null

/** `IN`, `NOT IN`, `> ANY`: what stands before the values of an IN or of its negation. */
export const membershipWord = (asked: Asked, negative: boolean): string => {
  const one = negative ? negated(asked) : asked
  const is = isMembership(one)
  return is === null ? quantified(one) : is ? "IN" : "NOT IN"
}

/** `= ANY`, `<> ALL`, `> ANY`: the same before an array. */
export const arrayWord = (asked: Asked, negative: boolean): string =>
  quantified(negative ? negated(asked) : asked)

const quantified = ({ op, quantifier }: Asked): string => `${signs[op]} ${quantifier.toUpperCase()}`
