import { Database, Expr, Fn, Query, sql, Type } from "athanor"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { catalog, notes, posts, users } from "./engine-schema.ts"
import { engines, place, type Program, program } from "./engine-support.ts"

const { body, id } = notes.c
const count = Database.count(Query.from(notes))

describe.each(engines)("counts of rows on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url)
    await database.run(Database.create(catalog))
    await database.run(
      Database.run(
        Query.insert(users).rows(["ann", "bob", "cid", "dan", "eve"].map((email) => ({ email })))
      )
    )
  })
  beforeEach(async () => {
    await database.run(Database.run(Query.deleteFrom(notes).everyRow()))
    const rows = Array.from({ length: 10 }, (_, i) => ({ id: i + 1, body: `b${i % 3}` }))
    await database.run(Database.run(Query.insert(notes).rows(rows)))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  test("a delete and an insert from a select count exactly their rows [F35.2]", async () => {
    const run = (command: Query.Statement<unknown, never>) => database.run(Database.run(command))
    expect(await run(Query.deleteFrom(notes).where(id.gt(99)))).toBe(0)
    expect(await run(Query.deleteFrom(notes).where(body.eq("b0")))).toBe(4)
    expect(await database.run(count)).toBe(6)
    const few = Query.from(users).where(users.c.email.lt("cid")).select(users.c.email)
    expect(await run(Query.deleteFrom(notes).where(body.in(few)))).toBe(0)
    expect(await run(Query.deleteFrom(notes).where(id.lte(3).or(body.isNull())))).toBe(2)
    const other = Query.alias(notes, "other")
    const twins = Query.deleteFrom(notes)
      .using(other, other.c.body.eq(body))
      .where(other.c.id.gt(id))
    const twinsLeft = await database.run(
      Database.all(Query.from(notes).groupBy(body).select({ n: Fn.count() }))
    )
    // A row with several partners is removed once, and counts once.
    expect(await run(twins)).toBe(4 - twinsLeft.length)
    expect(await database.run(count)).toBe(twinsLeft.length)
    expect(await run(Query.deleteFrom(notes).everyRow())).toBe(twinsLeft.length)

    const from = Query.from(users).select({ id: users.c.id, body: users.c.email })
    const some = (most: number) => Query.insert(notes).fromSelect(from.where(users.c.id.lte(most)))
    expect(await run(some(0))).toBe(0)
    expect(await run(some(2))).toBe(2)
    const more = from.where(users.c.id.gt(2))
    const twice = more.unionAll(more.select({ id: users.c.id.add(100), body: users.c.email }))
    expect(await run(Query.insert(notes).fromSelect(twice))).toBe(6)
    const again = Query.from(notes).select({ id: id.add(1000), body })
    expect(await run(Query.insert(notes).fromSelect(again))).toBe(8)
    expect(await database.run(count)).toBe(16)
    // What is there already is no row of an insert that leaves it.
    const kept = Query.insert(notes).fromSelect(from).onConflict(id).doNothing()
    expect(await run(kept)).toBe(0)
    await run(Query.deleteFrom(notes).where(id.in([1, 3])))
    expect(await run(kept)).toBe(2)
    // A count is one of a transaction that is undone, too.
    const undone = Effect.gen(function* () {
      expect(yield* Database.run(Query.deleteFrom(notes).everyRow())).toBe(16)
      return yield* Effect.fail("undo")
    })
    expect(await database.failure(Database.transaction(undone))).toBe("undo")
    expect(await database.run(count)).toBe(16)
  })

  test("a strict update fails for no row and for two, and does nothing [F35.4]", async () => {
    const renamed = Query.update(notes).set({ body: "new" })
    const changed = Database.count(Query.from(notes).where(body.eq("new")))
    expect(await database.run(Database.runOne(renamed.where(id.eq(3))))).toBeUndefined()
    expect(await database.run(changed)).toBe(1)
    // Matched, though nothing changes.
    expect(await database.run(Database.runOne(renamed.where(id.eq(3))))).toBeUndefined()
    for (const [where, actual] of [
      [id.eq(99), 0],
      [id.in([4, 5]), 2],
      [body.like("%"), 10]
    ] as const) {
      const error = await database.failure(Database.runOne(renamed.where(where)))
      expect(error).toMatchObject({
        _tag: "RowCount",
        operation: "update",
        expected: 1,
        actual,
        retryable: false,
        transaction: "ended"
      })
      expect(error.message.replaceAll(/["`]/g, "")).toContain("UPDATE notes SET body = ")
      expect(await database.run(changed)).toBe(1)
    }
    // With parameters, and for what else writes rows.
    const named = renamed.where(id.eq(Expr.param("id", Type.integer)))
    expect(await database.run(Database.runOne(named, { id: 4 }))).toBeUndefined()
    expect(await database.failure(Database.runOne(named, { id: 44 }))).toMatchObject({ actual: 0 })
    const removed = Query.deleteFrom(notes).where(id.gte(9))
    expect(await database.failure(Database.runOne(removed))).toMatchObject({ actual: 2 })
    expect(await database.run(count)).toBe(10)
    // Inside a transaction the rest of it stands.
    const inside = Effect.gen(function* () {
      yield* Database.runOne(renamed.where(id.eq(5)))
      const failed = yield* Effect.flip(Database.runOne(renamed.where(id.lt(4))))
      expect(failed).toMatchObject({ _tag: "RowCount", actual: 3, transaction: "alive" })
      return yield* changed
    })
    expect(await database.run(Database.transaction(inside))).toBe(3)
    expect(await database.run(changed)).toBe(3)
    const runOne = Database.runOne as (query: unknown) => typeof count
    await expect(database.run(runOne(Query.from(notes).select(id)))).rejects.toThrow(
      "only a command writes rows"
    )
  })

  test("a failure's message has the statement's text and no value [F36.4]", async () => {
    const canary = "canary-7f3a"
    const secret = new URL(own.url).password
    const comment = Query.comment(`asked by ${canary}`)
    const quoted = sql(Type.text)`'canary-7f3a'`
    type Failing = Readonly<
      Record<string, readonly [Effect.Effect<unknown, Error, Database>, RegExp]>
    >
    const failing: Failing = {
      unique: [
        Database.run(Query.insert(users).rows([{ email: canary }, { email: canary }])),
        /in INSERT INTO users .*email/
      ],
      foreign: [
        Database.run(Query.insert(posts).values({ title: canary, userId: 987_654 })),
        /in INSERT INTO posts \(title, user_id\)/
      ],
      check: [
        Database.run(Query.update(users).set({ age: -987_654 }).everyRow()),
        /in UPDATE users SET age = /
      ],
      tooLong: [
        Database.run(Query.insert(notes).values({ id: 987_654, body: canary.repeat(20) })),
        /in INSERT INTO notes \(id, body\)/
      ],
      syntax: [
        Database.all(
          Query.from(notes)
            .where(body.eq(canary))
            .select({ n: sql(Type.integer)`nonsense(${canary}, 'canary-7f3a') here` })
            .pipe(comment)
        ),
        /in SELECT nonsense\(.*, '…'\) here AS n FROM notes WHERE notes\.body = /
      ],
      none: [
        Database.one(Query.from(notes).where(body.eq(canary)).select({ id, q: quoted })),
        /in SELECT notes\.id, .* FROM notes WHERE notes\.body = /
      ],
      several: [
        Database.oneOrNone(Query.from(notes).where(body.ne(canary)).pipe(comment)),
        /in SELECT notes\.id, notes\.body FROM notes WHERE notes\.body <> /
      ],
      decode: [
        Database.all(Query.select({ day: Expr.retype(Expr.value(canary, Type.text), Type.date) })),
        /in SELECT .* AS day/
      ],
      long: [
        Database.one(
          Query.from(notes).where(Expr.or(...Array.from({ length: 200 }, () => body.eq(canary))))
        ),
        /in SELECT notes\.id, notes\.body FROM notes WHERE .*…$/
      ]
    }
    for (const [name, [effect, says]] of Object.entries(failing)) {
      const error = await database.failure(effect)
      expect(error.message.replaceAll(/["`]/g, ""), name).toMatch(says)
      expect(error.message, name).not.toContain("canary")
      expect(error.message, name).not.toContain("987")
      expect(error.message, name).not.toContain("\n")
      if (secret !== "") expect(error.message, name).not.toContain(secret)
      expect(error.message.length, name).toBeLessThan(600)
    }
    // A script's text may hold anything.
    const script = `insert into notes (id, body) values (1, '${canary}')`
    const error = await database.failure(Database.script(script))
    expect(error.message).not.toContain("canary")
  })
})
