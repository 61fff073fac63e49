import { afterAll, describe, expect, test } from "vitest"
import { rewrite } from "../../src/algebra/fold.ts"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import type { Database } from "../oracle/Meaning.ts"
import { answer } from "../oracle/query.ts"
import { inClasses } from "./support/canonical.ts"
import { connections, ownMariadb, sqlite } from "./support/connections.ts"
import type { Aim } from "./support/aim.ts"
import {
  aimsFor,
  cover,
  type Coverage,
  missingInQueries,
  newCoverage,
  queryPairs,
  report,
  tooRare
} from "./support/coverage.ts"
import { isOverflow } from "./support/overflow.ts"
import { outside } from "../oracle/Value.ts"
import { drawn, many, pick } from "./support/draw.ts"
import { mismatch } from "./support/explain.ts"
import { column, handDatabase, handSide } from "./support/hand.ts"
import {
  caughtOn,
  type Ledger,
  ledger,
  partsOf,
  refusedBy,
  rounds,
  skipping,
  timeFor,
  told,
  upheldIn
} from "./support/law.ts"
import { selected } from "./support/meaning.ts"
import { strangers } from "./support/refusable.ts"
import { type Connection, give, seed } from "./support/Runner.ts"
import { type QueryCase, queryCase, worldOf } from "./support/statements.ts"
import { databaseOf } from "./support/tables.ts"
import { tooComplex } from "./support/tooComplex.ts"
import { isNight } from "../support/night.ts"

interface Batch {
  readonly databases: ReadonlyArray<Database>
  readonly queries: ReadonlyArray<QueryCase>
}

/**
 * Two databases, several queries on both: seeding costs more than asking, and a server that has
 * prepared a statement may answer otherwise the second time. Two queries of three aim at something.
 */
const batches = (aims: ReadonlyArray<Aim>) =>
  drawn((draw): Batch => ({
    databases: many(draw, "database", 1, 2, () => databaseOf(draw)),
    queries: many(draw, "case", 1, 10, () => {
      const aimed = aims.length > 0 && draw.below(3) > 0
      return queryCase(draw, [], undefined, aimed ? pick(draw, aims) : null)
    })
  }))

/**
 * Batches of five and a half queries on average: twenty thousand statements and some more. Of
 * MariaDB by day fewer, and none aimed at what is rare: so many would take it three minutes.
 */
const ordinary = { sqlite: 2500, postgres: 2500, mariadb: isNight ? 2500 : 550 } as const

/** A million statements a night. */
const night = 50

/**
 * How often each pair is to be met, in how many parts of a day what is rare is looked for, and in
 * how many more, where luck left something rare.
 */
const often = 50
const parts = { sqlite: 25, postgres: 25, mariadb: isNight ? 25 : 1 } as const
const more = { sqlite: 10, postgres: 10, mariadb: isNight ? 10 : 0 } as const

/** Kinds that a server has not, so that no statement with one is compared with its meaning. */
const refusedKinds = {
  sqlite: new Set(["Sample"]),
  postgres: new Set<string>(),
  mariadb: new Set(["Sample"])
}

const agrees = async (
  connection: Connection,
  { parameters, query }: QueryCase,
  database: Database,
  seen: Ledger,
  met: () => void
): Promise<boolean> => {
  const classes = answer(query, worldOf(database, parameters, connection.dialect))
  const given = await give(connection, query, parameters).catch((error: Error) => error)
  if (given instanceof Error) {
    if (isOverflow(given)) return outside("overflow where nothing asks for the value")
    const refusal = tooComplex(given, connection.dialect)
    if (refusal !== null) return seen.refused(refusal)
  } else {
    if (given._tag === "Refusal") return seen.refused(given)
    if (inClasses(given.rows, classes)) {
      met()
      return true
    }
  }
  throw mismatch(connection, query, parameters, database, classes.flat(), given)
}

/** What ends MariaDB itself ends no other test's server. */
const servers = { ...connections, mariadb: ownMariadb }

describe.each(Object.entries(servers))("L1 oracle on %s", (dialect, open) => {
  let connection: Connection | undefined
  afterAll(() => connection?.close())

  test(
    "a query's rows are its meaning",
    async () => {
      connection = await open()
      const server = dialect as keyof typeof ordinary
      const seen = ledger()
      const whole = newCoverage()
      const never = refusedKinds[server]
      const rareOn = (met: Coverage): ReadonlyArray<string> =>
        tooRare(met, often).filter((pair) => pair.split(" > ").every((kind) => !never.has(kind)))
      const agreed = async ({ databases, queries }: Batch, met: Coverage): Promise<boolean> => {
        for (const database of databases) {
          await seed(connection!, database)
          for (const one of queries) {
            await skipping(seen, () =>
              agrees(connection!, one, database, seen, () => {
                cover(met, one.query)
                cover(whole, one.query)
              })
            )
          }
        }
        return true
      }
      for (const { numRuns, seed: first } of rounds(ordinary[server], night)) {
        // Where to aim follows from the seed: a night's round is a day's with the same one.
        const met = newCoverage()
        const [usual, extra] = [parts[server], more[server]]
        const longest = { seed: first, numRuns: (numRuns * (usual + extra)) / usual }
        for (const [i, part] of partsOf(longest, usual + extra).entries()) {
          const rare = rareOn(met)
          if (i >= usual && (rare.length === 0 || numRuns < ordinary[server])) break
          await upheldIn(part, batches(aimsFor(rare)), (one) => agreed(one, met))
        }
      }
      console.log(`L1 on ${dialect}: ${told(seen)}\n${report(whole, queryPairs)}`)
      console.log(
        tooRare(whole, often)
          .map((one) => `${one} ${whole.pairs.get(one) ?? 0}`)
          .join("; ")
      )
      const rare = rareOn(whole)
      console.log(`${rare.length} pairs less than ${often} times: ${rare.join(", ")}`)
      expect(missingInQueries(whole).filter((kind) => !never.has(kind))).toEqual([])
      if (seen.asked > 20_000) expect(rare).toEqual([])
      expect(seen.outside).toBeLessThan(seen.asked / 10)
      expect(strangers(seen, dialect, ["QueryTooComplex"])).toEqual([])
      expect(refusedBy(seen)).toBeLessThan(seen.asked / 4)
    },
    timeFor(600_000)
  )
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

test(
  "twin: membership is never NULL",
  async () => {
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
  },
  timeFor(60_000)
)
