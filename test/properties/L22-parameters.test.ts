import * as fc from "fast-check"
import { afterAll, describe, expect, test } from "vitest"
import { dialectNames, type DialectName } from "../../src/algebra/Dialect.ts"
import * as R from "../../src/algebra/Relation.ts"
import type { Relation } from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { capabilities } from "../../src/compile/capabilities.ts"
import { compileStatement } from "../../src/compile/compileStatement.ts"
import type { Compiled } from "../../src/compile/Compiled.ts"
import { connections } from "./support/connections.ts"
import { drawn } from "./support/draw.ts"
import { caught, timeFor, upheld, upheldOn } from "./support/law.ts"
import { give } from "./support/Runner.ts"
import { type QueryCase, queryCase } from "./support/statements.ts"

const compiledOr = (node: Relation, dialect: DialectName): Compiled | null => {
  const found = compileStatement(node, capabilities(dialect))
  return found._tag === "Refusal" ? null : found
}

/** The text without comments, quoted names and literals. */
const code = (text: string): string =>
  text.replaceAll(/\/\*.*?\*\//gs, "").replaceAll(/"[^"]*"|`[^`]*`|'[^']*'/g, "''")

/** As many placeholders as slots, and numbered ones all used. */
const matches = ({ dialect, slots, text }: Compiled): boolean => {
  if (dialect !== "postgres") return (code(text).match(/\?/g) ?? []).length === slots.length
  const numbers = new Set(
    (code(text).match(/\$[0-9]+/g) ?? []).map((mark) => Number(mark.slice(1)))
  )
  return numbers.size === slots.length && slots.every((_, i) => numbers.has(i + 1))
}

const cases = drawn((draw): QueryCase => queryCase(draw))

const nasty = fc.string({
  unit: fc.constantFrom(
    "'",
    '"',
    "`",
    "\\",
    "--",
    "/*",
    "*/",
    "?",
    "$1",
    ":a",
    "😀",
    "é",
    "%",
    "_",
    "\n",
    ";",
    "a"
  ),
  maxLength: 8
})

const asking = (value: string): Relation =>
  R.project(
    R.unit,
    [
      S.bound(value, T.text),
      S.inList(S.bound(value, T.text), S.boundList([value, "other"], T.text), T.boolean),
      S.call("concat", [S.bound(value, T.text), S.bound("!", T.text)], T.text)
    ],
    {
      _tag: "Record",
      keys: ["same", "listed", "longer"],
      parts: [0, 1, 2].map((index) => ({ _tag: "Cell", index }) as const),
      presence: null,
      prototype: null
    }
  )

const closers: Array<() => Promise<void>> = []
afterAll(() => Promise.all(closers.map((close) => close())))

describe("L22 parameters", () => {
  test("placeholders and slots agree in number", () => {
    upheld(
      cases,
      ({ query }) =>
        dialectNames.every((dialect) => {
          const compiled = compiledOr(query, dialect)
          return compiled === null || matches(compiled)
        }),
      500
    )
  })

  test("no value is in the text", () => {
    upheld(
      nasty,
      (text) => {
        const [plain, odd] = [asking("plain"), asking(`canary${text}`)]
        for (const dialect of dialectNames) {
          const said = compiledOr(odd, dialect)!.text
          expect(said).toBe(compiledOr(plain, dialect)!.text)
          expect(said).not.toContain("canary")
        }
        return true
      },
      300
    )
  })

  test.each(["sqlite", "postgres", "mariadb"] as const)(
    "every text comes back from %s",
    async (dialect) => {
      const connection = await connections[dialect]()
      closers.push(connection.close)
      await upheldOn(
        nasty,
        async (text) => {
          const given = await give(connection, asking(text), {})
          expect(given).toMatchObject({ rows: [{ same: text, listed: true, longer: `${text}!` }] })
          return true
        },
        100
      )
    },
    timeFor(20_000)
  )

  test("twin: texts are written in quotes, each quote doubled once", () => {
    const spliced = (value: string): string => `SELECT '${value.replace("'", "''")}'`
    caught(
      "first quote only",
      nasty,
      (value) => (spliced(value).match(/'/g) ?? []).length % 2 === 0,
      ["", "it's", "a"]
    )
  })

  test("twin: a repeated value has one slot on every dialect", () => {
    caught(
      "slots without repetition",
      cases,
      ({ query }) => {
        const compiled = compiledOr(query, "mysql")
        if (compiled === null) return true
        const once = new Set(compiled.slots.map((slot) => ("index" in slot ? slot.index : slot)))
        return once.size === (code(compiled.text).match(/\?/g) ?? []).length
      },
      []
    )
  })
})
