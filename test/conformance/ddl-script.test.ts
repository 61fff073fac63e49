import { Database, Query } from "athanor"
import { createScript } from "athanor/compile"
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import { describe, expect, test } from "vitest"
import { catalog, notes, posts, users } from "./engine-schema.ts"
import { engines, place, program } from "./engine-support.ts"

const spaceless = (text: string): string => text.replaceAll(/\s+/g, "").replaceAll(";", "")

describe.each([...engines, "mysql"] as const)("the script of a catalog on %s", (dialect) => {
  test("is what create would run, of this dialect, without a connection [F3.2]", async () => {
    const heard: Array<string> = []
    const layer = Database.layerMock({ dialect, answer: ({ text }) => void heard.push(text) })
    await Effect.runPromise(Effect.provide(Database.create(catalog), layer))
    const ddl = heard.filter((text) => /^(create|alter)/i.test(text))
    const script = createScript(catalog, dialect)
    if (typeof script !== "string") throw new Error(script.construct)
    expect(ddl.length).toBeGreaterThan(3)
    expect(spaceless(script)).toBe(spaceless(ddl.join("\n")))
    expect(script.match(/;$/gm)).toHaveLength(ddl.length)
    if (dialect === "mysql") return
    const own = await place(dialect)
    const database = program(own.url)
    await database.run(Database.script(script))
    const work = Effect.gen(function* () {
      yield* Database.run(Query.insert(notes).values({ id: 1, body: "kept" }))
      yield* Database.run(Query.insert(users).values({ email: "a@b" }))
      return yield* Effect.flip(Database.run(Query.insert(posts).values({ title: "x", userId: 9 })))
    })
    expect((await database.run(work))._tag).toBe("ForeignKeyViolation")
    await database.dispose()
    await own.drop()
  })
})

describe("the script of a catalog", () => {
  test("is made without any driver's package [F3.3 @all]", () => {
    const found = execFileSync(
      process.execPath,
      [
        "--conditions=athanor-source",
        "--input-type=module",
        "--eval",
        `import { registerHooks } from "node:module"
         const asked = []
         registerHooks({ resolve: (specifier, context, next) => {
           asked.push(specifier)
           return next(specifier, context)
         } })
         const { Catalog, Column, Table } = await import("athanor")
         const { createScript } = await import("athanor/compile")
         const users = Table.make("users", { id: Column.id() })
         const scripts = ["sqlite", "postgres", "mysql", "mariadb"]
           .map((dialect) => createScript(Catalog.make({ users }), dialect))
         console.log(JSON.stringify({ asked, scripts }))`
      ],
      { encoding: "utf8" }
    )
    const { asked, scripts } = JSON.parse(found) as {
      readonly asked: ReadonlyArray<string>
      readonly scripts: ReadonlyArray<string>
    }
    expect(scripts.every((script) => script.startsWith("CREATE TABLE"))).toBe(true)
    expect(asked).toContain("athanor")
    const drivers = asked.filter((one) => /^(pg|mysql2|better-sqlite3)(\/|$)/.test(one))
    expect(drivers).toEqual([])
    expect(asked.filter((one) => /drivers\/(postgres|mysql|sqlite)/.test(one))).toEqual([])
  })
})
