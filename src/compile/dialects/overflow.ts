import type { AnyType } from "../../algebra/Type.ts"
import { isScaled } from "../../algebra/types.ts"
import type { Expect, Writer } from "../Dialect.ts"
import { levels, standardLevel } from "../levels.ts"
import { isRepeatable } from "../phases/emulate/isRepeatable.ts"
import { type Operator, type Term, typeOf } from "../Placed.ts"
import { isInteger } from "../sqlTypes.ts"

/**
 * Integer arithmetic on SQLite, which makes a REAL of a result beyond 64 bits and says nothing:
 * what may get there is asked whether it has. Narrower integers are reckoned in 64 bits, and asked
 * where they are written.
 */
type Chain = Operator<"Arith"> | Operator<"Negate">

const words: Readonly<Record<string, string>> = { add: " + ", sub: " - ", mul: " * " }

/** Sums and products: once one is a REAL, all around it are, so the outermost alone is asked. */
export const isChain = (term: Term): term is Chain =>
  (term._tag === "Negate" || (term._tag === "Arith" && Object.hasOwn(words, term.node.op))) &&
  isCounted(term.node.type)

/** Whether SQLite holds it as an integer. */
const isCounted = ({ sql }: AnyType): boolean =>
  isInteger(sql) || (sql._tag === "Numeric" && isScaled(sql))

const widest = 2n ** 63n

/** The most a type's own values are away from zero. */
const ofType = ({ sql }: AnyType): bigint => {
  switch (sql._tag) {
    case "Smallint":
      return 2n ** 15n
    case "Integer":
      return 2n ** 31n
    case "Numeric":
      return 10n ** BigInt(sql.precision)
    default:
      return widest
  }
}

const known = new WeakMap<Term, bigint>()

/** The most a term is away from zero; only stored and sent values are sure to be of their type. */
const most = (term: Term): bigint => {
  let found = known.get(term)
  if (found === undefined) known.set(term, (found = mostOf(term)))
  return found
}

const mostOf = (term: Term): bigint => {
  switch (term._tag) {
    case "Column":
      return term.stored ? ofType(term.type) : widest
    case "Parameter":
      return ofType(term.type)
    case "Constant":
      return mostOfConstant(term.node.value)
    case "Negate":
      return most(term.kids.self)
    case "Arith":
      return mostOfArith(term)
    case "Call":
      // A length, a place, a part of a date are of their type; these are one of their arguments.
      return chooses.has(term.node.name) ? mostOfAll(term.kids.args) : ofType(term.node.type)
    case "Case":
      return mostOfAll([...term.kids.thens, term.kids.otherwise])
    case "Aggregate":
      if (term.node.name === "count") return countable
      return isExtreme.has(term.node.name) ? mostOfAll(term.kids.args) : widest
    case "Subquery": {
      const { query } = term.kids
      return query._tag === "Block" ? mostOfAll(query.items.map((item) => item.term)) : widest
    }
    default:
      return widest
  }
}

const isExtreme: ReadonlySet<string> = new Set(["max", "min"])

const mostOfConstant = (value: unknown): bigint =>
  value === null
    ? 0n
    : typeof value === "number" && Number.isInteger(value)
      ? BigInt(Math.abs(value))
      : widest

/** More rows than any table has. */
const countable = 2n ** 53n

const chooses: ReadonlySet<string> = new Set(["abs", "coalesce", "nullif", "greatest", "least"])

const mostOfAll = (terms: ReadonlyArray<Term>): bigint =>
  terms.reduce((found, term) => (most(term) > found ? most(term) : found), 0n)

const mostOfArith = ({ kids, node }: Operator<"Arith">): bigint => {
  const [left, right] = [most(kids.left), most(kids.right)]
  switch (node.op) {
    case "add":
    case "sub":
      return left + right
    case "mul":
      return left * right
    case "quot":
      return left
    case "rem":
      return right
    case "bitAnd":
    case "bitOr":
    case "bitXor":
      // No bit is set beyond the highest of both.
      return 2n ** BigInt(((left > right ? left : right) - 1n).toString(2).length)
    default:
      return widest
  }
}

/** Whether the text of a term is closed by asking whether it is within 64 bits. */
export const isAsked = (term: Term): boolean => {
  if (term._tag === "Arith" && term.node.op === "quot") return mayNotDivide(term)
  return isChain(term) && (most(term) > widest || (term._tag === "Negate" && most(term) === widest))
}

/** The least integer by -1 is one too many. */
const mayNotDivide = ({ kids: { left, right } }: Operator<"Arith">): boolean =>
  most(left) >= widest && right._tag !== "Constant"

const isLeaf = ({ _tag }: Term): boolean =>
  _tag === "Column" || _tag === "Parameter" || _tag === "Constant" || _tag === "Proposed"

/** Whether it is said twice at less than the price of a function. */
const isPlain = (term: Operator<"Arith"> | Operator<"Negate">): boolean =>
  term._tag === "Negate"
    ? isLeaf(term.kids.self)
    : isLeaf(term.kids.left) && isLeaf(term.kids.right)

/**
 * Whether what is reckoned with comes as integers. Raw SQL and a query may give REALs that are
 * whole: of one operation of them it is seen whether it went too far, of several it is not.
 */
const isSure = (term: Term): boolean => {
  if (term._tag === "Negate") return isSure(term.kids.self)
  if (term._tag === "Arith") return isSure(term.kids.left) && isSure(term.kids.right)
  return (
    term._tag === "Parameter" ||
    term._tag === "Constant" ||
    (term._tag === "Column" && term.stored) ||
    (term._tag === "Aggregate" && term.node.name === "count")
  )
}

/** `abs` of the least integer there is fails, where it is reckoned. */
const failing = "abs(-9223372036854775808)"

/** The chain as it stands, its own sums and products not asked again. */
const said = (term: Chain, writer: Writer): void => {
  if (term._tag === "Negate") {
    writer.put("-")
    return operand(term.kids.self, writer, levels.primary)
  }
  const level = standardLevel(term)
  operand(term.kids.left, writer, level)
  writer.put(words[term.node.op]!)
  operand(term.kids.right, writer, level + 1)
}

const operand = (term: Term, writer: Writer, level: number): void => {
  if (!isChain(term)) return writer.term(term, level)
  const closed = standardLevel(term) < level
  if (closed) writer.put("(")
  said(term, writer)
  if (closed) writer.put(")")
}

/** Whether it may be the one number that a type has below zero and not above. */
const isReckoned = (term: Term): boolean => {
  switch (term._tag) {
    case "Arith":
    case "Negate":
      return true
    case "Call":
      return (
        term.node.name === "abs" || (chooses.has(term.node.name) && term.kids.args.some(isReckoned))
      )
    case "Case":
      return [...term.kids.thens, term.kids.otherwise].some(isReckoned)
    case "Aggregate":
      return term.kids.args.some(isReckoned)
    case "Subquery": {
      const { query } = term.kids
      return query._tag !== "Block" || query.items.some((item) => isReckoned(item.term))
    }
    default:
      return false
  }
}

/** Bits of what is written to a column that has fewer than 64, where the term may have more. */
const narrowed = (term: Term, expect: Expect | null): number | null => {
  if (expect === null || expect.as !== "assigned") return null
  const { sql } = expect.type
  if (sql._tag !== "Smallint" && sql._tag !== "Integer") return null
  const limit = ofType(expect.type)
  if (most(term) < limit || (most(term) === limit && !isReckoned(term))) return null
  return sql._tag === "Smallint" ? 16 : 32
}

/** Whether a column is asked what it is on its way into another, and is itself there no more. */
export const asksColumn = (term: Term, writer: Writer, into: Expect | null): boolean =>
  writer.dialect.name === "sqlite" && narrowed(term, into) !== null

/**
 * A sum or a product, asked whether it is an integer of its bits where it may be none.
 *
 * **SQL** `CASE typeof(a + b) WHEN 'real' THEN abs(-9223372036854775808) ELSE a + b END`; what is
 * long or drawn stands once in a function of athanor's connections, at ten times the price.
 */
export const sayWhole = (term: Chain, writer: Writer, expect: Expect | null): void => {
  const bits = narrowed(term, expect)
  if (bits === null && !isAsked(term)) said(term, writer)
  else ask(term, writer, () => said(term, writer), bits)
}

/** The integer that `say` says, or a failure where it is none of so many bits; null: of 64. */
export const ask = (
  term: Operator<"Arith"> | Operator<"Negate">,
  writer: Writer,
  say: () => void,
  bits: number | null = null
): void => {
  if (!isPlain(term) || !isRepeatable(term.node)) {
    writer.put("athanor_whole(")
    say()
    return writer.put(isSure(term) ? `, ${bits ?? 64})` : `, ${bits ?? 64}, 1)`)
  }
  if (bits === null && isSure(term)) return chosen("CASE typeof(", ") WHEN 'real'", writer, say)
  if (bits === null) {
    writer.put("CASE WHEN typeof(")
    say()
    return chosen(") = 'real' AND abs(", ") > 9e18", writer, say)
  }
  chosen("CASE WHEN ", beyond(bits), writer, say)
}

const chosen = (before: string, after: string, writer: Writer, say: () => void): void => {
  writer.put(before)
  say()
  writer.put(`${after} THEN ${failing} ELSE `)
  say()
  writer.put(" END")
}

/**
 * Says a term as `say` does, and asks what it is on its way into a column of fewer bits than it may
 * have: what a derived table reckoned, a cast left as it was, a query found.
 */
export const sayStored =
  <T extends Term>(
    say: (term: T, writer: Writer, expect: Expect | null) => void
  ): ((term: T, writer: Writer, expect: Expect | null) => void) =>
  (term, writer, expect) => {
    const bits =
      expect?.as === "assigned" && isInteger(typeOf(term).sql) ? narrowed(term, expect) : null
    if (bits === null) return say(term, writer, expect)
    const said = (): void => say(term, writer, null)
    if (isLeaf(term)) return chosen("CASE WHEN ", beyond(bits), writer, said)
    writer.put("athanor_whole(")
    said()
    writer.put(`, ${bits}, 1)`)
  }

const beyond = (bits: number): string => {
  const limit = 2n ** BigInt(bits - 1)
  return ` NOT BETWEEN -${limit} AND ${limit - 1n}`
}

/** A double on its way into a column, where it may not be infinite. */
export const sayFinite = (
  term: Operator<"Arith">,
  writer: Writer,
  expect: Expect | null,
  say: () => void
): void => {
  if (expect?.as !== "assigned" || term.node.type.sql._tag !== "Double") return say()
  if (isPlain(term) && isRepeatable(term.node))
    return chosen("CASE abs(", ") WHEN 9e999", writer, say)
  writer.put("athanor_double(")
  say()
  writer.put(")")
}
