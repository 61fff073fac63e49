import type { AggregateName } from "../../algebra/Scalar.ts"
import type { Writer } from "../Dialect.ts"
import { saySorts } from "../phases/render/sorts.ts"
import type { Operator, Sort, Term } from "../Placed.ts"

export type AggregateTerm = Operator<"Aggregate">

/** What may follow an aggregate: the window it is over. */
export type Over = (() => void) | null

export const sortsOf = ({ kids, node }: AggregateTerm): ReadonlyArray<Sort> =>
  kids.order.map((term, i) => ({ term, direction: node.directions[i]! }))

/** The aggregates whose values are those of their order. */
export const isOrderedSet = (name: AggregateName): boolean =>
  name === "percentileCont" || name === "percentileDisc" || name === "mode"

const sayOrder = (term: AggregateTerm, writer: Writer): void => saySorts(writer, sortsOf(term))

/** Arguments of an aggregate in parentheses, with DISTINCT and ORDER BY. */
export const sayArguments = (
  term: AggregateTerm,
  writer: Writer,
  args: () => void,
  sort: (term: AggregateTerm, writer: Writer) => void = sayOrder
): void => {
  writer.put(term.node.distinct ? "(DISTINCT " : "(")
  args()
  if (term.kids.order.length > 0) {
    writer.put(" ")
    sort(term, writer)
  }
  writer.put(")")
}

/** ` FILTER (WHERE …)` and the window. */
export const sayTail = ({ kids }: AggregateTerm, writer: Writer, over: Over): void => {
  if (kids.filter !== null) {
    writer.put(" FILTER (WHERE ")
    writer.term(kids.filter)
    writer.put(")")
  }
  over?.()
}

/** The aggregates all servers spell alike. */
export const plainAggregate = (
  term: AggregateTerm,
  writer: Writer,
  over: Over,
  name: string = term.node.name
): void => {
  const { args } = term.kids
  writer.put(name)
  sayArguments(term, writer, () => {
    if (args.length === 0) writer.put("*")
    else writer.commas(args, (arg) => writer.term(arg))
  })
  sayTail(term, writer, over)
}

/** `percentile_cont(0.5) WITHIN GROUP (ORDER BY x)`. */
export const withinGroup = (
  term: AggregateTerm,
  writer: Writer,
  over: Over,
  name: string
): void => {
  writer.put(`${name}(`)
  writer.commas(term.kids.args, (arg) => writer.term(arg))
  writer.put(") WITHIN GROUP (")
  saySorts(writer, sortsOf(term))
  writer.put(")")
  sayTail(term, writer, over)
}

/** The first sort key of an ordered-set aggregate. */
export const valueOf = ({ kids }: AggregateTerm): Term => kids.order[0]!
