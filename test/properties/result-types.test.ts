/** What TypeScript says of an expression is what is documented, built, decoded and read. */
import { Column, Database, Instant, Interval, LocalDate, LocalTime, Query, Table } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { readFileSync } from "node:fs"
import { beforeAll, describe, expect, test } from "vitest"
import type { AnyType } from "../../src/algebra/Type.ts"
import { type Judged, judge } from "../../tools/resultTypes/judge.ts"
import { cells, documented, readPage, textOf } from "../../tools/resultTypes/page.ts"
import { engines, useDatabase } from "../conformance/support.ts"
import { typedExpressions } from "./support/typedExpressions.ts"

const uuid = "0190163d-8694-739b-aea5-966c26f8ad91"
const day = LocalDate.make(2024, 1, 31)

/** Values by what TypeScript calls their types. */
const samples: ReadonlyArray<readonly [called: string, value: unknown]> = [
  ["number", 1],
  ["bigint", 1n],
  ["BigDecimal", BigDecimal.make(1n, 0)],
  ["string", "a"],
  ["string", uuid],
  ["boolean", true],
  ["Uint8Array", Uint8Array.of(1)],
  ["LocalDate", day],
  ["LocalTime", LocalTime.parse("01:02:03")],
  ["Utc", DateTime.makeUnsafe("2024-01-31T00:00:00Z")],
  ["Instant", Instant.parse("2024-01-31T00:00:00Z")],
  ["Interval", Interval.make({ days: 1 })]
]

const calledOf = (value: unknown): string => {
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value
  if (value instanceof Uint8Array) return "Uint8Array"
  if (BigDecimal.isBigDecimal(value)) return "BigDecimal"
  if (DateTime.isDateTime(value) && DateTime.isUtc(value)) return "Utc"
  const found = samples.find(
    ([, one]) => Object.getPrototypeOf(one) === Object.getPrototypeOf(value)
  )
  return found?.[0] ?? "something else"
}

/** The same of a union's members: a literal is of its kind. */
const kindsOf = (members: string): ReadonlyArray<string> =>
  members
    .replaceAll(/NonNullable<(.*?)>/g, "$1")
    .split(" | ")
    .map((one) => (one.startsWith('"') ? "string" : one.replace("<ArrayBufferLike>", "")))

/** What a type's codecs take and give back, on the one dialect that has all types. */
const decodedBy = ({ codec }: AnyType): ReadonlySet<string> =>
  new Set(
    samples.flatMap(([, value]) => {
      try {
        return [calledOf(codec.json.decode(codec.json.encode(value)))]
      } catch {
        return []
      }
    })
  )

const pageText = readFileSync("docs/result-types.md", "utf8")
const known = readPage(pageText)
const isKnown = new Set(known.map((one) => textOf(one)))
const random = typedExpressions(200)
/** Cells that are not documented, another few each time the page grows. */
const refused = cells.filter((cell) => !isKnown.has(textOf(cell))).filter((_, at) => at % 53 === 0)

let judged: ReadonlyArray<Judged> = []
let table: Awaited<ReturnType<typeof judge>>["table"]
beforeAll(async () => {
  const texts = [...known.map(textOf), ...refused.map(textOf), ...random]
  const found = await judge(texts)
  judged = found.all
  table = found.table
}, 120_000)

describe("result types", () => {
  test("are the documented ones in TypeScript and in the decoder [F113.1 @all]", () => {
    expect(known.length).toBeGreaterThan(400)
    known.forEach((cell, at) => {
      const one = documented(cell, judged[at]!)
      expect(one, textOf(cell)).toEqual(cell)
      const kinds = kindsOf(cell.value).filter((kind) => kind !== "null")
      expect([textOf(cell), ...decodedBy(judged[at]!.built!.node.type)]).toEqual([
        textOf(cell),
        ...new Set(kinds)
      ])
    })
    refused.forEach((cell, at) => {
      expect(documented(cell, judged[known.length + at]!), textOf(cell)).toBe(null)
    })
  })
})

/** The table the expressions are about; what one dialect alone has is left out. */
const own = {
  smallint: Column.smallint(),
  integer: Column.integer(),
  bigint: Column.bigint(),
  numeric: Column.numeric(10, 2),
  double: Column.double(),
  text: Column.text(),
  varchar: Column.varchar(20),
  enum: Column.enum(["a", "b"]),
  boolean: Column.boolean(),
  date: Column.date(),
  timestamp: Column.timestamp()
}
const t = Table.make("t", {
  id: Column.integer().primaryKey(),
  ...own,
  ...Object.fromEntries(
    Object.entries(own).map(([name, column]) => [
      `${name}Null`,
      (column as Column.Column<unknown>).nullable()
    ])
  )
})

const decimal = (text: string) => BigDecimal.fromStringUnsafe(text)
const values = (n: number) => ({
  smallint: n,
  integer: n * 7 - 3,
  bigint: BigInt(n) * 10n ** 12n,
  numeric: decimal(`${n}.25`),
  double: n / 2,
  text: n === 0 ? "" : "ab",
  varchar: "a%",
  enum: n === 0 ? "a" : "b",
  boolean: n > 0,
  date: LocalDate.make(2024, 2, 29),
  timestamp: DateTime.makeUnsafe("2024-03-31T23:59:59.999Z")
})

describe.each(engines)("values of random expressions on %s", (engine) => {
  const { run } = useDatabase(engine, { t })

  test("are of the types TypeScript says, NULL only where it may be [F113.4]", async () => {
    const rows = [-1, 0, 2].map((n, id) => {
      const own_ = Object.entries(values(n))
      const nulls = own_.map(([name, one], at) => [`${name}Null`, at % 3 === id ? null : one])
      return { id, ...values(n), ...Object.fromEntries(nulls) }
    })
    await run(Database.run(Query.insert(t).rows(rows as never)))
    const counts = { read: 0, nulls: 0, failed: 0 }
    for (const { built, text, typed } of judged.slice(known.length + refused.length)) {
      if (built === null || typed === null) continue
      const kinds = new Set(kindsOf(typed.join(" | ")))
      const from = Query.from(table)
      // Aggregates of no rows are NULL where anything is.
      for (const query of [from, from.where(table.c["id"]!.lt(0))]) {
        const asked = query.select(built as never) as never
        const exit = await run(Effect.exit(Database.all(asked)))
        if (Exit.isFailure(exit)) {
          counts.failed++
          continue
        }
        for (const value of exit.value) {
          counts.read++
          if (value === null) counts.nulls++
          expect([text, kinds], `${text} gave ${calledOf(value)}`).toEqual([
            text,
            new Set(kinds).add(calledOf(value))
          ])
        }
      }
    }
    process.stdout.write(`values on ${engine}: ${JSON.stringify(counts)}\n`)
    expect(counts.read).toBeGreaterThan(300)
    expect(counts.nulls).toBeGreaterThan(60)
    expect(counts.failed).toBeLessThan(counts.read / 4)
  })
})

test("twin: a value that may be NULL and is not said to be is caught", () => {
  expect(kindsOf('NonNullable<"a" | "b"> | null')).toEqual(["string", "string", "null"])
  expect(kindsOf("number")).not.toContain(calledOf(null))
  expect(calledOf(day)).toBe("LocalDate")
})
