import { expect, test } from "vitest"
import * as C from "../../src/algebra/Command.ts"
import * as R from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { CteSource, TableSource } from "../../src/algebra/Source.ts"
import { carryOut } from "../oracle/command.ts"
import type { Database } from "../oracle/Meaning.ts"
import { carryOutAll, type Done } from "../oracle/statement.ts"
import { outside } from "../oracle/Value.ts"
import { type WritingCase, writingCase } from "./support/commands.ts"
import { connections } from "./support/connections.ts"
import { knownUnder } from "./support/context.ts"
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
import { record, selected } from "./support/meaning.ts"
import { isUnasked } from "./support/unasked.ts"
import { strangers } from "./support/refusable.ts"
import { type Connection, give, seed } from "./support/Runner.ts"
import { worldOf } from "./support/statements.ts"
import { databaseOf } from "./support/tables.ts"
import { sameUnnamed, tablesAgree } from "./support/unnamed.ts"

interface Case extends WritingCase {
  readonly database: Database
}

const cases = drawn((draw): Case => ({ database: databaseOf(draw), ...writingCase(draw) }))

const meaningOf = ({ database, parameters, root }: Case, dialect: Connection["dialect"]): Done =>
  carryOutAll(root, worldOf(database, parameters, dialect))

const agrees = async (
  connection: Connection,
  one: Case,
  seen: Ledger,
  meant: typeof meaningOf = meaningOf
): Promise<boolean> => {
  const { database, parameters, root } = one
  const expected = meant(one, connection.dialect)
  await seed(connection, database)
  const given = await give(connection, root, parameters).catch((error: Error) => error)
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
  const rows = [expected.rows, ...[...expected.database.values()].flat()]
  throw mismatch(connection, root, parameters, database, rows, given)
}

test(
  "L1 writing parts on postgres: each sees the database as it was before",
  async () => {
    const connection = await connections.postgres()
    const coverage = newCoverage()
    const seen = ledger()
    await upheldOn(
      cases,
      async (one) => {
        const holds = await skipping(seen, () => agrees(connection, one, seen))
        cover(coverage, one.root)
        return holds
      },
      250
    )
    console.log(`L1 writing parts: ${told(seen)}\n${report(coverage)}`)
    expect(seen.outside).toBeLessThan(seen.asked / 3)
    expect(strangers(seen, "postgres")).toEqual([])
    expect(refusedBy(seen)).toBeLessThan(seen.asked / 4)
    await connection.close()
  },
  timeFor(600_000)
)

/** One after the other: what comes later sees what was written before. */
const inTurn: typeof meaningOf = ({ database, parameters, root }, dialect) => {
  const ctes = new Map()
  let now = database
  let last: Done | null = null
  for (const source of root.ctes) {
    if (!("returned" in source.query)) continue
    const outcome = carryOut(source.query, { ...worldOf(now, parameters, dialect), ctes })
    ctes.set(source, outcome.results)
    now = outcome.database
  }
  last = carryOutAll({ ...root, ctes: [] }, { ...worldOf(now, parameters, dialect), ctes })
  return last
}

const users = handSide(0)
const posts = handSide(1)
const id = column(users, 0)
const removed: CteSource = {
  _tag: "CteSource",
  name: "removed",
  materialized: null,
  query: C.remove(users.source as TableSource, users.alias, compared(id, "gt", 1), {
    fields: [id],
    shape: record([id])
  })
}
const gone = knownUnder("gone", removed)
const examples: ReadonlyArray<Case> = [
  R.hint(selected(R.cte(removed, "gone"), [gone.leaves[0]!.node]), { _tag: "Writes" }),
  R.hint(
    selected(
      R.join(
        "inner",
        R.cte(removed, "gone"),
        posts.relation,
        S.compare("eq", gone.leaves[0]!.node, column(posts, 0), column(posts, 4).type)
      ),
      [column(posts, 0)]
    ),
    { _tag: "Writes" }
  )
].map((root) => ({ root, database: handDatabase, parameters: {} }))

test(
  "twin: what comes later sees what was written before",
  async () => {
    const connection = await connections.postgres()
    const seen = ledger()
    await caughtOn(
      "parts are carried out one after the other",
      cases,
      (one) =>
        agrees(connection, one, seen, inTurn).catch((error: Error) => {
          if (error.name === "OutsideMeaning") throw error
          return false
        }),
      examples
    )
    await connection.close()
  },
  timeFor(120_000)
)
