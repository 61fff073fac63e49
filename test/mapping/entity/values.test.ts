import { inspect } from "node:util"
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import * as Result from "effect/Result"
import { assert, describe, it } from "vitest"
import { Column, Entity, LocalDate, RuleBroken } from "athanor"
import { ClassId, entityOf } from "../../../src/mapping/EntityClass.ts"
import { construct } from "../../../src/mapping/construct.ts"
import { Post, Tag, User } from "./blog.ts"

const createdAt = DateTime.makeUnsafe("2026-01-02T03:04:05Z")
const row = {
  id: 1,
  username: "alice",
  email: "a@x",
  displayName: null,
  createdAt,
  updatedAt: null
}
const alice = construct(User[ClassId], row) as User
const post = construct(Post[ClassId], { id: 7, title: "t", views: 2n ** 60n, authorId: 1 }) as Post

describe("values of an entity", () => {
  it("are frozen instances with the getters and methods of their class", () => {
    assert.instanceOf(alice, User)
    assert.isTrue(Object.isFrozen(alice))
    assert.strictEqual(alice.label, "alice <a@x>")
    assert.strictEqual(alice.greets(alice), "alice greets alice")
    assert.deepStrictEqual(Object.keys(alice), Object.keys(row))
    assert.strictEqual(entityOf(alice), User[ClassId])
  })

  it("are not made by new", () => {
    const Any = User as unknown as new () => User
    assert.throws(() => new Any(), /User: a new row is made by User\.make/)
  })

  it("are equal by class, columns and what is loaded", () => {
    const again = construct(User[ClassId], { ...row, createdAt: DateTime.makeUnsafe(createdAt) })
    assert.isTrue(Equal.equals(alice, again))
    assert.strictEqual(Hash.hash(alice), Hash.hash(again))
    assert.isFalse(Equal.equals(alice, construct(User[ClassId], { ...row, id: 2 })))
    assert.isFalse(Equal.equals(alice, Object.assign({}, alice)))
    const withPosts = construct(User[ClassId], { ...row, posts: [post] })
    assert.isFalse(Equal.equals(alice, withPosts))
    const postAgain = construct(Post[ClassId], Object.assign({} as Record<string, unknown>, post))
    assert.isTrue(Equal.equals(withPosts, construct(User[ClassId], { ...row, posts: [postAgain] })))
    const sameCells = { id: 1, name: "x" }
    class Other extends Entity<Other>()("others", { id: Column.id(), name: Column.text() }) {}
    const tag = construct(Tag[ClassId], sameCells)
    assert.isFalse(Equal.equals(tag, construct(Other[ClassId], sameCells)))
  })

  it("never ask a getter what they are", () => {
    class Loud extends Entity<Loud>()("loud", { id: Column.id() }) {
      get label(): string {
        throw new Error("asked")
      }
    }
    const [a, b] = [construct(Loud[ClassId], { id: 1 }), construct(Loud[ClassId], { id: 1 })]
    assert.isTrue(Equal.equals(a, b))
    assert.strictEqual(inspect(a), "Loud { id: 1 }")
    assert.strictEqual(JSON.stringify(a), '{"id":1}')
  })

  it("references give JSON too, not the class they belong to", () => {
    assert.strictEqual(JSON.stringify(User.ref(5)), '{"ref":"User","key":[5]}')
  })

  it("give JSON by the codecs of their columns", () => {
    const loaded = construct(User[ClassId], { ...row, posts: [post], best: null })
    const json = JSON.parse(JSON.stringify(loaded)) as Record<string, unknown>
    assert.deepStrictEqual(json["posts"], [
      { id: 7, title: "t", views: "1152921504606846976", authorId: 1 }
    ])
    const codec = User[ClassId].source.byKey.get("createdAt")!.type.codec.json
    assert.strictEqual(json["createdAt"], codec.encode(createdAt))
    assert.isNull(json["updatedAt"])
    assert.isNull(json["best"])
  })

  it("print their class and their columns", () => {
    assert.strictEqual(
      inspect(post),
      "Post { id: 7, title: 't', views: 1152921504606846976n, authorId: 1 }"
    )
    const nested = construct(User[ClassId], { id: 1, posts: [post] })
    assert.strictEqual(inspect([nested], { depth: 0 }), "[ [User] ]")
    assert.match(inspect(nested, { breakLength: 200 }), /^User \{ id: 1, posts: \[ Post \{ id: 7/)
  })

  it("keep a column that a member of the class hides", () => {
    const columns = { id: Column.id(), ["__proto__"]: Column.integer(), constructor: Column.text() }
    class Odd extends Entity<Odd>()("odd", columns) {}
    const odd = construct(Odd[ClassId], { id: 1, ["__proto__"]: 2, constructor: "c" })
    assert.deepStrictEqual(Object.keys(odd), ["id", "__proto__", "constructor"])
    assert.instanceOf(odd, Odd)
    assert.strictEqual(JSON.stringify(odd), '{"id":1,"__proto__":2,"constructor":"c"}')
  })
})

const shift = {
  id: Column.id(),
  email: Column.varchar(20).rule("an address with an @", (text) => text.includes("@")),
  status: Column.enum(["draft", "sent"]).default("draft"),
  begins: Column.date(),
  price: Column.numeric(8, 2).nullable(),
  views: Column.bigint().default(0n),
  body: Column.bytes().nullable(),
  at: Column.timestamp().default(Column.now),
  secret: Column.text().nullable().redacted(),
  deskId: Column.integer().nullable()
}
class Shift extends Entity<Shift>()("shifts", shift) {
  static readonly desk = this.belongsTo(() => Desk)
  static readonly paid = this.rule(
    ["status", "price"],
    "a price once it is sent",
    (row) => row.status === "draft" || row.price !== null
  )
  get day() {
    return this.begins.day
  }
}
class Desk extends Entity<Desk>()("desks", { id: Column.id(), title: Column.text() }) {
  static readonly shifts = this.hasMany(() => Shift)
}
const given = {
  id: 7,
  email: "ann@x",
  begins: LocalDate.make(2026, 2, 28),
  at: createdAt,
  body: Uint8Array.of(1, 255)
}
const made = { email: "ann@x", begins: LocalDate.make(2026, 2, 28) }
const now = () => DateTime.makeUnsafe("2027-01-02T03:04:05Z")
const columns = (value: object) => Object.fromEntries(Object.entries(value))
const broken = (make: () => unknown): RuleBroken => {
  try {
    make()
  } catch (error) {
    if (error instanceof RuleBroken) return error
    throw error
  }
  throw new Error("nothing is refused")
}

describe("a value made from a record", () => {
  it("has its defaults, is frozen, and is equal by content [F116.1 @all]", () => {
    const one = Shift.of(given)
    assert.instanceOf(one, Shift)
    assert.isTrue(Object.isFrozen(one))
    assert.deepStrictEqual(
      [one.status, one.price, one.views, one.secret, one.day],
      ["draft", null, 0n, null, 28]
    )
    assert.deepStrictEqual(Object.keys(one), Object.keys(shift))
    const same = Shift.of({ ...given, status: "draft", views: 0n, price: null, deskId: undefined })
    assert.isTrue(Equal.equals(one, same))
    assert.strictEqual(Hash.hash(one), Hash.hash(same))
    for (const other of [{ id: 8 }, { views: 1n }, { body: Uint8Array.of(1) }, { at: now() }])
      assert.isFalse(Equal.equals(one, Shift.of({ ...given, ...other })))
  })

  it("is checked: names, types and rules [F116.1 @all]", () => {
    const without = { ...given, at: undefined }
    assert.throws(() => Shift.of(without), /Shift\.of: "at" is missing/)
    const strange = Object.assign({ nick: 1 }, given)
    assert.throws(() => Shift.of(strange), /Shift\.of: "nick" is no column/)
    const none = Object.assign({}, given, { email: null })
    assert.throws(() => Shift.of(none), /"email" is null, and cannot be/)
    const refused = (row: object) => broken(() => Shift.of(Object.assign({}, given, row)))
    assert.strictEqual(
      refused({ email: "ann" }).message,
      "Shift.email: expected an address with an @"
    )
    assert.strictEqual(refused({ email: `${"x".repeat(20)}@` }).path, "email")
    assert.strictEqual(refused({ views: 1 }).path, "views")
    assert.strictEqual(refused({ status: "sent" }).rule, "a price once it is sent")
    assert.notInclude(refused({ status: "s3cret" }).message, "s3cret")
  })
})

describe("a value as text", () => {
  it("prints its columns, but for those that are not to be seen [F116.3 @all]", () => {
    const one = Desk.of({ id: 1, title: "t" })
    assert.strictEqual(inspect(one), "Desk { id: 1, title: 't' }")
    const secret = Shift.of({ ...given, secret: "s3cret" })
    assert.include(inspect(secret), "secret: <redacted>")
    assert.notInclude(inspect(secret), "s3cret")
    assert.notInclude(inspect(Shift.make({ ...made, secret: "s3cret" })), "s3cret")
  })

  it("is read back equal from its JSON, relations included [F116.3 @all]", () => {
    const values = [
      Shift.of(given),
      Shift.of({ ...given, price: BigDecimal.fromStringUnsafe("12.50"), status: "sent" }),
      Shift.of({ ...given, views: 2n ** 60n, body: null, secret: "s3cret" })
    ]
    const back = (json: unknown) => Result.getOrThrow(Shift.fromJson(JSON.parse(String(json))))
    for (const one of values) {
      const read = back(JSON.stringify(one))
      assert.isTrue(Equal.equals(read, one))
      assert.instanceOf(read, Shift)
      assert.isTrue(Object.isFrozen(read))
    }
    const desk = construct(Desk[ClassId], { id: 1, title: "t", shifts: Object.freeze(values) })
    const read = Result.getOrThrow(Desk.fromJson(JSON.parse(JSON.stringify(desk))))
    assert.isTrue(Equal.equals(read, desk))
    const below = { ...columns(values[0]!), desk: Desk.of({ id: 1, title: "t" }) }
    const nested = construct(Shift[ClassId], below)
    assert.isTrue(Equal.equals(back(JSON.stringify(nested)), nested))
    const part = construct(Desk[ClassId], { id: 1, title: "t", shifts: { some: values } })
    const json = JSON.parse(JSON.stringify(part)) as { shifts: { some: Array<object> } }
    assert.isTrue(Equal.equals(Result.getOrThrow(Desk.fromJson(json)), part))
  })

  it("which is refused by path, without its values [F116.3 @all]", () => {
    const json = JSON.parse(JSON.stringify(Shift.of(given))) as Record<string, unknown>
    const refused = (change: object) => {
      const result = Shift.fromJson({ ...json, ...change })
      return Result.getOrThrow(Result.flip(result))
    }
    assert.strictEqual(refused({ email: undefined }).message, "Shift.email: expected a value")
    assert.strictEqual(refused({ email: null }).rule, "a value, not null")
    assert.strictEqual(
      refused({ email: "s3cret" }).message,
      "Shift.email: expected an address with an @"
    )
    assert.notInclude(refused({ begins: "s3cret" }).message, "s3cret")
    assert.strictEqual(refused({ begins: "s3cret" }).path, "begins")
    assert.strictEqual(refused({ nick: 1 }).message, "Shift.nick: expected no such key")
    assert.strictEqual(refused({ desk: { id: 1 } }).message, "Desk.desk.title: expected a value")
    const list = Desk.fromJson({ id: 1, title: "t", shifts: [json, { ...json, views: "x" }] })
    assert.strictEqual(Result.getOrThrow(Result.flip(list)).path, "shifts[1].views")
    assert.isTrue(Result.isFailure(Shift.fromJson(null)))
  })
})
