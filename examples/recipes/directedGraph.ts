/** Nodes and edges: the neighbours are relations, what can be reached is a recursion. */
import { Catalog, Column, Database, Entity, Load, Query, Table } from "athanor"
import * as Effect from "effect/Effect"

class Town extends Entity<Town>()("towns", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(20)
}) {
  static readonly onward = this.manyToMany(() => Town, {
    through: () => roads,
    near: "fromId",
    far: "toId"
  })
  static readonly back = this.manyToMany(() => Town, {
    through: () => roads,
    near: "toId",
    far: "fromId"
  })
}
const roads = Table.make("roads", {
  fromId: Column.integer()
    .primaryKey()
    .references(() => Town.c.id),
  toId: Column.integer()
    .primaryKey()
    .references(() => Town.c.id)
})

/** `distinct` keeps each row once: a ring of roads ends the recursion by itself. */
const reached = (from: number) =>
  Query.recursive(
    "reached",
    Query.from(roads).where(roads.c.fromId.eq(from)).select({ id: roads.c.toId }),
    (self) =>
      Query.from(roads).join(self, roads.c.fromId.eq(self.c.id)).select({ id: roads.c.toId }),
    { distinct: true }
  )

export const recipe = Effect.gen(function* () {
  yield* Database.create(Catalog.make({ Town, roads }))
  const names = ["Ada", "Bex", "Cly", "Dun"]
  yield* Database.run(Query.insert(Town).rows(names.map((name, i) => ({ id: i + 1, name }))))
  const ways = [
    [1, 2],
    [2, 3],
    [3, 1],
    [4, 1]
  ].map(([fromId, toId]) => ({ fromId: fromId!, toId: toId! }))
  yield* Database.run(Query.insert(roads).rows(ways))
  const towns = yield* Load.all(Query.from(Town).match({ name: "Ada" }), {
    onward: true,
    back: true
  })
  const all = reached(1)
  return {
    onward: towns[0]!.onward.map(({ name }) => name),
    back: towns[0]!.back.map(({ name }) => name),
    reached: yield* Database.all(Query.from(all).orderBy(all.c.id).select(all.c.id))
  }
})

export const expected = { onward: ["Bex"], back: ["Cly", "Dun"], reached: [1, 2, 3] }
