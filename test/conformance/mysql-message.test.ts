/** Messages made ahead hold what mysql2 would have sent, and are what is sent. */
import { createConnection } from "mysql2"
import * as fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { executeMade, makeMessage } from "../../src/effects/drivers/MysqlMessage.ts"
import type { MysqlCommand, MysqlConnection } from "../../src/effects/drivers/mysqlModule.ts"
import { place } from "./engine-support.ts"

type Values = ReadonlyArray<unknown>

let own: Awaited<ReturnType<typeof place>>
let raw: MysqlConnection
beforeAll(async () => {
  own = await place("mariadb")
  const config = { uri: own.url, charset: "utf8mb4_bin", rowsAsArray: true, dateStrings: true }
  raw = createConnection(config) as unknown as MysqlConnection
  await query(
    "create table kept (way int not null, i int, d double, t longtext, g bigint, b longblob, o int)"
  )
})
afterAll(async () => {
  await new Promise<void>((ended) => raw.end(ended))
  await own.drop()
})

const query = (sql: string): Promise<ReadonlyArray<Values>> =>
  new Promise((give, fail) => {
    raw.query({ sql }, (error, rows) => (error == null ? give(rows as never) : fail(error)))
  })

const columns = 7
const insertOf = (rows: number): string =>
  `insert into kept values ${Array.from({ length: rows }, () => "(?, ?, ?, ?, ?, ?, ?)").join()}`

/** How many parameters the driver was left to send itself. */
const sent = (values: Values, isMade: boolean): Promise<number> =>
  new Promise((give, fail) => {
    if (isMade) makeMessage(values)
    const command = executeMade("mariadb", raw, values, () =>
      raw.execute({ sql: insertOf(values.length / columns), values }, (error) =>
        error == null
          ? give((command as MysqlCommand & { readonly parameters: Values }).parameters.length)
          : fail(error)
      )
    )
  })

const keptBy = (way: number) =>
  query(`select i, hex(d), d, t, g, b, o from kept where way = ${way} order by i, t, d, g, b, o`)

const stored = async (rows: ReadonlyArray<Values>): Promise<void> => {
  const valuesOf = (way: number): Values => rows.flatMap((row) => [way, ...row])
  expect(await sent(valuesOf(1), true)).toBe(0)
  expect(await sent(valuesOf(2), false)).toBe(rows.length * columns)
  const kept = await keptBy(1)
  expect(kept).toHaveLength(rows.length)
  expect(kept).toEqual(await keptBy(2))
  await query("delete from kept")
}

const orNull = <A>(one: fc.Arbitrary<A>) => fc.option(one)
const row = fc.tuple(
  orNull(fc.integer()),
  orNull(fc.double({ noNaN: true, noDefaultInfinity: true })),
  orNull(fc.string({ unit: "grapheme", maxLength: 300 })),
  orNull(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
  orNull(fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))),
  orNull(fc.boolean())
)

test("what is stored is what mysql2's own message stores", async () => {
  const wide = "wide 🜁".repeat(12_000)
  await stored([[1, -0, wide, 2n ** 62n, Buffer.alloc(70_000, 7), true]])
  await stored(Array.from({ length: 2000 }, (_, at) => [at, at / 3, `row ${at}`, null, null, null]))
  await fc.assert(fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), stored), {
    numRuns: 150
  })
})

test("a message is sent once; what is sent again is mysql2's, an error the server's", async () => {
  const values = [3, 2, 3, "four", 5n, null, true]
  makeMessage(values)
  expect(await sent(values, false)).toBe(0)
  expect(await sent(values, false)).toBe(columns)
  const refused = [null, 1, 1, "", 1n, null, true]
  await expect(sent(refused, true)).rejects.toMatchObject({ errno: 1048 })
  await stored([[1, 2, "after it", 3n, null, false]])
})

test("none of values that have none, nor where texts go in another encoding", async () => {
  const values = [1, 2, 3, new Date(0), 5n, null, true]
  expect(await sent(values, true)).toBe(columns)
  const inside = raw as unknown as { clientEncoding: string }
  const { clientEncoding } = inside
  inside.clientEncoding = "latin1"
  expect(await sent([1, 2, 3, "four", 5n, null, true], true)).toBe(columns)
  inside.clientEncoding = clientEncoding
})
