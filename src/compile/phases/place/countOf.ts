import type { Scalar } from "../../../algebra/Scalar.ts"
import type { Term } from "../../Placed.ts"
import type { Context } from "../../Program.ts"
import type { PlaceTerm } from "./terms.ts"
import { emptyScope } from "./Scope.ts"

const plain: ReadonlySet<Scalar["_tag"]> = new Set<Scalar["_tag"]>([
  "Bound",
  "Named",
  "Constant",
  "Generated"
])

/** How many rows LIMIT or OFFSET says: MySQL and MariaDB take a number or a parameter there. */
export const countOf = (node: Scalar, term: PlaceTerm, { capabilities, refuse }: Context): Term => {
  const { dialect } = capabilities
  if ((dialect === "mysql" || dialect === "mariadb") && !plain.has(node._tag))
    refuse("limitExpression", "a number of rows that is computed")
  return term(node, emptyScope(null))
}
