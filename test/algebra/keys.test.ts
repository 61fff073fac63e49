import { assert, describe, it } from "@effect/vitest"
import { Column, Expr, Query, Table, Type } from "athanor"
import * as C from "../../src/algebra/Command.ts"
import { keyedOf } from "../../src/algebra/keyed.ts"
import { insertOfLists } from "../../src/algebra/rowLists.ts"
import * as S from "../../src/algebra/Scalar.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import { statementKey } from "../../src/algebra/statementKey.ts"

/** Keys are made in more than one way: extended, remembered, put together. All give one text. */

const posts = Table.make("posts", {
  id: Column.id(),
  title: Column.varchar(100),
  views: Column.integer().default(0),
  note: Column.text().nullable()
})
const { id, title, views } = posts.c

/** The same command from its parts, with nothing that was remembered. */
const anewOf = (node: C.Command): C.Command => {
  const back = node.shape === null ? null : { fields: node.returned, shape: node.shape }
  switch (node._tag) {
    case "Insert":
      return C.insert(node.table, node.columns, node.cells, node.rowCount, back)
    case "Update":
      return C.update(node.table, node.alias, node.columns, node.values, node.where, back)
    case "Delete":
      return C.remove(node.table, node.alias, node.where, back)
    case "Merge": {
      const { alias, conditions, on, table, using, values, whens } = node
      return C.merge(table, alias, using, on, whens, conditions, values, back)
    }
  }
}

describe("keys", () => {
  it("an insert of lists has the key of its cells, asked before they are made and after", () => {
    const columns = ["title", "views", "note"]
    const { table } = Query.insert(posts).values({ title: "a" }).node as C.Insert
    const types = columns.map((key) => table.byKey.get(key)!.type)
    const lists = [
      ["a", "b"],
      [1, null],
      [null, null]
    ]
    const id = table.byKey.get("id")!
    const cell = S.ref("posts", table, ["id"], id.type)
    const parts = [{ _tag: "Cell", index: 0 }] as const
    const shape = {
      _tag: "Record",
      keys: ["id"],
      parts,
      presence: null,
      prototype: null
    } as const
    for (const returning of [null, { fields: [cell], shape }])
      for (const more of [{}, { ordered: true }]) {
        const given = { rowCount: 2, types, lists }
        const node = insertOfLists(table, columns, given, returning, more)
        const whole = C.insert(table, columns, node.cells, 2, returning, more)
        const another = insertOfLists(table, columns, given, returning, more)
        assert.strictEqual(another.key, whole.key)
        assert.strictEqual(node.key, whole.key)
        assert.strictEqual(another.cells.length, 6)
        assert.strictEqual(another.key, whole.key)
      }
  })

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

  it("a fraction beside a whole-number column is a double, whichever is compared first", () => {
    const whole = () => Table.make("whole", { n: Column.integer() }).c.n
    const typeOf = (compared: { readonly node: Scalar }) => {
      const { node } = compared
      return node._tag === "Compare" ? [node.right.type.key, node.key.replace(/T\d+/, "T")] : []
    }
    const [a, b] = [whole(), whole()]
    const first = [typeOf(a.eq(1)), typeOf(a.eq(1.5)), typeOf(a.eq(2))]
    const second = [typeOf(b.eq(1.5)), typeOf(b.eq(1)), typeOf(b.eq(2.5))]
    assert.deepStrictEqual(first, [second[1], second[0], second[1]])
    assert.deepStrictEqual(second[2], second[0])
    assert.notStrictEqual(first[0]![1], first[1]![1])
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

  it("what is remembered of a command is what it has when made anew", () => {
    const odd = Table.make("odd", {
      id: Column.id(),
      at: Column.integer().default(7),
      made: Column.timestamp().default(Column.now).onUpdate(Column.now),
      note: Column.text().nullable(),
      title: Column.text()
    })
    const o = odd.c
    const commands = () => [
      Query.insert(posts).values({ title: "a", views: 3 }),
      Query.insert(posts).values({ views: 3, title: "a" }),
      Query.insert(posts).values({ title: "a" }),
      Query.insert(posts).values({ title: "a", note: undefined }),
      Query.insert(posts).values({ title: "a", note: null }).returning({ id }),
      Query.insert(posts).values({ title: "a", note: "b" }).returning({ key: id }),
      Query.insert(posts).values({ title: "a", note: "b" }).returning({ id, title }),
      Query.insert(posts).values({ title: "a", note: "b" }).returning(id.add(1)),
      Query.insert(posts).values({ title: "a", note: "b" }).returning(id.add(2)),
      Query.insert(posts).values({ title: "a", note: "b" }).returning(),
      Query.insert(posts).values({ title: "a", views: 1, note: null }).returning({ id }),
      Query.insert(posts).values({ title: "a", views: 1, note: null }).returning(id.add(1)),
      Query.insert(posts).values({ title: Expr.value("a", Type.text), views: 1 }),
      Query.insert(posts).values({ title: Expr.param("t", Type.text), views: 1 }),
      Query.insert(posts).values({ title: "a", views: Expr.value(2, Type.integer).add(1) }),
      Query.insert(odd).values({ title: "a" }),
      Query.insert(odd).values({ title: "a", at: 1 }).returning(o.made),
      Query.update(posts).set({ title: "a", views: 1 }).where(id.eq(1)),
      Query.update(posts).set({ title: "a", views: undefined }).where(id.eq(1)),
      Query.update(posts).set({ title: "a" }).where(id.gt(1)).where(views.lt(3)),
      Query.update(posts).set({ title: "a" }).everyRow(),
      Query.update(posts)
        .set({ title: "a" })
        .where(id.in([1, 2, 3])),
      Query.update(posts)
        .set({ views: views.add(1) })
        .where(id.in([1, 2, 3])),
      Query.update(posts).set({ title: "a" }).where(id.eq(1)).returning({ id }),
      Query.update(Query.alias(posts, "other")).set({ title: "a" }).everyRow(),
      Query.update(odd)
        .set({ at: 2 })
        .where(o.id.eq(Expr.param("id", Type.integer)))
    ]
    const seen = new Set<string>()
    let told = 0
    for (let turn = 0; turn < 3; turn++) {
      for (const command of commands()) {
        const keyed = keyedOf(command)
        const { node } = command
        if (keyed !== null) {
          told++
          assert.strictEqual(keyed.key, statementKey(node))
          assert.deepStrictEqual(
            keyed.values,
            node.binds.map((bind) => bind.value)
          )
          assert.strictEqual(keyed.node, node)
        }
        const anew = anewOf(node)
        assert.notStrictEqual(anew, node)
        assert.strictEqual(node.key, anew.key)
        assert.deepStrictEqual(
          node.binds.map((bind) => bind.value ?? null),
          anew.binds.map((bind) => bind.value ?? null)
        )
        assert.isTrue(turn === 0 || seen.has(node.key))
        seen.add(node.key)
      }
    }
    assert.strictEqual(told, 3 * 7)
  })

  it("a query of whole rows told by its key is the one its node tells", () => {
    const other = Query.alias(posts, "other")
    const queries = () => [
      Query.from(posts).where(id.eq(7)),
      Query.from(posts).where(title.eq("a").and(views.gt(3))),
      Query.from(posts).where(id.in([1, 2])),
      Query.from(posts).where(id.eq(Expr.param("id", Type.integer))),
      Query.from(posts).where(id.eq(7)).where(views.gt(3)),
      Query.from(posts).where(id.eq(7)).orderBy(id),
      Query.from(posts).where(id.eq(7)).limit(1),
      Query.from(posts).where(id.eq(7)).select({ title }),
      Query.from(other).where(other.c.id.eq(7)),
      Query.from(posts)
    ]
    const plain = Query.from(posts).as("plain")
    const inside = Query.from(plain).where(plain.c.id.eq(7))
    let told = 0
    for (let turn = 0; turn < 3; turn++)
      for (const query of [...queries(), inside]) {
        const keyed = keyedOf(query)
        if (keyed === null) continue
        told++
        assert.strictEqual(keyed.key, statementKey(query.node))
        assert.deepStrictEqual(
          keyed.values,
          query.node.binds.map((bind) => bind.value)
        )
        assert.strictEqual(keyed.node, query.node)
      }
    assert.strictEqual(told, 3 * 4)
    assert.throws(() => Query.from(posts).where(undefined as never), "is not an expression")
  })

  it("more conditions of one update than are remembered keep their keys", () => {
    const made = (at: number) =>
      Query.update(posts)
        .set({ title: "a" })
        .where(id.eq(Expr.param(`p${at}`, Type.integer))).node.key
    const first = Array.from({ length: 300 }, (_, at) => made(at))
    assert.deepStrictEqual(
      Array.from({ length: 300 }, (_, at) => made(at)),
      first
    )
    assert.strictEqual(new Set(first).size, 300)
  })

  it("a column that is not there is refused though its value is undefined, first and again", () => {
    const wrong: { readonly [key: string]: unknown } = { title: "a", nowhere: undefined }
    for (let turn = 0; turn < 2; turn++) {
      assert.throws(() => Query.insert(posts).values(wrong as never), /nowhere/)
      assert.throws(() => Query.update(posts).set(wrong as never), /nowhere/)
      assert.throws(() => Query.insert(posts).values({} as never), /title/)
    }
  })
})
