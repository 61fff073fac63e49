import { Catalog, Check, Column, Convention, Database, Exclude, ForeignKey, Index } from "athanor"
import { Query, Range, StatementError, Table, Type, Unique } from "athanor"
import { createScript } from "athanor/compile"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { FromId } from "../../src/algebra/From.ts"
import type { TableSource } from "../../src/algebra/Source.ts"
import { dialects, engines, useDatabase } from "./support.ts"

const lords = Table.make("lords", {
  land: Column.integer().primaryKey(),
  number: Column.integer().primaryKey()
})
const vassals = Table.make(
  "vassals",
  { id: Column.id(), land: Column.integer().nullable(), number: Column.integer().nullable() },
  (c) => [
    ForeignKey.on([c.land, c.number], () => [lords.c.land, lords.c.number], { match: "full" })
  ]
)
const owners = Table.make("owners", { id: Column.integer().primaryKey() })
const dogsOf = (name: string, deferrable: "immediate" | "deferred") =>
  Table.make(name as "dogs", {
    id: Column.integer().primaryKey(),
    ownerId: Column.integer().references(() => owners.c.id, { deferrable, name: `${name}_owner` })
  })
const dogs = dogsOf("dogs", "deferred")

const sourceOf = (table: { readonly [FromId]: { readonly source: unknown } }) =>
  table[FromId].source as TableSource

describe.each(engines)("constraints on %s", (engine) => {
  const { all, failure, run } = useDatabase(engine, { lords, owners })

  if (engine === "mariadb") {
    test("a foreign key checked later is refused [F85.4]", async () => {
      const error = await failure(Database.create(Catalog.make({ dogs })))
      expect(error).toMatchObject({ _tag: "Unsupported", capability: "deferrableConstraints" })
    })
  } else {
    test("a deferred foreign key is checked at commit [F85.4]", async () => {
      await run(Database.create(Catalog.make({ dogs })))
      const dog = (id: number) => Database.run(Query.insert(dogs).values({ id, ownerId: id }))
      const owner = (id: number) => Database.run(Query.insert(owners).values({ id }))
      await run(Database.transaction(Effect.andThen(dog(1), owner(1))))
      expect(await all(Query.from(dogs).select(dogs.c.id))).toEqual([1])
      const error = await failure(Database.transaction(dog(2)))
      expect(error).toMatchObject({ _tag: "ForeignKeyViolation" })
      expect(await all(Query.from(dogs).select(dogs.c.id))).toEqual([1])
      const { tables } = await run(Database.reflect())
      expect(tables.find(({ name }) => name === "dogs")!.foreignKeys).toMatchObject([
        { name: "dogs_owner", deferrable: "deferred" }
      ])
    })
    test("one that is deferrable and not deferred is checked at once", async () => {
      const cats = dogsOf("cats", "immediate")
      await run(Database.create(Catalog.make({ cats })))
      const orphan = Database.run(Query.insert(cats).values({ id: 1, ownerId: 77 }))
      const owner = Database.run(Query.insert(owners).values({ id: 77 }))
      const both = Database.transaction(Effect.andThen(orphan, owner))
      expect(await failure(both)).toMatchObject({ _tag: "ForeignKeyViolation" })
      await run(Database.drop(Catalog.make({ cats })))
    })
  }

  if (engine === "postgres") {
    test("a key matched in full is null as a whole or not at all [F85.5]", async () => {
      await run(Database.create(Catalog.make({ vassals })))
      await run(Database.run(Query.insert(lords).values({ land: 1, number: 1 })))
      const add = (land: number | null, number: number | null) =>
        Database.run(Query.insert(vassals).values({ land, number }))
      await run(add(1, 1))
      await run(add(null, null))
      for (const partly of [add(1, null), add(null, 1)])
        expect(await failure(partly)).toMatchObject({ _tag: "ForeignKeyViolation" })
      expect(await failure(add(1, 2))).toMatchObject({ _tag: "ForeignKeyViolation" })
    })

    test("unique with further columns, for which nulls are equal [F85.7]", async () => {
      const points = Table.make(
        "points",
        { x: Column.integer(), y: Column.integer().nullable(), label: Column.text() },
        (c) => [Unique.with({ name: "one_point", nullsEqual: true, include: [c.label] }, c.x, c.y)]
      )
      await run(Database.create(Catalog.make({ points })))
      const add = (x: number, label: string) =>
        Database.run(Query.insert(points).values({ x, y: null, label }))
      await run(add(1, "a"))
      await run(add(2, "a"))
      expect(await failure(add(1, "b"))).toMatchObject({
        _tag: "UniqueViolation",
        constraint: "one_point"
      })
      const { tables } = await run(Database.reflect())
      expect(tables.find(({ name }) => name === "points")!.uniques).toMatchObject([
        { columns: ["x", "y"], include: ["label"], nullsEqual: true }
      ])
    })

    test("an exclusion constraint refuses overlapping rows [F85.7]", async () => {
      const stays = Table.make(
        "stays",
        { id: Column.id(), gone: Column.boolean(), during: Column.make(Type.range(Type.integer)) },
        (c) => [Exclude.on({ name: "one_guest", where: c.gone.not() }, [c.during, "&&"])]
      )
      await run(Database.create(Catalog.make({ stays })))
      const add = (lower: number, upper: number, gone = false) =>
        Database.run(Query.insert(stays).values({ gone, during: Range.make(lower, upper) }))
      await run(add(1, 5))
      await run(add(5, 9))
      await run(add(2, 3, true))
      expect(await failure(add(4, 6))).toMatchObject({
        _tag: "ExclusionViolation",
        constraint: "one_guest"
      })
    })
  } else {
    test("a key matched in full is refused [F85.5]", async () => {
      const error = await failure(Database.create(Catalog.make({ vassals })))
      expect(error).toMatchObject({ _tag: "Unsupported", capability: "matchFull" })
    })
    test("what only PostgreSQL means by a constraint is refused, by name", async () => {
      const columns = { a: Column.integer(), b: Column.integer() }
      const refused = [
        [
          Table.make("t", columns, (c) => [Unique.with({ nullsEqual: true }, c.a)]),
          "nullsNotDistinct"
        ],
        [
          Table.make("t", columns, (c) => [Unique.with({ deferrable: "deferred" }, c.a)]),
          "deferrableConstraints"
        ],
        [Table.make("t", columns, (c) => [Exclude.on({}, [c.a, "="])]), "exclusionConstraints"]
      ] as const
      for (const [table, capability] of refused) {
        const error = await failure(Database.create(Catalog.make({ table })))
        expect(error).toMatchObject({ _tag: "Unsupported", capability })
      }
    })
  }

  test("a rule named by convention is reflected and dropped by its name [F86.4]", async () => {
    const table = Table.make(
      "houses",
      { id: Column.id(), street: Column.varchar(20), ownerId: Column.integer() },
      (c) => [
        Unique.on(c.street),
        Index.on(c.ownerId),
        ForeignKey.on([c.ownerId], () => [owners.c.id])
      ],
      { naming }
    )
    await run(Database.create(Catalog.make({ table })))
    const back = (await run(Database.reflect())).tables.find(({ name }) => name === "houses")!
    expect(back.uniques.map(({ name }) => name)).toEqual(["uq_houses_street"])
    expect(back.foreignKeys.map(({ name }) => name)).toEqual(["fk_houses_owner_id_owners"])
    expect(back.indexes.map(({ name }) => name)).toEqual(["ix_houses_owner_id"])
    const drop = {
      sqlite: "DROP INDEX ix_houses_owner_id",
      postgres: "ALTER TABLE houses DROP CONSTRAINT uq_houses_street",
      mariadb: "ALTER TABLE houses DROP CONSTRAINT uq_houses_street"
    }
    await run(Database.script(drop[engine]))
    const less = (await run(Database.reflect())).tables.find(({ name }) => name === "houses")!
    expect(less.uniques.length + less.indexes.length).toBe(1)
  })
})

const naming = Convention.make({
  primaryKey: "pk_{table}",
  unique: "uq_{table}_{columns}",
  foreignKey: "fk_{table}_{column0}_{target}",
  check: "ck_{table}_{name}",
  index: "ix_{table}_{columns}"
})

describe("conventions", () => {
  const columns = {
    id: Column.id(),
    first: Column.varchar(9),
    lastName: Column.varchar(9),
    ownerId: Column.integer()
  }

  test("name each kind of rule from table, columns, target and name [F86.1 @all]", () => {
    const table = Table.make(
      "people",
      columns,
      (c) => [
        Unique.on(c.first, c.lastName),
        Check.that(c.ownerId.gt(0), "owner"),
        Index.on(c.lastName, c.first),
        ForeignKey.on([c.ownerId], () => [owners.c.id])
      ],
      {
        schema: "s",
        naming: Convention.make({
          primaryKey: "pk_{table}",
          unique: "uq_{schema}_{table}_{column1}_{column0}",
          foreignKey: "fk_{table}_{columns}_{target}_{targetColumns}",
          check: "ck_{table}_{name}",
          index: "ix_{columns}"
        })
      }
    )
    const source = sourceOf(table)
    expect(source.primaryKeyName).toBe("pk_people")
    expect(source.uniques().map(({ name }) => name)).toEqual(["uq_s_people_last_name_first"])
    expect(source.foreignKeys().map(({ name }) => name)).toEqual(["fk_people_owner_id_owners_id"])
    expect(source.checks().map(({ name }) => name)).toEqual(["ck_people_owner"])
    expect(source.indexes().map(({ name }) => name)).toEqual(["ix_last_name_first"])
  })

  test("may have tokens that are functions of the rule [F86.2 @all]", () => {
    const table = Table.make("people", columns, (c) => [Unique.on(c.first, c.lastName)], {
      naming: Convention.make(
        { unique: "{kind}_{table}_{count}" },
        { kind: (rule) => rule.kind.slice(0, 2), count: (rule) => `${rule.columns.length}` }
      )
    })
    expect(sourceOf(table).uniques()[0]!.name).toBe("un_people_2")
  })

  test("refuse tokens nobody knows and rules that lack what they ask for", () => {
    expect(() => Convention.make({ unique: "{tabel}" })).toThrow(StatementError)
    const nameless = Table.make("t", columns, (c) => [Check.that(c.ownerId.gt(0))], { naming })
    expect(() => sourceOf(nameless).checks()).toThrow("no {name}")
    const short = Table.make("t", columns, (c) => [Unique.on(c.first)], {
      naming: Convention.make({ unique: "{column1}" })
    })
    expect(() => sourceOf(short).uniques()).toThrow("no {column1}")
  })

  test("a name beyond the limit ends in a hash; two rules never share one [F86.3 @all]", () => {
    const long = "x".repeat(80)
    const wide = Table.make("t", { a: Column.integer(), b: Column.integer() }, (c) => [
      Unique.named(`${long}1`, c.a),
      Unique.named(`${long}2`, c.b)
    ])
    for (const dialect of ["postgres", "mysql", "mariadb"] as const) {
      const script = createScript(Catalog.make({ wide }), dialect) as string
      expect(createScript(Catalog.make({ wide }), dialect)).toBe(script)
      const names = [...script.matchAll(/CONSTRAINT (x+_\w+) UNIQUE/g)].map(([, name]) => name!)
      expect(new Set(names).size).toBe(2)
      for (const name of names) expect(name.length).toBe(dialect === "postgres" ? 63 : 64)
    }
    const same = Table.make(
      "t",
      { a: Column.integer(), bC: Column.integer(), aB: Column.integer(), c: Column.integer() },
      (c) => [Unique.on(c.a, c.bC), Unique.on(c.aB, c.c)]
    )
    for (const dialect of dialects)
      expect(() => createScript(Catalog.make({ same }), dialect)).toThrow(
        'table "t": two of its rules are named "t_a_b_c_key"'
      )
  })

  test("a rule has the usual name, one by convention, or its own exactly [F85.8 @all]", () => {
    const nameOf = (
      name: string | Convention.ExactName | undefined,
      options: Table.TableOptions = {}
    ) => {
      const given = name === undefined ? {} : { name }
      const table = Table.make("t", columns, (c) => [Check.with(given, c.ownerId.gt(0))], options)
      return sourceOf(table).checks()[0]!.name
    }
    expect(nameOf(undefined)).toBe("t_check1")
    expect(nameOf("own")).toBe("own")
    expect(nameOf("own", { naming })).toBe("ck_t_own")
    expect(nameOf(Convention.exact("own"), { naming })).toBe("own")
    expect(nameOf("own", { naming: Convention.make({ check: "ck_{table}" }) })).toBe("own")
  })

  test("an operator of an exclusion is made of signs, and ends no text", () => {
    const { id } = owners.c
    for (const wrong of ["", "--", "<--", "/*", "=/*", "in", "'", ";", "= ", "?\u0000", ")"])
      expect(() => Exclude.on({}, [id, wrong])).toThrow(StatementError)
    for (const right of ["=", "&&", "-|-", "<>", "<@"]) Exclude.on({}, [id, right])
  })

  test("a foreign key to a missing or a wrongly typed column is no statement [F85.8 @all]", () => {
    const wrong = [
      Column.text().references(() => owners.c.id),
      Column.date().references(() => owners.c.id),
      Column.integer().references(() => (owners.c as any).id.add(1)),
      Column.integer().references(() => (owners.c as any).missing)
    ]
    for (const column of wrong) {
      const table = Table.make("t", { a: column as Column.Column<any> })
      expect(() => createScript(Catalog.make({ table }), "postgres")).toThrow(StatementError)
    }
    const right = Table.make("t", { a: Column.integer().references(() => owners.c.id) })
    expect(typeof createScript(Catalog.make({ right }), "postgres")).toBe("string")
  })
})
