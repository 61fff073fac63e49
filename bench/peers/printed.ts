import * as assert from "node:assert/strict"
import { and, asc, eq, gt, lt, ne } from "drizzle-orm"
import { integer, QueryBuilder, sqliteTable, text } from "drizzle-orm/sqlite-core"
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely"

/** The query of `building.ts` as two other libraries build and print it, without a database. */

export interface Printed {
  readonly text: string
  readonly values: ReadonlyArray<unknown>
}

export const names = ["alembics", "beakers", "crucibles", "distillers", "ewers"] as const

interface Columns {
  id: number
  parent_id: number
  name: string
  size: number
  active: number
}

const kysely = new Kysely<Record<(typeof names)[number], Columns>>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler()
  }
})

/** As its guide writes it: one `where` after the other. */
export const byKysely = (seed: number, shape: number): Printed => {
  let query = kysely
    .selectFrom("alembics")
    .innerJoin("beakers", "beakers.parent_id", "alembics.id")
    .innerJoin("crucibles", "crucibles.parent_id", "beakers.id")
    .innerJoin("distillers", "distillers.parent_id", "crucibles.id")
    .innerJoin("ewers", "ewers.parent_id", "distillers.id")
  for (const name of names) {
    query = query
      .where(`${name}.size`, ">", seed)
      .where(`${name}.size`, "<", seed + 100)
      .where(`${name}.name`, "!=", `name ${seed}`)
      .where(`${name}.active`, "=", 1)
  }
  const { parameters, sql } = query
    .orderBy("alembics.id")
    .select(["alembics.id", "beakers.name", "crucibles.size", `ewers.name as label${shape}`])
    .compile()
  return { text: sql, values: parameters }
}

const tableOf = <const N extends string>(name: N) =>
  sqliteTable(name, {
    id: integer().primaryKey(),
    parentId: integer("parent_id").notNull(),
    name: text().notNull(),
    size: integer().notNull(),
    active: integer({ mode: "boolean" }).notNull()
  })
const alembics = tableOf("alembics")
const beakers = tableOf("beakers")
const crucibles = tableOf("crucibles")
const distillers = tableOf("distillers")
const ewers = tableOf("ewers")

/** As its guide writes it: one `where` over `and`. */
export const byDrizzle = (seed: number, shape: number): Printed => {
  const { params, sql } = new QueryBuilder()
    .select({
      id: alembics.id,
      name: beakers.name,
      size: crucibles.size,
      [`label${shape}`]: ewers.name
    })
    .from(alembics)
    .innerJoin(beakers, eq(beakers.parentId, alembics.id))
    .innerJoin(crucibles, eq(crucibles.parentId, beakers.id))
    .innerJoin(distillers, eq(distillers.parentId, crucibles.id))
    .innerJoin(ewers, eq(ewers.parentId, distillers.id))
    .where(
      and(
        ...[alembics, beakers, crucibles, distillers, ewers].flatMap((table) => [
          gt(table.size, seed),
          lt(table.size, seed + 100),
          ne(table.name, `name ${seed}`),
          eq(table.active, true)
        ])
      )
    )
    .orderBy(asc(alembics.id))
    .toSQL()
  return { text: sql, values: params }
}

for (const printed of [byKysely(7, 0), byDrizzle(7, 0)]) {
  assert.equal(printed.values.length, 20)
  assert.equal(printed.text.split(" join ").length, 5)
}
