import { Column, Database, Expr, Query, Table, Type } from "athanor"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { dialectNames } from "../../src/algebra/Dialect.ts"
import { dialects, engines, expectSql, refusalOf, textOf, useDatabase } from "./support.ts"

const numbers = Table.make("numbers", {
  id: Column.id(),
  a: Column.integer(),
  b: Column.integer(),
  word: Column.text()
})
const { a, b, id, word } = numbers.c
const from = Query.from(numbers)
const ints = { left: Type.integer, right: Type.integer, result: Type.integer }

/** The operators of an arithmetic of one's own, and what they mean. */
const own = {
  minus: {
    loose: Expr.operator("-", ints),
    ranked: Expr.operator("-", { ...ints, precedence: "sum" }),
    means: (x: number, y: number) => x - y
  },
  plus: {
    loose: Expr.operator("+", ints),
    ranked: Expr.operator("+", { ...ints, precedence: "sum" }),
    means: (x: number, y: number) => x + y
  },
  times: {
    loose: Expr.operator("*", ints),
    ranked: Expr.operator("*", { ...ints, precedence: "product" }),
    means: (x: number, y: number) => x * y
  },
  rest: {
    loose: Expr.operator("%", ints),
    ranked: Expr.operator("%", { ...ints, precedence: "product" }),
    means: (x: number, y: number) => x % y
  },
  less: {
    loose: Expr.operator("<", { ...ints, result: Type.boolean }),
    ranked: Expr.operator("<", { ...ints, result: Type.boolean, precedence: "comparison" }),
    means: (x: number, y: number) => x < y
  }
} as const
const negative = {
  loose: Expr.prefix("-", { operand: Type.integer, result: Type.integer }),
  ranked: Expr.prefix("-", { operand: Type.integer, result: Type.integer, precedence: "unary" })
}

type Int = Expr.Expr<number | null, "numbers">
type Binary = (left: Int, right: Int) => Int
interface Said {
  readonly said: Int
  readonly means: (x: number, y: number) => number
}
const binary = ["minus", "plus", "times", "rest"] as const

/** Every tree of so many operators over two columns, each operator loose and ranked by turns. */
const trees = (depth: number, turn: number): ReadonlyArray<Said> => {
  const leaves: ReadonlyArray<Said> = [
    { said: a, means: (x) => x },
    { said: b, means: (_, y) => y }
  ]
  if (depth === 0) return leaves
  const below = trees(depth - 1, turn + 1)
  const form = turn % 2 === 0 ? "ranked" : "loose"
  const of = (one: (typeof binary)[number], left: Said, right: Said): Said => ({
    said: (own[one][form] as Binary)(left.said, right.said),
    means: (x, y) => own[one].means(left.means(x, y), right.means(x, y))
  })
  return [
    ...binary.flatMap((one) =>
      below.flatMap((left, i) => [
        of(one, left, leaves[i % 2]!),
        of(one, leaves[(i + 1) % 2]!, left),
        of(one, left, below[(i * 7 + 3) % below.length]!)
      ])
    ),
    ...below.map(({ means, said }) => ({
      said: (negative[form] as (self: Int) => Int)(said),
      means: (x: number, y: number) => -means(x, y)
    }))
  ]
}

const rows = [
  { a: 17, b: 5, word: "one" },
  { a: -7, b: 3, word: "two" },
  { a: 4, b: -9, word: "" }
]

describe.each(engines)("operators of one's own on %s", (engine) => {
  const { all, failure, fill, run } = useDatabase(engine, { numbers })

  test("nested in every way they have the value of the tree [F51.1]", async () => {
    await fill("numbers", rows)
    // A remainder by zero has no value to compare.
    const asked = [...trees(2, 0), ...trees(2, 1)].filter(({ means }) =>
      rows.every((row) => Number.isSafeInteger(means(row.a, row.b)))
    )
    expect(asked.length).toBeGreaterThan(300)
    for (let at = 0; at < asked.length; at += 40) {
      const part = asked.slice(at, at + 40)
      const projection = Object.fromEntries(part.map(({ said }, i) => [`v${i}`, said]))
      const found: ReadonlyArray<Readonly<Record<string, unknown>>> = await all(
        from.orderBy(id).select(projection) as unknown as typeof from
      )
      found.forEach((row, r) =>
        part.forEach(({ means, said }, i) => {
          const { a: x, b: y } = rows[r]!
          expect(row[`v${i}`], textOf(from.select(said), engine)).toBe(means(x, y) + 0)
        })
      )
    }
    // Beside the library's own, and as conditions.
    const { less, minus, times } = own
    for (const form of ["loose", "ranked"] as const) {
      const mixed = from.orderBy(id).select({
        x: minus[form](a, b).mul(2),
        y: times[form](a.add(b), b.sub(a)),
        z: minus[form](a, minus[form](b, 1)).add(1),
        inverse: negative[form](a.sub(b)),
        isLess: less[form](a, minus[form](b, 1)).isNull(),
        not: Expr.when(Expr.and(less[form](a, b), a.gt(0)), 0).else(1)
      })
      expect(await all(mixed)).toEqual(
        rows.map((row) => ({
          x: (row.a - row.b) * 2,
          y: (row.a + row.b) * (row.b - row.a),
          z: row.a - (row.b - 1) + 1,
          inverse: -(row.a - row.b),
          isLess: false,
          not: row.a < row.b && row.a > 0 ? 0 : 1
        }))
      )
      const kept = from
        .where(
          less[form](a, b)
            .and(less[form](minus[form](a, b), 0))
            .or(a.eq(4))
        )
        .select({ a })
        .orderBy(id)
      expect(await all(kept)).toEqual([{ a: -7 }, { a: 4 }])
    }
  })

  test("an operator of words, and one of the server's own [F51.1]", async () => {
    const like = Expr.operator("NOT LIKE", {
      left: Type.text,
      right: Type.text,
      result: Type.boolean,
      precedence: "comparison"
    })
    expect(await all(from.where(like(word, "t%")).orderBy(id).select({ word }))).toEqual([
      { word: "one" },
      { word: "" }
    ])
    const bits = Expr.operator({ sqlite: "&", postgres: "&", mysql: "&", mariadb: "&" }, ints)
    expect(await all(from.where(id.eq(1)).select({ n: bits(a, bits(a.sub(1), 24)) }))).toEqual([
      { n: 16 }
    ])
    const not = Expr.prefix("NOT", { operand: Type.boolean, result: Type.boolean })
    expect(
      await all(
        from
          .where(not(not(a.gt(b))))
          .select({ a })
          .orderBy(id)
      )
    ).toEqual([{ a: 17 }, { a: 4 }])
  })

  test("no symbol makes a text the server cannot read", async () => {
    const signs = "+-*/<>=~!@#%^&|".split("")
    const symbols = [
      ...signs,
      ...signs.flatMap((x) => signs.map((y) => x + y)),
      ...["<=>", "->>", "SELECT", "OR 1", "IS", "UNION SELECT", "AT TIME ZONE", "SIMILAR TO"],
      ...["DISTINCT", "COLLATE", "AND", "MEMBER OF", "DIV", "REGEXP", "IN", "BETWEEN", "ESCAPE"]
    ]
    const unread: Array<string> = []
    const said = async (symbol: string, make: () => Expr.Expr<unknown>) => {
      try {
        textOf(Query.select(make()), engine)
      } catch {
        return
      }
      const answer = await run(Effect.result(Database.all(Query.select(make()))))
      if (answer._tag === "Failure" && answer.failure._tag === "SyntaxOrUndefined")
        if (answer.failure.kind === "syntax") unread.push(symbol)
    }
    const one = Expr.value(1, Type.integer)
    for (const symbol of symbols) {
      await said(symbol, () => Expr.operator(symbol, ints)(one, 2))
      await said(symbol, () => Expr.prefix(symbol, { operand: Type.integer, ...ints })(one))
    }
    expect(unread).toEqual([])
    const unknown = Expr.operator("|||||", ints)(one, 2)
    const refused = await failure(Database.all(Query.select(unknown)))
    expect(refused).toMatchObject(
      engine === "postgres"
        ? { _tag: "SyntaxOrUndefined" }
        : { _tag: "Unsupported", capability: "|||||" }
    )
  })
})

describe("operators of one's own as printed for sqlite, postgres, mariadb and mysql", () => {
  test("a known precedence leaves parentheses out, an unknown one never", () => {
    const { minus, times } = own
    const query = from.select({
      loose: minus.loose(minus.loose(a, b), times.loose(a, b)),
      ranked: minus.ranked(minus.ranked(a, b), times.ranked(a, b)),
      right: minus.ranked(a, minus.ranked(b, a)),
      under: times.ranked(minus.ranked(a, b), a),
      mixed: minus.ranked(a.add(b), a.mul(b))
    })
    const text =
      "SELECT (numbers.a - numbers.b) - (numbers.a * numbers.b) AS loose, numbers.a - numbers.b " +
      "- numbers.a * numbers.b AS ranked, numbers.a - (numbers.b - numbers.a) AS {right}, " +
      "(numbers.a - numbers.b) * numbers.a AS under, numbers.a + numbers.b - numbers.a * " +
      "numbers.b AS mixed FROM numbers"
    const ansi = text.replace("{right}", '"right"')
    const mysql = text.replace("{right}", "`right`")
    expectSql(query, { sqlite: ansi, postgres: ansi, mysql, mariadb: mysql })
  })

  test("a precedence that is not the operator's is refused where it is said", () => {
    const wrong = () => Expr.operator("+", { ...ints, precedence: "product" })
    expect(wrong).toThrow("+ is no product on sqlite")
    expect(() => Expr.operator("&", { ...ints, precedence: "sum" })).toThrow("is no sum")
    expect(() =>
      Expr.prefix("~", { operand: Type.integer, result: Type.integer, precedence: "unary" })
    ).toThrow("~ is no unary on postgres")
  })

  test("a word that is no operator is refused when it is built", () => {
    for (const symbol of ["SELECT", "UNION", "OR 1", "IN", "BETWEEN", "COLLATE", "=>", "<>-"]) {
      expect(() => Expr.operator(symbol, ints), symbol).toThrow("no operator of SQL's")
      expect(() => Expr.operator({ mysql: symbol }, ints)).toThrow("no operator of SQL's")
    }
    const known = dialectNames.filter((dialect) => {
      const div = Expr.operator("DIV", ints)(a, b)
      return dialect === "mysql" || dialect === "mariadb"
        ? textOf(from.select(div), dialect).includes("numbers.a DIV numbers.b")
        : refusalOf(from.select(div), dialect).capability === "DIV"
    })
    expect(known).toEqual([...dialects])
  })
})
