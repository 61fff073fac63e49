import { Catalog, Column, Database, Expr, Fn, Query, Table, Type } from "athanor"
import { compile, StatementCache, capabilities } from "athanor/compile"
import { describe, expect, test } from "vitest"
import { dialects, engines, useDatabase } from "./support.ts"

/** An amount of money: cents in the database. */
interface Money {
  readonly currency: "EUR"
  readonly cents: number
}
const eur = (cents: number): Money => ({ currency: "EUR", cents })
const money = Type.mapped(Type.integer, {
  name: "Money",
  from: eur,
  to: (value: Money) => value.cents
})
/** Text turned round, so that a value that skips its codec shows. */
const turned = (text: string) => Array.from(text).toReversed().join("")
const secret = Type.mapped(Type.text, { name: "Secret", from: turned, to: turned })
/** A point, stored by each server in a type of its own. */
interface Point {
  readonly x: number
  readonly y: number
}
const point = Type.custom<Point>({
  sql: { sqlite: "TEXT", postgres: "varchar(40)", mysql: "VARCHAR(50)", mariadb: "CHAR(60)" },
  codec: {
    encode: ({ x, y }) => `${x};${y}`,
    decode: (raw) => {
      const [x, y] = String(raw).split(";").map(Number)
      return { x: x!, y: y! }
    }
  },
  name: "point"
})
const canary = "canary-4711"
const thrower = Type.mapped(Type.text, {
  name: "Thrower",
  from: (text): string => {
    if (text === canary) throw new Error(`cannot read ${text}`)
    return text
  },
  to: (text: string) => {
    if (text === "unwritable") throw new Error(`cannot write ${text} ${canary}`)
    return text
  }
})

const wallets = Table.make("wallets", {
  id: Column.id(),
  owner: Column.make(secret),
  amount: Column.make(money).default(eur(100)),
  spare: Column.make(money).nullable(),
  place: Column.make(point).nullable(),
  odd: Column.make(thrower).nullable(),
  first: Column.make(money).serverDefault(eur(5))
})
/** The table as it is stored. */
const stored = Table.make("wallets", {
  id: Column.id(),
  owner: Column.text(),
  amount: Column.integer(),
  first: Column.integer(),
  odd: Column.text().nullable()
})

describe.each(engines)("custom types on %s", (engine) => {
  const { all, failure, run, sentBy } = useDatabase(engine, { wallets })
  const { amount, id, owner, place, spare } = wallets.c

  test("a codec converts wherever a value may stand [F110.1 F113.2]", async () => {
    const rows = [
      { owner: "Ada", amount: eur(700) },
      { owner: "Bob", spare: eur(3) },
      { owner: "Cid", amount: eur(50) }
    ]
    await run(Database.run(Query.insert(wallets).rows(rows)))
    expect(
      await all(
        Query.from(stored)
          .orderBy(stored.c.id)
          .select({ owner: stored.c.owner, amount: stored.c.amount })
      )
    ).toEqual([
      { owner: "adA", amount: 700 },
      { owner: "boB", amount: 100 },
      { owner: "diC", amount: 50 }
    ])
    const owners = (condition: Expr.Value<boolean | null, Expr.InScope<"wallets">>) =>
      all(
        Query.from(wallets)
          .where(condition as Expr.Expr<boolean, "wallets">)
          .orderBy(id)
          .select(owner)
      )
    expect(await owners(amount.eq(eur(100)))).toEqual(["Bob"])
    expect(await owners(owner.ne("Bob"))).toEqual(["Ada", "Cid"])
    expect(await owners(amount.gt(eur(60)))).toEqual(["Ada", "Bob"])
    expect(await owners(amount.in([eur(50), eur(700)]))).toEqual(["Ada", "Cid"])
    expect(await owners(amount.between(eur(60), eur(101)))).toEqual(["Bob"])
    expect(await owners(spare.coalesce(eur(9)).eq(eur(9)))).toEqual(["Ada", "Cid"])
    expect(await owners(amount.eq(Expr.value(eur(50), money)))).toEqual(["Cid"])
    const given = Query.from(wallets)
      .where(amount.lt(Expr.param("most", money)))
      .select(owner)
    expect(await run(Database.all(given, { most: eur(60) }))).toEqual(["Cid"])
    const matched = Query.from(wallets).match({ owner: "Ada", spare: null })
    expect(await all(matched.select({ amount, most: Fn.max(amount) }).groupBy(amount))).toEqual([
      { amount: eur(700), most: eur(700) }
    ])
    const derived = Query.from(wallets).select({ deep: { amount, owner } }).as("derived")
    expect(await all(Query.from(derived).where(derived.c.deep.owner.eq("Cid")))).toEqual([
      { deep: { amount: eur(50), owner: "Cid" } }
    ])
    const case_ = Query.from(wallets)
      .orderBy(id)
      .select(Expr.when(owner.eq("Ada"), spare.coalesce(eur(1))).else(amount))
    expect(await all(case_)).toEqual([eur(1), eur(100), eur(50)])
    await run(
      Database.run(
        Query.update(wallets)
          .set({ amount: eur(1), owner: "Eve" })
          .where(owner.eq("Cid"))
      )
    )
    expect(await owners(amount.eq(eur(1)))).toEqual(["Eve"])
    const back = Query.insert(wallets)
      .values({ owner: "Flo" })
      .returning({ owner, amount, first: wallets.c.first })
    expect(await run(Database.one(back))).toEqual({ owner: "Flo", amount: eur(100), first: eur(5) })
    expect(await all(Query.from(stored).where(stored.c.first.ne(5)))).toEqual([])
    expect(await run(Database.run(Query.deleteFrom(wallets).where(owner.eq("Flo"))))).toBe(1)
  })

  test("one column of another SQL type reads the same value [F112.1 F110.3]", async () => {
    const other = Table.make("other", { id: Column.id(), place: Column.make(point) })
    const at = { x: 1.5, y: -2 }
    const one = await run(
      Database.one(
        Query.insert(wallets).values({ owner: "here", place: at }).returning({ id, place })
      )
    )
    expect(one.place).toEqual(at)
    expect(await all(Query.from(wallets).where(place.eq(at)).select(id))).toEqual([one.id])
    const created = (await sentBy(Database.create(Catalog.make({ other })))).join()
    expect(created).toContain(
      `place ${{ sqlite: "TEXT", postgres: "varchar(40)", mariadb: "CHAR(60)" }[engine]} NOT NULL`
    )
  })

  test("a codec that throws is a typed error without the value [F110.6]", async () => {
    const write = Database.run(Query.insert(wallets).values({ owner: "x", odd: "unwritable" }))
    const wrong = await failure(write)
    expect(wrong).toMatchObject({ _tag: "EncodeFailed", path: "odd" })
    const { id } = await run(
      Database.one(
        Query.insert(wallets).values({ owner: "y", odd: canary }).returning({ id: wallets.c.id })
      )
    )
    const unread = await failure(
      Database.all(Query.from(wallets).where(wallets.c.id.eq(id)).select({ odd: wallets.c.odd }))
    )
    expect(unread).toMatchObject({ _tag: "DecodeFailed", path: "odd" })
    for (const error of [wrong, unread])
      expect(JSON.stringify(error) + String(error.stack)).not.toContain(canary)
    expect(await all(Query.from(wallets).where(wallets.c.id.eq(id)).select(owner))).toEqual(["y"])
  })
})

describe("custom types, compiled", () => {
  test("what the other side is converted to, the type decides [F110.4 @all]", () => {
    const { amount, owner } = wallets.c
    const queries = [
      amount.eq(eur(7)),
      amount.lt(eur(7)),
      amount.coalesce(eur(7)).isNull(),
      amount.between(eur(7), eur(7))
    ]
    for (const dialect of dialects) {
      const slotsOf = (condition: Expr.Expr<boolean, "wallets">) => {
        const compiled = compile(Query.from(wallets).where(condition), dialect)
        return compiled._tag === "Compiled" ? compiled.slots : []
      }
      for (const query of queries) {
        for (const slot of slotsOf(query as Expr.Expr<boolean, "wallets">))
          expect(Number(slot.encode(eur(7) as never))).toBe(7)
      }
      for (const slot of slotsOf(owner.eq("ab"))) expect(slot.encode("ab" as never)).toBe("ba")
    }
  })

  test("two custom types over one base share no decoder [F110.5 @all]", () => {
    const upper = Type.mapped(Type.text, {
      name: "Same",
      from: (text) => text.toUpperCase(),
      to: (text: string) => text
    })
    const lower = Type.mapped(Type.text, {
      name: "Same",
      from: (text) => text.toLowerCase(),
      to: (text: string) => text
    })
    for (const dialect of dialects) {
      const cache = StatementCache.make(capabilities(dialect))
      const read = [upper, lower].map((type) => {
        const table = Table.make("same", { value: Column.make(type) })
        const found = cache.get(Query.from(table).node)
        return found._tag === "Lookup" ? found.compiled.decode!(["aB"]) : found
      })
      expect(read).toEqual([{ value: "AB" }, { value: "ab" }])
    }
  })
})
