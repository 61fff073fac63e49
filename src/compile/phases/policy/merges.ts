import * as C from "../../../algebra/Command.ts"
import type { Merge, When } from "../../../algebra/Command.ts"
import * as S from "../../../algebra/Scalar.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import { boolean } from "../../../algebra/types.ts"
import type { Context } from "../../Program.ts"
import type { Rule } from "./rules.ts"
import { cellsOf, checkedValues, proposedRows, retirement, rulesOver } from "./writes.ts"

/** One case of a merge, with what belongs to it. */
interface Case {
  readonly when: When
  readonly condition: Scalar
  readonly values: ReadonlyArray<Scalar>
}

/**
 * A merge into the visible rows: no other row goes with one of the source, nor is without one.
 *
 * **Laws** L25: a row of the source that goes with a hidden row alone goes with none.
 */
export const merged = (node: Merge, rules: ReadonlyArray<Rule>, context: Context): Merge => {
  if (rules.length === 0) return node
  const { alias, table, using } = node
  const visible = rules.map((rule) => rule.visible(cellsOf(alias, table)))
  const cases = casesOf(node).map((one) => ruled(one, node, rules, visible, context))
  return C.merge(
    table,
    alias,
    using,
    S.and([...visible, node.on], boolean),
    cases.map(({ when }) => when),
    cases.map(({ condition }) => condition),
    cases.flatMap(({ values }) => values),
    node.shape === null ? null : { fields: node.returned, shape: node.shape }
  )
}

const casesOf = ({ conditions, values, whens }: Merge): ReadonlyArray<Case> => {
  let next = 0
  return whens.map((when, i) => ({
    when,
    condition: conditions[i]!,
    values: values.slice(next, (next += when.columns.length))
  }))
}

const ruled = (
  one: Case,
  { alias, table }: Merge,
  rules: ReadonlyArray<Rule>,
  visible: ReadonlyArray<Scalar>,
  context: Context
): Case => {
  const { values, when } = one
  const { columns, does, match } = when
  const condition =
    match === "not matched by source" ? S.and([...visible, one.condition], boolean) : one.condition
  switch (does) {
    case "nothing":
      return { ...one, condition }
    case "insert": {
      const row = proposedRows(table, columns, [values], rules, context)
      return { when: { ...when, columns: row.columns }, condition, values: row.cells }
    }
    case "update": {
      const next = { table, alias, columns, values }
      return { when, condition, values: checkedValues(next, rulesOver(rules, columns), context) }
    }
    case "delete": {
      const retired = retirement(table, rules)
      return retired === null
        ? { ...one, condition }
        : {
            when: { match, does: "update", columns: retired.columns },
            condition,
            values: retired.values
          }
    }
  }
}
