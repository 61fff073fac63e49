import { describe, expect, test } from "vitest"
import * as Expr from "../../src/algebra/Expr.ts"
import * as Fn from "../../src/algebra/Fn.ts"
import * as Query from "../../src/algebra/Query.ts"
import { statementKey } from "../../src/algebra/statementKey.ts"
import * as R from "../../src/algebra/Relation.ts"
import * as S from "../../src/algebra/Scalar.ts"
import * as T from "../../src/algebra/types.ts"
import { capabilities } from "../../src/compile/capabilities.ts"
import { type Lookup, StatementCache } from "../../src/compile/StatementCache.ts"
import { Post, sourceOf, User } from "./support/schema.ts"

const byKey = (id: number) => Query.from(User).where(User.c.id.eq(id)).select(User).node

describe("the statement cache", () => {
  test("a query used again prints nothing, nor does an equal one built anew", () => {
    const cache = StatementCache.make(capabilities("sqlite"))
    const query = byKey(1)
    const first = cache.get(query) as Lookup
    expect(cache.printed()).toBe(1)
    expect(cache.get(query)).toBe(first)
    const rebuilt = cache.get(byKey(2)) as Lookup
    expect(cache.printed()).toBe(1)
    expect(rebuilt.compiled).toBe(first.compiled)
    expect(rebuilt.binds.map((bind) => "value" in bind && bind.value)).toEqual([2])
  })

  test("is bounded in entries and bytes, and keeps what is used", () => {
    const cache = StatementCache.make(capabilities("sqlite"), { entries: 10 })
    const sliced = (n: number) => {
      let query = Query.from(User).select(User)
      for (let i = 0; i <= n; i++) query = query.where(User.c.id.ne(i))
      return query.node
    }
    for (let n = 0; n < 12; n++) {
      cache.get(sliced(n))
      cache.get(byKey(n))
    }
    expect(cache.size().entries).toBeLessThanOrEqual(10)
    expect(cache.printed()).toBe(13)
    const small = StatementCache.make(capabilities("sqlite"), { bytes: 4_000 })
    for (let n = 0; n < 12; n++) small.get(sliced(n))
    expect(small.size().bytes).toBeLessThanOrEqual(4_000)
  })

  test("one text for two values holds while the values are equal", () => {
    const posts = sourceOf(Post)
    const views = (by: number) =>
      S.arith("add", S.ref("p", posts, ["views"], T.integer), S.bound(by, T.integer), T.integer)
    const grouped = (a: number, b: number) =>
      R.project(R.group(R.table(posts, "p"), [views(a)]), [views(b)], { _tag: "Cell", index: 0 })
    const cache = StatementCache.make(capabilities("postgres"))
    expect((cache.get(grouped(1, 1)) as Lookup).compiled.text).toBe(
      "SELECT p.views + $1 AS c0 FROM posts AS p GROUP BY c0"
    )
    expect(() => cache.get(grouped(1, 2))).toThrow(
      '"p.views" is neither grouped nor inside an aggregate'
    )
    expect((cache.get(grouped(2, 2)) as Lookup).compiled.text).toBe(
      "SELECT p.views + $1 AS c0 FROM posts AS p GROUP BY c0"
    )
    expect(cache.printed()).toBe(2)
  })

  test("a text holds while the values that differ do", () => {
    const pair = (a: number, b: number) =>
      Query.select({ x: Expr.value(a, T.integer), y: Expr.value(b, T.integer) })
    const sorted = (a: number, b: number, by: number) =>
      pair(a, b).unionAll(pair(0, 0)).orderBy(Expr.value(by, T.integer)).node
    const cache = StatementCache.make(capabilities("postgres"))
    const orderOf = (a: number, b: number, by: number): string | undefined => {
      const found = cache.get(sorted(a, b, by))
      return found._tag === "Lookup" ? /ORDER BY (\w+)/.exec(found.compiled.text)?.[1] : "refused"
    }
    expect(orderOf(1, 2, 1)).toBe("x")
    expect(orderOf(1, 2, 2)).toBe("y")
    expect(orderOf(3, 4, 3)).toBe("x")
    expect(orderOf(3, 4, 4)).toBe("y")
    expect(orderOf(5, 5, 5)).toBe("x")
    expect(cache.printed()).toBe(2)
  })

  test("a text is known by its key once it was made, unless it holds values", () => {
    const cache = StatementCache.make(capabilities("sqlite"))
    const key = statementKey(byKey(1))
    expect(cache.known(key)).toBeNull()
    const { compiled } = cache.get(byKey(1)) as Lookup
    expect(cache.known(key)).toBe(compiled)
    expect(cache.made()).toBeNull()
    const held = StatementCache.make(capabilities("mariadb"))
    const framed = Query.from(User).select({
      n: Fn.sum(User.c.id).over({
        orderBy: [User.c.id],
        frame: { rows: [{ preceding: 2 }, "current row"] }
      })
    }).node
    expect((held.get(framed) as Lookup).compiled.fixed).toHaveLength(1)
    expect(held.known(statementKey(framed))).toBeNull()
  })

  test("refusals are remembered too", () => {
    const cache = StatementCache.make(capabilities("mysql"))
    const insert = () =>
      Query.insert(User).values({ username: "a", active: true }).returning({ id: User.c.id }).node
    expect(cache.get(insert())).toMatchObject({ _tag: "Refusal", capability: "insertReturning" })
    expect(cache.get(insert())).toMatchObject({ _tag: "Refusal" })
    expect(cache.printed()).toBe(1)
  })
})
