import { Database, type Expr, type Query } from "athanor"
import { compile, type Compiled } from "athanor/compile"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { readdir } from "node:fs/promises"
import { describe, expect, test } from "vitest"
import { childFields, walk } from "../../src/algebra/fold.ts"
import type { StatementNode } from "../../src/algebra/Statement.ts"
import { isDdl } from "../../src/algebra/Statement.ts"
import { cellOf } from "../../tools/capabilities/cells.ts"
import { constructs, notes, people } from "../../tools/capabilities/constructs.ts"
import { manuals } from "../../tools/capabilities/manuals.ts"
import { page, type Refused } from "../../tools/capabilities/page.ts"
import { engines, useDatabase } from "../conformance/support.ts"

const every = Object.values(constructs).flat()
const { refusals } = JSON.parse(readFileSync("docs/scorecard/refusals.json", "utf8")) as {
  readonly refusals: ReadonlyArray<Refused>
}

test("docs/capabilities.md is as said", () => {
  expect(readFileSync("docs/capabilities.md", "utf8")).toBe(page(refusals))
})

/** Where the source says a capability's name. */
const saying = [
  /\brefuse\(\s*"([a-z]\w*)",/g,
  /\brefusedIn\(\s*[\w.]+,\s*"([a-z]\w*)",/g,
  /\brefused\(\s*\w+,\s*"([a-z]\w*)",/g,
  /\bcapability(?::| =) "(\w+)"/g
]

test("every name a refusal has is on the page with a manual, and no other", async () => {
  const files = (await readdir("src", { recursive: true })).filter((one) => one.endsWith(".ts"))
  const texts = files.map((one) => readFileSync(`src/${one}`, "utf8"))
  const said = new Set(
    texts.flatMap((text) =>
      saying.flatMap((form) => [...text.matchAll(form)].map(([, one]) => one!))
    )
  )
  expect(said.size).toBeGreaterThan(140)
  const fixed = new Set(refusals.map(({ capability }) => capability))
  expect([...said].filter((one) => !fixed.has(one) && !Object.hasOwn(manuals, one))).toEqual([])
  expect(Object.keys(manuals).filter((one) => fixed.has(one) || !said.has(one))).toEqual([])
  for (const [says, manual] of Object.values(manuals)) {
    expect(says.length).toBeGreaterThan(2)
    expect(new URL(manual).protocol).toBe("https:")
  }
})

test("every node of the algebra is in the matrix", () => {
  const met = new Set<string>()
  const meet = (node: StatementNode): void => {
    if (isDdl(node)) return
    for (const tree of [node, ...node.ctes.map(({ query }) => query)])
      walk(tree, (one) => {
        met.add(one._tag)
      })
  }
  for (const { statement } of every) meet(statement.node)
  // A list of no parts, and what only other nodes are made of.
  expect(Object.keys(childFields).filter((tag) => !met.has(tag))).toEqual([])
})

describe.each(engines)("L27 on %s: native, emulated with equal meaning, or refused", (engine) => {
  const { agrees, failure, fill, run, sentBy } = useDatabase(engine, { people, notes })
  const parameters = { n: 1, ids: [1, 2] }

  test("rows to read", async () => {
    await fill("people", [
      { name: "Ann", bossId: null, flags: 6 },
      { name: "Bob", bossId: 1, flags: 3 },
      { name: "cleo", bossId: 1, flags: 0 }
    ])
    await fill("notes", [
      { personId: 1, stars: 3, seen: true, at: null },
      { personId: 1, stars: 5, seen: null, at: null },
      { personId: 2, stars: 3, seen: false, at: null },
      { personId: 9, stars: 1, seen: null, at: null }
    ])
  })

  test.each(every.map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const cell = cellOf(one, engine)
    const { node } = one.statement
    const effect = Database.all(one.statement as Query.Select<unknown, never, never>)
    if (cell._tag === "unsupported") {
      expect(await sentBy(effect)).toEqual([])
      expect(await failure(effect)).toMatchObject({
        _tag: "Unsupported",
        capability: cell.capability
      })
    } else if (isRelation(node)) {
      const { names } = compile(one.statement, engine) as Compiled
      const given = Object.fromEntries(
        Object.entries(parameters).filter(([name]) => names.includes(name))
      )
      const query = one.statement as Query.Select<unknown, never, never>
      if (one.gives === undefined) await agrees(query, given)
      else {
        const rows = await run(Database.all(asking(query), given as { readonly n: never }))
        if (one.gives !== "drawn") expect(rows).toEqual(expect.arrayContaining([...one.gives]))
        if (one.gives !== "drawn") expect(rows).toHaveLength(one.gives.length)
      }
    } else {
      // What commands mean is law L1; here the server is asked whether it reads them.
      const undone = Database.transaction(
        Effect.andThen(
          Database.run(one.statement as Query.Statement<number>),
          Effect.fail("undone" as const)
        )
      )
      expect(await run(Effect.flip(undone))).toBe("undone")
    }
  })
})

/** A statement that may take the parameters. */
const asking = (query: Query.Select<unknown, never, never>) =>
  query as unknown as Query.Select<unknown, Expr.Param<"n", never>, never>

const isRelation = (node: StatementNode): boolean => !isDdl(node) && !("table" in node)
