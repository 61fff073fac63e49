import { Column, type Database, Entity, Family, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { engines, useDatabase } from "./support.ts"

class Note extends Entity<Note>()("notes", {
  id: Column.integer().primaryKey(),
  title: Column.varchar(20),
  body: Column.varchar(20),
  edits: Column.integer().version()
}) {}
const people = Family.joined(
  "people",
  "kind",
  {
    id: Column.integer().primaryKey(),
    kind: Column.varchar(10),
    title: Column.varchar(20),
    edits: Column.integer().version()
  },
  { guest: { body: Column.varchar(20) } }
)
class Guest extends Family.member<Guest>()(people, "guest") {}
const Person = Family.of(people, { guest: Guest })

const stale = {
  _tag: "StaleRow",
  message: expect.stringContaining("is of another version than the one given") as string
}

describe.each(engines)("values of other versions on %s", (engine) => {
  const { failure, run } = useDatabase(engine, { Note, Person })

  describe.each([
    ["a row", Note, () => Note.make({ id: 1, title: "a", body: "a" })],
    ["a member", Guest, () => Guest.make({ id: 1, title: "a", body: "a" })]
  ] as const)("of %s", (_, kind, draft) => {
    const One = kind as typeof Note
    const of = <A, E>(work: Effect.Effect<A, E, Session | Database>) => Session.transact(work)
    const get = Session.get(One, 1)
    const cells = Effect.map(of(get), ({ body, edits, title }) => [title, body, edits])
    const made = async () => {
      const left = Effect.flatMap(Session.all(Query.from(One)), (all) => Session.delete(...all))
      await run(of(left))
      await run(of(Session.add(draft() as ReturnType<typeof Note.make>)))
    }

    test("one that was read before somebody wrote its row writes nothing over it", async () => {
      await made()
      const old = await run(of(get))
      await run(of(Effect.flatMap(get, (one) => Session.update(one, { title: "theirs" }))))
      for (const change of [
        Session.update(old, { title: "ours" }),
        Session.modify(old, () => ({ title: "ours" })),
        Session.compute(old, { title: One.c.title.concat("!") }),
        Session.touch(old, "body"),
        Session.delete(old)
      ]) {
        expect((await failure(of(change)))._tag).toBe("StaleRow")
        // The newer row is known by then: the change is put on it no more than on what was read.
        expect(await failure(of(Effect.andThen(get, change)))).toMatchObject(stale)
      }
      expect(await run(cells)).toEqual(["theirs", "a", 2])
      const others = of(Effect.andThen(get, Session.update(One.ref(1), { body: "b" })))
      await run(others)
      expect(await run(cells)).toEqual(["theirs", "b", 3])
    })

    test("one of this session is as good as the newest, whatever was flushed since", async () => {
      await made()
      await run(
        of(
          Effect.gen(function* () {
            const first = yield* get
            const second = yield* Session.update(first, { title: "b" })
            yield* Session.flush
            yield* Session.update(first, { body: "c" })
            yield* Session.flush
            yield* Session.update(second, { title: "d" })
            yield* Session.refresh(first)
            yield* Session.update(first, { body: "e" })
          })
        )
      )
      expect(await run(cells)).toEqual(["d", "e", 5])
      await run(
        of(
          Effect.flatMap(get, (one) =>
            Effect.andThen(
              Effect.andThen(Session.update(one, { body: "f" }), Session.flush),
              Session.delete(one)
            )
          )
        )
      )
      expect((await failure(of(get)))._tag).toBe("NotFound")
    })

    test("a row of a key that nobody has is no bug of the program", async () => {
      await made()
      const nobody = Session.update(One.ref(99), { title: "b" })
      const works: ReadonlyArray<Effect.Effect<unknown, { readonly _tag: string }, Session>> = [
        nobody,
        Session.compute(One.ref(99), { title: One.c.title.concat("!") }),
        Session.delete(One.ref(99)),
        Effect.andThen(get, nobody)
      ]
      for (const work of works) expect(await failure(of(work))).toMatchObject({ _tag: "StaleRow" })
      expect(await run(cells)).toEqual(["a", "a", 1])
    })

    test("one of a savepoint that was taken back is of no row there is", async () => {
      await made()
      const work = Effect.gen(function* () {
        const first = yield* get
        let inner = first
        yield* Effect.ignore(
          Session.nested(
            Effect.gen(function* () {
              yield* Session.update(first, { title: "b" })
              yield* Session.flush
              inner = yield* get
              return yield* Effect.fail("back")
            })
          )
        )
        const error = yield* Effect.flip(Session.update(inner, { body: "c" }))
        yield* Session.update(first, { body: "d" })
        return error._tag
      })
      expect(await run(of(work))).toBe("StaleRow")
      expect(await run(cells)).toEqual(["a", "d", 2])
    })
  })
})
