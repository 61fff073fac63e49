/** L33 and L24 over all types and databases: write, read, compare, flat and nested in JSON. */
import { Interval, Range, MultiRange, Type } from "athanor"
import { capabilities } from "athanor/compile"
import { TypeLaws } from "athanor/testing"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { AnyType } from "../../src/algebra/Type.ts"
import { typeCases } from "../algebra/typeCases.ts"
import { typeEdges } from "../algebra/typeEdges.ts"
import { connect, engines } from "../runtime/databases.ts"
import { rounds, timeFor } from "./support/law.ts"

/** What each type's law shows. */
const marks: Readonly<Record<string, string>> = {
  bigint: "[F101.1 F101.4]",
  double: "[F101.1 F101.4]",
  bytes: "[F101.1 F101.6]",
  uuid: "[F101.1 F101.6]"
}
const markOf = ({ key, sql }: AnyType): string =>
  marks[key] ?? (sql._tag === "Json" ? "[F101.1 F101.6]" : "[F101.1]")

const temporal: ReadonlySet<string> = new Set(["Date", "Time", "Timestamp"])

/** Berlin and New York change their clocks by hours, Lord Howe by half of one, Apia lost a day. */
const zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]

const inZone = async (zone: string, run: () => Promise<void>): Promise<void> => {
  const before = process.env["TZ"]
  process.env["TZ"] = zone
  try {
    await run()
  } finally {
    if (before === undefined) delete process.env["TZ"]
    else process.env["TZ"] = before
  }
}

const spans = fc
  .record({
    months: fc.integer({ min: -100_000, max: 100_000 }),
    days: fc.integer({ min: -1_000_000, max: 1_000_000 }),
    microseconds: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n })
  })
  .map(Interval.make)
const ranges = fc
  .tuple(fc.integer({ min: -99, max: 0 }), fc.integer({ min: 1, max: 99 }))
  .map(([low, high]) => Range.make(low, high))
const lists = fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 5 })

/** Types that PostgreSQL alone has of the generic ones. */
const rich: ReadonlyArray<readonly [AnyType, fc.Arbitrary<unknown>]> = [
  [Type.interval, spans],
  [Type.range(Type.integer), ranges],
  [Type.multirange(Type.integer), fc.array(ranges, { maxLength: 4 }).map(MultiRange.make)],
  [Type.array(Type.bigint), lists],
  [Type.array(Type.bigint, { nulls: true }), lists.map((list) => [null, ...list])],
  [Type.array(Type.array(Type.bytes)), fc.constantFrom([], [[Uint8Array.of(0, 255)]])]
]

/** Its key without the number of its making, which tells how many types other files made before. */
const nameOf = ({ key }: AnyType): string => key.replaceAll(/#\d+/g, "")

describe.each(engines)("types on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
  })
  afterAll(() => connected.dispose())

  const holds = async (
    type: AnyType,
    values: ReadonlyArray<unknown>,
    refused: ReadonlyArray<unknown> = []
  ): Promise<void> => {
    // A document is compared as a whole where the server can, its parts everywhere.
    const isCompared = type.sql._tag !== "Json" || capabilities(engine).jsonEquality
    const except: ReadonlyArray<TypeLaws.Law> = isCompared ? [] : ["found", "joined"]
    const broken = await connected.run(TypeLaws.broken(type, values, { except, refused }))
    expect(broken.slice(0, 3)).toEqual([])
  }

  test.each(typeCases.map((one) => [`${nameOf(one.type)} ${markOf(one.type)}`, one] as const))(
    "%s",
    async (_, { examples, type, values }) => {
      const { kept = [], refused = [] } = typeEdges[type.key] ?? {}
      await holds(type, [...examples, ...kept], refused)
      for (const { numRuns, seed } of rounds(500, 200))
        await holds(type, fc.sample(values, { numRuns, seed }))
    },
    timeFor(20_000)
  )

  const beside = engine === "postgres" ? "intervals among them" : "intervals are refused below"
  test(`of days and moments under five zones of the process, ${beside} [F103.1]`, async () => {
    for (const zone of zones)
      await inZone(zone, async () => {
        for (const { type, values } of typeCases.filter((one) => temporal.has(one.type.sql._tag)))
          await holds(type, [
            ...typeEdges[type.key]!.kept,
            ...fc.sample(values, { numRuns: 100, seed: 5 })
          ])
        if (engine === "postgres")
          await holds(Type.interval, fc.sample(spans, { numRuns: 100, seed: 5 }))
      })
  })

  test.each(rich.map(([type, values]) => [nameOf(type), type, values] as const))(
    engine === "postgres" ? "%s [F101.1]" : "%s is refused by name [F101.1]",
    async (_, type, values) => {
      const some = fc.sample(values, { numRuns: 500, seed: 3 })
      if (engine === "postgres") return holds(type, some)
      const error = await connected.run(Effect.flip(TypeLaws.broken(type, some)))
      expect(error).toMatchObject({ _tag: "Unsupported", dialect: engine })
    }
  )
})

describe("twins: types that are wrong are told", () => {
  const wrong = (from: (text: string) => string, to = (text: string) => text) =>
    Type.mapped(Type.text, { name: "wrong", from, to })
  const told = async (
    type: AnyType,
    values: ReadonlyArray<unknown>,
    refused?: ReadonlyArray<unknown>
  ) => {
    const connected = await connect("sqlite")
    try {
      const broken = await connected.run(TypeLaws.broken(type, values, { refused: refused ?? [] }))
      return [...new Set(broken.map(({ law }) => law))]
    } finally {
      await connected.dispose()
    }
  }

  test("what reads another value than was written", async () => {
    expect(
      await told(
        wrong((text) => text.trim()),
        ["a", "b "]
      )
    ).toEqual(["read", "nested", "listed"])
  })

  test("what writes another value each time", async () => {
    let times = 0
    const type = wrong(
      (text) => text.slice(0, 1),
      (text) => `${text}${times++}`
    )
    expect(await told(type, ["a"])).toEqual(["joined", "found"])
  })

  test("what takes a value it should refuse", async () => {
    expect(await told(Type.text, ["a"], ["b"])).toEqual(["refused"])
  })

  test("what its JSON codec reads otherwise", async () => {
    const { row } = Type.text.codec
    const json = { decode: (raw: unknown) => `${String(raw)}!`, encode: (value: string) => value }
    const type = Type.custom({ sql: "TEXT", codec: { row, json } })
    expect(await told(type, ["a"])).toEqual(["listed"])
  })
})
