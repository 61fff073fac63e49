import { afterAll, describe, expect, test } from "vitest"
import * as C from "../../src/algebra/Command.ts"
import type { Command } from "../../src/algebra/Command.ts"
import * as Policy from "../../src/algebra/Policy.ts"
import * as R from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import type { ColumnNode } from "../../src/algebra/Source.ts"
import { projection } from "../../src/algebra/block.ts"
import { tablesRead } from "../../src/algebra/tablesRead.ts"
import { settled } from "../../src/compile/counting.ts"
import { statementBinds } from "../../src/algebra/statementKey.ts"
import { capabilities } from "../../src/compile/capabilities.ts"
import { compileStatement } from "../../src/compile/compileStatement.ts"
import { guardOf } from "../../src/compile/phases/policy/guard.ts"
import { carryOut } from "../oracle/command.ts"
import type { Database, TableRow } from "../oracle/Meaning.ts"
import { inward, outside } from "../oracle/Value.ts"
import { type CommandCase, commandCase, mergeCase } from "./support/commands.ts"
import { connections } from "./support/connections.ts"
import { drawn } from "./support/draw.ts"
import { record } from "./support/meaning.ts"
import { fillWith, presentOf } from "./support/fill.ts"
import { caughtOn, ledger, refusedBy, skipping, timeFor, told, upheldOn } from "./support/law.ts"
import { cut, policiesOf, saidOf, visibleRows } from "./support/policies.ts"
import { column, compared, handDatabase, handSide } from "./support/hand.ts"
import { strangers } from "./support/refusable.ts"
import { type Connection, seed } from "./support/Runner.ts"
import { isUnasked } from "./support/unasked.ts"
import { worldOf } from "./support/statements.ts"
import { databaseOf, tables } from "./support/tables.ts"
import { sameUnnamed, tablesAgree } from "./support/unnamed.ts"

interface Case extends CommandCase {
  readonly database: Database
  readonly policies: ReadonlyArray<Policy.Policy>
}

/** Raw SQL is refused under a policy: `policies.test.ts` has it. */
const without = ["Raw"]

const cases = drawn((draw): Case => ({
  database: databaseOf(draw),
  policies: policiesOf(draw),
  ...commandCase(draw, [], without)
}))

/** What an insert means that a tenant's policy fills: its NULLs of that column are the tenant. */
const filled = (command: Command, policies: ReadonlyArray<Policy.Policy>): Command => {
  if (command._tag === "Merge") return filledMerge(command, policies)
  if (command._tag !== "Insert") return command
  return policies.reduce<C.Insert>((node, policy) => {
    if (policy._tag !== "Tenant") return node
    const facts = node.table.byKey.get(policy.column)
    if (facts === undefined) return node
    const value = S.bound(policy.values[0]!.value, facts.type)
    const at = node.columns.indexOf(policy.column)
    const back = node.shape === null ? null : { fields: node.returned, shape: node.shape }
    const given = (cell: Scalar): Scalar =>
      facts.nullable && cell._tag !== "Default"
        ? S.call("coalesce", [cell, value], facts.type)
        : cell._tag === "Default" && facts.nullable
          ? value
          : cell
    const columns = at < 0 ? [...node.columns, policy.column] : node.columns
    const cells = Array.from({ length: node.rowCount }, (_, row) => {
      const own = node.cells.slice(row * node.columns.length, (row + 1) * node.columns.length)
      return at < 0 ? [...own, value] : own.map((cell, i) => (i === at ? given(cell) : cell))
    }).flat()
    if (node.rows === null) return C.insert(node.table, columns, cells, node.rowCount, back, node)
    const source = { _tag: "DerivedSource", query: node.rows } as const
    const { fields, shape } = projection(node.rows)!
    const keys = shape._tag === "Record" ? shape.keys : []
    const own = fields.map(({ type }, i) => S.ref("filled", source, [keys[i]!], type))
    const row = at < 0 ? [...own, value] : own.map((cell, i) => (i === at ? given(cell) : cell))
    const rows = R.project(R.derived(source, "filled"), row, record(row))
    return C.insert(node.table, columns, [], 0, back, { ...node, rows })
  }, command)
}

interface MergeCase {
  readonly when: C.When
  readonly values: ReadonlyArray<Scalar>
}

/** The same of the rows a merge adds. */
const filledMerge = (node: C.Merge, policies: ReadonlyArray<Policy.Policy>): C.Merge =>
  withCases(node, ({ values, when }) => {
    if (when.does !== "insert") return { when, values }
    const added = filled(C.insert(node.table, when.columns, values, 1), policies) as C.Insert
    return { when: { ...when, columns: added.columns }, values: added.cells }
  })

const withCases = (node: C.Merge, change: (one: MergeCase) => MergeCase): C.Merge => {
  let next = 0
  const cases = node.whens.map((when) =>
    change({ when, values: node.values.slice(next, (next += when.columns.length)) })
  )
  return C.merge(
    node.table,
    node.alias,
    node.using,
    node.on,
    cases.map(({ when }) => when),
    node.conditions,
    cases.flatMap(({ values }) => values),
    node.shape === null ? null : { fields: node.returned, shape: node.shape }
  )
}

/** The column that says of a table's rows that they are gone. */
const retiring = (
  table: C.Command["table"],
  policies: ReadonlyArray<Policy.Policy>
): ColumnNode | null =>
  policies.flatMap((one) =>
    one._tag === "SoftDelete" ? (table.byKey.get(one.column) ?? []) : []
  )[0] ?? null

/** What removes rows that are only marked as gone: it sets their column to the present. */
const retired = (command: Command, column: ColumnNode | null): Command => {
  if (column === null) return command
  const columns = [column.key]
  const values = [S.bound(presentOf(column.type), column.type)]
  if (command._tag === "Merge")
    return withCases(command, (one) =>
      one.when.does === "delete" ? { when: { ...one.when, does: "update", columns }, values } : one
    )
  if (command._tag !== "Delete") return command
  const { alias, returned, shape, table, using, where } = command
  const back = shape === null ? null : { fields: returned, shape }
  return C.update(table, alias, columns, values, where, back, { ...command, from: using })
}

interface Expected {
  readonly database: Database
  readonly rows: ReadonlyArray<unknown>
  readonly matched: number
  /** The command would leave a row outside. */
  readonly isRefused: boolean
}

const expectedOf = (one: Case, dialect: Connection["dialect"]): Expected => {
  const { command, database, parameters, policies } = one
  const visible = cut(database, policies, dialect)
  const { table } = command
  const mark = retiring(table, policies)
  const node = retired(filled(command, policies), mark)
  const meant = carryOut(node, worldOf(visible, parameters, dialect))
  const before = visible.get(table)!
  const rows = meant.database.get(table)!
  const hidden = database.get(table)!.filter((row) => !isIn(before, row))
  const after = new Map([...database, [table, [...hidden, ...rows]]])
  // A policy's subqueries see every row; what was not written may be seen no more, and is no write.
  const left = visibleRows(after, table, policies, dialect)
  const isGone = (row: TableRow): boolean =>
    mark !== null && row[mark.key] === inward(presentOf(mark.type), mark.type)
  return {
    rows: meant.rows,
    matched: meant.matched,
    isRefused: rows.some((row) => !isIn(before, row) && !isIn(left, row) && !isGone(row)),
    database: after
  }
}

/** Whether a policy asks for rows of the table that is written: before it, while, or after? */
const asksWritten = ({ command: { _tag, table }, policies }: Case): boolean =>
  _tag !== "Delete" &&
  policies.some((policy) => {
    const said = saidOf(policy, table, "own")
    const beside = tables.find((other) => other !== table)!
    return said !== null && tablesRead(R.filter(R.table(beside, "beside"), said)).has(table)
  })

/** Rows keep their identity when a table is cut. */
const isIn = (rows: ReadonlyArray<TableRow>, row: TableRow): boolean => rows.includes(row)

const takenTwice = (rows: ReadonlyArray<TableRow>, key: ReadonlyArray<string>): boolean => {
  const keys = rows.map((row) => key.map((column) => String(row[column])).join())
  return key.length > 0 && new Set(keys).size < keys.length
}

type Judge = (expected: Expected, one: Case) => Expected

const agrees = async (
  connection: Connection,
  one: Case,
  refused: (refusal: Parameters<ReturnType<typeof ledger>["refused"]>[0]) => true,
  judge: Judge = (expected) => expected
): Promise<boolean> => {
  const { command, database, parameters, policies } = one
  if (asksWritten(one)) return outside("a policy that asks the table that is written")
  const { dialect } = connection
  const expected = judge(expectedOf(one, dialect), one)
  const compiled = compileStatement(command, capabilities(dialect), { policies, verify: true })
  if (compiled._tag === "Refusal") return refused(compiled)
  await seed(connection, database)
  if (takenTwice(expected.database.get(command.table)!, command.table.primaryKey))
    return outside("a key that a row has which is not seen")
  const values = [...statementBinds(command), ...Policy.policyValues(policies)]
  const sent = await connection
    .send(compiled.text, fillWith(compiled, values, parameters), compiled.bigints)
    .catch((error: Error) => error)
  if (sent instanceof Error) {
    // A proposed row is checked whether or not it is added, as PostgreSQL's row security does.
    const proposes = command._tag === "Insert" && command.conflict !== null
    if (guardOf(sent.message) !== null)
      return (expected.isRefused || proposes) && (await tablesAgree(connection, database))
    // Rows that are not seen still take part in constraints.
    if (isUnasked(sent) || /unique|duplicate/i.test(sent.message)) return outside("a constraint")
    throw new Error(`${sent.message}\nsql ${compiled.text}`, { cause: sent })
  }
  const { affected, rows: given } = settled(compiled.counting, {
    rows: sent.rows,
    affected: sent.matched,
    tag: sent.said ?? ""
  })
  const rows = compiled.decode === null ? [] : given.map(compiled.decode)
  return (
    !expected.isRefused &&
    affected === expected.matched &&
    sameUnnamed(rows, expected.rows) &&
    (await tablesAgree(connection, expected.database))
  )
}

describe.each(Object.entries(connections))("L25 writes under policies on %s", (dialect, open) => {
  let connection: Connection | undefined
  afterAll(() => connection?.close())

  test(
    "a write does on the visible rows what it means, or nothing",
    async () => {
      connection = await open()
      const seen = ledger()
      await upheldOn(
        cases,
        (one) => skipping(seen, () => agrees(connection!, one, seen.refused)),
        dialect === "sqlite" ? 800 : 250
      )
      console.log(`L25 writes on ${dialect}: ${told(seen)}`)
      expect(seen.outside).toBeLessThan(seen.asked / 10)
      expect(strangers(seen, dialect, ["policyCheck"])).toEqual([])
      expect(refusedBy(seen)).toBeLessThan(seen.asked / 3)
    },
    timeFor(600_000)
  )
})

const users = handSide(0)
const [id, a] = [column(users, 0), column(users, 1)]
const positive = Policy.rows(
  { [Symbol.for("athanor/From")]: { alias: users.alias, source: users.source } } as never,
  { node: compared(a, "gt", 0) } as never
)
const examples: ReadonlyArray<Case> = [
  C.remove(handTable(), users.alias, compared(id, "eq", 1)),
  C.update(handTable(), users.alias, ["b"], [S.bound(1, a.type)], compared(a, "gt", 1))
].map((command) => ({
  command,
  database: handDatabase,
  parameters: {},
  policies: [positive]
}))

function handTable() {
  return users.source as Command["table"]
}

const mergesUnder = drawn((draw): Case => ({
  database: databaseOf(draw),
  policies: policiesOf(draw),
  ...mergeCase(draw, without)
}))

test(
  "L25 merges under policies on postgres: hidden rows go with nothing",
  async () => {
    const connection = await connections.postgres()
    const seen = ledger()
    await upheldOn(
      mergesUnder,
      (one) => skipping(seen, () => agrees(connection, one, seen.refused)),
      250
    )
    console.log(`L25 merges: ${told(seen)}`)
    expect(seen.outside).toBeLessThan(seen.asked / 10)
    expect(strangers(seen, "postgres", ["policyCheck"])).toEqual([])
    expect(refusedBy(seen)).toBeLessThan(seen.asked / 3)
    await connection.close()
  },
  timeFor(600_000)
)

test(
  "twin: what is written need not be visible",
  async () => {
    const connection = await connections.sqlite()
    await caughtOn(
      "writes are not checked",
      cases,
      (one) =>
        agrees(
          connection,
          one,
          () => true,
          (expected) => ({ ...expected, isRefused: false })
        ),
      examples
    )
    await connection.close()
  },
  timeFor(60_000)
)
