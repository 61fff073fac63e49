import { describe, test } from "vitest"
import { declaredAliases } from "../../src/algebra/declaredAliases.ts"
import { rewriteTree } from "../../src/algebra/fold.ts"
import * as Policy from "../../src/algebra/Policy.ts"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import { rewrite } from "../../src/algebra/rewrite.ts"
import * as S from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { bind } from "../../src/compile/phases/bind.ts"
import { type Home, newHome } from "./support/context.ts"
import { drawn } from "./support/draw.ts"
import { column, compared, handDatabase, handSide } from "./support/hand.ts"
import { caught, upheld } from "./support/law.ts"
import { rowsOf, selected } from "./support/meaning.ts"
import { cut, policiesOf, saidOf } from "./support/policies.ts"
import { sameBag } from "./support/canonical.ts"
import { onSqliteInOrder } from "./support/sameOnSqlite.ts"
import { type QueryCase, queryCase } from "./support/statements.ts"
import { databaseOf, tables } from "./support/tables.ts"
import type { Database } from "../oracle/Meaning.ts"

/** A query, and what a user's pass puts above each of its tables, wherever that stands. */
interface Case extends QueryCase {
  readonly database: Database
  readonly home: Home
  readonly policies: ReadonlyArray<Policy.Policy>
}

const cases = drawn((draw): Case => {
  const database = databaseOf(draw)
  // Aliases of a query in a condition may be the query's own: whoever writes a pass gives others.
  const policies = policiesOf(draw).filter(
    (one) => one._tag !== "Rows" || declaredAliases(one.visible).size === 0
  )
  const { parameters, query } = queryCase(draw, ["Raw"])
  return { database, policies, query, parameters, home: { ...newHome(), parameters } }
})

type Pass = (query: Relation, f: (node: R.Relation | S.Scalar) => R.Relation | S.Scalar) => Relation

const rewritten: Pass = (query, f) =>
  rewrite(query, (node) => ("returned" in node ? node : f(node)))

const sampled = (node: R.Sample, self: Relation): Relation =>
  self._tag === "Filter"
    ? R.filter(sampled(node, self.self), self.predicate)
    : R.sample(self, node.method, node.percent, node.seed)

/** A pass that filters tables. A part of a table's rows is a part of those that are left. */
const filtered = (how: Pass, { policies, query }: Case): Relation =>
  how(query, (node) => {
    if (node._tag === "Sample") return sampled(node, node.self)
    if (node._tag !== "Table") return node
    let self: Relation = node
    for (const one of policies) {
      const said = saidOf(one, node.source, node.alias)
      if (said !== null) self = R.filter(self, said)
    }
    return self
  })

const holds =
  (how: Pass) =>
  (one: Case): boolean => {
    const { database, parameters, policies, query } = one
    const other = filtered(how, one)
    // Each reference is to what stands there now.
    bind(other)
    return sameBag(
      rowsOf(other, database, parameters),
      rowsOf(query, cut(database, policies), parameters)
    )
  }

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
  home: newHome(),
  parameters: {},
  policies: [positive],
  query: selected(relation, [column(users, 0)])
}))

/** What a common table expression is made of stays as it is. */
const inItsTree: Pass = (query, f) =>
  rewriteTree(query, (node) => ("returned" in node ? node : f(node)))

describe("L25 rewriting", () => {
  test("a pass that filters each table asks of the filtered tables", () =>
    upheld(cases, holds(rewritten), 2000))

  test("and SQLite gives what that means", () =>
    onSqliteInOrder(cases, (one) => filtered(rewritten, one)))

  test("twin: what refers to a derived table refers to what it was", () =>
    caught("references stay", cases, holds(inItsTree), examples))
})
