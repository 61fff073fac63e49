import { statementBinds } from "../../../src/algebra/statementKey.ts"
import type { Bound, BoundList } from "../../../src/algebra/Scalar.ts"
import type { Generator } from "../../../src/algebra/Generator.ts"
import type { AnyType } from "../../../src/algebra/Type.ts"
import type { StatementNode } from "../../../src/algebra/Statement.ts"
import type { Compiled, Encode, Slot } from "../../../src/compile/Compiled.ts"

const plainOf = (binds: ReadonlyArray<Bound | BoundList>): ReadonlyArray<unknown> =>
  binds.map((bound) => (bound._tag === "BoundList" ? bound.values : bound.value))

const encoded = (encode: Encode, value: unknown): unknown =>
  value === null ? null : (encode as (value: unknown) => unknown)(value)

/** What the present is, of each type that a law has it in: no such value is drawn. */
export const presentOf = ({ sql }: AnyType): unknown => (sql._tag === "Text" ? "gone" : 77_777)

const generated = (generator: Generator, type: AnyType): unknown => {
  switch (generator._tag) {
    case "Value":
      return generator.value
    case "Now":
      return presentOf(type)
    default:
      throw new Error(`${generator._tag} is not filled here`)
  }
}

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
      return encoded(slot.encode, generated(slot.generator, slot.type))
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
