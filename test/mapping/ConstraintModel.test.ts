import { Check, Column, Table, Unique } from "athanor"
import { expect, test } from "vitest"
import { FromId } from "../../src/algebra/From.ts"
import type { TableSource } from "../../src/algebra/Source.ts"
import * as ConstraintModel from "../../src/mapping/ConstraintModel.ts"

const sourceOf = (table: { readonly [FromId]: { readonly source: unknown } }): TableSource =>
  table[FromId].source as TableSource

const posts = Table.make(
  "posts",
  {
    id: Column.id(),
    authorId: Column.integer()
      .nullable()
      .references(() => users.c.id),
    place: Column.integer().nullable(),
    score: Column.integer().nullable(),
    version: Column.integer().version()
  },
  (c) => [Unique.on(c.authorId, c.place), Check.that(c.score.gt(0), "score_positive")]
)
const users = Table.make("users", { id: Column.id(), email: Column.varchar(50).unique() })

const model = ConstraintModel.make([posts, users].map(sourceOf), [
  { child: sourceOf(posts), columns: ["authorId"], children: "delete" }
])

test("a model reads declared tables: parents first, keys, references, rules", () => {
  expect(model.tables.map(({ table }) => table.name)).toEqual(["users", "posts"])
  const [user, post] = model.tables
  expect(user!.keys.map(({ columns, isTarget }) => [columns, isTarget])).toEqual([
    [["id"], true],
    [["email"], false]
  ])
  expect(user!.referrers).toEqual(post!.references)
  expect(post!.references).toMatchObject([{ columns: ["authorId"], children: "delete" }])
  expect(post!.version?.key).toBe("version")
})

test("null for a while: nullable, and neither key nor check relies on it", () => {
  expect([...model.of(sourceOf(posts)).patchable]).toEqual(["authorId", "place"])
})

test("the order tables are given in is irrelevant, and a stranger is refused", () => {
  const other = ConstraintModel.make([users, posts].map(sourceOf))
  expect(other.tables.map(({ table }) => table.name)).toEqual(["users", "posts"])
  const tags = sourceOf(Table.make("tags", { id: Column.id() }))
  expect(() => model.of(tags)).toThrow('table "tags" is not part of the model')
})
