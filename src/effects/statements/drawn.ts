import * as Clock from "effect/Clock"
import type * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import { isValueList, type RowLists, type ValueList } from "../../algebra/rowLists.ts"
import type { Generated } from "../../algebra/Scalar.ts"
import { draw } from "./generate.ts"

/** Makes the value that a generator stands for. */
export type Make = (of: Pick<Generated, "generator" | "type">) => unknown

/** What generators give a fiber, now. */
export const drawer = (fiber: Fiber.Fiber<unknown, unknown>): Make => {
  const clock = fiber.getRef(Clock.Clock)
  const random = fiber.getRef(Random.Random)
  const next = (): number => random.nextDoubleUnsafe()
  return ({ generator, type }) => draw(generator, type, clock.currentTimeMillisUnsafe(), next)
}

/** The same rows with a value for each that is made when they are stored. */
export const drawn = (
  given: RowLists | null,
  fiber: Fiber.Fiber<unknown, unknown>
): RowLists<ValueList> | null => {
  if (given === null) return null
  const make = drawer(fiber)
  const lists = given.lists.map((list) =>
    isValueList(list) ? list : Array.from({ length: given.rowCount }, () => make(list))
  )
  return { ...given, lists }
}
