/** What another library builds, in a transaction of ours. */
import { Database, Query } from "athanor"
import { layerSqlClient } from "athanor/sql-client"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { SqlClient } from "effect/sql"
import {
  type Compilable,
  DummyDriver,
  Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler
} from "kysely"
import { describe, expect, test } from "vitest"
import { catalog, notes } from "./engine-schema.ts"
import { drivers, engines, place } from "./engine-support.ts"

interface Schema {
  readonly notes: { readonly id: number; readonly body: string }
}

const kyselyOf = {
  sqlite: [SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler],
  postgres: [PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler],
  mariadb: [MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler]
} as const

const send = (query: Compilable) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => {
    const { parameters, sql: text } = query.compile()
    return sql.unsafe(text, parameters)
  })

describe.each(engines)("beside Kysely on %s", (engine) => {
  test("its statements are in our transaction and savepoint, and undone with them", async () => {
    const own = await place(engine)
    const [Adapter, Introspector, QueryCompiler] = kyselyOf[engine]
    const kysely = new Kysely<Schema>({
      dialect: {
        createAdapter: () => new Adapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (db) => new Introspector(db),
        createQueryCompiler: () => new QueryCompiler()
      }
    })
    const both = (id: number) =>
      Effect.andThen(
        Database.run(Query.insert(notes).values({ id, body: "ours" })),
        send(kysely.insertInto("notes").values({ id: id + 1, body: "Kysely's" }))
      )
    const ids = send(kysely.selectFrom("notes").select("id").orderBy("id"))
    const seen = await Effect.runPromise(
      Effect.gen(function* () {
        yield* Database.create(catalog)
        yield* Effect.ignore(Database.transaction(Effect.andThen(both(1), Effect.fail("undo"))))
        const undone = yield* ids
        yield* Database.transaction(
          Effect.andThen(
            both(11),
            Effect.ignore(Database.transaction(Effect.andThen(both(21), Effect.fail("inner"))))
          )
        )
        return [undone, yield* ids, yield* Database.count(Query.from(notes))]
      }).pipe(
        Effect.provide(Layer.provideMerge(layerSqlClient, Database.layerUrl(own.url, { drivers })))
      )
    )
    expect(seen).toEqual([[], [{ id: 11 }, { id: 12 }], 2])
    await own.drop()
  })
})
