import type { AggregateName } from "../../../src/algebra/Scalar.ts"
import * as S from "../../../src/algebra/Scalar.ts"
import * as T from "../../../src/algebra/types.ts"
import type { AnyType } from "../../../src/algebra/Type.ts"
import type { Context } from "./context.ts"
import { chance, type Draw, pick, weigh } from "./draw.ts"
import { type Forms, scalar } from "./scalars.ts"
import type { Sort } from "./sorts.ts"
import { typeOf } from "./sorts.ts"

/**
 * Aggregates of a sort over the members of a group. Arguments see the group's own columns only:
 * SQL gives an aggregate whose columns are all outer ones to the outer query.
 */
export const aggregateForms = (draw: Draw, members: Context, sort: Sort, depth: number): Forms => {
  const context: Context = { ...members, outer: [], members: null }
  const of = (name: AggregateName, from: ReadonlyArray<Sort>, type: AnyType) => () =>
    S.aggregate(
      name,
      [
        scalar(
          draw,
          context,
          pick(draw, from),
          Math.max(
            depth,
            weigh(draw, [
              [2, 1],
              [1, 2]
            ])
          )
        )
      ],
      chance(draw, 3),
      type
    )
  switch (sort) {
    case "count":
      return [
        [4, () => S.aggregate("count", [], false, T.count), "Aggregate"],
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
