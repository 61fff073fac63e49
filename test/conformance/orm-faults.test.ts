import { Database, Query, Session } from "athanor"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { place, type Program, program, servers, whoAmI, wireTo } from "./engine-support.ts"
import { catalog, Node } from "./orm-schema.ts"

describe.each(servers)("a session that loses its connection on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let wire: Awaited<ReturnType<typeof wireTo>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    wire = await wireTo(own.url)
    database = program(wire.url, { pool: { size: 2 } })
    await database.run(Database.create(catalog))
  })
  beforeEach(() => database.run(Database.run(Query.deleteFrom(Node).everyRow())))
  afterAll(async () => {
    wire.close()
    await database.dispose()
    await own.drop()
  })
  const codes = Database.all(Query.from(Node).orderBy(Node.c.code).select(Node.c.code))
  const lost = Effect.andThen(
    Effect.sync(() => wire.cut()),
    Effect.sleep(30)
  )

  test("its transaction ends typed, and the next transact has a new one [F150.2]", async () => {
    const before = await database.run(whoAmI)
    const inside: Array<string> = []
    const error = await database.failure(
      Session.transact(
        Effect.gen(function* () {
          yield* Session.add(Node.make({ code: "a" }))
          yield* Session.flush
          yield* lost
          inside.push((yield* Effect.flip(Session.all(Query.from(Node))))._tag)
          yield* Session.add(Node.make({ code: "b" }))
          inside.push((yield* Effect.flip(Session.flush))._tag)
        })
      )
    )
    expect(["ConnectionLost", "TransactionDoomed"]).toContain(inside[0])
    expect(inside[1]).toBe("TransactionDoomed")
    expect(error).toMatchObject({
      _tag: "TransactionDoomed",
      retryable: true,
      transaction: "ended"
    })
    await database.run(Session.transact(Session.add(Node.make({ code: "c" }))))
    expect(await database.run(codes)).toEqual(["c"])
    expect(await database.run(whoAmI)).not.toBe(before)
  })

  test("run again whole, each row is there once; an unknown commit says so [F150.3]", async () => {
    let runs = 0
    const unit = Session.transact(
      Effect.gen(function* () {
        yield* Session.add(Node.make({ code: "a" }), Node.make({ code: "b" }))
        yield* Session.flush
        if (++runs < 3) yield* lost
      })
    )
    const again = Effect.retry(unit, {
      schedule: Schedule.recurs(5),
      while: (error) => "retryable" in error && error.retryable
    })
    await database.run(again)
    expect(runs).toBe(3)
    expect(await database.run(codes)).toEqual(["a", "b"])
    wire.state.cutAt = "COMMIT"
    const error = await database.failure(
      Effect.retry(Session.transact(Session.add(Node.make({ code: "c" }))), {
        schedule: Schedule.recurs(5),
        while: (one) => "retryable" in one && one.retryable
      })
    )
    wire.state.cutAt = ""
    expect(error).toMatchObject({ _tag: "CommitOutcomeUnknown", transaction: "unknown" })
  })
})
