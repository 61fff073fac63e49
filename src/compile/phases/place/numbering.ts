import { customScalar } from "../../../algebra/Scalar.ts"
import { bigintType } from "../../internalTypes.ts"
import type { Term } from "../../Placed.ts"
import { operator } from "./terms.ts"

/** `row_number()` within each set of rows that agree on some terms. */
export const rowNumber = (partition: ReadonlyArray<Term>): Term => {
  const between = partition.slice(1).map(() => ", ")
  const parts = ["row_number() OVER (PARTITION BY ", ...between, ")"]
  const print = { sqlite: parts, postgres: parts, mysql: parts, mariadb: parts }
  return operator(customScalar("rowNumber", [], print, bigintType), { args: partition })
}
