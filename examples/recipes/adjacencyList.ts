/** A tree whose rows know their parent: one UPDATE moves a branch, one recursion reads it. */
import { Catalog, Column, Database, Entity, Expr, Query, Type } from "athanor"
import * as Effect from "effect/Effect"

class Folder extends Entity<Folder>()("folders", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(50),
  parentId: Column.integer().nullable()
}) {
  static readonly parent = this.belongsTo(() => Folder)
  static readonly children = this.hasMany(() => Folder, { key: "parentId", children: "delete" })
}

const below = (id: number) =>
  Query.recursive(
    "below",
    Query.from(Folder)
      .where(Folder.c.id.eq(id))
      .select({ id: Folder.c.id, name: Folder.c.name, depth: Expr.value(0, Type.integer) }),
    (self) =>
      Query.from(Folder)
        .join(self, Folder.c.parentId.eq(self.c.id))
        .select({ id: Folder.c.id, name: Folder.c.name, depth: self.c.depth.add(1) })
  )

const branch = (id: number) => {
  const rows = below(id)
  return Database.all(
    Query.from(rows).orderBy(rows.c.depth, rows.c.id).select({
      name: rows.c.name,
      depth: rows.c.depth
    })
  )
}

export const recipe = Effect.gen(function* () {
  yield* Database.create(Catalog.make({ Folder }))
  const folders = [
    { id: 1, name: "all", parentId: null },
    { id: 2, name: "music", parentId: 1 },
    { id: 3, name: "jazz", parentId: 2 },
    { id: 4, name: "texts", parentId: 1 }
  ]
  yield* Database.run(Query.insert(Folder).rows(folders))
  const before = yield* branch(2)
  yield* Database.run(Query.update(Folder).set({ parentId: 4 }).where(Folder.c.id.eq(2)))
  return { before, after: yield* branch(4) }
})

export const expected = {
  before: [
    { name: "music", depth: 0 },
    { name: "jazz", depth: 1 }
  ],
  after: [
    { name: "texts", depth: 0 },
    { name: "music", depth: 1 },
    { name: "jazz", depth: 2 }
  ]
}
