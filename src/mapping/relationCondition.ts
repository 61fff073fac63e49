import type { Expr } from "../algebra/Expression.ts"
import { aliasesOf, sides } from "../algebra/sides.ts"
import type { Scalar } from "../algebra/Scalar.ts"
import type { TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { tableRefs } from "../algebra/schema/tableSource.ts"
import type { Condition, SideColumns } from "./EntityClass.ts"

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
