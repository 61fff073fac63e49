import type { Expr } from "../algebra/Expression.ts"
import { aliasesOf, sides } from "../algebra/sides.ts"
import type { Scalar } from "../algebra/Scalar.ts"
import type { TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { tableRefs } from "../algebra/schema/tableSource.ts"
import type { Condition, OrderOf, SideColumns, Sorted } from "./EntityClass.ts"

/** The condition of a relation over the columns of its sides: it must speak of both. */
export const conditionOf = (
  place: string,
  on: Condition,
  own: TableSource,
  target: TableSource
): Scalar => {
  const given: Partial<Expr<boolean | null, unknown>> | undefined = on(
    tableRefs(own, sides.own) as SideColumns,
    tableRefs(target, sides.target) as SideColumns
  )
  const node = given?.node ?? refuse(`${place}: its condition is no expression`)
  const said = aliasesOf(node)
  if (!said.has(sides.own)) refuse(`${place}: its condition says nothing of its own row`)
  if (!said.has(sides.target)) refuse(`${place}: its condition says nothing of the target's row`)
  const strange = [...said].find((alias) => !Object.hasOwn(sides, alias))
  return strange === undefined
    ? node
    : refuse(`${place}: "${strange}" is neither its own row nor the target's`)
}

/** The order of a relation's rows, over the columns of their own table. */
export const orderOf = (
  place: string,
  orderBy: OrderOf | null,
  target: TableSource
): ReadonlyArray<Sorted> => {
  if (orderBy === null) return []
  const given = orderBy(tableRefs(target, target.name) as SideColumns)
  const all = Array.isArray(given) ? (given as ReadonlyArray<Sorted>) : [given as Sorted]
  for (const one of all) {
    const node = (one as Partial<Sorted> | undefined)?.node
    if (node === undefined) return refuse(`${place}: its order is no expression`)
    const strange = [...aliasesOf(node)].find((alias) => alias !== target.name)
    if (strange !== undefined)
      refuse(`${place}: it is ordered by "${strange}", not by its own rows`)
  }
  return Object.freeze(all)
}
