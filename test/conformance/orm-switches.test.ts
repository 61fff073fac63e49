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

describe.each(engines)("a row under the key of one that goes on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ Plain, Bit, Made, Part })))
  })
  afterAll(() => database.dispose())

  const work = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.run(Session.transact(effect) as Effect.Effect<A, E, Database>)
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
})
