/** Arrays in PostgreSQL's binary form, read back as `array_recv` reads them. */
import * as fc from "fast-check"
import { expect, test } from "vitest"
import type { SqlType } from "../../src/algebra/SqlType.ts"
import { arrayBytes } from "../../src/algebra/types/arrayBytes.ts"

const integer: SqlType = { _tag: "Integer" }
const text: SqlType = { _tag: "Text" }
const bytes: SqlType = { _tag: "Bytes" }

const read = (sent: Buffer | null): { readonly oid: number; readonly values: Array<unknown> } => {
  if (sent === null) throw new Error("no bytes")
  const [dimensions, hasNull, oid, count, from] = [0, 4, 8, 12, 16].map((at) =>
    sent.readInt32BE(at)
  )
  expect([dimensions, from]).toEqual([1, 1])
  const values: Array<unknown> = []
  let at = 20
  while (at < sent.length) {
    const size = sent.readInt32BE(at)
    const body = size < 0 ? null : sent.subarray(at + 4, at + 4 + size)
    if (body === null) values.push(null)
    else if (oid === 23) values.push(String(body.readInt32BE()))
    else values.push(oid === 25 ? body.toString() : new Uint8Array(body))
    at += 4 + Math.max(0, size)
  }
  expect([values.length, hasNull === 1]).toEqual([count, values.includes(null)])
  return { oid: oid!, values }
}

const orNull = <A>(one: fc.Arbitrary<A>) => fc.array(fc.option(one), { minLength: 1 })

const comesBack = (all: fc.Arbitrary<ReadonlyArray<unknown>>, type: SqlType): void =>
  fc.assert(
    fc.property(all, (values) => {
      expect(read(arrayBytes(values, type)).values).toEqual(values)
    })
  )

test("every value comes back, NULL among them, whatever it takes of room", () => {
  comesBack(orNull(fc.integer().map(String)), integer)
  comesBack(orNull(fc.string({ unit: "grapheme", maxLength: 200 })), text)
  comesBack(orNull(fc.uint8Array()), bytes)
})

test("what has no such form here goes as text, all of the list", () => {
  expect(arrayBytes(["1", "2147483648"], integer)).toBeNull()
  expect(arrayBytes(["1", " 2"], integer)).toBeNull()
  expect(arrayBytes(["1", "NaN"], integer)).toBeNull()
  expect(arrayBytes([1n], text)).toBeNull()
  expect(arrayBytes([], text)).toBeNull()
  expect(arrayBytes(["{}"], { _tag: "Json" })).toBeNull()
})
