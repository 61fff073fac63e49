import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as SqlClient from "effect/sql/SqlClient"
import type * as SqlConnection from "effect/sql/SqlConnection"
import type { SqlError } from "effect/sql/SqlError"
import * as Statement from "effect/sql/Statement"
import type * as Scope from "effect/Scope"
import type { DialectName } from "../../algebra/Dialect.ts"
import { Database } from "../Database.ts"
import type { Engine } from "../Engine.ts"
import { connectionOf, reserved } from "./connection.ts"
import { sqlErrorOf } from "./sqlError.ts"
import { afterCommit, withTransaction } from "./transaction.ts"

/**
 * effect's `SqlClient` over a `Database`: libraries written for it, such as effect/cluster, its
 * workflows, persisted queues and key-value stores, use our pool and join our open transaction.
 *
 * **Shape** a statement of the client runs in the transaction its fiber has open, be it of
 * `Database.transaction`, of a session or of `withTransaction`, which is one of ours: savepoints
 * where nested, and a sibling's statement never falls into another fiber's. `reserve` lends a
 * connection of its own, on SQLite inside a transaction that one's. Values as other clients give
 * them: numbers, bigints where a number would round, text for decimals and dates, `Date` for
 * timestamps, JSON parsed, `Uint8Array`. A change of the schema in an outermost `withTransaction`
 * commits what came before on MySQL and MariaDB, as effect's own migrations expect; in a
 * transaction of ours it is refused.
 * **Errors** `SqlError`; the failure of ours is its reason's `cause`. Under a policy, and on a
 * database for reading only, each statement is refused: nothing is known of its tables.
 * **Source** effect 4.1 `effect/sql/SqlClient`.
 *
 * @example
 * ```ts
 * import { Column, Catalog, Database, Query, Table } from "athanor"
 * import { layerSqlClient } from "athanor/sql-client"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect, Layer } from "effect"
 * import { SqlClient } from "effect/sql"
 * const notes = Table.make("notes", { id: Column.id(), text: Column.text() })
 * const program = Effect.gen(function*() {
 *   yield* Database.create(Catalog.make({ notes }))
 *   const sql = yield* SqlClient.SqlClient
 *   const both = Effect.andThen(
 *     Database.run(Query.insert(notes).values({ text: "ours" })),
 *     sql`insert into notes (text) values (${"theirs"})`)
 *   yield* Effect.ignore(Database.transaction(Effect.andThen(both, Effect.fail("no"))))
 *   yield* sql.withTransaction(both)
 *   return yield* sql`select text from notes order by id`
 * })
 * const layer = Layer.provideMerge(layerSqlClient, Sqlite.layer())
 * const rows = await Effect.runPromise(Effect.provide(program, layer))
 * rows // => [{ text: "ours" }, { text: "theirs" }]
 * ```
 * @category layers
 */
export const layerSqlClient: Layer.Layer<SqlClient.SqlClient, never, Database> = Layer.effect(
  SqlClient.SqlClient,
  Effect.flatMap(Effect.service(Database), (engine) => make(engine))
).pipe(Layer.provide(Reactivity.layer))

const make = (engine: Engine): Effect.Effect<SqlClient.SqlClient, never, Reactivity.Reactivity> => {
  const connection = connectionOf(engine)
  const acquirer: SqlConnection.Acquirer = Effect.succeed(connection)
  const base = SqlClient.make({
    acquirer,
    borrower: (use) => use(connection),
    transactionAcquirer: acquirer,
    compiler: compilers[engine.dialect](),
    driver: `athanor-${engine.dialect}`,
    spanAttributes: spanAttributesOf(engine)
  })
  return Effect.map(base, (client) => {
    const joined = Object.assign(client, {
      withTransaction: withTransaction(engine),
      afterCommit: afterCommit(engine),
      reserve: reserve(engine),
      // Who batches by transaction looks for its identity under this key: our level.
      transactionService: Context.Service<
        SqlClient.TransactionConnection,
        SqlClient.TransactionConnection.Service
      >(engine.current.key)
    })
    return joined
  })
}

/** Its statements have spans of their own: where they were sent, they say as ours do. */
const spanAttributesOf = ({
  dialect,
  driver: { location }
}: Engine): ReadonlyArray<readonly [string, unknown]> => [
  ["db.system.name", systems[dialect]],
  ...(location.namespace === null ? [] : ([["db.namespace", location.namespace]] as const)),
  ...(location.address === null ? [] : ([["server.address", location.address]] as const)),
  ...(location.port === null ? [] : ([["server.port", location.port]] as const))
]

/** On SQLite inside a transaction that one's connection: there is no other. */
const reserve = (engine: Engine): Effect.Effect<SqlConnection.Connection, SqlError, Scope.Scope> =>
  Effect.withFiber((fiber) => {
    const open = fiber.getRef(engine.current)
    return open !== null && engine.driver.maxConnections === 1
      ? Effect.succeed(connectionOf(engine, open))
      : Effect.mapBoth(reserved(engine), {
          onFailure: sqlErrorOf,
          onSuccess: (level) => connectionOf(engine, level)
        })
  })

const compilers: Readonly<Record<DialectName, () => Statement.Compiler>> = {
  sqlite: () => Statement.makeCompilerSqlite(),
  postgres: () =>
    Statement.makeCompiler({
      dialect: "pg",
      placeholder: (index) => `$${index}`,
      onIdentifier: Statement.defaultEscape('"'),
      onRecordUpdate: (placeholders, alias, columns, values, returning) => [
        `(values ${placeholders}) AS ${alias}${columns}` +
          (returning ? ` RETURNING ${returning[0]}` : ""),
        returning ? values.flat().concat(returning[1]) : values.flat()
      ],
      onCustom: () => ["", []]
    }),
  mysql: () => mysqlCompiler(),
  mariadb: () => mysqlCompiler()
}

const mysqlCompiler = (): Statement.Compiler =>
  Statement.makeCompiler({
    dialect: "mysql",
    placeholder: () => "?",
    onIdentifier: Statement.defaultEscape("`"),
    onRecordUpdate: () => ["", []],
    onCustom: () => ["", []]
  })

const systems: Readonly<Record<DialectName, string>> = {
  sqlite: "sqlite",
  postgres: "postgresql",
  mysql: "mysql",
  mariadb: "mariadb"
}
