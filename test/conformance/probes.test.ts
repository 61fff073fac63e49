import { readFileSync } from "node:fs"
import { Column, Database, Entity, Fn, Query, sql, Table, Type } from "athanor"
import { compile } from "athanor/compile"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

// The probes of docs/probes.md that are caught when a statement is built, or by a live database.
// Those the compiler catches are in test/types/right/probes-*.ts.

const columns = () => ({
  id: Column.id(),
  name: Column.varchar(50),
  age: Column.integer(),
  note: Column.varchar(50)
})
const users = Table.make("users", columns())
class User extends Entity<User>()("users", columns()) {}

/** The same table as another program made it: no `name`, another type, no NOT NULL. */
const script = {
  sqlite: "create table users (id integer primary key, age text not null, note varchar(50))",
  postgres: "create table users (id int primary key, age text not null, note varchar(50))",
  mariadb: "create table users (id int primary key, age text not null, note varchar(50))"
}

type Source = typeof users
type AnyQuery = Query.Select<unknown, never, never>

describe.each([
  ["tables", users],
  ["entities", User as unknown as Source]
])("probes over %s", (_, source) => {
  const from = Query.from(source)
  const { age, id } = source.c

  test("an aggregate without GROUP BY, or with another, is refused when compiled", () => {
    const grouped = from.groupBy(age)
    expect(() => compile(from.select({ id, n: Fn.count() }), "postgres")).toThrow(
      '"users.id" is neither grouped nor inside an aggregate'
    )
    expect(() => compile(grouped.select({ id, n: Fn.count() }), "sqlite")).toThrow(
      '"users.id" is neither grouped nor inside an aggregate'
    )
    expect(compile(grouped.select({ age, n: Fn.count() }), "sqlite")._tag).toBe("Compiled")
  })

  test("a scalar subquery of two columns is refused when built", () => {
    expect(() => from.select({ id, age }).scalar()).toThrow("selects 2 columns, not one")
    expect(from.select({ age }).scalar().node._tag).toBe("Subquery")
  })

  test("parts of a set operation of other numbers of columns are refused when built", () => {
    const wider = from.select({ id, age })
    expect(() => from.select({ id }).union(wider as never)).toThrow("1 and 2 columns")
    expect(() => wider.union(from.select({ id }) as never)).toThrow(
      "the second part does not select"
    )
  })

  describe.each(engines)("on %s", (engine) => {
    let database: Awaited<ReturnType<typeof connect>>
    beforeAll(async () => {
      database = await connect(engine)
      await database.run(Database.script(script[engine]))
    })
    afterAll(() => database.dispose())
    const asked = (statement: object) => Database.describe(statement as AnyQuery)
    const found = async (statement: object) =>
      (await database.run(asked(statement))).mismatches.map(({ _tag, column }) => [_tag, column])

    test("a column the live table lacks is named by describe", async () => {
      const error = await database.run(Effect.flip(asked(from)))
      expect(error).toMatchObject({ _tag: "SyntaxOrUndefined", kind: "column" })
      expect(error.message).toContain("name")
    })

    test("a column of another type, and one that may be NULL, are listed by describe", async () => {
      expect(await found(from.select({ id, age, note: source.c.note }))).toEqual([
        ["Type", "age"],
        ["Nullability", "note"]
      ])
    })

    test("the row raw SQL claims is compared by describe, and its typos are named", async () => {
      const claimed = Query.raw({ id: Type.integer, years: Type.integer })
      expect(await found(claimed`select id, age as years from users`)).toEqual([["Type", "years"]])
      expect(await found(claimed`select id from users`)).toEqual([["Missing", "years"]])
      const typo = from.select(sql(Type.integer)`users.agee`)
      expect((await database.run(Effect.flip(asked(typo)))).message).toContain("agee")
    })
  })
})

const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8")

test("every row of the page is marked, and what it quotes is in the tests", () => {
  const rows = textOf("../../docs/probes.md")
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| probe") && !line.includes("---"))
    .map((line) => line.split(" | ").map((cell) => cell.replaceAll(/^\| | \|$/g, "")))
  const [tables, entities, own] = [
    "../types/right/probes-tables.ts",
    "../types/right/probes-entities.ts",
    "./probes.test.ts"
  ].map(textOf)
  const counts = { compiler: 0, "at build": 0, "by describe": 0, "not applicable": 0 }
  for (const [probe, mark, where] of rows) {
    expect(Object.keys(counts), probe).toContain(mark)
    counts[mark as keyof typeof counts]++
    const quoted = where!
    if (mark === "compiler") {
      expect(entities, probe).toContain(quoted)
      if (!quoted.startsWith("// Getters") && !quoted.startsWith("// A key of another"))
        expect(tables, probe).toContain(quoted)
    } else if (mark !== "not applicable") expect(own, probe).toContain(quoted)
  }
  expect(counts).toEqual({ compiler: 34, "at build": 3, "by describe": 4, "not applicable": 2 })
})
