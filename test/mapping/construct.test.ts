import { Column, Entity } from "athanor"
import { describe, expect, test } from "vitest"
import { ClassId } from "../../src/mapping/EntityClass.ts"
import { construct, revised } from "../../src/mapping/construct.ts"

class Person extends Entity<Person>()("people", {
  id: Column.id(),
  name: Column.varchar(20),
  age: Column.integer()
}) {
  get label() {
    return `${this.name} ${this.age}`
  }
}

const entity = Person[ClassId]

describe("a value over an older one", () => {
  test("is what construct makes of the same cells, the first time and the thousandth", () => {
    for (let at = 0; at < 1_000; at++) {
      const old = construct(entity, { id: at, name: "Ann", age: 1, posts: ["a"], age_: at })
      const now = { id: at, name: at % 2 === 0 ? "Bob" : undefined, age: null, posts: ["b"] }
      const made = revised(entity, old as never, now)
      const cells = { id: at, name: now.name ?? "Ann", age: null, posts: ["a"], age_: at }
      expect(made).toStrictEqual(construct(entity, cells))
      expect(Object.keys(made)).toEqual(Object.keys(old))
      expect(Object.isFrozen(made)).toBe(true)
      expect(made).toBeInstanceOf(Person)
    }
  })

  test("keeps apart values that have other things beside", () => {
    for (let at = 0; at < 300; at++) {
      const beside = at % 3 === 0 ? { friends: at } : {}
      const old = construct(entity, { id: 1, name: "Ann", age: 1, ...beside })
      const made = revised(entity, old as never, { name: "Bob" })
      expect(made).toStrictEqual(construct(entity, { id: 1, name: "Bob", age: 1, ...beside }))
    }
  })
})
