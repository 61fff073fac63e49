import { Catalog, Column, Database, Entity, Expr, Fn, Query, Session, Table } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

const columns = {
  id: Column.id(),
  name: Column.varchar(50),
  nick: Column.varchar(50).nullable(),
  points: Column.integer().default(0),
  most: Column.integer().nullable(),
  clubId: Column.integer().nullable()
}
/** The same table without its class: a class's own static cannot speak of the class. */
const plain = Table.make("members", columns)

class Member extends Entity<Member>()("members", columns) {
  static readonly club = this.belongsTo(() => Club)
  static readonly title = this.hybrid((m) =>
    m.nick.coalesce(m.name).concat(" <").concat(m.name).concat(">")
  )
  static readonly isFull = this.hybrid((m) => m.points.gte(m.most))
  static readonly free = this.hybrid((m) => m.most.sub(m.points))
  static readonly score = this.hybrid((m) => m.points.mul(10), {
    set: (score) => ({ points: Math.trunc(score / 10) })
  })
  static readonly level = this.hybrid((m) => Expr.when(m.points.gte(100), "gold").else("plain"))
  static readonly better = this.expr((m, self) => {
    const other = Query.alias(plain, "other")
    const above = Query.from(other).correlate(self).where(other.c.points.gt(m.points))
    return above.select(Fn.count()).scalar().coalesce(0)
  })
  get label() {
    return Member.title.of(this)
  }
}
class Club extends Entity<Club>()("clubs", { id: Column.id(), title: Column.text() }) {
  static readonly members = this.hasMany(() => Member)
}

const members = [
  { name: "Ann", nick: null, points: 120, most: 120 },
  { name: "Bob", nick: "Bobby", points: 5, most: null },
  { name: "Cid", nick: "ü𝄞", points: 30, most: 200 }
]

const caught = (make: () => unknown): string => {
  try {
    make()
    return "nothing"
  } catch (error) {
    return (error as Error).message
  }
}

describe("a hybrid as a definition", () => {
  test("what cannot be said in SQL does not compile, or is refused by name [F119.4 @all]", () => {
    class Wrong extends Entity<Wrong>()("wrong", {
      id: Column.id(),
      name: Column.text(),
      price: Column.numeric(8, 2)
    }) {
      // @ts-expect-error a text's method is no expression
      static readonly loud = this.hybrid((w) => w.name.toUpperCase())
      // @ts-expect-error a value is no expression
      static readonly five = this.hybrid(() => 5)
      static readonly lower = this.hybrid((w) => Fn.lower(w.name))
      static readonly twice = this.hybrid((w) => w.price.mul(w.price))
      static readonly cast = this.hybrid((w) => w.id.div(2))
      static readonly sql = this.expr((w) => Fn.lower(w.name))
    }
    const refused = (what: string) =>
      `Wrong.${what} has no one meaning in every database and on a value: this.expr takes it`
    const row = { id: 1, name: "a" } as Wrong
    expect(caught(() => Wrong.lower.of(row))).toBe(refused("lower: lower"))
    expect(caught(() => Query.from(Wrong).orderBy(Wrong.lower))).toBe(refused("lower: lower"))
    expect(caught(() => Wrong.twice.of(row))).toBe(refused("twice: mul of fractions"))
    expect(caught(() => Wrong.cast.of(row))).toBe(refused("cast: div"))
    expect(caught(() => Wrong.five.of(row))).toBe("Wrong.five: its definition is no expression")
    // @ts-expect-error an expression of SQL alone is of no value
    expect(Wrong.sql.of).toBe(undefined)
  })

  test("it is typed, on values too", () => {
    expectTypeOf<ReturnType<typeof Member.title.of>>().toEqualTypeOf<string>()
    expectTypeOf<ReturnType<typeof Member.isFull.of>>().toEqualTypeOf<boolean | null>()
    expectTypeOf<Parameters<typeof Member.score.set>>().toEqualTypeOf<[number]>()
    // @ts-expect-error a score is a number
    expect(caught(() => Member.score.set("many"))).toBe("nothing")
    // @ts-expect-error nothing sets it
    expect(Member.title.set).toBe(undefined)
  })

  test("what its type does not hold, and what the value lacks, is refused", () => {
    const row = { id: 1, name: "a", nick: null, points: 2 ** 31 - 1, most: null, clubId: null }
    expect(caught(() => Member.score.of(row))).toMatch("out of range of integer")
    const { nick: _, ...less } = row
    expect(caught(() => Member.title.of(less as Member))).toMatch('has no "nick"')
  })
})

describe.each(engines)("hybrids on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ Club, Member })))
  })
  beforeEach(() =>
    database.run(
      Effect.andThen(
        Database.run(Query.deleteFrom(Member).everyRow()),
        Database.run(Query.insert(Member).rows(members))
      )
    )
  )
  afterAll(() => database.dispose())

  test("the answer on a value is the database's, null operands included [F119.1]", async () => {
    const rows = await database.run(
      Database.all(
        Query.from(Member).select({
          member: Member,
          title: Member.title,
          isFull: Member.isFull,
          free: Member.free,
          score: Member.score,
          level: Member.level
        })
      )
    )
    expect(rows).toHaveLength(3)
    for (const { member, ...said } of rows) {
      expect(said).toEqual({
        title: Member.title.of(member),
        isFull: Member.isFull.of(member),
        free: Member.free.of(member),
        score: Member.score.of(member),
        level: Member.level.of(member)
      })
      expect(member.label).toBe(said.title)
    }
    expect(new Set(rows.map(({ isFull }) => isFull))).toEqual(new Set([false, null, true]))
  })

  test("it filters, sorts, groups and is projected, under an alias too [F119.2]", async () => {
    const gold = Query.from(Member).where(Member.level.eq("gold")).select(Member.title)
    expect(await database.run(Database.all(gold))).toEqual(["Ann <Ann>"])
    const sorted = Query.from(Member).orderBy(Member.free.desc()).select(Member.c.name)
    expect(await database.run(Database.all(sorted))).toEqual(["Cid", "Ann", "Bob"])
    const levels = Query.from(Member)
      .groupBy(Member.level)
      .select({ level: Member.level, members: Fn.count() })
      .orderBy(Member.level)
    const counted = await database.run(Database.all(levels))
    expectTypeOf(counted[0]!).toEqualTypeOf<{
      readonly level: string
      readonly members: number
    }>()
    expect(counted).toEqual([
      { level: "gold", members: 1 },
      { level: "plain", members: 2 }
    ])
    const other = Query.alias(Member, "fellow")
    const fellows = Query.from(other).where(Member.isFull.on(other)).select(Member.title.on(other))
    expect(await database.run(Database.all(fellows))).toEqual(["Ann <Ann>"])
  })

  test("an expression of SQL alone may ask another table", async () => {
    const query = Query.from(Member)
      .where(Member.better.gt(0))
      .orderBy(Member.c.name)
      .select({ member: Member, better: Member.better })
    const rows = await database.run(Database.all(query))
    expect(rows.map(({ better, member }) => [member.name, better])).toEqual([
      ["Bob", 2],
      ["Cid", 1]
    ])
    const other = Query.alias(Member, "fellow")
    const first = Query.from(other).where(Member.better.on(other).eq(0)).select(other.c.name)
    expect(await database.run(Database.all(first))).toEqual(["Ann"])
  })

  test("set, it is the update of its columns, on a value and in bulk [F119.3]", async () => {
    const name = Member.c.name
    const cid = Query.from(Member).where(name.eq("Cid"))
    await database.run(
      Session.transact(
        Effect.gen(function* () {
          const member = yield* Session.one(cid)
          const changed = yield* Session.update(member, Member.score.set(700))
          expect(Member.score.of(changed)).toBe(700)
        })
      )
    )
    expect(await database.run(Database.one(cid.select(Member.c.points)))).toBe(70)
    const all = Query.update(Member).set(Member.score.set(40)).where(name.ne("Cid"))
    expect(await database.run(Database.run(all))).toBe(2)
    const scores = Query.from(Member).orderBy(name).select(Member.score)
    expect(await database.run(Database.all(scores))).toEqual([40, 40, 700])
  })
})
