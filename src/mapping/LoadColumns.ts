import { refuse } from "../algebra/StatementError.ts"
import {
  type AlsoColumns,
  type Chosen,
  ChosenId,
  chosenIn,
  type DeferredNames,
  type OnlyColumns,
  type WithGiven
} from "./Chosen.ts"
import { type AnyEntity, ClassId } from "./EntityClass.ts"
import type { Defined, Needs } from "./EntityExpr.ts"
import type { ColumnsOf } from "./EntityTypes.ts"
import type { Checked, Plan } from "./Load.ts"

/**
 * The columns of an entity's values, in a plan: the others are not read, and not in the type.
 *
 * **Shape** columns by key, deferred ones too. The key of a row is always there, and its version.
 * Getters and methods of the class are not in the type, for they may ask for any column. What is
 * loaded below stands in the plan, and expressions with it. A session changes such a value as any
 * other: what is not known of the row stays as it is.
 * **Laws** the tree of the plan without it, less the other columns.
 * **Errors** `StatementError` where the columns are said twice, and where the plan is used: for
 * columns of another entity.
 * **Source** SQLAlchemy 2.0 `load_only`, "Limiting which Columns Load with Column Deferral".
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Entity, Load, Query } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * class User extends Entity<User>()("users", {
 *   id: Column.id(), name: Column.text(), notes: Column.text()
 * }) {
 *   static readonly posts = this.hasMany(() => Post)
 * }
 * class Post extends Entity<Post>()("posts", {
 *   id: Column.id(), userId: Column.integer(), title: Column.text()
 * }) {
 *   static readonly user = this.belongsTo(() => User)
 * }
 * const plan = Load.columns(User, ["name"], { posts: Load.columns(Post, ["title"]) })
 * const program = Effect.gen(function* () {
 *   yield* Database.create(Catalog.make({ User, Post }))
 *   yield* Database.run(Query.insert(User).values({ name: "Ann", notes: "long" }))
 *   yield* Database.run(Query.insert(Post).values({ userId: 1, title: "first" }))
 *   return yield* Load.one(Query.from(User), plan)
 * })
 * const user = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * Object.keys(user) // => ["id", "name", "posts"]
 * ```
 * @category constructors
 */
export const columns = <
  E extends AnyEntity,
  const K extends keyof ColumnsOf<E> & string,
  const P extends Plan<E> = {}
>(
  entity: E,
  keys: ReadonlyArray<K>,
  plan?: P & Checked<E, P>
): NoInfer<P> & OnlyColumns<E, K> => {
  if (chosenIn(plan)?.only !== undefined)
    refuse(`columns: the columns of ${entity[ClassId].label} are said twice`)
  return choosing(entity, plan, { only: Object.freeze([...keys]) })
}

/** A plan that says this of columns too. */
const choosing = (
  entity: AnyEntity,
  plan: object | undefined,
  more: Omit<Chosen, "entity">
): never => {
  const before = chosenIn(plan)
  if (before !== undefined && before.entity !== entity)
    refuse(`plan: ${before.entity[ClassId].label} is not ${entity[ClassId].label}`)
  const chosen: Chosen = Object.freeze({ ...before, ...more, entity })
  return Object.freeze({ ...plan, [ChosenId]: chosen }) as never
}

/**
 * Deferred columns that an entity's values have too, in a plan: by name, or by that of their group.
 *
 * **Laws** the tree of the plan without it, and the columns beside.
 * **Errors** `StatementError` where the plan is used, for what is no deferred column and no group,
 * and for those of another entity.
 * **Source** SQLAlchemy 2.0 `undefer`, `undefer_group`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Entity, Load, Query } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * class User extends Entity<User>()("users", {
 *   id: Column.id(),
 *   notes: Column.text().deferred(),
 *   photo: Column.text().deferred("media"),
 *   voice: Column.text().nullable().deferred("media")
 * }) {}
 * const program = Effect.gen(function* () {
 *   yield* Database.create(Catalog.make({ User }))
 *   yield* Database.run(Query.insert(User).values({ notes: "long", photo: "png" }))
 *   return yield* Load.one(Query.from(User), Load.also(User, ["media"]))
 * })
 * const user = await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * user.toJSON() // => { id: 1, photo: "png", voice: null }
 * ```
 * @category constructors
 */
export const also = <
  E extends AnyEntity,
  const K extends DeferredNames<ColumnsOf<E>> & string,
  const P extends Plan<E> = {}
>(
  entity: E,
  names: ReadonlyArray<K>,
  plan?: P & Checked<E, P>
): NoInfer<P> & AlsoColumns<E, K> =>
  choosing(entity, plan, {
    also: Object.freeze([...(chosenIn(plan)?.also ?? []), ...(names as ReadonlyArray<string>)])
  })

/** Expressions over the rows of an entity, by name. */
type GivenOf<E extends AnyEntity> = Readonly<Record<string, Defined<E, unknown, Needs<E>>>>

/**
 * Expressions beside the columns of an entity's values, in a plan: in its type, and in no other.
 *
 * **Shape** each is a function of the columns, and of the rows' own source for a subquery to be
 * correlated to; read in the statement of the rows, decoded by its type. It is of the moment it was
 * read: nothing writes it, and a value that changes keeps it.
 * **Errors** `StatementError` where the plan is used: for expressions of another entity, for the
 * name of something else, and for one that looks at other rows without a subquery.
 * **Source** SQLAlchemy 2.0 `with_expression`, `query_expression`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Entity, Fn, Load, Query } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
 * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {}
 * const plan = Load.with(User, {
 *   posts: (u, self) => Query.from(Post).correlate(self).where(Post.c.userId.eq(u.id))
 *     .select(Fn.count()).scalar().coalesce(0),
 *   loud: (u) => u.name.concat("!")
 * })
 * const program = Effect.gen(function* () {
 *   yield* Database.create(Catalog.make({ User, Post }))
 *   yield* Database.run(Query.insert(User).values({ name: "Ann" }))
 *   yield* Database.run(Query.insert(Post).rows([{ userId: 1 }, { userId: 1 }]))
 *   const { loud, posts } = yield* Load.one(Query.from(User), plan)
 *   return [loud, posts]
 * })
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["Ann!", 2]
 * ```
 * @category constructors
 */
const withGiven = <E extends AnyEntity, const G extends GivenOf<E>, const P extends Plan<E> = {}>(
  entity: E,
  given: G,
  plan?: P & Checked<E, P>
): NoInfer<P> & WithGiven<E, G> => {
  const before = chosenIn(plan)?.given ?? {}
  const twice = Object.keys(given).find((name) => Object.hasOwn(before, name))
  if (twice !== undefined) refuse(`with: "${twice}" is said twice`)
  return choosing(entity, plan, { given: Object.freeze({ ...before, ...given }) })
}
export { withGiven as with }
