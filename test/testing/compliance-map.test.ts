import { readFileSync } from "node:fs"
import { Conformance } from "athanor/testing"
import { expect, test } from "vitest"

/** The rows of the page's table: a class of SQLAlchemy's suite, and what stands for it. */
const rows = readFileSync("docs/conformance.md", "utf8")
  .split("\n")
  .filter((line) => /^\| \w+Test/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, name, stands]) => ({ name: name!, stands: stands! }))
const casesOf = (stands: string) => [...stands.matchAll(/`([^`]+)`/g)].map(([, id]) => id!)

test("each class of SQLAlchemy's suite has its cases, or says why not [F159.5 @all]", () => {
  const ids = new Set(Conformance.cases.map(({ id }) => id))
  const without = rows.filter(
    ({ stands }) =>
      !/^not applicable: .{20}/.test(stands) &&
      (casesOf(stands).length === 0 || casesOf(stands).some((id) => !ids.has(id)))
  )
  expect(without).toEqual([])
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
  expect(rows.length).toBeGreaterThanOrEqual(85)
})

test("each case has an id of its own, and its tables are its own", () => {
  expect(new Set(Conformance.cases.map(({ id }) => id)).size).toBe(Conformance.cases.length)
  for (const { catalog } of Conformance.cases)
    for (const { name } of catalog.tables) expect(name).toMatch(/^cf_/)
})
