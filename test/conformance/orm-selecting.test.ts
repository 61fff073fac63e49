import { Catalog, Column, Database, Entity, Load, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Relation } from "../../src/algebra/Relation.ts"
import type { Statement } from "../../src/algebra/Statement.ts"
import { connect, engines } from "../runtime/databases.ts"

class Person extends Entity<Person>()("people", {
  id: Column.id(),
  fullName: Column.varchar(20),
  bossId: Column.integer().nullable()
}) {
  static readonly boss = this.belongsTo(() => Person)
  static readonly pets = this.hasMany(() => Pet)
  get shout() {
    return `${this.fullName}!`
  }
}
class Pet extends Entity<Pet>()("pets", {
  id: Column.id(),
  name: Column.varchar(20),
  personId: Column.integer()
}) {
  static readonly person = this.belongsTo(() => Person)
}

const people = Query.from(Person).orderBy(Person.c.id)
const boss = Query.alias(Person, "boss")
const names = (found: ReadonlyArray<Person>): ReadonlyArray<string> => found.map((one) => one.shout)

describe.each(engines)("selecting entities on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
    await connected.run(
      Effect.gen(function* () {
        yield* Database.create(Catalog.make({ Person, Pet }))
        yield* Database.run(
          Query.insert(Person).rows([
            { fullName: "ann", bossId: null },
            { fullName: "bob", bossId: 1 },
            { fullName: "cleo", bossId: 1 }
          ])
        )
        yield* Database.run(
          Query.insert(Pet).rows([
            { name: "rex", personId: 2 },
            { name: "tom", personId: 2 }
          ])
        )
      })
    )
  })
  afterAll(() => connected.dispose())
  const all = <Row>(query: Statement<Row, never> & { readonly node: Relation }) =>
    connected.run(Database.all(query))

  test("entities, aliased ones, columns and records of them come together [F131.1]", async () => {
    const rows = await all(
      people
        .join(boss, boss.c.id.eq(Person.c.bossId))
        .select({ who: Person, over: { boss, name: boss.c.fullName }, id: Person.c.id })
    )
    const [first] = rows
    const whom: Person = first!.over.boss
    const id: number = first!.id
    expect([first!.who.shout, whom.shout, first!.over.name, id]).toEqual(["bob!", "ann!", "ann", 2])
    expect(first!.who).toBeInstanceOf(Person)
    const pairs = await all(
      people.join(boss, boss.c.id.eq(Person.c.bossId)).select([Person, boss.c.fullName])
    )
    expect(pairs.map(([one, name]) => [one.shout, name])).toEqual([
      ["bob!", "ann"],
      ["cleo!", "ann"]
    ])
    const held = await connected.run(
      Session.transact(
        Effect.gen(function* () {
          const found = yield* Session.all(
            people.join(boss, boss.c.id.eq(Person.c.bossId)).select({ who: Person, boss })
          )
          return yield* Effect.forEach(found, ({ who }) => Session.load(who, Person.pets))
        })
      )
    )
    expect(held.map((pets) => pets.length)).toEqual([2, 0])
  })

  test("they come from derived tables, unions, CTEs and texts, with plans [F131.2]", async () => {
    const some = Query.from(Person).where(Person.c.id.gt(1))
    const derived = some.as("some")
    const cte = some.cte("few")
    const union = Query.from(Person)
      .where(Person.c.id.eq(2))
      .union(Query.from(Person).where(Person.c.id.eq(3)))
    const text = Query.raw(Person)`
      SELECT id, full_name, boss_id FROM people WHERE id > ${1} ORDER BY id DESC`
    const ordered = [
      Query.from(derived).orderBy(derived.c.id),
      Query.from(cte).orderBy(cte.c.fullName),
      union.orderBy(Person.c.id)
    ]
    for (const query of ordered) {
      const found = await all(query)
      expect(names(found)).toEqual(["bob!", "cleo!"])
      expect(found[0]).toBeInstanceOf(Person)
    }
    const told = await all(text)
    expect(names(told).toSorted()).toEqual(["bob!", "cleo!"])
    for (const pets of [Load.selectIn(), Load.json(), Load.joined()]) {
      const loaded = await connected.run(Load.all(text, { pets }))
      const counts = loaded.map((one) => [one.shout, one.pets.length] as const)
      expect(counts.toSorted(([a], [b]) => a.localeCompare(b))).toEqual([
        ["bob!", 2],
        ["cleo!", 0]
      ])
    }
    const held = await connected.run(
      Session.transact(
        Effect.gen(function* () {
          const one = (yield* Session.all(text, {})).find(({ id }) => id === 3)!
          yield* Session.update(one, { fullName: "new" })
          const { fullName } = yield* Session.get(Person, 3)
          yield* Session.update(one, { fullName: "cleo" })
          return fullName
        })
      )
    )
    expect(held).toBe("new")
  })

  test("a left-joined entity is null as a whole [F131.4]", async () => {
    const rows = await all(
      people.leftJoin(boss, boss.c.id.eq(Person.c.bossId)).select({ who: Person, boss })
    )
    expect(rows.map(({ boss, who }) => [who.shout, boss?.shout ?? null])).toEqual([
      ["ann!", null],
      ["bob!", "ann!"],
      ["cleo!", "ann!"]
    ])
    const absent: Person | null = rows[0]!.boss
    expect(absent).toBe(null)
    const pets = people.leftJoin(Pet, Pet.c.personId.eq(Person.c.id)).select([Person, Pet])
    expect((await all(pets)).map(([one, pet]) => [one.id, pet === null])).toEqual([
      [1, true],
      [2, false],
      [2, false],
      [3, true]
    ])
  })
})
