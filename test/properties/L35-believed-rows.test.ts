import { Column, Table } from "athanor"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { FromId } from "../../src/algebra/From.ts"
import type { TableSource } from "../../src/algebra/Source.ts"
import { known, promised, type Row, rowKey, rowKeyOf } from "../../src/mapping/RowRef.ts"
import { Believed } from "../../src/runtime/Believed.ts"
import { Kept } from "../../src/runtime/Kept.ts"
import { caught, upheld } from "./support/law.ts"

/** L35: what a session believes is a map of rows, and a kept one stays as it is. */

const sourceOf = (from: { readonly [FromId]: { readonly source: unknown } }): TableSource =>
  from[FromId].source as TableSource

const tables: ReadonlyArray<TableSource> = [
  sourceOf(Table.make("numbers", { id: Column.integer().primaryKey(), n: Column.integer() })),
  sourceOf(Table.make("words", { id: Column.varchar(9).primaryKey(), n: Column.integer() })),
  sourceOf(Table.make("longs", { id: Column.bigint().primaryKey(), n: Column.integer() }))
]
const keys: ReadonlyArray<ReadonlyArray<unknown>> = [
  [0, 1, -2, 2 ** 31 - 1],
  ["", "1", "a:b", "@1"],
  [0n, 1n, -2n, 2n ** 60n]
]

type Step =
  | { readonly _tag: "Write"; readonly table: number; readonly key: number; readonly n: number }
  | { readonly _tag: "Read"; readonly keys: ReadonlyArray<number>; readonly n: number }
  | { readonly _tag: "Remove"; readonly table: number; readonly key: number }
  | { readonly _tag: "Forget"; readonly table: number }
  | { readonly _tag: "Keep" }
  | { readonly _tag: "Restore"; readonly at: number }

const table = fc.nat(2)
const key = fc.nat(4)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ _tag: fc.constant("Write"), table, key, n: fc.nat(9) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      _tag: fc.constant("Read"),
      keys: fc.array(fc.nat(3), { maxLength: 4 }),
      n: fc.nat(9)
    })
  },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constant("Remove"), table, key }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("Forget"), table }) },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constant("Keep") }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant("Restore"), at: fc.nat(20) }) }
) as fc.Arbitrary<Step>
const programs = fc.array(step, { maxLength: 40 })

/** The last key of each table is a promise. */
const refOf = (at: number, position: number) =>
  position < keys[at]!.length ? known(tables[at]!, [keys[at]![position]]) : promised(tables[at]!, 7)
const allRefs = tables.flatMap((_, at) => [0, 1, 2, 3, 4].map((position) => refOf(at, position)))

type Model = ReadonlyMap<string, Row>
interface Pair {
  readonly real: Believed
  readonly model: Model
}

type Reads = (real: Believed, source: TableSource, rows: ReadonlyArray<Row>) => Believed

const reading: Reads = (real, source, rows) => real.reading(source, rows)

const taken = (pair: Pair, one: Step, reads: Reads): Pair => {
  const model = new Map(pair.model)
  if (one._tag === "Forget") {
    const { id } = tables[one.table]!
    for (const text of model.keys()) if (/^\d+/.exec(text)![0] === String(id)) model.delete(text)
    return { real: pair.real.without((other) => other.id === id), model }
  }
  if (one._tag === "Read") {
    const rows = one.keys.map((position) => ({ id: keys[0]![position], n: one.n }))
    for (const row of rows) model.set(known(tables[0]!, [row.id]).id, row)
    return { real: reads(pair.real, tables[0]!, rows), model }
  }
  if (one._tag !== "Write" && one._tag !== "Remove") return pair
  const ref = refOf(one.table, one.key)
  if (one._tag === "Remove") {
    model.delete(ref.id)
    return { real: pair.real.with(ref.table, rowKeyOf(ref), null), model }
  }
  const row: Row = ref._tag === "Known" ? { id: ref.key[0], n: one.n } : { n: one.n }
  return { real: pair.real.with(ref.table, rowKeyOf(ref), row), model: model.set(ref.id, row) }
}

const numbers = Array.from({ length: 10 }, (_, n) => n)

/** Which rows hold a number is asked after every step, and told from what is believed then. */
const isHeld = ({ model, real }: Pair): boolean =>
  tables.every((source) =>
    numbers.every((n) => {
      const found = real.holding(source, ["n"]).get(n) ?? []
      const own = allRefs.filter((ref) => ref.table === source && model.get(ref.id)?.["n"] === n)
      const ids = new Set(found.map(({ ref }) => ref.id))
      return found.length === own.length && own.every(({ id }) => ids.has(id))
    })
  )

/** Equal in every way it can be asked. */
const isSame = ({ model, real }: Pair): boolean => {
  const listed = new Map([...real].map(([id, { ref, row }]) => [id, [ref.id, row]]))
  return (
    real.size === model.size &&
    listed.size === model.size &&
    [...model].every(([id, row]) => listed.get(id)![0] === id && listed.get(id)![1] === row) &&
    allRefs.every((ref) => {
      const row = model.get(ref.id)
      const found = real.get(ref.id)
      return (
        real.row(ref.table, rowKeyOf(ref)) === row &&
        real.has(ref.id) === (row !== undefined) &&
        found?.row === row &&
        (found === undefined || found.ref.id === ref.id)
      )
    })
  )
}

type Keep = (real: Believed) => Believed

const holds =
  (keep: Keep, reads: Reads = reading) =>
  (program: ReadonlyArray<Step>): boolean => {
    const kept: Array<Pair> = []
    let now: Pair = { real: new Believed(), model: new Map() }
    for (const one of program) {
      if (one._tag === "Keep") kept.push((now = { ...now, real: keep(now.real) }))
      else if (one._tag === "Restore") now = kept[one.at % Math.max(1, kept.length)] ?? now
      else now = taken(now, one, reads)
      if (!isHeld(now)) return false
    }
    return [now, ...kept].every((pair) => isSame(pair) && isHeld(pair))
  }

describe("L35 believed rows", () => {
  test("are a plain map, whatever is kept and taken back", () => {
    upheld(
      programs,
      holds((real) => real.kept())
    )
  })

  test("twin: a savepoint keeps what goes on changing", () => {
    const write = (at: number, n: number): Step => ({ _tag: "Write", table: 0, key: at, n })
    caught(
      "not kept",
      programs,
      holds((real) => real),
      [
        [write(0, 1), write(1, 2), { _tag: "Keep" }],
        [write(0, 1), { _tag: "Keep" }, { _tag: "Restore", at: 0 }]
      ]
    )
  })

  test("twin: what is read again is what was believed", () => {
    const old: Reads = (real, source, rows) =>
      real.reading(
        source,
        rows.filter(({ id }) => real.row(source, id as number) === undefined)
      )
    caught(
      "not read anew",
      programs,
      holds((real) => real.kept(), old),
      [
        [
          { _tag: "Write", table: 0, key: 1, n: 1 },
          { _tag: "Read", keys: [2], n: 2 }
        ]
      ]
    )
  })

  test("twenty thousand savepoints in turn are few layers: every row is near", () => {
    const count = 20_000
    const ids = Array.from({ length: count }, (_, id) => id)
    const source = tables[0]!
    let now = new Believed()
    for (const id of ids) now = now.kept().with(source, id, { id, n: id })
    // A layer for each savepoint would be two hundred million steps.
    const startedAt = performance.now()
    expect(ids.every((id) => now.row(source, id)?.["n"] === id)).toBe(true)
    expect(performance.now() - startedAt).toBeLessThan(300)
    expect(now.size).toBe(count)
  })
})

describe("L35 edits and keys", () => {
  const ids = ["a", "b", "c", "d"]
  type Word = { readonly n: number }
  const holdsKept =
    (keep: (real: Kept<string, Word>) => Kept<string, Word>) =>
    (program: ReadonlyArray<Step>): boolean => {
      const saved: Array<readonly [Kept<string, Word>, ReadonlyMap<string, Word>]> = []
      let real = new Kept<string, Word>()
      let model: ReadonlyMap<string, Word> = new Map()
      for (const one of program) {
        if (one._tag === "Keep") saved.push([(real = keep(real)), model])
        else if (one._tag === "Restore")
          [real, model] = saved[one.at % Math.max(1, saved.length)] ?? [real, model]
        else if (one._tag === "Write" || one._tag === "Remove") {
          const id = ids[one.key % ids.length]!
          const word = one._tag === "Write" ? { n: one.n } : null
          real = real.with(id, word)
          const left = [...model].filter(([other]) => other !== id)
          model = new Map(word === null ? left : [...left, [id, word]])
        }
      }
      return [...saved, [real, model] as const].every(
        ([kept, plain]) =>
          kept.isEmpty() === (plain.size === 0) &&
          [...kept].length === plain.size &&
          [...kept].every(([id, word]) => plain.get(id) === word) &&
          ids.every((id) => kept.get(id) === plain.get(id) && kept.has(id) === plain.has(id))
      )
    }

  test("are a plain map, whatever is kept and taken back", () => {
    upheld(
      programs,
      holdsKept((real) => real.kept())
    )
  })

  test("twin: a savepoint keeps what goes on changing", () => {
    const write = (at: number): Step => ({ _tag: "Write", table: 0, key: at, n: at })
    caught(
      "not kept",
      programs,
      holdsKept((real) => real),
      [[write(0), write(1), { _tag: "Keep" }]]
    )
  })

  test("twenty thousand savepoints in turn are few layers", () => {
    let now = new Kept<string, Word>()
    for (let n = 0; n < 20_000; n++) now = now.kept().with(String(n), { n })
    const startedAt = performance.now()
    for (let n = 0; n < 20_000; n++) if (now.get(String(n))!.n !== n) expect.fail(`${n} is gone`)
    expect(performance.now() - startedAt).toBeLessThan(1_000)
    expect([...now]).toHaveLength(20_000)
  })
})

describe("L35 keys of rows", () => {
  const values = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.integer({ min: -20, max: 20 }).map(BigInt)
  )
  const source = tables[2]!

  test("are equal exactly where the refs' ids are, 5 and 5n too", () => {
    upheld(fc.tuple(values, values), ([a, b]) => {
      const sameId = known(source, [a]).id === known(source, [b]).id
      const asNumber = Number.isSafeInteger(Number(a)) ? Number(a) : a
      return (
        (rowKey(source, [a]) === rowKey(source, [b])) === sameId &&
        rowKey(source, [asNumber]) === rowKey(source, [a]) &&
        rowKeyOf(known(source, [a])) === rowKey(source, [a])
      )
    })
  })

  test("of text are never those of numbers", () => {
    const [, words] = tables
    for (const text of ["5", "05", "5.0", "", "null"])
      expect(typeof rowKey(words!, [text])).toBe("string")
  })
})
