import Sqlite from "better-sqlite3"
import { describe, expect, test } from "vitest"
import * as R from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import * as Table from "../../src/algebra/schema/Table.ts"
import * as Column from "../../src/algebra/schema/Column.ts"
import { dialectNames } from "../../src/algebra/Dialect.ts"
import { capabilities } from "../../src/compile/capabilities.ts"
import { checkIdentifier, fitName } from "../../src/compile/identifiers.ts"
import { compile } from "../../src/compile/compileStatement.ts"
import { compiled } from "./support/servers.ts"
import { sourceOf } from "./support/schema.ts"

const selectOf = (field: Scalar) => ({
  node: R.project(R.unit, [field], { _tag: "Cell", index: 0 } as const)
})
const same = (n: number): Scalar =>
  S.compare("eq", S.bound(n, T.integer), S.constant(1, T.integer), T.boolean)
const terms = Array.from({ length: 20_000 }, (_, i) => same(i))
const nested = (f: (inner: Scalar) => Scalar, times: number): Scalar => {
  let at: Scalar = same(1)
  for (let i = 0; i < times; i++) at = f(at)
  return at
}
const answer = (statement: { readonly node: R.Relation }): unknown => {
  const { slots, text } = compiled(statement, "sqlite")
  const values = slots.map((slot) =>
    slot._tag === "Bound" ? statement.node.binds[slot.index]!.value : null
  )
  return new Sqlite(":memory:")
    .prepare(text)
    .raw(true)
    .get(...values)
}

describe("size", () => {
  test("20,000 terms run", () => {
    expect(answer(selectOf(S.or(terms, T.boolean)))).toEqual([1])
    expect(answer(selectOf(S.and(terms, T.boolean)))).toEqual([0])
  })

  test("queries compared with queries are said as often as they stand there", () => {
    const among = (inner: Scalar): Scalar =>
      S.inQuery(S.bound(2, T.integer), selectOf(inner).node, T.boolean, "ne", "any")
    const statement = selectOf(nested(among, 10))
    expect(compiled(statement, "sqlite").text.length).toBeLessThan(10_000)
    expect(answer(statement)).toEqual([1])
  })

  test("20,000 negations are none", () => {
    const statement = selectOf(nested((inner) => S.not(inner, T.boolean), 20_000))
    expect(compiled(statement, "sqlite").text).toBe("SELECT ? = 1 AS c0")
  })

  test.each(dialectNames)(
    "20,000 nested operations are refused by %s, not by the stack",
    (dialect) => {
      const deep = nested((inner) => S.isNull(inner, T.boolean), 20_000)
      expect(compile(selectOf(deep), dialect)).toMatchObject({ capability: "maxDepth" })
    }
  )

  test("what is allowed runs", () => {
    let sum: Scalar = S.bound(0, T.integer)
    for (let i = 0; i < 400; i++) sum = S.arith("sub", S.constant(1, T.integer), sum, T.integer)
    expect(answer(selectOf(sum))).toEqual([0])
  })

  test("too many parameters", () => {
    const many = S.and([...terms, ...terms], T.boolean)
    expect(compile(selectOf(many), "sqlite")).toMatchObject({ capability: "maxParameters" })
  })
})

describe("identifiers", () => {
  test.each(["", "a\u0000b", "\ud800"])("%j is refused", (name) => {
    for (const dialect of dialectNames) {
      expect(() => checkIdentifier(name, capabilities(dialect))).toThrow("identifier")
    }
  })

  test("63 bytes on PostgreSQL, 64 characters on MySQL", () => {
    expect(() => checkIdentifier("é".repeat(32), capabilities("postgres"))).toThrow("64 bytes")
    expect(() => checkIdentifier("é".repeat(64), capabilities("mysql"))).not.toThrow()
    expect(() => checkIdentifier("a".repeat(65), capabilities("mariadb"))).toThrow("65 characters")
  })

  test("generated names are cut to fit, the same way every time, and stay apart", () => {
    const long = (last: string): string =>
      fitName(`${"a".repeat(70)}${last}`, capabilities("postgres"))
    expect(long("x")).toBe(`${"a".repeat(49)}_3pd4svfjaha95`)
    expect(long("x")).not.toBe(long("y"))
  })

  test("quotes in names are doubled", () => {
    const odd = Table.exact('od"d`', { 'a"b': Column.integer(), select: Column.integer() })
    const statement = {
      node: R.project(
        R.table(sourceOf(odd), "o"),
        [odd.c['a"b'].node, odd.c.select.node].map((ref) =>
          S.ref("o", sourceOf(odd), (ref as S.Ref).path, ref.type)
        ),
        { _tag: "Cell", index: 0 } as const
      )
    }
    expect(compiled(statement, "sqlite").text).toBe(
      'SELECT o."a""b" AS c0, o."select" AS c1 FROM "od""d`" AS o'
    )
    expect(compiled(statement, "mysql").text).toBe(
      'SELECT o.`a"b` AS c0, o.`select` AS c1 FROM `od"d``` AS o'
    )
  })
})
