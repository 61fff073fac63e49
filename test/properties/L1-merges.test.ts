import { expect, test } from "vitest"
import type { Merge } from "../../src/algebra/Command.ts"
import * as C from "../../src/algebra/Command.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import type { TableSource } from "../../src/algebra/Source.ts"
import * as T from "../../src/algebra/types.ts"
import { carryOut } from "../oracle/command.ts"
import type { Database } from "../oracle/Meaning.ts"
import { outside } from "../oracle/Value.ts"
import { type CommandCase, mergeCase } from "./support/commands.ts"
import { connections } from "./support/connections.ts"
import { cover, newCoverage, report } from "./support/coverage.ts"
import { drawn } from "./support/draw.ts"
import { mismatch } from "./support/explain.ts"
import { column, compared, handDatabase, handSide } from "./support/hand.ts"
import {
  caughtOn,
  type Ledger,
  ledger,
  refusedBy,
  skipping,
  timeFor,
  told,
  upheldOn
} from "./support/law.ts"
import { isUnasked } from "./support/unasked.ts"
import { strangers } from "./support/refusable.ts"
import { type Connection, give, seed } from "./support/Runner.ts"
import { worldOf } from "./support/statements.ts"
import { databaseOf } from "./support/tables.ts"
import { sameUnnamed, tablesAgree } from "./support/unnamed.ts"

interface Case extends CommandCase {
  readonly command: Merge
  readonly database: Database
}

const cases = drawn((draw): Case => ({ database: databaseOf(draw), ...mergeCase(draw) }))

const agrees = async (
  connection: Connection,
  { command, database, parameters }: Case,
  seen: Ledger,
  meant: Merge = command
): Promise<boolean> => {
  const expected = carryOut(meant, worldOf(database, parameters, connection.dialect))
  await seed(connection, database)
  const given = await give(connection, command, parameters).catch((error: Error) => error)
  if (given instanceof Error) {
    if (isUnasked(given)) return outside("an error of a value that nothing asks for")
  } else {
    if (given._tag === "Refusal") return seen.refused(given)
    if (
      given.matched === expected.matched &&
      sameUnnamed(given.rows, expected.rows) &&
      (await tablesAgree(connection, expected.database))
    )
      return true
  }
  const rows = [...expected.rows, ...expected.database.get(command.table)!]
  throw mismatch(connection, command, parameters, database, rows, given)
}

test(
  "L1 merges on postgres: a merge's database and rows are its meaning",
  async () => {
    const connection = await connections.postgres()
    const coverage = newCoverage()
    const seen = ledger()
    await upheldOn(
      cases,
      async (one) => {
        const holds = await skipping(seen, () => agrees(connection, one, seen))
        cover(coverage, one.command)
        return holds
      },
      300
    )
    console.log(`L1 merges: ${told(seen)}\n${report(coverage)}`)
    expect(seen.outside).toBeLessThan(seen.asked / 4)
    expect(strangers(seen, "postgres")).toEqual([])
    expect(refusedBy(seen)).toBeLessThan(seen.asked / 4)
    await connection.close()
  },
  timeFor(600_000)
)

/** The same with its cases the other way round: of those whose condition holds, the last. */
const backwards = (node: Merge): Merge => {
  let next = 0
  const all = node.whens.map((when, i) => ({
    when,
    condition: node.conditions[i]!,
    values: node.values.slice(next, (next += when.columns.length))
  }))
  const turned = all.toReversed()
  return C.merge(
    node.table,
    node.alias,
    node.using,
    node.on,
    turned.map(({ when }) => when),
    turned.map(({ condition }) => condition),
    turned.flatMap(({ values }) => values),
    node.shape === null ? null : { fields: node.returned, shape: node.shape }
  )
}

const users = handSide(0)
const posts = handSide(1)
const [id, a, b] = [column(users, 0), column(users, 1), column(users, 2)]
const always = S.constant(true, T.boolean)
const mergeOf = (
  whens: ReadonlyArray<C.When>,
  conditions: ReadonlyArray<Scalar>,
  values: ReadonlyArray<Scalar>
): Merge =>
  C.merge(
    users.source as TableSource,
    users.alias,
    posts.relation,
    S.compare("eq", id, column(posts, 0), T.boolean),
    whens,
    conditions,
    values
  )
const examples: ReadonlyArray<Case> = [
  mergeOf([{ match: "matched", does: "update", columns: ["a"] }], [always], [b]),
  mergeOf(
    [
      { match: "matched", does: "update", columns: ["b"] },
      { match: "not matched by source", does: "delete", columns: [] }
    ],
    [compared(a, "gt", 0), always],
    [S.bound(7, T.integer)]
  )
].map((command) => ({ command, database: handDatabase, parameters: {} }))

test(
  "twin: the last case whose condition holds",
  async () => {
    const connection = await connections.postgres()
    const seen = ledger()
    await caughtOn(
      "cases are asked from the last on",
      cases,
      (one) =>
        agrees(connection, one, seen, backwards(one.command)).catch((error: Error) => {
          if (error.name === "OutsideMeaning") throw error
          return false
        }),
      examples
    )
    await connection.close()
  },
  timeFor(120_000)
)
