import { Column, Expr, Fn, Query, Table, Type } from "athanor"
import { compile } from "athanor/compile"
import { describe, expect, test } from "vitest"
import { dialectNames } from "../../src/algebra/Dialect.ts"

const users = Table.make("users", { id: Column.id(), age: Column.integer() })
const posts = Table.make("posts", { id: Column.id() })
const sorted = Query.from(users).orderBy(users.c.id)
const more = Expr.param("n", Type.integer).add(1)
const all = Query.from(posts).select(Fn.count()).scalar().coalesce(0)

describe("a number of rows that is computed", () => {
  test.each(dialectNames)("is said or refused, on %s", (dialect) => {
    for (const query of [
      sorted.limit(more),
      sorted.limit(2).offset(more),
      sorted.limit(all),
      sorted
        .select({ age: users.c.age })
        .union(sorted.select({ age: users.c.id }))
        .limit(all)
    ]) {
      const said = compile(query, dialect)
      if (dialect === "sqlite" || dialect === "postgres") expect(said).toHaveProperty("text")
      else expect(said).toMatchObject({ _tag: "Refusal", capability: "limitExpression" })
    }
    expect(compile(sorted.limit(Expr.param("n", Type.integer)), dialect)).toHaveProperty("text")
  })

  test.each(dialectNames)("looks at no other rows, on %s", (dialect) => {
    const place = Fn.rowNumber().over() as never
    for (const [query, clause] of [
      [sorted.limit(place), "limit"],
      [sorted.limit(2).offset(place), "offset"]
    ] as const)
      expect(() => compile(query as never, dialect)).toThrow(
        `a window function stands in ${clause}`
      )
  })
})
