import type { TableItem } from "./Constraint.ts"
import { expr } from "../Expression.ts"
import type { Scalar } from "../Scalar.ts"
import type { TableSource } from "../Source.ts"
import type { AnyType } from "../Type.ts"

/** What stands for what, where tables are copied together. */
export interface Moving {
  readonly table: (source: TableSource) => TableSource
  readonly type: (type: AnyType) => AnyType
  readonly scalar: (node: Scalar) => Scalar
}

/** Everything for itself. */
export const still: Moving = {
  table: (source) => source,
  type: (type) => type,
  scalar: (node) => node
}

/** A rule that says of the copies what it said of the tables they were made from. */
export const movedItem = (item: TableItem, moving: Moving): TableItem => {
  if (moving === still) return item
  const { scalar } = moving
  const all = (nodes: ReadonlyArray<Scalar>) => nodes.map(scalar)
  const parts = <P extends { readonly scalar: Scalar }>(some: ReadonlyArray<P>) =>
    some.map((part) => ({ ...part, scalar: scalar(part.scalar) }))
  const condition = (where: Scalar | null) => (where === null ? null : scalar(where))
  switch (item._tag) {
    case "Index":
      return {
        ...item,
        parts: parts(item.parts),
        where: condition(item.where),
        include: all(item.include)
      }
    case "Unique":
      return { ...item, columns: all(item.columns), include: all(item.include) }
    case "Computed":
      return { ...item, column: scalar(item.column), expression: scalar(item.expression) }
    case "Check":
      return { ...item, predicate: scalar(item.predicate) }
    case "PrimaryKey":
      return { ...item, columns: all(item.columns) }
    case "Exclusion":
      return { ...item, parts: parts(item.parts), where: condition(item.where) }
    case "Reference":
      return {
        ...item,
        columns: all(item.columns),
        target: () => item.target().map((one) => expr(scalar(one.node)))
      }
  }
}
