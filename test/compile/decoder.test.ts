import { describe, expect, test } from "vitest"
import type { RowShape } from "../../src/algebra/RowShape.ts"
import * as T from "../../src/algebra/types.ts"
import { makeDecoder } from "../../src/compile/decoder.ts"
import { DecodeRefused } from "../../src/compile/DecodeRefused.ts"

const cell = (index: number): RowShape => ({ _tag: "Cell", index })
const record = (
  keys: ReadonlyArray<string>,
  parts: ReadonlyArray<RowShape>,
  presence: number | null = null,
  prototype: object | null = null
): RowShape => ({ _tag: "Record", keys, parts, presence, prototype })

class Person {
  declare readonly name: string
  get label(): string {
    return `<${this.name}>`
  }
}

describe.each([true, false])("compiled: %s", (compiled) => {
  const decoder = (
    shape: RowShape,
    types: ReadonlyArray<(typeof T)["integer"] | typeof T.boolean | typeof T.text>
  ) => makeDecoder(shape, types, "sqlite", false, compiled)

  test("own keys, even the one that is a trap", () => {
    const decode = decoder(record(["__proto__", 'a"b'], [cell(0), cell(1)]), [T.integer, T.text])
    const row = decode([1, "x"]) as Record<string, unknown>
    expect(Object.keys(row)).toEqual(["__proto__", 'a"b'])
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
    expect(Object.getOwnPropertyDescriptor(row, "__proto__")!.value).toBe(1)
  })

  test("an absent record is null, and not a record of nulls", () => {
    const decode = decoder(record(["a", "b"], [cell(0), record(["x"], [cell(1)], 2)]), [
      T.integer,
      T.integer,
      T.boolean
    ])
    expect(decode([1, null, 1])).toEqual({ a: 1, b: { x: null } })
    for (const absent of [0, null]) expect(decode([1, null, absent])).toEqual({ a: 1, b: null })
  })

  test("instances are frozen; a column beats the getter of its name", () => {
    const decode = decoder(record(["name", "label"], [cell(0), cell(1)], null, Person.prototype), [
      T.text,
      T.text
    ])
    const row = decode(["ann", "mine"]) as Person
    expect(row).toBeInstanceOf(Person)
    expect(row.label).toBe("mine")
    expect(Object.isFrozen(row)).toBe(true)
  })

  test("a refused cell is named", () => {
    const decode = decoder(record(["a", "b"], [cell(0), record(["x"], [cell(1)])]), [
      T.integer,
      T.integer
    ])
    expect(() => decode([1, "no"])).toThrow(DecodeRefused)
    expect(() => decode([1, "no"])).toThrow("b.x: expected a whole number of 32 bits")
  })

  test("bigints of small types are numbers again", () => {
    const decode = makeDecoder(
      record(["a", "b", "c"], [cell(0), cell(1), cell(2)]),
      [T.integer, T.boolean, T.bigint],
      "sqlite",
      true,
      compiled
    )
    expect(decode([1n, 1n, 9007199254740993n])).toEqual({ a: 1, b: true, c: 9007199254740993n })
  })
})
