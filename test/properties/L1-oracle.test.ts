import { afterAll, describe, expect, test } from "vitest"
import { rewriteTree } from "../../src/algebra/fold.ts"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import type { Database } from "../oracle/Meaning.ts"
import { mapsAllLetters } from "../oracle/differences.ts"
import { answer } from "../oracle/query.ts"
import { inClasses } from "./support/canonical.ts"
import { connections, ownMariadb, sqlite } from "./support/connections.ts"
import type { Aim } from "./support/aim.ts"
import {
  addCoverage,
  aimsFor,
  cover,
  type Coverage,
  missingInQueries,
  newCoverage,
  queryPairs,
  report,
  tooRare
} from "./support/coverage.ts"
import { isUnasked } from "./support/unasked.ts"
import { outside } from "../oracle/Value.ts"
import { chance, drawn, many, pick } from "./support/draw.ts"
import { mismatch } from "./support/explain.ts"
import { column, handDatabase, handSide } from "./support/hand.ts"
import {
  caughtOn,
  type Ledger,
  ledger,
  partsOf,
  refusedBy,
  rounds,
  runs,
  skipping,
  timeFor,
  told,
  upheldIn
} from "./support/law.ts"
import { selected } from "./support/meaning.ts"
import { seekOf, seeking } from "./support/seek.ts"
import { strangers } from "./support/refusable.ts"
import { type Connection, give, seed } from "./support/Runner.ts"
import { type QueryCase, queryCase, worldOf } from "./support/statements.ts"
import { databaseOf } from "./support/tables.ts"
import { tooComplex } from "./support/tooComplex.ts"

interface Batch {
  readonly databases: ReadonlyArray<Database>
  readonly queries: ReadonlyArray<QueryCase>
}

/**
 * Several queries on a database: seeding costs more than asking. One batch in five is asked of two,
 * for a server that has prepared a statement may answer otherwise the second time. Two queries of
 * three aim at something. At night one in three seeks a clause that seldom has a query of its kind.
 */
const batches = (aims: ReadonlyArray<Aim>) =>
  drawn((draw): Batch => {
    const times = chance(draw, 5) ? 2 : 1
    return {
      databases: many(draw, "database", times, times, () => databaseOf(draw)),
      queries: many(draw, "case", 1, 10, () => {
        const aimed = aims.length > 0 && draw.below(3) > 0
        const aim = aimed ? pick(draw, aims) : null
        return queryCase(draw, [], undefined, aim, seeking && chance(draw, 3) ? seekOf(draw) : null)
      })
    }
  })

/** Batches of five and a half queries on average: mostly twenty thousand and some more. */
const ordinary = 3700

/** So many different queries are asked of each server, day by day. */
const different = 20_000

/** A million statements a night. */
const night = 50

/**
 * How often each pair is to be met, in how many parts of a day what is rare is looked for, and in
 * how many more, where luck left something rare or too few queries.
 */
const often = 50
const parts = 25
const more = 10

/** Kinds that a server has not, so that no statement with one is compared with its meaning. */
const refusedKinds = {
  sqlite: new Set(["Sample"]),
  postgres: new Set<string>(),
  mariadb: new Set(["Sample"])
}

/** What ends MariaDB itself ends no other test's server. */
const servers = { ...connections, mariadb: ownMariadb }
type ServerName = keyof typeof servers

/** One server, what became of the statements it was asked, and what they were made of. */
interface Server {
  readonly name: ServerName
  readonly connection: Connection
  readonly seen: Ledger
  /** Of one round: where to aim follows from its seed, and a night's round is a day's with it. */
  met: Coverage
  readonly whole: Coverage
  /** Different ones: each is a statement on each database of its batch. */
  queries: number
}

const opened = async (name: ServerName): Promise<Server> => ({
  name,
  connection: await servers[name](),
  seen: ledger(),
  met: newCoverage(),
  whole: newCoverage(),
  queries: 0
})

const rareOn = (coverage: Coverage, name: ServerName): ReadonlyArray<string> =>
  tooRare(coverage, often).filter((pair) =>
    pair.split(" > ").every((kind) => !refusedKinds[name].has(kind))
  )

/** What is rare on some server, the rarest first. */
const rareSomewhere = (all: ReadonlyArray<Server>): ReadonlyArray<string> => {
  const counts = new Map<string, number>()
  for (const { met, name } of all)
    for (const pair of rareOn(met, name))
      counts.set(pair, Math.min(counts.get(pair) ?? often, met.pairs.get(pair) ?? 0))
  return [...counts].toSorted(([, a], [, b]) => a - b).map(([pair]) => pair)
}

type Classes = ReturnType<typeof answer>

const agrees = async (
  { connection, met, seen }: Server,
  { parameters, query }: QueryCase,
  database: Database,
  meant: () => Classes
): Promise<boolean> => {
  const classes = meant()
  const given = await give(connection, query, parameters).catch((error: Error) => error)
  if (given instanceof Error) {
    if (isUnasked(given)) return outside("an error of a value that nothing asks for")
    const refusal = tooComplex(given, connection.dialect)
    if (refusal !== null) return seen.refused(refusal)
  } else {
    if (given._tag === "Refusal") return seen.refused(given)
    if (inClasses(given.rows, classes)) {
      cover(met, query)
      return true
    }
  }
  throw mismatch(connection, query, parameters, database, classes.flat(), given)
}

/** What a query means, once for servers that mean the same by it: see `differences`. */
const meaningOf = ({ parameters, query }: QueryCase, database: Database) => {
  const known = new Map<boolean, () => Classes>()
  return (name: ServerName): Classes => {
    const way = mapsAllLetters[name]
    let found = known.get(way)
    if (found === undefined) {
      try {
        const classes = answer(query, worldOf(database, parameters, name))
        found = () => classes
      } catch (error) {
        found = () => {
          throw error
        }
      }
      known.set(way, found)
    }
    return found()
  }
}

/** A batch on all servers, each at its own pace. */
const agreed = async (
  all: ReadonlyArray<Server>,
  { databases, queries }: Batch
): Promise<boolean> => {
  const meanings = databases.map((database) => queries.map((one) => meaningOf(one, database)))
  const ended = await Promise.allSettled(
    all.map(async (server) => {
      for (const [i, database] of databases.entries()) {
        await seed(server.connection, database)
        for (const [j, one] of queries.entries()) {
          const meant = () => meanings[i]![j]!(server.name)
          await skipping(server.seen, () => agrees(server, one, database, meant))
        }
      }
    })
  )
  // No server is left with a statement of this batch while another is asked the next.
  for (const one of ended) if (one.status === "rejected") throw one.reason
  for (const server of all) server.queries += queries.length
  return true
}

const judge = ({ name, queries, seen, whole }: Server): void => {
  console.log(`L1 on ${name}: ${queries} queries, ${told(seen)}\n${report(whole, queryPairs)}`)
  const rare = rareOn(whole, name)
  console.log(`${rare.length} pairs less than ${often} times: ${rare.join(", ")}`)
  expect(missingInQueries(whole).filter((kind) => !refusedKinds[name].has(kind))).toEqual([])
  if (runs(ordinary) >= ordinary) {
    expect(rare).toEqual([])
    expect(queries).toBeGreaterThanOrEqual(different)
  }
  expect(seen.outside).toBeLessThan(seen.asked / 10)
  expect(strangers(seen, name, ["QueryTooComplex"])).toEqual([])
  expect(refusedBy(seen)).toBeLessThan(seen.asked / 4)
}

describe("L1 oracle", () => {
  let all: ReadonlyArray<Server> = []
  afterAll(() => Promise.all(all.map(({ connection }) => connection.close())))

  test(
    "a query's rows are its meaning on each server",
    async () => {
      all = await Promise.all((["postgres", "mariadb", "sqlite"] as const).map(opened))
      for (const { numRuns, seed: first } of rounds(ordinary, night)) {
        const enough = all[0]!.queries + different
        for (const server of all) server.met = newCoverage()
        const longest = { seed: first, numRuns: (numRuns * (parts + more)) / parts }
        for (const [i, part] of partsOf(longest, parts + more).entries()) {
          const rare = rareSomewhere(all)
          const done = rare.length === 0 && all.every(({ queries }) => queries >= enough)
          if (i >= parts && (done || numRuns < ordinary)) break
          await upheldIn(part, batches(aimsFor(rare)), (one) => agreed(all, one))
        }
        for (const server of all) addCoverage(server.whole, server.met)
      }
      for (const server of all) judge(server)
    },
    timeFor(900_000)
  )
})

/** One query on one database. */
interface Single extends QueryCase {
  readonly database: Database
}

const singles = drawn((draw): Single => ({ database: databaseOf(draw), ...queryCase(draw) }))

/** Membership as somebody reads it who forgets NULL: FALSE where it should be NULL. */
const twoValued = (query: Relation): Relation =>
  rewriteTree<Relation>(query, (node) =>
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
