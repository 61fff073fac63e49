import * as Effect from "effect/Effect"
import * as Column from "../../algebra/schema/Column.ts"
import * as Expr from "../../algebra/Expr.ts"
import * as Query from "../../algebra/Query.ts"
import * as Table from "../../algebra/schema/Table.ts"
import * as Type from "../../algebra/types.ts"
import { Database } from "../../effects/Database.ts"
import { conforms } from "./Case.ts"

const parts = Table.make("cf_parts", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(20),
  under: Column.integer().nullable()
})
const found = Table.make("cf_found", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(20)
})

const tree = [
  { id: 1, name: "car", under: null },
  { id: 2, name: "wheel", under: 1 },
  { id: 3, name: "tyre", under: 2 },
  { id: 4, name: "door", under: 1 },
  { id: 5, name: "boat", under: null }
]
const planted = Database.run(Query.insert(parts).rows(tree))
const wheels = Query.from(parts).where(parts.c.under.eq(1)).cte("wheels")
const again = Query.alias(wheels, "again")
const below = Query.recursive(
  "below",
  Query.from(parts)
    .where(parts.c.id.eq(1))
    .select({ id: parts.c.id, depth: Expr.value(0, Type.integer) }),
  (self) =>
    Query.from(parts)
      .join(self, parts.c.under.eq(self.c.id))
      .select({ id: parts.c.id, depth: self.c.depth.add(1) })
)

export const ctes = [
  conforms("ctes.named", "A query by name is read once and twice.", { parts }, ({ same }) =>
    Effect.gen(function* () {
      yield* planted
      const once = Query.from(wheels).orderBy(wheels.c.id).select(wheels.c.name)
      yield* same(yield* Database.all(once), ["wheel", "door"])
      const pairs = Query.from(wheels)
        .join(again, again.c.id.gt(wheels.c.id))
        .select([wheels.c.id, again.c.id])
      yield* same(yield* Database.all(pairs), [[2, 4]])
    })
  ),
  conforms(
    "ctes.recursive",
    "A query over itself gives every level of a tree.",
    { parts },
    ({ same }) =>
      Effect.gen(function* () {
        yield* planted
        const levels = Query.from(below).orderBy(below.c.id).select([below.c.id, below.c.depth])
        yield* same(yield* Database.all(levels), [
          [1, 0],
          [2, 1],
          [3, 2],
          [4, 1]
        ])
      })
  ),
  conforms(
    "ctes.inserted",
    "The rows of a query by name are inserted elsewhere.",
    { parts, found },
    ({ same }) =>
      Effect.gen(function* () {
        yield* planted
        const rows = Query.from(wheels).select({ id: wheels.c.id, name: wheels.c.name })
        yield* Database.run(Query.insert(found).fromSelect(rows))
        const names = Query.from(found).orderBy(found.c.id).select(found.c.name)
        yield* same(yield* Database.all(names), ["wheel", "door"])
      })
  ),
  conforms(
    "ctes.commands",
    "Updates and deletes choose their rows by a query by name.",
    { parts },
    ({ same }) =>
      Effect.gen(function* () {
        yield* planted
        const chosen = parts.c.id.in(Query.from(wheels).select(wheels.c.id))
        yield* Database.run(Query.update(parts).set({ name: "part" }).where(chosen))
        const names = Query.from(parts).orderBy(parts.c.id).select(parts.c.name)
        yield* same(yield* Database.all(names), ["car", "part", "tyre", "part", "boat"])
        const reached = parts.c.id.in(Query.from(below).select(below.c.id))
        yield* Database.run(Query.deleteFrom(parts).where(reached))
        yield* same(yield* Database.all(names), ["boat"])
      })
  )
]
