import { afterAll, describe, expect, test } from "vitest"
import { rewriteTree, walk } from "../../src/algebra/fold.ts"
import * as Policy from "../../src/algebra/Policy.ts"
import * as R from "../../src/algebra/Relation.ts"
import type { Command } from "../../src/algebra/Command.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { CteSource } from "../../src/algebra/Source.ts"
import { statementBinds } from "../../src/algebra/statementKey.ts"
import * as T from "../../src/algebra/types.ts"
import { capabilities } from "../../src/compile/capabilities.ts"
import { compileStatement } from "../../src/compile/compileStatement.ts"
import { bind } from "../../src/compile/phases/bind.ts"
import { policy } from "../../src/compile/phases/policy.ts"
import { positionOf } from "../../src/compile/Position.ts"
import { makeContext, type Program } from "../../src/compile/Program.ts"
import type { Database } from "../oracle/Meaning.ts"
import { answer } from "../oracle/query.ts"
import { outside } from "../oracle/Value.ts"
import { canonical, inClasses, sameBag } from "./support/canonical.ts"
import { connections } from "./support/connections.ts"
import { drawnTree } from "./support/explain.ts"
import { drawn } from "./support/draw.ts"
import { fillWith } from "./support/fill.ts"
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
import { rowsOf, selected } from "./support/meaning.ts"
import { cut, policiesOf, saidOf } from "./support/policies.ts"
import { strangers } from "./support/refusable.ts"
import { type Connection, seed } from "./support/Runner.ts"
import { isUnasked } from "./support/unasked.ts"
import { type QueryCase, queryCase, worldOf } from "./support/statements.ts"
import { databaseOf, tables } from "./support/tables.ts"

interface Case extends QueryCase {
  readonly database: Database
  readonly policies: ReadonlyArray<Policy.Policy>
}

const cases = drawn((draw): Case => ({
  database: databaseOf(draw),
  policies: policiesOf(draw),
  ...queryCase(draw, ["Raw"])
}))

type Rewrite = (program: Program, policies: ReadonlyArray<Policy.Policy>) => Program

const rewritten: Rewrite = (program, policies) =>
  policy(program, makeContext(capabilities("sqlite")), policies)

/** The rewritten statement as a tree again: values in their places, CTEs in theirs. */
const unbound = (
  { ctes, root }: Program,
  values: ReadonlyArray<S.Bound | S.BoundList>
): Relation => {
  const done = new Map<CteSource, CteSource>()
  const restored = <N extends Relation | Command>(tree: N): N =>
    rewriteTree(tree, (node) => {
      if (node._tag === "Cte")
        return node.source._tag === "SelfSource" ? node : R.cte(done.get(node.source)!, node.alias)
      if (node._tag === "Bound") {
        const value = values[positionOf(node)]!
        return value._tag === "Bound" ? S.bound(value.value, node.type) : node
      }
      return node._tag === "BoundList" && node.values.length > 0 ? values[positionOf(node)]! : node
    })
  for (const { query, source } of ctes) done.set(source, { ...source, query: restored(query) })
  return restored(root as Relation)
}

const policedBy =
  (how: Rewrite) =>
  ({ policies, query }: Pick<Case, "policies" | "query">): Relation =>
    unbound(how(bind(query), policies), [
      ...statementBinds(query),
      ...Policy.policyValues(policies)
    ])

/** Asking the rewritten query is asking the query of the database cut to what is visible. */
const sound =
  (how: Rewrite) =>
  (one: Case): boolean =>
    sameBag(
      rowsOf(policedBy(how)(one), one.database, one.parameters),
      rowsOf(one.query, cut(one.database, one.policies), one.parameters)
    )

const users = handSide(0)
const posts = handSide(1)
const positive = Policy.rows(
  { [Symbol.for("athanor/From")]: { alias: "alpha", source: tables[0] } } as never,
  { node: compared(column(users, 1), "gt", 1) } as never
)
const joined = R.join(
  "inner",
  users.relation,
  posts.relation,
  S.compare("eq", column(users, 0), column(posts, 1), T.boolean)
)
const examples: ReadonlyArray<Case> = [
  users.relation,
  joined,
  R.filter(joined, compared(column(posts, 2), "gt", 5))
].map((relation) => ({
  database: handDatabase,
  parameters: {},
  policies: [positive],
  query: selected(relation, [column(users, 0)])
}))

describe("L25 policies", () => {
  test("the policed query on a database is the query on the database cut to the policies", () =>
    upheld(cases, sound(rewritten), 2000))

  test("applied twice they are applied once", () =>
    upheld(
      cases,
      ({ database, parameters, policies, query }) =>
        sameBag(
          rowsOf(policedBy(rewritten)({ policies, query }), database, parameters),
          rowsOf(
            policedBy(rewritten)({ policies: [...policies, ...policies], query }),
            database,
            parameters
          )
        ),
      400
    ))

  test("independent policies commute", () =>
    upheld(
      cases,
      ({ database, parameters, policies, query }) => {
        const other = [...policies].reverse()
        return sameBag(
          rowsOf(policedBy(rewritten)({ policies, query }), database, parameters),
          rowsOf(policedBy(rewritten)({ policies: other, query }), database, parameters)
        )
      },
      400
    ))

  test("twin: subqueries of expressions are not policed", () =>
    caught(
      "tables of subqueries stay whole",
      cases,
      naively((query, policies) => {
        const inner = new Set(tablesInSubqueries(query))
        return rewriteTree(query, (node) =>
          node._tag === "Table" && !inner.has(node) ? filtered(node, policies) : node
        )
      }),
      examples
    ))

  test("twin: a filter of the side that may be absent stands above the join", () =>
    caught(
      "where p above the outer join",
      cases,
      naively((query, policies) =>
        rewriteTree(
          rewriteTree(query, (node) => (node._tag === "Table" ? filtered(node, policies) : node)),
          (node) =>
            node._tag === "Join" && node.kind === "left" && node.right._tag === "Filter"
              ? R.filter(R.join("left", node.left, node.right.self, node.on), node.right.predicate)
              : node
        )
      ),
      examples
    ))
})

/** A wrong rewrite of queries without common table expressions. */
const naively =
  (how: (query: Relation, policies: ReadonlyArray<Policy.Policy>) => Relation) =>
  ({ database, parameters, policies, query }: Case): boolean =>
    query.ctes.length > 0 ||
    sameBag(
      rowsOf(how(query, policies), database, parameters),
      rowsOf(query, cut(database, policies), parameters)
    )

const filtered = (table: R.Table, policies: ReadonlyArray<Policy.Policy>): Relation =>
  policies.reduce<Relation>((self, one) => {
    const holds = saidOf(one, table.source, table.alias)
    return holds === null ? self : R.filter(self, holds)
  }, table)

const tablesInSubqueries = (query: Relation): ReadonlyArray<R.Table> => {
  const found: Array<R.Table> = []
  walk(query, (node) => {
    if (node._tag === "Exists" || node._tag === "InQuery" || node._tag === "Subquery")
      walk(node.query, (one) => {
        if (one._tag === "Table") found.push(one)
      })
  })
  return found
}

/** Of raw SQL nobody knows what it reads. */
const isRaw = (query: Relation): boolean => {
  let found = false
  for (const tree of [query, ...query.ctes.map((cte) => cte.query)])
    walk(tree, (node) => {
      if (node._tag === "Raw") found = true
    })
  return found
}

describe.each(Object.entries(connections))("L25 policies on %s", (dialect, open) => {
  let connection: Connection | undefined
  afterAll(() => connection?.close())

  test(
    "a policed query gives the rows of the cut database",
    async () => {
      connection = await open()
      const seen = ledger()
      await upheldOn(
        cases,
        (one) =>
          skipping(seen, async () => {
            const { database, parameters, policies, query } = one
            const world = worldOf(
              cut(database, policies, connection!.dialect),
              parameters,
              connection!.dialect
            )
            const classes = answer(query, world)
            // What the server meets on the way must have a meaning as well.
            answer(policedBy(rewritten)(one), worldOf(database, parameters, connection!.dialect))
            const compiled = compileStatement(query, capabilities(connection!.dialect), {
              policies,
              verify: true
            })
            if (compiled._tag === "Refusal") {
              return compiled.capability === "policy" ? isRaw(query) : seen.refused(compiled)
            }
            await seed(connection!, database)
            const values = [...statementBinds(query), ...Policy.policyValues(policies)]
            const sent = await connection!
              .send(compiled.text, fillWith(compiled, values, parameters), compiled.bigints)
              .catch((error: Error) => error)
            if (sent instanceof Error) {
              if (isUnasked(sent)) return outside("an error of a value that nothing asks for")
              throw new Error(`${sent.message}\n${compiled.text}\n${drawnTree(query)}`, {
                cause: sent
              })
            }
            const rows = sent.rows.map(compiled.decode!)
            if (inClasses(rows, classes)) return true
            throw new Error(
              [
                compiled.text,
                drawnTree(query),
                canonical(values.map(({ key, ...one }) => ("value" in one ? one.value : key))),
                ...policies.map(({ key }) => key),
                ...[...database].map(([table, all]) => `${table.name}: ${canonical(all)}`),
                `meant ${canonical(classes)}`,
                `given ${canonical(rows)}`
              ].join("\n")
            )
          }),
        dialect === "sqlite" ? 600 : 200
      )
      console.log(`L25 on ${dialect}: ${told(seen)}`)
      expect(strangers(seen, dialect)).toEqual([])
      expect(refusedBy(seen)).toBeLessThan(seen.asked / 4)
    },
    timeFor(600_000)
  )
})
