/** L33 and L24 over types by their exact names; each is reflected as itself, or refused by name. */
import { Catalog, Column, Database, Expr, Fn, Query, Table, Type } from "athanor"
import { capabilities, catalogSource } from "athanor/compile"
import { TypeLaws } from "athanor/testing"
import * as BigDecimal from "effect/BigDecimal"
import type * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { AnyType } from "../../src/algebra/Type.ts"
import { exactCases } from "../algebra/exactCases.ts"
import { rounds, timeFor } from "../properties/support/law.ts"
import { connect, engines } from "../runtime/databases.ts"
import { createTable } from "../../src/algebra/Ddl.ts"
import { refusalOf, textOf } from "./support.ts"

/** `Type.bit(8)` as the type it is. */
const calledBy = (text: string): AnyType => {
  const [, name, list] = /^Type\.(\w+)(?:\((.*)\))?$/.exec(text)!
  const one = (Type as unknown as Record<string, AnyType | ((...given: never) => AnyType)>)[name!]!
  return typeof one === "function" ? one(...(JSON.parse(`[${list!}]`) as never)) : one
}

describe.each(engines)("exact types on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  const run = <A, E>(effect: Effect.Effect<A, E, Database>) => connected.run(effect)
  beforeAll(async () => {
    connected = await connect(engine)
    if (engine === "postgres")
      await run(Database.script("CREATE EXTENSION hstore; CREATE EXTENSION citext"))
  })
  afterAll(() => connected.dispose())

  const here = exactCases.filter((one) => one.on.includes(engine))
  const title = (one: (typeof here)[number]) => `${one.type.key} ${one.proves}`

  test.each(here.map((one) => [title(one), one] as const))(
    "%s",
    async (_, { alike = [], apart = false, edges, refused, type, values }) => {
      const except: ReadonlyArray<TypeLaws.Law> = apart ? ["found", "joined"] : []
      const holds = async (some: ReadonlyArray<unknown>, options: TypeLaws.Options<unknown>) =>
        expect(
          (await run(TypeLaws.broken(type, some, { except, ...options }))).slice(0, 3)
        ).toEqual([])
      await holds(edges, { refused })
      for (const { numRuns, seed } of rounds(500, 200))
        await holds(fc.sample(values, { numRuns, seed }), {})
      for (const [given, kept] of alike)
        await holds([given], { same: (_given, found) => Equal.equals(found, kept) })
    },
    timeFor(20_000)
  )

  if (engine === "postgres")
    test("lists of decimals of any length keep every digit, flat and nested [F106.1]", async () => {
      const long = BigDecimal.make(10n ** 50n + 1n, 20)
      const lists: ReadonlyArray<ReadonlyArray<BigDecimal.BigDecimal>> = [
        [],
        [long],
        [BigDecimal.make(-150n, 2), long]
      ]
      const type: AnyType = Type.array(Type.anyNumeric)
      expect((await run(TypeLaws.broken(type, lists, {}))).slice(0, 3)).toEqual([])
    })

  if (engine === "postgres")
    test("what is reckoned from decimals of any length is no double", async () => {
      const long = BigDecimal.make(10n ** 40n + 1n, 20)
      const t = Table.make("reckoned", { id: Column.id(), n: Column.make(Type.anyNumeric) })
      const { n } = t.c
      await run(Database.create(Catalog.make({ t })))
      await run(Database.run(Query.insert(t).rows([{ n: long }, { n: BigDecimal.make(3n, 0) }])))
      const totals = Query.from(t).select({ sum: Fn.sum(n), mean: Fn.avg(n), most: Fn.max(n) })
      const { mean, most, sum } = await run(Database.one(totals))
      const three = BigDecimal.make(3n, 0)
      expect(BigDecimal.format(sum!)).toBe(BigDecimal.format(BigDecimal.sum(long, three)))
      // A mean has as many digits as the server gives a quotient.
      const half = BigDecimal.make(500_000_000_000_000_000_015n, 1)
      expect(BigDecimal.equals(BigDecimal.truncate(mean!, 1), half)).toBe(true)
      expect(most).toEqual(long)
      const each = Query.from(t)
        .where(n.gt(three))
        .select({ twice: n.mul(n), part: n.div(three) })
      const [row] = await run(Database.all(each))
      expect(BigDecimal.equals(row!.twice, BigDecimal.multiply(long, long))).toBe(true)
      const third = BigDecimal.make(33_333_333_333_333_333_333_333_333_333n, 9)
      expect(BigDecimal.equals(BigDecimal.truncate(row!.part!, 9), third)).toBe(true)
    })

  if (engine === "postgres")
    test("a sum of money is money, by every digit", async () => {
      const t = Table.make("bills", { id: Column.id(), total: Column.make(Type.money) })
      await run(Database.create(Catalog.make({ t })))
      const most = BigDecimal.make(9_007_199_254_740_993_01n, 2)
      const rows = [{ total: most }, { total: BigDecimal.make(-1n, 2) }]
      await run(Database.run(Query.insert(t).rows(rows)))
      const query = Query.from(t).select({ sum: Fn.sum(t.c.total) })
      const { sum } = await run(Database.one(query))
      expect(sum).toEqual(BigDecimal.make(9_007_199_254_740_993_00n, 2))
    })

  if (engine === "postgres")
    test("citext is compared without regard to case, bits and bytes by each [F108.2]", async () => {
      const t = Table.make("compared", {
        name: Column.make(Type.citext),
        flags: Column.make(Type.bit(3)),
        raw: Column.bytes(),
        key: Column.uuid()
      })
      const { flags, key, name, raw } = t.c
      const one = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
      await run(Database.create(Catalog.make({ t })))
      const row = { name: "Zoë", flags: "101", raw: Uint8Array.of(0, 1), key: one }
      await run(Database.run(Query.insert(t).values(row)))
      const count = (condition: Expr.Expr<boolean, "compared">) =>
        run(Database.count(Query.from(t).where(condition)))
      expect(await count(name.eq("ZOë"))).toBe(1)
      expect(await count(name.in(["zOë", "x"]))).toBe(1)
      expect(await count(flags.eq("101").and(flags.gt("011")))).toBe(1)
      expect(await count(flags.eq("100"))).toBe(0)
      expect(await count(raw.eq(Uint8Array.of(0, 1)).and(raw.lt(Uint8Array.of(1))))).toBe(1)
      expect(await count(raw.eq(Uint8Array.of(0)))).toBe(0)
      expect(await count(key.eq(one.toUpperCase()))).toBe(1)
    })

  test("each is reflected as itself [F101.2 F109.4]", async () => {
    const own = here.filter(({ generic = [] }) => !generic.includes(engine))
    const columns = Object.fromEntries(
      own.map(({ type }, i) => [`c${i}`, Column.make(type).nullable()])
    )
    const all = Table.make("all_exact", { id: Column.id(), ...columns })
    await run(Database.create(Catalog.make({ all })))
    const found = await run(Database.reflect())
    const table = found.tables.find(({ name }) => name === "all_exact")!
    const again = Catalog.reflected(found).tables.find(({ name }) => name === "all_exact")!
    const { text } = catalogSource(found, { tables: ["all_exact"] })
    own.forEach(({ type }, i) => {
      const said = new RegExp(`\\bc${i}: Column\\.make\\((.+)\\)\\.nullable\\(\\),?$`, "m")
      // What it is printed as is the type again.
      if (type.sql.exact?.characters === undefined)
        expect(calledBy(said.exec(text)![1]!).key).toBe(type.key)
      const column = again.byKey.get(`c${i}`)!
      const characters = type.sql.exact?.characters
      if (characters === undefined) expect([i, column.type.key]).toEqual([i, type.key])
      else
        expect(table.columns.find(({ name }) => name === `c${i}`)!.collation).toBe(
          characters.collation
        )
    })
  })
})

test("where a server has it not, a type is refused by its name", () => {
  for (const { on, type } of exactCases) {
    const t = Table.make("t", { value: Column.make(type) })
    for (const dialect of ["sqlite", "postgres", "mariadb"] as const) {
      if (type.sql.exact!.column[dialect] === null)
        expect(refusalOf(Query.from(t), dialect).construct).toContain(type.sql.exact!.name)
      else expect(on.length).toBeGreaterThan(0)
    }
  }
  const t = Table.make("t", {
    value: Column.make(exactCases.find(({ type }) => type.key === "exact inet4")!.type)
  })
  expect(refusalOf(Query.from(t), capabilities("mariadb", [10, 6, 0])).capability).toBe("inetType")
})

test("on mysql, by text [F109.1 F109.2 F109.3 F109.4]", () => {
  const said = exactCases
    .filter(({ on }) => on.includes("mariadb"))
    .map(({ type }) => type.sql.exact!)
    .filter(({ column }) => column.mysql !== null)
    .map(({ column }) => [column.mysql, column.mariadb])
  for (const [mysql, mariadb] of said) expect(mysql).toBe(mariadb)
  const t = Table.make("t", {
    size: Column.make(Type.unsigned("bigint")),
    some: Column.make(Type.set(["a", "it's"])),
    kind: Column.make(Type.nativeEnum(["a", "b"])),
    flags: Column.make(Type.bit(3)),
    born: Column.make(Type.year),
    note: Column.make(Type.sizedText("tiny")),
    code: Column.make(Type.national(5))
  })
  const { born, flags, size, some } = t.c
  const ddl = textOf({ node: createTable(Catalog.make({ t }).tables[0]!, [], false) }, "mysql")
  expect(ddl).toContain(
    "(size bigint unsigned NOT NULL, `some` set('a','it''s') NOT NULL, " +
      "kind enum('a','b') NOT NULL, flags bit(3) NOT NULL, born year NOT NULL, " +
      "note tinytext NOT NULL, " +
      "code varchar(5) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci NOT NULL)"
  )
  const found = Query.from(t)
    .where(Expr.and(size.gt(7n), flags.eq("101"), born.eq(1999), some.eq(new Set(["a" as const]))))
    .select({ flags, size })
  expect(textOf(found, "mysql")).toBe(
    "SELECT lpad(bin(t.flags + 0), 3, '0') AS flags, t.size FROM t " +
      "WHERE t.size > CAST(? AS UNSIGNED) " +
      "AND t.flags = CAST(conv(CAST(? AS CHAR), 2, 10) AS UNSIGNED) AND t.born = ? AND t.`some` = ?"
  )
})
