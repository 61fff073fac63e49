import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import type { Of } from "../algebra/From.ts"
import type { Relation } from "../algebra/Relation.ts"
import type { Statement } from "../algebra/Statement.ts"
import type { Database } from "../effects/Database.ts"
import type { NotFound, ReadError, RowCount } from "../effects/DatabaseError.ts"
import type { Parameters } from "../effects/statements/Parameters.ts"
import type { AnyEntity } from "../mapping/EntityClass.ts"
import type { Checked, Loaded, Plan } from "../mapping/Load.ts"
import { type Hearing, plannedQuery, plannedStream } from "./plannedQuery.ts"

export {
  type Loaded,
  type LoadPlan,
  type Partly,
  type PartOf,
  type Plan,
  plan,
  some,
  tree
} from "../mapping/Load.ts"
export { apart } from "../mapping/Apart.ts"
export { also, columns, with } from "../mapping/LoadColumns.ts"
export type { AlsoColumns, OnlyColumns, WithGiven } from "../mapping/Chosen.ts"
export { type Filling, nested } from "../mapping/Nested.ts"
export type { Tree, TreeOptions, TreePlan } from "../mapping/Tree.ts"
export { DuplicateKey, mapBy, setOf } from "./Collections.ts"
export { joined, json, selectIn } from "../mapping/Via.ts"
export type { Some, SomeOptions, SomePlan } from "../mapping/Some.ts"

type Query<E, R> = Statement<Of<E>, R> & { readonly node: Relation }
type Found<A, E = never> = Effect.Effect<A, ReadError | E, Database>

const forget: Hearing = { rows: (rows) => rows, level: () => {} }

/**
 * All values of a query with what a plan loads: one query a relation and level.
 *
 * **Shape** `Load.joined` and `Load.json` spare queries. Needs only the database, remembers
 * nothing: for reading. A session's own `all` remembers.
 * **Errors** `ReadError`. `StatementError` for a query that does not select one entity whole.
 * **Source** SQLAlchemy 2.0 "Select IN loading".
 *
 * @example
 * ```ts
 * import { Column, Entity, Load, Query } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
 *   static readonly posts = this.hasMany(() => Post)
 * }
 * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {}
 * const everybody = Load.all(Query.from(User), { posts: true })
 * ```
 * @category verbs
 */
export const all = <E extends AnyEntity, R, const P extends Plan<E>>(
  query: Query<E, R>,
  plan: P & Checked<E, P>,
  ...parameters: Parameters<R>
): Found<ReadonlyArray<Loaded<E, P>>> =>
  plannedQuery("all", query, plan, parameters, forget) as never

const single =
  (verb: "one" | "oneOrNone" | "first") =>
  (query: never, plan: object, ...parameters: ReadonlyArray<unknown>): unknown =>
    plannedQuery(verb, query, plan, parameters, forget)

/**
 * The only value of a query with what a plan loads.
 *
 * **Errors** `NotFound` for none, `RowCount` for more than one; else as `all`.
 * **Source** SQLAlchemy 2.0 `Result.one`, "Select IN loading".
 *
 * @example
 * ```ts
 * import { Column, Entity, Load, Query } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
 * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
 *   static readonly user = this.belongsTo(() => User)
 * }
 * const post = Load.one(Query.from(Post).where(Post.c.id.eq(1)), { user: true })
 * ```
 * @category verbs
 */
export const one = single("one") as <E extends AnyEntity, R, const P extends Plan<E>>(
  query: Query<E, R>,
  plan: P & Checked<E, P>,
  ...parameters: Parameters<R>
) => Found<Loaded<E, P>, NotFound | RowCount>

/**
 * The only value of a query with what a plan loads, if there is one.
 *
 * **Errors** `RowCount` for more than one; else as `all`.
 * **Source** SQLAlchemy 2.0 `Result.one_or_none`, "Select IN loading".
 *
 * @example
 * ```ts
 * import { Column, Entity, Load, Query } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
 * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
 *   static readonly user = this.belongsTo(() => User)
 * }
 * const post = Load.oneOrNone(Query.from(Post).where(Post.c.id.eq(1)), { user: true })
 * ```
 * @category verbs
 */
export const oneOrNone = single("oneOrNone") as <E extends AnyEntity, R, const P extends Plan<E>>(
  query: Query<E, R>,
  plan: P & Checked<E, P>,
  ...parameters: Parameters<R>
) => Found<Option.Option<Loaded<E, P>>, RowCount>

/**
 * The first value of a query with what a plan loads, if there is one: say `limit(1)`.
 *
 * **Errors** as `all`.
 * **Source** SQLAlchemy 2.0 `Result.first`, "Select IN loading".
 *
 * @example
 * ```ts
 * import { Column, Entity, Load, Query } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
 * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
 *   static readonly user = this.belongsTo(() => User)
 * }
 * const newest = Load.first(Query.from(Post).orderBy(Post.c.id.desc()).limit(1), { user: true })
 * ```
 * @category verbs
 */
export const first = single("first") as <E extends AnyEntity, R, const P extends Plan<E>>(
  query: Query<E, R>,
  plan: P & Checked<E, P>,
  ...parameters: Parameters<R>
) => Found<Option.Option<Loaded<E, P>>>

/**
 * All values of a query, one after another, with what a plan loads.
 *
 * **Shape** chunks of `fetchSize` values, and with each one query a relation and level: what is
 * held is one chunk. In a transaction on its connection; outside, the relations are read on a
 * second one and may be newer than the values.
 * **Laws** in a transaction that sees one state, the values of `all`.
 * **Errors** as `all`, after the chunks before.
 * **Source** SQLAlchemy 2.0 "Fetching Large Result Sets with Yield Per", `selectinload`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Entity, Load, Query } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect, Stream } from "effect"
 * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {
 *   static readonly posts = this.hasMany(() => Post)
 * }
 * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
 *   static readonly user = this.belongsTo(() => User)
 * }
 * const counts = Load.stream(Query.from(User).orderBy(User.c.id), { posts: true }).pipe(
 *   Stream.map(({ posts }) => posts.length), Stream.runCollect)
 * const program = Database.create(Catalog.make({ User, Post })).pipe(
 *   Effect.andThen(Database.run(Query.insert(User).rows([{ name: "Ann" }, { name: "Bob" }]))),
 *   Effect.andThen(Database.run(Query.insert(Post).rows([{ userId: 1 }, { userId: 1 }]))),
 *   Effect.andThen(counts))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [2, 0]
 * ```
 * @category verbs
 */
export const stream = <E extends AnyEntity, R, const P extends Plan<E>>(
  query: Query<E, R>,
  plan: P & Checked<E, P>,
  ...parameters: Parameters<R>
): Stream.Stream<Loaded<E, P>, ReadError, Database> =>
  plannedStream(query, plan, parameters, forget) as never
