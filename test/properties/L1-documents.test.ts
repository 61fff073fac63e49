import { afterAll, describe, expect, test } from "vitest"
import type { Database } from "../oracle/Meaning.ts"
import { answer } from "../oracle/query.ts"
import { outside } from "../oracle/Value.ts"
import { inClasses } from "./support/canonical.ts"
import { connections } from "./support/connections.ts"
import { newHome } from "./support/context.ts"
import { drawn } from "./support/draw.ts"
import { mismatch } from "./support/explain.ts"
import { caught, ledger, refusedBy, skipping, timeFor, told, upheldOn } from "./support/law.ts"
import { isUnasked } from "./support/unasked.ts"
import { documented, query } from "./support/queries.ts"
import { strangers } from "./support/refusable.ts"
import { type Connection, give, seed } from "./support/Runner.ts"
import { type QueryCase, worldOf } from "./support/statements.ts"
import { databaseOf } from "./support/tables.ts"
import { tooComplex } from "./support/tooComplex.ts"

interface Case extends QueryCase {
  readonly database: Database
}

/** Groups whose rows become an array or an object. */
const cases = drawn((draw): Case => {
  const database = databaseOf(draw)
  const home = newHome(["Sample"])
  return { database, query: documented(draw, home, 1), parameters: home.parameters }
})

/** Queries that read what is in them. */
const readers = drawn((draw): Case => {
  const database = databaseOf(draw)
  const home = newHome(["Sample"])
  home.documents = true
  return { database, query: query(draw, home, [], null, 1), parameters: home.parameters }
})

/** Names of an object stand in no order. */
const named = (row: unknown): unknown => {
  if (typeof row !== "object" || row === null) return row
  const { x, ...rest } = row as { readonly x: unknown }
  return typeof x !== "object" || x === null || Array.isArray(x)
    ? row
    : { x: Object.fromEntries(Object.entries(x).toSorted(([a], [b]) => (a < b ? -1 : 1))), ...rest }
}

const meant = ({ database, parameters, query }: Case, dialect?: Connection["dialect"]) =>
  answer(query, worldOf(database, parameters, dialect)).map((rows) => rows.map(named))

describe.each(Object.entries(connections))("L1 documents on %s", (dialect, open) => {
  let connection: Connection | undefined
  afterAll(() => connection?.close())

  test.each([
    ["an array or an object of a group's values is its meaning", cases, 800],
    ["what is read in one is its meaning", readers, 500]
  ] as const)(
    "%s",
    async (what, asked, ordinary) => {
      const on = (connection ??= await open())
      const seen = ledger()
      const agrees = async (one: Case): Promise<boolean> => {
        const classes = meant(one, on.dialect)
        await seed(on, one.database)
        const given = await give(on, one.query, one.parameters).catch((error: Error) => error)
        if (given instanceof Error) {
          if (isUnasked(given)) return outside("an error of a value that nothing asks for")
          const refusal = tooComplex(given, on.dialect)
          if (refusal !== null) return seen.refused(refusal)
        } else {
          if (given._tag === "Refusal") return seen.refused(given)
          if (inClasses(given.rows.map(named), classes)) return true
        }
        throw mismatch(on, one.query, one.parameters, one.database, classes.flat(), given)
      }
      await upheldOn(asked, (one) => skipping(seen, () => agrees(one)), ordinary)
      console.log(`L1 documents on ${dialect}, ${what}: ${told(seen)}`)
      expect(strangers(seen, dialect, ["QueryTooComplex"])).toEqual([])
      expect(refusedBy(seen)).toBeLessThan(seen.asked / 4)
    },
    timeFor(60_000)
  )
})

test("twin: of equal names the first stays", () => {
  caught(
    "the first of equal names",
    cases,
    (one) => {
      const { query } = one
      const project = query._tag === "Order" ? query.self : query
      const field = project._tag === "Project" ? project.fields[0] : undefined
      if (field?._tag !== "Aggregate" || field.name !== "jsonObjectAgg") return true
      const directions = field.directions.map((direction) => ({
        direction: direction.direction === "asc" ? "desc" : "asc",
        nulls: direction.nulls === "first" ? "last" : "first"
      }))
      const turned = { ...field, directions } as typeof field
      const rows = (self: typeof project) => meant({ ...one, query: self }).flat()
      if (project._tag !== "Project") return true
      const other = { ...project, fields: [turned, ...project.fields.slice(1)] }
      return inClasses(rows(other), [rows(project)])
    },
    []
  )
})
