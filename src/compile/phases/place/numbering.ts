import { window, windowCall } from "../../../algebra/Scalar.ts"
import { bigintType } from "../../internalTypes.ts"
import type { Term } from "../../Placed.ts"
import { operator } from "./operator.ts"

const call = windowCall("rowNumber", [], bigintType)
const anywhere = window(call, {
  partition: [],
  order: [],
  directions: [],
  frame: null,
  offsets: [],
  name: null
})

/** `row_number()` within each set of rows that agree on some terms. */
export const rowNumber = (partition: ReadonlyArray<Term>): Term =>
  operator(anywhere, { self: operator(call, { args: [] }), partition, order: [], offsets: [] })
