/** What a catalog says beside its tables' shape: copies, conditions, notes, guards, enums. */
import {
  Catalog,
  Check,
  Column,
  Database,
  Entity,
  Expr,
  Fn,
  Index,
  NamedSchema,
  NamedType,
  Query,
  Sequence,
  sql,
  StatementError,
  Table,
  TextObject,
  Type,
  View
} from "athanor"
import { capabilities, catalogSource, createScript, dropScript, picture } from "athanor/compile"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { snapshotOf } from "../../src/compile/schema/snapshotOf.ts"
import { dialects, engines, useDatabase } from "./support.ts"

const mood = NamedType.enumeration("mood", ["sad", "it's ok"], { schema: "past" })
const whole = NamedType.domain("whole", Type.integer, {
  check: (value) => value.gte(0),
  schema: "past"
})
const numbers = Sequence.make("numbers's", { schema: "past" })
const outside = Table.make("outside", { id: Column.integer().primaryKey() })
class Owner extends Entity<Owner>()(
  "owners",
  {
    id: Column.integer().primaryKey(),
    bossId: Column.integer().nullable(),
    outsideId: Column.integer().references(() => outside.c.id),
    name: Column.text()
  },
  (c) => [Check.that(c.name.ne(""), "named"), Index.on(c.name)],
  { schema: "past" }
) {
  static readonly boss = this.belongsTo(() => Owner)
  get label() {
    return `${this.name}!`
  }
}
const pets = Table.make(
  "pets",
  {
    number: Column.bigint().serverDefault(Sequence.next(numbers)),
    ownerId: Column.integer().references(() => Owner.c.id, { onDelete: "cascade" }),
    mood: Column.make(mood).serverDefault("sad"),
    legs: Column.make(whole)
  },
  (c) => [
    Check.that(c.legs.lt(100), "few"),
    Index.with({ where: c.mood.eq("sad") }, c.legs.desc())
  ],
  { schema: "past" }
)
const fed = Query.from(pets).where(pets.c.mood.ne("sad")).as("fed")
const happy = View.make("happy", Query.from(fed).where(fed.c.legs.gt(2)), { schema: "past" })
const old = NamedSchema.make("past")
const everything = Catalog.make({ old, outside: numbers, mood, Owner, pets, happy })

describe("a catalog in another schema", () => {
  test("is the same schema under another name, its foreign keys following [F84.2 @all]", () => {
    const copy = Catalog.inSchema(everything, "copy")
    for (const script of [createScript, dropScript]) {
      const said = [everything, copy].map((one) => String(script(one, "postgres")))
      expect(said[0]).toContain("past.pets")
      expect(said[0]).not.toContain("copy")
      expect(said[1]).toBe(said[0]!.replaceAll(/\bpast\b/g, "copy"))
    }
    expect(String(createScript(copy, "postgres"))).toContain("REFERENCES copy.owners (id)")
    // What is no member stays where it was.
    expect(String(createScript(copy, "postgres"))).toContain("REFERENCES outside (id)")
    expect(everything.tables.map(({ schema }) => schema)).toEqual(["past", "past"])
    expect(String(createScript(Catalog.inSchema(copy, "past"), "postgres"))).toBe(
      String(createScript(everything, "postgres"))
    )
  })

  test("one schema for each, and none; what cannot move is refused [F84.2 @all]", () => {
    const two = Catalog.make({ outside, Owner })
    const to = (schema: string | null) => (schema === null ? "there" : null)
    const { tables } = Catalog.inSchema(two, to)
    expect(tables.map(({ name, schema }) => [name, schema])).toEqual([
      ["outside", "there"],
      ["owners", null]
    ])
    expect(tables[1]!.foreignKeys().map(({ target }) => target)).toEqual(tables)
    const text = TextObject.make("touch", {
      create: { sqlite: "CREATE TRIGGER past.touch …" },
      drop: { sqlite: "DROP TRIGGER past.touch" }
    })
    expect(() => Catalog.inSchema(Catalog.make({ text }), "new")).toThrow(
      /"text" is a text, which stays where its words say/
    )
    const named = Query.from(outside).cte("named")
    const shown = View.make("shown", Query.from(named))
    const moved = Catalog.inSchema(Catalog.make({ outside, shown }), "new")
    expect(String(createScript(moved, "sqlite"))).toMatch(
      /WITH named AS \(SELECT .* FROM "new"\.outside\)/
    )
    const hidden = View.make(
      "hidden",
      Query.from(named).where(
        sql(Type.boolean, { tables: [outside] })`1 IN (SELECT id FROM outside)`
      )
    )
    expect(() => Catalog.inSchema(Catalog.make({ outside, hidden }), "new")).toThrow(
      /"hidden" reads "outside" where its copy cannot be put/
    )
  })
})

const notes = { personal: true, since: [2019, { by: 'Ann "A" `x` ${1}' }] }
const people = Table.make(
  "people",
  { id: Column.id().notes({ key: 1 }), fullName: Column.text().notes(notes).notes({ key: 2 }) },
  undefined,
  { notes: { owner: "it's hr" }, schema: "staff" }
)

describe("notes", () => {
  const catalog = Catalog.make({ people })

  test("stand in the catalog, frozen, in no statement [F84.5 @all]", () => {
    expect(Catalog.notes(catalog)).toEqual({
      "staff.people": { owner: "it's hr" },
      "staff.people.id": { key: 1 },
      "staff.people.full_name": { ...notes, key: 2 }
    })
    expect(Object.isFrozen(Catalog.notes(catalog)["staff.people.full_name"]!["since"])).toBe(true)
    expect(Catalog.notes(Catalog.inSchema(catalog, "other"))["other.people.id"]).toEqual({ key: 1 })
    for (const dialect of dialects)
      expect(String(createScript(catalog, dialect))).not.toMatch(/hr|personal/)
    const wrong = [
      new Date(0),
      Number.NaN,
      [undefined],
      () => 1,
      new Map()
    ] as ReadonlyArray<unknown>
    for (const one of wrong)
      expect(() => Column.text().notes({ one: one as never })).toThrow(/a note is no value of JSON/)
  })

  test("reach printed source and pictures; those of nothing are told [F84.5 @all]", () => {
    const snapshot = snapshotOf(catalog, capabilities("postgres"))
    const printed = catalogSource(snapshot, { notes: Catalog.notes(catalog) })
    expect(printed.unsaid).toEqual([])
    expect(printed.text).toContain('notes: { ["owner"]: "it\'s hr" }')
    expect(printed.text).toContain('Column.id().notes({ ["key"]: 1 })')
    expect(catalogSource(snapshot, { notes: { "people.id": { a: 1 } } }).unsaid).toEqual([
      {
        table: null,
        column: null,
        message: 'the notes of "people.id" are of nothing that is printed'
      }
    ])
    const tell = ({ owner, personal }: Table.Notes) =>
      typeof owner === "string" ? owner : personal === true ? "<personal>" : null
    const mermaid = picture(catalog, "mermaid", { tell })
    expect(mermaid).toContain("staff.people: it's hr")
    expect(mermaid).toContain('text full_name "#60;personal#62;"')
    for (const kind of ["dot", "svg"] as const) {
      expect(picture(catalog, kind, { tell })).toContain("&lt;personal&gt;")
      expect(picture(catalog, kind)).not.toContain("personal")
    }
  })
})

describe("what is for some dialects or versions", () => {
  const only = { postgres: { since: [15], before: [17, 2] }, sqlite: true } as const
  const here = Table.make("here", { id: Column.integer().primaryKey(), a: Column.text() }, (c) => [
    Index.with({ only, name: "some", comment: "c" }, c.a),
    Check.with({ only: { mysql: true }, name: "odd" }, c.a.ne("odd")),
    Check.that(c.a.ne("all"), "all")
  ])
  const gone = Table.make("gone", { id: Column.integer().primaryKey() }, undefined, { only })
  const seen = View.make("seen", Query.from(gone), { only })
  const text = TextObject.make("touch", {
    only: { postgres: { since: [16] } },
    create: { postgres: "CREATE touch", sqlite: "CREATE touch" },
    drop: { postgres: "DROP touch", sqlite: "DROP touch" }
  })
  const catalog = Catalog.make({ here, gone, seen, text })
  const said = (server: Parameters<typeof createScript>[1]) => {
    const texts = [createScript(catalog, server), dropScript(catalog, server)].map(String)
    const has = (word: RegExp) => texts.map((one) => word.test(one))
    return {
      table: has(/TABLE (IF EXISTS )?gone/),
      view: has(/VIEW (IF EXISTS )?seen/),
      text: has(/touch/),
      index: has(/some/)[0],
      odd: has(/odd/)[0],
      all: has(/\ball\b/)[0]
    }
  }
  const postgres = (version: readonly [number, number, number]) =>
    said({ ...capabilities("postgres"), version })
  const there = { table: [true, true], view: [true, true], index: true }
  const none = { table: [false, false], view: [false, false], index: false }

  test("appears there and nowhere else [F94.4 @all]", () => {
    const always = { odd: false, all: true, text: [false, false] }
    expect(postgres([14, 9, 9])).toEqual({ ...none, ...always })
    expect(postgres([15, 0, 0])).toEqual({ ...there, ...always })
    expect(postgres([17, 1, 9])).toEqual({ ...there, ...always, text: [true, true] })
    expect(postgres([17, 2, 0])).toEqual({ ...none, ...always, text: [true, true] })
    expect(said("mysql")).toEqual({ ...none, ...always, odd: true })
    expect(said("mariadb")).toEqual({ ...none, ...always })
    const bare = Catalog.make({ gone, seen })
    expect(createScript(bare, "mariadb")).toBe("")
    expect(snapshotOf(bare, capabilities("mariadb")).tables).toEqual([])
    expect(snapshotOf(catalog, capabilities("mariadb")).tables[0]!.indexes).toEqual([])
  })

  test("who speaks of what is not there is refused [F94.4 @all]", () => {
    const from = Table.make("from", { id: Column.integer().references(() => gone.c.id) })
    const view = View.make("view", Query.from(gone))
    expect(() => createScript(Catalog.make({ from, gone }), "mysql")).toThrow(
      /a foreign key of "from" leads to "gone", which is not for this version of mysql/
    )
    expect(() => createScript(Catalog.make({ view, gone }), "mysql")).toThrow(
      /"view" reads "gone", which is not for this version of mysql/
    )
    expect(createScript(Catalog.make({ from, gone }), "sqlite")).toContain("gone")
    const wrong = [{}, { oracle: true }] as ReadonlyArray<object>
    for (const one of wrong)
      expect(() => Table.make("t", { id: Column.id() }, undefined, { only: one })).toThrow(
        StatementError
      )
  })
})

const size = Type.enumeration({ small: "S", medium: "M", large: "L" })
const flags = Table.make("flags", {
  id: Column.integer().primaryKey(),
  flag: Column.boolean().nullable().guarded(),
  loose: Column.boolean(),
  status: Column.enum(["draft", "live"]),
  free: Column.enum(["draft", "live"]).guarded(false),
  size: Column.make(size).nullable()
})

describe("an enum of names", () => {
  test("stores what stands under them, and is ordered as declared [F104.4 @all]", () => {
    expect(size.codec.row.postgres.encode("medium")).toBe("M")
    expect(size.codec.row.sqlite.decode("L")).toBe("large")
    for (const wrong of ["M", "huge", "toString", 1])
      expect(() => size.codec.json.encode(wrong)).toThrow(/one of "small", "medium", "large"/)
    expect(() => size.codec.json.decode("small")).toThrow(/expected one of/)
    for (const wrong of [{}, { a: "" }, { a: "x", b: "x" }, { 1: "x" }])
      expect(() => Type.enumeration(wrong as { a: string })).toThrow(StatementError)
    const column: Column.Column<"a" | "b"> = Column.enum({ a: "1", b: "2" })
    expect(column.facts.type().sql).toEqual({ _tag: "Enum", values: ["1", "2"] })
    expect(() => Fn.ordinal(Expr.value("x", Type.text) as never)).toThrow(/text is no enum/)
    // What is stored is no text that a text might stand beside.
    const wide = Expr.value<"small" | "medium" | "large">("small", size)
    expect(() => Expr.when(wide.eq("small"), wide).else("other")).toThrow(StatementError)
  })
})

describe.each(engines)("facts of a schema on %s", (engine) => {
  const { all, failure, run } = useDatabase(engine, { flags })

  test("a guard keeps others' values out of booleans and enums, if asked [F104.3]", async () => {
    const rows = { id: 1, flag: null, loose: true, status: "live", free: "live" } as const
    await run(Database.run(Query.insert(flags).values({ ...rows, size: "medium" })))
    const put = (words: string) => Database.script(`UPDATE flags SET ${words}`)
    const guards: ReadonlyArray<readonly [words: string, name: string]> = [
      ...(engine === "postgres" ? [] : [["flag = 2", "flags_flag_check"] as const]),
      ["status = 'gone'", "flags_status_check"],
      ["size = 's'", "flags_size_check"]
    ]
    for (const [words, name] of guards)
      expect(await failure(put(words))).toMatchObject({ _tag: "CheckViolation", constraint: name })
    // What nobody asked to guard is as the server has it, and refused when it is read.
    await run(put("free = 'gone'"))
    const read = Database.all(Query.from(flags).select(flags.c.free))
    expect(await failure(read)).toMatchObject({ _tag: "DecodeFailed" })
    await run(put("flag = NULL, free = 'draft'"))
    const found = await run(Database.reflect())
    const names = found.tables[0]!.checks.map(({ name }) => name)
    expect(new Set(names)).toEqual(new Set(guards.map(([, name]) => name)))
    await run(Database.run(Query.update(flags).set({ flag: true }).everyRow()))
    const kept = Query.from(flags).where(flags.c.flag).select(flags.c.size)
    expect(await all(kept)).toEqual(["medium"])
  })

  test("an enum of names is filtered, nested and ordered by what it means [F104.4]", async () => {
    const row = { flag: null, loose: true, status: "live", free: "live" } as const
    const sizes = ["large", "small", null, "medium"] as const
    const into = Query.insert(flags)
    const add = into.rows(sizes.map((one, at) => ({ ...row, id: at + 10, size: one })))
    await run(Database.run(add))
    const { c } = flags
    const mine = Query.from(flags).where(c.id.gte(10))
    const ordered = mine.orderBy(Fn.ordinal(c.size).asc().nullsLast()).select(c.size)
    expect(await all(ordered)).toEqual(["small", "medium", "large", null])
    const big = mine.where(Fn.ordinal(c.size).gte(2)).orderBy(c.id).select(c.size)
    expect(await all(big)).toEqual(["large", "medium"])
    const some = mine
      .where(c.size.in(["small", "large"]))
      .orderBy(c.id)
      .select(c.size)
    expect(await all(some)).toEqual(["large", "small"])
    const listed = await all(mine.select(Fn.jsonAgg(c.size)))
    expect(new Set(listed[0])).toEqual(new Set(sizes))
  })
})

describe("types and sequences of tenants on postgres", () => {
  const { all, failure, run } = useDatabase("postgres", {})

  test("are those of the schema a statement runs in [F32.1]", async () => {
    const kind = NamedType.enumeration("kind", ["one", "two"])
    const counts = Sequence.make("it's")
    const things = Table.make("things", {
      n: Column.bigint().serverDefault(Sequence.next(counts)),
      kind: Column.make(kind)
    })
    const catalog = Catalog.make({ things, counts })
    const tenant = `Ten'a"nt`
    await run(Database.script(`CREATE SCHEMA "Ten'a""nt"; CREATE SCHEMA other`))
    const as = <A, E, R>(schema: string, effect: Effect.Effect<A, E, R>) =>
      Database.with({ schemas: { "": schema } }, effect)
    const { c } = things
    for (const schema of [tenant, "other"]) {
      await run(as(schema, Database.create(catalog)))
      await run(as(schema, Database.create(catalog, { ifMissing: true })))
      const add = Query.insert(things).values({ kind: "two" }).returning(c.n)
      expect(await run(as(schema, Effect.all([Database.one(add), Database.one(add)])))).toEqual([
        1n,
        2n
      ])
      expect(await run(as(schema, Database.one(Query.select(Sequence.next(counts)))))).toBe(3n)
      const same = Query.from(things)
        .where(c.kind.in(["two"]))
        .where(Expr.value("two", kind).eq(c.kind))
        .where(c.kind.cast(Type.text).cast(kind).eq("two"))
      expect(await run(as(schema, Database.count(same)))).toBe(2)
    }
    // Nothing of it is in the connection's own schema.
    expect((await run(Database.reflect())).enums).toEqual([])
    expect(await failure(Database.all(Query.from(things)))).toMatchObject({
      _tag: "SyntaxOrUndefined"
    })
    await run(as("other", Database.drop(catalog)))
    expect((await run(Database.reflect({ schema: "other" }))).enums).toEqual([])
    expect((await run(Database.reflect({ schema: tenant }))).sequences).toHaveLength(1)
  })

  test("a copied catalog lives beside its original [F84.2]", async () => {
    const copies = Catalog.inSchema(everything, "copy")
    await run(Database.create(Catalog.make({ outside })))
    await run(Database.create(everything))
    await run(Database.create(copies))
    const { happy: seen, Owner: Copy, pets: others } = copies.members
    const owner = { id: 1, bossId: null, outsideId: 7, name: "Ann" }
    await run(Database.run(Query.insert(outside).values({ id: 7 })))
    await run(Database.run(Query.insert(Copy).values(owner)))
    const pet = { ownerId: 1, mood: "it's ok", legs: 4 } as const
    await run(Database.run(Query.insert(others).values(pet)))
    expect(await all(Query.from(seen))).toEqual([{ number: 1n, ...pet }])
    expect(await all(Query.from(happy))).toEqual([])
    const [ann] = await all(Query.from(Copy))
    expect(ann).toBeInstanceOf(Owner)
    expect(ann!.label).toBe("Ann!")
    const wrong = Query.insert(others).values({ ...pet, ownerId: 2 })
    expect(await failure(Database.run(wrong))).toMatchObject({ _tag: "ForeignKeyViolation" })
    await run(Database.drop(copies))
    expect((await run(Database.reflect({ schema: "past" }))).tables).toHaveLength(2)
  })
})
