import { Catalog, Column, Database, Entity, Expr, Fn, Load, Query, Session, Table } from "athanor"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { ClassId } from "../../src/mapping/EntityClass.ts"
import { connect, engines } from "../runtime/databases.ts"

class Area extends Entity<Area>()("areas", {
  id: Column.id(),
  prefix: Column.varchar(20).nullable(),
  low: Column.integer().default(0)
}) {
  static readonly phones = this.relatesToMany(
    () => Phone,
    (own, target) => Fn.position(own.prefix, target.digits).eq(1)
  )
  static readonly level = this.relatesToOne(
    () => Level,
    (own, target) => Expr.and(own.low.gte(target.low), own.low.lt(target.high))
  )
  /** Some of them, the longest first. */
  static readonly long = this.relatesToMany(
    () => Phone,
    (own, target) =>
      Expr.and(Fn.position(own.prefix, target.digits).eq(1), Fn.length(target.digits).gt(3)),
    { orderBy: (target) => [Fn.length(target.digits).desc(), target.digits] }
  )
  /** A table beside itself: the wider area. */
  static readonly wider = this.relatesToMany(
    () => Area,
    (own, target) => Expr.and(Fn.position(target.prefix, own.prefix).eq(1), own.id.ne(target.id))
  )
}
class Phone extends Entity<Phone>()("phones", {
  id: Column.id(),
  digits: Column.varchar(20),
  ownerId: Column.integer().nullable()
}) {
  static readonly owner = this.belongsTo(() => Owner)
  static readonly areas = this.relatesToMany(
    () => Area,
    (own, target) => Fn.position(target.prefix, own.digits).eq(1)
  )
}
class Owner extends Entity<Owner>()("owners", { id: Column.id(), name: Column.varchar(20) }) {
  static readonly phones = this.hasMany(() => Phone, {
    orderBy: ({ digits }) => digits.desc()
  })
  static readonly tags = this.manyToMany(() => Tag, {
    through: () => ownerTags,
    orderBy: ({ name }) => [name.desc()]
  })
}
class Tag extends Entity<Tag>()("tags", { id: Column.id(), name: Column.varchar(20) }) {}
const ownerTags = Table.make("owner_tags", {
  ownerId: Column.integer()
    .primaryKey()
    .references(() => Owner.c.id),
  tagId: Column.integer()
    .primaryKey()
    .references(() => Tag.c.id)
})
class Level extends Entity<Level>()("levels", {
  id: Column.id(),
  low: Column.integer(),
  high: Column.integer()
}) {}

const catalog = Catalog.make({ Area, Owner, Phone, Level, Tag, ownerTags })
const fill = Effect.gen(function* () {
  yield* Database.create(catalog)
  yield* Database.run(Query.insert(Owner).rows([{ name: "ann" }, { name: "bob" }]))
  yield* Database.run(
    Query.insert(Area).rows([
      { prefix: "4", low: 5 },
      { prefix: "49", low: 10 },
      { prefix: "1", low: 99 },
      { prefix: null, low: 15 }
    ])
  )
  yield* Database.run(
    Query.insert(Phone).rows([
      { digits: "4930", ownerId: 1 },
      { digits: "441", ownerId: 2 },
      { digits: "77", ownerId: null }
    ])
  )
  yield* Database.run(Query.insert(Tag).rows([{ name: "a" }, { name: "c" }, { name: "b" }]))
  yield* Database.run(
    Query.insert(ownerTags).rows([1, 2, 3].map((tagId) => ({ ownerId: 1, tagId })))
  )
  yield* Database.run(
    Query.insert(Level).rows([
      { low: 0, high: 10 },
      { low: 10, high: 20 }
    ])
  )
})

/** What each area's phones are, by the join anyone would write. */
const byHand = Query.from(Area)
  .leftJoin(Phone, Fn.position(Area.c.prefix, Phone.c.digits).eq(1))
  .orderBy(Area.c.id, Phone.c.id)
  .select({ area: Area.c.id, phone: Phone.c.id })

const pairs = (
  areas: ReadonlyArray<{ readonly id: number; readonly phones: ReadonlyArray<{ id: number }> }>
) =>
  areas.flatMap(({ id, phones }) => {
    const found: ReadonlyArray<number | null> = phones.map((phone) => phone.id)
    return (found.length === 0 ? [null] : found).map((phone) => ({ area: id, phone }))
  })

describe.each(engines)("relations by a condition on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(fill)
  })
  afterAll(() => database.dispose())
  const work = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.run(Session.transact(effect))
  const areas = Query.from(Area).orderBy(Area.c.id)

  test("every way of loading gives the rows of the join by hand [F63.1] [F63.2]", async () => {
    const wanted = await database.run(Database.all(byHand))
    expect(wanted).toEqual([
      { area: 1, phone: 1 },
      { area: 1, phone: 2 },
      { area: 2, phone: 1 },
      { area: 3, phone: null },
      { area: 4, phone: null }
    ])
    const loaded = await database.counting(Load.all(areas, { phones: true }))
    expect(pairs(loaded.value)).toEqual(wanted)
    expect(loaded.count("SELECT")).toBe(2)
    expect(loaded.value[0]!.phones[0]).toBeInstanceOf(Phone)
    const streamed = Load.stream(areas, { phones: true }).pipe(Stream.runCollect)
    expect(pairs(await database.run(streamed))).toEqual(wanted)
    expect(pairs(await work(Session.all(areas, { phones: true })))).toEqual(wanted)
    expect(
      pairs(await work(Session.stream(areas, { phones: true }).pipe(Stream.runCollect)))
    ).toEqual(wanted)
    const each = await work(
      Effect.gen(function* () {
        const values = yield* Session.all(areas)
        return yield* Effect.forEach(values, (area) =>
          Effect.map(Session.load(area, Area.phones), (phones) => ({ id: area.id, phones }))
        )
      })
    )
    expect(pairs(each)).toEqual(wanted)
    const got = await work(Session.get(Area, 2, { phones: { owner: true } }))
    expect(got.phones.map((phone) => phone.owner?.name)).toEqual(["ann"])
    const one = await database.run(Load.one(areas.match({ id: 2 }), { phones: true }))
    expect(pairs([one])).toEqual([{ area: 2, phone: 1 }])
    const first = await database.run(Load.first(areas.limit(1), { phones: true }))
    expect(pairs(Option.toArray(first))).toEqual(wanted.slice(0, 2))
    const none = await database.run(Load.oneOrNone(areas.match({ id: 9 }), { phones: true }))
    expect(Option.isNone(none)).toBe(true)
  })

  const ways = { selectIn: Load.selectIn, joined: Load.joined, json: Load.json }
  test.each(Object.keys(ways) as ReadonlyArray<keyof typeof ways>)(
    "by %s, a filtered and an ordered relation is the query by hand [F122.3]",
    async (way) => {
      const via = ways[way]()
      const more = [{ digits: "49301" }, { digits: "4931" }, { digits: "4930", ownerId: 1 }]
      const { hand, loaded, owned } = await work(
        Effect.gen(function* () {
          yield* Session.add(
            ...more.map(({ digits, ownerId = null }) => Phone.make({ digits, owner: ownerId }))
          )
          yield* Session.flush
          const own = (area: Area) =>
            Query.from(Phone)
              .where(Fn.position(area.prefix ?? "-", Phone.c.digits).eq(1))
              .where(Fn.length(Phone.c.digits).gt(3))
              .orderBy(Fn.length(Phone.c.digits).desc(), Phone.c.digits, Phone.c.id)
          const all = yield* Session.all(areas)
          const found = {
            hand: yield* Effect.forEach(all, (area) => Session.all(own(area))),
            loaded: yield* Load.all(areas, { long: via, phones: via, level: via }),
            owned: yield* Load.all(Query.from(Owner).orderBy(Owner.c.id), {
              phones: via,
              tags: via
            })
          }
          yield* Database.run(Query.deleteFrom(Phone).where(Phone.c.id.gt(3)))
          return found
        })
      )
      expect(loaded.map(({ long }) => long)).toEqual(hand)
      expect(hand[0]!.map(({ digits }) => digits)).toEqual(["49301", "4930", "4930", "4931"])
      expect(loaded.map(({ phones }) => phones.length)).toEqual([5, 4, 0, 0])
      expect(loaded.map(({ level }) => level?.id ?? null)).toEqual([1, 2, null, 2])
      expect(owned.map(({ phones }) => phones.map(({ digits }) => digits))).toEqual([
        ["4930", "4930"],
        ["441"]
      ])
      expect(owned[0]!.phones[0]!.id).toBeLessThan(owned[0]!.phones[1]!.id)
      expect(owned.map(({ tags }) => tags.map(({ name }) => name))).toEqual([["c", "b", "a"], []])
    }
  )

  test("what orders a relation is of its own rows [F122.3]", async () => {
    class Lost extends Entity<Lost>()("lost", { id: Column.id() }) {
      static readonly phones = this.relatesToMany(
        () => Phone,
        (own, target) => own.id.eq(target.id),
        { orderBy: () => Level.c.low as never }
      )
    }
    expect(() => Lost[ClassId].relations()).toThrow('Lost.phones: it is ordered by "levels"')
    const part = Load.some(Phone, { orderBy: Phone.c.digits })
    const [ann] = await database.run(Load.all(Query.from(Owner).match({ id: 1 }), { phones: part }))
    expect(ann!.phones.some.map(({ digits }) => digits)).toEqual(["4930"])
  })

  test("any of them and none of them are the EXISTS by hand [F63.2]", async () => {
    const ids = (query: Query.Select<Area, never, "areas">) =>
      database.run(Database.all(query.select(Area.c.id)))
    expect(await ids(areas.match({ phones: {} }))).toEqual([1, 2])
    expect(await ids(areas.match({ phones: { digits: "441" } }))).toEqual([1])
    expect(await ids(areas.match({ phones: { owner: { name: "ann" } } }))).toEqual([1, 2])
    expect(await ids(areas.match({ phones: { areas: { prefix: "49" } } }))).toEqual([1, 2])
    // Below an alias, and below a relation by key.
    const a = Query.alias(Area, "a")
    expect(
      await database.run(
        Database.all(
          Query.from(a)
            .match({ phones: { digits: "441" } })
            .select(a.c.id)
        )
      )
    ).toEqual([1])
    expect(
      await database.run(
        Database.all(
          Query.from(Owner)
            .match({ phones: { areas: { prefix: "49" } } })
            .select(Owner.c.name)
        )
      )
    ).toEqual(["ann"])
    const theirs = Query.from(Phone)
      .correlate(Area)
      .where(Fn.position(Area.c.prefix, Phone.c.digits).eq(1))
    const hand = areas.where(theirs.exists().not())
    const some = await ids(areas.match({ phones: {} }))
    expect([some, await ids(hand)]).toEqual([
      [1, 2],
      [3, 4]
    ])
  })

  test("a table relates to itself, a level below another [F63.1]", async () => {
    const [, inner] = await database.run(
      Load.all(areas, { wider: { phones: true }, phones: { areas: true } })
    )
    expect(inner!.wider.map(({ id, phones }) => [id, phones.map((one) => one.id)])).toEqual([
      [1, [1, 2]]
    ])
    expect(inner!.phones.map((one) => one.areas.map((area) => area.id))).toEqual([[1, 2]])
    expect(
      await database.run(Database.all(areas.match({ wider: { id: 1 } }).select(Area.c.id)))
    ).toEqual([2])
  })

  test("has: to one row, to none, and never to several [F63.2]", async () => {
    const loaded = await database.run(Load.all(areas, { level: true }))
    expect(loaded.map(({ level }) => level?.id ?? null)).toEqual([1, 2, null, 2])
    expect(
      await database.run(Database.all(areas.match({ level: { low: 10 } }).select(Area.c.id)))
    ).toEqual([2, 4])
    const loads = (area: number) =>
      Effect.flatMap(Session.get(Area, area), (one) => Session.load(one, Area.level))
    expect((await work(loads(2)))?.id).toBe(2)
    expect(await work(loads(3))).toBe(null)
    const twice = Effect.andThen(
      Session.add(Level.make({ low: 9, high: 11 })),
      Effect.flip(Session.all(areas, { level: true }))
    )
    const undone = Effect.flip(
      Session.transact(Effect.flatMap(twice, (error) => Effect.fail(error)))
    )
    expect(await database.run(undone)).toMatchObject({
      _tag: "DecodeFailed",
      path: "Area.level",
      expected: "at most one row"
    })
  })

  test("what is pending is written before it is read", () =>
    work(
      Effect.gen(function* () {
        const area = yield* Session.get(Area, 3)
        yield* Session.add(Phone.make({ digits: "1234" }))
        const found = yield* Session.load(area, Area.phones)
        expect(found.map((phone) => phone.digits)).toEqual(["1234"])
        yield* Session.delete(found[0]!)
      })
    ))
})

test("each side is told by its place, and checked when the relation is made [F63.3 @all]", () => {
  const { on } = Area[ClassId].relations().get("phones")!
  expect(JSON.stringify(on, ["alias", "args", "left", "right", "path"])).toContain('"own"')
  class Word extends Entity<Word>()("words", { id: Column.id(), text: Column.text() }) {
    static readonly alone = this.relatesToMany(
      () => Word,
      (own) => own.text.eq("x")
    )
  }
  class Other extends Entity<Other>()("others", { id: Column.id(), text: Column.text() }) {
    static readonly words = this.relatesToMany(
      () => Word,
      (_, target) => target.text.eq("x")
    )
  }
  class Nothing extends Entity<Nothing>()("nothings", { id: Column.id(), text: Column.text() }) {
    static readonly words = this.relatesToOne(
      () => Word,
      () => undefined as never
    )
  }
  class Keyless extends Entity<Keyless>()("keyless", { text: Column.text() }) {
    static readonly words = this.relatesToOne(
      () => Word,
      (own, target) => own.text.eq(target.text)
    )
  }
  const refused = [
    [Word, "Word.alone: its condition says nothing of the target's row"],
    [Other, "Other.words: its condition says nothing of its own row"],
    [Nothing, "Nothing.words: its condition is no expression"],
    [Keyless, 'Keyless.words: "keyless" has no primary key to tell its rows by']
  ] as const
  for (const [entity, message] of refused)
    expect(() => entity[ClassId].relations()).toThrow(message)
  expect(() => {
    class Late extends Entity<Late>()("late", { id: Column.id() }) {
      static readonly words = this.relatesToMany(() => Word, undefined as never)
    }
    return Late
  }).toThrow("relatesToMany: its condition is not (own, target) => expression")
  // A column of a table that is neither side.
  const strange = Table.make("strange", { id: Column.id() })
  class Far extends Entity<Far>()("far", { id: Column.id(), text: Column.text() }) {
    static readonly words = this.relatesToMany(
      () => Word,
      (own, target) => Expr.and(own.text.eq(target.text), strange.c.id.eq(1) as never)
    )
  }
  expect(() => Far[ClassId].relations()).toThrow(
    'Far.words: "strange" is neither its own row nor the target\'s'
  )
})

test("it is read, never written", () => {
  const input = { prefix: "7", phones: [] }
  expect(() => Area.make(input)).toThrow('Area.make: "phones" is read, never written')
})
