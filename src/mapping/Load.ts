import type { ColumnValue } from "../algebra/schema/Column.ts"
import { refuse } from "../algebra/StatementError.ts"
import { refuseShadow } from "../algebra/underAlias.ts"
import { type AnyEntity, ClassId } from "./EntityClass.ts"
import type {
  ColumnsOf,
  IsUnion,
  KeyColumn,
  KindOf,
  LeadNames,
  LeadOf,
  MembersOf,
  NameOf,
  NaturalKeys,
  RelationNames,
  TargetOf,
  ValueNames,
  ValueOf
} from "./EntityTypes.ts"
import type { PlanColumns } from "./PlanColumns.ts"
import { type LoadStep, readingOf } from "./PlanSteps.ts"
import type { AlsoIn, ChosenId, GivenIn, MaybeChosen } from "./Chosen.ts"
import type { EntityValue } from "./Entity.ts"
import {
  type AnySome,
  type MaybeSome,
  type Part,
  type Some,
  SomeId,
  type SomeOptions,
  type SomePlan
} from "./Some.ts"

import type { LargeId, LinkId } from "./Relation.ts"
import {
  type AnyTree,
  treeOf,
  type TreeId,
  type TreeOptions,
  type TreePlan,
  type TreeValue
} from "./Tree.ts"

declare const LoadedId: unique symbol

/**
 * What to load with an entity: relations by name, each with what to load below it.
 *
 * **Shape** `{ posts: { tags: true, author: true } }`; a part of a relation is `Load.some`.
 * `Load.columns`, `Load.also` and `Load.with` say which columns values have, and what beside them.
 *
 * @category models
 */
export type Plan<E extends AnyEntity> = {
  readonly [K in LeadNames<E>]?: true | PlanOfEach<TargetOf<LeadOf<E, K>>>
} & MaybeSome &
  MaybeChosen

/** Members of a family may each lead to a class of their own. */
type PlanOfEach<E extends AnyEntity> = E extends unknown ? Plan<E> : never

/**
 * A plan refused, and why.
 *
 * @category models
 */
export interface Refused<out Why extends string> {
  readonly "~refused": Why
}

/**
 * A plan names relations only: a check for plans whose own type is inferred.
 *
 * @category models
 */
export type Checked<E extends AnyEntity, P, R = unknown> = {
  readonly [K in keyof P]: K extends LeadNames<E>
    ? P[K] extends true
      ? [Extract<LeadOf<E, K>, Large>] extends [never]
        ? true
        : Refused<AllOfIt>
      : CheckedBelow<LeadOf<E, K>, P[K]> & Limited<LeadOf<E, K>, P[K]>
    : K extends SomeId
      ? CheckedSome<E, R, P[K]>
      : K extends TreeId
        ? CheckedTree<E, R, P[K]>
        : CheckedColumns<E, K, P[K]>
}

/** What is loaded below the relations of members that lead to several classes suits each. */
type CheckedBelow<R, P> =
  IsUnion<TargetOf<R>> extends true
    ? (R extends unknown ? (each: Checked<TargetOf<R>, P, R>) => void : never) extends (
        all: infer All
      ) => void
      ? All
      : never
    : Checked<TargetOf<R>, P, R>

interface Large {
  readonly [LargeId]: true
}
type AllOfIt = "it is large: load some of it, by a limit"

/** Of a large relation only so many rows for each parent are loaded. */
type Limited<R, P> = [Extract<R, Large>] extends [never]
  ? unknown
  : P extends { readonly [SomeId]: { readonly isLimited: true } }
    ? unknown
    : Refused<AllOfIt>

type CheckedTree<E, R, S> =
  KindOf<R> extends "belongsTo" | "hasOne" | "hasMany"
    ? R extends { readonly [LinkId]: { readonly owner: E } }
      ? S extends { readonly entity: E }
        ? S
        : Refused<"a tree of another entity">
      : Refused<"a tree is of one entity">
    : Refused<"a tree follows a key">

type CheckedColumns<E extends AnyEntity, K, S> = K extends ChosenId
  ? S extends { readonly entity: E }
    ? S
    : Refused<"columns of another entity">
  : Refused<"no relation of this name">

type CheckedSome<E, R, S> =
  KindOf<R> extends ToOne
    ? Refused<"one row has no part">
    : [Extract<KindOf<R>, ToOne>] extends [never]
      ? S extends { readonly entity: E }
        ? S
        : S extends { readonly entity: infer M extends AnyEntity }
          ? MemberPart<E, M, S>
          : Refused<"a part of another entity">
      : Refused<"one row has no part">
type ToOne = "belongsTo" | "hasOne" | "relatesToOne"

/** A relation to a family is narrowed to one of its members. */
type MemberPart<E, M extends AnyEntity, S> = E extends AnyEntity
  ? [NameOf<E>] extends [ValueNames<E>]
    ? Refused<"a part of another entity">
    : [NameOf<M>] extends [ValueNames<E>]
      ? S
      : Refused<"a part of another entity">
  : never

/** A key that was found by its foreign key is unknown to the types: it may be NULL. */
type NullIn<C, Key> = [Key] extends [never] ? null : Extract<ColumnValue<C[Key & keyof C]>, null>

type RelatedValue<C, R, K, P> = P extends true
  ? RelatedPlan<C, R, K, P>
  : P extends AnyTree
    ? TreeValue<
        Loaded<TargetOf<R>, P[TreeId]["load"]>,
        K & PropertyKey,
        KindOf<R> extends "hasMany" ? "many" : "one",
        LevelsOf<P>
      >
    : RelatedPlan<C, R, K, P>
type LevelsOf<P> = P extends { readonly [TreeId]: { readonly levels: [infer D] } } ? D : never

type RelatedPlan<C, R, K, P> =
  KindOf<R> extends "belongsTo"
    ? Loaded<TargetOf<R>, P> | NullIn<C, KeyColumn<C, R, K>>
    : KindOf<R> extends "hasOne" | "relatesToOne"
      ? Loaded<TargetOf<R>, P> | null
      : P extends AnySome
        ? Some<Loaded<P[SomeId]["entity"], P[SomeId]["load"]>>
        : ReadonlyArray<Loaded<TargetOf<R>, P>>

/**
 * A value with what a plan loads.
 *
 * **Shape** `User & { readonly posts: readonly Post[] }`: what is not loaded is not there.
 *
 * @category models
 */
export type Loaded<E extends AnyEntity, P> = P extends true
  ? ValueOf<E>
  : P extends { readonly [ChosenId]: infer S }
    ? ValueWith<E, S> &
        RelatedIn<E, P, Extract<keyof P, RelationNames<E>>> &
        LedIn<E, P, Exclude<Extract<keyof P, LeadNames<E>>, RelationNames<E>>>
    : E[ClassId] extends MembersOf<infer M>
      ? MemberLoaded<M, P>
      : ValueOf<E> & {
          readonly [K in keyof P]: K extends RelationNames<E>
            ? RelatedValue<ColumnsOf<E>, E[K], K, P[K]>
            : never
        }

/** Values of a family are those of its members, each with what its class leads to. */
type MemberLoaded<M, P> = M extends AnyEntity
  ? ValueOf<M> & {
      readonly [K in keyof P as K extends RelationNames<M> ? K : never]: RelatedValue<
        ColumnsOf<M>,
        M[K & keyof M],
        K,
        P[K]
      >
    }
  : never

type RelatedIn<E extends AnyEntity, P, K extends keyof P & RelationNames<E>> = [K] extends [never]
  ? unknown
  : { readonly [R in K]: RelatedValue<ColumnsOf<E>, E[R], R, P[R]> }

/** What rows of some members lead to: of a row without its class nobody knows whether it does. */
type LedIn<E extends AnyEntity, P, K extends keyof P> = [K] extends [never]
  ? unknown
  : { readonly [R in K]?: LedTo<E, LeadOf<E, R>, R, P[R]> }
type LedTo<E extends AnyEntity, R, K, P> = R extends unknown
  ? RelatedValue<ColumnsOf<E>, R, K, P>
  : never

/** A value with the columns and expressions that were chosen. */
type ValueWith<E extends AnyEntity, S> = (S extends { readonly only: ReadonlyArray<infer K> }
  ? Partly<E, K>
  : ValueOf<E>) &
  AlsoIn<ColumnsOf<E>, S> &
  GivenIn<S>

/**
 * A value with some of its columns: neither getters nor methods, which may ask for others.
 *
 * @category models
 */
export type Partly<E extends AnyEntity, K> = {
  readonly [P in Extract<K | KeyNames<ColumnsOf<E>>, keyof ColumnsOf<E>>]: ColumnValue<
    ColumnsOf<E>[P]
  >
} & PartOf<E>

/**
 * What a value is of, some of whose columns it has.
 *
 * @category models
 */
export interface PartOf<E extends AnyEntity> extends EntityValue<NameOf<E>, ColumnsOf<E>> {}

type KeyNames<C> = C extends { readonly id: unknown } ? "id" : NaturalKeys<C>

/**
 * A plan with its entity: data that says which queries load what.
 *
 * @category models
 */
export interface LoadPlan<out E extends AnyEntity, out P> {
  readonly [LoadedId]?: P
  readonly entity: E
  readonly columns: PlanColumns | null
  readonly steps: ReadonlyArray<LoadStep>
}

/**
 * A plan as a value of its own, to be used in many places.
 *
 * **Errors** `StatementError` for a name that is no relation.
 *
 * @example
 * ```ts
 * import { Column, Entity, Load } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
 * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
 *   static readonly user = this.belongsTo(() => User)
 * }
 * Load.plan(Post, { user: true }).steps.length // => 1
 * ```
 * @category constructors
 */
export const plan = <E extends AnyEntity, const P extends Plan<E>>(
  entity: E,
  relations: P & Checked<E, P>
): LoadPlan<E, P> => Object.freeze({ entity, ...readingOf(entity, relations) })

/**
 * Loads some of the rows of a to-many relation: those of a condition, in an order, so many for each
 * parent.
 *
 * **Shape** the value has them as `posts.some`, in the order asked for: a part is not assignable to
 * the whole, and nothing takes the rows that are not in it for gone. One query, whatever the number
 * of parents.
 * **Laws** equal to asking for each parent by itself.
 * **Errors** `StatementError` for a limit that is negative or not whole, and where the plan is
 * used: for a relation to one, or to another entity.
 * **Source** SQLAlchemy 2.0 `relationship(…).and_(…)` in a loader; a limit for each parent it has
 * not.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Entity, Load, Query } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * class User extends Entity<User>()("users", { id: Column.id() }) {
 *   static readonly posts = this.hasMany(() => Post)
 * }
 * class Post extends Entity<Post>()("posts", {
 *   id: Column.id(), userId: Column.integer(), stars: Column.integer()
 * }) {
 *   static readonly user = this.belongsTo(() => User)
 * }
 * const best = Load.some(Post, { orderBy: Post.c.stars.desc(), limit: 1 })
 * const program = Effect.gen(function* () {
 *   yield* Database.create(Catalog.make({ User, Post }))
 *   yield* Database.run(Query.insert(User).rows([{}, {}]))
 *   yield* Database.run(Query.insert(Post).rows([
 *     { userId: 1, stars: 3 }, { userId: 1, stars: 5 }, { userId: 2, stars: 1 }
 *   ]))
 *   const users = yield* Load.all(Query.from(User).orderBy(User.c.id), { posts: best })
 *   return users.map(({ posts }) => posts.some.map(({ stars }) => stars))
 * })
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [[5], [1]]
 * ```
 * @category constructors
 */
export const some = <
  E extends AnyEntity,
  const P extends Plan<E> = {},
  const L extends number = never
>(
  entity: E,
  options: SomeOptions<E, P & Checked<E, P>> & { readonly limit?: L }
): SomePlan<E, P, [L] extends [never] ? false : true> => {
  const { limit, load, orderBy = [], where } = options
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 0))
    refuse(`some: a limit of ${String(limit)} is no number of rows`)
  if (limit !== undefined && entity[ClassId].source.primaryKey.length === 0)
    refuse(`some: ${entity[ClassId].label} has no key, by which a limit tells its rows apart`)
  const said = [where, ...(Array.isArray(orderBy) ? orderBy : [orderBy])] as Part["orderBy"]
  for (const one of said)
    if (one !== undefined) refuseShadow(one.node, entity[ClassId].source.name, "some")
  const part: Part & { readonly entity: E; readonly load: P } = {
    entity,
    where: (said[0] as Part["where"] | undefined) ?? null,
    orderBy: Object.freeze(said.slice(1)),
    limit: limit ?? null,
    isLimited: limit !== undefined,
    load: (load ?? {}) as P
  }
  return Object.freeze({ [SomeId]: Object.freeze(part) }) as never
}

/**
 * Loads a tree of one entity: the rows a relation leads to, those it leads to from there, and so
 * on, by one recursive query.
 *
 * **Shape** whole, or to a depth, which the type counts: the rows of the last level have nothing
 * loaded below them. It follows a key, up or down. `load` is loaded with every row.
 * **Laws** to a depth, the tree of the plan nested as often.
 * **Errors** `DecodeFailed` where a whole tree leads back to itself. `StatementError` for a depth
 * that is no number of levels, and where the plan is used: for a relation to another entity, or
 * without a key.
 * **Source** SQLAlchemy 2.0 "Configuring Self-Referential Eager Loading", `recursion_depth`.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Entity, Load, Query } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * class Part extends Entity<Part>()("parts", {
 *   id: Column.id(), upId: Column.integer().nullable()
 * }) {
 *   static readonly up = this.belongsTo(() => Part)
 *   static readonly parts = this.hasMany(() => Part, { key: "upId" })
 * }
 * type Whole = Load.Tree<Part, "parts", "many">
 * const count = ({ parts }: Whole): number => 1 + parts.reduce((sum, one) => sum + count(one), 0)
 * const rows = [{ upId: null }, { upId: 1 }, { upId: 2 }, { upId: 3 }]
 * const program = Effect.gen(function* () {
 *   yield* Database.create(Catalog.make({ Part }))
 *   yield* Database.run(Query.insert(Part).rows(rows))
 *   const roots = Query.from(Part).where(Part.c.upId.isNull())
 *   return (yield* Load.all(roots, { parts: Load.tree(Part) })).map(count)
 * })
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [4]
 * ```
 * @category constructors
 */
export const tree = <
  E extends AnyEntity,
  const D extends number = never,
  const P extends Plan<E> = {}
>(
  entity: E,
  options: TreeOptions<D, P & Checked<E, P>> = {}
): TreePlan<E, D, P> => treeOf(entity, options) as never
