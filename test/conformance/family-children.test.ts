import { Catalog, Column, Database, Entity, Family, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

/** Rows of a family as children: of a row that has them, each says by its tag which it is. */
class Owner extends Entity<Owner>()("owners", { id: Column.id(), name: Column.varchar(20) }) {
  static readonly papers = this.hasMany(() => Paper, { children: "delete", position: "place" })
}
const papers = Family.joined(
  "papers",
  "kind",
  {
    id: Column.id(),
    kind: Column.varchar(10),
    title: Column.varchar(20),
    place: Column.integer().default(0),
    edits: Column.integer().version(),
    ownerId: Column.integer()
  },
  { letter: { words: Column.integer() }, plan: { rooms: Column.integer() } }
)
class Letter extends Family.member<Letter>()(papers, "letter") {
  static readonly owner = this.belongsTo(() => Owner)
  static readonly lines = this.hasMany(() => Line, { children: "delete" })
}
class Plan extends Family.member<Plan>()(papers, "plan") {
  static readonly owner = this.belongsTo(() => Owner)
}
const Paper = Family.of(papers, { letter: Letter, plan: Plan })
class Line extends Entity<Line>()("lines", {
  id: Column.id(),
  text: Column.varchar(20),
  letterId: Column.integer()
}) {
  static readonly letter = this.belongsTo(() => Letter)
}

const caught = (make: () => unknown): string => {
  try {
    make()
    return "nothing"
  } catch (error) {
    return (error as Error).message
  }
}

test("a record's tag says which member it is", () => {
  const says = 'Owner.make: "papers" holds a record whose "kind" is not "letter" or "plan"'
  // @ts-expect-error it has no tag
  expect(caught(() => Owner.make({ name: "A", papers: [{ title: "a", words: 1 }] }))).toBe(says)
  // @ts-expect-error there is no member of this name
  expect(caught(() => Owner.make({ name: "A", papers: [{ kind: "book", title: "a" }] }))).toBe(says)
  // @ts-expect-error a plan has no words
  const strange = () => Owner.make({ name: "A", papers: [{ kind: "plan", title: "a", words: 1 }] })
  expect(caught(strange)).toBe('Plan.make: "words" is neither a column nor a relation')
  // @ts-expect-error nor is it without rooms
  const bare = () => Owner.make({ name: "A", papers: [{ kind: "plan", title: "a" }] })
  expect(caught(bare)).toBe('Plan.make: "rooms" is missing')
})

describe.each(engines)("children of a family on %s", (engine) => {
  let database: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    database = await connect(engine)
    await database.run(Database.create(Catalog.make({ Owner, Paper, Line })))
  })
  afterAll(() => database.dispose())
  const withPapers = Session.one(Query.from(Owner), { papers: true })
  const told = ({ papers: all }: Effect.Success<typeof withPapers>) =>
    all.map((one) => [one.title, one.kind === "letter" ? one.words : one.rooms])

  test("are made, appended, put in order and let go as any children [F120.1]", async () => {
    const work = Effect.gen(function* () {
      const lines = [{ text: "Dear" }, { text: "Yours" }]
      const own = [
        { kind: "letter", title: "a", words: 2, lines },
        { kind: "plan", title: "b", rooms: 4 }
      ] as const
      yield* Session.add(Owner.make({ name: "Ann", papers: own }))
      yield* Session.flush
      const ann = yield* withPapers
      yield* Session.append(ann, Owner.papers, { kind: "letter", title: "c", words: 1 })
      const three = yield* withPapers
      yield* Session.replace(three, Owner.papers, [three.papers[2]!, three.papers[0]!])
      return { ann: told(ann), three: told(three), left: told(yield* withPapers) }
    })
    expect(await database.run(Session.transact(work))).toEqual({
      ann: [
        ["a", 2],
        ["b", 4]
      ],
      three: [
        ["a", 2],
        ["b", 4],
        ["c", 1]
      ],
      left: [
        ["c", 1],
        ["a", 2]
      ]
    })
    expect(await database.run(Database.count(Query.from(Line)))).toBe(2)
    await database.run(Session.transact(Effect.flatMap(withPapers, (one) => Session.delete(one))))
    expect(await database.run(Database.count(Query.from(Paper)))).toBe(0)
  })

  test("who was stale lets go of the change and reads anew", async () => {
    const stale = Effect.gen(function* () {
      yield* Session.add(
        Owner.make({ name: "Bob", papers: [{ kind: "plan", title: "p", rooms: 1 }] })
      )
      const plan = yield* Session.one(Query.from(Plan))
      yield* Database.script("update papers set title = 'q', edits = edits + 1")
      yield* Session.update(plan, { rooms: 9 })
      const first = yield* Effect.flip(Session.flush)
      yield* Session.forget(plan)
      const now = yield* Session.get(Plan, plan.id)
      const next = yield* Session.update(now, { rooms: 2 })
      return [first._tag, now.title, next.rooms]
    })
    expect(await database.run(Session.transact(stale))).toEqual(["StaleRow", "q", 2])
    expect((await database.run(Database.one(Query.from(Plan)))).rooms).toBe(2)
  })
})
