import * as Clock from "effect/Clock"
import type * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import type { Generator } from "../../algebra/Generator.ts"
import { isValueList, type RowLists, type ValueList } from "../../algebra/rowLists.ts"
import type { Generated } from "../../algebra/Scalar.ts"
import type { AnyType } from "../../algebra/Type.ts"
import { momentAs } from "../../algebra/types/now.ts"

/**
 * The value a generator stands for, now.
 *
 * **Shape** `random` gives floats in [0, 1): under Effect's seeded Random the same values again.
 */
export const draw = (
  generator: Generator,
  type: AnyType,
  epochMillis: number,
  random: () => number
): unknown => {
  switch (generator._tag) {
    case "Now":
      return momentAs(type, epochMillis)
    case "Value":
      return generator.value
    case "From":
      return generator.make({ epochMillis, random })
    case "Uuid4":
      return uuid4(random)
    case "Uuid7":
      return uuid7(epochMillis, random)
  }
}

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

/** RFC 9562, 5.4: 122 random bits. */
export const uuid4 = (random: () => number): string => {
  const bytes = randomBytes(random)
  return uuidText(bytes, 4)
}

/** RFC 9562, 5.7: 48 bits of Unix milliseconds, then 74 random bits. */
export const uuid7 = (epochMillis: number, random: () => number): string => {
  const bytes = randomBytes(random)
  for (let at = 0; at < 6; at++) bytes[at] = Math.floor(epochMillis / 2 ** (8 * (5 - at))) % 256
  return uuidText(bytes, 7)
}

const randomBytes = (random: () => number): Uint8Array => {
  const bytes = new Uint8Array(16)
  for (let at = 0; at < 16; at++) bytes[at] = Math.floor(random() * 256)
  return bytes
}

const uuidText = (bytes: Uint8Array, version: number): string => {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4)
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  let text = ""
  for (let at = 0; at < 16; at++) {
    if (at === 4 || at === 6 || at === 8 || at === 10) text += "-"
    text += bytes[at]!.toString(16).padStart(2, "0")
  }
  return text
}
