import { nothing } from "./carried.ts"
import type { Bound, BoundList } from "./nodes.ts"
import type { AnyType } from "./Type.ts"

/** The values of one column in many rows of an insert: NULL may be among them. */
export const boundColumn = (values: ReadonlyArray<unknown>, type: AnyType): BoundList => {
  const binds: Array<Bound> = []
  const node: BoundList = Object.freeze({
    _tag: "BoundList",
    values: Object.freeze(values),
    type,
    key: `?${type.key}[]`,
    binds,
    ctes: nothing
  })
  binds.push(node as unknown as Bound)
  return node
}
