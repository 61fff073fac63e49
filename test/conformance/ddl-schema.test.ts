import { Catalog, Column, Database, type Expr, Index, Query, Table } from "athanor"
import type * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { engines, type EngineName, useDatabase } from "./support.ts"

type Run = ReturnType<typeof useDatabase>["run"]

/** Two schemas as each server knows them: a schema, a database, an attached file. */
const twoSchemas = async (
  engine: EngineName,
  run: Run,
  what: string
): Promise<readonly [string, string]> => {
  const names = [`${what}_one_${process.pid}`, `${what}_two_${process.pid}`] as const
  const say = {
    sqlite: "ATTACH ':memory:' AS",
    postgres: "CREATE SCHEMA",
    mariadb: "CREATE DATABASE"
  }[engine]
  for (const name of names) await run(Database.script(`${say} ${name}`))
  return names
}

describe.each(engines)("schemas on %s", (engine) => {
  const { all, failure, run, sentBy } = useDatabase(engine, {})

  test("tables are created after what they refer to and dropped before it [F94.1]", async () => {
    const a = Table.make("a", {
      id: Column.integer().primaryKey(),
      bId: Column.integer().references(() => b.c.id)
    })
    const b = Table.make("b", {
      id: Column.integer().primaryKey(),
      cId: Column.integer().references(() => c.c.id)
    })
    const c = Table.make("c", { id: Column.integer().primaryKey() })
    for (const members of [
      { a, b, c },
      { c, b, a },
      { b, a, c }
    ]) {
      const catalog = Catalog.make(members)
      const order = async (
        verb: "CREATE TABLE" | "DROP TABLE",
        effect: Effect.Effect<void, unknown, Database>
      ) =>
        (await sentBy(effect))
          .filter((text) => text.startsWith(verb))
          .map((text) => /\b[abc]\b/.exec(text)![0])
      expect(await order("CREATE TABLE", Database.create(catalog))).toEqual(["c", "b", "a"])
      expect(await order("DROP TABLE", Database.drop(catalog))).toEqual(["a", "b", "c"])
    }
  })

  test("a cycle of foreign keys is created, bound and dropped [F94.2]", async () => {
    const boss = Table.make("boss", {
      id: Column.integer().primaryKey(),
      deskId: Column.integer()
        .nullable()
        .references((): Expr.Value<number, string> => desk.c.id)
    })
    const desk = Table.make("desk", {
      id: Column.integer().primaryKey(),
      bossId: Column.integer()
        .nullable()
        .references((): Expr.Value<number, string> => boss.c.id),
      nextId: Column.integer()
        .nullable()
        .references((): Expr.Value<number, string> => desk.c.id)
    })
    const catalog = Catalog.make({ boss, desk })
    await run(Database.create(catalog))
    await run(Database.run(Query.insert(boss).values({ id: 1, deskId: null })))
    await run(Database.run(Query.insert(desk).values({ id: 1, bossId: 1, nextId: 1 })))
    await run(Database.run(Query.update(boss).set({ deskId: 1 }).everyRow()))
    for (const wrong of [
      Database.run(Query.update(boss).set({ deskId: 2 }).everyRow()),
      Database.run(Query.update(desk).set({ bossId: 2 }).everyRow()),
      Database.run(Query.update(desk).set({ nextId: 2 }).everyRow())
    ])
      expect(await failure(wrong)).toMatchObject({ _tag: "ForeignKeyViolation" })
    await run(Database.drop(catalog))
    await run(Database.create(catalog))
    await run(Database.drop(catalog))
  })

  test("tables of one name in two schemas are told apart [F92.1]", async () => {
    const [one, two] = await twoSchemas(engine, run, "same")
    const columns = { id: Column.integer().primaryKey(), n: Column.integer() }
    const a = Table.make("same", columns, undefined, { schema: one })
    const b = Table.make("same", columns, undefined, { schema: two })
    const catalog = Catalog.make({ a, b })
    await run(Database.create(catalog))
    await run(
      Database.run(
        Query.insert(a).rows([
          { id: 1, n: 1 },
          { id: 2, n: 1 }
        ])
      )
    )
    await run(Database.run(Query.insert(b).rows([{ id: 1, n: 5 }])))
    expect(
      await run(
        Database.run(
          Query.update(b)
            .set({ n: b.c.n.add(1) })
            .where(b.c.id.lt(9))
        )
      )
    ).toBe(1)
    expect(await run(Database.run(Query.deleteFrom(a).where(a.c.id.eq(2))))).toBe(1)
    const other = Query.alias(b, "other")
    const joined = Query.from(a)
      .join(other, other.c.id.eq(a.c.id))
      .select({ a: a.c.n, b: other.c.n })
    expect(await all(joined)).toEqual([{ a: 1, b: 6 }])
    const inner = Query.from(other).select(other.c.n)
    expect(await all(Query.from(a).where(a.c.n.in(inner)))).toEqual([])
    expect(await all(Query.from(b))).toEqual([{ id: 1, n: 6 }])
    await run(Database.drop(catalog))
    if (engine === "mariadb")
      await run(Database.script(`DROP DATABASE ${one}; DROP DATABASE ${two}`))
  })

  const parentIn = (schema: string) =>
    Table.make("parent", { id: Column.integer().primaryKey() }, undefined, { schema })
  const childIn = (schema: string, parent: ReturnType<typeof parentIn>) =>
    Table.make(
      "child",
      {
        id: Column.integer().primaryKey(),
        parentId: Column.integer().references(() => parent.c.id)
      },
      (c) => [Index.on(c.parentId)],
      { schema }
    )

  /** Refuses the child of a parent that is not there, and takes the other. */
  const isBound = async (
    child: ReturnType<typeof childIn>,
    parent: ReturnType<typeof parentIn>
  ) => {
    await run(Database.create(Catalog.make({ child, parent })))
    const adopted = Database.run(Query.insert(child).values({ id: 1, parentId: 5 }))
    expect(await failure(adopted)).toMatchObject({ _tag: "ForeignKeyViolation" })
    await run(Database.run(Query.insert(parent).values({ id: 5 })))
    expect(await run(adopted)).toBe(1)
    await run(Database.drop(Catalog.make({ child, parent })))
  }

  test("foreign keys and indexes work within a schema of another name", async () => {
    const [one] = await twoSchemas(engine, run, "own")
    const parent = parentIn(one)
    await isBound(childIn(one, parent), parent)
    if (engine === "mariadb") await run(Database.script(`DROP DATABASE ${one}`))
  })

  if (engine === "sqlite") {
    test("a foreign key across schemas is refused [F92.4]", async () => {
      const tables = { child: childIn("main", parentIn("temp")) }
      const error = await failure(Database.create(Catalog.make(tables)))
      expect(error).toMatchObject({ _tag: "Unsupported", capability: "crossSchemaForeignKeys" })
    })
  } else {
    test("a foreign key across schemas is enforced [F92.4]", async () => {
      const [one, two] = await twoSchemas(engine, run, "across")
      const parent = parentIn(one)
      await isBound(childIn(two, parent), parent)
      if (engine === "mariadb")
        await run(Database.script(`DROP DATABASE ${one}; DROP DATABASE ${two}`))
    })
  }
})
