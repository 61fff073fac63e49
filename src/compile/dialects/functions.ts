import type { Expect, Writer } from "../Dialect.ts"
import type { SqlType } from "../../algebra/SqlType.ts"
import { levels } from "../levels.ts"
import { isRepeatable } from "../phases/emulate/isRepeatable.ts"
import type { Operator, Term } from "../Placed.ts"
import { functionTable } from "./functionTable.ts"
import { type Row, spelledOn } from "./spelling.ts"

/** CASE: its results have the type of the whole, so nothing is expected of a parameter in it. */
export const caseSaid = ({ kids }: Operator<"Case">, writer: Writer): void => {
  writer.put("CASE")
  kids.whens.forEach((when, i) => {
    writer.put(" WHEN ")
    writer.term(when)
    writer.put(" THEN ")
    writer.term(kids.thens[i]!)
  })
  if (kids.otherwise._tag !== "Constant" || kids.otherwise.node.value !== null) {
    writer.put(" ELSE ")
    writer.term(kids.otherwise)
  }
  writer.put(" END")
}

/** `CAST(x AS type)`. */
export const castAs = (writer: Writer, to: string | SqlType, self: () => void): void => {
  writer.put("CAST(")
  self()
  writer.put(" AS ")
  if (typeof to === "string") writer.put(to)
  else writer.type(to)
  writer.put(")")
}

export const castSaid = ({ kids, node }: Operator<"Cast">, writer: Writer): void => {
  const expect: Expect = { type: node.type, path: "parameter", as: "operand" }
  castAs(writer, node.type.sql, () => writer.term(kids.self, levels.open, expect))
}

/** `name(a, b)`. */
export const applied = (writer: Writer, name: string, args: ReadonlyArray<Term>): void => {
  writer.put(`${name}(`)
  writer.commas(args, (arg) => writer.term(arg))
  writer.put(")")
}

/** The holes of a spelling: `{0}`, `{1}` …, or `{*}`. */
const hole = /\{(\d+|\*)\}/g

/**
 * A function in its dialect's words. An argument between commas and parentheses stands as it is,
 * elsewhere closed; one said twice must have one value.
 */
const spelled = ({ kids: { args }, node }: Operator<"Call">, writer: Writer, row: Row): void => {
  const said = spelledOn(row, writer.dialect.name)
  const text = typeof said === "function" ? said({ args, type: node.type }) : said
  if (text === null) return writer.refuse(node.name, `the function ${node.name}`)
  const times = args.map(() => 0)
  let end = 0
  for (const found of text.matchAll(hole)) {
    writer.put(text.slice(end, found.index))
    const before = text.slice(0, found.index)
    end = found.index + found[0].length
    if (found[1] === "*") {
      writer.commas(args, (arg) => writer.term(arg))
      args.forEach((_, at) => times[at]!++)
    } else {
      const at = Number(found[1])
      const open = /(\(|, )$/.test(before) && /^(\)|, | AS )/.test(text.slice(end))
      writer.term(args[at]!, open ? levels.open : levels.primary)
      times[at]!++
    }
  }
  writer.put(text.slice(end))
  times.forEach((count, at) => {
    if (count > 1 && !isRepeatable(node.args[at]!))
      writer.refuse(node.name, `the function ${node.name} of a drawn value`)
  })
}

export const callSaid = (term: Operator<"Call">, writer: Writer): void => {
  const { kids, node } = term
  const [first] = kids.args
  const { name } = node
  if (name !== "concat" && name !== "coalesce" && name !== "nullif")
    return spelled(term, writer, functionTable[name])
  // One argument is its own concatenation and its own first value; servers disagree whether that
  // parses.
  if (name !== "nullif" && kids.args.length === 1) return writer.term(first!, levels.primary)
  if (name !== "concat") return applied(writer, name, kids.args)
  kids.args.forEach((arg, i) => {
    if (i > 0) writer.put(" || ")
    writer.term(arg, levels.unary)
  })
}
