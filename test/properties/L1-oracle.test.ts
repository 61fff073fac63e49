import { afterAll, describe, expect, test } from "vitest"
import type { Database } from "../oracle/Meaning.ts"
import { answer } from "../oracle/query.ts"
import { inClasses } from "./support/canonical.ts"
import { connections } from "./support/connections.ts"
import { cover, newCoverage, report } from "./support/coverage.ts"
import { drawn, many } from "./support/draw.ts"
import { mismatch } from "./support/explain.ts"
import { type Ledger, ledger, skipping, told, upheldOn } from "./support/law.ts"
import { type Connection, give, seed } from "./support/Runner.ts"
import { type QueryCase, queryCase, worldOf } from "./support/statements.ts"
import { databaseOf } from "./support/tables.ts"

interface Batch {
  readonly database: Database
  readonly queries: ReadonlyArray<QueryCase>
}

/** One database, several queries: seeding costs more than asking. */
const batches = drawn((draw): Batch => ({
  database: databaseOf(draw), queries: many(draw, "case", 1, 10, () => queryCase(draw))
}))

/** Batches of five and a half queries on average. */
const ordinary = { sqlite: 280, postgres: 110, mariadb: 110 } as const

const agrees = async (
  connection: Connection, { parameters, query }: QueryCase, database: Database, seen: Ledger
): Promise<boolean> => {
  const classes = answer(query, worldOf(database, parameters, connection.dialect))
  const given = await give(connection, query, parameters).catch((error: Error) => error)
  if (!(given instanceof Error)) {
    if (given._tag === "Refusal") return seen.refused(given)
    if (inClasses(given.rows, classes)) return true
  }
  throw mismatch(connection, query, parameters, database, classes.flat(), given)
}

describe.each(Object.entries(connections))("L1 oracle on %s", (dialect, open) => {
  let connection: Connection | undefined
  afterAll(() => connection?.close())

  test("a query's rows are its meaning", async () => {
    connection = await open()
    const coverage = newCoverage()
    const seen = ledger()
    await upheldOn(batches, async ({ database, queries }) => {
      await seed(connection!, database)
      for (const one of queries) {
        const holds = await skipping(seen, () => agrees(connection!, one, database, seen))
        if (!holds) return false
        cover(coverage, one.query)
      }
      return true
    }, ordinary[dialect as keyof typeof ordinary])
    console.log(`L1 on ${dialect}: ${told(seen)}\n${report(coverage)}`)
    expect(seen.outside).toBeLessThan(seen.asked / 10)
  }, 600_000)
})
