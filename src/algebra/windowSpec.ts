import type { BigDecimal } from "effect/BigDecimal"
import { isExpr, type Ordering, type SortNeeds } from "./Expression.ts"
import { checkName } from "./schema/naming.ts"
import * as S from "./Scalar.ts"
import { refuse } from "./StatementError.ts"
import type { AnyType } from "./Type.ts"
import * as T from "./types.ts"
import type { RequiredOf, Safe, Value } from "./Value.ts"

declare const WindowId: unique symbol

/** A sort key: an expression, ascending, or one with its direction. */
export type SortedBy = Ordering<any> | Value<any, any>

/** What a sort key needs; an outer join does not make what is sorted by it NULL. */
export type SortingNeeds<K> = Safe<SortNeeds<K>>

type Many<T> = T | ReadonlyArray<T>
type Each<T> = T extends ReadonlyArray<infer One> ? One : T

/** How far a frame goes: rows, groups of rows that sort alike, or values of the one sort key. */
export type FrameOffset = number | bigint | BigDecimal | Value<any, any>

/**
 * One end of a frame.
 *
 * @category models
 */
export type FrameEnd =
  | "unbounded preceding"
  | "current row"
  | "unbounded following"
  | { readonly preceding: FrameOffset }
  | { readonly following: FrameOffset }

type Ends = readonly [start: FrameEnd, end: FrameEnd]

/**
 * Which rows of its partition a function over a window sees from a row.
 *
 * **Shape** `rows` counts rows, `groups` groups of rows that sort alike, `range` values of the one
 * sort key, a number.
 * **Source** SQL:2016 part 2, 7.15 window clause.
 *
 * @category models
 */
export type FrameSpec = { readonly exclude?: "current row" | "group" | "ties" } & (
  | { readonly rows: Ends }
  | { readonly range: Ends }
  | { readonly groups: Ends }
)

/**
 * The rows a function sees beside its own: those with an equal `partitionBy`, in order, and of
 * those the ones in the frame.
 *
 * **Shape** without a frame: from the first row to the last that sorts as this one does; without an
 * order all.
 * **Source** SQL:2016 part 2, 7.15 window clause.
 *
 * @category models
 */
export interface WindowSpec {
  readonly partitionBy?: Many<Value<any, any>>
  readonly orderBy?: Many<SortedBy>
  readonly frame?: FrameSpec
}

/**
 * A window with a name, for several functions.
 *
 * @category models
 */
export interface NamedWindow<out R> {
  readonly [WindowId]: R
  readonly name: string
  readonly window: WindowSpec
}

type EndNeeds<E> = E extends { readonly preceding: infer O }
  ? RequiredOf<O>
  : E extends { readonly following: infer O }
    ? RequiredOf<O>
    : never
type FrameNeeds<F> = F extends { readonly rows: infer E }
  ? EndNeeds<Each<E>>
  : F extends { readonly range: infer E }
    ? EndNeeds<Each<E>>
    : F extends { readonly groups: infer E }
      ? EndNeeds<Each<E>>
      : never

/** What a window needs. */
export type WindowNeeds<W> =
  W extends NamedWindow<infer R>
    ? R
    :
        | (W extends { readonly partitionBy: infer P } ? Safe<RequiredOf<Each<P>>> : never)
        | (W extends { readonly orderBy: infer O } ? SortingNeeds<Each<O>> : never)
        | (W extends { readonly frame: infer F } ? FrameNeeds<F> : never)

/** Sort keys as nodes and directions. */
export const sortsOf = (
  keys: ReadonlyArray<SortedBy>,
  asked: string
): Pick<S.Over, "order" | "directions"> => {
  const sorted = keys.map((key) => (isExpr(key) ? key.asc() : (key as Ordering<any>)))
  return {
    order: sorted.map((key) => key?.node ?? refuse(`${asked}: a sort key is no expression`)),
    directions: sorted.map(({ direction, nulls }) => ({ direction, nulls }))
  }
}

const listOf = <T>(many: Many<T> | undefined): ReadonlyArray<T> =>
  many === undefined ? [] : Array.isArray(many) ? (many as ReadonlyArray<T>) : [many as T]

const places = [
  "unbounded preceding",
  "preceding",
  "current row",
  "following",
  "unbounded following"
] as const

const isLess = (value: unknown): boolean =>
  typeof value === "number" || typeof value === "bigint"
    ? value < 0 || Number.isNaN(value)
    : typeof value === "object" && value !== null && "value" in value && "scale" in value
      ? (value.value as bigint) < 0n
      : true

const offsetOf = (offset: FrameOffset, type: AnyType): S.Scalar => {
  const given = isExpr(offset) ? offset.node : S.bound(offset, type)
  if (given._tag === "Named") return given
  if (given._tag !== "Bound") return refuse("frame: an offset is a value or a parameter")
  const whole = type.sql._tag !== "Double" && type.sql._tag !== "Numeric"
  if (isLess(given.value) || (whole && typeof given.value === "number" && given.value % 1 !== 0))
    return refuse("frame: an offset is a number, 0 or more, whole where rows or integers count")
  return given
}

const numbers: ReadonlySet<string> = new Set(["Smallint", "Integer", "Bigint", "Double", "Numeric"])

const frameOf = (
  spec: FrameSpec | undefined,
  order: ReadonlyArray<S.Scalar>
): Pick<S.Over, "frame" | "offsets"> => {
  if (spec === undefined) return { frame: null, offsets: [] }
  const units = (["rows", "range", "groups"] as const).filter((unit) => unit in spec)
  const [unit] = units
  if (unit === undefined || units.length > 1) return refuse("frame: say one of rows, range, groups")
  const ends = (spec as unknown as Readonly<Record<string, Ends>>)[unit]!
  const words = ends.map((end) =>
    typeof end === "string" ? end : "preceding" in end ? "preceding" : "following"
  )
  const [start, end] = words as [S.FrameBound, S.FrameBound]
  const [from, to] = [places.indexOf(start), places.indexOf(end)]
  if (from < 0 || to < 0 || from > to || start === "unbounded following" || to === 0)
    return refuse(`frame: it cannot go from ${start} to ${end}`)
  const given = ends.flatMap((one) => (typeof one === "string" ? [] : [Object.values(one)[0]]))
  if (unit === "groups" && order.length === 0) refuse("frame: groups need an orderBy")
  if (unit === "range" && given.length > 0) {
    const sortable = order.length === 1 && numbers.has(order[0]!.type.sql._tag)
    if (!sortable) refuse("frame: a range with an offset needs one sort key, a number")
  }
  const type = unit === "range" ? (order[0]?.type ?? T.count) : T.count
  return {
    frame: { unit, start, end, exclude: spec.exclude ?? "no others" },
    offsets: given.map((offset) => offsetOf(offset as FrameOffset, type))
  }
}

/** Functions that see the whole partition, whatever the frame: servers differ in whether to say. */
const frameless: ReadonlySet<string> = new Set<S.WindowName>([
  "rowNumber",
  "rank",
  "denseRank",
  "percentRank",
  "cumeDist",
  "ntile",
  "lag",
  "lead"
])

/** The window of a function as the node has it. */
export const overOf = (
  given: WindowSpec | NamedWindow<any> | undefined,
  self: S.Window["self"]
): S.Over => {
  const named = given !== undefined && "window" in given
  const spec = named ? given.window : (given ?? {})
  const sorts = sortsOf(listOf(spec.orderBy), "over")
  const partition = listOf(spec.partitionBy).map(
    (key) => key?.node ?? refuse("over: a key of partitionBy is no expression")
  )
  const frame = frameOf(spec.frame, sorts.order)
  const drops = frameless.has(self.name) && frame.frame !== null
  return {
    partition,
    ...sorts,
    ...(drops ? { frame: null, offsets: [] } : frame),
    name: named && !drops ? given.name : null
  }
}

/**
 * WINDOW: a window with a name, written once however many functions of a query are over it.
 *
 * **Errors** `StatementError` where two windows of one query have one name and are not the same.
 * **Source** SQL:2016 part 2, 7.15 window clause.
 *
 * @example
 * ```ts
 * import { Column, Fn, Query, Table } from "athanor"
 * const t = Table.make("t", { id: Column.id(), a: Column.integer() })
 * const w = Query.window("w", { partitionBy: t.c.a, orderBy: t.c.id })
 * const query = Query.from(t).select({ n: Fn.rowNumber().over(w), sum: Fn.sum(t.c.id).over(w) })
 * ```
 * @category constructors
 */
export const window = <const W extends WindowSpec>(
  name: string,
  spec: W
): NamedWindow<WindowNeeds<W>> =>
  Object.freeze({ name: checkName(name, "window"), window: spec }) as unknown as NamedWindow<
    WindowNeeds<W>
  >
