import { afterAll, describe, expect, test } from "vitest"
import { rewrite } from "../../src/algebra/fold.ts"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import type { Database } from "../oracle/Meaning.ts"
import { answer } from "../oracle/query.ts"
import { inClasses } from "./support/canonical.ts"
import { connections, sqlite } from "./support/connections.ts"
import { cover, missingInQueries, newCoverage, report } from "./support/coverage.ts"
import { isOverflow } from "./support/overflow.ts"
import { outside } from "../oracle/Value.ts"
import { drawn, many } from "./support/draw.ts"
import { mismatch } from "./support/explain.ts"
import { column, handDatabase, handSide } from "./support/hand.ts"
import {
  caughtOn,
  type Ledger,
  ledger,
  refusedBy,
  skipping,
  told,
  upheldOn
} from "./support/law.ts"
import { selected } from "./support/meaning.ts"
import { strangers } from "./support/refusable.ts"
import { type Connection, give, seed } from "./support/Runner.ts"
import { type QueryCase, queryCase, worldOf } from "./support/statements.ts"
import { databaseOf } from "./support/tables.ts"

interface Batch {
  readonly databases: ReadonlyArray<Database>
  readonly queries: ReadonlyArray<QueryCase>
}

/**
 * Two databases, several queries on both: seeding costs more than asking, and a server that has
 * prepared a statement may answer otherwise the second time.
 */
const batches = drawn((draw): Batch => ({
  databases: many(draw, "database", 1, 2, () => databaseOf(draw)),
  queries: many(draw, "case", 1, 10, () => queryCase(draw))
}))

/** Batches of five and a half queries on average. */
const ordinary = { sqlite: 840, postgres: 550, mariadb: 550 } as const

const agrees = async (
  connection: Connection,
  { parameters, query }: QueryCase,
  database: Database,
  seen: Ledger
): Promise<boolean> => {
  const classes = answer(query, worldOf(database, parameters, connection.dialect))
  const given = await give(connection, query, parameters).catch((error: Error) => error)
  if (given instanceof Error) {
    if (isOverflow(given)) return outside("overflow where nothing asks for the value")
  } else {
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
    await upheldOn(
      batches,
      async ({ databases, queries }) => {
        for (const database of databases) {
          await seed(connection!, database)
          for (const one of queries) {
            const holds = await skipping(seen, () => agrees(connection!, one, database, seen))
            if (!holds) return false
            cover(coverage, one.query)
          }
        }
        return true
      },
      ordinary[dialect as keyof typeof ordinary]
    )
    console.log(`L1 on ${dialect}: ${told(seen)}\n${report(coverage)}`)
    expect(missingInQueries(coverage)).toEqual([])
    expect(seen.outside).toBeLessThan(seen.asked / 10)
    expect(strangers(seen, dialect)).toEqual([])
    expect(refusedBy(seen)).toBeLessThan(seen.asked / 4)
  }, 600_000)
})

/** One query on one database. */
interface Single extends QueryCase {
  readonly database: Database
}

const singles = drawn((draw): Single => ({ database: databaseOf(draw), ...queryCase(draw) }))

/** Membership as somebody reads it who forgets NULL: FALSE where it should be NULL. */
const twoValued = (query: Relation): Relation =>
  rewrite<Relation>(query, (node) =>
    node._tag === "InQuery" || node._tag === "InList"
      ? S.call("coalesce", [node, S.constant(false, T.boolean)], T.boolean)
      : node
  )

const users = handSide(0)
const posts = handSide(1)
const authors = selected(posts.relation, [column(posts, 1)])
const examples: ReadonlyArray<Single> = [
  S.inQuery(column(users, 0), authors, T.boolean),
  S.not(S.inQuery(column(users, 0), authors, T.boolean), T.boolean),
  S.inList(column(users, 0), S.boundList([1, 2], T.integer), T.boolean)
].map((condition) => ({
  database: handDatabase,
  parameters: {},
  query: selected(R.filter(users.relation, condition), [column(users, 0)])
}))

test("twin: membership is never NULL", async () => {
  const connection = sqlite()
  await caughtOn(
    "two-valued IN",
    singles,
    async ({ database, parameters, query }) => {
      const classes = answer(query, worldOf(database, parameters))
      await seed(connection, database)
      const right = async (one: Relation): Promise<boolean> => {
        const given = await give(connection, one, parameters)
        return given._tag === "Refusal" || inClasses(given.rows, classes)
      }
      return !(await right(query)) || right(twoValued(query))
    },
    examples
  )
  await connection.close()
}, 60_000)
