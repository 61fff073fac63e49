import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { describe, expect, test } from "vitest"
import * as fc from "fast-check"
import { dialectNames } from "../../src/algebra/Dialect.ts"
import { capabilities } from "../../src/compile/capabilities.ts"
import { dialects } from "../../src/compile/dialects.ts"
import { fitName, isPlain } from "../../src/compile/identifiers.ts"
import { labelsFor } from "../../src/compile/labels.ts"
import { caught, upheld } from "./support/law.ts"
import { sampleTexts } from "./support/sampleTexts.ts"

const digest = (text: string): string => createHash("sha256").update(text).digest("hex")

const name = fc.string({
  unit: fc.constantFrom("a", "B", '"', "`", " ", "_", "é", "1", "."),
  minLength: 1,
  maxLength: 5
})
const pairs: fc.Arbitrary<readonly [string, string]> = fc.tuple(name, name)

const printed = (dialect: (typeof dialectNames)[number], one: string): string =>
  isPlain(one) ? one : dialects[dialect].quote(one)

describe("L26 determinism", () => {
  test("the same text again", () => {
    expect(sampleTexts(200)).toEqual(sampleTexts(200))
  })

  test("the same text in another process", () => {
    const script = "test/properties/support/printSample.ts"
    const other = execFileSync(process.execPath, ["--conditions=athanor-source", script, "200"], {
      encoding: "utf8"
    })
    expect(other.trim()).toBe(digest(sampleTexts(200).join("\n")))
  })

  test("two names are never one text", () => {
    upheld(pairs, ([a, b]) =>
      dialectNames.every((dialect) => (printed(dialect, a) === printed(dialect, b)) === (a === b))
    )
  })

  test("labels are unlike each other, whatever the keys", () => {
    const long = fc
      .tuple(fc.constantFrom("", "x".repeat(62), "x".repeat(254), "X".repeat(254)), name)
      .map(([a, b]) => a + b)
    upheld(fc.array(long, { minLength: 1, maxLength: 6 }), (keys) => {
      const shape = {
        _tag: "Record" as const,
        keys,
        parts: keys.map((_, index) => ({ _tag: "Cell", index }) as const),
        presence: null,
        prototype: null
      }
      return dialectNames.every((dialect) => {
        const able = capabilities(dialect)
        const labels = labelsFor(shape, keys.length, able).map((label) => label.toLowerCase())
        return (
          new Set(labels).size === labels.length &&
          labels.every((label) => label.length <= able.maxIdentifier.length)
        )
      })
    })
  })

  test("twin: quotes inside names are left alone", () => {
    const careless = (one: string): string => `"${one.replace('"', "")}"`
    caught("a quote is dropped", pairs, ([a, b]) => (careless(a) === careless(b)) === (a === b), [
      ["a", "b"],
      ["a", "a"]
    ])
  })

  test("twin: long names are cut without a hash", () => {
    const long = fc
      .tuple(name, name)
      .map(([a, b]) => [`${"x".repeat(70)}${a}`, `${"x".repeat(70)}${b}`] as const)
    const able = capabilities("postgres")
    upheld(long, ([a, b]) => (fitName(a, able) === fitName(b, able)) === (a === b))
    caught("cut at 63", long, ([a, b]) => (a.slice(0, 63) === b.slice(0, 63)) === (a === b), [])
  })
})
