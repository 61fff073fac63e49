import { expect, test } from "vitest"
import { blocksOfPage, blocksOfSource, textOf } from "../../tools/docs/blocks.ts"
import { agrees, withObservations } from "../../tools/docs/observe.ts"
import { parse } from "../../tools/source/source.ts"

const page = [
  "# Page",
  "```ts",
  "const a = 1",
  "```",
  "```sh",
  "ls",
  "```",
  "- item",
  "  ```ts continued",
  "  a",
  "  ```",
  "```ts no-run",
  "b",
  "```"
].join("\n")

test("a page gives its ts blocks, each line with its place", () => {
  const blocks = blocksOfPage("page.md", page)
  expect(blocks.map(textOf)).toEqual(["const a = 1", "const a = 1\na", "b"])
  expect(blocks.map(({ runs }) => runs)).toEqual([true, true, false])
  expect(blocks[1]?.lines.map(({ at }) => at)).toEqual([3, 10])
})

test("a doc comment gives its examples, fenced or bare, up to the next tag", () => {
  const text = `/**
 * Adds.
 *
 * @example
 * add(1, 2) // => 3
 * @category sums
 */
export const add = 1
/**
 * @example
 * \`\`\`ts
 * add(2, 2)
 * \`\`\`
 */
export const more = 1`
  const blocks = blocksOfSource("a.ts", parse("a.ts", text))
  expect(blocks.map((block) => textOf(block).trim())).toEqual(["add(1, 2) // => 3", "add(2, 2)"])
  expect(blocks[1]?.lines[0]?.at).toBe(12)
})

test("an expression, a named value and what is logged are observed", () => {
  const text = `one() // => 1\nconst two = f(\n  2) // => 2\nconsole.log(three) // => 3`
  const program = withObservations(text)
  expect(program.observations.map(({ line }) => line)).toEqual([1, 3, 4])
  for (const shown of ["(one()), () => (1)", "(two), () => (2)", "(three), () => (3)"]) {
    expect(program.text).toContain(shown)
  }
})

test("values agree as values, else as they print, and disagree otherwise", () => {
  expect(agrees({ a: [1n] }, () => ({ a: [1n] }), "")).toBe(true)
  expect(agrees({ a: 1 }, () => ({ a: 2 }), "{ a: 2 }")).toBe(false)
  expect(agrees(new Map([[1, 2]]), undefined, "Map(1) { 1 => 2 }")).toBe(true)
  expect(agrees("select 1", undefined, "select 1")).toBe(true)
  expect(agrees(1, () => 2, "2")).toBe(false)
})
