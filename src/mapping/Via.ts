/** Where a plan keeps how a relation is loaded. */
const ViaId: unique symbol = Symbol.for("athanor/Via")

/** By a statement of its own, by a join in the statement above, or as JSON in it. */
export type Via = "selectIn" | "joined" | "json"

/** How a plan says it is loaded; null where it does not. */
export const saidVia = (plan: unknown): Via | null =>
  typeof plan === "object" && plan !== null && ViaId in plan ? (plan[ViaId] as Via) : null

/** A plan is the same plan however it is loaded: its type says nothing of it. */
const loadedBy =
  (via: Via) =>
  (plan: object = {}): object =>
    Object.freeze({ ...plan, [ViaId]: via })

interface Loader {
  (): {}
  <const P extends object>(plan: P): P
}

/**
 * A relation that comes with the rows it belongs to, by LEFT JOIN in their statement.
 *
 * **Shape** no statement of its own. To many, the rows above are repeated on their way and are one
 * value each; a limit of the query counts them, not the rows of the join. Beside values at hand,
 * which have no statement, it is `selectIn`.
 * **Laws** the tree of `selectIn`.
 * **Errors** `StatementError` where the plan is used: for a relation to rows without a key, and to
 * many in a stream or in a query that locks.
 * **Source** SQLAlchemy 2.0 "Joined Eager Loading".
 *
 * @example
 * ```ts
 * import { Column, Entity, Load, Query } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
 * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
 *   static readonly user = this.belongsTo(() => User)
 * }
 * const posts = Load.all(Query.from(Post).limit(10), { user: Load.joined() })
 * ```
 * @category constructors
 */
export const joined = loadedBy("joined") as Loader

/**
 * A relation that comes with the rows it belongs to, as JSON in their statement, and all below it.
 *
 * **Shape** no statement of its own, whatever the depth of the tree; rows are not repeated. Below
 * it only `selectIn` has a statement.
 * **Laws** the tree of `selectIn`: every type reads its values out of JSON as it does out of rows.
 * **Errors** `Unsupported` (`orderedJsonAggregate`) on mysql.
 * **Source** SQL:2016 part 2, 10.11 JSON aggregate function.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Entity, Load, Query } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * class User extends Entity<User>()("users", { id: Column.id() }) {
 *   static readonly posts = this.hasMany(() => Post)
 * }
 * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
 *   static readonly user = this.belongsTo(() => User)
 * }
 * const program = Effect.gen(function* () {
 *   yield* Database.create(Catalog.make({ User, Post }))
 *   yield* Database.run(Query.insert(User).rows([{}, {}]))
 *   yield* Database.run(Query.insert(Post).rows([{ userId: 1 }, { userId: 1 }]))
 *   const users = yield* Load.all(Query.from(User).orderBy(User.c.id), { posts: Load.json() })
 *   return users.map(({ posts }) => posts.map(({ id }) => id))
 * })
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [[1, 2], []]
 * ```
 * @category constructors
 */
export const json = loadedBy("json") as Loader

/**
 * A relation by a statement of its own, for all rows above at once: what a plan does unless said.
 *
 * **Source** SQLAlchemy 2.0 "Select IN loading".
 *
 * @example
 * ```ts
 * import { Column, Entity, Load, Query } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
 *   static readonly posts = this.hasMany(() => Post)
 * }
 * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
 *   static readonly user = this.belongsTo(() => User)
 * }
 * const posts = Load.all(Query.from(Post), { user: Load.json({ posts: Load.selectIn() }) })
 * ```
 * @category constructors
 */
export const selectIn = loadedBy("selectIn") as Loader
