import type { Merge, When } from "../../../algebra/Command.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import type { Context } from "../../Program.ts"
import type { Assignment, PlacedCommand, PlacedWhen } from "../../Placed.ts"
import type { Placer } from "./relations.ts"
import { joinsFully } from "./joinsFully.ts"
import { joinedScope, sourceScope } from "./sides.ts"
import { tableVisible } from "./sources.ts"
import { cellTerm, checkColumns, returnedItems } from "./written.ts"

/** Places a merge: each of its cases sees the table, the source, or both. */
export const placeMerge = (node: Merge, places: Placer, context: Context): PlacedCommand => {
  const { alias, conditions, table, using, values, whens } = node
  const { capabilities } = context
  if (!capabilities.merge) context.refuse("merge", `MERGE INTO ${table.name}`)
  if (whens.length === 0) refuse(`a merge into "${table.name}" says no case`)
  const width = whens.reduce((sum, { columns }) => sum + columns.length, 0)
  if (conditions.length !== whens.length || values.length !== width)
    refuse(`a merge into "${table.name}" has other numbers of conditions and values than of cases`)
  if (!capabilities.mergeBySource && whens.some(({ match }) => match === "not matched by source"))
    context.refuse("mergeBySource", "MERGE … WHEN NOT MATCHED BY SOURCE")
  const own = sourceScope(alias, tableVisible(table, alias, null), null)
  const { from, scope } = places.beside(using)
  const both = joinedScope(own, scope, null)
  // Both kinds of rows that go with none are found by a FULL JOIN.
  const acts = (match: When["match"]): boolean =>
    whens.some((one) => one.match === match && one.does !== "nothing")
  if (
    acts("not matched") &&
    acts("not matched by source") &&
    !joinsFully(node.on, own, scope, context)
  )
    context.refuse("fullJoinCondition", "MERGE of what neither side has, over no equation")
  const seen = { matched: both, "not matched": scope, "not matched by source": own }
  let next = 0
  const place = (when: When, i: number): PlacedWhen => {
    const { columns, does, match } = when
    checkWhen(when, table.name)
    checkColumns(table, columns)
    const sets = columns.map((key): Assignment => {
      const { name, type } = table.byKey.get(key)!
      const term = cellTerm(values[next++]!, seen[match], places)
      return { table: null, column: name, path: key, type, term }
    })
    return { match, does, sets, where: places.term(conditions[i]!, seen[match]) }
  }
  return {
    _tag: "Merge",
    table,
    alias: alias === table.name ? null : alias,
    using: from,
    on: places.term(node.on, both),
    whens: reached(whens.map(place)),
    returned: returnedItems(node, alias, places, context, "mergeReturning")
  }
}

/** After a case without a condition servers refuse another of its kind. */
const reached = (whens: ReadonlyArray<PlacedWhen>): ReadonlyArray<PlacedWhen> =>
  whens.filter(
    ({ match }, i) => !whens.slice(0, i).some((one) => one.match === match && isSure(one))
  )

const isSure = ({ where }: PlacedWhen): boolean =>
  where._tag === "Constant" && where.node.value === true

/** A row that is not there can only be added, and one that is there not again. */
const checkWhen = ({ columns, does, match }: When, table: string): void => {
  const isThere = match !== "not matched"
  const isWhole = does === "update" ? columns.length > 0 : does === "insert" || columns.length === 0
  if (
    !isWhole ||
    (does === "insert" && isThere) ||
    (does !== "insert" && does !== "nothing" && !isThere)
  )
    refuse(`a merge into "${table}" says ${does} where a row is ${match}`)
}
