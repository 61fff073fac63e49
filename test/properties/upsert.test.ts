import { describe, test } from "vitest"
import * as C from "../../src/algebra/Command.ts"
import { rewriteTree } from "../../src/algebra/fold.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import type { TableSource } from "../../src/algebra/Source.ts"
import * as T from "../../src/algebra/types.ts"
import { carryOut } from "../oracle/command.ts"
import type { Database } from "../oracle/Meaning.ts"
import { upsertCase } from "./support/commands.ts"
import { drawn } from "./support/draw.ts"
import { handDatabase, handSide } from "./support/hand.ts"
import { caught, timeFor, upheld } from "./support/law.ts"
import { worldOf } from "./support/statements.ts"
import { databaseOf } from "./support/tables.ts"
import { sameUnnamed } from "./support/unnamed.ts"

interface Case {
  readonly database: Database
  readonly command: C.Insert
  readonly parameters: Readonly<Record<string, unknown>>
}

const cases = drawn((draw): Case => ({ database: databaseOf(draw), ...upsertCase(draw) }))

/** What a column of the proposed row holds. */
const cellOf = (command: C.Insert, row: number, key: string): Scalar => {
  const { cells, columns, table } = command
  const at = columns.indexOf(key)
  const cell = at < 0 ? null : cells[row * columns.length + at]!
  return cell === null || cell._tag === "Default" ? S.bound(null, table.byKey.get(key)!.type) : cell
}

const proposedIn = (command: C.Insert, row: number, node: Scalar): Scalar =>
  rewriteTree(node, (one) => {
    if (one._tag === "Presence" && one.alias === C.excluded) return S.constant(true, one.type)
    return one._tag === "Ref" && one.alias === C.excluded ? cellOf(command, row, one.path[0]!) : one
  })

/** A row is looked for by its key; then it is changed, or added. */
const byHand = (
  { command, database, parameters }: Case,
  read: (node: Scalar, row: number) => Scalar,
  conditional: boolean
): { readonly database: Database; readonly matched: number } => {
  const { columns, condition, conflict, rowCount, table } = command
  // Expressions see the database as it was before the statement, and the row as it is.
  let now = database
  let matched = 0
  for (let row = 0; row < rowCount; row++) {
    const cells = columns.map((_, i) => command.cells[row * columns.length + i]!)
    const at = columns.indexOf("id")
    const key = at < 0 ? null : cells[at]!
    const id = S.ref(table.name, table, ["id"], T.integer)
    const is = key === null ? S.constant(false, T.boolean) : S.compare("eq", id, key, T.boolean)
    const world = () => worldOf(now, parameters)
    const found = carryOut(C.remove(table, table.name, is), world()).matched > 0
    if (!found) {
      const added = carryOut(C.insert(table, columns, cells, 1), world())
      now = added.database
      matched += 1
    } else if (conflict!.columns.length > 0) {
      const where =
        condition === null || !conditional ? is : S.and([is, read(condition, row)], T.boolean)
      const values = command.changes.map((change) => read(change, row))
      const changed = carryOut(
        C.update(table, table.name, conflict!.columns, values, where),
        world()
      )
      now = changed.database
      matched += changed.matched
    }
  }
  return { database: now, matched }
}

const reads = (node: Parameters<typeof rewriteTree>[0]): boolean => {
  let found = false
  rewriteTree(node, (one) => {
    found ||= one._tag === "Table"
    return one
  })
  return found || node.ctes.length > 0
}

const agrees =
  (read: (one: Case) => (node: Scalar, row: number) => Scalar, conditional = true) =>
  (one: Case): boolean => {
    const { command, database, parameters } = one
    // Inside, a query sees the database before the statement; by hand, before the row.
    if (command.rowCount > 1 && reads(command)) return true
    const meant = carryOut({ ...command, shape: null }, worldOf(database, parameters))
    const made = byHand(one, read(one), conditional)
    return (
      meant.matched === made.matched &&
      sameUnnamed(meant.database.get(command.table)!, made.database.get(command.table)!)
    )
  }

const proposed = (one: Case) => (node: Scalar, row: number) => proposedIn(one.command, row, node)

const table = handSide(0).source as TableSource
const value = (n: number): Scalar => S.bound(n, T.integer)
const ref = (alias: string, key: string): Scalar => S.ref(alias, table, [key], T.integer)
const on = { target: ["id"], partial: null, columns: ["b"] }
const change = S.arith("add", ref(table.name, "b"), ref(C.excluded, "b"), T.integer)
const examples: ReadonlyArray<Case> = [
  C.insert(table, ["id", "b"], [value(1), value(7)], 1, null, { conflict: on, changes: [change] }),
  C.insert(table, ["id", "b"], [value(9), value(7)], 1, null, { conflict: on, changes: [change] }),
  C.insert(table, ["id", "b"], [value(1), value(7)], 1, null, {
    conflict: on,
    changes: [change],
    condition: S.compare("gt", ref(table.name, "b"), value(0), T.boolean)
  })
].map((command) => ({ command, database: handDatabase, parameters: {} }))

describe("an upsert is a look-up by key, then an insert or an update", () => {
  test(
    "row after row",
    () => {
      upheld(cases, agrees(proposed), 3000)
      for (const example of examples) {
        if (!agrees(proposed)(example)) throw new Error("an example does not hold")
      }
    },
    timeFor(600_000)
  )

  test("twin: the condition does not count", () => {
    caught("an update without its condition", cases, agrees(proposed, false), examples)
  })

  test("twin: a change of the proposed row reads the one that is there", () => {
    caught(
      "excluded is the table",
      cases,
      agrees((one) => (node) => {
        const { table: own } = one.command
        return rewriteTree(node, (part) =>
          part._tag === "Ref" && part.alias === C.excluded && part.path[0] !== "b"
            ? S.ref(own.name, own, part.path, part.type)
            : part._tag === "Ref" && part.alias === C.excluded
              ? proposedIn(one.command, 0, part)
              : part
        )
      }),
      examples
    )
  })
})
