import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Column, Expr, Query, Table } from "athanor"
import { capabilities, compile, StatementCache } from "athanor/compile"
import * as Equal from "effect/Equal"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { dialects, textOf } from "./support.ts"
import { printed, statements } from "./statements.ts"

const t = Table.make("t", {
  a: Column.integer(),
  b: Column.integer(),
  c: Column.integer(),
  s: Column.text()
})

/** An expression with the way its text must be read. */
interface Read {
  readonly expr: Expr.Expr<number, "t">
  readonly tree: string
}
interface Condition {
  readonly expr: Expr.Expr<boolean, "t">
  readonly tree: string
}

/** A row of one connective is one: its parts have no parentheses of their own. */
const rowOf = (word: string, parts: ReadonlyArray<string>): string => {
  const start = `(${word}: `
  const inner = parts.map((part) => (part.startsWith(start) ? part.slice(start.length, -1) : part))
  return `${start}${inner.join(` ${word} `)})`
}

const numbers: fc.Memo<Read> = fc.memo((depth) =>
  depth <= 1
    ? fc
        .constantFrom<"a" | "b" | "c">("a", "b", "c")
        .map((key) => ({ expr: t.c[key], tree: `t.${key}` }))
    : fc.oneof(
        fc
          .tuple(
            fc.constantFrom(["add", "+"] as const, ["sub", "-"] as const, ["mul", "*"] as const),
            numbers(),
            numbers()
          )
          .map(([[name, sign], x, y]) => ({
            expr: x.expr[name](y.expr),
            tree: `(${x.tree} ${sign} ${y.tree})`
          })),
        numbers().map((x) => ({ expr: x.expr.neg(), tree: `(- ${x.tree})` })),
        numbers(1)
      )
)
const conditions: fc.Memo<Condition> = fc.memo((depth) =>
  depth <= 1
    ? fc
        .tuple(
          fc.constantFrom(["eq", "="] as const, ["lt", "<"] as const, ["gte", ">="] as const),
          numbers(3),
          numbers(3)
        )
        .map(([[name, sign], x, y]) => ({
          expr: x.expr[name](y.expr),
          tree: `(${x.tree} ${sign} ${y.tree})`
        }))
    : fc.oneof(
        fc
          .tuple(
            fc.constantFrom(["and", "AND"] as const, ["or", "OR"] as const),
            fc.array(conditions(), { minLength: 2, maxLength: 3 })
          )
          .map(([[name, word], parts]) => ({
            expr: Expr[name](...parts.map((part) => part.expr)),
            tree: rowOf(
              word,
              parts.map((part) => part.tree)
            )
          })),
        conditions(1)
      )
)

const powers: Readonly<Record<string, number>> = {
  OR: 1,
  AND: 2,
  "=": 4,
  "<": 4,
  ">=": 4,
  "+": 5,
  "-": 5,
  "*": 6
}

/** Reads SQL as every server does, by the precedence of its operators. */
const parse = (text: string): string => {
  if (text.includes("--")) return "a comment"
  const tokens = text.match(/[a-z]+\.[a-z]+|AND|OR|>=|[-+*=<()]/g) ?? []
  let at = 0
  const primary = (): string => {
    const token = tokens[at++]
    if (token === "-") return `(- ${primary()})`
    if (token !== "(") return token ?? "nothing"
    const inner = binary(0)
    return tokens[at++] === ")" ? inner : "unclosed"
  }
  const binary = (least: number): string => {
    let left = primary()
    for (let sign = tokens[at]; sign !== undefined && powers[sign]! > least; sign = tokens[at]) {
      at++
      const right = binary(powers[sign]!)
      left =
        sign === "AND" || sign === "OR" ? rowOf(sign, [left, right]) : `(${left} ${sign} ${right})`
    }
    return left
  }
  const tree = binary(0)
  return at === tokens.length ? tree : `${tree} and more`
}

/** The text without each of its pairs of parentheses in turn; those of a call are its own. */
const withoutOne = (text: string): ReadonlyArray<string> =>
  Array.from(text).flatMap((char, from) => {
    if (char !== "(" || /\w/.test(text[from - 1] ?? "")) return []
    let open = 0
    for (let to = from; to < text.length; to++) {
      open += text[to] === "(" ? 1 : text[to] === ")" ? -1 : 0
      if (open === 0) return [text.slice(0, from) + text.slice(from + 1, to) + text.slice(to + 1)]
    }
    return []
  })

describe("compilation", () => {
  test("parentheses are minimal and right: the text parses back to its tree [F48.5 @all]", () => {
    fc.assert(
      fc.property(conditions(4), ({ expr, tree }) => {
        for (const dialect of dialects) {
          const text = textOf(Query.from(t).where(expr), dialect).replace(/[^]* WHERE /, "")
          expect([text, parse(text)]).toEqual([text, tree])
          for (const less of withoutOne(text)) expect([less, parse(less)]).not.toEqual([less, tree])
        }
      }),
      { numRuns: 300 }
    )
  })

  test("text, parameters and rows of any statement without a database [F83.1 @all]", () => {
    const query = Query.from(t)
      .where(t.c.s.eq("x").and(t.c.a.gt(1)))
      .select({ in: { a: t.c.a }, s: t.c.s })
    for (const dialect of dialects) {
      const found = StatementCache.make(capabilities(dialect)).get(query.node)
      if (found._tag !== "Lookup") throw new Error(found.construct)
      expect(found.compiled.text).toMatch(
        /^SELECT t\.a, t\.s FROM t WHERE t\.s = \S+ AND t\.a > \S+$/
      )
      expect(found.binds.map((bind) => ("value" in bind ? bind.value : null))).toEqual(["x", 1])
      expect(found.compiled.decode!([dialect === "postgres" ? "1" : 1, "y"])).toEqual({
        in: { a: 1 },
        s: "y"
      })
    }
    for (const [name, statement] of Object.entries(statements())) {
      for (const dialect of dialects) {
        const compiled = compile(statement, dialect)
        if (compiled._tag === "Refusal")
          expect([name, compiled.capability]).toEqual([name, expect.stringMatching(/Returning$/)])
        else expect(compiled.text.length + compiled.slots.length).toBeGreaterThan(10)
      }
    }
  })

  test("compilation is the same bytes in every process [F83.4 @all]", () => {
    const print = fileURLToPath(new URL("printStatements.ts", import.meta.url))
    const texts = () =>
      execFileSync(process.execPath, ["--conditions=athanor-source", print], { encoding: "utf8" })
    const here = `${JSON.stringify(printed())}\n`
    expect(texts()).toBe(here)
    expect(here.length).toBeGreaterThan(2000)
  })

  test("a statement is printed once, used again or built again [F83.5 @all]", () => {
    for (const dialect of dialects) {
      const cache = StatementCache.make(capabilities(dialect))
      for (const statement of Object.values(statements())) {
        const before = cache.printed()
        for (let i = 0; i < 3; i++) cache.get(statement.node)
        expect(cache.printed()).toBe(before + 1)
      }
      const before = cache.printed()
      for (const statement of Object.values(statements())) cache.get(statement.node)
      expect(cache.printed()).toBe(before)
    }
  })

  test("equal statements are equal by key and value, any others are not [F83.3 @all]", () => {
    const all = Object.values(statements())
    const again = Object.values(statements())
    for (const [i, one] of all.entries()) {
      expect(again[i]!.node.key).toBe(one.node.key)
      expect(Equal.equals(one, again[i])).toBe(true)
    }
    expect(new Set(all.map(({ node }) => node.key)).size).toBe(all.length)
    const base = Query.from(t).where(t.c.a.eq(1)).select({ a: t.c.a }).limit(2)
    const changed = [
      Query.from(t).where(t.c.a.eq(2)).select({ a: t.c.a }).limit(2),
      Query.from(t).where(t.c.a.eq(1)).select({ a: t.c.a }).limit(3),
      Query.from(t).where(t.c.a.ne(1)).select({ a: t.c.a }).limit(2),
      Query.from(t).where(t.c.b.eq(1)).select({ a: t.c.a }).limit(2),
      Query.from(t).where(t.c.a.eq(1)).select({ b: t.c.a }).limit(2),
      Query.from(t).where(t.c.a.eq(1)).select({ a: t.c.b }).limit(2),
      Query.from(t).where(t.c.a.eq(1)).select({ a: t.c.a }).offset(2),
      Query.from(t).where(t.c.a.eq(1)).select(t.c.a).limit(2)
    ]
    const told = (query: { readonly node: (typeof base)["node"] }) =>
      JSON.stringify([
        query.node.key,
        query.node.binds.map((bind) => "value" in bind && bind.value)
      ])
    expect(new Set([base, ...changed].map(told)).size).toBe(changed.length + 1)
    for (const other of changed) expect(Equal.equals(base, other)).toBe(false)
  })
})
