import { afterAll, describe, expect, test } from "vitest"
import { rewriteTree, walk } from "../../src/algebra/fold.ts"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { DerivedSource, SelfSource, Source, TableSource } from "../../src/algebra/Source.ts"
import * as T from "../../src/algebra/types.ts"
import type { Database } from "../oracle/Meaning.ts"
import { answer } from "../oracle/query.ts"
import { inClasses } from "./support/canonical.ts"
import { connections } from "./support/connections.ts"
import { drawn, pick } from "./support/draw.ts"
import { mismatch } from "./support/explain.ts"
import { column, compared, handDatabase, handSide } from "./support/hand.ts"
import {
  caught,
  ledger,
  refusedBy,
  skipping,
  timeFor,
  told,
  upheld,
  upheldOn
} from "./support/law.ts"
import { sameRows, selected } from "./support/meaning.ts"
import { isUnasked } from "./support/unasked.ts"
import { compiledFor, type Connection, give, seed } from "./support/Runner.ts"
import { queryCase, type QueryCase, worldOf } from "./support/statements.ts"
import { databaseOf } from "./support/tables.ts"

type Rename = (alias: string) => string

type Made = Exclude<Source, TableSource | SelfSource>

const isMade = (source: Source): source is Made =>
  source._tag === "DerivedSource" || source._tag === "CteSource"

/** The same query under other aliases, those in its common table expressions too. */
const renamed = (query: Relation, name: Rename): Relation => {
  const sources = sourcesOf(query)
  const made = new Map<Source, Source>()
  /** A source is known by its identity: there is one for each there was. */
  const sourceOf = <A extends Source>(source: A): A => {
    if (!isMade(source)) return source
    if (!made.has(source)) made.set(source, { ...source, query: whole(source.query as Relation) })
    return made.get(source) as A
  }
  const whole = (tree: Relation): Relation =>
    rewriteTree<Relation>(tree, (node) => {
      switch (node._tag) {
        case "Table":
          return R.table(node.source, name(node.alias), node.only)
        case "Derived":
          return R.derived(sourceOf(sources.get(node.alias) as DerivedSource), name(node.alias))
        case "Cte":
          return R.cte(sourceOf(node.source), name(node.alias))
        case "Ref":
          return S.ref(name(node.alias), sourceOf(node.source), node.path, node.type)
        case "Presence":
          return S.presence(name(node.alias), sourceOf(node.source), node.path, T.boolean)
        default:
          return node
      }
    })
  return whole(query)
}

/** What each alias of a query stands for. */
const sourcesOf = (query: Relation): ReadonlyMap<string, Source> => {
  const found = new Map<string, Source>()
  const visit = (tree: Relation): void =>
    walk(tree, (node) => {
      if (node._tag === "Table" || node._tag === "Derived" || node._tag === "Cte")
        found.set(node.alias, node.source)
    })
  visit(query)
  for (const { query: one } of query.ctes) visit(one as Relation)
  return found
}

/** Names that the compiler gives by itself, and names of tables and columns. */
const hostile = ["q1", "q2", "q3", "each", "cte0", "alpha", "beta", "c0", "present", "x", "id"]

/** Its own aliases in another order, or such names, each for one alias. */
const shuffled = (query: Relation, turn: number): Rename => {
  const all = [...sourcesOf(query).keys()]
  const names = [...hostile, ...all]
  const given = new Map(all.map((alias, i) => [alias, names[(i + turn) % names.length]!]))
  return (alias) => given.get(alias) ?? alias
}

interface Case extends QueryCase {
  readonly database: Database
  readonly turn: number
}

// A recursion's own name, the tables of a lock and of a user's hint are not renamed here.
const without = ["Recursion", "Lock", "CustomRelation", "Hint"]
const turns = Array.from({ length: hostile.length }, (_, i) => i)
const cases = drawn((draw): Case => ({
  database: databaseOf(draw),
  turn: pick(draw, turns),
  ...queryCase(draw, without)
}))

const plainly: Rename = (alias) => alias.replace(/^t/, "u")

/** The text under other aliases is the text with other aliases. */
const sameText =
  (name: Rename) =>
  ({ query }: Case): boolean =>
    (["sqlite", "postgres", "mysql", "mariadb"] as const).every((dialect) => {
      const [a, b] = [compiledFor(query, dialect), compiledFor(renamed(query, name), dialect)]
      if (a._tag === "Refusal" || b._tag === "Refusal") return a._tag === b._tag
      return a.text.replaceAll(/\bt(\d+)\b/g, "u$1") === b.text
    })

const sameMeaning =
  (name: (one: Case) => Rename) =>
  (one: Case): boolean =>
    sameRows(one.query, renamed(one.query, name(one)), one.database, one.parameters)

/** Each alias is the name of its table: two of one table are the inner one where both are seen. */
const byTable = ({ query }: Case): Rename => {
  const names = new Map<string, string>()
  walk(query, (node) => {
    if (node._tag === "Table") names.set(node.alias, node.source.name)
  })
  return (alias) => names.get(alias) ?? alias
}

const users = handSide(0)
const posts = handSide(1)
const written = selected(
  R.filter(posts.relation, compared(column(posts, 1), "eq", column(users, 0))),
  [column(posts, 0)]
)
const examples: ReadonlyArray<Case> = [
  selected(R.filter(users.relation, S.exists(written, T.boolean)), [column(users, 0)]),
  selected(
    R.join(
      "inner",
      users.relation,
      posts.relation,
      compared(column(posts, 1), "eq", column(users, 0))
    ),
    [column(users, 0), column(posts, 0)]
  )
].map((query) => ({ query, database: handDatabase, parameters: {}, turn: 0 }))

describe("L28 alias hygiene", () => {
  test(
    "other aliases are another text in the places of aliases only",
    () => upheld(cases, sameText(plainly), 500),
    timeFor(60_000)
  )

  test(
    "other aliases mean the same",
    () =>
      upheld(
        cases,
        sameMeaning(({ query, turn }) => shuffled(query, turn))
      ),
    timeFor(60_000)
  )

  test("twin: an alias is its table's name", () => {
    caught("aliases by table", cases, sameMeaning(byTable), examples)
  })
})

const ordinary = { sqlite: 1000, postgres: 300, mariadb: 300 } as const

describe.each(Object.entries(connections))("L28 alias hygiene on %s", (dialect, open) => {
  let connection: Connection | undefined
  afterAll(() => connection?.close())

  test(
    "no alias is taken for a name that the compiler gives, or a table's or a column's",
    async () => {
      connection = await open()
      const seen = ledger()
      const agrees = async ({ database, parameters, query, turn }: Case): Promise<boolean> => {
        const other = renamed(query, shuffled(query, turn))
        const classes = answer(query, worldOf(database, parameters, connection!.dialect))
        await seed(connection!, database)
        const given = await give(connection!, other, parameters).catch((error: Error) => error)
        if (given instanceof Error && isUnasked(given)) return true
        if (!(given instanceof Error)) {
          if (given._tag === "Refusal") return seen.refused(given)
          if (inClasses(given.rows, classes)) return true
        }
        throw mismatch(connection!, other, parameters, database, classes.flat(), given)
      }
      const runs = ordinary[dialect as keyof typeof ordinary]
      await upheldOn(cases, (one) => skipping(seen, () => agrees(one)), runs)
      console.log(`L28 on ${dialect}: ${told(seen)}`)
      expect(seen.outside + refusedBy(seen)).toBeLessThan(seen.asked / 3)
    },
    timeFor(120_000)
  )
})
