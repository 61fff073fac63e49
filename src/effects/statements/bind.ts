import type * as Fiber from "effect/Fiber"
import { ValueRefused } from "../../algebra/Codec.ts"
import type { Bound, BoundList } from "../../algebra/Scalar.ts"
import type { Compiled, Encode, Slot } from "../../compile/Compiled.ts"
import { type DatabaseError, EncodeFailed, ParameterMissing } from "../DatabaseError.ts"
import { shownText } from "../classify/inStatement.ts"
import { drawer } from "./generate.ts"

/** Values for the named parameters of a statement. */
export type Named = Readonly<Record<string, unknown>>

/** The values lifted out of a statement. */
export type Lifted = ReadonlyArray<Bound | BoundList>

const none: ReadonlyArray<unknown> = Object.freeze([])

/**
 * The values of a statement's placeholders, encoded for the driver, or why there are none.
 *
 * **Shape** nothing was sent yet when this fails: the transaction goes on.
 */
export const bind = (
  compiled: Compiled,
  values: Lifted,
  named: Named | undefined,
  fiber: Fiber.Fiber<unknown, unknown>
): ReadonlyArray<unknown> | DatabaseError => {
  const slots = compiled.slots
  const count = slots.length
  if (named !== undefined) {
    for (const name in named)
      if (!compiled.names.includes(name) && Object.hasOwn(named, name))
        return unknownParameter(compiled, name)
  }
  if (count === 0) return none
  const bound = new Array<unknown>(count)
  let at = 0
  try {
    for (; at < count; at++) {
      const slot = slots[at]!
      if (slot._tag === "Bound") {
        const value = (values[slot.index] as Bound).value
        bound[at] = value === null ? null : (slot.encode as (value: unknown) => unknown)(value)
      } else {
        const encoded = bindOther(slot, values, named, fiber)
        if (encoded === missing) return parameterMissing(compiled, slot)
        bound[at] = encoded
      }
    }
  } catch (error) {
    if (error instanceof ValueRefused) return encodeFailed(compiled, slots[at]!, error)
    throw error
  }
  return bound
}

/** Values in the order of a statement's binds, encoded; null where one is refused or missing. */
export const bindValues = (
  { slots }: Compiled,
  values: ReadonlyArray<unknown>
): ReadonlyArray<unknown> | null => {
  const count = slots.length
  const bound = new Array<unknown>(count)
  try {
    for (let at = 0; at < count; at++) {
      const slot = slots[at]!
      if (slot._tag !== "Bound") return null
      const value = values[slot.index]
      bound[at] = value === null ? null : (slot.encode as (value: unknown) => unknown)(value)
    }
  } catch (error) {
    if (error instanceof ValueRefused) return null
    throw error
  }
  return bound
}

const missing = Symbol("missing")

const bindOther = (
  slot: Slot,
  values: Lifted,
  named: Named | undefined,
  fiber: Fiber.Fiber<unknown, unknown>
): unknown => {
  switch (slot._tag) {
    case "Bound":
      return encoded(slot.encode, (values[slot.index] as Bound).value)
    case "List":
      return encoded(slot.encode, (values[slot.index] as BoundList).values)
    case "Element": {
      const list = (values[slot.index] as BoundList).values
      return encoded(slot.encode, list[Math.min(slot.at, list.length - 1)] ?? null)
    }
    case "Named": {
      const value =
        named !== undefined && Object.hasOwn(named, slot.name) ? named[slot.name] : undefined
      return value === undefined ? missing : encoded(slot.encode, value)
    }
    case "Generated":
      return encoded(slot.encode, drawer(fiber)(slot))
  }
}

const encoded = (encode: Encode, value: unknown): unknown =>
  value === null ? null : (encode as (value: unknown) => unknown)(value)

const parameterMissing = (compiled: Compiled, slot: Slot): ParameterMissing => {
  const name = slot._tag === "Named" ? slot.name : slot.path
  return new ParameterMissing({
    message: `the parameter "${name}" has no value, in ${shownText(compiled)}`,
    dialect: compiled.dialect,
    operation: "encode",
    retryable: false,
    transaction: "alive",
    name
  })
}

/** A name the statement does not know is a mistake of writing, and the value meant is missing. */
const unknownParameter = (compiled: Compiled, name: string): EncodeFailed =>
  new EncodeFailed({
    message: `the statement has no parameter "${name}", in ${shownText(compiled)}`,
    dialect: compiled.dialect,
    operation: "encode",
    retryable: false,
    transaction: "alive",
    path: name,
    expected: "a parameter of the statement",
    entity: null
  })

const encodeFailed = (
  compiled: Compiled,
  slot: Slot,
  { expected, ruled }: ValueRefused
): EncodeFailed => {
  const path = `${slot.path}${ruled?.below ?? ""}`
  const whose = ruled === null ? "" : ` of ${ruled.entity}`
  return new EncodeFailed({
    message: `${path}${whose}: expected ${expected}, in ${shownText(compiled)}`,
    dialect: compiled.dialect,
    operation: "encode",
    retryable: false,
    transaction: "alive",
    path,
    expected,
    entity: ruled?.entity ?? null
  })
}
