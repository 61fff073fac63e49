import { Database, type Intercept, Query, sql, Type } from "athanor"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { inspect } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { NotFound } from "../../src/effects/DatabaseError.ts"
import { catalog, notes, posts, users } from "./engine-schema.ts"
import {
  engines,
  place,
  type Program,
  program,
  servers,
  sleeping,
  whoAmI
} from "./engine-support.ts"

const canary = "canary-7f3a"

/** No value, no second line, anywhere a person may see the error. */
const isDiscreet = (error: object): void => {
  const { message } = error as { readonly message: string }
  expect(message).not.toContain("\n")
  for (const text of [message, String(error), JSON.stringify(error), inspect(error, { depth: 9 })])
    expect(text).not.toContain(canary)
}

describe.each(engines)("errors on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url)
    await database.run(Database.create(catalog))
    await database.run(Database.run(Query.insert(users).values({ email: canary, name: "a" })))
    if (engine === "postgres") {
      await database.run(
        Database.script(
          "create table spans (span int4range, " +
            "constraint spans_apart exclude using gist (span with &&));" +
            "insert into spans values ('[1,5)')"
        )
      )
    }
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })

  test("constraints are told apart, with the names the server gives [F36.1 F36.3]", async () => {
    const user = Effect.map(Database.first(Query.from(users)), () => undefined)
    expect(await database.run(user)).toBe(undefined)
    const cases: ReadonlyArray<readonly [Effect.Effect<unknown, unknown, Database>, object]> = [
      [
        Database.run(Query.insert(users).values({ email: canary })),
        {
          _tag: "UniqueViolation",
          constraint: "users_email_key",
          table: "users",
          columns: ["email"]
        }
      ],
      [
        Database.run(Query.insert(posts).values({ title: canary, userId: 999 })),
        {
          _tag: "ForeignKeyViolation",
          direction: "child",
          constraint: "posts_user_id_fkey",
          table: "posts"
        }
      ],
      [
        Database.run(Query.insert(users).values({ email: "x", age: -1 })),
        { _tag: "CheckViolation", constraint: "users_age", table: "users" }
      ],
      [
        Database.run(
          Query.insert(users).values({ email: sql(Type.text)`nullif('', '')` as never })
        ),
        { _tag: "NotNullViolation", table: "users", column: "email" }
      ]
    ]
    for (const [effect, expected] of cases) {
      const error = await database.failure(effect)
      expect(error).toMatchObject({ ...expected, retryable: false, transaction: "ended" })
      isDiscreet(error as object)
    }
    if (engine !== "postgres") return
    const overlap = await database.failure(Database.script("insert into spans values ('[2,3)')"))
    expect(overlap).toMatchObject({ _tag: "ExclusionViolation", constraint: "spans_apart" })
  })

  test("an interceptor may replace an error [F36.5]", async () => {
    const soft = program(own.url, {
      intercept: (compiled, next) =>
        Effect.mapError(next, (error) =>
          compiled.kind === "insert" && error._tag === "UniqueViolation"
            ? new NotFound({
                message: "taken",
                dialect: error.dialect,
                operation: error.operation,
                retryable: true,
                transaction: error.transaction,
                subject: "an email"
              })
            : error
        )
    })
    const twice = Database.run(Query.insert(users).values({ email: canary }))
    expect(await soft.failure(twice)).toMatchObject({
      _tag: "NotFound",
      subject: "an email",
      retryable: true
    })
    await soft.dispose()
  })

  test("an interceptor may answer without reaching the server [F153.2]", async () => {
    const answers = new Map<string, Effect.Success<Parameters<Intercept>[1]>>()
    const cached = program(own.url, {
      intercept: (compiled, next) => {
        if (compiled.kind !== "query") return next
        const known = answers.get(compiled.text)
        return known === undefined
          ? Effect.tap(next, (result) => Effect.sync(() => answers.set(compiled.text, result)))
          : Effect.succeed(known)
      }
    })
    const names = Database.all(Query.from(users).select(users.c.name))
    const before = await cached.run(names)
    await database.run(Database.run(Query.update(users).set({ name: "b" }).everyRow()))
    expect(await cached.run(names)).toEqual(before)
    expect(await database.run(names)).not.toEqual(before)
    await cached.dispose()
  })
})

describe.each(servers)("failures of a running server on %s", (engine) => {
  let own: Awaited<ReturnType<typeof place>>
  let database: Program
  beforeAll(async () => {
    own = await place(engine)
    database = program(own.url, { pool: { size: 3 } })
    await database.run(Database.create(catalog))
    await database.run(Database.run(Query.insert(notes).rows([1, 2].map((id) => ({ id })))))
  })
  afterAll(async () => {
    await database.dispose()
    await own.drop()
  })
  const isPostgres = engine === "postgres"
  const touch = (id: number) =>
    Database.run(Query.update(notes).set({ body: "x" }).where(notes.c.id.eq(id)))
  const setting = (postgres: string, mariadb: string) =>
    Database.script(isPostgres ? postgres : mariadb)

  test("interruption stops the statement on the server within the deadline [F154.2]", async () => {
    const running = Database.one(
      Query.select(
        isPostgres
          ? sql(Type.count)`(select count(*) from pg_stat_activity where state = 'active'
              and datname = current_database() and pid <> pg_backend_pid())`
          : sql(Type.count)`(select count(*) from information_schema.processlist
              where db = database() and command <> 'Sleep' and id <> connection_id())`
      )
    )
    const startedAt = performance.now()
    const result = await database.run(Effect.timeoutOption(sleeping(5), 80))
    expect(result._tag).toBe("None")
    expect(performance.now() - startedAt).toBeLessThan(2000)
    expect(await database.run(running)).toBe(0)
    expect((await database.run(Effect.map(Database, ({ pool }) => pool.stats()))).used).toBe(0)
  })

  test("a killed connection is a typed loss, and the next statement has another", async () => {
    const victim = await database.run(
      Effect.gen(function* () {
        const id = yield* whoAmI
        const sleeper = yield* Effect.forkChild(Effect.flip(Database.transaction(sleeping(5))), {
          startImmediately: true
        })
        yield* Effect.sleep(40)
        const kill = isPostgres
          ? "select pg_terminate_backend(pid) from pg_stat_activity where state = 'active' " +
            "and datname = current_database() and pid <> pg_backend_pid()"
          : `kill ${id}`
        yield* Database.script(kill)
        return yield* Fiber.join(sleeper)
      })
    )
    expect(victim).toMatchObject({ _tag: "ConnectionLost", retryable: true })
    expect(await database.run(whoAmI)).toBeGreaterThan(0)
  })

  test("a lock that does not come free and a statement too slow are typed", async () => {
    const found = await database.run(
      Effect.gen(function* () {
        const [held, gate] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
        yield* Effect.forkChild(
          Database.transaction(
            Effect.andThen(
              touch(1),
              Effect.andThen(Deferred.succeed(held, undefined), Deferred.await(gate))
            )
          ),
          { startImmediately: true }
        )
        yield* Deferred.await(held)
        const locked = yield* Effect.flip(
          Database.transaction(
            Effect.andThen(
              setting("set local lock_timeout = '50ms'", "set innodb_lock_wait_timeout = 0"),
              touch(1)
            )
          )
        )
        const slow = yield* Effect.flip(
          Database.transaction(
            Effect.andThen(
              setting("set local statement_timeout = '50ms'", "set max_statement_time = 0.05"),
              Database.one(isPostgres ? sleepQuery : slowQuery)
            )
          )
        )
        yield* Deferred.succeed(gate, undefined)
        return { locked, slow }
      })
    )
    expect(found.locked).toMatchObject({ _tag: "LockTimeout", retryable: true })
    expect(found.slow).toMatchObject({ _tag: "StatementTimeout" })
  })
})

const sleepQuery = Query.select(sql(Type.count)`(select 1 from pg_sleep(1))`)
const slowQuery = Query.select(
  sql(Type.count)`(select count(*) from information_schema.columns a, information_schema.columns b,
    information_schema.columns c)`
)

describe("failures of a running server on postgres", () => {
  test("each kind is provoked, and told by its code [F36.2]", async () => {
    const own = await place("postgres")
    const database = program(own.url, { pool: { size: 3 } })
    await database.run(Database.create(catalog))
    await database.run(Database.run(Query.insert(notes).rows([1, 2].map((id) => ({ id })))))
    const touch = (id: number) =>
      Database.run(Query.update(notes).set({ body: "x" }).where(notes.c.id.eq(id)))
    const crossing = (isolation: "read committed" | "serializable", isDeadlock: boolean) =>
      Effect.gen(function* () {
        const met = [yield* Deferred.make<void>(), yield* Deferred.make<void>()] as const
        const worker = (mine: 0 | 1) =>
          Database.transaction(
            Effect.gen(function* () {
              yield* isDeadlock ? touch(mine + 1) : Database.count(Query.from(notes))
              yield* Deferred.succeed(met[mine], undefined)
              yield* Deferred.await(met[mine === 0 ? 1 : 0])
              yield* touch(2 - mine)
            }),
            { isolation }
          )
        const exits = yield* Effect.all([worker(0), worker(1)].map(Effect.result), {
          concurrency: 2
        })
        return exits.flatMap((exit) => (exit._tag === "Failure" ? [exit.failure] : []))[0]
      })
    const within = (setting: string, body: Effect.Effect<unknown, unknown, Database>) =>
      Effect.flip(Database.transaction(Effect.andThen(Database.script(setting), body)))
    const found = await database.run(
      Effect.gen(function* () {
        const cut = yield* Effect.flip(
          Database.transaction(Database.script("select pg_terminate_backend(pg_backend_pid())"))
        )
        return {
          cut,
          slow: yield* within("set local statement_timeout = '30ms'", sleeping(1)),
          locked: yield* Database.transaction(
            Effect.andThen(
              touch(1),
              Effect.promise(() =>
                database.run(within("set local lock_timeout = '30ms'", touch(1)))
              )
            )
          ),
          forbidden: yield* within("set local role pg_monitor", Database.all(Query.from(notes))),
          unread: yield* Effect.flip(Database.script("selectt 1")),
          deadlock: yield* crossing("read committed", true),
          unserial: yield* crossing("serializable", false)
        }
      })
    )
    const told = Object.entries(found).map(([what, error]) => {
      const { _tag, retryable } = error as { readonly _tag: string; readonly retryable: boolean }
      return [what, _tag, retryable]
    })
    expect(told).toEqual([
      ["cut", "ConnectionLost", true],
      ["slow", "StatementTimeout", false],
      ["locked", "LockTimeout", true],
      ["forbidden", "PermissionDenied", false],
      ["unread", "SyntaxOrUndefined", false],
      ["deadlock", "Deadlock", true],
      ["unserial", "SerializationFailure", true]
    ])
    await database.dispose()
    await own.drop()
  })
})
