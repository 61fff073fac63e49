import { expect, test } from "vitest"
import * as C from "../../src/algebra/Command.ts"
import type { Command } from "../../src/algebra/Command.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { TableSource } from "../../src/algebra/Source.ts"
import * as T from "../../src/algebra/types.ts"
import { carryOut } from "../oracle/command.ts"
import type { Database } from "../oracle/Meaning.ts"
import { outside } from "../oracle/Value.ts"
import { type CommandCase, severalCase } from "./support/commands.ts"
import { connections } from "./support/connections.ts"
import { drawn } from "./support/draw.ts"
import { mismatch } from "./support/explain.ts"
import { column, handDatabase, handSide } from "./support/hand.ts"
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
  readonly database: Database
}

const cases = drawn((draw): Case => ({ database: databaseOf(draw), ...severalCase(draw) }))

const agrees = async (
  connection: Connection,
  { command, database, parameters }: Case,
  seen: Ledger,
  meant: Command = command
): Promise<boolean> => {
  const expected = carryOut(meant, worldOf(database, parameters, connection.dialect))
  await seed(connection, database)
  const given = await give(connection, command, parameters).catch((error: Error) => error)
  if (given instanceof Error) {
    if (isUnasked(given)) return outside("an error of a value that nothing asks for")
  } else {
    if (given._tag === "Refusal") return seen.refused(given)
    const isTold = given.matched === expected.matched && sameUnnamed(given.rows, expected.rows)
    if (isTold && (await tablesAgree(connection, expected.database))) return true
  }
  const rows = [expected.matched, ...[...expected.database.values()].flat()]
  throw mismatch(connection, command, parameters, database, rows, given)
}

/** A row that several values go to, and a table that is written where it stands as a query. */
const mayRefuse = ["ambiguousUpdate", "multiTableUpdate", "multiTableDelete"]

test(
  "L1 several tables on mariadb: a row that takes part is written once",
  async () => {
    const connection = await connections.mariadb()
    const seen = ledger()
    let several = 0
    await upheldOn(
      cases,
      (one) => {
        if ("also" in one.command && one.command.also.length > 0) several++
        return skipping(seen, () => agrees(connection, one, seen))
      },
      300
    )
    console.log(`L1 several tables: ${several} of ${told(seen)}`)
    expect(several).toBeGreaterThan(seen.asked / 3)
    expect(seen.outside).toBeLessThan(seen.asked / 4)
    expect(strangers(seen, "mariadb", mayRefuse)).toEqual([])
    expect(refusedBy(seen)).toBeLessThan(seen.asked / 2)
    await connection.close()
  },
  timeFor(600_000)
)

/** The same, which writes its own table alone. */
const alone = (node: Command): Command => {
  if (node._tag === "Delete")
    return C.remove(node.table, node.alias, node.where, null, { using: node.using })
  if (node._tag !== "Update") return node
  const { alias, columns, from, table, values, where } = node
  return C.update(table, alias, columns, values.slice(0, columns.length), where, null, { from })
}

const users = handSide(0)
const posts = handSide(1)
const examples: ReadonlyArray<Case> = [
  C.remove(
    users.source as TableSource,
    users.alias,
    S.compare("eq", column(users, 1), column(posts, 2), T.boolean),
    null,
    {
      using: posts.relation,
      also: [{ alias: posts.alias, table: posts.source as TableSource, columns: [] }]
    }
  )
].map((command) => ({ command, database: handDatabase, parameters: {} }))

test(
  "twin: the other tables keep their rows",
  async () => {
    const connection = await connections.mariadb()
    const seen = ledger()
    await caughtOn(
      "one table of two is written",
      cases,
      (one) =>
        agrees(connection, one, seen, alone(one.command)).catch((error: Error) => {
          if (error.name === "OutsideMeaning") throw error
          return false
        }),
      examples
    )
    await connection.close()
  },
  timeFor(120_000)
)
