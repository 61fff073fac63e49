import * as Result from "effect/Result"
import { describe, expect, test } from "vitest"
import type { Capabilities, DialectName } from "../../../src/algebra/Dialect.ts"
import type { TableSource } from "../../../src/algebra/Source.ts"
import { capabilities } from "../../../src/compile/capabilities.ts"
import { compileStatement } from "../../../src/compile/compileStatement.ts"
import * as ConstraintModel from "../../../src/mapping/ConstraintModel.ts"
import { statements, type StepStatement } from "../../../src/mapping/FlushPlan.ts"
import { diff, type Edit } from "../../../src/mapping/flush/diff.ts"
import { plan } from "../../../src/mapping/flush/plan.ts"
import { absorb, toCommand } from "../../../src/mapping/flush/toCommand.ts"
import { known, promised, promisedCell } from "../../../src/mapping/RowRef.ts"
import * as KnownRows from "../../../src/mapping/KnownRows.ts"
import { id, table } from "./tables.ts"

const users = table("users", { columns: { id, code: {} }, uniques: [["code"]] })
const members: TableSource = table("members", {
  columns: { userId: {}, team: {}, role: {} },
  primaryKey: ["userId", "team"],
  foreignKeys: [{ columns: ["userId"], target: () => users }]
})
const model = ConstraintModel.make([users, members])

const statementsOf = (
  edits: ReadonlyArray<Edit>,
  server: Capabilities
): ReadonlyArray<StepStatement> =>
  Result.getOrThrow(plan(model, server, diff(KnownRows.empty, edits))).steps.flatMap(statements)

const resolved = new Map([[promised(users, 1).id, { id: 41 }]])

const sql = (statement: StepStatement, dialect: DialectName): string => {
  const compiled = compileStatement(toCommand(statement, resolved), capabilities(dialect))
  // How names are quoted and qualified is the compiler's business.
  return "text" in compiled ? compiled.text.replaceAll(/"|\b\w+\./g, "") : compiled.construct
}

const put = (promise: number): Edit => ({
  _tag: "Put",
  ref: promised(users, promise),
  row: { code: promise * 10 }
})

const texts = (edits: ReadonlyArray<Edit>, dialect: DialectName): ReadonlyArray<string> =>
  statementsOf(edits, capabilities(dialect)).map((statement) => sql(statement, dialect))

describe("toCommand", () => {
  test("inserts many rows at once, and gives back what tells them apart", () => {
    expect(texts([put(1), put(2)], "postgres")).toEqual([
      "INSERT INTO users (code) VALUES ($1), ($2) RETURNING id, code"
    ])
  })

  test("fills in promised keys, and refuses one that is not made yet", () => {
    const link: Edit = {
      _tag: "Put",
      ref: promised(members, 9),
      row: { userId: promisedCell(promised(users, 1), "id"), team: 2, role: 3 }
    }
    const [, member] = statementsOf([put(1), link], capabilities("postgres"))
    expect(toCommand(member!, resolved).binds.map(({ value }) => value)).toEqual([41, 2, 3])
    expect(() => toCommand(member!, new Map())).toThrow("the key of users@1 is not known yet")
  })

  test("finds rows by one list of keys, or by each part of a composite key", () => {
    const remove = (owner: TableSource, ...key: ReadonlyArray<number>): Edit => ({
      _tag: "Remove",
      ref: known(owner, key)
    })
    expect(texts([remove(users, 1), remove(users, 2)], "sqlite")).toEqual([
      "DELETE FROM users WHERE id IN (SELECT value FROM json_each(?))"
    ])
    const pairs = [remove(members, 1, 1), remove(members, 1, 2)]
    expect(texts(pairs, "postgres")).toEqual([
      "DELETE FROM members WHERE user_id = $1 AND team = $2 OR user_id = $3 AND team = $4"
    ])
  })

  test("statements of one step share their structure: prepared once", () => {
    const patch = (key: number): Edit => ({
      _tag: "Patch",
      ref: known(members, [key, 1]),
      values: { role: key }
    })
    const all = statementsOf([patch(1), patch(2), patch(3)], capabilities("sqlite"))
    expect(new Set(all.map((one) => toCommand(one, resolved).key)).size).toBe(1)
    expect(all).toHaveLength(3)
  })
})

describe("absorb", () => {
  const [both] = statementsOf([put(1), put(2)], capabilities("postgres"))
  const [one] = statementsOf([put(1)], capabilities("mysql"))

  test("matches rows by what the client knew, in whatever order they come", () => {
    const rows = [
      { id: 8, code: 20 },
      { id: 9, code: 10 }
    ]
    expect(Result.getOrThrow(absorb(both!, rows, new Map()))).toMatchObject([
      [promised(users, 1).id, { id: 9 }],
      [promised(users, 2).id, { id: 8 }]
    ])
  })

  test("takes the insert id of one row", () => {
    expect(absorb(one!, [{ id: 5 }], new Map())).toMatchObject({
      success: [[promised(users, 1).id, { id: 5 }]]
    })
  })

  test.each([
    ["a row is missing", [{ id: 8, code: 20 }]],
    [
      "a value was rewritten",
      [
        { id: 8, code: 20 },
        { id: 9, code: 11 }
      ]
    ],
    [
      "a row came twice",
      [
        { id: 8, code: 20 },
        { id: 9, code: 20 }
      ]
    ]
  ])("gives no row a key without proof: %s", (_, rows) => {
    const found = absorb(both!, rows, new Map())
    expect(Result.isFailure(found) && found.failure._tag).toBe("Unmatched")
  })
})
