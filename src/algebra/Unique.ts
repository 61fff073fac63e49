import { nodesOf, type TableItem } from "./Constraint.ts"
import type { Value } from "./Value.ts"

type Columns = readonly [Value<any, any>, ...Array<Value<any, any>>]

/**
 * UNIQUE over columns: no two rows agree on all of them. Rows with a NULL among them never clash.
 *
 * @category constructors
 */
export const on = (...columns: Columns): TableItem =>
  Object.freeze({ _tag: "Unique", columns: nodesOf(columns), name: null })

/** UNIQUE over columns under a name of its own. */
export const named = (name: string, ...columns: Columns): TableItem =>
  Object.freeze({ _tag: "Unique", columns: nodesOf(columns), name })
