import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

/** A row goes, and another comes under its key, in one flush: each has children of its own. */
class Plain extends Entity<Plain>()("switch_plains", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(9)
}) {
  static readonly bits = this.hasMany(() => Bit, { children: "delete" })
}
class Bit extends Entity<Bit>()("switch_bits", {
  id: Column.integer().primaryKey(),
  plainId: Column.integer()
}) {
  static readonly plain = this.belongsTo(() => Plain)
}
/** With a value the server or the client makes: no update can say the new row. */
class Made extends Entity<Made>()("switch_mades", {
  id: Column.integer().primaryKey(),
  size: Column.integer().default(7)
}) {
  static readonly parts = this.hasMany(() => Part, { children: "delete" })
}
class Part extends Entity<Part>()("switch_parts", {
  id: Column.integer().primaryKey(),
  madeId: Column.integer()
}) {
  static readonly made = this.belongsTo(() => Made)
}
/** Some of its children stay when it goes; the database takes those that have its name. */
class Named extends Entity<Named>()("switch_nameds", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(9).unique()
}) {
  static readonly notes = this.hasMany(() => Note, { children: "detach" })
}
class Note extends Entity<Note>()("switch_notes", {
  id: Column.integer().primaryKey(),
  namedId: Column.integer().nullable()
}) {
  static readonly named = this.belongsTo(() => Named)
}
class Taken extends Entity<Taken>()("switch_takens", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(9).references(() => Named.c.name, { onDelete: "cascade" })
}) {}

describe.each(engines)("a row under the key of one that goes on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(
      Database.create(Catalog.make({ Plain, Bit, Made, Part, Named, Note, Taken }))
    )
  })
  afterAll(() => database.dispose())

  const work = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.run(Session.transact(effect) as Effect.Effect<A, E, Database>)
  const bitsOf = (...plains: ReadonlyArray<number>) =>
    database.run(
      Effect.map(Database.all(Query.from(Bit).orderBy(Bit.c.id)), (all) =>
        all
          .filter(({ plainId }) => plains.includes(plainId))
          .map(({ id, plainId }) => [id, plainId])
      )
    )
  const ids = (rows: ReadonlyArray<{ readonly id: number }>) => rows.map(({ id }) => id)

  test("has its own children, and what hung on the other goes [F146.5]", async () => {
    await work(
      Session.add(
        Plain.make({ id: 1, name: "a", bits: [{ id: 1 }, { id: 2 }] }),
        Made.make({ id: 1, parts: [{ id: 1 }, { id: 2 }] })
      )
    )
    await work(
      Effect.gen(function* () {
        yield* Session.delete(yield* Session.get(Plain, 1), yield* Session.get(Made, 1))
        // One child comes under a key that goes as well, one just as it was.
        yield* Session.add(Plain.make({ id: 1, name: "b", bits: [{ id: 2 }, { id: 3 }] }))
        yield* Session.add(Made.make({ id: 1, parts: [{ id: 2 }, { id: 3 }] }))
      })
    )
    expect(ids(await database.run(Database.all(Query.from(Bit).orderBy(Bit.c.id))))).toEqual([2, 3])
    expect(ids(await database.run(Database.all(Query.from(Part).orderBy(Part.c.id))))).toEqual([
      2, 3
    ])
    await work(
      Effect.gen(function* () {
        yield* Session.delete(Plain.ref(1))
        yield* Session.add(Plain.make({ id: 1, name: "b" }))
      })
    )
    expect(await database.run(Database.count(Query.from(Bit)))).toBe(0)
    expect(await database.run(Database.count(Query.from(Plain)))).toBe(1)
  })

  test("a child that stays is told by the database where it is added anew", async () => {
    await work(Session.add(Plain.make({ id: 5, name: "a", bits: [{ id: 50 }] })))
    const twice = Session.transact(
      Effect.gen(function* () {
        yield* Session.update(yield* Session.get(Plain, 5), { name: "b" })
        yield* Session.add(Bit.make({ id: 50, plain: 5 }))
      })
    )
    expect((await database.run(Effect.flip(twice)))._tag).toBe("UniqueViolation")
  })

  test("a new row that goes, and comes anew, has the children of its second time", async () => {
    await work(Session.add(Plain.make({ id: 11, name: "a", bits: [{ id: 110 }] })))
    await work(
      Effect.gen(function* () {
        // One is new, one is there: both have children before they go and after they came again.
        yield* Session.add(Plain.make({ id: 10, name: "a", bits: [{ id: 100 }, { id: 101 }] }))
        yield* Session.add(Bit.make({ id: 111, plain: Plain.ref(11) }))
        yield* Session.delete(Plain.ref(10), Plain.ref(11))
        // What is said to be of a row that is yet to come is of that.
        yield* Session.add(Bit.make({ id: 104, plain: Plain.ref(10) }))
        yield* Session.add(
          Plain.make({ id: 10, name: "b", bits: [{ id: 101 }, { id: 102 }] }),
          Plain.make({ id: 11, name: "b", bits: [{ id: 112 }] })
        )
        yield* Session.add(Bit.make({ id: 103, plain: Plain.ref(10) }))
      })
    )
    expect(await bitsOf(10, 11)).toEqual([
      [101, 10],
      [102, 10],
      [103, 10],
      [104, 10],
      [112, 11]
    ])
    // As often as it comes.
    await work(
      Effect.gen(function* () {
        for (const at of [1, 2, 3]) {
          yield* Session.add(
            Plain.make({ id: 12, name: "a", bits: [{ id: 120 }, { id: 120 + at }] })
          )
          if (at < 3) yield* Session.delete(Plain.ref(12))
        }
      })
    )
    expect(await bitsOf(12)).toEqual([
      [120, 12],
      [123, 12]
    ])
  })

  test("children that stay are detached, those the database takes go", async () => {
    await work(
      Effect.gen(function* () {
        for (const at of [1, 2]) {
          yield* Session.add(Named.make({ id: 1, name: "a" }))
          yield* Session.add(Note.make({ id: at, named: Named.ref(1) }))
          yield* Session.add(Taken.make({ id: at, name: "a" }))
          if (at === 1) yield* Session.delete(Named.ref(1))
        }
      })
    )
    const notes = await database.run(Database.all(Query.from(Note).orderBy(Note.c.id)))
    expect(notes.map(({ namedId }) => namedId)).toEqual([null, 1])
    expect(ids(await database.run(Database.all(Query.from(Taken))))).toEqual([2])
  })

  test("what was said of a row that went is not said of another: it is stale", async () => {
    const adopted = Session.transact(
      Effect.gen(function* () {
        yield* Session.add(Plain.make({ id: 20, name: "a", bits: [{ id: 200 }] }))
        yield* Session.delete(Plain.ref(20))
        yield* Session.add(Plain.make({ id: 20, name: "b", bits: [Bit.ref(200)] }))
      })
    )
    expect((await database.run(Effect.flip(adopted)))._tag).toBe("StaleRow")
    expect(await bitsOf(20)).toEqual([])
  })

  test("a draft that goes and is added again comes with its children again", async () => {
    await work(
      Effect.gen(function* () {
        const draft = Plain.make({ id: 40, name: "a", bits: [{ id: 400 }] })
        yield* Session.add(draft)
        yield* Session.add(Bit.make({ id: 401, plain: draft }))
        yield* Session.delete(draft)
        yield* Session.add(draft)
      })
    )
    expect(await bitsOf(40)).toEqual([[400, 40]])
  })

  test("a key that goes with a parent is free, and goes again with another", async () => {
    await work(
      Session.add(
        Plain.make({ id: 30, name: "a", bits: [{ id: 300 }, { id: 301 }] }),
        Plain.make({ id: 31, name: "a" })
      )
    )
    await work(
      Effect.gen(function* () {
        yield* Session.get(Bit, 300)
        yield* Session.delete(Plain.ref(30))
        yield* Session.add(Bit.make({ id: 300, plain: Plain.ref(31) }))
      })
    )
    expect(await bitsOf(30, 31)).toEqual([[300, 31]])
    await work(
      Effect.gen(function* () {
        yield* Session.delete(Plain.ref(31))
        yield* Session.add(Plain.make({ id: 32, name: "c", bits: [{ id: 300 }] }))
        yield* Session.delete(Plain.ref(32))
      })
    )
    expect(await bitsOf(31, 32)).toEqual([])
    expect((await database.run(Database.all(Query.from(Bit)))).map(({ id }) => id)).not.toContain(
      300
    )
  })
})
