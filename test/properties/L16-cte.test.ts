import { afterAll, describe, expect, test } from "vitest"
import { children, rewriteTree, walk } from "../../src/algebra/fold.ts"
import * as R from "../../src/algebra/Relation.ts"
import type { Recursion, Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { CteSource, DerivedSource, SelfSource, Source } from "../../src/algebra/Source.ts"
import * as T from "../../src/algebra/types.ts"
import type { Database } from "../oracle/Meaning.ts"
import { answer } from "../oracle/query.ts"
import { outside } from "../oracle/Value.ts"
import { inClasses, sameBag } from "./support/canonical.ts"
import { connections } from "./support/connections.ts"
import { type Home, knownAs, knownUnder, newHome } from "./support/context.ts"
import { drawn, many, pick } from "./support/draw.ts"
import { mismatch } from "./support/explain.ts"
import { handDatabase, handSide, column } from "./support/hand.ts"
import { caught, ledger, skipping, timeFor, told, upheld, upheldOn } from "./support/law.ts"
import { rowsOf, sameRows, selected } from "./support/meaning.ts"
import { query } from "./support/queries.ts"
import { recursion } from "./support/recursions.ts"
import { isUnasked } from "./support/unasked.ts"
import { type Connection, give, seed } from "./support/Runner.ts"
import { onSqlite } from "./support/sameOnSqlite.ts"
import { homeOf, worldOf } from "./support/statements.ts"
import { databaseOf } from "./support/tables.ts"

interface Case {
  readonly database: Database
  readonly home: Home
  readonly query: Relation
}

type Node = Parameters<typeof rewriteTree>[0]

/** A query in the place of each use of a common table expression. */
const inlined = (root: Relation, body: (query: Relation) => Relation): Relation => {
  const bodies = new Map<CteSource, Relation>()
  return retargeted(
    rewriteTree<Relation>(root, (node) => {
      if (node._tag !== "Cte" || node.source._tag !== "CteSource") return node
      const { query } = node.source
      if (query._tag === "Recursion" || "returned" in query) return node
      const known = bodies.get(node.source) ?? body(inlined(query, body))
      bodies.set(node.source, known)
      return R.derived({ _tag: "DerivedSource", query: known }, node.alias)
    })
  )
}

/** References mean the sources that are there; what they stand in may be another source by that. */
const retargeted = (root: Relation): Relation => {
  const sources = new Map<string, Source>()
  walk(root, (node) => {
    if (node._tag === "Derived" || node._tag === "Cte") sources.set(node.alias, node.source)
  })
  const made = rewriteTree<Relation>(root, (node: Node) => {
    if (node._tag !== "Ref" && node._tag !== "Presence") return node
    const source = sources.get(node.alias) ?? node.source
    return source === node.source ? node : S[same(node)](node.alias, source, node.path, node.type)
  })
  return made === root ? root : retargeted(made)
}
const same = ({ _tag }: Node) => (_tag === "Ref" ? "ref" : "presence")

const cases = drawn((draw): Case => {
  const database = databaseOf(draw)
  const home = homeOf(draw, ["Recursion"])
  return { database, home, query: query(draw, home, [], null, pick(draw, [1, 2])) }
})

const inlines =
  (body: (query: Relation) => Relation) =>
  ({ query }: Case): readonly [Relation, Relation] => [query, inlined(query, body)]

const holds =
  (sides: (one: Case) => readonly [Relation, Relation]) =>
  (one: Case): boolean =>
    sameRows(...sides(one), one.database, one.home.parameters)

/** All rows of a query under a name. */
const named = (name: string, body: Relation): CteSource => ({
  _tag: "CteSource",
  name,
  query: body,
  materialized: null
})
const allOf = (source: CteSource | DerivedSource, home: Home): Relation => {
  const { alias, leaves } = knownAs(home, source)
  const refs = leaves.filter(({ node }) => node._tag === "Ref").map(({ node }) => node)
  const rows = source._tag === "CteSource" ? R.cte(source, alias) : R.derived(source, alias)
  return selected(rows, refs)
}

const users = handSide(0)
const posts = handSide(1)
const someIds = named("ids", selected(users.relation, [column(users, 0)]))
const ids = knownUnder("ids", someIds)
const examples: ReadonlyArray<Case> = [
  { database: handDatabase, home: newHome(), query: allOf(someIds, newHome()) },
  {
    database: handDatabase,
    home: newHome(),
    query: selected(
      R.join(
        "inner",
        posts.relation,
        R.cte(someIds, "ids"),
        S.compare("eq", column(posts, 1), column(ids, 0), T.boolean)
      ),
      [column(posts, 0)]
    )
  }
]

describe("L16 a common table expression is its query, wherever it is used", () => {
  const right = inlines((body) => body)
  test("in the meaning", () => upheld(cases, holds(right)))
  test("on SQLite", () => onSqlite(cases, right))
  test("twin: a use gives each row once", () => {
    caught("inlined distinct", cases, holds(inlines(R.distinct)), examples)
  })
})

interface Walk {
  readonly database: Database
  readonly home: Home
  readonly recursion: Recursion
}

const walks = drawn((draw): Walk => {
  const database = databaseOf(draw)
  const home = newHome()
  return { database, home, recursion: recursion(draw, home, "walk") as Recursion }
})

/** The step over other rows than those found last. */
const stepOver = (step: Relation, self: SelfSource, rows: Relation): Relation => {
  const source = { _tag: "DerivedSource", query: rows } as const
  return rewriteTree<Relation>(step, (node: Node) => {
    if (!("source" in node) || node.source !== self) return node
    switch (node._tag) {
      case "Cte":
        return R.derived(source, node.alias)
      case "Ref":
      case "Presence":
        return S[same(node)](node.alias, source, node.path, node.type)
      default:
        return node
    }
  })
}

const rounds = 7

/** Base, step, step of step … as far as these recursions go. */
const unrolled = (
  { base, distinct, source, step }: Recursion,
  times: number = rounds
): Relation => {
  const parts: Array<Relation> = [base]
  for (let i = 0; i < times; i++) {
    const last = parts.at(-1)!
    parts.push(stepOver(step, source, distinct ? R.distinct(last) : last))
  }
  return R.combine(distinct ? "union" : "unionAll", parts)
}

/** Each round's step over all that was found, not over what was found last. */
const accumulated = ({ base, distinct, source, step }: Recursion): Relation => {
  let found = base
  for (let i = 0; i < 3; i++)
    found = R.combine(distinct ? "union" : "unionAll", [found, stepOver(step, source, found)])
  return found
}

const walked = (one: Walk): Relation => allOf(named("walk", one.recursion), one.home)

/** A recursion that goes further than the unrolled one is not judged. */
const judged = ({ database, home, recursion }: Walk): void => {
  const { base, distinct, source, step } = recursion
  const found = (times: number): number =>
    rowsOf(unrolled(recursion, times), database, home.parameters).length
  if (distinct && found(rounds) < found(rounds + 1)) outside("more rounds than are unrolled")
  if (distinct) return
  let last = base
  for (let i = 0; i <= rounds; i++) last = stepOver(step, source, last)
  if (rowsOf(last, database, home.parameters).length > 0) outside("more rounds than are unrolled")
}

const unrolls =
  (as: (one: Recursion) => Relation) =>
  (one: Walk): boolean => {
    const { database, home, recursion } = one
    // Where the recursion itself has too many rows, unrolled it would have them too.
    const rows = rowsOf(walked(one), database, home.parameters)
    judged(one)
    const source = { _tag: "DerivedSource", query: as(recursion) } as const
    return sameBag(rows, rowsOf(allOf(source, home), database, home.parameters))
  }

/** Rows without a step to take: what both twins think right. */
const base = selected(users.relation, [column(users, 1)])
const self: SelfSource = { _tag: "SelfSource", name: "walk", query: base }
const own = column(knownUnder("walk", self), 0)
const none = R.filter(R.cte(self, "walk"), S.constant(false, T.boolean))
const still: Walk = {
  database: handDatabase,
  home: newHome(),
  recursion: R.recursion(self, base, selected(none, [own]), false)
}

describe("L16 a recursion is its step over and over", () => {
  test("in the meaning", () =>
    upheld(
      walks,
      unrolls((one) => unrolled(one)),
      1000
    ))
  test("twin: a step reads all that was found so far", () => {
    caught("step over all", walks, unrolls(accumulated), [still])
  })
  test("twin: UNION keeps what is found twice", () => {
    const all = (one: Recursion): Relation => unrolled({ ...one, distinct: false })
    caught("UNION as UNION ALL", walks, unrolls(all), [still])
  })
})

/** Runs of the law on each database: SQLite answers ten times as fast. */
const ordinary = { sqlite: 1000, postgres: 200, mariadb: 200 } as const

describe.each(Object.entries(connections))("L16 fixpoint on %s", (dialect, open) => {
  let connection: Connection | undefined
  afterAll(() => connection?.close())

  test(
    "a recursion gives the oracle's rows, of a tree and of a graph with rings",
    async () => {
      connection = await open()
      const seen = ledger()
      const batches = drawn((draw) => {
        // Of derived tables speaks L1: here a server's answer to them says nothing of recursion.
        const home = newHome(["Derived"])
        const list = many(draw, "walk", 1, 8, (i) => recursion(draw, home, `walk${i}`))
        return { database: databaseOf(draw), home, list }
      })
      let rows = 0
      await upheldOn(
        batches,
        async ({ database, home, list }) => {
          await seed(connection!, database)
          for (const [i, one] of list.entries()) {
            const statement = allOf(named(`walk${i}`, one), home)
            const right = await skipping(seen, async () => {
              const world = worldOf(database, home.parameters, connection!.dialect)
              const meant = answer(statement, world)
              const given = await give(connection!, statement, home.parameters).catch(
                (error: Error) => error
              )
              if (given instanceof Error && isUnasked(given))
                return outside("an error of a value that nothing asks for")
              if (given instanceof Error)
                throw mismatch(connection!, statement, home.parameters, database, [], given)
              if (given._tag === "Refusal") return seen.refused(given)
              rows += given.rows.length
              if (inClasses(given.rows, meant)) return true
              throw mismatch(connection!, statement, home.parameters, database, meant.flat(), given)
            })
            if (!right) return false
          }
          return true
        },
        ordinary[dialect as keyof typeof ordinary] / 4
      )
      console.log(`L16 on ${dialect}: ${told(seen)}, ${rows} rows`)
      expect(rows).toBeGreaterThan(seen.asked)
    },
    timeFor(120_000)
  )
})

test("every recursion drawn reads its own rows once", () => {
  const uses = (node: Node): number =>
    (node._tag === "Cte" && node.source._tag === "SelfSource" ? 1 : 0) +
    children(node).reduce((sum, child) => sum + uses(child), 0)
  upheld(walks, ({ recursion: { step } }) => uses(step) === 1, 200)
})
