import { type Expr, expr } from "../algebra/Expression.ts"
import { type From, FromId, type FromNode, type Of } from "../algebra/From.ts"
import * as S from "../algebra/Scalar.ts"
import { fromNode, query, type Select } from "../algebra/Select.ts"
import { tableFrom } from "../algebra/schema/tableSource.ts"
import { refuse } from "../algebra/StatementError.ts"
import * as T from "../algebra/types.ts"
import type { Uses, Value } from "../algebra/Value.ts"
import {
  type AnyEntity,
  ClassId,
  isOfEntity,
  type OneOf,
  type RelationFacts
} from "./EntityClass.ts"
import { isDraft } from "./EntityDraft.ts"
import { isRef, keyValues } from "./EntityRef.ts"
import type {
  BelongsToNames,
  KeyOf,
  NameOf,
  RelationNames,
  TargetOf,
  ValueNames,
  ValueOf
} from "./EntityTypes.ts"
import { linkKeys } from "./LinkKeys.ts"
import { among, type Columns } from "./PlanSources.ts"
import { columnsIn, edgeOf, freshIn, type Key } from "./PlanStatement.ts"
import type { LoadStep } from "./PlanSteps.ts"
import type { Row } from "./RowRef.ts"

/**
 * Conditions, joins and queries along the relations of entities, by name.
 *
 * @module
 */

type Target<E, K> = TargetOf<E[K & keyof E]>

/** What is open in a condition on the rows a relation leads to: not those rows. */
type Open<E extends AnyEntity, K, R> =
  | NameOf<E>
  | Exclude<R, NameOf<Target<E, K>> | Uses<NameOf<Target<E, K>>>>

type Rows = Pick<LoadStep, "member" | "relation">

/** A relation of all rows, or those of each member for its own. */
const waysOf = (entity: AnyEntity, name: string, asked: string): ReadonlyArray<Rows> => {
  const { label, members, relations } = entity[ClassId]
  const relation = relations().get(name)
  if (relation !== undefined) return [{ relation, member: null }]
  const each = members?.each(name) ?? []
  return each.length > 0
    ? each.map(({ relation: own, rows }) => ({ relation: own, member: rows }))
    : refuse(`${asked}: ${label} has no relation "${name}"`)
}

const factsOf = (entity: AnyEntity, name: string, asked: string): RelationFacts => {
  const [one, ...others] = waysOf(entity, name, asked)
  return others.length === 0
    ? one!.relation
    : refuse(
        `${asked}: each member of ${entity[ClassId].label} has "${name}" of its own: ` +
          "ask it of the members"
      )
}

const ownKey = (from: FromNode<string, unknown>): Key => columnsIn(from, from.shape)

const fromOf = (entity: AnyEntity): FromNode<string, unknown> =>
  (entity as unknown as From<string, unknown>)[FromId]

const stepOf = (
  { member, relation }: Rows,
  where: Value<boolean | null, unknown> | undefined
): LoadStep => {
  const part = {
    entity: relation.related.class,
    where: where === undefined ? null : expr<boolean | null, string>(where.node),
    orderBy: [],
    limit: null,
    isLimited: false,
    load: {}
  }
  return {
    relation,
    member,
    part,
    columns: null,
    tree: null,
    via: "selectIn",
    steps: []
  }
}

const exists = (
  entity: AnyEntity,
  name: string,
  where: Value<boolean | null, unknown> | undefined,
  asked: string
): S.Scalar => {
  const own = fromOf(entity)
  const ways = waysOf(entity, name, asked)
  const [first] = ways
  if (where !== undefined && ways.some((way) => way.relation.related !== first!.relation.related))
    refuse(
      `${asked}: the members of ${entity[ClassId].label} have "${name}" of several classes: ` +
        "ask with a condition of each, by Family.is"
    )
  const parts = ways.map((way) => {
    const fresh = freshIn(where === undefined ? [] : [where.node], [own.alias])
    const edge = edgeOf(stepOf(way, where), ownKey(own), fresh)
    return fromNode(edge.from).where(expr<boolean, string>(edge.on)).exists().node
  })
  return parts.length === 1 ? parts[0]! : S.or(parts, T.boolean)
}

/**
 * EXISTS: some row a relation leads to, of a condition where one is given.
 *
 * **Shape** the condition speaks of the target's columns, and of any others in scope; another `any`
 * goes further. Rows are never multiplied.
 * **Laws** the EXISTS written by hand.
 * **Errors** `StatementError` for a name that is no relation.
 * **Source** SQLAlchemy 2.0 "Relationship EXISTS forms: has() / any()".
 *
 * @example
 * ```ts
 * import { Along, Column, Entity, Query } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id() }) {
 *   static readonly posts = this.hasMany(() => Post)
 * }
 * class Post extends Entity<Post>()("posts", {
 *   id: Column.id(), userId: Column.integer(), stars: Column.integer()
 * }) {
 *   static readonly user = this.belongsTo(() => User)
 * }
 * const liked = Query.from(User).where(Along.any(User, "posts", Post.c.stars.gt(3)))
 * ```
 * @category constructors
 */
export const any = <E extends AnyEntity, const K extends RelationNames<E>, R = never>(
  entity: E,
  relation: K,
  condition?: Value<boolean | null, R>
): Expr<boolean, Open<E, K, R>> => expr(exists(entity, relation as string, condition, "any"))

/**
 * NOT EXISTS: no row a relation leads to, of a condition where one is given.
 *
 * **Laws** `none(r, c) = any(r, c).not()`, which is never NULL.
 * **Errors** as `any`.
 * **Source** SQLAlchemy 2.0 "Relationship EXISTS forms: has() / any()".
 *
 * @example
 * ```ts
 * import { Along, Column, Entity, Query } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id() }) {
 *   static readonly posts = this.hasMany(() => Post)
 * }
 * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
 *   static readonly user = this.belongsTo(() => User)
 * }
 * const silent = Query.from(User).where(Along.none(User, "posts"))
 * ```
 * @category constructors
 */
export const none = <E extends AnyEntity, const K extends RelationNames<E>, R = never>(
  entity: E,
  relation: K,
  condition?: Value<boolean | null, R>
): Expr<boolean, Open<E, K, R>> =>
  expr(S.not(exists(entity, relation as string, condition, "none"), T.boolean))

/** The columns of a row by what stands for it. */
const cellsOf = (
  entity: AnyEntity,
  one: unknown,
  columns: ReadonlyArray<string>,
  asked: string
): ReadonlyArray<unknown> => {
  const facts = entity[ClassId]
  const { label, source } = facts
  if (one === undefined) return refuse(`${asked}: ${label} is undefined`)
  if (isOfEntity(one) && !isRef(one)) {
    if (isDraft(one)) return refuse(`${asked}: a ${label} to be has no key yet`)
    return columns.map((column) => (one as unknown as Row)[column])
  }
  const key = isOfEntity(one)
    ? (one as unknown as { key: ReadonlyArray<unknown> }).key
    : keyValues(facts, one)
  return columns.map((column) => {
    const at = source.primaryKey.indexOf(column)
    return at < 0
      ? refuse(`${asked}: ${label} is referred to by "${column}": give a value`)
      : key[at]
  })
}

/**
 * A to-one relation leads to this row: its key columns equal the row's, or are NULL.
 *
 * **Shape** a value, a reference, its key, or `null` for none. No join, no subquery.
 * **Errors** `StatementError` for a draft and for `undefined`; a relation that holds no key does
 * not compile: say `any`.
 * **Source** SQLAlchemy 2.0 "Common Relationship Operators", many to one equals.
 *
 * @example
 * ```ts
 * import { Along, Column, Entity, Query } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id() }) {}
 * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
 *   static readonly user = this.belongsTo(() => User)
 * }
 * const hers = (ann: User) => Query.from(Post).where(Along.is(Post, "user", ann))
 * ```
 * @category constructors
 */
export const is = <E extends AnyEntity, const K extends BelongsToNames<E>>(
  entity: E,
  relation: K,
  one: OneOf<ValueNames<Target<E, K>>> | KeyOf<Target<E, K>> | null
): Expr<boolean | null, NameOf<E>> => {
  const facts = factsOf(entity, relation as string, "is")
  if (facts.kind !== "belongsTo")
    return refuse(`is: ${entity[ClassId].label}.${facts.name} holds no key: say any`)
  const own = ownKey(fromOf(entity))
  const cells = one === null ? null : cellsOf(facts.related.class, one, facts.targetColumns, "is")
  const parts = facts.columns.map((column, at) => {
    const node = own(column)
    return cells === null
      ? S.isNull(node, T.boolean)
      : S.compare("eq", node, S.bound(cells[at], node.type), T.boolean)
  })
  return expr(parts.length === 1 ? parts[0]! : S.and(parts, T.boolean))
}

/**
 * The rows beside which a relation is asked, where they are not the tables themselves.
 *
 * @category models
 */
export interface Sides<out O extends string, out N extends string, out E extends AnyEntity, out T> {
  readonly own?: From<O, ValueOf<E>>
  readonly target?: From<N, T>
}

/**
 * ON: a row and another that a relation of it leads to.
 *
 * **Shape** for `join` and `leftJoin`, with more conditions by `and`; several deep by joining one
 * after another, through aliases by naming them. A link table is asked by EXISTS: its rows are not
 * in scope.
 * **Laws** the rows of the join written by hand.
 * **Errors** as `any`; `StatementError` where both sides have one alias.
 * **Source** SQLAlchemy 2.0 "Using Relationships to Join", "Combining Relationship with Custom ON
 * Criteria".
 *
 * @example
 * ```ts
 * import { Along, Column, Entity, Query } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id(), age: Column.integer() }) {}
 * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
 *   static readonly user = this.belongsTo(() => User)
 * }
 * const query = Query.from(Post)
 *   .leftJoin(User, Along.on(Post, "user").and(User.c.age.gte(18)))
 *   .select({ post: Post, user: User })
 * ```
 * @category constructors
 */
export const on = <
  E extends AnyEntity,
  const K extends RelationNames<E>,
  const O extends string = NameOf<E>,
  const N extends string = NameOf<Target<E, K>>
>(
  entity: E,
  relation: K,
  sides: Sides<O, N, E, ValueOf<Target<E, K>>> = {}
): Expr<boolean, O | N> => {
  const facts = factsOf(entity, relation as string, "on")
  const own = sides.own?.[FromId] ?? fromOf(entity)
  const target = sides.target?.[FromId] ?? fromOf(facts.related.class)
  if (own.alias === target.alias)
    refuse(
      `on: both sides of ${entity[ClassId].label}.${facts.name} are "${own.alias}": give an alias`
    )
  const fresh = freshIn([], [own.alias, target.alias])
  return expr(linked(facts, ownKey(own), ownKey(target), fresh))
}

/** When two rows belong together. */
const linked = (
  facts: RelationFacts,
  own: Key,
  target: Key,
  fresh: ReturnType<typeof freshIn>
): S.Scalar => {
  const equal = (a: S.Scalar, b: S.Scalar): S.Scalar => S.compare("eq", a, b, T.boolean)
  if (facts.on === null && facts.through === null) {
    const parts = facts.columns.map((column, at) =>
      equal(own(column), target(facts.targetColumns[at]!))
    )
    return parts.length === 1 ? parts[0]! : S.and(parts, T.boolean)
  }
  const edge = edgeOf(stepOf({ member: null, relation: facts }, undefined), own, fresh)
  const { primaryKey } = facts.target
  const same = primaryKey.map((key) => equal(edge.target[key]!.node, target(key)))
  return fromNode(edge.from)
    .where(expr<boolean, string>(S.and([edge.on, ...same], T.boolean)))
    .exists().node
}

/**
 * The rows a relation of given rows leads to, as a query.
 *
 * **Shape** each once, whatever number of the given lead to it; narrowed, ordered, limited, counted
 * as any query of the entity. Of none it has no rows. Rows are given as values, references or keys.
 * **Laws** the rows of `Load` for the same parents, together.
 * **Errors** as `is`.
 * **Source** SQLAlchemy 2.0 `with_parent`; `WriteOnlyMapped.select`.
 *
 * @example
 * ```ts
 * import { Along, Column, Database, Entity } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id() }) {
 *   static readonly posts = this.hasMany(() => Post)
 * }
 * class Post extends Entity<Post>()("posts", { id: Column.id(), userId: Column.integer() }) {
 *   static readonly user = this.belongsTo(() => User)
 * }
 * const newest = (ann: User) =>
 *   Along.of(User, "posts", [ann]).orderBy(Post.c.id.desc()).limit(10)
 * const howMany = (ann: User) => Database.count(Along.of(User, "posts", [ann]))
 * ```
 * @category constructors
 */
export const of = <E extends AnyEntity, const K extends RelationNames<E>>(
  entity: E,
  relation: K,
  parents: ReadonlyArray<OneOf<ValueNames<E>> | KeyOf<E>>
): Select<ValueOf<Target<E, K>> & Of<Target<E, K>>, never, NameOf<Target<E, K>>> => {
  const facts = factsOf(entity, relation as string, "of")
  const cells = parents
    .map((one) => cellsOf(entity, one, facts.columns, "of"))
    .filter((key) => key.every((cell) => cell !== null && cell !== undefined))
  const keys = linkKeys(facts.columns.length, cells)
  const target = fromOf(facts.related.class)
  const all = fromNode(target)
  if (cells.length === 0)
    return query(all.where(expr<boolean, string>(S.constant(false, T.boolean))).node)
  const asColumns = (key: Key, names: ReadonlyArray<string>): Columns =>
    Object.fromEntries(names.map((name) => [name, expr<unknown, string>(key(name))]))
  if (facts.on === null && facts.through === null) {
    const { targetColumns } = facts
    const found = among(asColumns(ownKey(target), targetColumns), targetColumns, keys)
    return query(all.where(expr<boolean, string>(found)).node)
  }
  const fresh = freshIn([], [target.alias])
  const own = fresh(facts.owner.source.name)
  const from = tableFrom<string, object>(facts.owner.source, own)
  const key = ownKey(from)
  const some = fromNode(from)
    .where(expr<boolean, string>(among(asColumns(key, facts.columns), facts.columns, keys)))
    .where(expr<boolean, string>(linked(facts, key, ownKey(target), fresh)))
  return query(all.where(some.exists()).node)
}
