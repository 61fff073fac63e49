import { Catalog, Column, Database, Expr, LocalDate, Query, sql, Table, Type } from "athanor"
import * as BigDecimal from "effect/BigDecimal"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { connect, engines } from "../runtime/databases.ts"

const key = Column.integer().primaryKey()
const tableOf = <A>(value: Column.Column<A>) => Table.make("changed", { id: key, value })

const small = tableOf(Column.integer())
const large = tableOf(Column.bigint())
const rough = tableOf(Column.double())
const exact = tableOf(Column.numeric(18, 17))
const days = tableOf(Column.date())
const moments = tableOf(Column.timestamp())

const digits = BigDecimal.fromStringUnsafe("1.23456789012345678")
const noon = DateTime.toUtc(DateTime.makeUnsafe("2024-02-29T12:00:00.123Z"))

/** Written by one text before the change and after it; what is read afterwards. */
const changes = {
  "a wider number": {
    from: Database.run(Query.insert(small).values({ id: 1, value: 1 })),
    to: Database.run(Query.insert(large).values({ id: 2, value: 2n ** 62n })),
    before: Catalog.make({ small }),
    after: Catalog.make({ large }),
    read: Database.one(Query.from(large).where(large.c.id.eq(2)).select(large.c.value)),
    is: 2n ** 62n
  },
  "a decimal where a double was": {
    from: Database.run(Query.insert(rough).values({ id: 1, value: 1.5 })),
    to: Database.run(Query.insert(exact).values({ id: 2, value: digits })),
    before: Catalog.make({ rough }),
    after: Catalog.make({ exact }),
    read: Database.one(Query.from(exact).where(exact.c.id.eq(2)).select(exact.c.value)),
    is: digits
  },
  "a moment where a day was": {
    from: Database.run(Query.insert(days).values({ id: 1, value: LocalDate.make(2024, 2, 29) })),
    to: Database.run(Query.insert(moments).values({ id: 2, value: noon })),
    before: Catalog.make({ days }),
    after: Catalog.make({ moments }),
    read: Database.one(Query.from(moments).where(moments.c.id.eq(2)).select(moments.c.value)),
    is: noon
  }
} as const

describe.each(engines)("statements prepared before their table changed, on %s", (engine) => {
  let connected: Awaited<ReturnType<typeof connect>>
  beforeAll(async () => {
    connected = await connect(engine)
  })
  afterAll(() => connected.dispose())

  test.each(Object.entries(changes))("%s", async (_, { after, before, from, is, read, to }) => {
    const program = Effect.gen(function* () {
      yield* Database.create(before)
      yield* from
      yield* Database.drop(before)
      yield* Database.create(after)
      yield* to
      const found = yield* read as Effect.Effect<unknown, unknown, Database>
      yield* Database.drop(after)
      return found
    })
    expect(await connected.run(program)).toEqual(is)
  })

  if (engine !== "sqlite")
    test("a connection hears of what another one changed", async () => {
      const { after, before, from, is, read, to } = changes["a decimal where a double was"]
      const program = Effect.scoped(
        Effect.gen(function* () {
          yield* Database.create(before)
          const { use } = yield* Database.borrow
          yield* use(from)
          yield* Database.drop(before)
          yield* Database.create(after)
          yield* use(to)
          const found = yield* read
          yield* Database.drop(after)
          return found
        })
      )
      expect(await connected.run(program)).toEqual(is)
    })

  if (engine === "postgres")
    test("a change that is rolled back is none", async () => {
      const { from, is, read, to, after } = changes["a moment where a day was"]
      const back = Effect.gen(function* () {
        yield* Database.script("alter table changed alter column value type date using value::date")
        yield* from
        yield* Effect.fail("no")
      })
      const program = Effect.scoped(
        Effect.gen(function* () {
          yield* Database.create(after)
          const { use } = yield* Database.borrow
          yield* Effect.exit(use(Database.transaction(back)))
          yield* use(to)
          const found = yield* read
          yield* Database.drop(after)
          return found
        })
      )
      expect(await connected.run(program)).toEqual(is)
    })

  if (engine === "postgres")
    test("a text that is refused again and again is kept once on the server", async () => {
      const asked = Query.select(Expr.param("text", Type.text).cast(Type.integer))
      const kept = Query.select(sql(Type.count)`(SELECT count(*) FROM pg_prepared_statements)`)
      const program = Effect.scoped(
        Effect.flatMap(Database.borrow, ({ use }) =>
          use(
            Effect.gen(function* () {
              for (let at = 0; at < 30; at++)
                yield* Effect.flip(Database.one(asked, { text: "none" }))
              return yield* Database.one(kept)
            })
          )
        )
      )
      expect(await connected.run(program)).toBeLessThan(10)
    })

  if (engine === "postgres")
    test("a prepared statement that is cancelled before it began is not begun again", async () => {
      const { after, to } = changes["a moment where a day was"]
      const program = Effect.scoped(
        Effect.gen(function* () {
          yield* Database.create(after)
          const { use } = yield* Database.borrow
          yield* use(to)
          yield* use(Database.run(Query.deleteFrom(moments).everyRow()))
          yield* Database.transaction(
            Effect.gen(function* () {
              yield* Database.script("lock table changed in access exclusive mode")
              yield* Effect.timeoutOption(use(to), 200)
            })
          )
          yield* Effect.sleep(300)
          const stored = yield* Database.count(Query.from(moments))
          yield* Database.drop(after)
          return stored
        })
      )
      expect(await connected.run(program)).toBe(0)
    })
})
