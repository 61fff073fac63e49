import { Database, DatabaseUrl } from "athanor"
import { Sqlite } from "athanor/sqlite"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Redacted from "effect/Redacted"
import fc from "fast-check"
import { inspect } from "node:util"
import { describe, expect, test } from "vitest"

const parsed = (text: string) => Effect.runSync(DatabaseUrl.parse(text))
const refused = (text: string) => Effect.runSync(Effect.flip(DatabaseUrl.parse(text)))
const again = (url: DatabaseUrl.DatabaseUrl) => parsed(Redacted.value(DatabaseUrl.reveal(url)))

/** What addresses are made of, and all that has a meaning of its own in one. */
const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc
    .array(fc.constantFrom(...Array.from("%@:/?#[]&=+ \\;,'\"%41%é日😀\n\u0000")))
    .map((all) => all.join(""))
)
const wellFormed = text.filter((one) => one.isWellFormed())
const part = fc.option(wellFormed, { nil: null })
const word = fc.stringMatching(/^[a-z][a-z0-9.-]{0,5}$/)
const options = fc.dictionary(wellFormed, fc.oneof(wellFormed, fc.array(wellFormed)))

const ofServer = fc.record({
  dialect: word.filter((one) => one !== "sqlite"),
  driver: fc.option(word, { nil: null }),
  user: part,
  password: fc.option(
    wellFormed.map((one) => Redacted.make(one)),
    { nil: null }
  ),
  host: part,
  port: fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: null }),
  database: part,
  options
})
const ofFile = fc.record({ dialect: fc.constant("sqlite"), database: part, options })
const address = fc.oneof(ofServer, ofFile).map((parts) => DatabaseUrl.make(parts))

describe("a database's address", () => {
  test("parses into its parts, and what it prints is an equal one [F1.1 @all]", () => {
    const url = parsed("postgres+pg://ann:s3cret@db.internal:5433/blog?sslmode=require")
    expect(url).toMatchObject({
      dialect: "postgres",
      driver: "pg",
      user: "ann",
      host: "db.internal",
      port: 5433,
      database: "blog",
      options: { sslmode: "require" }
    })
    expect(Redacted.value(url.password!)).toBe("s3cret")
    expect(Object.isFrozen(url) && Object.isFrozen(url.options)).toBe(true)
    fc.assert(
      fc.property(address, (one) => {
        const read = again(one)
        return Equal.equals(read, one) && Equal.equals(again(read), read)
      }),
      { numRuns: 2000 }
    )
    expect(Equal.equals(url, DatabaseUrl.withOption(url, "sslmode", "disable"))).toBe(false)
  })

  test("reserved, percent and other letters survive unchanged [F1.2 @all]", () => {
    fc.assert(
      fc.property(wellFormed, wellFormed, wellFormed, (user, password, database) => {
        const url = again(
          DatabaseUrl.make({
            dialect: "mysql",
            user,
            password: Redacted.make(password),
            host: "h",
            database
          })
        )
        expect([url.user ?? "", url.database ?? ""]).toEqual([user, database])
        expect(url.password === null ? "" : Redacted.value(url.password)).toBe(password)
        const file = again(DatabaseUrl.make({ dialect: "sqlite", database }))
        expect(file.database ?? "").toBe(database)
      }),
      { numRuns: 2000 }
    )
    const hard = parsed("postgres://%25%40:p%3A%2F%3F%23@h/%E6%97%A5%2F%25")
    expect([hard.user, Redacted.value(hard.password!), hard.database]).toEqual([
      "%@",
      "p:/?#",
      "日/%"
    ])
  })

  test("an option given twice is a list; functions give new values [F1.3 @all]", () => {
    const url = parsed("postgres://h/d?host=a&host=b&x=1")
    expect(url.options).toEqual({ host: ["a", "b"], x: "1" })
    const set = DatabaseUrl.withOption(url, "x", ["2", "3"])
    const added = DatabaseUrl.addOption(set, "y", "4")
    const more = DatabaseUrl.addOption(added, "y", "5")
    const removed = DatabaseUrl.withoutOption(more, "host")
    expect(set.options).toEqual({ host: ["a", "b"], x: ["2", "3"] })
    expect(added.options).toEqual({ host: ["a", "b"], x: ["2", "3"], y: "4" })
    expect(removed.options).toEqual({ x: ["2", "3"], y: ["4", "5"] })
    expect(url.options).toEqual({ host: ["a", "b"], x: "1" })
    fc.assert(
      fc.property(address, wellFormed, wellFormed, wellFormed, (one, name, value, other) => {
        const before = JSON.stringify(one)
        const with1 = DatabaseUrl.withOption(one, name, value)
        const with2 = DatabaseUrl.addOption(with1, name, other)
        expect(Object.entries(with1.options)).toContainEqual([name, value])
        expect(Object.entries(again(with2).options)).toContainEqual([name, [value, other]])
        expect(Object.keys(DatabaseUrl.withoutOption(with2, name).options)).not.toContain(name)
        expect(JSON.stringify(one)).toBe(before)
      })
    )
  })

  test("printed, inspected and as JSON it masks the password [F1.4 @all]", () => {
    fc.assert(
      fc.property(address, (one) => {
        const secret = "s3cret-canary"
        const url =
          one.dialect === "sqlite"
            ? DatabaseUrl.withOption(one, "password", secret)
            : DatabaseUrl.make({ ...one, password: Redacted.make(secret) })
        const shown = [
          String(url),
          JSON.stringify(url),
          JSON.stringify({ url }),
          inspect(url, { depth: 9, showHidden: true }),
          inspect({ url: [url] }, { depth: 9 }),
          inspect(
            Object.entries(url).filter(([name]) => name !== "options"),
            { depth: 9 }
          )
        ].join()
        expect(shown).not.toContain(secret)
        expect(shown).toContain("***")
        expect(String(DatabaseUrl.reveal(url))).not.toContain(secret)
        expect(Redacted.value(DatabaseUrl.reveal(url))).toContain(secret)
      })
    )
  })

  test("what cannot be read is told in a line that names the part [F1.5 @all]", () => {
    const secret = "s3cret"
    const wrong: ReadonlyArray<readonly [text: string, part: string]> = [
      [secret, "url"],
      [`//u:${secret}@host/db`, "url"],
      [`postgres://u:${secret}@host:99999/db`, "port"],
      [`postgres://u:${secret}@host:54x2/db`, "port"],
      [`postgres://u:${secret}@host:/db`, "port"],
      [`postgres://u:${secret}/${secret}@host/db`, "port"],
      [`postgres://%ZZ:${secret}@host/db`, "user"],
      [`postgres://u:%ZZ${secret}@host/db`, "password"],
      [`postgres://u:%${secret}@host/db`, "password"],
      [`postgres://u:${secret}@ho%st/db`, "host"],
      [`postgres://u:${secret}@[::1/db`, "host"],
      [`postgres://u:${secret}@host/%E6%97`, "database"],
      [`postgres://u:${secret}@host/db?a=%`, "options"],
      [`postgres://u:${secret}@host/db#x`, "url"],
      [`postgres://u:${secret}\n@host/db`, "url"],
      ["sqlite:100%.db", "database"]
    ]
    for (const [address, culprit] of wrong) {
      const error = refused(address)
      expect(error, address).toMatchObject({ _tag: "ConfigInvalid", culprit })
      expect(error.message).toContain(culprit === "url" ? "address" : culprit)
      const shown = [error.message, String(error), JSON.stringify(error), inspect(error)].join()
      expect(shown).not.toContain(secret)
      expect(error.message).not.toContain("\n")
    }
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: "binary" }), (head, tail) => {
        const exit = Effect.runSyncExit(DatabaseUrl.parse(`${head}://u:${secret}@h${tail}`))
        expect(exit._tag === "Success" ? "" : JSON.stringify(exit)).not.toContain(secret)
      }),
      { numRuns: 2000 }
    )
  })

  test("files, memory and hosts of every kind", () => {
    expect(parsed(":memory:")).toEqual(parsed("sqlite::memory:"))
    expect(parsed("sqlite:///var/blog.db").database).toBe("/var/blog.db")
    expect(parsed("sqlite:my blog.db").database).toBe("my blog.db")
    expect(parsed("sqlite://blog.db").database).toBe("blog.db")
    expect(parsed("postgres://[::1]:5432/d")).toMatchObject({ host: "::1", port: 5432 })
    expect(parsed("postgres://%2Frun%2Fpostgresql/d").host).toBe("/run/postgresql")
    expect(() => DatabaseUrl.make({ dialect: "sqlite", host: "h" })).toThrow(/file/)
    expect(() => DatabaseUrl.make({ dialect: "mysql", port: 70_000 })).toThrow(/65535/)
    expect(() => DatabaseUrl.make({ dialect: "mysql", user: "\ud800" })).toThrow(/surrogate/)
  })
})

test("an address that nobody gave is told, and is no defect", async () => {
  const given = (url: unknown) =>
    Effect.runPromise(
      Effect.flip(
        Effect.provide(Database.server, Database.layerUrl(url as string, { drivers: [Sqlite] }))
      )
    )
  for (const url of [undefined, null, 5, {}])
    expect(await given(url)).toMatchObject({
      _tag: "ConfigInvalid",
      culprit: "url",
      message: "no address was given: a text or a DatabaseUrl"
    })
})
