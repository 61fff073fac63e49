import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Schema from "effect/Schema"
import { expect, test } from "vitest"
import { bytes, integer, json, numeric, timestamp } from "../../../src/algebra/types.ts"
import { diff, type Edit } from "../../../src/mapping/flush/diff.ts"
import { fill } from "../../../src/mapping/flush/fill.ts"
import { known, promised, type Row } from "../../../src/mapping/RowRef.ts"
import * as KnownRows from "../../../src/mapping/KnownRows.ts"
import { id, nullable, table } from "./tables.ts"

const document = json(Schema.Record(Schema.String, Schema.Number))
const things = table("things", {
  columns: {
    id,
    at: { type: timestamp() },
    price: { type: numeric(9, 2) },
    raw: { type: bytes },
    extra: { type: document },
    note: nullable,
    count: {}
  }
})

const row: Row = {
  id: 1,
  at: DateTime.makeUnsafe(1_000),
  price: BigDecimal.fromStringUnsafe("1.50"),
  raw: new Uint8Array([1, 2]),
  extra: { a: 1, b: 2 },
  note: null,
  count: 1
}
const before = KnownRows.make([{ table: things, row }])
const ref = known(things, [1])

const changes = (...edits: ReadonlyArray<Edit>) => diff(before, edits).changes
const patch = (values: Row): Edit => ({ _tag: "Patch", ref, values })

test("a patch back to the believed value disappears, whatever the type", () => {
  expect(
    changes(
      patch({
        at: DateTime.makeUnsafe(1_000),
        price: BigDecimal.fromStringUnsafe("1.5"),
        raw: new Uint8Array([1, 2]),
        extra: { b: 2, a: 1 },
        note: null,
        count: 1
      })
    )
  ).toEqual([])
  expect(changes(patch({ count: 2 }), patch({ count: 1 }))).toEqual([])
})

test("content that differs is a change, whatever the type", () => {
  const values = {
    at: DateTime.makeUnsafe(2_000),
    price: BigDecimal.fromStringUnsafe("1.51"),
    raw: new Uint8Array([1, 3]),
    extra: { a: 1 },
    note: 0,
    count: 2
  }
  expect(changes(patch(values))).toEqual([{ _tag: "Update", ref, before: row, set: values }])
})

test("undefined is absence, and a column that does not exist is refused", () => {
  expect(changes(patch({ count: undefined }))).toEqual([])
  expect(() => changes(patch({ wrong: 1 }))).toThrow('"things" has no column "wrong"')
})

test("a row nobody has read is patched by its key alone", () => {
  const other = known(things, [2])
  expect(changes({ _tag: "Patch", ref: other, values: { count: 2 } })).toEqual([
    { _tag: "Update", ref: other, before: { id: 2 }, set: { count: 2 } }
  ])
})

test("edits that contradict each other are refused", () => {
  const gone: Edit = { _tag: "Remove", ref }
  expect(() => changes(gone, patch({ count: 2 }))).toThrow(
    "things(1) is changed after it was removed"
  )
  expect(() => changes({ _tag: "Put", ref, row })).toThrow(
    "things(1) is added, but it is there already"
  )
  const draft = promised(things, 1)
  expect(() => changes({ _tag: "Patch", ref: draft, values: { count: 1 } })).toThrow("never added")
})

test("defaults and on-update values are filled once, and not into an update of nothing", () => {
  const stamps = table("stamps", {
    columns: {
      id,
      made: { default: { _tag: "Now" } },
      seen: { nullable: true, onUpdate: { _tag: "Now" } },
      count: { type: integer }
    }
  })
  const known1 = known(stamps, [1])
  const held = KnownRows.make([{ table: stamps, row: { id: 1, made: 5, seen: null, count: 1 } }])
  const filled = (edits: ReadonlyArray<Edit>) =>
    fill(diff(held, edits), (column) => (column.key === "made" ? 7 : 8)).changes
  expect(filled([{ _tag: "Patch", ref: known1, values: { count: 1 } }])).toEqual([])
  expect(filled([{ _tag: "Patch", ref: known1, values: { count: 2 } }])).toMatchObject([
    { set: { count: 2, seen: 8 } }
  ])
  expect(filled([{ _tag: "Put", ref: promised(stamps, 1), row: { count: 2 } }])).toMatchObject([
    { row: { count: 2, made: 7 } }
  ])
})
