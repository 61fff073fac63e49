import * as Context from "effect/Context"

/**
 * How many rows a stream opened in this context fetches at once; 500 by default.
 *
 * **Shape** each fetch is one chunk of the stream, all of this size but the last. What is held in
 * memory grows with it; fewer round trips are made.
 * **Errors** a stream opened with anything but a whole number of at least 1 dies with a
 * `StatementError`; one of a command, whose rows come all at once, is `Unsupported` where a size
 * was given.
 * **Source** SQLAlchemy 2.0 `yield_per`; JDBC `Statement.setFetchSize`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect, Stream } from "effect"
 * const users = Table.make("users", { id: Column.id() })
 * const rows = Database.stream(Query.from(users))
 * const sizes = Stream.runCollect(Stream.map(Stream.chunks(rows), (chunk) => chunk.length))
 * const program = Database.create(Catalog.make({ users })).pipe(
 *   Effect.andThen(Database.run(Query.insert(users).rows([{}, {}, {}, {}, {}]))),
 *   Effect.andThen(Effect.provideService(sizes, Database.FetchSize, 2)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [2, 2, 1]
 * ```
 * @category services
 */
export const FetchSize: Context.Reference<number | null> = Context.Reference<number | null>(
  "athanor/FetchSize",
  { defaultValue: () => null }
)
