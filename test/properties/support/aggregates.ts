import type { AggregateName, Direction, Modifiers, Scalar } from "../../../src/algebra/Scalar.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import * as T from "../../../src/algebra/types.ts"
import type { AnyType } from "../../../src/algebra/Type.ts"
import { sortFrom } from "./aim.ts"
import type { Context } from "./context.ts"
import { chance, type Draw, pick, weigh } from "./draw.ts"
import { condition, type Forms, scalar } from "./scalars.ts"
import type { Sort } from "./sorts.ts"
import { typeOf } from "./sorts.ts"

const plain: Modifiers = { filter: null, order: [], directions: [] }

/** Now and then only some of the rows. */
const filtered = (draw: Draw, context: Context): Modifiers =>
  chance(draw, 5) ? { ...plain, filter: condition(draw, context, 1) } : plain

type Make = (name: AggregateName, from: ReadonlyArray<Sort>, type: AnyType) => () => Scalar

/** The aggregates of a sort that fold one argument. */
const folding = (draw: Draw, context: Context, sort: Sort, of: Make): Forms => {
  switch (sort) {
    case "count":
      return [
        [4, () => S.aggregate("count", [], false, T.count, filtered(draw, context)), "Aggregate"],
        [4, of("count", ["integer", "text", "boolean", "boolean", "bigint"], T.count), "Aggregate"],
        [4, of("sum", ["integer"], T.safeInteger), "Aggregate"],
        [1, of("max", ["count"], T.count), "Aggregate"]
      ]
    case "bigint":
      return [
        [4, of("sum", ["bigint"], T.sumBigint), "Aggregate"],
        [2, of("min", ["bigint"], T.bigint), "Aggregate"]
      ]
    case "double":
      return [[6, of("avg", ["integer"], T.average), "Aggregate"]]
    case "integer":
      return [
        [3, of("min", ["integer"], T.integer), "Aggregate"],
        [3, of("max", ["integer"], T.integer), "Aggregate"]
      ]
    case "text":
      return [
        [3, of("min", ["text"], typeOf.text), "Aggregate"],
        [3, of("max", ["text"], typeOf.text), "Aggregate"]
      ]
    case "boolean":
      return []
  }
}

const maker =
  (draw: Draw, context: Context, depth: number, distinct: boolean): Make =>
  (name, from, type) =>
  () =>
    S.aggregate(
      name,
      [
        scalar(
          draw,
          context,
          sortFrom(
            draw,
            context.home,
            from.map((one) => [1, one])
          ),
          Math.max(
            depth,
            weigh(draw, [
              [2, 1],
              [1, 2]
            ])
          )
        )
      ],
      distinct && chance(draw, 3),
      type,
      filtered(draw, context)
    )

/** The aggregates a window can be over. */
export const foldable = (draw: Draw, context: Context, sort: Sort): Forms =>
  folding(draw, { ...context, outer: [] }, sort, maker(draw, { ...context, outer: [] }, 0, false))

/**
 * Aggregates of a sort over the members of a group. Arguments see the group's own columns only:
 * SQL gives an aggregate whose columns are all outer ones to the outer query.
 */
export const aggregateForms = (draw: Draw, members: Context, sort: Sort, depth: number): Forms => {
  const context: Context = { ...members, outer: [], members: null, around: false }
  return [
    ...folding(draw, context, sort, maker(draw, context, depth, true)),
    ...orderedForms(draw, context, sort)
  ]
}

/**
 * The array of a group's values, or an object of them by name, of equal names the last. Values and
 * names are the last keys: what ties is alike.
 */
export const documentOf = (draw: Draw, members: Context): Scalar => {
  const context: Context = { ...members, outer: [], members: null, around: false }
  const value = scalar(draw, context, pick(draw, ["integer", "text"] as const), 1)
  const named = !chance(draw, 3)
  const name = named ? [scalar(draw, context, "text", chance(draw, 3) ? 1 : 0)] : []
  const first = chance(draw, 2) ? [scalar(draw, context, "integer", 0)] : []
  const order = [...first, value, ...name]
  const directions = order.map(() => direction(draw))
  const modifiers: Modifiers = { ...filtered(draw, context), order, directions }
  return named
    ? S.aggregate("jsonObjectAgg", [...name, value], false, T.recordOf(value.type), modifiers)
    : S.aggregate("jsonAgg", [value], false, T.listOf(value.type), modifiers)
}

const direction = (draw: Draw): Direction => ({
  direction: pick(draw, ["asc", "desc"] as const),
  nulls: pick(draw, ["first", "last"] as const)
})

const fractions = [0.5, 0, 0.25, 1]

/** Aggregates whose order shows. A text is its own last key, so ties join alike. */
const orderedForms = (draw: Draw, context: Context, sort: Sort): Forms => {
  const within = (of: Sort): Modifiers => ({
    ...filtered(draw, context),
    order: [scalar(draw, context, of, 1)],
    directions: [direction(draw)]
  })
  const fraction = () => S.bound(pick(draw, fractions), T.double)
  if (sort === "text") {
    return [
      [
        2,
        () => {
          const value = scalar(draw, context, "text", 1)
          const order = [...(chance(draw, 2) ? [scalar(draw, context, "integer", 0)] : []), value]
          const separator = S.bound(pick(draw, [",", "", "'\\", " - "]), T.text)
          return S.aggregate("stringAgg", [value, separator], false, T.text, {
            ...filtered(draw, context),
            order,
            directions: order.map(() => direction(draw))
          })
        },
        "Aggregate"
      ]
    ]
  }
  if (sort === "double") {
    return [
      [1, () => S.aggregate("percentileCont", [fraction()], false, T.average, within("integer"))]
    ]
  }
  if (sort !== "integer") return []
  return [
    [
      1,
      () =>
        chance(draw, 6)
          ? S.aggregate("mode", [], false, T.integer, within("integer"))
          : S.aggregate("percentileDisc", [fraction()], false, T.integer, within("integer"))
    ]
  ]
}
