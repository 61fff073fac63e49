/** Relations whose foreign key refers to a unique constraint of several columns. */
import { Catalog, Column, Database, Entity, type Expr, ForeignKey } from "athanor"
import { Load, Query, Session, Unique } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

type Held = [Expr.Value<unknown, unknown>, Expr.Value<unknown, unknown>]

class Town extends Entity<Town>()(
  "towns",
  {
    id: Column.id(),
    land: Column.varchar(2),
    name: Column.varchar(20),
    size: Column.integer()
  },
  (c) => [Unique.on(c.land, c.name)]
) {
  static readonly shops = this.hasMany(() => Shop, { key: ["land", "town"], children: "delete" })
}
class Shop extends Entity<Shop>()(
  "shops",
  {
    id: Column.id(),
    label: Column.varchar(20),
    land: Column.varchar(2),
    town: Column.varchar(20).nullable()
  },
  (c) => [
    ForeignKey.on([c.land, c.town], (): Held => [Town.c.land, Town.c.name], { onUpdate: "cascade" })
  ]
) {
  static readonly place = this.belongsTo(() => Town, { key: ["land", "town"] })
}
const catalog = Catalog.make({ Town, Shop })

describe.each(engines)("a key of several columns to a unique constraint on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(catalog))
  })
  beforeEach(async () => {
    await database.run(Database.run(Query.deleteFrom(Shop).everyRow()))
    await database.run(Database.run(Query.deleteFrom(Town).everyRow()))
    await work(
      Session.add(
        Town.make({ land: "gb", name: "Bath", size: 9, shops: [{ label: "a" }, { label: "b" }] }),
        Shop.make({ label: "c", place: Town.make({ land: "gb", name: "Ely", size: 2 }) })
      )
    )
    // A key that is NULL in part refers to nothing.
    await database.run(Database.run(Query.insert(Shop).values({ label: "d", land: "gb" })))
  })
  afterAll(() => database.dispose())
  const work = <A, E>(effect: Effect.Effect<A, E, Database | Session>) =>
    database.run(Session.transact(effect))
  const shops = Database.all(Query.from(Shop).orderBy(Shop.c.label)).pipe(
    Effect.map((all) => all.map(({ label, land, town }) => `${label} ${land} ${town}`))
  )

  test("drafts give it, plans load along it, conditions match along it", async () => {
    expect(await database.run(shops)).toEqual(["a gb Bath", "b gb Bath", "c gb Ely", "d gb null"])
    const loaded = await database.run(
      Load.all(Query.from(Shop).orderBy(Shop.c.label), { place: { shops: true } })
    )
    expect(
      loaded.map(({ place }) => place && [place.size, place.shops.map(({ label }) => label)])
    ).toEqual([[9, ["a", "b"]], [9, ["a", "b"]], [2, ["c"]], null])
    const matched = Query.from(Shop).match({ place: { size: 2 } })
    expect((await database.run(Database.all(matched))).map(({ label }) => label)).toEqual(["c"])
    const having = Query.from(Town).match({ shops: { label: "b" } })
    expect((await database.run(Database.all(having))).map(({ name }) => name)).toEqual(["Bath"])
  })

  test("a session moves along it, carries a changed key and deletes what hangs on it", async () => {
    await work(
      Effect.gen(function* () {
        const moved = yield* Session.one(Query.from(Shop).match({ label: "a" }))
        const ely = yield* Session.one(Query.from(Town).match({ name: "Ely" }))
        yield* Session.update(moved, { land: ely.land, town: ely.name })
        yield* Session.flush
        yield* Session.update(ely, { name: "York" })
      })
    )
    expect(await database.run(shops)).toEqual(["a gb York", "b gb Bath", "c gb York", "d gb null"])
    await work(
      Effect.flatMap(Session.one(Query.from(Town).match({ name: "York" })), (york) =>
        Session.delete(york)
      )
    )
    expect(await database.run(shops)).toEqual(["b gb Bath", "d gb null"])
  })

  test("a primary key alone does not say what it refers to", async () => {
    for (const place of [1, Town.ref(1)])
      await expect(
        work(Effect.suspend(() => Session.add(Shop.make({ label: "e", place }))))
      ).rejects.toThrow("so nothing can refer to it")
  })
})
