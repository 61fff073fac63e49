import { projection } from "./block.ts"
import * as R from "./Relation.ts"
import type { Relation } from "./Relation.ts"
import type { Scalar } from "./Scalar.ts"
import { refuse } from "./StatementError.ts"

/**
 * Columns of the parts are matched by key, so the second part's fields follow the first's order.
 */
export const combined = (op: R.CombineOperator, left: Relation, that: Relation): Relation => {
  const right = aligned(op, left, that)
  return left._tag === "Combine" && left.op === op && op !== "except"
    ? R.combine(op, [...left.parts, right])
    : R.combine(op, [left, right])
}

/** The second part with its columns in the first's order and shape. */
export const aligned = (op: string, left: Relation, right: Relation): Relation => {
  const first = projection(left)
  const second = projection(right)
  if (first === null || second === null) return refuse(`${op}: a part selects nothing`)
  return second.shape === first.shape || R.shapeKey(first.shape) === R.shapeKey(second.shape)
    ? right
    : realign(op, right, second, first)
}

type Shape = R.Project["shape"]

const leaves = (shape: Shape, path: string, out: Map<string, number>): Map<string, number> => {
  if (shape._tag === "Cell") return out.set(path, shape.index)
  if (shape.presence !== null) out.set(`${path}?`, shape.presence)
  shape.keys.forEach((key, i) => leaves(shape.parts[i]!, `${path}/${JSON.stringify(key)}`, out))
  return out
}

const realign = (op: string, right: Relation, from: R.Project, to: R.Project): Relation => {
  const have = leaves(from.shape, "", new Map())
  const want = leaves(to.shape, "", new Map())
  if (have.size !== want.size || from.fields.length !== to.fields.length) {
    return refuse(`${op}: the parts select ${want.size} and ${have.size} columns`)
  }
  const fields: Array<Scalar> = []
  for (const [path, index] of want) {
    const at = have.get(path)
    if (at === undefined)
      return refuse(`${op}: the second part does not select ${path || "the same column"}`)
    fields[index] = from.fields[at]!
  }
  return reproject(right, from, fields, to.shape)
}

const reproject = (
  rel: Relation,
  old: R.Project,
  fields: ReadonlyArray<Scalar>,
  shape: Shape
): Relation => {
  switch (rel._tag) {
    case "Project":
      return rel === old ? R.project(rel.self, fields, shape) : rel
    case "Order":
      return R.order(reproject(rel.self, old, fields, shape), rel.keys, rel.directions)
    case "Slice":
      return R.slice(reproject(rel.self, old, fields, shape), rel.limit, rel.offset)
    case "Distinct":
      return R.distinct(reproject(rel.self, old, fields, shape))
    default:
      return refuse(
        "a set operation's second part names its columns in another order than the first"
      )
  }
}
