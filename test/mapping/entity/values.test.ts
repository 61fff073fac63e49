import { inspect } from "node:util"
import * as DateTime from "effect/DateTime"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import { assert, describe, it } from "vitest"
import { Column, Entity } from "athanor"
import { ClassId, entityOf } from "../../../src/mapping/EntityClass.ts"
import { construct } from "../../../src/mapping/PlanAttach.ts"
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
