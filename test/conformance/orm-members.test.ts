import { Along, Catalog, Column, Database, Entity, Load, Path, Query } from "athanor"
import { Session, Table, Unique } from "athanor"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

class Writer extends Entity<Writer>()("writers", { id: Column.id(), name: Column.varchar(20) }) {
  static readonly items = this.hasMany(() => Item, { position: "place", children: "delete" })
  static readonly notes = this.hasMany(() => Note)
  static readonly rooms = this.hasMany(() => Room)
  static readonly seats = this.hasMany(() => Seat, { children: "delete" })
  static readonly tags = this.manyToMany(() => Tag, { through: () => writerTags })
  static readonly fans = this.manyToMany(() => Tag, { through: () => writerFans, large: true })
}
class Item extends Entity<Item>()(
  "items",
  {
    id: Column.id(),
    name: Column.varchar(20),
    place: Column.integer().default(0),
    writerId: Column.integer()
  },
  (c) => [Unique.on(c.writerId, c.place)]
) {
  static readonly writer = this.belongsTo(() => Writer)
}
/** May be without a writer. */
class Note extends Entity<Note>()("notes", {
  id: Column.id(),
  text: Column.varchar(20),
  writerId: Column.integer().nullable()
}) {
  static readonly writer = this.belongsTo(() => Writer)
}
/** Never without. */
class Room extends Entity<Room>()("rooms", { id: Column.id(), writerId: Column.integer() }) {
  static readonly writer = this.belongsTo(() => Writer)
}
class Tag extends Entity<Tag>()("tags", { id: Column.id(), name: Column.varchar(20).unique() }) {
  static readonly writers = this.manyToMany(() => Writer, { through: () => writerTags })
}
/** A link table with a key of its own, and nothing that keeps a pair from coming twice. */
const writerTags = Table.make("writer_tags", {
  id: Column.id(),
  whose: Column.integer().references(() => Writer.c.id),
  what: Column.integer().references(() => Tag.c.id)
})
const writerFans = Table.make("writer_fans", {
  writerId: Column.integer()
    .primaryKey()
    .references(() => Writer.c.id),
  tagId: Column.integer()
    .primaryKey()
    .references(() => Tag.c.id)
})
/** A link entity, and another behind it. */
class Seat extends Entity<Seat>()("seats", {
  writerId: Column.integer().primaryKey(),
  clubId: Column.integer().primaryKey(),
  rank: Column.integer().nullable()
}) {
  static readonly writer = this.belongsTo(() => Writer)
  static readonly club = this.belongsTo(() => Club)
}
class Club extends Entity<Club>()("clubs", { id: Column.id(), name: Column.varchar(20) }) {
  static readonly leagues = this.hasMany(() => Membership, { children: "delete" })
}
class Membership extends Entity<Membership>()("memberships", {
  id: Column.id(),
  clubId: Column.integer(),
  leagueId: Column.integer()
}) {
  static readonly club = this.belongsTo(() => Club)
  static readonly league = this.belongsTo(() => League)
}
class League extends Entity<League>()("leagues", { id: Column.id(), name: Column.varchar(20) }) {}

const clubs = Path.make(Writer, "seats", "club")
const leagues = Path.make(Writer, "seats", "club", "leagues", "league")
type Any = Query.From<string, unknown>
const tables: ReadonlyArray<Any> = [
  writerTags,
  writerFans,
  Tag,
  Item,
  Note,
  Room,
  Seat,
  Membership,
  League,
  Club,
  Writer
]
const catalog = Catalog.make({
  Writer,
  Item,
  Note,
  Room,
  Tag,
  writerTags,
  writerFans,
  Seat,
  Club,
  Membership,
  League
})

/** What a flush would change, by table. */
const changes = Effect.map(Session.plan, (plan) =>
  plan.changes.changes.map(({ _tag, ref }) => `${_tag} ${ref.table.name}`).toSorted()
)
const refusal = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.exit(effect), (exit) =>
    Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "done"
  )

describe.each(engines)("members on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(catalog))
  })
  beforeEach(() =>
    database.run(
      Effect.forEach(tables, (one) => Database.run(Query.deleteFrom(one).everyRow()), {
        discard: true
      })
    )
  )
  afterAll(() => database.dispose())
  const work = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.run(Session.transact(effect))
  const counted = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.counting(Session.transact(effect))
  const writers = Query.from(Writer).orderBy(Writer.c.name)
  const places = Database.all(
    Query.from(Item).orderBy(Item.c.place).select({ name: Item.c.name, place: Item.c.place })
  )
  const said = async () =>
    (await database.run(places)).map(({ name, place }) => `${name}${place}`).join(" ")

  const list = (names: string) =>
    work(
      Session.add(Writer.make({ name: "ann", items: names.split("").map((name) => ({ name })) }))
    )
  /** The list in another order, new names among it, and how many rows that writes. */
  const order = async (names: string) => {
    const { count } = await counted(
      Effect.gen(function* () {
        const ann = yield* Session.one(writers, { items: true })
        const items = names
          .split("")
          .map((name) => ann.items.find((one) => one.name === name) ?? { name })
        yield* Session.replace(ann, Writer.items, items)
      })
    )
    return count("UPDATE") + count("INSERT") + count("DELETE")
  }

  test("a list keeps its positions by the fewest writes [F124.2]", async () => {
    await list("abcde")
    expect(await said()).toBe("a0 b1 c2 d3 e4")
    expect(await order("abcde")).toBe(0)
    // Moved: to the end, to the front, by one place.
    expect(await order("acdeb")).toBe(1)
    expect(await said()).toBe("a0 c2 d3 e4 b5")
    expect(await order("bacde")).toBe(1)
    expect(await said()).toBe("b-1 a0 c2 d3 e4")
    expect(await order("abcde")).toBe(1)
    // Inserted where there is room, and where there is none.
    expect(await order("axbcde")).toBe(2)
    expect(await said()).toBe("a-3 x-2 b-1 c2 d3 e4")
    expect(await order("xbcde")).toBe(1)
    expect(await order("xbcyde")).toBe(2)
    expect(await said()).toBe("x-2 b-1 c0 y1 d3 e4")
    expect(await order("dx")).toBe(2)
    expect((await said()).replaceAll(/[-\d]/g, "")).toBe("d x")
    const ann = await database.run(Load.one(writers, { items: true }))
    expect(ann.items.map(({ name }) => name)).toEqual(["d", "x"])
    await work(Session.append(ann, Writer.items, { name: "y" }, { name: "z" }))
    expect((await said()).replaceAll(/[-\d]/g, "")).toBe("d x y z")
    await work(Session.remove(ann, Writer.items, ...ann.items))
    expect((await said()).replaceAll(/[-\d]/g, "")).toBe("y z")
    const bob = Writer.make({ name: "bob" })
    await work(
      Effect.andThen(Session.add(bob), Session.append(bob, Writer.items, { name: "first" }))
    )
    expect(await said()).toContain("first0")
  })

  test("a whole collection is replaced by what differs [F124.3]", async () => {
    const [sql, news, fire] = ["sql", "news", "fire"].map((name) => Tag.make({ name }))
    const texts = ["a", "b", "c"].map((text) => ({ text }))
    await work(
      Session.add(
        Writer.make({ name: "ann", notes: texts, tags: [sql!, news!] }),
        Writer.make({ name: "bob", notes: [{ text: "his" }], tags: [fire!] })
      )
    )
    const value = await work(
      Effect.gen(function* () {
        const [ann, bob] = yield* Session.all(writers, { notes: true, tags: true })
        const [a, , c] = ann!.notes
        const [his] = bob!.notes
        yield* Session.replace(ann!, Writer.notes, [c!, a!, his!, { text: "new" }])
        // Note b leaves, his comes, one is new.
        expect(yield* changes).toEqual(["Insert notes", "Update notes", "Update notes"])
        yield* Session.replace(ann!, Writer.tags, [ann!.tags[0]!, bob!.tags[0]!, { name: "new" }])
        const links = ["Delete writer_tags", "Insert writer_tags", "Insert writer_tags"]
        expect(yield* changes).toEqual(["Insert tags", ...links].toSorted())
        yield* Session.flush
        const [again, other] = yield* Session.all(writers, { notes: true, tags: true })
        return [again!, other!].map(({ notes, tags }) => [
          notes.map(({ text }) => text).toSorted(),
          tags.map(({ name }) => name).toSorted()
        ])
      })
    )
    expect(value).toEqual([
      [
        ["a", "c", "his", "new"],
        ["fire", "new", "sql"]
      ],
      [[], ["fire"]]
    ])
    const same = await counted(
      Effect.gen(function* () {
        const ann = yield* Session.one(writers.match({ name: "ann" }), { notes: true, tags: true })
        yield* Session.replace(ann, Writer.notes, ann.notes.toReversed())
        yield* Session.replace(ann, Writer.tags, ann.tags)
        const twice = [ann.notes[0]!, ann.notes[0]!]
        const refused = yield* refusal(Session.replace(ann, Writer.notes, twice))
        expect(refused).toContain("Writer.notes is given a member twice")
      })
    )
    expect(same.words.filter((word) => /UPDATE|INSERT|DELETE/.test(word))).toEqual([])
    const [ann] = await database.run(Load.all(writers, { tags: true }))
    await work(Session.replace(ann!, Writer.tags, []))
    expect(await database.run(Database.count(Query.from(writerTags)))).toBe(1)
  })

  test("links of a key of their own are written and removed, never twice [F122.5]", async () => {
    const sql = Tag.make({ name: "sql" })
    const ann = Writer.make({ name: "ann", tags: [sql, sql] })
    const links = Database.count(Query.from(writerTags))
    await work(
      Effect.gen(function* () {
        // Named by both sides, in one graph and in the next.
        yield* Session.add(Tag.make({ name: "news", writers: [ann] }), ann)
        yield* Session.append(ann, Writer.tags, sql, sql)
        yield* Session.append(sql, Tag.writers, ann)
      })
    )
    expect(await database.run(links)).toBe(2)
    const [again] = await database.run(Load.all(writers, { tags: true }))
    await work(Session.append(again!, Writer.tags, ...again!.tags, { name: "fire" }))
    expect(await database.run(links)).toBe(3)
    const twice = Query.insert(writerTags).values({
      whose: again!.id,
      what: again!.tags[0]!.id
    })
    await database.run(Database.run(twice))
    await work(Session.remove(again!, Writer.tags, again!.tags[0]!))
    expect(await database.run(links)).toBe(2)
    await work(Session.remove(again!, Writer.tags, again!.tags[0]!))
    expect(await database.run(links)).toBe(2)
    await work(
      Effect.gen(function* () {
        yield* Session.remove(again!, Writer.tags, again!.tags[1]!)
        yield* Session.append(again!, Writer.tags, again!.tags[1]!)
      })
    )
    expect(await database.run(links)).toBe(2)
    await work(Session.delete(again!))
    expect(await database.run(links)).toBe(0)
  })

  test("members come and go as their relation says, and large relations load nothing", async () => {
    const ann = Writer.make({ name: "ann", rooms: [{}], notes: [{ text: "a" }] })
    await work(Session.add(ann, Writer.make({ name: "bob" })))
    const found = await work(
      Effect.gen(function* () {
        const [one, bob] = yield* Session.all(writers, { notes: true, rooms: true })
        const [note] = one!.notes
        yield* Session.append(bob!, Writer.notes, note!)
        // It is none of hers any more, and so it stays his.
        yield* Session.remove(one!, Writer.notes, note!)
        yield* Session.flush
        const kept = (yield* Session.get(Note, note!.id)).writerId === bob!.id
        yield* Session.remove(bob!, Writer.notes, note!)
        const free = (yield* Session.get(Note, note!.id)).writerId
        const refused = yield* refusal(Session.remove(one!, Writer.rooms, one!.rooms[0]!))
        yield* Session.delete(note!)
        const gone = yield* Effect.flip(Session.append(bob!, Writer.notes, note!))
        return { kept, free, refused, gone: gone._tag, bob: bob! }
      })
    )
    expect([found.kept, found.free, found.gone]).toEqual([true, null, "StaleRow"])
    expect(found.refused).toContain("Writer.rooms: a Room cannot leave")
    const tags = Array.from({ length: 3 }, (_, at) => ({ name: `t${at}` }))
    const { words } = await counted(Session.append(found.bob, Writer.fans, ...tags))
    expect(words.filter((word) => word === "SELECT")).toEqual([])
    const some = Along.of(Writer, "fans", [found.bob]).orderBy(Tag.c.id)
    const [first] = await database.run(Database.all(some))
    await work(Session.remove(found.bob, Writer.fans, first!))
    await work(Session.append(found.bob, Writer.fans, first!))
    await work(Session.append(found.bob, Writer.fans, first!))
    expect(await database.run(Database.count(Query.from(writerFans)))).toBe(3)
  })

  test("a path gives far rows as a list, a set or a map [F126.2]", async () => {
    const [chess, go] = ["chess", "go"].map((name) => Club.make({ name }))
    const seats = [{ club: go!, rank: 1 }, { club: chess! }]
    await work(Session.add(Writer.make({ name: "ann", seats }), Writer.make({ name: "bob" })))
    const [ann, bob] = await database.run(Load.all(writers, clubs.plan))
    const hers: ReadonlyArray<Club> = Path.far(clubs, ann!)
    expect(hers.map(({ name }) => name).toSorted()).toEqual(["chess", "go"])
    expect(Path.far(clubs, bob!)).toEqual([])
    const names: ReadonlySet<string> = Load.setOf(hers, "name")
    expect(names.has("go")).toBe(true)
    const byName = await database.run(Load.mapBy(hers, "name"))
    expect(byName.get("chess")).toEqual(hers.find(({ name }) => name === "chess"))
    const [bare] = await database.run(Database.all(writers))
    expect(() => Path.far(clubs, bare as never)).toThrow("far: Writer.seats is not loaded")
  })

  test("a path filters, across two links too [F126.3]", async () => {
    const [north, south] = ["north", "south"].map((name) => League.make({ name }))
    const chess = Club.make({ name: "chess", leagues: [{ league: north! }, { league: south! }] })
    const go = Club.make({ name: "go", leagues: [{ league: north! }] })
    await work(
      Session.add(
        Writer.make({ name: "ann", seats: [{ club: chess }, { club: go }] }),
        Writer.make({ name: "bob", seats: [{ club: go }] }),
        Writer.make({ name: "cleo" })
      )
    )
    const named = async (query: typeof writers) =>
      (await database.run(Database.all(query))).map(({ name }) => name)
    const inChess = Path.any(clubs, Club.c.name.eq("chess"))
    expect(await named(writers.where(inChess))).toEqual(["ann"])
    expect(await named(writers.where(Path.any(clubs)))).toEqual(["ann", "bob"])
    expect(await named(writers.where(Path.any(leagues, League.c.name.eq("south"))))).toEqual([
      "ann"
    ])
    const byHand = Along.any(
      Writer,
      "seats",
      Along.any(
        Seat,
        "club",
        Along.any(Club, "leagues", Along.any(Membership, "league", League.c.name.eq("north")))
      )
    )
    const north_ = Path.any(leagues, League.c.name.eq("north"))
    expect(await named(writers.where(north_))).toEqual(await named(writers.where(byHand)))
    expect(await named(writers.where(north_.not()))).toEqual(["cleo"])
    const [ann] = await database.run(Load.all(writers, leagues.plan))
    // By two ways to one league, it is there once.
    expect(
      Path.far(leagues, ann!)
        .map(({ name }) => name)
        .toSorted()
    ).toEqual(["north", "south"])
  })

  test("adding through a path makes the link's row [F126.4]", async () => {
    await work(Session.add(Writer.make({ name: "ann" }), Club.make({ name: "go" })))
    await work(
      Effect.gen(function* () {
        const [ann] = yield* Session.all(writers)
        const go = yield* Session.one(Query.from(Club))
        yield* Session.appendAlong(ann!, clubs, go, Club.make({ name: "chess" }))
      })
    )
    const seats = Query.from(Seat).select({ rank: Seat.c.rank, club: Seat.c.clubId })
    expect(await database.run(Database.all(seats))).toHaveLength(2)
    const [ann] = await database.run(Load.all(writers, clubs.plan))
    const hers = Path.far(clubs, ann!).map(({ name }) => name)
    expect(hers.toSorted()).toEqual(["chess", "go"])
    const again = await database.run(
      Effect.flip(Session.transact(Session.appendAlong(ann!, clubs, ann!.seats[0]!.club)))
    )
    expect(again._tag).toBe("UniqueViolation")
    const two = await work(refusal(Session.appendAlong(ann!, leagues, League.make({ name: "x" }))))
    expect(two).toContain("is not by way of one link entity")
  })
})
