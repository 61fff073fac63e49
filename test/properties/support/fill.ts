import { statementBinds } from "../../../src/algebra/statementKey.ts"
import type { Bound, BoundList } from "../../../src/algebra/Scalar.ts"
import type { StatementNode } from "../../../src/algebra/Statement.ts"
import type { Compiled, Encode, Slot } from "../../../src/compile/Compiled.ts"

const plainOf = (binds: ReadonlyArray<Bound | BoundList>): ReadonlyArray<unknown> =>
  binds.map((bound) => (bound._tag === "BoundList" ? bound.values : bound.value))

const encoded = (encode: Encode, value: unknown): unknown =>
  value === null ? null : (encode as (value: unknown) => unknown)(value)

const fillOne = (
  slot: Slot,
  values: ReadonlyArray<unknown>,
  parameters: Readonly<Record<string, unknown>>
): unknown => {
  switch (slot._tag) {
    case "Bound":
    case "List":
      return encoded(slot.encode, values[slot.index])
    case "Element": {
      const list = values[slot.index] as ReadonlyArray<unknown>
      return encoded(slot.encode, list[Math.min(slot.at, list.length - 1)] ?? null)
    }
    case "Named":
      return encoded(slot.encode, parameters[slot.name])
    case "Generated":
      if (slot.generator._tag !== "Value")
        throw new Error("only constant generators are filled here")
      return encoded(slot.encode, slot.generator.value)
  }
}

/** What a driver binds for a compiled statement. */
export const fill = (
  compiled: Compiled,
  node: StatementNode,
  parameters: Readonly<Record<string, unknown>>
): ReadonlyArray<unknown> => fillWith(compiled, statementBinds(node), parameters)

/** The same with values that are not the statement's alone. */
export const fillWith = (
  compiled: Compiled,
  binds: ReadonlyArray<Bound | BoundList>,
  parameters: Readonly<Record<string, unknown>>
): ReadonlyArray<unknown> => {
  const values = plainOf(binds)
  return compiled.slots.map((slot) => fillOne(slot, values, parameters))
}
