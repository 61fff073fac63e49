import { describe, expect, test } from "vitest"
import { children, walk } from "../../src/algebra/fold.ts"
import * as C from "../../src/algebra/Command.ts"
import type { Command } from "../../src/algebra/Command.ts"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { ColumnNode, TableSource } from "../../src/algebra/Source.ts"
import * as T from "../../src/algebra/types.ts"
import { type Audit, audit, touched } from "../../src/compile/audit.ts"
import { number } from "../../src/compile/phases/bind.ts"
import { carryOut } from "../oracle/command.ts"
import type { Database, TableRow } from "../oracle/Meaning.ts"
import { token } from "../oracle/Value.ts"
import { sameBag } from "./support/canonical.ts"
import { type CommandCase, commandCase } from "./support/commands.ts"
import { type Draw, drawn } from "./support/draw.ts"
import { column, compared, handDatabase, handSide } from "./support/hand.ts"
import { caught, upheld } from "./support/law.ts"
import { rowsOf, selected } from "./support/meaning.ts"
import { type QueryCase, queryCase, worldOf } from "./support/statements.ts"
import { databaseOf, tables } from "./support/tables.ts"

// What a statement reads decides what it gives; what it does not write stays as it was.

type Auditor = (statement: { readonly node: Relation | Command }) => Audit

const listed = (uses: ReadonlyArray<{ readonly table: string }>, table: TableSource): boolean =>
  uses.some((one) => one.table === table.name)

const reads = ({ reads }: Audit, table: TableSource, { name }: ColumnNode): boolean =>
  reads.some((one) => one.table === table.name && one.columns.includes(name))

const nobody: ReadonlyArray<TableRow> = []

/**
 * Another database that agrees on all that is read: a table nobody reads is empty, and a column
 * nobody reads holds the values of the row before.
 */
const otherwise = (database: Database, found: Audit, kept: TableSource | null = null): Database =>
  new Map(
    [...database].map(([table, rows]) => {
      if (!listed(found.reads, table) && table !== kept) return [table, nobody] as const
      const turned = rows.map((row, i): TableRow =>
        Object.fromEntries(
          table.columns.map((one) => [
            one.key,
            reads(found, table, one) || table === kept
              ? row[one.key]!
              : rows[(i + 1) % rows.length]![one.key]!
          ])
        )
      )
      return [table, turned] as const
    })
  )

interface Asked extends QueryCase {
  readonly database: Database
}

const asked = drawn((draw: Draw): Asked => ({
  database: databaseOf(draw),
  ...queryCase(draw)
}))

const decided =
  (how: Auditor) =>
  ({ database, parameters, query }: Asked): boolean =>
    sameBag(
      rowsOf(query, database, parameters),
      rowsOf(query, otherwise(database, how({ node: query })), parameters)
    )

/** What caches and flushes go by is what the audit says, table by table, in its order. */
const named =
  (how: typeof touched) =>
  ({ query }: QueryCase): boolean => {
    const ctes = query.ctes.map((source) => ({ source, query: source.query }))
    const tables = audit({ node: query }).reads.map(({ table }) => table)
    return how({ root: number(query, 0), ctes }).reads.join() === tables.join()
  }

/** Lists the tables of a query by their names. */
const standing: typeof touched = ({ root }) => {
  const found = new Set<string>()
  walk(root, (node) => {
    if (node._tag === "Table") found.add(node.source.name)
  })
  return { reads: [...found].toSorted(), writes: [] }
}

interface Told extends CommandCase {
  readonly database: Database
}

const told = drawn((draw: Draw): Told => ({ database: databaseOf(draw), ...commandCase(draw) }))

const cellsOf = (rows: ReadonlyArray<TableRow>, key: string): ReadonlyArray<string> =>
  rows.map((row) => token(row[key] ?? null)).toSorted()

/** Tables that are not written hold what they held; nor does an update touch other columns. */
const sparing =
  (how: Auditor) =>
  ({ command, database, parameters }: Told): boolean => {
    const after = carryOut(command, worldOf(database, parameters)).database
    const { writes } = how({ node: command })
    return [...database].every(([table, before]) => {
      const touched = writes.filter((one) => one.table === table.name)
      const grows = touched.some(({ by }) => by !== "update")
      const now = after.get(table)!
      if (grows) return true
      return table.columns.every(
        ({ key, name }) =>
          touched.some(({ columns }) => columns.includes(name)) ||
          cellsOf(before, key).join() === cellsOf(now, key).join()
      )
    })
  }

/** What a command does to its table does not depend on what it does not read elsewhere. */
const commanded = ({ command, database, parameters }: Told): boolean => {
  const other = otherwise(database, audit({ node: command }), command.table)
  const one = carryOut(command, worldOf(database, parameters))
  const two = carryOut(command, worldOf(other, parameters))
  const { table } = command
  return (
    one.matched === two.matched &&
    sameBag(one.rows, two.rows) &&
    table.columns.every(
      ({ key }) =>
        cellsOf(one.database.get(table)!, key).join() ===
        cellsOf(two.database.get(table)!, key).join()
    )
  )
}

const users = handSide(0)
const posts = handSide(1)
const [id, a] = [column(users, 0), column(users, 1)]
const joined = R.join(
  "inner",
  users.relation,
  posts.relation,
  S.compare("eq", id, column(posts, 1), T.boolean)
)
const examples: ReadonlyArray<Asked> = [
  selected(users.relation, [id, a]),
  selected(joined, [id, column(posts, 1)]),
  selected(R.filter(users.relation, compared(a, "gt", 1)), [id, a])
].map((query) => ({ database: handDatabase, parameters: {}, query }))

/** Lists what is selected at the top, and nothing that only decides which rows there are. */
const selectedOnly: Auditor = ({ node }) => {
  const whole = audit({ node })
  const named = new Map<string, Set<string>>()
  const spine: Array<Relation | Command> = [node]
  while (spine.length > 0) {
    const one = spine.pop()!
    if (one._tag === "Project")
      for (const field of one.fields)
        walk(field, (inside) => {
          if (inside._tag !== "Ref" || inside.source._tag !== "TableSource") return
          const columns = named.get(inside.source.name) ?? new Set()
          named.set(inside.source.name, columns.add(inside.source.byKey.get(inside.path[0]!)!.name))
        })
    for (const child of children(one)) if ("self" in one && child === one.self) spine.push(child)
  }
  return {
    ...whole,
    reads: whole.reads.map(({ table }) => ({ table, columns: [...(named.get(table) ?? [])] }))
  }
}

describe("the audit of a statement", () => {
  test("a query gives the same on databases that agree on what it reads", () =>
    upheld(asked, decided(audit), 2000))

  test("a compiled statement reads the tables its audit names, in their order", () =>
    upheld(
      drawn((draw: Draw) => queryCase(draw, [])),
      named(touched),
      3000
    ))

  test("twin: tables in the order of their names", () =>
    caught(
      "tables by name",
      drawn((draw: Draw) => queryCase(draw, [])),
      named(standing),
      examples
    ))

  test("a command does the same on databases that agree on what it reads", () =>
    upheld(told, commanded, 1000))

  test("a command leaves alone what it does not write", () => upheld(told, sparing(audit), 1000))

  test("twin: only what is selected is read", () =>
    caught("an audit of the selected columns", asked, decided(selectedOnly), examples))

  test("twin: an update writes its first column only", () =>
    caught(
      "an audit of one column",
      told,
      sparing((statement) => {
        const whole = audit(statement)
        return {
          ...whole,
          writes: whole.writes.map((one) => ({ ...one, columns: one.columns.slice(0, 1) }))
        }
      }),
      [
        {
          command: C.update(
            users.source as TableSource,
            users.alias,
            ["a"],
            [S.bound(1, T.integer)],
            compared(id, "gt", 1)
          ),
          database: handDatabase,
          parameters: {}
        }
      ]
    ))

  test("something is left out: otherwise the laws say nothing", () => {
    const empty = audit({ node: selected(users.relation, [id]) })
    const other = otherwise(handDatabase, empty)
    expect(other.get(tables[1]!)).toEqual([])
    expect(other.get(tables[0]!)!.map(({ a }) => a)).toEqual([2n, 3n, 1n])
  })
})
