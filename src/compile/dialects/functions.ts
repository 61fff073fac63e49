import type { Expect, Writer } from "../Dialect.ts"
import { levels } from "../levels.ts"
import type { Operator, Term } from "../Placed.ts"

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
export const castAs = (writer: Writer, name: string, self: () => void): void => {
  writer.put("CAST(")
  self()
  writer.put(` AS ${name})`)
}

export const castSaid = ({ kids, node }: Operator<"Cast">, writer: Writer): void => {
  const expect: Expect = { type: node.type, path: "parameter", assigned: false }
  castAs(writer, writer.dialect.castName(node.type.sql), () =>
    writer.term(kids.self, levels.open, expect)
  )
}

/** `name(a, b)`. */
export const applied = (writer: Writer, name: string, args: ReadonlyArray<Term>): void => {
  writer.put(`${name}(`)
  writer.commas(args, (arg) => writer.term(arg))
  writer.put(")")
}

export const callSaid = ({ kids, node }: Operator<"Call">, writer: Writer): void => {
  const [first] = kids.args
  // One argument is its own concatenation and its own first value; servers disagree whether that
  // parses.
  if ((node.name === "concat" || node.name === "coalesce") && kids.args.length === 1) {
    return writer.term(first!, levels.primary)
  }
  if (node.name !== "concat") return applied(writer, node.name, kids.args)
  kids.args.forEach((arg, i) => {
    if (i > 0) writer.put(" || ")
    writer.term(arg, levels.unary)
  })
}

export const aggregateSaid = ({ kids, node }: Operator<"Aggregate">, writer: Writer): void => {
  if (kids.args.length === 0) return writer.put(`${node.name}(*)`)
  writer.put(`${node.name}(${node.distinct ? "DISTINCT " : ""}`)
  writer.commas(kids.args, (arg) => writer.term(arg))
  writer.put(")")
}
