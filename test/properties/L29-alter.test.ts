/** L29 of alterations: a schema that was altered is reflected as the schema it became. */
import { Alter, Catalog, Database } from "athanor"
import { capabilities } from "athanor/compile"
import * as Effect from "effect/Effect"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { comparable } from "../../src/compile/schema/erased.ts"
import { snapshotOf } from "../../src/compile/schema/snapshotOf.ts"
import { connect, engines } from "../runtime/databases.ts"
import { changed, changeSpecs, renamedAlone } from "./support/alterations.ts"
import { catalogOf, catalogSpecs } from "./support/catalogs.ts"
import { aside } from "./support/factAlterations.ts"
import { caught, timeFor, upheldOn } from "./support/law.ts"

/** The schema beside, made, and emptied whatever leads to what is in it. */
const quoted = { postgres: `"${aside}"`, mariadb: `\`${aside}\`` }
const gone = [
  "set foreign_key_checks = 0",
  `drop database ${quoted.mariadb}`,
  "set foreign_key_checks = 1"
].join("; ")
const made = {
  sqlite: "",
  postgres: `create schema ${quoted.postgres}`,
  mariadb: `create database ${quoted.mariadb}`
}
const emptied = {
  sqlite: "",
  postgres: `drop schema ${quoted.postgres} cascade; ${made.postgres}`,
  mariadb: `${gone}; ${made.mariadb}`,
  gone
}

const cases = fc.record({ specs: catalogSpecs, changes: changeSpecs })

describe.each(engines)("L29 alterations on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
    await connected.run(Database.script(made[engine]))
  })
  afterAll(async () => {
    if (engine === "mariadb") await connected.run(Database.script(emptied.gone))
    await connected.dispose()
  })
  const reflected = Effect.gen(function* () {
    const found = yield* Database.reflect()
    if (engine === "sqlite") return found
    const { tables } = yield* Database.reflect({ schema: aside })
    return { ...found, tables: [...found.tables, ...tables] }
  })

  test(
    "a schema that was altered is reflected as what it became",
    async () => {
      const counts = new Map<string, number>()
      let catalogs = 0
      await upheldOn(
        cases,
        async ({ changes, specs }) => {
          const catalog = catalogOf(specs, engine)
          let wanted = snapshotOf(catalog, capabilities(engine))
          const alterations: Array<Alter.Alteration> = []
          for (const [place, one] of changes.entries()) {
            const next = changed(wanted, one, place, engine)
            if (next === null) continue
            wanted = next.snapshot
            alterations.push(next.alteration)
            counts.set(one.kind, (counts.get(one.kind) ?? 0) + 1)
          }
          // Whatever is there by then.
          const gone = Effect.flatMap(Database.reflect(), (found) =>
            Database.alter(...found.views.map(({ name }) => Alter.dropView(name))).pipe(
              Effect.andThen(Database.script(emptied[engine])),
              Effect.andThen(Database.drop(Catalog.reflected(found))),
              Effect.andThen(Database.drop({ ...catalog, tables: [], views: [] }))
            )
          )
          const found = await connected.run(
            Database.create(catalog).pipe(
              Effect.andThen(Database.alter(...alterations)),
              Effect.andThen(reflected),
              Effect.ensuring(Effect.orDie(gone))
            )
          )
          catalogs++
          expect(comparable(found)).toEqual(comparable(wanted))
          return true
        },
        50,
        100
      )
      expect(counts.get("alterColumn")).toBeGreaterThan(9)
      const rare = ["renameRule", "addPrimaryKey", "dropPrimaryKey"]
      if (engine !== "sqlite") rare.push("move", "addIdentity", "dropIdentity", "commentRule")
      expect(rare.filter((kind) => !counts.has(kind))).toEqual([])
      const each = [...counts].map(([kind, many]) => `${many} ${kind}`).toSorted()
      process.stdout.write(`L29 alter on ${engine}: ${catalogs} catalogs, ${each.join(", ")}\n`)
    },
    timeFor(120_000)
  )
})

test("twin: who refers to a renamed table says its old name", () => {
  caught(
    "renamed alone",
    cases,
    ({ changes, specs }) => {
      const before = snapshotOf(catalogOf(specs, "postgres"), capabilities("postgres"))
      const after = changes.map((one, place) => [
        changed(before, one, place, "postgres")?.snapshot,
        changed(before, one, place, "postgres", renamedAlone)?.snapshot
      ])
      return after.every(([one, other]) => JSON.stringify(one) === JSON.stringify(other))
    },
    []
  )
})
