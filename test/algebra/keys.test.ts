import { assert, describe, it } from "@effect/vitest"
import { Column, Expr, Query, Table, Type } from "athanor"

/** Keys are made in more than one way: extended, remembered, put together. All give one text. */

const posts = Table.make("posts", {
  id: Column.id(),
  title: Column.varchar(100),
  views: Column.integer().default(0),
  note: Column.text().nullable()
})
const { id, title, views } = posts.c

describe("keys", () => {
  it("a list of conditions has one key however it grows", () => {
    const parts = () => [id.gt(1), title.ne("a"), views.lt(9), id.ne(5)] as const
    const [a, b, c, d] = parts()
    const chained = Query.from(posts).where(a).where(b).where(c).where(d)
    const listed = Query.from(posts).where(Expr.and(...parts()))
    const methods = Query.from(posts).where(a.and(b).and(c).and(d))
    const pairs = Query.from(posts).where(a.and(b)).where(c.and(d))
    for (const query of [listed, methods, pairs])
      assert.strictEqual(query.node.key, chained.node.key)
    assert.deepStrictEqual(
      pairs.node.binds.map((bound) => bound.value),
      [1, "a", 9, 5]
    )
  })

  it("and, or, their order and their depth are told apart", () => {
    const [a, b, c] = [id.eq(1), title.eq("a"), views.eq(2)]
    const predicates = [
      a.and(b),
      a.or(b),
      b.and(a),
      a.and(b).or(c),
      a.and(b.or(c)),
      a.or(b).and(c),
      Expr.and(a, b, c),
      Expr.or(a, b, c)
    ]
    assert.strictEqual(new Set(predicates.map((one) => one.node.key)).size, predicates.length)
  })

  it("a comparison that is remembered has the key of one made anew", () => {
    const again = Query.alias(posts, "posts").c
    for (const op of ["eq", "ne", "lt", "lte", "gt", "gte"] as const) {
      const first = id[op](1).node.key
      assert.strictEqual(id[op](2).node.key, first)
      assert.strictEqual(again.id[op](3).node.key, first)
      const named = Expr.param("id", Type.integer)
      assert.notStrictEqual(id[op](named).node.key, first)
      assert.strictEqual(id[op](4).node.key, first)
    }
  })

  it("more conditions than are remembered keep their keys", () => {
    const made = (at: number) =>
      Query.from(posts).where(id.eq(Expr.param(`p${at}`, Type.integer))).node.key
    const first = Array.from({ length: 600 }, (_, at) => made(at))
    const second = Array.from({ length: 600 }, (_, at) => made(at))
    assert.deepStrictEqual(second, first)
    assert.strictEqual(new Set(first).size, 600)
  })

  it("one row and a list of one row are one insert", () => {
    const row = { title: "a", views: 3 }
    const one = Query.insert(posts).values(row).returning({ id })
    const many = Query.insert(posts).rows([row]).returning({ id })
    assert.strictEqual(one.node.key, many.node.key)
    assert.notStrictEqual(Query.insert(posts).values(row).node.key, one.node.key)
  })

  it("columns in another order are another update, the same order the same", () => {
    const set = (change: { readonly title?: string; readonly views?: number }) =>
      Query.update(posts).set(change).where(id.eq(1)).node.key
    assert.strictEqual(set({ title: "a", views: 1 }), set({ title: "b", views: 2 }))
    assert.notStrictEqual(set({ title: "a" }), set({ views: 1 }))
    assert.notStrictEqual(set({ title: "a", views: 1 }), set({ views: 1, title: "a" }))
  })
})
