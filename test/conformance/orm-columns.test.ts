import { Catalog, Column, Database, Entity, Query, Session, Type } from "athanor"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

class Place extends Schema.Class<Place>("Place")({ x: Schema.Number, y: Schema.Number }) {}
const Settings = Schema.Struct({
  theme: Schema.String,
  sizes: Schema.Array(Schema.Number),
  deep: Schema.Struct({ marks: Schema.Array(Schema.Struct({ at: Schema.Number })) })
})
const settings = { theme: "dark", sizes: [1, 2], deep: { marks: [{ at: 1 }] } }
/** The same content, told in another order and by other objects. */
const same = { deep: { marks: [{ at: 1 }] }, sizes: [1, 2], theme: "dark" }

const keeper = {
  id: Column.id(),
  email: Column.varchar(50),
  settings: Column.make(Type.json(Settings)),
  place: Column.make(Type.json(Place)).nullable(),
  tags: Column.make(Type.json(Schema.Array(Schema.String))).default(["new"])
}
class Keeper extends Entity<Keeper>()("keepers", keeper) {
  /** A second name of the same column. */
  static readonly mail = this.hybrid((k) => k.email, { set: (email) => ({ email }) })
  static readonly look = this.hybrid((k) => k.settings)
  get mail() {
    return Keeper.mail.of(this)
  }
}
/** Lists and sets of the servers that have them. */
class Lister extends Entity<Lister>()("listers", {
  id: Column.id(),
  list: Column.make(Type.array(Type.integer))
}) {}
class Setter extends Entity<Setter>()("setters", {
  id: Column.id(),
  days: Column.make(Type.set(["mon", "tue", "wed"]))
}) {}

const days = (...names: ReadonlyArray<"mon" | "tue" | "wed">) => new Set(names)

const changed = "is replaced, never changed in place"

test("a document, a list, a set is never changed in place [F114.3 @all]", () => {
  const json = Type.json(Settings).codec.row.sqlite
  const read = json.decode(JSON.stringify(settings)) as typeof Settings.Type
  const list = Type.array(Type.integer).codec.row.postgres.decode("{1,2}") as ReadonlyArray<number>
  const set = Type.set(["a", "b"]).codec.row.mariadb.decode("a") as ReadonlySet<"a" | "b">
  const mapped = Type.mapped(Type.text, {
    name: "pair",
    from: (text): { readonly parts: ReadonlyArray<string> } => ({ parts: text.split(",") }),
    to: ({ parts }) => parts.join()
  })
  const pair = mapped.codec.row.sqlite.decode("a,b") as { readonly parts: ReadonlyArray<string> }
  const place = Type.json(Place).codec.row.sqlite.decode('{"x":1,"y":2}') as Place
  const wrong: ReadonlyArray<() => unknown> = [
    // @ts-expect-error a document's own members
    () => (read.theme = "x"),
    // @ts-expect-error a list within
    () => read.sizes.push(3),
    // @ts-expect-error however deep
    () => (read.deep.marks[0]!.at = 9),
    // @ts-expect-error a list
    () => (list[0] = 9),
    // @ts-expect-error a set
    () => set.add("b"),
    // @ts-expect-error a set
    () => set.clear(),
    // @ts-expect-error a value of several parts
    () => pair.parts.push("c"),
    // @ts-expect-error a value of a class
    () => (place.x = 9)
  ]
  for (const one of wrong) expect(one).toThrow()
  expect(() => (set as Set<string>).delete("a")).toThrow(changed)
  expect([...set]).toEqual(["a"])
  expect(set).toEqual(new Set(["a"]))
  expect(read).toEqual(settings)
  expectTypeOf<Keeper["settings"]["sizes"]>().toEqualTypeOf<ReadonlyArray<number>>()
  expectTypeOf<Lister["list"]>().toEqualTypeOf<ReadonlyArray<number>>()
  expectTypeOf<Setter["days"]>().toEqualTypeOf<ReadonlySet<"mon" | "tue" | "wed">>()
})

describe.each(engines)("columns of an entity on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
    const more = engine === "postgres" ? { Lister } : engine === "mariadb" ? { Setter } : {}
    await connected.run(Database.create(Catalog.make({ Keeper, ...more })))
  })
  afterAll(() => connected.dispose())
  const keeperOf = (email: string) => Session.one(Query.from(Keeper).match({ email }))
  const updates = async (effect: Effect.Effect<unknown, unknown, Session | Database>) =>
    (await connected.counting(Session.transact(effect))).count("UPDATE")

  test("an equal value writes nothing, another one the column [F114.2]", async () => {
    const given = { ...settings, sizes: [1, 2] }
    const place = new Place({ x: 1, y: 2 })
    const kept = await connected.run(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.add(Keeper.make({ email: "ann", settings: given, place }))
          // What becomes of the object later is nothing to the session.
          given.sizes.push(3)
          yield* Session.flush
          return (yield* Session.known(Keeper))[0]!
        })
      )
    )
    expect(kept).toMatchObject({ settings, place: { x: 1, y: 2 }, tags: ["new"] })
    expect(() => (kept.tags as Array<string>).push("x")).toThrow(TypeError)
    const patch = (change: (now: Keeper) => Parameters<typeof Session.update<Keeper>>[1]) =>
      updates(Effect.flatMap(keeperOf("ann"), (one) => Session.update(one, change(one))))
    expect(await patch(() => ({ settings: same, tags: ["new"] }))).toBe(0)
    expect(await patch(() => ({ place: new Place({ y: 2, x: 1 }) }))).toBe(0)
    expect(await patch((one) => ({ settings: { ...one.settings } }))).toBe(0)
    expect(await patch(({ tags }) => ({ tags: [...tags, "old"] }))).toBe(1)
    expect(await patch(() => ({ place: null }))).toBe(1)
    const list = ["a"]
    await connected.run(
      Session.transact(
        Effect.gen(function* () {
          const now = yield* Session.update(yield* keeperOf("ann"), { tags: list })
          list.push("b")
          expect(now.tags).toEqual(["a"])
          expect(() => (now.tags as Array<string>).push("x")).toThrow(TypeError)
          expect(() => ((now.settings as { theme: string }).theme = "x")).toThrow(TypeError)
        })
      )
    )
    expect(await connected.run(Database.one(Query.from(Keeper)))).toMatchObject({
      settings,
      place: null,
      tags: ["a"]
    })
    if (engine === "postgres") {
      await connected.run(Session.transact(Session.add(Lister.make({ list: [1, 2] }))))
      const lists = (next: ReadonlyArray<number>) =>
        updates(
          Effect.flatMap(Session.one(Query.from(Lister)), (one) =>
            Session.update(one, { list: next })
          )
        )
      expect([await lists([1, 2]), await lists([2, 1]), await lists([2, 1])]).toEqual([0, 1, 0])
    }
    if (engine === "mariadb") {
      await connected.run(Session.transact(Session.add(Setter.make({ days: days("mon") }))))
      const sets = (next: Setter["days"]) =>
        updates(
          Effect.flatMap(Session.one(Query.from(Setter)), (one) =>
            Session.update(one, { days: next })
          )
        )
      const written = [
        await sets(days("mon")),
        await sets(days("tue", "mon")),
        await sets(days("mon", "tue"))
      ]
      expect(written).toEqual([0, 1, 0])
    }
  })

  test("a second name reads, is asked by and writes the one column [F118.5]", async () => {
    await connected.run(Database.run(Query.deleteFrom(Keeper).everyRow()))
    const { value, words } = await connected.counting(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.add(Keeper.make({ ...Keeper.mail.set("bob"), email: "bob", settings }))
          const found = yield* Session.one(
            Query.from(Keeper).where(Keeper.mail.eq("bob")).orderBy(Keeper.mail)
          )
          expect([found.mail, found.email]).toEqual(["bob", "bob"])
          expect(Object.keys(found)).not.toContain("mail")
          expect(Keeper.look.of(found)).toBe(found.settings)
          const now = yield* Session.update(found, Keeper.mail.set("rob"))
          expect([now.mail, now.email]).toEqual(["rob", "rob"])
          yield* Session.flush
          return yield* Session.all(
            Query.from(Keeper).select({
              mail: Keeper.mail,
              email: Keeper.c.email,
              look: Keeper.look
            })
          )
        })
      )
    )
    expect(value).toEqual([{ mail: "rob", email: "rob", look: settings }])
    expect(words.filter((word) => word === "UPDATE")).toHaveLength(1)
    const other = Query.alias(Keeper, "other")
    const query = Query.from(other).where(Keeper.mail.on(other).eq("rob"))
    expect(await connected.run(Database.count(query))).toBe(1)
  })
})
