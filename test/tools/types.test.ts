import { expect, test } from "vitest"
import type { Compilation } from "../../tools/types/compiler.ts"
import { judge, readExpectation } from "../../tools/types/expectation.ts"

const file = "test/types/wrong/a.ts"
const expectation = { file, line: 3, messages: ["not assignable"] }

const compilation = (
  ...found: ReadonlyArray<readonly [line: number, text: string]>
): Compilation => ({
  diagnostics: found.map(([line, text]) => ({ file, line, text })),
  troubles: [],
  instantiations: undefined
})

test("the head of a wrong program says where and with which words it fails", () => {
  const text = "// line: 3\n// expect: not assignable\ncode\n// expect: no head"
  expect(readExpectation(file, text)).toEqual(expectation)
  expect(readExpectation(file, "// line: 3\ncode")).toContain("expect")
  expect(readExpectation(file, "// expect: a\ncode")).toContain("line")
})

test("it must fail there, so, and nowhere else", () => {
  const right = compilation([3, "TS1: a\nis not assignable to b"])
  expect(judge(expectation, right, true)).toEqual([])
  expect(judge(expectation, compilation(), true)[0]).toContain("must not")
  expect(judge(expectation, compilation([3, "other"]), true)[0]).toContain("lacks")
  expect(judge(expectation, compilation([3, "other"]), false)).toEqual([])
  expect(judge(expectation, compilation([4, "not assignable"]), true)[0]).toContain("no error")
  const more = compilation([3, "not assignable"], [4, "another"])
  expect(judge(expectation, more, true)[0]).toContain("another")
})
