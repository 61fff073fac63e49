/** L29: what is reflected after `create` is what the catalog says, up to what `erased` lists. */
import { Catalog, Database } from "athanor"
import { capabilities } from "athanor/compile"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Snapshot } from "../../src/algebra/schema/Snapshot.ts"
import { comparable, erased } from "../../src/compile/schema/erased.ts"
import { snapshotOf } from "../../src/compile/schema/snapshotOf.ts"
import { connect, engines } from "../runtime/databases.ts"
import { catalogOf, catalogSpecs } from "./support/catalogs.ts"
import { caught, timeFor, upheldOn } from "./support/law.ts"

/** What a dialect has beside tables. */
const drawn = {
  sqlite: ["views"],
  postgres: ["views", "sequences", "enums", "domains"],
  mariadb: ["views", "sequences"]
} as const

describe.each(engines)("L29 reflection on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
  })
  afterAll(() => connected.dispose())

  test(
    "a schema that was created is reflected as its catalog",
    async () => {
      let catalogs = 0
      let tables = 0
      const beside = { views: 0, sequences: 0, enums: 0, domains: 0 }
      await upheldOn(
        catalogSpecs,
        async (specs) => {
          const catalog = catalogOf(specs, engine)
          const wanted = comparable(snapshotOf(catalog, capabilities(engine)))
          const found = await connected.run(
            Effect.ensuring(
              Effect.andThen(Database.create(catalog), Database.reflect()),
              Effect.orDie(Database.drop(catalog))
            )
          )
          catalogs++
          tables += found.tables.length
          for (const kind of drawn.postgres) beside[kind] += found[kind].length
          expect(comparable(found)).toEqual(wanted)
          // What is reflected is a catalog again, of the same schema.
          const again = Catalog.reflected(found).tables
          expect(comparable(snapshotOf({ tables: again }, capabilities(engine))).tables).toEqual(
            wanted.tables
          )
          return true
        },
        200,
        100
      )
      const more = Object.entries(beside).map(([kind, count]) => `${count} ${kind}`)
      process.stdout.write(
        `L29 on ${engine}: ${catalogs} catalogs of ${tables} tables, ${more.join(", ")} reflected\n`
      )
      for (const kind of drawn[engine]) expect(beside[kind]).toBeGreaterThan(0)
    },
    timeFor(240_000)
  )
})

test("what is erased is a list that only becomes shorter", () => {
  expect(erased.map(({ id }) => id)).toEqual([
    "condition-text",
    "expression-text",
    "computed-not-null",
    "primary-key-name",
    "unique-index",
    "restrict",
    "view-text",
    "view-nulls"
  ])
})

const twin = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  tables: snapshot.tables.map((table) => ({
    ...table,
    foreignKeys: table.foreignKeys.map((key) => ({ ...key, onUpdate: key.onDelete }))
  }))
})

test("twin: a foreign key does on update what it does on delete", () => {
  caught(
    "one action for both",
    catalogSpecs,
    (specs) => {
      const said = comparable(snapshotOf(catalogOf(specs, "postgres"), capabilities("postgres")))
      return JSON.stringify(twin(said)) === JSON.stringify(said)
    },
    []
  )
})
