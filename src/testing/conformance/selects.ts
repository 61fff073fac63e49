import * as Effect from "effect/Effect"
import * as Column from "../../algebra/schema/Column.ts"
import * as Expr from "../../algebra/Expr.ts"
import * as Fn from "../../algebra/Fn.ts"
import * as Query from "../../algebra/Query.ts"
import * as Table from "../../algebra/schema/Table.ts"
import * as Type from "../../algebra/types.ts"
import { Database } from "../../effects/Database.ts"
import { conforms } from "./Case.ts"

const points = Table.make("cf_points", {
  id: Column.integer().primaryKey(),
  x: Column.integer(),
  y: Column.integer().nullable()
})
const owners = Table.make("cf_owners", { id: Column.integer().primaryKey() })
const pets = Table.make("cf_pets", {
  id: Column.integer().primaryKey(),
  ownerId: Column.integer()
    .nullable()
    .references(() => owners.c.id)
})

const { id, x, y } = points.c
const filled = Database.run(
  Query.insert(points).rows([
    { id: 1, x: 1, y: 2 },
    { id: 2, x: 2, y: 3 },
    { id: 3, x: 3, y: 4 },
    { id: 4, x: 4, y: null },
    { id: 5, x: 4, y: 6 }
  ])
)
const owned = Effect.andThen(
  Database.run(Query.insert(owners).rows([{ id: 1 }, { id: 2 }])),
  Database.run(
    Query.insert(pets).rows([
      { id: 1, ownerId: 1 },
      { id: 2, ownerId: 1 },
      { id: 3, ownerId: null }
    ])
  )
)
const from = Query.from(points)
const ordered = from.orderBy(id)

export const selects = [
  conforms(
    "selects.order-by-label",
    "A projected expression is an order, alone, inside of another, and grouped by.",
    { points },
    ({ same }) =>
      Effect.gen(function* () {
        yield* filled
        const sum = x.add(id)
        const labelled = from.select({ id, sum }).as("labelled")
        const down = Query.from(labelled).orderBy(labelled.c.sum.desc()).select(labelled.c.sum)
        yield* same(yield* Database.all(down), [9, 8, 6, 4, 2])
        const inside = from.orderBy(Fn.abs(x.sub(3)), id).select(id)
        yield* same(yield* Database.all(inside), [3, 2, 4, 5, 1])
        const grouped = from
          .groupBy(x.rem(2))
          .orderBy(x.rem(2))
          .select([x.rem(2), Fn.count()])
        yield* same(yield* Database.all(grouped), [
          [0, 3],
          [1, 2]
        ])
      })
  ),
  conforms(
    "selects.null-order",
    "NULL stands where the order says, first or last.",
    { points },
    ({ same }) =>
      Effect.gen(function* () {
        yield* filled
        const by = (order: Expr.Ordering<"cf_points">) =>
          Database.all(from.orderBy(order, id).select(id))
        yield* same(yield* by(y.asc().nullsFirst()), [4, 1, 2, 3, 5])
        yield* same(yield* by(y.asc().nullsLast()), [1, 2, 3, 5, 4])
        yield* same(yield* by(y.desc().nullsFirst()), [4, 5, 3, 2, 1])
        yield* same(yield* by(y.desc().nullsLast()), [5, 3, 2, 1, 4])
      })
  ),
  conforms(
    "selects.limits",
    "Limit and offset, alone and together, as numbers and parameters; ties and shares.",
    { points },
    ({ same }) =>
      Effect.gen(function* () {
        yield* filled
        const ids = ordered.select(id)
        yield* same(yield* Database.all(ids.limit(2)), [1, 2])
        yield* same(yield* Database.all(ids.offset(3)), [4, 5])
        yield* same(yield* Database.all(ids.offset(1).limit(2)), [2, 3])
        yield* same(yield* Database.all(ids.limit(0)), [])
        yield* same(yield* Database.all(ids.limit(2).offset(1)), [2], "a slice of a slice")
        const given = ids
          .offset(Expr.param("from", Type.integer))
          .limit(Expr.param("many", Type.integer))
        yield* same(yield* Database.all(given, { many: 2, from: 2 }), [3, 4])
        const tied = from.orderBy(x.desc()).select(x).limit(1, { ties: true })
        yield* same(yield* Database.all(tied), [4, 4])
      })
  ),
  conforms(
    "selects.joins",
    "Inner, outer and cross joins, by the foreign key and by a condition.",
    { owners, pets },
    ({ same }) =>
      Effect.gen(function* () {
        yield* owned
        const both = { owner: owners.c.id, pet: pets.c.id }
        const owner = Query.from(owners)
        const on = pets.c.ownerId.eq(owners.c.id)
        const pairs = (rows: ReadonlyArray<{ owner: number | null; pet: number | null }>) =>
          rows.map((row) => `${row.owner}-${row.pet}`).toSorted()
        yield* same(pairs(yield* Database.all(owner.join(pets).select(both))), ["1-1", "1-2"])
        yield* same(pairs(yield* Database.all(owner.join(pets, on).select(both))), ["1-1", "1-2"])
        const left = owner.leftJoin(pets, on).select(both)
        yield* same(pairs(yield* Database.all(left)), ["1-1", "1-2", "2-null"])
        const right = owner.rightJoin(pets, on).select(both)
        yield* same(pairs(yield* Database.all(right)), ["1-1", "1-2", "null-3"])
        const full = owner.fullJoin(pets, on).select(both)
        yield* same(pairs(yield* Database.all(full)), ["1-1", "1-2", "2-null", "null-3"])
        yield* same((yield* Database.all(owner.crossJoin(pets).select(both))).length, 6)
      })
  ),
  conforms(
    "selects.compounds",
    "Set operations, with limits and orders of their arms and of their own.",
    { points },
    ({ same }) =>
      Effect.gen(function* () {
        yield* filled
        const one = from.where(id.eq(2)).select(id)
        const other = from.where(id.eq(3)).select(id)
        const sorted = (rows: ReadonlyArray<number>) => rows.toSorted((a, b) => a - b)
        yield* same(sorted(yield* Database.all(one.union(other))), [2, 3])
        yield* same(sorted(yield* Database.all(one.unionAll(one))), [2, 2])
        yield* same(yield* Database.all(one.intersect(other)), [])
        yield* same(yield* Database.all(one.except(other)), [2])
        const arms = ordered.select(id).limit(1).unionAll(ordered.select(id).offset(4).limit(1))
        yield* same(sorted(yield* Database.all(arms)), [1, 5])
        const whole = one.union(other).as("whole")
        const descending = Query.from(whole).orderBy(whole.c.value.desc()).select(whole.c.value)
        yield* same(yield* Database.all(descending.limit(1)), [3])
      })
  ),
  conforms(
    "selects.exists",
    "A condition on whether another query has rows.",
    { points },
    ({ same }) =>
      Effect.gen(function* () {
        yield* filled
        const some = (n: number) => Query.select(from.where(id.eq(n)).exists())
        yield* same(yield* Database.one(some(2)), true)
        yield* same(yield* Database.one(some(99)), false)
      })
  ),
  conforms(
    "selects.distinct",
    "Rows once, and the first row of each group.",
    { points },
    ({ same }) =>
      Effect.gen(function* () {
        yield* filled
        yield* same(yield* Database.all(from.orderBy(x).select(x).distinct()), [1, 2, 3, 4])
        const first = from.orderBy(x, id.desc()).distinctOn(x).select([x, id])
        yield* same(yield* Database.all(first), [
          [1, 1],
          [2, 2],
          [3, 3],
          [4, 5]
        ])
      })
  ),
  conforms("selects.values", "Rows of the program are a source.", {}, ({ same }) =>
    Effect.gen(function* () {
      const rows = [
        { n: 1, word: "a" },
        { n: 2, word: "b" }
      ]
      const given = Query.values({ n: Type.integer, word: Type.text }, rows).as("given")
      yield* same(yield* Database.all(Query.from(given).orderBy(given.c.n)), rows)
    })
  ),
  conforms(
    "selects.windows",
    "Window functions over frames, partitions and orders.",
    { points },
    ({ same }) =>
      Effect.gen(function* () {
        yield* filled
        const number = Fn.rowNumber().over({ partitionBy: x, orderBy: id })
        yield* same(yield* Database.all(ordered.select(number)), [1, 1, 1, 1, 2])
        const running = Fn.sum(x).over({
          orderBy: id,
          frame: { rows: [{ preceding: 1 }, "current row"] }
        })
        yield* same(yield* Database.all(ordered.select(running)), [1, 3, 5, 7, 8])
      }),
    "windows"
  ),
  conforms(
    "selects.scalars",
    "A query of one value is a value, correlated or not.",
    { points },
    ({ same }) =>
      Effect.gen(function* () {
        yield* filled
        const other = Query.alias(points, "other")
        const above = Query.from(other)
          .correlate(points)
          .where(other.c.x.gt(x))
          .select(Fn.count())
          .scalar()
        yield* same(yield* Database.all(ordered.select(above)), [4, 3, 2, 0, 0])
      })
  )
]
