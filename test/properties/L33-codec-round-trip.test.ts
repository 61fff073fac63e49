/** L33: what is written is what is read, for each type on each database; the rest is refused. */
import Sqlite from "better-sqlite3"
import * as BigDecimal from "effect/BigDecimal"
import * as Equal from "effect/Equal"
import * as fc from "fast-check"
import { createConnection } from "mysql2/promise"
import { Client } from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { ValueRefused } from "../../src/algebra/Codec.ts"
import { dialectNames, type DialectName } from "../../src/algebra/Dialect.ts"
import type { Type } from "../../src/algebra/Type.ts"
import {
  average,
  count,
  decimal,
  needsExactIntegers,
  safeInteger,
  sumBigint
} from "../../src/algebra/types.ts"
import { type TypeCase, typeCases } from "../algebra/typeCases.ts"
import { freshDatabase } from "../support/databases.ts"

/** Writes parameters to a table of one column and reads back what the driver gives. */
interface Storage {
  readonly dialect: DialectName
  readonly keep: (
    stored: string,
    parameters: ReadonlyArray<unknown>,
    query?: string
  ) => Promise<Array<unknown>>
  readonly close: () => Promise<void>
}

const sqlite = new Sqlite(":memory:")
afterAll(() => sqlite.close())

const statements = new Map<string, { insert: Sqlite.Statement; select: Sqlite.Statement }>()

const keptBySqlite = (column: string, parameter: unknown, exact: boolean): unknown => {
  let known = statements.get(column)
  if (known === undefined) {
    const name = `t${statements.size}`
    sqlite.exec(`create table ${name} (v ${column})`)
    const insert = sqlite.prepare(`insert or replace into ${name} (rowid, v) values (1, ?)`)
    known = { insert, select: sqlite.prepare(`select v from ${name}`).pluck() }
    statements.set(column, known)
  }
  known.insert.run(parameter)
  return known.select.safeIntegers(exact).get()
}

const keptOne = ({ stored, type }: TypeCase, value: unknown, exact: boolean): unknown => {
  const { decode, encode } = type.codec.row.sqlite
  return decode(keptBySqlite(stored.sqlite, encode(value), exact))
}

/** Numbers and exact integers are read alike, unless numbers would round. */
const readings = ({ type }: TypeCase): ReadonlyArray<boolean> =>
  needsExactIntegers(type) ? [true] : [false, true]

const everyRow = "select v from kept order by i"

const openPostgres = async (): Promise<Storage> => {
  const database = await freshDatabase("postgres")
  const client = new Client({
    connectionString: database.url,
    types: { getTypeParser: () => (raw: unknown) => raw }
  })
  await client.connect()
  await client.query("set time zone 'UTC'")
  return {
    dialect: "postgres",
    keep: async (stored, parameters, text = everyRow) => {
      await client.query(`create temporary table kept (i integer, v ${stored})`)
      const rows = parameters.map((_, index) => `(${index}, $${index + 1})`).join()
      await client.query(`insert into kept values ${rows}`, [...parameters])
      const { rows: read } = await client.query<Array<unknown>>({ text, rowMode: "array" })
      await client.query("drop table kept")
      return read.flat()
    },
    close: () => client.end().then(database.drop)
  }
}

const openMariadb = async (): Promise<Storage> => {
  const database = await freshDatabase("mariadb")
  const connection = await createConnection({
    uri: database.url,
    timezone: "Z",
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: false,
    jsonStrings: true,
    rowsAsArray: true
  })
  await connection.query("set time_zone = '+00:00'")
  return {
    dialect: "mariadb",
    keep: async (stored, parameters, text = everyRow) => {
      await connection.query(`create temporary table kept (i integer, v ${stored})`)
      const rows = parameters.map((_, index) => `(${index}, ?)`).join()
      await connection.execute(`insert into kept values ${rows}`, [...parameters] as never)
      const [read] = await connection.execute(text)
      await connection.query("drop table kept")
      return (read as unknown as ReadonlyArray<Array<unknown>>).flat()
    },
    close: () => connection.end().then(database.drop)
  }
}

describe.each(typeCases.map((one) => [one.type.key, one] as const))("%s", (_, one) => {
  const { examples, twin, type, values } = one

  test("sqlite reads what was written", () => {
    fc.assert(
      fc.property(values, (value) =>
        readings(one).every((exact) => Equal.equals(keptOne(one, value, exact), value))
      ),
      { numRuns: 2000, examples: examples.map((value) => [value]) }
    )
  })

  test(`its wrong twin (${twin.says}) passes the examples and is caught`, () => {
    const [exact = true] = readings(one)
    const agrees = (value: unknown): boolean =>
      Equal.equals(twin.reads(keptOne(one, value, exact)), value)
    expect(examples.every(agrees)).toBe(true)
    expect(fc.check(fc.property(values, agrees), { numRuns: 5000 }).failed).toBe(true)
  })

  test("JSON text carries it exactly", () => {
    const { decode, encode } = type.codec.json
    fc.assert(
      fc.property(values, (value) =>
        Equal.equals(decode(JSON.parse(JSON.stringify(encode(value)))), value)
      ),
      { numRuns: 2000, examples: examples.map((value) => [value]) }
    )
  })

  /** Anything at all: a JavaScript caller, or JSON from outside that a type was asserted on. */
  // What a user's own conversion accepts is the user's business.
  test.skipIf(type.key.startsWith("text:"))("any other value is refused, or kept", () => {
    const hostile = fc.constantFrom<unknown>(
      { toString: () => "1" },
      { toSqlString: () => "1; drop table users" },
      { toPostgres: () => "1" },
      new String("text"),
      new Number(1),
      Object.create(null),
      Symbol.iterator,
      () => 1,
      new Date(NaN),
      new Proxy({}, { get: () => 1 })
    )
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withTypedArray: true,
      withBoxedValues: true,
      withNullPrototype: true,
      withSparseArray: true
    })
    const numbers = fc.oneof(fc.double(), fc.bigInt(), fc.constantFrom(1.5, 2 ** 53, -0))
    const texts = fc.string({
      unit: fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c))
    })
    fc.assert(
      fc.property(fc.oneof(anything, numbers, texts, hostile), (value) => {
        for (const dialect of dialectNames) {
          const { encode } = type.codec.row[dialect]
          const parameter = taken(() => encode(value), value)
          if (parameter === refusal || dialect !== "sqlite") continue
          const back = keptOne(one, value, true)
          expect(isKept(back, value)).toBe(true)
        }
        taken(() => type.codec.json.encode(value), value)
      }),
      { numRuns: 2000 }
    )
  })

  test("any other stored form is refused, never an error of another kind", () => {
    const raw = fc.oneof(fc.anything({ withBigInt: true }), fc.double(), fc.string())
    fc.assert(
      fc.property(raw, (stored) => {
        for (const dialect of dialectNames) {
          const { decode, identity } = type.codec.row[dialect]
          if (identity !== true && !type.key.startsWith("text:"))
            taken(() => decode(stored), stored)
        }
        taken(() => type.codec.json.decode(stored), stored)
      }),
      { numRuns: 2000 }
    )
  })
})

const refusal = Symbol("refused")

/** The very value, a UUID in lower case, or the record a schema of records sees in any object. */
const isKept = (back: unknown, value: unknown): boolean => {
  if (Equal.equals(back, value)) return true
  if (typeof value === "string") return value.toLowerCase() === back
  return typeof value === "object" && value !== null && Equal.equals(back, { ...value })
}

/** The result, or `refusal` for a `ValueRefused` whose text does not hold the value. */
const taken = (run: () => unknown, value: unknown): unknown => {
  try {
    return run()
  } catch (error) {
    expect(error).toBeInstanceOf(ValueRefused)
    if (typeof value === "string" && value.length > 12) {
      expect((error as ValueRefused).message).not.toContain(value)
    }
    return refusal
  }
}

describe.each([
  ["postgres", openPostgres],
  ["mariadb", openMariadb]
] as const)("%s reads what was written", (dialect, open) => {
  let storage: Storage
  beforeAll(async () => {
    storage = await open()
  })
  afterAll(() => storage.close())

  test.each(typeCases.map((one) => [one.type.key, one] as const))("%s", async (_, one) => {
    const { decode, encode } = one.type.codec.row[dialect]
    await fc.assert(
      fc.asyncProperty(
        fc.array(one.values, { minLength: 1, maxLength: 60, size: "max" }),
        async (values) => {
          const raw = await storage.keep(
            one.stored[dialect],
            values.map((value) => encode(value))
          )
          expect(raw.map(decode)).toHaveLength(values.length)
          values.forEach((value, index) => {
            const back = decode(raw[index])
            if (!Equal.equals(back, value)) expect(back).toBe(value)
          })
        }
      ),
      { numRuns: 60, examples: [[[...one.examples]]] }
    )
  })

  test("aggregates", async () => {
    const { decode } = rowsOf(dialect)
    const whole = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    const query = "select count(v), sum(v), sum(v % 1000), avg(v % 1000) from kept"
    await fc.assert(
      fc.asyncProperty(fc.array(whole, { minLength: 1, maxLength: 40 }), async (values) => {
        const raw = await storage.keep("bigint", values.map(String), query)
        const small = values.map((value) => Number(value % 1000n)).reduce((a, b) => a + b)
        expect(decode(count, raw[0])).toBe(values.length)
        expect(decode(sumBigint, raw[1])).toBe(values.reduce((a, b) => a + b))
        expect(decode(safeInteger, raw[2])).toBe(small)
        expect(decode(average, raw[3])).toBeCloseTo(small / values.length, 3)
        const exact = decode(decimal(), raw[3])
        expect(BigDecimal.toNumberUnsafe(exact)).toBe(decode(average, raw[3]))
      }),
      { numRuns: 60 }
    )
  })
})

const rowsOf = (dialect: DialectName) => ({
  decode: <A>(type: Type<A>, raw: unknown): A => type.codec.row[dialect].decode(raw)
})
