/** Schemas made and dropped, and the one that names without a schema mean. */
import { Catalog, Column, Database, Index, NamedSchema, Query, StatementError } from "athanor"
import { Table } from "athanor"
import { createScript, dropScript } from "athanor/compile"
import type * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { engines, place, type Program, program } from "./engine-support.ts"

const unlike = `quo"ted's \`so\``

describe.each(engines)("named schemas on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  let prefix = ""
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url)
    // MariaDB's are databases of the whole server.
    if (engine === "mariadb") prefix = `${own.url.split("/").at(-1)!.split("?")[0]!}_`
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  if (engine === "sqlite") {
    test("there is none to create or to drop [F92.2]", async () => {
      const catalog = Catalog.make({ sales: NamedSchema.make("sales") })
      for (const verb of [Database.create(catalog), Database.drop(catalog)])
        expect(await database.failure(verb)).toMatchObject({
          _tag: "Unsupported",
          capability: "createSchema"
        })
    })
    return
  }

  test("one is created and dropped, also if it is there or not [F92.2]", async () => {
    for (const name of ["sales", unlike]) {
      const schema = NamedSchema.make(prefix + name)
      const columns = { id: Column.id(), n: Column.integer() }
      const bills = Table.make("bills", columns, undefined, { schema: schema.name })
      // First, however they are listed.
      const catalog = Catalog.make({ bills, schema })
      const { has } = Database
      await database.run(Database.create(catalog))
      expect(await database.run(has({ kind: "schema", name: schema.name }))).toBe(true)
      await database.run(Database.run(Query.insert(bills).values({ n: 1 })))
      expect(await database.failure(Database.create(Catalog.make({ schema })))).toMatchObject({
        _tag: "SyntaxOrUndefined",
        kind: "duplicate"
      })
      await database.run(Database.create(catalog, { ifMissing: true }))
      expect(await database.run(Database.count(Query.from(bills)))).toBe(1)

      // With something else in it, it stays, and that too.
      await database.run(Database.drop(Catalog.make({ schema })))
      expect(await database.run(Database.count(Query.from(bills)))).toBe(1)
      await database.run(Database.drop(catalog))
      expect(await database.run(has({ kind: "schema", name: schema.name }))).toBe(false)
      await database.run(Database.drop(catalog))
    }
  })

  test("it goes by another name where tables do", async () => {
    const schema = NamedSchema.make("app")
    const notes = Table.make("notes", { id: Column.id() }, undefined, { schema: "app" })
    const catalog = Catalog.make({ schema, notes })
    const name = `${prefix}tenant`
    const as = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Database.with({ schemas: { app: name } }, effect)
    await database.run(as(Database.create(catalog)))
    expect(await database.run(Database.has({ kind: "table", name: "notes", schema: name }))).toBe(
      true
    )
    expect(await database.run(as(Database.has({ kind: "schema", name: "app" })))).toBe(true)
    expect(await database.run(Database.has({ kind: "schema", name: "app" }))).toBe(false)
    await database.run(as(Database.drop(catalog)))
    expect(await database.run(Database.has({ kind: "schema", name }))).toBe(false)
  })
})

describe.each(engines)("the usual schema on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let prefix = ""
  const parents = Table.make("parents", { id: Column.integer().primaryKey() })
  const children = Table.make(
    "children",
    { id: Column.integer().primaryKey(), parent: Column.integer().references(() => parents.c.id) },
    (c) => [Index.on(c.parent)]
  )
  const catalog = Catalog.make({ parents, children })
  const quote = engine === "mariadb" ? "`" : '"'
  beforeAll(async () => {
    own = await place(engine)
    if (engine === "mariadb") prefix = `${own.url.split("/").at(-1)!.split("?")[0]!}_`
  })
  afterAll(() => own.drop())

  /** A program whose names without a schema mean `usual`. */
  const programIn = async (usual: string, by: "connection" | "database") => {
    const file = `${own.url.replace(/^sqlite:/, "")}.${usual}`
    const name = prefix + usual
    const say = {
      sqlite: `ATTACH DATABASE '${file}' AS ${name}`,
      postgres: `SET search_path = ${quote}${name}${quote}`,
      mariadb: `USE ${quote}${name}${quote}`
    }[engine]
    if (engine !== "sqlite") {
      const first = program(own.url)
      await first.run(Database.create(Catalog.make({ one: NamedSchema.make(name) })))
      await first.dispose()
    }
    const isSaid = by === "connection" || engine === "sqlite"
    return {
      name,
      ...program(own.url, {
        ...(isSaid ? { onConnect: (session) => session.script(say) } : {}),
        ...(by === "database" ? { statement: { schemas: { "": name } } } : {})
      })
    }
  }

  test.each(["connection", "database"] as const)(
    "is the %s's, for statements, for what is there and for what is changed [F92.3]",
    async (by) => {
      // SQLite's connections know main alone by no name.
      if (engine === "sqlite" && by === "connection") {
        const { dispose, run } = program(own.url)
        await run(Database.create(catalog))
        expect(await run(Database.has({ kind: "table", name: "parents", schema: "main" }))).toBe(
          true
        )
        await run(Database.drop(catalog))
        return dispose()
      }
      const { dispose, failure, name, run } = await programIn(`usual_${by}`, by)
      const plain = program(own.url, {
        ...(engine === "sqlite"
          ? {
              onConnect: (session) =>
                session.script(
                  `ATTACH DATABASE '${own.url.replace(/^sqlite:/, "")}.usual_${by}' AS ${name}`
                )
            }
          : {})
      })
      await run(Database.create(catalog))
      await run(Database.create(catalog, { ifMissing: true }))
      await run(Database.run(Query.insert(parents).values({ id: 1 })))
      const orphan = Query.insert(children).values({ id: 1, parent: 7 })
      expect(await failure(Database.run(orphan))).toMatchObject({ _tag: "ForeignKeyViolation" })
      expect(await run(Database.has({ kind: "table", name: "parents" }))).toBe(true)
      expect(await plain.run(Database.has({ kind: "table", name: "parents" }))).toBe(false)
      expect(await plain.run(Database.has({ kind: "table", name: "parents", schema: name }))).toBe(
        true
      )

      // Read under the names they are written by.
      const { tables } = await run(Database.reflect())
      expect(tables.map((table) => [table.schema, table.name])).toEqual([
        [null, "children"],
        [null, "parents"]
      ])
      expect(tables[0]!.foreignKeys[0]!.target).toEqual({ schema: null, table: "parents" })
      expect((await plain.run(Database.reflect())).tables).toEqual([])
      await run(Database.drop(catalog))
      expect((await plain.run(Database.reflect({ schema: name }))).tables).toEqual([])
      await plain.dispose()
      await dispose()
    }
  )
  afterAll(async () => {
    if (engine !== "mariadb") return
    const { dispose, run } = program(own.url)
    for (const usual of ["usual_connection", "usual_database"])
      await run(Database.drop(Catalog.make({ one: NamedSchema.make(prefix + usual) })))
    await dispose()
  })
})

describe("named schemas, as data", () => {
  const catalog = Catalog.make({ sales: NamedSchema.make("order") })

  test("their text, with its if-exists form", () => {
    expect(createScript(catalog, "postgres")).toBe('CREATE SCHEMA "order";\n')
    expect(createScript(catalog, "mariadb", { ifMissing: true })).toBe(
      "CREATE SCHEMA IF NOT EXISTS `order`;\n"
    )
    expect(dropScript(catalog, "mysql")).toBe("DROP SCHEMA IF EXISTS `order`;\n")
    expect(dropScript(catalog, "postgres", { ifExists: false })).toBe('DROP SCHEMA "order";\n')
    expect(createScript(catalog, "sqlite")).toMatchObject({ capability: "createSchema" })
  })

  test("no name is refused", () => {
    expect(() => NamedSchema.make("")).toThrow(StatementError)
  })
})
