import { afterAll, describe, expect, test } from "vitest"
import * as C from "../../src/algebra/Command.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { TableSource } from "../../src/algebra/Source.ts"
import * as T from "../../src/algebra/types.ts"
import { carryOut } from "../oracle/command.ts"
import type { Database, TableRow } from "../oracle/Meaning.ts"
import { type CommandCase, commandCase } from "./support/commands.ts"
import { connections, sqlite } from "./support/connections.ts"
import { cover, newCoverage, report } from "./support/coverage.ts"
import { isUnasked } from "./support/unasked.ts"
import { outside } from "../oracle/Value.ts"
import { chance, drawn, many } from "./support/draw.ts"
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
import { strangers } from "./support/refusable.ts"
import { seeking, seekOf, soughtInCommands } from "./support/seek.ts"
import { type Connection, give, seed } from "./support/Runner.ts"
import { worldOf } from "./support/statements.ts"
import { databaseOf } from "./support/tables.ts"
import { sameUnnamed, tablesAgree } from "./support/unnamed.ts"

interface Batch {
  readonly database: Database
  readonly commands: ReadonlyArray<CommandCase>
}

const lacking = { sqlite: [], postgres: [], mariadb: ["merge", "updateReturning"] } as const

const batches = (server: keyof typeof lacking) =>
  drawn((draw): Batch => ({
    database: databaseOf(draw),
    commands: many(draw, "case", 1, 6, () => {
      const seek = seeking && chance(draw, 2) ? seekOf(draw, soughtInCommands) : null
      return commandCase(draw, lacking[server], [], seek)
    })
  }))

const ordinary = { sqlite: 150, postgres: 50, mariadb: 100 } as const

const agrees = async (
  connection: Connection,
  { command, parameters }: CommandCase,
  database: Database,
  seen: Ledger
): Promise<boolean> => {
  const expected = carryOut(command, worldOf(database, parameters, connection.dialect))
  await connection.script("begin")
  try {
    const given = await give(connection, command, parameters).catch((error: Error) => error)
    if (given instanceof Error) {
      if (isUnasked(given)) return outside("an error of a value that nothing asks for")
    } else {
      if (given._tag === "Refusal") return seen.refused(given)
      const isOrdered = command._tag === "Insert" && command.ordered
      const told =
        given.matched === expected.matched &&
        sameUnnamed(given.rows, expected.rows) &&
        (!isOrdered || given.rows.every((row, i) => sameUnnamed([row], [expected.rows[i]])))
      if (told && (await tablesAgree(connection, expected.database))) return true
    }
    const meant = [...expected.rows, ...expected.database.get(command.table)!]
    throw mismatch(connection, command, parameters, database, meant, given)
  } finally {
    await connection.script("rollback")
  }
}

describe.each(Object.entries(connections))("L1 commands on %s", (dialect, open) => {
  let connection: Connection | undefined
  afterAll(() => connection?.close())

  test(
    "a command's database and rows are its meaning",
    async () => {
      connection = await open()
      const coverage = newCoverage()
      const seen = ledger()
      const server = dialect as keyof typeof ordinary
      await upheldOn(
        batches(server),
        async ({ commands, database }) => {
          await seed(connection!, database)
          for (const one of commands) {
            const holds = await skipping(seen, () => agrees(connection!, one, database, seen))
            if (!holds) return false
            cover(coverage, one.command)
          }
          return true
        },
        ordinary[server]
      )
      console.log(`L1 commands on ${dialect}: ${told(seen)}\n${report(coverage)}`)
      expect([...coverage.nodes.keys()]).toEqual(
        expect.arrayContaining(["Insert", "Update", "Delete"])
      )
      expect(seen.outside).toBeLessThan(seen.asked / 4)
      expect(strangers(seen, dialect)).toEqual([])
      expect(refusedBy(seen)).toBeLessThan(seen.asked / 3)
    },
    timeFor(600_000)
  )
})

interface Single extends CommandCase {
  readonly database: Database
}

const singles = drawn((draw): Single => ({ database: databaseOf(draw), ...commandCase(draw) }))

/** An update as MySQL reads it: each assignment sees those before it. */
const oneByOne = ({ command, database, parameters }: Single): Database => {
  if (command._tag !== "Update") return carryOut(command, worldOf(database, parameters)).database
  const { alias, columns, table, values, where } = command
  // The condition is decided first, on the rows as they were.
  const chosen = database
    .get(table)!
    .filter(
      (row) =>
        carryOut(
          C.remove(table, alias, where),
          worldOf(new Map([...database, [table, [row]]]), parameters)
        ).matched === 1
    )
  const others = database.get(table)!.filter((row) => !chosen.includes(row))
  const changed = columns.reduce((rows, key, i) => {
    const all = C.update(table, alias, [key], [values[i]!], S.constant(true, T.boolean))
    return carryOut(all, worldOf(new Map([...database, [table, rows]]), parameters)).database.get(
      table
    )!
  }, chosen as ReadonlyArray<TableRow>)
  return new Map([...database, [table, [...others, ...changed]]])
}

const users = handSide(0)
const [id, a, b] = [column(users, 0), column(users, 1), column(users, 2)]
const examples: ReadonlyArray<Single> = [
  C.update(
    users.source as TableSource,
    users.alias,
    ["a"],
    [S.arith("add", a, S.bound(1, T.integer), T.integer)],
    compared(id, "gt", 1)
  ),
  C.update(
    users.source as TableSource,
    users.alias,
    ["a", "b"],
    [b, S.bound(7, T.integer)],
    compared(id, "eq", 2)
  ),
  C.remove(users.source as TableSource, users.alias, compared(b, "lt", 20))
].map((command) => ({ command, database: handDatabase, parameters: {} }))

test(
  "twin: an assignment sees those before it",
  async () => {
    const connection = sqlite()
    await caughtOn(
      "assignments one by one",
      singles,
      async (one) => {
        const { database } = carryOut(one.command, worldOf(one.database, one.parameters))
        const expected = oneByOne(one)
        await seed(connection, one.database)
        const given = await give(connection, one.command, one.parameters)
        if (given._tag === "Refusal" || !(await tablesAgree(connection, database))) return true
        return tablesAgree(connection, expected)
      },
      examples
    )
    await connection.close()
  },
  timeFor(60_000)
)
