import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Column, Query, Table } from "athanor"
import { compile } from "athanor/compile"
import type { RowShape } from "../../src/algebra/RowShape.ts"
import * as T from "../../src/algebra/types.ts"
import type { Decode } from "../../src/compile/Compiled.ts"
import { makeDecoder, risingDecoder } from "../../src/compile/decoder.ts"
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

/** Shapes over four columns: integer, text, boolean and a flag. */
const shapes = fc.letrec<{ shape: RowShape }>((tie) => ({
  shape: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.nat(3).map(cell),
    fc
      .record({
        keys: fc.uniqueArray(
          fc.constantFrom("a", "b", "label", "toString", "__proto__", "constructor", "0", '"'),
          { minLength: 1, maxLength: 4 }
        ),
        parts: fc.array(tie("shape"), { minLength: 4, maxLength: 4 }),
        presence: fc.constantFrom(null, 3),
        prototype: fc.constantFrom(null, Person.prototype)
      })
      .map(({ keys, parts, presence, prototype }) =>
        record(keys, parts.slice(0, keys.length), presence, prototype)
      )
  )
})).shape

test("compiled and interpreted agree on every shape, refusals too", () => {
  const types = [T.integer, T.text, T.boolean, T.boolean]
  const rows = fc.tuple(
    fc.constantFrom<unknown>(1, -7, null, "no"),
    fc.constantFrom<unknown>("x", null),
    fc.constantFrom<unknown>(0, 1, null),
    fc.constantFrom<unknown>(0, 1, null)
  )
  const said = (decode: (row: ReadonlyArray<unknown>) => unknown, row: ReadonlyArray<unknown>) => {
    try {
      return described(decode(row))
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeRefused)
      return String(error)
    }
  }
  fc.assert(
    fc.property(shapes, rows, (shape, row) => {
      const [compiled, interpreted] = [true, false].map((way) =>
        makeDecoder(shape, types, "sqlite", false, way)
      )
      expect(said(interpreted!, row)).toEqual(said(compiled!, row))
    })
  )
})

test("a decoder that is compiled when it has read enough reads the same before and after", () => {
  const shape = record(["b"], [record(["x"], [cell(0)])])
  const made: Array<boolean> = []
  let settled: Decode<unknown> | null = null
  const decode = risingDecoder(
    (compiled) => {
      made.push(compiled)
      return makeDecoder(shape, [T.integer], "sqlite", false, compiled)
    },
    (found) => {
      settled = found
    }
  )
  for (let at = 1; at <= 300; at++) {
    expect(decode([at])).toEqual({ b: { x: at } })
    expect(() => decode(["no"])).toThrow("b.x: expected a whole number of 32 bits")
  }
  // Once for each way: what was begun with closures goes on as code, also for who holds it.
  expect(made).toEqual([false, true])
  expect(settled!([7])).toEqual({ b: { x: 7 } })
})

test("a compiled statement makes its decoder when a row is read, and keeps it", () => {
  const users = Table.make("users", { id: Column.id(), name: Column.text() })
  const query = Query.from(users).select({ id: users.c.id, of: { name: users.c.name } })
  const found = compile(query, "sqlite")
  if (found._tag === "Refusal") throw new Error(found.capability)
  const first = found.decode!
  const rows = Array.from({ length: 250 }, (_, at) => [at, `n${at}`])
  const records = rows.map(([id, name]) => ({ id, of: { name } }))
  expect(rows.map(first)).toEqual(records)
  expect(found.decode).not.toBe(first)
  expect(rows.map(found.decode!)).toEqual(records)
  expect(Object.isFrozen(found)).toBe(true)
  const written = compile(Query.deleteFrom(users).everyRow(), "sqlite")
  expect("decode" in written && written.decode).toBe(null)
})

/** A value with all that tells records apart: prototypes, descriptors, whether it is frozen. */
const described = (value: unknown): unknown =>
  typeof value !== "object" || value === null
    ? value
    : [
        Object.getPrototypeOf(value) === Person.prototype,
        Object.isFrozen(value),
        Reflect.ownKeys(value).map((key) => {
          const { value: inner, ...flags } = Object.getOwnPropertyDescriptor(value, key)!
          return [key, flags, described(inner)]
        })
      ]
