import type { CombineOperator } from "../../../algebra/Relation.ts"
import { constant } from "../../../algebra/Scalar.ts"
import { integerType } from "../../internalTypes.ts"
import type { Context } from "../../Program.ts"
import { type Block, type Item, labelsOf, type Query, typeOf } from "../../Placed.ts"
import { type Draft, emptyBlock } from "./Draft.ts"
import type { Finisher } from "./Finisher.ts"
import { soleValue } from "./soleValue.ts"
import { one, operator } from "./operator.ts"
import { isCut } from "./terms.ts"

/** What puts placed queries into derived tables. */
interface Wrapper extends Pick<Finisher, "arm" | "byName" | "sole" | "wrap"> {
  /** VALUES with its tail. */
  readonly listed: (draft: Draft, parts: ReadonlyArray<Query>) => Query
  /** The arms of a set operation of which only the presence of rows is asked. */
  readonly wholeArms: (query: Query) => Query
  /** A query of which only the presence of rows is asked. */
  readonly anyOf: (query: Query) => Block
}

/** Puts queries that are placed into derived tables, where a server would mistake them. */
export const wrapper = (context: Context, freshAlias: () => string): Wrapper => {
  /** SQLite knows neither ORDER BY nor LIMIT after VALUES. */
  const listed = ({ limit, offset, order, ties }: Draft, parts: ReadonlyArray<Query>): Query => {
    const plain = { order: [], limit: null, offset: null }
    const rows: Query = { _tag: "Compound", op: "unionAll", parts, list: true, ...plain }
    return order.length === 0 && limit === null && offset === null
      ? rows
      : { ...wrap(rows), order, limit, offset, ties }
  }

  /** Where repetitions count, it forgets DISTINCT and GROUP BY of an arm as well. */
  const wholeArm = (inner: Query, op: CombineOperator): Query =>
    inner._tag === "Compound" || isCut(inner) || (op === "exceptAll" && thins(inner))
      ? wrap(inner)
      : inner

  /** The same in a user's text around them. */
  const wholeArms = (inner: Query): Query => {
    if (inner._tag === "CustomQuery") return { ...inner, self: wholeArms(inner.self) }
    return inner._tag === "Compound"
      ? { ...inner, parts: inner.parts.map((one) => wholeArm(one, inner.op)) }
      : inner
  }

  const anyOf = (inner: Query): Block => ({
    ...around(inner, []),
    items: [{ term: one(), label: "" }]
  })

  const around = (inner: Query, labels: ReadonlyArray<string>): Block => {
    const alias = freshAlias()
    const types =
      inner._tag === "Block"
        ? inner.items.map((item) => typeOf(item.term))
        : labels.map(() => integerType)
    const items = labels.map((label, i): Item => ({
      label,
      term: {
        _tag: "Column",
        table: alias,
        name: label,
        type: types[i]!,
        nullable: true,
        stored: false
      }
    }))
    return { ...emptyBlock, from: { _tag: "QueryFrom", query: inner, alias }, items }
  }

  const wrap: Finisher["wrap"] = (inner) => around(inner, labelsOf(inner))

  const byName: Finisher["byName"] = (inner) =>
    inner._tag === "CustomQuery" && labelsOf(inner).length > 1 ? wrap(inner) : inner

  const sole: Finisher["sole"] = (inner) => {
    const open = inner._tag === "Block" && !isCut(inner)
    const two = { ...(open ? inner : wrap(inner)), limit: operator(constant(2, integerType), {}) }
    const block = wrap(two)
    const { label, term } = block.items[0]!
    return { ...block, items: [{ label, term: soleValue(term) }] }
  }

  const arm: Finisher["arm"] = (inner, index) => {
    if (context.capabilities.parenthesisedArms) return inner
    const plain =
      inner._tag === "CustomQuery"
        ? false
        : inner.order.length === 0 &&
          inner.limit === null &&
          inner.offset === null &&
          (inner._tag === "Block" || index === 0)
    return plain ? inner : wrap(inner)
  }

  return { anyOf, arm, byName, listed, sole, wholeArms, wrap }
}

/** A user's text may stand around rows that are made distinct or grouped. */
const thins = (query: Query): boolean =>
  query._tag === "CustomQuery"
    ? thins(query.self)
    : query._tag === "Block" && (query.distinct || query.group !== null)
