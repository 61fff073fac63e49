import * as B from "./block.ts"
import type { HasColumns, Leaf } from "./From.ts"
import { isLocked } from "./lock.ts"
import * as R from "./Relation.ts"
import type { Relation } from "./Relation.ts"
import type { RowShape } from "./RowShape.ts"
import * as S from "./Scalar.ts"
import type { Scalar } from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType } from "./Type.ts"
import * as T from "./types.ts"

/**
 * The rows a set operation takes beside rows of `Row`: the same keys, each of its type or NULL.
 *
 * @category models
 */
export type Alike<Row> = [NonNullable<Row>] extends [Leaf | HasColumns<any>]
  ? Row | null
  : string extends keyof Row
    ? Row
    : { readonly [K in keyof Row]: Alike<Row[K]> } | null

/**
 * The rows of a set operation: where either part may be NULL, so may they.
 *
 * @category models
 */
export type Widened<Row, Other> = [Other] extends [Row]
  ? Row
  : [Row] extends [Other]
    ? Other
    : [NonNullable<Row>] extends [Leaf | HasColumns<any>]
      ? Row | Extract<Other, null>
      :
          | {
              readonly [K in keyof Row]: Widened<
                Row[K],
                K extends keyof NonNullable<Other> ? NonNullable<Other>[K] : never
              >
            }
          | Extract<Other, null>

/** Columns by path, `?` after the path of a record that may be absent. */
type Leaves = Map<string, number>

const leaves = (shape: RowShape, path = "", out: Leaves = new Map()): Leaves => {
  if (shape._tag === "Cell") return out.set(path, shape.index)
  if (shape.presence !== null) out.set(`${path}?`, shape.presence)
  shape.keys.forEach((key, i) => leaves(shape.parts[i]!, `${path}/${JSON.stringify(key)}`, out))
  return out
}

/** The shape of the first part; a record that the other may leave out may be absent. */
const sharedShape = (shape: RowShape, other: Leaves, width: number): RowShape => {
  let next = width
  const shared = (one: RowShape, path: string): RowShape => {
    if (one._tag === "Cell") return one
    const presence = one.presence ?? (other.has(`${path}?`) ? next++ : null)
    const parts = one.parts.map((part, i) => shared(part, `${path}/${JSON.stringify(one.keys[i])}`))
    const same = presence === one.presence && parts.every((part, i) => part === one.parts[i])
    return same ? one : Object.freeze({ ...one, presence, parts: Object.freeze(parts) })
  }
  return shared(shape, "")
}

/** Two columns of one set operation as one type: whole numbers beside doubles are doubles. */
const common = (a: AnyType, b: AnyType): AnyType | null => {
  const [from, to] = [a.sql._tag, b.sql._tag]
  const whole = (tag: string): boolean => tag === "Integer" || tag === "Smallint"
  return (from === "Double" && whole(to)) || (to === "Double" && whole(from)) ? T.double : null
}

const inOrder = (
  op: string,
  row: R.ValuesRow,
  shape: RowShape,
  width: number
): ReadonlyArray<Scalar> => {
  const have = leaves(row.shape)
  const fields: Array<Scalar> = []
  for (const [path, index] of leaves(shape)) {
    const at = have.get(path)
    fields[index] =
      at !== undefined
        ? row.fields[at]!
        : path.endsWith("?")
          ? S.constant(true, T.boolean)
          : refuse(`${op}: the second part does not select ${path || "the same column"}`)
  }
  if (fields.length !== width || [...have.keys()].some((path) => !leaves(shape).has(path)))
    return refuse(`${op}: the parts select ${width} and ${row.fields.length} columns`)
  return fields
}

/** The second part with its columns in the first's order and shape. */
export const aligned = (op: string, left: Relation, right: Relation): Relation => {
  const first = B.projection(left)
  const second = B.projection(right)
  if (first === null || second === null) return refuse(`${op}: a part selects nothing`)
  const { fields, shape } = first
  return reproject(right, second, inOrder(op, second, shape, fields.length), shape)
}

/** Both parts with the same columns in the same order, as wide as either needs them. */
const widened = (op: string, left: Relation, right: Relation): readonly [Relation, Relation] => {
  const first = B.projection(left)
  const second = B.projection(right)
  if (first === null || second === null) return refuse(`${op}: a part selects nothing`)
  const shape = sharedShape(first.shape, leaves(second.shape), first.fields.length)
  const width = leaves(shape).size
  const ours = inOrder(op, first, shape, width)
  const theirs = inOrder(op, second, shape, width)
  const types = ours.map((field, i) => common(field.type, theirs[i]!.type))
  const cast = (fields: ReadonlyArray<Scalar>): ReadonlyArray<Scalar> =>
    fields.map((field, i) => {
      const type = types[i]!
      return type === null || field.type.key === type.key ? field : S.cast(field, type)
    })
  return [reproject(left, first, cast(ours), shape), reproject(right, second, cast(theirs), shape)]
}

/** A query with other columns instead of those it projects. */
const reproject = (
  rel: Relation,
  old: R.ValuesRow,
  fields: ReadonlyArray<Scalar>,
  shape: RowShape
): Relation => {
  const same =
    fields.length === old.fields.length && fields.every((field, i) => field === old.fields[i])
  if (same && R.shapeKey(shape) === R.shapeKey(old.shape)) return rel
  const inside = (one: Relation): Relation => {
    switch (one._tag) {
      case "Project":
        return R.project(one.self, fields, shape)
      case "Order":
        return R.order(inside(one.self), one.keys, one.directions)
      case "Slice":
        return R.slice(inside(one.self), one.limit, one.offset, one.ties, one.percent)
      case "DistinctOn":
        return R.distinctOn(inside(one.self), one.keys)
      case "Filter":
        return R.filter(inside(one.self), one.predicate)
      case "Distinct":
        return R.distinct(inside(one.self))
      case "Hint":
        return R.hint(inside(one.self), one.hint)
      case "Values":
        return listed(one, old, fields, shape)
      case "Combine":
        return R.combine(
          one.op,
          one.parts.map((part) => reordered(part, old, fields, shape))
        )
      default:
        return refuse("a set operation's parts name their columns in different orders")
    }
  }
  return inside(rel)
}

/** The same change of columns over other values than those it was made for. */
const changed = (
  fields: ReadonlyArray<Scalar>,
  old: R.ValuesRow,
  values: ReadonlyArray<Scalar>
): ReadonlyArray<Scalar> =>
  fields.map((field) => {
    const base = field._tag === "Cast" && !old.fields.includes(field) ? field.self : field
    const at = old.fields.indexOf(base)
    if (at < 0) return field
    return base === field ? values[at]! : S.cast(values[at]!, field.type)
  })

/** The same change in another part of a set operation. */
const reordered = (
  part: Relation,
  old: R.ValuesRow,
  fields: ReadonlyArray<Scalar>,
  shape: RowShape
): Relation => {
  const row = B.projection(part)!
  return reproject(part, row, changed(fields, old, row.fields), shape)
}

/** The same change in each row of a list. */
const listed = (
  list: R.Values,
  old: R.ValuesRow,
  fields: ReadonlyArray<Scalar>,
  shape: RowShape
): Relation => {
  const width = old.fields.length
  const cells: Array<Scalar> = []
  for (let at = 0; at < list.cells.length; at += width)
    cells.push(...changed(fields, old, list.cells.slice(at, at + width)))
  const types = fields.map(({ type }) => S.constant(null, type))
  return R.values(Object.freeze({ fields: Object.freeze(types), shape }), cells)
}

const flattens: ReadonlySet<R.CombineOperator> = new Set<R.CombineOperator>([
  "union",
  "unionAll",
  "intersect",
  "intersectAll"
])

/** A set operation over two queries: columns are matched by key, not by place. */
export const combined = (op: R.CombineOperator, left: Relation, right: Relation): Relation => {
  if (isLocked(left) || isLocked(right))
    return refuse(`${op}: a part is locked, and what is combined has no rows of a table`)
  const [first, second] = widened(op, left, right)
  return first._tag === "Combine" && first.op === op && flattens.has(op)
    ? R.combine(op, [...first.parts, second])
    : R.combine(op, [first, second])
}
