import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Catalog, Column, Expr, Fn, Query, Table, Type } from "athanor"
import { capabilities } from "../../src/compile/capabilities.ts"
import { StatementCache } from "../../src/compile/StatementCache.ts"
import { givesAtMostOne } from "../../src/effects/statements/atMostOne.ts"
import { Database } from "../../src/effects/Database.ts"
import { Sqlite } from "../../src/sqlite.ts"

const users = Table.make("users", { id: Column.id(), name: Column.text() })
const posts = Table.make("posts", { id: Column.id(), userId: Column.integer() })

const cache = StatementCache.make(capabilities("sqlite", [3, 53, 0]))
const single = (statement: { readonly node: Parameters<typeof cache.get>[0] }): boolean => {
  const found = cache.get(statement.node)
  assert.strictEqual(found._tag, "Lookup")
  return found._tag === "Lookup" && givesAtMostOne(statement, found.compiled)
}

const byKey = Query.from(users).where(users.c.id.eq(1))

describe("at most one row", () => {
  it("is seen where every column of the key equals a value", () => {
    assert.isTrue(single(byKey))
    assert.isTrue(single(byKey.where(users.c.name.eq("a")).select({ name: users.c.name })))
    assert.isTrue(single(Query.from(users).where(users.c.id.eq(Expr.param("id", Type.integer)))))
    assert.isTrue(single(Query.from(users).select(Fn.count())))
  })

  it("is not seen anywhere else", () => {
    assert.isFalse(single(Query.from(users)))
    assert.isFalse(single(Query.from(users).where(users.c.name.eq("a"))))
    assert.isFalse(single(Query.from(users).where(users.c.id.gt(1))))
    assert.isFalse(single(byKey.join(posts, posts.c.userId.eq(users.c.id))))
    assert.isFalse(single(byKey.unionAll(byKey)))
    assert.isFalse(single(Query.from(users).where(Expr.or(users.c.id.eq(1), users.c.name.eq("a")))))
    assert.isFalse(
      single(
        Query.from(users).where(users.c.name.eq("a")).groupBy(users.c.id).select({ id: users.c.id })
      )
    )
  })

  it.live("more than one row is a failure all the same", () =>
    Effect.gen(function* () {
      yield* Database.create(Catalog.make({ users }))
      yield* Database.run(Query.insert(users).rows([{ name: "a" }, { name: "a" }]))
      const error = yield* Effect.flip(Database.one(Query.from(users).where(users.c.name.eq("a"))))
      assert.strictEqual(error._tag, "RowCount")
      assert.strictEqual((yield* Database.one(byKey)).name, "a")
    }).pipe(Effect.provide(Sqlite.layer()))
  )
})
