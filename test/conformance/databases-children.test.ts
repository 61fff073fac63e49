import { Column, Database, Databases, Entity, Query, Session } from "athanor"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

/**
 * What goes with a row goes in other databases too: what a relation says of children is done by the
 * sessions there, or refused where they hold on to it. No key is checked by any of the servers.
 */

/** Spread by the key: even ones here, odd ones there. */
class Owner extends Entity<Owner>()("owners", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(20)
}) {
  static readonly pets = this.hasMany(() => Pet, { children: "delete" })
  static readonly notes = this.hasMany(() => Note, { children: "detach" })
  static readonly bills = this.hasMany(() => Bill)
  static readonly logs = this.hasMany(() => Log, { children: "database" })
}
/** The same in one database for all, and below it in those of the owners again. */
class Pet extends Entity<Pet>()("pets", {
  id: Column.integer().primaryKey(),
  ownerId: Column.integer()
}) {
  static readonly owner = this.belongsTo(() => Owner)
  static readonly toys = this.hasMany(() => Toy, { children: "delete" })
}
class Toy extends Entity<Toy>()("toys", {
  id: Column.integer().primaryKey(),
  petId: Column.integer()
}) {
  static readonly pet = this.belongsTo(() => Pet)
}
class Note extends Entity<Note>()("notes", {
  id: Column.integer().primaryKey(),
  ownerId: Column.integer().nullable()
}) {
  static readonly owner = this.belongsTo(() => Owner)
}
class Bill extends Entity<Bill>()("bills", {
  id: Column.integer().primaryKey(),
  ownerId: Column.integer()
}) {
  static readonly owner = this.belongsTo(() => Owner)
}
class Log extends Entity<Log>()("logs", {
  id: Column.integer().primaryKey(),
  ownerId: Column.integer()
}) {
  static readonly owner = this.belongsTo(() => Owner)
}

const parityOf = ({ id }: { readonly id?: number }) =>
  id === undefined ? null : id % 2 === 0 ? "even" : "odd"
const bindings = [
  Databases.shard(Owner, ["even", "odd"], parityOf),
  Databases.shard(Toy, ["even", "odd"], parityOf),
  ...[Pet, Note, Bill, Log].map((one) => Databases.bind(one, "own"))
]
class Even extends Database.Service<Even>()("children/even") {}
class Odd extends Database.Service<Odd>()("children/odd") {}
class Own extends Database.Service<Own>()("children/own") {}

const here = { owners: "name varchar(20)", toys: "pet_id integer" }
const there = { pets: "owner_id", notes: "owner_id", bills: "owner_id", logs: "owner_id" }

describe.each(engines)("children in other databases on %s", (engine) => {
  let opened: ReadonlyArray<Awaited<ReturnType<typeof connect>>>
  let layer: Layer.Layer<Databases | Even | Odd | Own>
  beforeAll(async () => {
    opened = [await connect(engine), await connect(engine), await connect(engine)]
    const [even, odd, own] = await Promise.all(opened.map(({ run: inOne }) => inOne(Database)))
    const services = Layer.succeedContext(
      Context.make(Even, even!).pipe(Context.add(Odd, odd!), Context.add(Own, own!))
    )
    const three = { even: Even, odd: Odd, own: Own }
    layer = Layer.provideMerge(Databases.layer(three, bindings), services)
    for (const [table, column] of Object.entries(here))
      for (const one of [Even, Odd])
        await run(one.script(`create table ${table} (id integer primary key, ${column})`))
    for (const [table, column] of Object.entries(there))
      await run(Own.script(`create table ${table} (id integer primary key, ${column} integer)`))
  })
  afterAll(async () => {
    for (const one of opened) await one.dispose()
  })
  beforeEach(async () => {
    for (const table of Object.keys(here))
      for (const one of [Even, Odd]) await run(one.script(`delete from ${table}`))
    for (const table of Object.keys(there)) await run(Own.script(`delete from ${table}`))
    await work(
      Databases.add(
        Owner.make({ id: 1, name: "ann" }),
        Owner.make({ id: 2, name: "bob" }),
        ...[1, 2].map((owner) => Pet.make({ id: owner, owner })),
        ...[1, 2, 3, 4].map((id) => Toy.make({ id, pet: id < 3 ? 1 : 2 })),
        ...[1, 2].map((owner) => Note.make({ id: owner, owner })),
        ...[1, 2].map((owner) => Log.make({ id: owner, owner }))
      )
    )
  })
  const run = <A, E>(effect: Effect.Effect<A, E, Databases | Even | Odd | Own>): Promise<A> =>
    Effect.runPromise(Effect.provide(effect, layer))
  const someOwner = Databases.get(Owner, 1)
  const within = <A, E>(effect: Effect.Effect<A, E, Effect.Services<typeof someOwner>>) =>
    Databases.transact(effect)
  const work = <A, E>(effect: Effect.Effect<A, E, Effect.Services<typeof someOwner>>) =>
    run(within(effect))
  const ids = (rows: ReadonlyArray<{ readonly id: number }>) =>
    rows.map(({ id }) => id).toSorted((a, b) => a - b)
  const seen = () =>
    work(
      Effect.gen(function* () {
        const notes = yield* Databases.all(Query.from(Note))
        return {
          owners: ids(yield* Databases.all(Query.from(Owner))),
          pets: ids(yield* Databases.all(Query.from(Pet))),
          toys: ids(yield* Databases.all(Query.from(Toy))),
          notes: notes.toSorted((a, b) => a.id - b.id).map(({ ownerId }) => ownerId),
          logs: ids(yield* Databases.all(Query.from(Log)))
        }
      })
    )
  const untouched = {
    owners: [1, 2],
    pets: [1, 2],
    toys: [1, 2, 3, 4],
    notes: [1, 2],
    logs: [1, 2]
  }
  const goes = (id: number) =>
    Effect.flatMap(Databases.get(Owner, id), (one) => Databases.delete(one))

  test("go, or are without a parent, as their relation says, however deep [F145.2]", async () => {
    await work(goes(1))
    expect(await seen()).toEqual({
      owners: [2],
      pets: [2],
      // Of one pet, in both databases.
      toys: [3, 4],
      notes: [null, 2],
      // Left to the database, which there is the program.
      logs: [1, 2]
    })
  })

  test("are gone for reads that follow, and back where the whole fails [F145.2]", async () => {
    const tried = Effect.gen(function* () {
      yield* goes(1)
      const pets = ids(yield* Databases.all(Query.from(Pet)))
      const toys = ids(yield* Databases.all(Query.from(Toy)))
      return yield* Effect.fail({ pets, toys })
    })
    expect(await run(Effect.flip(within(tried)))).toEqual({ pets: [2], toys: [3, 4] })
    expect(await seen()).toEqual(untouched)
  })

  test("hold on to their parent where the relation restricts it [F145.2]", async () => {
    await work(Databases.add(Bill.make({ id: 7, owner: 1 })))
    const held = await run(Effect.flip(within(goes(1))))
    expect(held).toMatchObject({
      _tag: "ForeignKeyViolation",
      direction: "parent",
      table: "bills"
    })
    expect(held.message).toBe(
      'a row of "owners" that is to go is referred to from another database, ' +
        'by "ownerId" of "bills"'
    )
    expect(await seen()).toEqual(untouched)
    await work(
      Effect.gen(function* () {
        yield* goes(1)
        yield* Databases.delete(Bill.ref(7))
      })
    )
    expect((await seen()).owners).toEqual([2])
  })

  test("are those of the sessions, with what is pending there [F145.2]", async () => {
    await work(
      Effect.gen(function* () {
        const [first] = yield* Databases.all(Query.from(Pet).match({ id: 1 }))
        yield* Databases.update(first!, { ownerId: 2 })
        yield* Databases.add(Pet.make({ id: 9, owner: 1 }))
        yield* Databases.delete(Owner.ref(1))
      })
    )
    expect(await seen()).toEqual({ ...untouched, owners: [2], notes: [null, 2] })
  })

  test("are refused where what is done to them could not be taken back [F145.2]", async () => {
    const inner = Effect.flatMap(Session.get(Owner, 1), (one) => Session.delete(one))
    const nested = Databases.on("odd", Session.nested(inner))
    const refused = await run(Effect.flip(within(nested)))
    expect(refused).toMatchObject({ _tag: "Unsupported", capability: "joinAcrossDatabases" })
    expect(refused.message).toContain(
      "stands in another database, where rows refer to one that goes: Databases.delete outside of"
    )
    const early = Databases.on("odd", Effect.andThen(inner, Session.flush))
    expect((await run(Effect.flip(within(early))))._tag).toBe("Unsupported")
    expect(await seen()).toEqual(untouched)
    await work(Databases.on("odd", inner))
    expect((await seen()).pets).toEqual([2])
  })
})
