import { bitsOwn, isBits } from "./bits.ts"
import { callSaid, caseSaid, castAs, castSaid } from "./functions.ts"
import { jsonLegs } from "./json.ts"
import { jsonEditOwn } from "./jsonEdit.ts"
import { sayNext } from "./nextValue.ts"
import { sequenceAsked } from "../../algebra/schema/sequenceOf.ts"
import { windowSaid } from "./windows.ts"
import type { Expect, TermCases, Writer } from "../Dialect.ts"
import { levels, negatable, operandLevels, opposite, standardLevel } from "../levels.ts"
import { junctionWidth } from "../phases/complexity.ts"
import { membershipWord } from "./membershipWord.ts"
import { rawParts } from "../rawText.ts"
import { type Parameter, type Term, typeOf } from "../Placed.ts"

/** What the other side of a comparison tells about a parameter. */
export const expectFrom = (term: Term, as: Expect["as"] = "operand"): Expect | null => {
  if (term._tag === "Parameter" || term._tag === "ListParameter" || term._tag === "Constant")
    return null
  return { type: typeOf(term), path: pathOf(term), as }
}

const pathOf = (term: Term): string =>
  term._tag === "Column"
    ? term.table === null
      ? term.name
      : `${term.table}.${term.name}`
    : "parameter"

/** The plain placeholder of a value. */
export const barePlaceholder = (
  parameter: Parameter,
  writer: Writer,
  expect: Expect | null
): void =>
  writer.slot(
    parameter,
    placeOf(parameter, expect),
    parameter.type.codec.row[writer.dialect.name].encode
  )

/** What an error calls a parameter by. */
export const placeOf = ({ origin }: Parameter, expect: Expect | null): string =>
  expect?.path ?? (origin._tag === "Named" ? origin.name : "parameter")

/** The six comparisons all dialects spell alike; null-safe equality they spell each in its way. */
const comparisons = {
  eq: " = ",
  ne: " <> ",
  lt: " < ",
  lte: " <= ",
  gt: " > ",
  gte: " >= ",
  same: " IS NOT DISTINCT FROM ",
  notSame: " IS DISTINCT FROM "
} as const

/** Signs of arithmetic; those of bits are in `bits.ts`. */
export const arithmetics = { add: "+", sub: "-", mul: "*", div: "/", quot: "/", rem: "%" } as const

const isDocument = (term: Term): boolean => typeOf(term).sql._tag === "Json"

/** `left word right`, the word between blanks. */
export const compared = (
  { kids }: Extract<Term, { readonly _tag: "Compare" }>,
  writer: Writer,
  word: string
): void => {
  // Two texts of one document differ by the order of its keys and by white space.
  if (!writer.capabilities.jsonEquality && (isDocument(kids.left) || isDocument(kids.right)))
    writer.refuse("jsonEquality", "a document compared as a whole; a value in it is Fn.jsonAs")
  writer.term(kids.left, levels.concat, expectFrom(kids.right, "compared"))
  writer.put(word)
  writer.term(kids.right, levels.concat, expectFrom(kids.left, "compared"))
}

/** Infix arithmetic: left-associative, so only the right operand needs to bind tighter. */
export const infix = (
  term: Extract<Term, { readonly _tag: "Arith" }>,
  writer: Writer,
  word: string,
  expects: boolean
): void => {
  const level = standardLevel(term)
  const { left, right } = term.kids
  writer.term(left, level, expects ? expectFrom(right) : null)
  writer.put(` ${word} `)
  writer.term(right, level + 1, expects ? expectFrom(left) : null)
}

/** Long lists become a tree of rows, because parsers nest a chain as deep as it is long. */
const junction = (
  parts: ReadonlyArray<Term>,
  writer: Writer,
  word: string,
  level: number
): void => {
  if (parts.length <= junctionWidth) {
    const between = ` ${word} `
    for (let i = 0; i < parts.length; i++) {
      if (i > 0) writer.put(between)
      writer.term(parts[i]!, level + 1)
    }
    return
  }
  const width = junctionWidth ** Math.ceil(Math.log(parts.length) / Math.log(junctionWidth) - 1)
  for (let i = 0; i < parts.length; i += width) {
    if (i > 0) writer.put(` ${word} `)
    writer.put("(")
    junction(parts.slice(i, i + width), writer, word, level)
    writer.put(")")
  }
}

const escaped = (escape: string, { dialect }: Writer): string =>
  escape === "\\" ? dialect.likeEscape : ` ESCAPE ${dialect.textLiteral(escape)}`

/** A predicate with a negated form, either way. */
const predicate = (term: Term, writer: Writer, negated: boolean): void => {
  const no = negated ? "NOT " : ""
  switch (term._tag) {
    case "IsNull":
      writer.term(term.kids.self, levels.concat)
      return writer.put(` IS ${no}NULL`)
    case "Like":
      writer.term(term.kids.self, levels.concat, expectFrom(term.kids.pattern))
      writer.put(` ${no}${term.node.insensitive ? "ILIKE" : "LIKE"} `)
      writer.term(term.kids.pattern, levels.concat, expectFrom(term.kids.self))
      return writer.put(escaped(term.node.escape, writer))
    case "InList":
      return writer.dialect.membership(term, writer, negated)
    case "InQuery":
      writer.term(term.kids.self, levels.concat)
      writer.put(` ${membershipWord(term.node, negated)} `)
      return writer.query(term.kids.query)
    case "Between": {
      const expect = expectFrom(term.kids.self)
      writer.term(term.kids.self, levels.concat, expectFrom(term.kids.low))
      writer.put(` ${no}BETWEEN ${term.node.symmetric ? "SYMMETRIC " : ""}`)
      writer.term(term.kids.low, levels.concat, expect)
      writer.put(" AND ")
      return writer.term(term.kids.high, levels.concat, expect)
    }
    default:
      return writer.term(term)
  }
}

/**
 * What the four dialects say alike: a dialect of your own begins with it.
 *
 * @example
 * ```ts
 * import { ansi, type TermCases } from "athanor/dialect"
 * const terms: TermCases = { ...ansi, Cast: (term, writer) => writer.term(term.kids.self) }
 * ```
 * @category models
 */
export const ansi: TermCases = {
  Column: ({ name, table }, writer) => {
    if (table === null) writer.name(name)
    else writer.column(table, name)
  },
  Label: ({ name }, writer) => writer.name(name),
  Proposed: ({ name }, writer) => {
    writer.put("excluded.")
    writer.name(name)
  },
  Default: (_, writer) => writer.put("DEFAULT"),
  Parameter: barePlaceholder,
  ListParameter: (_, writer) => writer.refuse("listParameter", "a list outside of IN"),
  IsTrue: ({ self }, writer) => {
    writer.term(self, levels.concat)
    writer.put(" IS TRUE")
  },
  Wrapped: ({ around, self, type }, writer, expect) => {
    // The place says what the whole is of, and nothing of the value inside.
    const within: Expect = { type, path: expect?.path ?? pathOf(self), as: "wrapped" }
    writer.put(around[0])
    writer.term(self, levels.open, within)
    writer.put(around[1])
  },
  Typed: ({ as, self }, writer) => castAs(writer, as, () => writer.term(self)),
  Constant: ({ node }, writer) =>
    writer.put(node.value === null ? "NULL" : String(node.value).toUpperCase()),
  Compare: (term, writer) => compared(term, writer, comparisons[term.node.op]),
  And: ({ kids }, writer) => junction(kids.parts, writer, "AND", levels.and),
  Or: ({ kids }, writer) => junction(kids.parts, writer, "OR", levels.or),
  Not: ({ kids }, writer) => {
    if (kids.self._tag === "Compare") return writer.term(opposite(kids.self))
    if (negatable(kids.self)) return predicate(kids.self, writer, true)
    writer.put("NOT ")
    writer.term(kids.self, levels.not)
  },
  IsNull: (term, writer) => predicate(term, writer, false),
  Like: (term, writer) => predicate(term, writer, false),
  Tuple: ({ kids }, writer) => {
    writer.put("(")
    writer.commas(kids.parts, (part) => writer.term(part))
    writer.put(")")
  },
  InList: (term, writer) => predicate(term, writer, false),
  InQuery: (term, writer) => predicate(term, writer, false),
  Between: (term, writer) => predicate(term, writer, false),
  Arith: (term, writer) =>
    isBits(term.node.op)
      ? bitsOwn(term, writer)
      : infix(term, writer, arithmetics[term.node.op], false),
  Negate: ({ kids }, writer) => {
    writer.put("-")
    writer.term(kids.self, levels.primary)
  },
  Case: caseSaid,
  Cast: castSaid,
  JsonAt: jsonLegs,
  JsonEdit: jsonEditOwn,
  Call: callSaid,
  Aggregate: (term, writer) => writer.dialect.aggregate(term, writer, null),
  Grouping: ({ kids }, writer) => {
    writer.put("grouping(")
    writer.term(kids.self)
    writer.put(")")
  },
  WindowCall: (_, writer) => writer.refuse("windows", "a window function without a window"),
  Window: windowSaid,
  Subquery: ({ kids }, writer) => writer.query(kids.query),
  Exists: ({ kids }, writer) => {
    writer.put("EXISTS ")
    writer.query(kids.query)
  },
  Raw: ({ kids, node }, writer) => between(rawParts(node.parts, writer), kids.holes, writer),
  CustomScalar: ({ kids, node }, writer) => {
    const parts = node.print[writer.dialect.name]
    if (parts === null) return writer.refuse(node.name, `the user's expression ${node.name}`)
    const sequence = sequenceAsked(node.print)
    if (sequence !== null) return sayNext(sequence, writer)
    between(rawParts(parts, writer), kids.args, writer, operandLevels[node.form])
  }
}

/** Terms between literal parts. */
export const between = (
  parts: ReadonlyArray<string>,
  holes: ReadonlyArray<Term>,
  writer: Writer,
  [first, rest]: readonly [number, number] = operandLevels.text
): void => {
  parts.forEach((part, i) => {
    writer.put(part)
    if (i < holes.length) writer.term(holes[i]!, i === 0 ? first : rest)
  })
}
