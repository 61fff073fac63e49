import type { Direction, Frame, Scalar, Window } from "../../../src/algebra/Scalar.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import type { AnyType } from "../../../src/algebra/Type.ts"
import * as T from "../../../src/algebra/types.ts"
import { foldable } from "./aggregates.ts"
import { under } from "./aim.ts"
import type { Context, Leaf } from "./context.ts"
import { chance, type Draw, many, pick, weigh } from "./draw.ts"
import { anySort } from "./fields.ts"
import { type Forms, scalar } from "./scalars.ts"
import { type Sort, typeOf } from "./sorts.ts"

const direction = (draw: Draw): Direction => ({
  direction: pick(draw, ["asc", "desc"] as const),
  nulls: pick(draw, ["first", "last"] as const)
})

/** NULLs where every server can put them beside a range's offset. */
const plainDirection = (draw: Draw): Direction =>
  pick(draw, [
    { direction: "asc", nulls: "first" },
    { direction: "desc", nulls: "last" }
  ] as const)

type Over = Parameters<typeof S.window>[1]
type Keys = Pick<Over, "partition" | "order" | "directions">

/** Inside a window no window stands, and no query: servers differ in where they evaluate those. */
const within = (context: Context): Context => ({ ...context, around: false })

const partition = (draw: Draw, context: Context): ReadonlyArray<Scalar> =>
  many(draw, "partition", 0, 1, () =>
    scalar(draw, context, anySort(draw, context.home), chance(draw, 4) ? 1 : 0)
  )

/** Sorted by a key or two, which leaves ties. */
const tied = (draw: Draw, context: Context): Keys => {
  const order = many(draw, "windowKey", 1, 2, () =>
    scalar(draw, context, anySort(draw, context.home), chance(draw, 4) ? 1 : 0)
  )
  return {
    partition: partition(draw, context),
    order,
    directions: order.map(() => direction(draw))
  }
}

/** Sorted by all that is in scope at the end: rows that still tie are the same row. */
const total = (draw: Draw, context: Context): Keys => {
  const first = chance(draw, 2) ? [scalar(draw, context, anySort(draw, context.home), 0)] : []
  const order = [...first, ...context.leaves.map(({ node }) => node)]
  return {
    partition: partition(draw, context),
    order,
    directions: order.map(() => direction(draw))
  }
}

const bounds = [
  "unbounded preceding",
  "preceding",
  "current row",
  "following",
  "unbounded following"
] as const

/** A frame that does not end before it starts by its words alone, which servers refuse. */
const frame = (draw: Draw, units: ReadonlyArray<Frame["unit"]>, offsets: boolean): Frame => {
  const known = bounds.filter(
    (bound) => offsets || (bound !== "preceding" && bound !== "following")
  )
  const start = pick(draw, known.slice(0, -1))
  const end = pick(
    draw,
    known.filter(
      (bound) => bound !== "unbounded preceding" && known.indexOf(bound) >= known.indexOf(start)
    )
  )
  const exclude = chance(draw, 60)
    ? pick(draw, ["current row", "group", "ties"] as const)
    : "no others"
  return { unit: pick(draw, units), start, end, exclude }
}

const offsetsOf = (draw: Draw, { end, start }: Frame, type: AnyType): ReadonlyArray<Scalar> =>
  [start, end]
    .filter((bound) => bound === "preceding" || bound === "following")
    .map(() => {
      const count = pick(draw, [1, 0, 2])
      return S.bound(
        type.sql._tag === "Bigint" && type.key === "bigint" ? BigInt(count) : count,
        type
      )
    })

const units = (draw: Draw): ReadonlyArray<Frame["unit"]> =>
  chance(draw, 60) ? ["groups"] : ["rows"]

/** Any frame over a total order. */
const framed = (draw: Draw, context: Context): Over => {
  const keys = total(draw, context)
  if (keys.order.length === 0 || chance(draw, 4))
    return { ...keys, frame: null, offsets: [], name: null }
  const one = frame(draw, units(draw), true)
  return { ...keys, frame: one, offsets: offsetsOf(draw, one, T.count), name: null }
}

/** What no server takes for a constant, by which MariaDB sorts nothing. */
const columnsOf = ({ leaves }: Context): ReadonlyArray<Leaf> =>
  leaves.filter(({ node }) => node._tag === "Ref")

/** Frames whose rows do not depend on how ties fall. */
const peered = (draw: Draw, context: Context): Over => {
  const whole: Over = {
    partition: partition(draw, context),
    order: [],
    directions: [],
    frame: null,
    offsets: [],
    name: null
  }
  return weigh<() => Over>(draw, [
    [2, () => whole],
    [2, () => ({ ...tied(draw, context), frame: null, offsets: [], name: null })],
    [
      1,
      () => {
        const one = frame(draw, chance(draw, 60) ? ["groups"] : ["range"], false)
        return { ...tied(draw, context), frame: one, offsets: [], name: null }
      }
    ],
    [
      2,
      () => {
        const sort = pick(draw, ["integer", "bigint"] as const)
        const columns = columnsOf(context).filter((leaf) => leaf.sort === sort)
        if (columns.length === 0) return whole
        const order = [pick(draw, columns).node]
        const one = frame(draw, ["range"], true)
        return {
          partition: partition(draw, context),
          order,
          directions: [plainDirection(draw)],
          frame: one,
          offsets: offsetsOf(draw, one, typeOf[sort]),
          name: null
        }
      }
    ]
  ])()
}

const plain = (keys: Keys): Over => ({ ...keys, frame: null, offsets: [], name: null })

type Name = Parameters<typeof S.windowCall>[0]

/** Window functions of a sort whose value is determined, whatever a server does with ties. */
export const windowForms = (draw: Draw, outside: Context, sort: Sort, depth: number): Forms => {
  const context = within(outside)
  const call = (
    names: ReadonlyArray<Name>,
    args: () => ReadonlyArray<Scalar>,
    over: () => Over
  ): Forms[number] => [
    2,
    () =>
      S.window(
        under(context.home, "WindowCall", () =>
          S.windowCall(pick(draw, names), args(), typeOf[sort])
        ),
        over()
      ),
    "Window"
  ]
  const self = () => scalar(draw, context, sort, Math.min(depth, pick(draw, [1, 1, 2])))
  const count = (least: number) => S.bound(least + draw.below(3), T.integer)
  const none = () => []
  const totally = () => plain(total(draw, context))
  const freely = () => framed(draw, context)
  const loosely = () => plain(tied(draw, context))
  const shifted = () =>
    weigh<() => ReadonlyArray<Scalar>>(draw, [
      [2, () => [self()]],
      [1, () => [self(), count(0)]],
      [1, () => [self(), count(0), self()]]
    ])()
  const forms: Array<Forms[number]> = foldable(draw, context, sort).map(([weight, form]) => [
    weight,
    () =>
      S.window(
        under(context.home, "Aggregate", () => form() as Window["self"]),
        pick(draw, [peered, framed])(draw, context)
      ),
    "Window"
  ])
  const sorted = columnsOf(context).length > 0
  if (sorted) forms.push(call(["lag", "lead"], shifted, totally))
  forms.push(
    call(["firstValue", "lastValue"], () => [self()], freely),
    call(["nthValue"], () => [self(), count(1)], freely)
  )
  if (sort === "count") {
    forms.push(call(["rowNumber"], none, totally), call(["rank", "denseRank"], none, loosely))
  }
  if (sort === "integer" && sorted) forms.push(call(["ntile"], () => [count(1)], totally))
  if (sort === "double") forms.push(call(["percentRank", "cumeDist"], none, loosely))
  return forms
}
