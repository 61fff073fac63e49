import { nodesOf, type TableItem } from "./Constraint.ts"
import type { Value } from "./Value.ts"

type Columns = readonly [Value<any, any>, ...Array<Value<any, any>>]

/**
 * An index over columns, in their order.
 *
 * **Source** the CREATE INDEX page of each server's manual.
 *
 * @category constructors
 */
export const on = (...columns: Columns): TableItem => item(columns, false, null)

/** An index over columns under a name of its own. */
export const named = (name: string, ...columns: Columns): TableItem => item(columns, false, name)

const item = (columns: Columns, unique: boolean, name: string | null): TableItem =>
  Object.freeze({ _tag: "Index", columns: nodesOf(columns), unique, name })
