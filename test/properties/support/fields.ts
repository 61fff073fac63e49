import type { RowShape } from "../../../src/algebra/RowShape.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import { sortFrom, under } from "./aim.ts"
import type { Context, Home } from "./context.ts"
import { chance, type Draw, many, pick } from "./draw.ts"
import { scalar } from "./scalars.ts"
import type { Sort } from "./sorts.ts"

/** The columns of a projection and how a row is built of them. */
export interface Fields {
  readonly fields: ReadonlyArray<Scalar>
  readonly shape: RowShape
}

/** A sort, the plain ones more often. */
export const anySort = (draw: Draw, home: Home): Sort =>
  sortFrom(draw, home, [
    [5, "integer"],
    [4, "text"],
    [3, "boolean"],
    [2, "bigint"],
    [2, "count"],
    [1, "double"]
  ])

const names: ReadonlyArray<string> = [
  "x",
  "y",
  "camelCase",
  "select",
  "two words",
  "é",
  "quote\"`'"
]

const record = (
  keys: ReadonlyArray<string>,
  parts: ReadonlyArray<RowShape>,
  presence: number | null
): RowShape => ({ _tag: "Record", keys, parts, presence, prototype: null })

/** A record of so many columns. */
export const flatShape = (width: number): RowShape => {
  const cells = Array.from({ length: width }, (_, index): RowShape => ({ _tag: "Cell", index }))
  return record(
    cells.map((_, i) => names[i] ?? `more${i}`),
    cells,
    null
  )
}

/** One column a sort: a record, or the value itself where there is one. */
export const flatFields = (
  draw: Draw,
  context: Context,
  want: ReadonlyArray<Sort>,
  depth: number
): Fields => {
  return {
    fields: want.map((sort) =>
      under(context.home, "Project", () => scalar(draw, context, sort, depth))
    ),
    shape: flatShape(want.length)
  }
}

/**
 * Some columns, now and then a nested record of columns, with a presence flag or without.
 * Above a group there are no rows to nest.
 */
export const fieldsOf = (draw: Draw, context: Context, depth: number): Fields => {
  const fields: Array<Scalar> = []
  const parts = many(draw, "field", 1, 3, (): RowShape => {
    const nest = context.leaves.length > 0 && context.members === null && chance(draw, 5)
    if (!nest) {
      fields.push(
        under(context.home, "Project", () =>
          scalar(draw, context, anySort(draw, context.home), depth)
        )
      )
      return { _tag: "Cell", index: fields.length - 1 }
    }
    const presences = context.leaves.filter(({ node }) => node._tag === "Presence")
    const flagged = presences.length > 0 && chance(draw, 2)
    const inner = many(draw, "nested", 1, 2, (): RowShape => {
      fields.push(pick(draw, context.leaves).node)
      return { _tag: "Cell", index: fields.length - 1 }
    })
    if (flagged) fields.push(pick(draw, presences).node)
    return record(names.slice(0, inner.length), inner, flagged ? fields.length - 1 : null)
  })
  return { fields, shape: record(names.slice(0, parts.length), parts, null) }
}
