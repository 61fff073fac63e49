import { afterAll, describe, expect, test } from "vitest"
import * as C from "../../src/algebra/Command.ts"
import * as R from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import type { TableSource } from "../../src/algebra/Source.ts"
import * as T from "../../src/algebra/types.ts"
import type { Database, TableRow } from "../oracle/Meaning.ts"
import { outside, outward } from "../oracle/Value.ts"
import { canonical } from "./support/canonical.ts"
import { knownUnder } from "./support/context.ts"
import { connections, sqlite } from "./support/connections.ts"
import { type Draw, drawn, pick } from "./support/draw.ts"
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
import { record } from "./support/meaning.ts"
import { isUnasked } from "./support/unasked.ts"
import { condition } from "./support/scalars.ts"
import { type Connection, give, readTable, seed } from "./support/Runner.ts"
import { homeOf } from "./support/statements.ts"
import { databaseOf, tables } from "./support/tables.ts"

/** One predicate over one table. */
interface Case {
  readonly database: Database
  readonly table: TableSource
  readonly predicate: Scalar
  readonly parameters: Readonly<Record<string, unknown>>
}

const cases = drawn((draw: Draw): Case => {
  const home = homeOf(draw)
  const table = pick(draw, tables)
  const { leaves } = knownUnder(table.name, table)
  const predicate = condition(draw, { home, leaves, outer: [], members: null }, 2)
  return { database: databaseOf(draw), table, predicate, parameters: home.parameters }
})

/** A value no generated row has. */
const mark = 777_777

/** A column every table has one of: an integer that is no key. */
const markedOf = (table: TableSource): string =>
  table.columns.find(({ identity, type }) => !identity && type.sql._tag === "Integer")!.key

type Rows = ReadonlyArray<string>

const textOf =
  ({ columns }: TableSource) =>
  (row: TableRow): string =>
    canonical(columns.map(({ key, type }) => outward(row[key]!, type)))

/** The rows a command leaves as they are; null where it is refused. */
const left = async (
  connection: Connection,
  one: Case,
  command: C.Command,
  seen: Ledger
): Promise<Rows | null> => {
  await connection.script("begin")
  try {
    const given = await give(connection, command, one.parameters)
    if (given._tag === "Refusal") {
      seen.refused(given)
      return null
    }
    const rows: ReadonlyArray<TableRow> = await readTable(connection, one.table)
    const key = markedOf(one.table)
    const kept = rows.filter((row) => command._tag === "Delete" || row[key] !== BigInt(mark))
    return kept.map(textOf(one.table)).sort()
  } finally {
    await connection.script("rollback")
  }
}

/** The rows of the table without those a query finds. */
const unfound = async (
  connection: Connection,
  { database, parameters, table }: Case,
  predicate: Scalar,
  seen: Ledger
): Promise<Rows | null> => {
  const fields = table.columns.map(({ key, type }) => S.ref(table.name, table, [key], type))
  const rows = R.filter(R.table(table, table.name), predicate)
  const given = await give(connection, R.project(rows, fields, record(fields)), parameters)
  if (given._tag === "Refusal") {
    seen.refused(given)
    return null
  }
  const rest = database.get(table)!.map(textOf(table))
  for (const row of given.rows)
    rest.splice(rest.indexOf(canonical(Object.values(row as object))), 1)
  return rest.sort()
}

const agrees = async (
  connection: Connection,
  one: Case,
  seen: Ledger,
  selected: (predicate: Scalar) => Scalar = (predicate) => predicate
): Promise<boolean> => {
  const { database, predicate, table } = one
  await seed(connection, database)
  const key = markedOf(table)
  const update = C.update(table, table.name, [key], [S.bound(mark, T.integer)], predicate)
  const remove = C.remove(table, table.name, predicate)
  try {
    const byQuery = await unfound(connection, one, selected(predicate), seen)
    const byUpdate = await left(connection, one, update, seen)
    const byDelete = await left(connection, one, remove, seen)
    if (byQuery === null || byUpdate === null || byDelete === null) return true
    return byQuery.join() === byUpdate.join() && byUpdate.join() === byDelete.join()
  } catch (error) {
    if (error instanceof Error && isUnasked(error)) return outside("overflow")
    throw error
  }
}

describe.each(Object.entries(connections))("L20 on %s", (dialect, open) => {
  let connection: Connection | undefined
  afterAll(() => connection?.close())

  test(
    "SELECT, UPDATE and DELETE of one predicate touch the same rows",
    async () => {
      connection = await open()
      const seen = ledger()
      await upheldOn(
        cases,
        (one) => skipping(seen, () => agrees(connection!, one, seen)),
        dialect === "sqlite" ? 400 : 100
      )
      console.log(`L20 on ${dialect}: ${told(seen)}`)
      expect(seen.outside).toBeLessThan(seen.asked / 4)
      expect(refusedBy(seen)).toBeLessThan(seen.asked / 3)
    },
    timeFor(600_000)
  )
})

const users = handSide(0)
const examples: ReadonlyArray<Case> = [
  compared(column(users, 0), "gt", 1),
  compared(column(users, 1), "eq", 2),
  S.constant(true, T.boolean)
].map((predicate) => ({
  database: handDatabase,
  table: users.source as TableSource,
  predicate,
  parameters: {}
}))

test(
  "twin: what is unknown is found",
  async () => {
    const connection = sqlite()
    await caughtOn(
      "a query keeps the rows for which the predicate is NULL",
      cases,
      (one) =>
        agrees(connection, one, ledger(), (predicate) =>
          S.call("coalesce", [predicate, S.constant(true, T.boolean)], T.boolean)
        ),
      examples
    )
    await connection.close()
  },
  timeFor(60_000)
)
