/** Who stands between a statement and its server: what is seen, rewritten, sent elsewhere. */
import { Catalog, Column, Database, Entity, type Intercept, Load, Query, Session } from "athanor"
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { drivers, engines, place, type Program, program } from "./engine-support.ts"

class Writer extends Entity<Writer>()("writers", {
  id: Column.integer().primaryKey(),
  name: Column.varchar(50),
  isBorn: Column.boolean(),
  at: Column.timestamp()
}) {
  static readonly works = this.hasMany(() => Work)
}
class Work extends Entity<Work>()("works", {
  id: Column.integer().primaryKey(),
  title: Column.varchar(50),
  writerId: Column.integer()
}) {
  static readonly writer = this.belongsTo(() => Writer)
}
const catalog = Catalog.make({ Writer, Work })

type Settings = NonNullable<Parameters<typeof program>[1]>
type Engine = Database["Service"]
const at = DateTime.makeUnsafe("2026-01-01T00:00:00Z")
const writer = (id: number) => ({ id, name: `writer ${id}`, isBorn: id % 2 === 0, at })
const writers = (...ids: ReadonlyArray<number>) => Query.insert(Writer).rows(ids.map(writer))
const everybody = Query.from(Writer).orderBy(Writer.c.id)
const names = everybody.select(Writer.c.name)
const named = (...ids: ReadonlyArray<number>) => ids.map((id) => `writer ${id}`)
const bug = new Error("a bug of the program's")
const thrower = (): never => {
  // oxlint-disable-next-line no-restricted-syntax
  throw bug
}

describe.each(engines)("interceptors on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let plain: Program
  let other: Program
  let elsewhere: Engine
  beforeAll(async () => {
    own = await place(engine)
    plain = program(own.url, { pool: { size: 2 } })
    await plain.run(Database.create(catalog))
    other = program("sqlite::memory:")
    await other.run(Database.create(catalog))
    await other.run(Database.run(writers(3, 4)))
    elsewhere = await other.run(Database)
  })
  beforeEach(async () => {
    await plain.run(Database.run(Query.deleteFrom(Work).everyRow()))
    await plain.run(Database.run(Query.deleteFrom(Writer).everyRow()))
    await plain.run(Database.run(writers(1, 2)))
  })
  afterAll(async () => {
    await plain.dispose()
    await other.dispose()
    await own.drop()
  })
  const during = async <A, E>(settings: Settings, body: Effect.Effect<A, E, Database>) => {
    const database = program(own.url, { pool: { size: 2 }, ...settings })
    try {
      return await database.run(body)
    } finally {
      await database.dispose()
    }
  }
  const under = <A, E>(
    intercept: NonNullable<Settings["intercept"]>,
    body: Effect.Effect<A, E, Database>
  ) => during({ intercept }, body)

  test("each verb's statement is seen once, with its kind and tables [F153.1]", async () => {
    const seen: Array<string> = []
    const watch: Intercept = ({ kind, reads, writes }, next, { origin }) => {
      seen.push(`${origin} ${kind} ${reads.join()}>${writes.join()}`)
      return next
    }
    const told = async (body: Effect.Effect<unknown, unknown, Database>) => {
      seen.length = 0
      await under(watch, body)
      return [...seen]
    }
    const read = "program query writers>"
    const reads = [
      Database.all(everybody),
      Database.one(everybody.limit(1)),
      Database.first(everybody),
      Database.oneOrNone(everybody.limit(1)),
      Database.count(everybody),
      Database.exists(everybody),
      Stream.runDrain(Database.stream(everybody)),
      Load.all(everybody, {}),
      Session.transact(Session.all(everybody)),
      Session.transact(Session.get(Writer, 1)),
      Database.transaction(Database.transaction(Database.all(everybody)))
    ]
    for (const one of reads) expect(await told(one)).toEqual([read])
    const write = "program update >writers"
    expect(await told(Database.run(Query.update(Writer).set({ name: "x" }).everyRow()))).toEqual([
      write
    ])
    expect(await told(Database.run(writers(8)))).toEqual(["program insert >writers"])
    const many = Array.from({ length: 3000 }, (_, id) => writer(id + 10))
    const batches = await told(Database.run(Query.insert(Writer).rows(many)))
    expect(new Set(batches)).toEqual(new Set(["program insert >writers"]))
    expect(await told(Database.run(Query.deleteFrom(Writer).everyRow()))).toEqual([
      "program delete >writers"
    ])
  })

  test("a query is rewritten: rows, streams, entities, what a flush reads [F153.1]", async () => {
    const even: Intercept = ({ reads }, next, { instead, query }) =>
      query !== null && reads.includes("writers")
        ? instead(query.where(Writer.c.isBorn.eq(true)))
        : next
    expect(await under(even, Database.all(names))).toEqual(named(2))
    expect(await under(even, Database.count(everybody))).toBe(1)
    const streamed = Database.with({ fetchSize: 1 }, Database.stream(names))
    await plain.run(Database.run(writers(4, 5, 6)))
    const collected = await under(even, Stream.runCollect(streamed))
    expect(collected).toEqual(named(2, 4, 6))
    const people = await under(even, Session.transact(Session.all(everybody)))
    expect(people.map(({ id }) => id)).toEqual([2, 4, 6])
    expect(people[0]).toBeInstanceOf(Writer)
    // Another statement with values of its own, and a command.
    const shout: Intercept = ({ kind }, next, { instead }) =>
      kind === "update"
        ? instead(Query.update(Writer).set({ name: "shouted" }).where(Writer.c.id.eq(2)))
        : next
    const count = await under(
      shout,
      Database.run(Query.update(Writer).set({ name: "said" }).everyRow())
    )
    expect(count).toBe(1)
    expect(await plain.run(Database.all(names))).toEqual([
      ...named(1),
      "shouted",
      ...named(4, 5, 6)
    ])
  })

  test("what gives other rows than asked for is refused, nothing is sent [F153.1]", async () => {
    const ids: Intercept = (_, next, { instead, query }) =>
      query === null ? next : instead(everybody.select(Writer.c.id))
    const database = program(own.url, { intercept: ids })
    const exit = await database.exit(Database.transaction(Database.all(names)))
    expect(Exit.isFailure(exit) && String(Cause.squash(exit.cause))).toBe(
      "StatementError: an interceptor's statement gives other rows than the one it stands for"
    )
    expect(database.sent.some((text) => text.startsWith("SELECT"))).toBe(false)
    expect((await database.run(Effect.map(Database, ({ pool }) => pool.stats()))).used).toBe(0)
    await database.dispose()
  })

  test("a statement runs on other databases, and its rows are put together [F153.3]", async () => {
    const both: Intercept = ({ kind }, next, { on }) =>
      kind === "query"
        ? Effect.map(Effect.all([next, on(elsewhere)]), ([here, there]) => ({
            ...here,
            rows: [...here.rows, ...there.rows],
            affected: here.affected + there.affected
          }))
        : next
    // Read as each server gives them: truth values and moments are other raw values there.
    const all = await under(both, Database.all(everybody))
    expect(all.map(({ id, isBorn }) => [id, isBorn])).toEqual([
      [1, false],
      [2, true],
      [3, false],
      [4, true]
    ])
    expect(all.every((one) => DateTime.isDateTime(one.at))).toBe(true)
    const found = await under(both, Session.transact(Session.all(everybody)))
    expect(found.map(({ name }) => name)).toEqual(named(1, 2, 3, 4))
    const moved: Intercept = ({ writes }, next, { on, statement }) =>
      writes.includes("writers") ? on(elsewhere, statement) : next
    expect(await under(moved, Database.run(writers(9)))).toBe(1)
    expect(await other.run(Database.count(everybody.where(Writer.c.id.eq(9))))).toBe(1)
    expect(await plain.run(Database.count(everybody.where(Writer.c.id.eq(9))))).toBe(0)
    await other.run(Database.run(Query.deleteFrom(Writer).where(Writer.c.id.eq(9))))
    // What fails there fails here, and leaves both as they were.
    const database = program(own.url, { intercept: moved })
    const failed = Database.transaction(Database.run(writers(3)))
    expect(await database.failure(failed)).toMatchObject({ _tag: "UniqueViolation" })
    await database.dispose()
  })

  test("a stream stays where its cursor is [F153.3]", async () => {
    const away: Intercept = (_, __, { on }) => on(elsewhere)
    const database = program(own.url, { intercept: away })
    const rows = Stream.runCollect(Database.stream(names))
    expect(await database.failure(rows)).toMatchObject({
      _tag: "Unsupported",
      capability: "cursorElsewhere"
    })
    let fetches = 0
    const changing: Intercept = (_, next, { instead, query }) =>
      fetches++ === 0 ? next : instead(query!.where(Writer.c.id.gt(0)))
    const second = program(own.url, { intercept: changing })
    const one = Database.with({ fetchSize: 1 }, Database.stream(names))
    expect(await second.failure(Stream.runCollect(one))).toMatchObject({
      _tag: "Unsupported",
      capability: "cursorElsewhere"
    })
    for (const each of [database, second]) {
      expect((await each.run(Effect.map(Database, ({ pool }) => pool.stats()))).used).toBe(0)
      await each.dispose()
    }
  })

  test("loads of relations and statements of a flush are told apart [F153.4]", async () => {
    const seen: Array<string> = []
    const watch: Intercept = ({ kind, reads, writes }, next, { origin }) => {
      seen.push(`${origin} ${kind} ${writes[0] ?? reads.join()}`)
      return next
    }
    await under(
      watch,
      Session.transact(
        Effect.gen(function* () {
          yield* Session.add(Work.make({ id: 1, title: "one", writer: 1 }))
          yield* Session.flush
          const [first] = yield* Session.all(everybody, { works: true })
          expect(first!.works.map(({ title }) => title)).toEqual(["one"])
          yield* Session.load(first!, Writer.works)
          yield* Session.update(first!.works[0]!, { title: "two" })
          // Before a read it meets.
          yield* Session.all(Query.from(Work))
          const row = yield* Session.get(Work, 1)
          yield* Session.delete(row)
        })
      )
    )
    expect(seen).toEqual([
      "flush insert works",
      "program query writers",
      "load query works",
      "load query works",
      "flush update works",
      "program query works",
      "flush delete works"
    ])
    seen.length = 0
    await under(watch, Load.all(everybody, { works: { writer: true } }))
    expect(seen).toEqual(["program query writers", "load query works"])
    seen.length = 0
    // Of a writer whose works are not known they are read before.
    await under(
      watch,
      Session.transact(Effect.flatMap(Session.get(Writer, 1), (one) => Session.delete(one)))
    )
    expect(seen[0]).toBe("program query writers")
    expect(seen.slice(1).every((line) => line.startsWith("flush "))).toBe(true)
    expect(seen.at(-1)).toBe("flush delete writers")
  })

  test("listeners run in the order given, those for once once [F151.2]", async () => {
    const heard: Array<string> = []
    const asked =
      (who: string): Intercept =>
      (_, next) => {
        heard.push(who)
        return Effect.ensuring(
          next,
          Effect.sync(() => heard.push(`${who} after`))
        )
      }
    const hears = (who: string) => () => void heard.push(who)
    await during(
      {
        pool: {
          size: 1,
          listener: [
            ({ _tag }) => void (_tag === "connected" && heard.push("first connected")),
            { once: ({ _tag }) => void heard.push(`once ${_tag}`) },
            ({ _tag }) => void (_tag === "connected" && heard.push("last connected"))
          ]
        },
        onConnect: [
          () => Effect.sync(hears("connect 1")),
          { once: () => Effect.sync(hears("connect once")) },
          () => Effect.sync(hears("connect 2"))
        ],
        intercept: [asked("a"), { once: asked("once") }, asked("b")]
      },
      Effect.andThen(Database.all(names), Database.all(names))
    )
    expect(heard).toEqual([
      "connect 1",
      "connect once",
      "connect 2",
      "first connected",
      "once connected",
      "last connected",
      "a",
      "once",
      "b",
      "b after",
      "once after",
      "a after",
      ...["a", "b", "b after", "a after"]
    ])
    const wrong = { intercept: [asked("a"), { twice: asked("b") }] } as never
    const refused = program(own.url, wrong).run(Database.all(names))
    await expect(refused).rejects.toMatchObject({
      _tag: "ConfigInvalid",
      culprit: "intercept"
    })
  })

  test("what a listener gives is what the next one sees [F151.3]", async () => {
    const texts: Array<string> = []
    const look: Intercept = ({ text }, next) => {
      texts.push(text)
      return next
    }
    const born: Intercept = (_, next, { instead, query }) =>
      query === null ? next : instead(query.where(Writer.c.isBorn.eq(true)))
    const late: Intercept = (_, next, { instead, query }) =>
      query === null ? next : instead(query.where(Writer.c.id.gt(1)))
    expect(await under([look, born, look, late, look], Database.all(names))).toEqual(named(2))
    const counts = texts.map((text) => text.split(/is_born|> /).length)
    expect(counts).toEqual([1, 2, 3])
    // Settings, and the changes of a flush, go through theirs in the same way.
    const opened: Array<number | undefined> = []
    const layer = Database.layerUrl(own.url, {
      drivers,
      rewrite: [
        (opening) => ({ ...opening, settings: { ...opening.settings, pool: { size: 3 } } }),
        (opening) => {
          opened.push(opening.settings.pool?.size)
          return opening
        }
      ]
    })
    await Effect.runPromise(Effect.provide(Database.all(names), layer))
    expect(opened).toEqual([3])
    const hook = (word: string) =>
      Session.hooks(Writer, { beforeInsert: ({ name = "" }) => ({ name: `${name} ${word}` }) })
    const layered = Session.options({ hooks: [hook("one"), hook("two")] })
    await plain.run(
      Effect.provide(
        Session.transact(Session.add(Writer.make({ ...writer(7), name: "w" }))),
        layered
      )
    )
    expect(await plain.run(Database.one(names.where(Writer.c.id.eq(7))))).toBe("w one two")
  })

  test("one that fails or dawdles is in the log and harms nothing [F151.4]", async () => {
    const lines: Array<string> = []
    const logger = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
    const slowly = () => {
      const until = performance.now() + 60
      while (performance.now() < until);
    }
    const work = Database.transaction(
      Effect.andThen(Database.run(writers(20)), Stream.runCollect(Database.stream(names)))
    )
    const fails = () => thrower()
    const settings: Settings = { pool: { size: 1, listener: [fails, slowly] } }
    for (const tap of [fails, slowly]) {
      await plain.run(Database.run(Query.deleteFrom(Writer).where(Writer.c.id.eq(20))))
      const found = await Effect.runPromise(
        Effect.andThen(
          work,
          Effect.map(Database, ({ pool }) => pool.stats())
        ).pipe(
          Effect.provideService(Database.Tap, tap),
          Effect.provideService(Database.Progress, tap),
          Effect.provide(Database.layerUrl(own.url, { ...settings, drivers })),
          Effect.provide(logger)
        )
      )
      expect(found).toMatchObject({ used: 0, waiting: 0 })
      expect(await plain.run(Database.count(everybody.where(Writer.c.id.eq(20))))).toBe(1)
    }
    const said = (who: string, what: string) =>
      lines.filter((line) => line.includes(who) && line.includes(what)).length
    expect(said("listener of statements", "throws")).toBe(1)
    expect(said("listener of statements", "everybody waited")).toBe(1)
    expect(said("listener of progress", "throws")).toBeLessThan(2)
    expect(said("pool's events", "throws")).toBe(1)
    expect(said("pool's events", "everybody waited")).toBe(1)
  })

  test("an interceptor's bug ends its statement alone [F151.4]", async () => {
    let isBroken = false
    const breaking: Intercept = ({ kind }, next) => {
      if (isBroken && kind !== "query") return thrower()
      return kind === "delete" ? Effect.die(bug) : next
    }
    const database = program(own.url, { pool: { size: 1 }, intercept: breaking })
    const isBug = <A, E>(exit: Exit.Exit<A, E>) =>
      Exit.isFailure(exit) && exit.cause.reasons.some((one) => one._tag === "Die")
    const bothWays = [
      Database.run(Query.deleteFrom(Writer).everyRow()),
      Database.transaction(
        Effect.andThen(Database.run(writers(30)), Database.run(Query.deleteFrom(Writer).everyRow()))
      )
    ]
    for (const one of bothWays) expect(isBug(await database.exit(one))).toBe(true)
    expect(await database.run(Database.all(names))).toEqual(named(1, 2))
    // A session is as it was before the flush, and goes on.
    const session = Effect.gen(function* () {
      yield* Session.add(Writer.make(writer(31)))
      isBroken = true
      const exit = yield* Effect.exit(Session.nested(Session.flush))
      isBroken = false
      const state = yield* Session.changes
      yield* Session.flush
      return [isBug(exit), state.new.length] as const
    })
    expect(await database.run(Session.transact(session))).toEqual([true, 1])
    expect(await database.run(Database.all(names))).toEqual(named(1, 2, 31))
    // One that waits is waited for, and told by who logs what is slow.
    const lines: Array<string> = []
    const logger = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
    const waiting: Intercept = (_, next) => Effect.andThen(Effect.sleep(40), next)
    await Effect.runPromise(
      Database.all(names).pipe(
        Effect.provideService(Database.Telemetry, { slowAfter_ms: 20 }),
        Effect.provide(Database.layerUrl(own.url, { drivers, intercept: waiting })),
        Effect.provide(logger)
      )
    )
    expect(lines.some((line) => line.includes("SELECT"))).toBe(true)
    expect((await database.run(Effect.map(Database, ({ pool }) => pool.stats()))).used).toBe(0)
    await database.dispose()
  })
})
