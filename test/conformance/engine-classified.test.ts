import { truncate } from "node:fs/promises"
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

/** A count that takes seconds. */
const long = Query.select(
  sql(
    Type.count
  )`(with recursive n(i) as (select 1 union all select i + 1 from n where i < 50000000)
    select count(*) from n)`
)

describe("failures of a file on sqlite", () => {
  test("each kind is provoked, and told by its code [F36.2]", async () => {
    const own = await place("sqlite")
    const file = own.url.slice("sqlite:".length)
    const [database, other] = [program(own.url), program(own.url)]
    await database.run(
      Effect.andThen(
        Database.create(catalog),
        Database.run(Query.insert(notes).rows([1, 2].map((id) => ({ id }))))
      )
    )
    const over = <A>(options: object, effect: Effect.Effect<unknown, A, Database>) =>
      Effect.promise(() =>
        other.run(
          Effect.provide(
            Effect.flip(effect),
            Sqlite.layer({ file, busyTimeout_ms: 20, ...options })
          )
        )
      )
    // Each has read, and each waits for what the other holds: SQLite ends the wait of one.
    const crossing = Database.transaction(
      Effect.andThen(
        touch(1),
        over(
          {},
          Database.transaction(Effect.andThen(Database.all(Query.from(notes)), touch(1)), {
            begin: "deferred"
          })
        )
      )
    )
    const found = await database.run(
      Effect.gen(function* () {
        return {
          slow: yield* over(
            { threads: true },
            Database.with({ timeout_ms: 50 }, Database.one(long))
          ),
          locked: yield* Database.transaction(over({}, touch(1))),
          begin: yield* Database.transaction(over({}, Database.transaction(touch(1)))),
          forbidden: yield* over({ readOnly: true }, touch(1)),
          unread: yield* Effect.flip(Database.script("selectt 1")),
          deadlock: yield* crossing,
          unserial: yield* Effect.flip(
            Database.transaction(
              Effect.gen(function* () {
                yield* Database.all(Query.from(notes))
                yield* Effect.promise(() => other.run(touch(2)))
                yield* touch(1)
              }),
              { begin: "deferred" }
            )
          )
        }
      })
    )
    await database.run(Database.script("pragma wal_checkpoint(truncate)"))
    await other.dispose()
    // What a server's end is to a connection: the file is no database any more.
    await truncate(file, 1000)
    const cut = await database.failure(Database.all(Query.from(notes)))
    expect(toldOf({ cut, ...found })).toEqual([
      ["cut", "ConnectionLost", true],
      ["slow", "StatementTimeout", true],
      ["locked", "Busy", true],
      ["begin", "Busy", true],
      ["forbidden", "ReadOnly", false],
      ["unread", "SyntaxOrUndefined", false],
      ["deadlock", "Busy", true],
      ["unserial", "SerializationFailure", true]
    ])
    await database.dispose()
    await own.drop()
  })
})
