import { type Expr, expr } from "../algebra/Expression.ts"
import { refuse } from "../algebra/StatementError.ts"
import type { Uses, Value } from "../algebra/Value.ts"
import { any as anyAlong } from "./Along.ts"
import type { AnyEntity, RelationFacts } from "./EntityClass.ts"
import type { NameOf, RelationNames, TargetOf, ValueOf } from "./EntityTypes.ts"
import type { Loaded } from "./Load.ts"
import { relationsAlong } from "./pathRelations.ts"
import { linkMark } from "./linkMark.ts"

/**
 * Several relations one after another, from an entity to another far from it.
 *
 * **Shape** `plan` loads what is on the way.
 *
 * @category models
 */
export interface Path<out E extends AnyEntity, out T extends AnyEntity, out P> {
  readonly entity: E
  readonly target: T
  readonly names: ReadonlyArray<string>
  readonly plan: P
}

type Next<E, K> = TargetOf<E[K & keyof E]>

interface ToPath {
  <
    E extends AnyEntity,
    const A extends RelationNames<E>,
    const B extends RelationNames<Next<E, A>>
  >(
    entity: E,
    first: A,
    second: B
  ): Path<E, Next<Next<E, A>, B>, { readonly [K in A]: { readonly [L in B]: true } }>
  <
    E extends AnyEntity,
    const A extends RelationNames<E>,
    const B extends RelationNames<Next<E, A>>,
    const C extends RelationNames<Next<Next<E, A>, B>>
  >(
    entity: E,
    first: A,
    second: B,
    third: C
  ): Path<
    E,
    Next<Next<Next<E, A>, B>, C>,
    { readonly [K in A]: { readonly [L in B]: { readonly [M in C]: true } } }
  >
  <
    E extends AnyEntity,
    const A extends RelationNames<E>,
    const B extends RelationNames<Next<E, A>>,
    const C extends RelationNames<Next<Next<E, A>, B>>,
    const D extends RelationNames<Next<Next<Next<E, A>, B>, C>>
  >(
    entity: E,
    first: A,
    second: B,
    third: C,
    fourth: D
  ): Path<
    E,
    Next<Next<Next<Next<E, A>, B>, C>, D>,
    { readonly [K in A]: { readonly [L in B]: { readonly [M in C]: { readonly [N in D]: true } } } }
  >
}

/**
 * A path of two to four relations: through a link entity to what it links, and on from there.
 *
 * **Shape** `.plan` stands where a load plan does; `far` gives what was loaded, `any` filters by
 * it, `Session.appendAlong` makes the row of the link.
 * **Errors** `StatementError` for a name that is no relation.
 * **Source** SQLAlchemy 2.0 "Association Proxy".
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Entity, Path, Query, Session } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * class User extends Entity<User>()("users", { id: Column.id() }) {
 *   static readonly seats = this.hasMany(() => Seat)
 * }
 * class Club extends Entity<Club>()("clubs", { id: Column.id(), name: Column.text() }) {}
 * class Seat extends Entity<Seat>()("seats", {
 *   userId: Column.integer().primaryKey(), clubId: Column.integer().primaryKey()
 * }) {
 *   static readonly user = this.belongsTo(() => User)
 *   static readonly club = this.belongsTo(() => Club)
 * }
 * const clubs = Path.make(User, "seats", "club")
 * const work = Effect.gen(function* () {
 *   const ann = User.make({})
 *   yield* Session.add(ann)
 *   yield* Session.appendAlong(ann, clubs, Club.make({ name: "chess" }))
 *   yield* Session.flush
 *   const [user] = yield* Session.all(Query.from(User), clubs.plan)
 *   return Path.far(clubs, user!).map(({ name }) => name)
 * })
 * const program = Database.create(Catalog.make({ User, Club, Seat })).pipe(
 *   Effect.andThen(Session.transact(work)))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["chess"]
 * ```
 * @category constructors
 */
export const make: ToPath = (entity: AnyEntity, ...names: ReadonlyArray<string>) => {
  const plan = names.reduceRight<unknown>((below, name) => Object.freeze({ [name]: below }), true)
  const all = relationsAlong({ entity, names })
  const target = all.at(-1)!.related.class
  return Object.freeze({ entity, target, names: Object.freeze(names), plan }) as never
}

type Cells = Readonly<Record<string, unknown>>

/**
 * What a path leads to from a value that was loaded along it.
 *
 * **Shape** each once, in the order of what is on the way; what is null on the way leads nowhere.
 * One of their columns is `map`ped, `Load.setOf` and `Load.mapBy` make sets and maps.
 * **Errors** `StatementError` for a value without what is on the way.
 * **Source** SQLAlchemy 2.0 "Association Proxy".
 *
 * @example
 * ```ts
 * import { Column, Entity, Load, Path, Query } from "athanor"
 * import { Effect } from "effect"
 * class User extends Entity<User>()("users", { id: Column.id() }) {
 *   static readonly seats = this.hasMany(() => Seat)
 * }
 * class Club extends Entity<Club>()("clubs", { id: Column.id(), name: Column.text() }) {}
 * class Seat extends Entity<Seat>()("seats", {
 *   id: Column.id(), userId: Column.integer(), clubId: Column.integer()
 * }) {
 *   static readonly user = this.belongsTo(() => User)
 *   static readonly club = this.belongsTo(() => Club)
 * }
 * const clubs = Path.make(User, "seats", "club")
 * const names = Effect.map(Load.all(Query.from(User), clubs.plan), (users) =>
 *   users.map((user) => Load.setOf(Path.far(clubs, user), "name")))
 * ```
 * @category getters
 */
export const far = <E extends AnyEntity, T extends AnyEntity, P>(
  path: Path<E, T, P>,
  value: Loaded<E, P>
): ReadonlyArray<ValueOf<T>> => {
  let found: ReadonlyArray<object> = [value]
  for (const relation of relationsAlong(path)) found = next(relation, found)
  return Object.freeze(found) as never
}

const next = (relation: RelationFacts, values: ReadonlyArray<object>): ReadonlyArray<object> => {
  const { name, owner, target } = relation
  const seen = new Map<unknown, object>()
  for (const value of values) {
    if (!Object.hasOwn(value, name)) refuse(`far: ${owner.label}.${name} is not loaded`)
    const loaded = (value as Cells)[name]
    for (const one of Array.isArray(loaded) ? (loaded as ReadonlyArray<object>) : [loaded]) {
      if (one === null) continue
      const isKeyed = target.primaryKey.length > 0
      const key = isKeyed ? linkMark(target, target.primaryKey, one as Cells) : one
      if (!seen.has(key)) seen.set(key, one as object)
    }
  }
  return [...seen.values()]
}

/** What is open in a condition on the rows a path leads to: not those rows. */
type Open<E extends AnyEntity, T extends AnyEntity, R> =
  | NameOf<E>
  | Exclude<R, NameOf<T> | Uses<NameOf<T>>>

/**
 * EXISTS: some row a path leads to, of a condition where one is given.
 *
 * **Laws** `Along.any` within `Along.any`, as often as the path has relations.
 * **Errors** as `Along.any`.
 * **Source** SQLAlchemy 2.0 "Querying with Association Proxies".
 *
 * @example
 * ```ts
 * import { Column, Entity, Path, Query } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id() }) {
 *   static readonly seats = this.hasMany(() => Seat)
 * }
 * class Club extends Entity<Club>()("clubs", { id: Column.id(), name: Column.text() }) {}
 * class Seat extends Entity<Seat>()("seats", {
 *   id: Column.id(), userId: Column.integer(), clubId: Column.integer()
 * }) {
 *   static readonly user = this.belongsTo(() => User)
 *   static readonly club = this.belongsTo(() => Club)
 * }
 * const clubs = Path.make(User, "seats", "club")
 * const players = Query.from(User).where(Path.any(clubs, Club.c.name.eq("chess")))
 * ```
 * @category constructors
 */
export const any = <E extends AnyEntity, T extends AnyEntity, P, R = never>(
  path: Path<E, T, P>,
  condition?: Value<boolean | null, R>
): Expr<boolean, Open<E, T, R>> => {
  const from = condition === undefined ? undefined : expr<boolean | null, string>(condition.node)
  const found = relationsAlong(path).reduceRight<Expr<boolean | null, string> | undefined>(
    (below, { name, owner }) => anyAlong(owner.class, name as never, below) as never,
    from
  )
  return found as never
}
