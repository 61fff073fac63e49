import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { type Files, page, renewed } from "../../tools/faults/page.ts"
import { filesBelow, root } from "../../tools/source/source.ts"

const real = async (): Promise<Files> =>
  new Map(
    (await filesBelow("test"))
      .filter((file) => file.endsWith(".test.ts"))
      .map((file) => [file, readFileSync(join(root, file), "utf8")])
  )

describe("the page of faults", () => {
  test("has a test for each row on each database it names, and for each hazard", async () => {
    const { text, wrong } = page(await real())
    expect(wrong).toEqual([])
    const whole = readFileSync(join(root, "docs/faults.md"), "utf8")
    expect(renewed(whole, text), "node tools/faults/main.ts writes it").toBe(whole)
  })

  test("a row whose test is gone is said, and so is a test without a row", async () => {
    const files = new Map(await real())
    const hurt = (file: string, from: string, to: string) => {
      const text = files.get(file)!
      expect(text).toContain(from)
      return page(new Map([...files, [file, text.replaceAll(from, to)]])).wrong
    }
    const fault = "fault("
    expect(hurt("test/faults/statements.test.ts", fault, "gone(")).toContain("row 15 lacks sqlite")
    expect(hurt("test/faults/hazards.test.ts", '"two databases', '"three databases')).toEqual([
      'no test of the hazard "two databases in one program"',
      'the hazard "three databases in one program" is not on the list'
    ])
  })
})
