/** What comes from outside is a typed failure, whatever is asked: no defect, on any database. */
import { Catalog, Database, DatabaseError } from "athanor"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { writeFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { beside, coordinator, forgotten, Point, probes } from "../faults/support/probes.ts"
import { engines, place, type Program, program, wireTo } from "./engine-support.ts"

const tags: ReadonlySet<string> = new Set(Object.keys(DatabaseError))

/** Waits for what never comes. */
const endless = new Set(["Database.listen"])

describe.each(engines)("what is wrong outside on %s", (engine) => {
  /** What each program that failed with anything but a failure of ours ended with. */
  const wrong = async (database: Program, cause: string) => {
    const found: Array<string> = []
    const met = new Set<string>()
    for (const [name, { effect }] of Object.entries(probes)) {
      if (endless.has(name)) continue
      const exit = await database.exit(effect)
      if (Exit.isSuccess(exit)) continue
      for (const reason of exit.cause.reasons) {
        const told = reason._tag === "Fail" ? (reason.error as { readonly _tag?: string }) : null
        const tag = told === null ? reason._tag : (told._tag ?? String(told))
        met.add(tag)
        if (tag !== "no" && !tags.has(tag)) found.push(`${cause}, ${name}: ${tag}`)
      }
    }
    expect(met.size, cause).toBeGreaterThan(0)
    expect([...met], cause).not.toEqual(["no"])
    return found
  }

  test("is a typed failure of every verb, and never a defect [F158.4]", async () => {
    const own = await place(engine)
    const opened: Array<Program> = []
    const open = (...given: Parameters<typeof program>) => {
      const made = program(...given)
      opened.push(made)
      return made
    }
    const usual = { pool: { size: 2 } }
    const database = open(own.url, usual)
    const found: Array<string> = []
    // Nobody there.
    const nowhere =
      engine === "sqlite"
        ? `sqlite:/nowhere/at/all/${process.pid}/x.db`
        : own.url.replace(/:\d+\//, ":1/")
    found.push(...(await wrong(open(nowhere, usual), "nobody there")))
    // None of its tables.
    found.push(...(await wrong(database, "no tables")))
    // Nothing may be written.
    await database.run(Database.create(Catalog.make({ Point })))
    await database.run(Effect.ignore(Effect.provide(coordinator.create, beside)))
    found.push(...(await wrong(open(own.url, { ...usual, readOnly: true }), "read only")))
    if (engine === "sqlite") {
      const file = `${own.url.slice("sqlite:".length)}.txt`
      writeFileSync(file, "this is no database, but a file of some other kind".repeat(100))
      found.push(...(await wrong(open(`sqlite:${file}`, usual), "no database")))
    } else {
      const wire = await wireTo(own.url)
      const cut = open(wire.url, usual)
      await cut.run(Database.server)
      wire.state.cutAt = "points"
      found.push(...(await wrong(cut, "cut")))
      await cut.dispose()
      wire.close()
    }
    expect(found).toEqual([])
    await database.run(Effect.ignore(forgotten))
    for (const one of opened) await one.dispose()
    await own.drop()
  }, 60_000)
})
