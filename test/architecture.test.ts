import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { checkArrows, checkOracle, type House } from "../tools/arrows/arrows.ts"
import { sourcesOf } from "../tools/source/source.ts"
import { withoutExempt } from "../tools/tidy/exempt.ts"
import { checkSurface } from "../tools/tidy/surface.ts"
import { checkTidy } from "../tools/tidy/tidy.ts"

// The tree itself is judged by `npm run arrows` and `npm run tidy`. Here the judges are judged:
// each rule finds the violation planted for it, and nothing in a tree that keeps them all.

const house: House = {
  ...(JSON.parse(
    readFileSync(new URL("../tools/arrows/house.json", import.meta.url), "utf8")
  ) as House),
  exceptions: [],
  typeRings: []
}

type Texts = Readonly<Record<string, string>>

const arrows = (texts: Texts, over: Partial<House> = {}): ReadonlyArray<string> =>
  checkArrows(sourcesOf(texts), { ...house, ...over }).map(({ file, rule }) => `${file} ${rule}`)

const clean: Texts = {
  "src/algebra/Scalar.ts": `import { Option } from "effect"\nexport type Scalar = Option.Option<1>`,
  "src/compile/render.ts": `import type { Scalar } from "../algebra/Scalar.ts"
export const render = (scalar: Scalar) => scalar`,
  "src/effects/Database.ts": `import { Effect } from "effect"
import { Client } from "pg"
import { readFile } from "node:fs/promises"
import { render } from "../compile/render.ts"
export const Database = [Effect, Client, readFile, render]`,
  "src/index.ts": `export * as Database from "./effects/Database.ts"`
}

describe("arrows", () => {
  test("a tree that keeps the table has no violations", () => expect(arrows(clean)).toEqual([]))

  const upward = "src/compile/x.ts"
  const database = "../effects/Database.ts"
  test.each([
    ["a value import", upward, `import { Database } from "${database}"`, "arrow"],
    ["an import for effect", upward, `import "${database}"`, "arrow"],
    ["import type", upward, `import type { Database } from "${database}"`, "arrow"],
    ["an inline type", upward, `import { type Database } from "${database}"`, "arrow"],
    ["export type from", upward, `export type { Database } from "${database}"`, "arrow"],
    ["export *", upward, `export const a = 1\nexport * from "${database}"`, "arrow"],
    ["import() as a type", upward, `export type A = import("${database}").Database`, "arrow"],
    ["import() as a value", upward, `export const a = () => import("${database}")`, "arrow"],
    ["import =", upward, `import a = require("${database}")`, "arrow"],
    ["between strangers", "src/mapping/x.ts", `import "../compile/render.ts"`, "arrow"],
    ["out of src", upward, `import "../../test/support/databases.ts"`, "unresolved"],
    ["a file that is not there", upward, `import "./absent.ts"`, "unresolved"],
    ["the package by its name", upward, `import "athanor"`, "package"],
    ["a package of somebody's", upward, `import "lodash"`, "package"],
    ["a driver outside effects", upward, `import "pg"`, "driver"],
    ["Node in a pure room", upward, `import "node:fs"`, "pure"],
    ["Effect in a pure room", upward, `import { Effect } from "effect"`, "pure"],
    ["Effect in a pure room, by path", upward, `import * as E from "effect/Effect"`, "pure"],
    ["Effect in a pure room, as a type", upward, `import type { Effect } from "effect"`, "pure"],
    ["all of effect", upward, `import * as E from "effect"`, "effect-barrel"],
    [
      "unstable modules",
      "src/effects/x.ts",
      `import * as Q from "effect/sql/SqlClient"`,
      "unstable"
    ],
    [
      "an unstable folder",
      "src/effects/x.ts",
      `import { SqlClient } from "effect/sql"`,
      "unstable"
    ],
    ["unstable at the top", "src/effects/x.ts", `import { Graph } from "effect"`, "unstable"],
    ["a default export", upward, `export default 1`, "default-export"],
    ["a default class", upward, `export default class A {}`, "default-export"],
    ["export as default", upward, `const a = 1\nexport { a as default }`, "default-export"],
    ["an entry", upward, `import "../index.ts"`, "barrel"],
    ["an index", "src/compile/index.ts", `export const a = 1`, "barrel"],
    ["an unknown entry", "src/extra.ts", `export const a = 1`, "entry"],
    ["an unknown room", "src/shed/a.ts", `export const a = 1`, "room"]
  ])("%s is found", (_, path, text, rule) => {
    expect(arrows({ ...clean, [path]: text })).toContain(`${path} ${rule}`)
  })

  test("a neighbour that only passes on exports is a barrel", () => {
    const texts = {
      "src/algebra/a.ts": `export const a = 1`,
      "src/algebra/all.ts": `export { a } from "./a.ts"`,
      "src/algebra/b.ts": `import { a } from "./all.ts"\nexport const b = a`
    }
    expect(arrows(texts)).toEqual(["src/algebra/b.ts barrel"])
  })

  const ring: Texts = {
    "src/algebra/a.ts": `import type { B } from "./b.ts"\nexport type A = B`,
    "src/algebra/b.ts": `import type { C } from "./c.ts"\nexport type B = C`,
    "src/algebra/c.ts": `import type { A } from "./a.ts"\nexport type C = A`
  }

  test("a ring is told once, of types too", () => {
    expect(arrows(ring)).toEqual(["src/algebra/a.ts cycle"])
  })

  test("a listed ring may be of types, not of values", () => {
    const typeRings = [{ files: Object.keys(ring), reason: "recursive unions" }]
    expect(arrows(ring, { typeRings })).toEqual([])
    const values = Object.fromEntries(
      Object.entries(ring).map(([path, text]) => [path, text.replace("import type", "import")])
    )
    expect(arrows(values, { typeRings })).toEqual(["src/algebra/a.ts cycle"])
  })

  test("an exception must be used, and an unstable module stays behind its entry", () => {
    const file = "src/effects/sqlClient.ts"
    const texts = {
      [file]: `import { SqlClient } from "effect/sql"\nexport const a = SqlClient`,
      "src/sql-client.ts": `export { a } from "./effects/sqlClient.ts"`
    }
    const module = "effect/sql"
    const exceptions = [{ file, module, entry: "sql-client", reason: "that is its work" }]
    expect(arrows(texts, { exceptions })).toEqual([])
    expect(arrows(clean, { exceptions })).toEqual([`${file} exception`])
    const second = { ...texts, "src/index.ts": `export { a } from "./effects/sqlClient.ts"` }
    expect(arrows(second, { exceptions })).toEqual([`${file} exception`])
  })

  test("the oracle knows nothing but the types of nodes", () => {
    const node = "../../src/algebra/Scalar.ts"
    const judged = (text: string) => checkOracle(sourcesOf({ "test/oracle/a.ts": text })).length
    expect(judged(`import type { Scalar } from "${node}"`)).toBe(0)
    expect(judged(`import { Scalar } from "${node}"`)).toBe(1)
    expect(judged(`import type { render } from "../../src/compile/render.ts"`)).toBe(1)
    expect(judged(`import type { Query } from "athanor"`)).toBe(1)
  })
})

const tidy = (path: string, text: string): ReadonlyArray<string> =>
  checkTidy(sourcesOf({ [path]: text })).map(({ line, rule }) => `${line} ${rule}`)

const lines = (count: number, line: string): string =>
  Array.from({ length: count }, () => line).join("\n")

describe("tidy", () => {
  const unfinished = `// ${["TO", "DO"].join("")}`
  test.each([
    ["a long file", "src/effects/a.ts", lines(501, "f()"), "1 file-size"],
    [
      "a long function",
      "src/effects/a.ts",
      `const a = () => {\n${lines(70, "f()")}\n}`,
      "1 function-size"
    ],
    ["a wide line", "tools/a.ts", `const a = "${"a".repeat(100)}"`, "1 line-width"],
    ["a banned file name", "src/effects/rowHelpers.ts", "", "1 word"],
    ["a banned export", "src/effects/a.ts", "export const RowInfo = 1", "1 word"],
    ["a banned export, renamed", "src/effects/a.ts", "const a = 1\nexport { a as data }", "2 word"],
    ["another throw", "src/algebra/a.ts", `throw new Error("a")`, "1 throw"],
    ["any", "src/effects/a.ts", "export const a = (b: any) => b", "1 any"],
    ["any as an argument", "src/effects/a.ts", "export const a: Array<any> = []", "1 any-argument"],
    ["console", "src/effects/a.ts", `console.log("a")`, "1 console"],
    ["unfinished work", "test/a.ts", unfinished, "1 unfinished"],
    ["a silenced compiler", "test/a.ts", ["// @ts", "ignore"].join("-"), "1 ts-ignore"],
    ["a skipped test", "test/a.test.ts", `test.skip("a", () => {})`, "1 test"],
    ["a lonely test", "test/a.test.ts", `describe.each([1]).only("a", () => {})`, "1 test"],
    ["the clock", "src/mapping/a.ts", "export const a = () => new Date()", "1 pure"],
    ["chance", "src/compile/a.ts", "export const a = () => Math.random()", "1 pure"],
    ["a timer", "src/compile/a.ts", "setTimeout(() => {}, 1)", "1 pure"]
  ])("%s is found", (_, path, text, expected) => {
    expect(tidy(path, text)).toContain(expected)
  })

  test.each([
    ["comments and blank lines", "src/effects/a.ts", `f()\n${lines(600, "// a\n\n/* b\n */")}`],
    [
      "many small functions in one",
      "src/effects/a.ts",
      `const a = () => {\n${lines(40, "const b = () => {\n  f()\n}")}\n}`
    ],
    ["a StatementError", "src/algebra/a.ts", `throw new StatementError("a")`],
    ["a wildcard", "src/effects/a.ts", "type A<S> = S extends Select<infer R, any> ? R : never"],
    ["a date of a number", "src/mapping/a.ts", "export const a = new Date(0)"],
    ["a process the language knows", "src/effects/processor.ts", "export const handler = 1"]
  ])("%s may be", (_, path, text) => expect(tidy(path, text)).toEqual([]))

  const entries = ["src/index.ts"]
  const undocumented = (texts: Texts) =>
    checkSurface(sourcesOf(texts), entries).violations.map(({ message }) => message.split(" ")[0])

  test("a public export without a summary is found through whatever passes it on", () => {
    const texts = {
      "src/index.ts": `export * as Query from "./a.ts"
export { b as bee, type B } from "./b.ts"
import * as C from "./c.ts"
import { d } from "./d.ts"
export { C, d }`,
      "src/a.ts": `export const a = 1\n/** Says something. */\nexport const documented = 1`,
      "src/b.ts": `export const b = 1\nexport type B = 1\nexport const internal = 1`,
      "src/c.ts": `/** @internal */\nexport function c() {}`,
      "src/d.ts": `export const d = 1`
    }
    expect(new Set(undocumented(texts))).toEqual(new Set(["`B`", "`a`", "`b`", "`c`", "`d`"]))
  })

  test("one comment serves a type and a value of one name", () => {
    const a = `/** The meaning. */\nexport type A = 1\nexport const A = 1`
    expect(undocumented({ "src/index.ts": `export { A } from "./a.ts"`, "src/a.ts": a })).toEqual(
      []
    )
  })

  test("an exception that exempts nothing is a violation", () => {
    const violation = { file: "a.ts", line: 1, rule: "any", message: "here" }
    const exception = { files: ["a.ts"], rule: "any", reason: "phantom types" }
    expect(withoutExempt([violation], [exception])).toEqual([])
    expect(withoutExempt([], [exception])[0]?.rule).toBe("stale")
  })
})
