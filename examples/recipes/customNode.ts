/** An expression the library does not know: its words on each server, its type, its children. */
import { Catalog, Column, Database, Expr, Query, sql, Table, Type } from "athanor"
import * as Effect from "effect/Effect"

const points = Table.make("points", {
  id: Column.integer().primaryKey(),
  x: Column.integer(),
  y: Column.integer()
})
const { id, x, y } = points.c

/** The larger of two whole numbers. */
const larger = Expr.custom("larger", Type.integer, {
  sqlite: (one, other) => sql(Type.integer)`max(${one}, ${other})`,
  default: (one, other) => sql(Type.integer)`greatest(${one}, ${other})`
})

export const recipe = Effect.gen(function* () {
  yield* Database.create(Catalog.make({ points }))
  const rows = [
    { id: 1, x: 3, y: 4 },
    { id: 2, x: 9, y: 1 }
  ]
  yield* Database.run(Query.insert(points).rows(rows))
  const all = Query.from(points).orderBy(id)
  return {
    larger: yield* Database.all(all.select(larger(x, y))),
    far: yield* Database.all(all.where(larger(x, y.mul(2)).gt(8)).select(id))
  }
})

export const expected = { larger: [4, 9], far: [2] }
