import { type Frame, type FrameBound, overKey, type WindowName } from "../../algebra/Scalar.ts"
import { refuse } from "../../algebra/StatementError.ts"
import type { AnyType } from "../../algebra/Type.ts"
import { refused } from "../../algebra/types/make.ts"
import type { Writer } from "../Dialect.ts"
import { holdsQuery, operandsOf } from "../kids.ts"
import { levels } from "../levels.ts"
import { movesNulls, saySorts } from "../phases/render/sorts.ts"
import { isRepeatable } from "../phases/emulate/isRepeatable.ts"
import type { Block, Operator, Sort, Term } from "../Placed.ts"
import { applied } from "./functions.ts"

type WindowTerm = Operator<"Window">

const names: Readonly<Record<WindowName, string>> = {
  rowNumber: "row_number",
  rank: "rank",
  denseRank: "dense_rank",
  percentRank: "percent_rank",
  cumeDist: "cume_dist",
  ntile: "ntile",
  lag: "lag",
  lead: "lead",
  firstValue: "first_value",
  lastValue: "last_value",
  nthValue: "nth_value"
}

/** `row_number() OVER (…)`, or `OVER w` where the block says WINDOW. */
export const windowSaid = (term: WindowTerm, writer: Writer): void => {
  const { frame } = term.node
  const { offsets, order } = term.kids
  const [key] = order
  const inverted = frame !== null && isInverted(writer, frame, offsets)
  const byKey = inverted && frame.unit === "range" && key !== undefined
  if (!byKey || (key._tag === "Column" && !key.nullable))
    return windowOver(term, writer, inverted ? empty : null)
  // NULLs are in the range of each other whatever its ends.
  if (!isRepeatable(term.node))
    writer.refuse("nullsPlacement", "a range that ends before it starts of a drawn value")
  writer.put("CASE WHEN ")
  writer.term(key, levels.predicate)
  writer.put(" IS NULL THEN ")
  windowOver(term, writer, "RANGE BETWEEN CURRENT ROW AND CURRENT ROW")
  writer.put(" ELSE ")
  windowOver(term, writer, empty)
  writer.put(" END")
}

const empty = "ROWS BETWEEN 1 FOLLOWING AND 0 FOLLOWING"

/** The same with a frame of other words, where it is given one. */
const windowOver = (term: WindowTerm, writer: Writer, frame: string | null): void => {
  const { self } = term.kids
  const over = (): void => {
    writer.put(" OVER ")
    if (frame === null && isNamed(term)) return writer.name(term.node.name!)
    writer.put("(")
    sayWindow(writer, term, frame)
    writer.put(")")
  }
  if (self._tag === "Aggregate") return writer.dialect.aggregate(self, writer, over)
  if (self._tag !== "WindowCall") return writer.term(self)
  applied(writer, names[self.node.name], self.kids.args)
  over()
}

/** What a WINDOW clause cannot share stands where it is used: two queries are never one text. */
const isNamed = ({ kids, node }: WindowTerm): boolean =>
  node.name !== null && ![...kids.partition, ...kids.order].some(holdsQuery)

const sortsOf = ({ kids, node }: WindowTerm): ReadonlyArray<Sort> =>
  kids.order.map((term, i) => ({ term, direction: node.directions[i]! }))

/** What stands between the parentheses of a window. */
export const sayWindow = (writer: Writer, term: WindowTerm, frame: string | null = null): void => {
  const { kids, node } = term
  const { partition } = kids
  const sorts = sortsOf(term)
  if (partition.length > 0) {
    writer.put("PARTITION BY ")
    writer.commas(partition, (key) => writer.term(key))
    if (sorts.length > 0) writer.put(" ")
  }
  saySorts(writer, sorts)
  if (node.frame === null) return
  if (partition.length > 0 || sorts.length > 0) writer.put(" ")
  const moved =
    !writer.capabilities.nullsPlacement && sorts.some((sort) => movesNulls(writer, sort))
  if (moved && node.frame.unit === "range" && kids.offsets.length > 0)
    writer.refuse("nullsPlacement", "a range with an offset over a key whose NULLs are moved")
  if (frame === null) sayFrame(writer, node.frame, kids.offsets)
  else writer.put(frame)
}

const bounds: Readonly<Record<FrameBound, string>> = {
  "unbounded preceding": "UNBOUNDED PRECEDING",
  preceding: " PRECEDING",
  "current row": "CURRENT ROW",
  following: " FOLLOWING",
  "unbounded following": "UNBOUNDED FOLLOWING"
}

/**
 * MariaDB 10.11 finds rows in a frame that starts beyond its end, `2 FOLLOWING AND 0 FOLLOWING`,
 * where it leaves out what is NULL, and in such a RANGE others too.
 */
const isInverted = (writer: Writer, frame: Frame, offsets: ReadonlyArray<Term>): boolean => {
  const follows = frame.start === "following" && frame.end === "following"
  const precedes = frame.start === "preceding" && frame.end === "preceding"
  if (writer.dialect.name !== "mariadb" || !(follows || precedes)) return false
  const [start, end] = offsets.map((offset) => Number(valueOf(writer, offset)))
  return follows ? start! > end! : start! < end!
}

/** Where the server takes no parameter, an offset's value; undefined where nobody knows it yet. */
const valueOf = (writer: Writer, offset: Term): unknown => {
  if (offset._tag === "Constant") return offset.node.value
  let value: unknown
  if (offset._tag === "Parameter") writer.literal(offset, (one) => (value = one))
  return value
}

const sayFrame = (writer: Writer, frame: Frame, offsets: ReadonlyArray<Term>): void => {
  let next = 0
  const bound = (one: FrameBound): void => {
    if (one === "preceding" || one === "following") sayOffset(writer, offsets[next++]!)
    writer.put(bounds[one])
  }
  writer.put(`${frame.unit.toUpperCase()} BETWEEN `)
  bound(frame.start)
  writer.put(" AND ")
  bound(frame.end)
  if (frame.exclude !== "no others") writer.put(` EXCLUDE ${frame.exclude.toUpperCase()}`)
}

const sayOffset = (writer: Writer, offset: Term): void => {
  if (offset._tag !== "Parameter") return writer.term(offset, levels.primary)
  if (writer.capabilities.frameParameter) {
    const { type } = offset
    // MySQL takes a placeholder here and no cast around it.
    const expect =
      writer.dialect.name === "mysql" ? { type, path: "frame", as: "assigned" as const } : null
    const checked = { ...offset, type: notNegative(type) }
    return writer.term(checked, levels.primary, expect)
  }
  if (!writer.literal(offset))
    writer.refuse("frameParameter", "a frame whose offset is known only when the statement runs")
}

const expected = "a frame's offset, 0 or more"

/** The same type without negative numbers, which servers take for errors one by one. */
const notNegative = (type: AnyType): AnyType => {
  const { row } = type.codec
  const checked = (dialect: keyof typeof row) => ({
    ...row[dialect],
    encode: (value: unknown): unknown => {
      if (!isCount(value)) return refused(expected)
      return (row[dialect].encode as (one: unknown) => unknown)(value)
    }
  })
  const codec = {
    ...type.codec,
    row: {
      sqlite: checked("sqlite"),
      postgres: checked("postgres"),
      mysql: checked("mysql"),
      mariadb: checked("mariadb")
    }
  }
  return { ...type, key: `${type.key}:offset`, codec }
}

const isCount = (value: unknown): boolean =>
  typeof value === "number" || typeof value === "bigint"
    ? value >= 0
    : typeof value === "object" && value !== null && "value" in value
      ? (value.value as bigint) >= 0n
      : false

/** Two windows of one name are one window, their values included. */
const agreed = (writer: Writer, one: WindowTerm, other: WindowTerm): void => {
  const terms = ({ kids }: WindowTerm) => [...kids.partition, ...kids.order, ...kids.offsets]
  const others = terms(other)
  const same =
    overKey(one.node) === overKey(other.node) &&
    terms(one).every((term, i) => writer.agree(term, others[i]!))
  if (!same) refuse(`two windows of one query are named "${one.node.name}" and are not the same`)
}

/** The named windows of a block, each once. */
export const namedWindows = (writer: Writer, block: Block): ReadonlyArray<WindowTerm> => {
  const found: Array<WindowTerm> = []
  const visit = (term: Term): void => {
    if (term._tag === "Column") return
    if (term._tag === "Window" && isNamed(term)) {
      const first = found.find(({ node }) => node.name === term.node.name)
      if (first === undefined) found.push(term)
      else agreed(writer, first, term)
    }
    operandsOf(term).forEach(visit)
  }
  for (const { term } of block.items) visit(term)
  for (const { term } of block.order) visit(term)
  return found
}
