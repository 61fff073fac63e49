/** Types written outside the library: with their words in each dialect, and put to the laws. */
import { Catalog, Column, Database, Expr, Fn, Query, Table, Type, sql } from "athanor"
import { TypeLaws } from "athanor/testing"
import * as BigDecimal from "effect/BigDecimal"
import type { Brand } from "effect/Brand"
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"
import { describe, expect, test } from "vitest"
import { createTable } from "../../src/algebra/Ddl.ts"
import { dialects, engines, textOf, useDatabase } from "./support.ts"

/** An address, as each server keeps one best. */
const address = Type.wrapped({
  name: "address",
  sql: { sqlite: "text", postgres: "inet", default: "int unsigned" },
  as: Type.mapped(Type.text, {
    name: "Address",
    from: (text) => text,
    to: (text) => {
      if (!/^(?:(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])(?:\.|$)){4}$/.test(text))
        throw new Error(text)
      return text
    }
  }),
  write: {
    postgres: "CAST({value} AS inet)",
    mysql: "inet_aton({value})",
    mariadb: "inet_aton({value})"
  },
  read: { postgres: "host({value})", mysql: "inet_ntoa({value})", mariadb: "inet_ntoa({value})" }
})

/** An operator of it: in the same network of 256. */
const near = Fn.define("near", {
  args: [address, address],
  result: Type.boolean,
  strict: true,
  print: {
    sqlite: (a, b) => sql(Type.boolean)`rtrim(${a}, '0123456789') = rtrim(${b}, '0123456789')`,
    postgres: (a, b) => sql(Type.boolean)`set_masklen(${a}, 24) >>= ${b}`,
    default: (a, b) => sql(Type.boolean)`${a} >> 8 = ${b} >> 8`
  }
})

const hosts = Table.make("hosts", {
  id: Column.id(),
  at: Column.make(address).serverDefault("127.0.0.1")
})

describe.each(engines)("a type of one's own on %s", (engine) => {
  const { all, run } = useDatabase(engine, { hosts })

  test("passes the laws of types, and has its operators [F114.1]", async () => {
    const values = ["0.0.0.0", "255.255.255.255", "10.0.0.1", "192.168.1.254"]
    for (let i = 0; i < 500; i++)
      values.push([i, i * 7, i * 31, i * 101].map((part) => part % 256).join("."))
    const refused = ["256.0.0.1", "1.2.3", "", "1.2.3.4/24"]
    expect(await run(TypeLaws.broken(address, values, { refused }))).toEqual([])
    const rows = ["10.0.0.1", "10.0.0.200", "10.0.1.1"].map((at) => ({ at }))
    const { at } = hosts.c
    await run(Database.run(Query.insert(hosts).rows(rows)))
    await run(Database.run(Query.insert(hosts).values({})))
    const found = Query.from(hosts).where(near(at, "10.0.0.7")).orderBy(hosts.c.id).select(at)
    expect(await all(found)).toEqual(["10.0.0.1", "10.0.0.200"])
    expect(await all(Query.from(hosts).where(at.eq("127.0.0.1")).select(at))).toEqual(["127.0.0.1"])
  })
})

test("a variant's column, cast and literal follow the dialect [F112.2 @all]", () => {
  const table = Catalog.make({ hosts }).tables[0]!
  const said = (dialect: (typeof dialects)[number]) => {
    const text = textOf({ node: createTable(table, [], false) }, dialect)
    const [, type, value] = /at (.*) NOT NULL DEFAULT (.*), CONSTRAINT/.exec(text)!
    return [
      type,
      value,
      textOf(Query.select({ n: Expr.value(7, Type.integer).cast(level) }), dialect)
    ]
  }
  expect(Object.fromEntries(dialects.map((one) => [one, said(one)]))).toEqual({
    sqlite: ["text", "'127.0.0.1'", "SELECT CAST(? AS INTEGER) AS n"],
    postgres: ["inet", "(CAST('127.0.0.1' AS inet))", "SELECT CAST($1::integer AS smallint) AS n"],
    mysql: ["int unsigned", "(inet_aton('127.0.0.1'))", "SELECT CAST(? AS SIGNED) AS n"],
    mariadb: ["int unsigned", "(inet_aton('127.0.0.1'))", "SELECT CAST(? AS INTEGER) AS n"]
  })
})

/** A number of another name on each. */
const level = Type.custom<number>({
  name: "level",
  sql: { sqlite: "INTEGER", postgres: "smallint", mysql: "SIGNED", mariadb: "INTEGER" },
  codec: { decode: Number, encode: (value) => value }
})

interface Money {
  readonly currency: "EUR"
  readonly amount: BigDecimal.BigDecimal
}
const money = Type.mapped(Type.numeric(12, 2), {
  name: "Money",
  from: (amount): Money => ({ currency: "EUR", amount }),
  to: ({ amount }: Money) => amount
})

type AccountId = string & Brand<"AccountId">
const accountId = Type.mapped(Type.uuid, {
  name: "AccountId",
  from: (one) => one as AccountId,
  to: (one: AccountId) => one
})

const key = randomBytes(32)
const secret = Type.mapped(Type.bytes, {
  name: "Secret",
  from: (stored) => {
    const decipher = createDecipheriv("aes-256-gcm", key, stored.subarray(0, 12))
    decipher.setAuthTag(stored.subarray(12, 28))
    return Buffer.concat([decipher.update(stored.subarray(28)), decipher.final()]).toString("utf8")
  },
  to: (text: string) => {
    const nonce = randomBytes(12)
    const cipher = createCipheriv("aes-256-gcm", key, nonce)
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
    return new Uint8Array(Buffer.concat([nonce, cipher.getAuthTag(), sealed]))
  }
})

const accounts = Table.make("accounts", {
  id: Column.make(accountId).primaryKey(),
  balance: Column.make(money),
  note: Column.make(secret)
})
/** What the server holds. */
const held = Table.make("accounts", { id: Column.uuid(), note: Column.bytes() })

describe.each(engines)("the examples of the page on %s", (engine) => {
  const { all, failure, run } = useDatabase(engine, { accounts })

  test("a branded id, an amount of money and a text under seal [F110.2]", async () => {
    const id = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11" as AccountId
    const balance: Money = { currency: "EUR", amount: BigDecimal.fromStringUnsafe("12.50") }
    const note = "under the mat"
    await run(Database.run(Query.insert(accounts).values({ id, balance, note })))
    const found = await all(
      Query.from(accounts).where(Expr.and(accounts.c.id.eq(id), accounts.c.balance.eq(balance)))
    )
    expect(found.map((row) => [row.id, BigDecimal.format(row.balance.amount), row.note])).toEqual([
      [id, "12.5", note]
    ])
    // @ts-expect-error a text is no id
    const wrong = accounts.c.id.eq("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")
    expect(wrong).toBeDefined()
    const [stored] = await all(Query.from(held).select(held.c.note))
    expect(Buffer.from(stored!).includes("mat")).toBe(false)
    await run(
      Database.run(
        Query.update(held)
          .set({ note: Uint8Array.of(1, 2, 3) })
          .everyRow()
      )
    )
    expect(await failure(Database.all(Query.from(accounts)))).toMatchObject({
      _tag: "DecodeFailed",
      path: "note"
    })
  })
})
