import { Database, Query, sql, Type } from "athanor"
import { Sqlite } from "athanor/sqlite"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { catalog, notes } from "./engine-schema.ts"
import { place, program, whoAmI } from "./engine-support.ts"

const touch = (id: number) =>
  Database.run(Query.update(notes).set({ body: "x" }).where(notes.c.id.eq(id)))

/** `sleep` ends quietly when its time is over; this works on. */
const busy = Database.all(
  Query.select(sql(Type.count)`(select count(*) from seq_1_to_100000 a, seq_1_to_100000 b)`)
)

const toldOf = (found: Readonly<Record<string, unknown>>) =>
  Object.entries(found).map(([what, error]) => {
    const { _tag, retryable } = error as { readonly _tag: string; readonly retryable: boolean }
    return [what, _tag, retryable]
  })

describe("failures of a running server on mariadb", () => {
  test("each kind is provoked, and told by its number [F36.2]", async () => {
    const own = await place("mariadb")
    const database = program(own.url, { pool: { size: 3 } })
    const name = `who_${process.pid}`
    await database.run(
      Effect.gen(function* () {
        yield* Database.create(catalog)
        yield* Database.run(Query.insert(notes).rows([1, 2].map((id) => ({ id }))))
        yield* Database.script(`create user ${name}@'%' identified by 'x'`)
        yield* Database.script(`grant insert on notes to ${name}@'%'`)
      })
    )
    const restricted = new URL(own.url)
    restricted.username = name
    restricted.password = "x"
    const other = program(restricted.href, { pool: { size: 1 } })
    const meeting = (first: Effect.Effect<unknown, unknown, Database>) =>
      Effect.gen(function* () {
        const met = [yield* Deferred.make<void>(), yield* Deferred.make<void>()] as const
        const worker = (mine: 0 | 1) =>
          Database.transaction(
            Effect.gen(function* () {
              yield* mine === 0 ? first : touch(2)
              yield* Deferred.succeed(met[mine], undefined)
              yield* Deferred.await(met[mine === 0 ? 1 : 0])
              yield* touch(2 - mine)
            })
          )
        const exits = yield* Effect.all([worker(0), worker(1)].map(Effect.result), {
          concurrency: 2
        })
        return exits.flatMap((exit) => (exit._tag === "Failure" ? [exit.failure] : []))[0]
      })
    const found = await database.run(
      Effect.gen(function* () {
        const cut = yield* Effect.flip(
          Database.transaction(
            Effect.flatMap(whoAmI, (id) => Database.script(`kill ${id}; select 1`))
          )
        )
        const late = Database.autocommit(
          Effect.andThen(Database.script("set max_statement_time = 0.05"), Effect.flip(busy))
        )
        return {
          cut,
          slow: yield* late,
          locked: yield* Database.transaction(
            Effect.andThen(
              touch(1),
              Effect.promise(() =>
                database.run(
                  Database.autocommit(
                    Effect.andThen(
                      Database.script("set innodb_lock_wait_timeout = 1"),
                      Effect.flip(touch(1))
                    )
                  )
                )
              )
            )
          ),
          forbidden: yield* Effect.promise(() =>
            other.run(Effect.flip(Database.all(Query.from(notes))))
          ),
          unread: yield* Effect.flip(Database.script("selectt 1")),
          deadlock: yield* meeting(touch(1)),
          unserial: yield* unserial
        }
      })
    )
    expect(toldOf(found)).toEqual([
      ["cut", "ConnectionLost", true],
      ["slow", "StatementTimeout", false],
      ["locked", "LockTimeout", true],
      ["forbidden", "PermissionDenied", false],
      ["unread", "SyntaxOrUndefined", false],
      ["deadlock", "Deadlock", true],
      ["unserial", "SerializationFailure", true]
    ])
    await database.run(Database.script(`drop user ${name}@'%'`))
    await database.dispose()
    await other.dispose()
    await own.drop()
  })
})

/** A row that changed since the snapshot, where the session asks for snapshots that hold. */
const unserial = Database.autocommit(
  Effect.andThen(
    Database.script("set innodb_snapshot_isolation = on"),
    Effect.flip(
      Database.transaction(
        Effect.gen(function* () {
          yield* Database.all(Query.from(notes))
          yield* Database.autocommit(
            Database.run(Query.update(notes).set({ body: "changed" }).where(notes.c.id.eq(1)))
          )
          yield* touch(1)
        })
      )
    )
  )
)

describe("failures between connections on sqlite", () => {
  test("a file that is held, a snapshot that is old, words that mean nothing", async () => {
    const own = await place("sqlite")
    const [database, other] = [program(own.url), program(own.url)]
    await database.run(
      Effect.andThen(
        Database.create(catalog),
        Database.run(Query.insert(notes).rows([1, 2].map((id) => ({ id }))))
      )
    )
    const layer = Sqlite.layer({ file: own.url.slice("sqlite:".length), busyTimeout_ms: 20 })
    const hasty = <A, E>(effect: Effect.Effect<A, E, Database>) => Effect.provide(effect, layer)
    const found = {
      held: await database.run(
        Database.transaction(Effect.promise(() => other.run(hasty(Effect.flip(touch(1))))))
      ),
      begin: await database.run(
        Database.transaction(
          Effect.promise(() => other.run(hasty(Effect.flip(Database.transaction(touch(1))))))
        )
      ),
      old: await database.failure(
        Database.transaction(
          Effect.gen(function* () {
            yield* Database.all(Query.from(notes))
            yield* Effect.promise(() => other.run(touch(2)))
            yield* touch(1)
          }),
          { begin: "deferred" }
        )
      ),
      unread: await database.failure(Database.script("selectt 1"))
    }
    expect(toldOf(found)).toEqual([
      ["held", "Busy", true],
      ["begin", "Busy", true],
      ["old", "SerializationFailure", true],
      ["unread", "SyntaxOrUndefined", false]
    ])
    await database.dispose()
    await other.dispose()
    await own.drop()
  })
})
