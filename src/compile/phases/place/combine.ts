import type { Combine, CombineOperator, Relation } from "../../../algebra/Relation.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import type { Compound, Query } from "../../Placed.ts"
import { labelsOf } from "../../Placed.ts"
import type { Context } from "../../Program.ts"
import { type Draft, draftOf, type Field, isSliced } from "./Draft.ts"
import { freshLabel } from "./freshLabel.ts"
import type { Finisher } from "./Finisher.ts"
import { rowNumber } from "./numbering.ts"
import { outerArmsFirst } from "./outerArms.ts"
import { emptyScope, type Scope } from "./Scope.ts"

type Build = (node: Relation, outer: Scope | null) => Draft

/** Places set operations: in a row where they continue each other, else one inside the other. */
export const combiner = (context: Context, finish: Finisher, build: Build) => {
  const { capabilities } = context

  return (node: Combine, outer: Scope | null): Draft => {
    const { op } = node
    if (!capabilities.intersectExcept && !isUnion(op))
      context.refuse("intersectExcept", op.toUpperCase())
    // MariaDB 10.11 never ends `a INTERSECT ALL b EXCEPT ALL c` where the first two share no row,
    // and UNION ALL in its place neither.
    const isEndless = (query: Query): boolean =>
      capabilities.dialect === "mariadb" &&
      op !== "intersectAll" &&
      query._tag === "Compound" &&
      query.op === "intersectAll"
    const drafts = node.parts.map((part) => build(part, outer))
    const first = drafts[0]
    if (first === undefined || first.fields === null)
      return refuse(`${op} of queries that select nothing`)
    for (const draft of drafts) {
      if (draft.fields?.length !== first.fields.length) {
        refuse(`${op} of ${first.fields.length} columns and ${draft.fields?.length ?? 0}`)
      }
    }
    const parts = drafts.map((draft, i) => {
      // Without a slice an arm's order means nothing.
      const plain = isSliced(draft) ? draft : { ...draft, order: [] }
      const query = finish.byName(finish.query(plain, "row"))
      if (isEndless(query)) return [finish.wrap(query)]
      return continues(query, op, i) ? query.parts : [query]
    })
    const isSwapped = capabilities.dialect === "mariadb" && outer !== null && isUnion(op)
    const arms = isSwapped ? outerArmsFirst(parts.flat()) : parts.flat()
    const fields = first.fields.map((field): Field => ({ ...field, combined: true }))
    const counts = op === "intersectAll" || op === "exceptAll"
    const core =
      counts && !capabilities.setOperationsAll
        ? counted(op === "intersectAll" ? "intersect" : "except", arms, finish)
        : ({ _tag: "Compound", op, parts: arms.map(finish.arm) } as const)
    return { ...draftOf(null, emptyScope(outer)), core, fields, shape: first.shape }
  }
}

const isUnion = (op: CombineOperator): boolean => op === "union" || op === "unionAll"

/** An arm that is the same set operation over again, in an order that does not matter. */
const continues = (query: Query, op: CombineOperator, index: number): query is Compound =>
  query._tag === "Compound" &&
  query.op === op &&
  query.list !== true &&
  (index === 0 || (op !== "except" && op !== "exceptAll")) &&
  query.order.length === 0 &&
  query.limit === null &&
  query.offset === null

/**
 * INTERSECT ALL and EXCEPT ALL where the server has them without ALL only: equal rows are numbered,
 * so that each is another row: of m and n alike, `min(m, n)` have a number in both, and the first
 * has `m - n` more.
 */
const counted = (
  op: "intersect" | "except",
  parts: ReadonlyArray<Query>,
  finish: Finisher
): Draft["core"] => {
  const plain = { order: [], limit: null, offset: null } as const
  const pair = (left: Query, right: Query): Query => {
    const arms = [left, right].map((part) => {
      const block = finish.wrap(part)
      const number = rowNumber(block.items.map((item) => item.term))
      return {
        ...block,
        items: [...block.items, { term: number, label: freshLabel(null, block.items) }]
      }
    })
    const block = finish.wrap({ _tag: "Compound", op, parts: arms, ...plain })
    return { ...block, items: block.items.slice(0, labelsOf(left).length) }
  }
  const whole = parts.slice(1).reduce(pair, parts[0]!)
  return { _tag: "Compound", op: "unionAll", parts: [whole] }
}
