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
      await upheldOn(
        catalogSpecs,
        async (specs) => {
          const catalog = catalogOf(specs, engine)
          const wanted = comparable(snapshotOf(catalog.tables, capabilities(engine)))
          const found = await connected.run(
            Effect.ensuring(
              Effect.andThen(Database.create(catalog), Database.reflect()),
              Effect.orDie(Database.drop(catalog))
            )
          )
          catalogs++
          tables += found.tables.length
          expect(comparable(found)).toEqual(wanted)
          // What is reflected is a catalog again, of the same schema.
          const again = Catalog.reflected(found).tables
          expect(comparable(snapshotOf(again, capabilities(engine)))).toEqual(wanted)
          return true
        },
        200
      )
      process.stdout.write(`L29 on ${engine}: ${catalogs} catalogs of ${tables} tables reflected\n`)
    },
    timeFor(120_000)
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
    "storage"
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
      const said = comparable(
        snapshotOf(catalogOf(specs, "postgres").tables, capabilities("postgres"))
      )
      return JSON.stringify(twin(said)) === JSON.stringify(said)
    },
    []
  )
})
