import { type Expr, expr } from "../algebra/Expression.ts"
import { type From, FromId, type FromNode, type Of } from "../algebra/From.ts"
import * as S from "../algebra/Scalar.ts"
import type { Select } from "../algebra/Select.ts"
import { fromNode, query } from "../algebra/SelectQuery.ts"
import { tableFrom } from "../algebra/schema/tableSource.ts"
import { refuse } from "../algebra/StatementError.ts"
import * as T from "../algebra/types.ts"
import type { Uses, Value } from "../algebra/Value.ts"
import {
  type AnyEntity,
  ClassId,
  EntityId,
  isOfEntity,
  type MemberRows,
  type OneOf,
  type RelationFacts
} from "./EntityClass.ts"
import { isDraft } from "./EntityDraft.ts"
import { isRef, keyValues, rowOfKey } from "./EntityRef.ts"
import type {
  BelongsToNames,
  KeyOf,
  LeadNames,
  LeadOf,
  NameOf,
  TargetOf,
  ValueNames,
  ValueOf
} from "./EntityTypes.ts"
import { type Linking, waysOf } from "./familyRelations.ts"
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

type Target<E extends AnyEntity, K> = TargetOf<LeadOf<E, K>>

/** What is open in a condition on the rows a relation leads to: not those rows. */
type Open<E extends AnyEntity, K, R> =
  | NameOf<E>
  | Exclude<R, NameOf<Target<E, K>> | Uses<NameOf<Target<E, K>>>>

/** The relation of all rows, or those of the members that have one. */
const waysAlong = (entity: AnyEntity, name: string, asked: string): ReadonlyArray<Linking> => {
  const ways = waysOf(entity[ClassId], name)
  return ways.length > 0
    ? ways
    : refuse(`${asked}: ${entity[ClassId].label} has no relation "${name}"`)
}

/** The same where all lead to one class, which a condition or a query is of. */
const waysToOne = (
  entity: AnyEntity,
  name: string,
  asked: string,
  instead: string
): ReadonlyArray<Linking> => {
  const ways = waysAlong(entity, name, asked)
  const [first] = ways
  const { label } = entity[ClassId]
  return ways.every(({ relation }) => relation.related === first!.relation.related)
    ? ways
    : refuse(`${asked}: the members of ${label} have "${name}" of several classes: ${instead}`)
}

const ownKey = (from: FromNode<string, unknown>): Key => columnsIn(from, from.shape)

const fromOf = (entity: AnyEntity): FromNode<string, unknown> =>
  (entity as unknown as From<string, unknown>)[FromId]

const stepOf = (
  { member, relation }: Linking,
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
  const ways =
    where === undefined
      ? waysAlong(entity, name, asked)
      : waysToOne(entity, name, asked, "ask with a condition of each, by Family.is")
  const parts = ways.map((way) => {
    const fresh = freshIn(where === undefined ? [] : [where.node], [own.alias])
    const edge = edgeOf(stepOf(way, where), ownKey(own), fresh)
    return fromNode(edge.from).where(expr<boolean, string>(edge.on)).exists().node
  })
  return anyOf(parts)
}

const anyOf = (parts: ReadonlyArray<S.Scalar>): S.Scalar =>
  parts.length === 1 ? parts[0]! : S.or(parts, T.boolean)

const allOf = (parts: ReadonlyArray<S.Scalar>): S.Scalar =>
  parts.length === 1 ? parts[0]! : S.and(parts, T.boolean)

/** Of all rows, or of those of the member: its columns as the rows of the family have them. */
const ofMember = (
  { member }: Linking,
  own: Key,
  said: (key: Key) => ReadonlyArray<S.Scalar>
): S.Scalar => {
  if (member === null) return allOf(said(own))
  const tag = own(member.by)
  const isIts = S.compare("eq", tag, S.bound(member.is, tag.type), T.boolean)
  return allOf([isIts, ...said((column) => own(member.keyIn(column)))])
}

/**
 * EXISTS: some row a relation leads to, of a condition where one is given.
 *
 * **Shape** the condition speaks of the target's columns, and of any others in scope; another `any`
 * goes further. Rows are never multiplied. Of a family each member's rows go by its own relation,
 * and a member without it has none.
 * **Laws** the EXISTS written by hand.
 * **Errors** `StatementError` for a name that is no relation, and for a condition where the members
 * of a family lead to several classes.
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
export const any = <E extends AnyEntity, const K extends LeadNames<E>, R = never>(
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
export const none = <E extends AnyEntity, const K extends LeadNames<E>, R = never>(
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
  const own = ownKey(fromOf(entity))
  const ways = waysToOne(entity, relation as string, "is", "ask it of each")
  return expr(
    anyOf(
      ways.map((way) => {
        const { columns, kind, name, related, targetColumns } = way.relation
        if (kind !== "belongsTo")
          return refuse(`is: ${entity[ClassId].label}.${name} holds no key: say any`)
        const cells = one === null ? null : cellsOf(related.class, one, targetColumns, "is")
        return ofMember(way, own, (key) =>
          columns
            .map(key)
            .map((node, at) =>
              cells === null
                ? S.isNull(node, T.boolean)
                : S.compare("eq", node, S.bound(cells[at], node.type), T.boolean)
            )
        )
      })
    )
  )
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
  const K extends LeadNames<E>,
  const O extends string = NameOf<E>,
  const N extends string = NameOf<Target<E, K>>
>(
  entity: E,
  relation: K,
  sides: Sides<O, N, E, ValueOf<Target<E, K>>> = {}
): Expr<boolean, O | N> => {
  const name = relation as string
  const ways = waysToOne(entity, name, "on", "join it from each of them")
  const own = sides.own?.[FromId] ?? fromOf(entity)
  const target = sides.target?.[FromId] ?? fromOf(ways[0]!.relation.related.class)
  if (own.alias === target.alias)
    refuse(`on: both sides of ${entity[ClassId].label}.${name} are "${own.alias}": give an alias`)
  const fresh = freshIn([], [own.alias, target.alias])
  const parts = ways.map((way) =>
    ofMember(way, ownKey(own), (key) => [linked(way.relation, key, ownKey(target), fresh)])
  )
  return expr(anyOf(parts))
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
    const { columns, targetColumns } = facts
    return allOf(columns.map((column, at) => equal(own(column), target(targetColumns[at]!))))
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
export const of = <E extends AnyEntity, const K extends LeadNames<E>>(
  entity: E,
  relation: K,
  parents: ReadonlyArray<OneOf<ValueNames<E>> | KeyOf<E>>
): Select<ValueOf<Target<E, K>> & Of<Target<E, K>>, never, NameOf<Target<E, K>>> => {
  const ways = waysToOne(entity, relation as string, "of", "ask it of each")
  const target = fromOf(ways[0]!.relation.related.class)
  const parts = ways.flatMap((way) => belonging(entity, way, parents, target))
  const isAny = parts.length > 0 ? anyOf(parts) : S.constant(false, T.boolean)
  return query(fromNode(target).where(expr<boolean, string>(isAny)).node)
}

/** Is a row of the target one that a relation of these rows leads to? None of no rows. */
const belonging = (
  entity: AnyEntity,
  way: Linking,
  parents: ReadonlyArray<unknown>,
  target: FromNode<string, unknown>
): ReadonlyArray<S.Scalar> => {
  const { relation: facts } = way
  const cells = parents
    .flatMap((one) => startsOf(entity, way, one))
    .filter((key) => key.every((cell) => cell !== null && cell !== undefined))
  if (cells.length === 0) return []
  const keys = linkKeys(facts.columns.length, cells)
  const asColumns = (key: Key, names: ReadonlyArray<string>): Columns =>
    Object.fromEntries(names.map((name) => [name, expr<unknown, string>(key(name))]))
  if (facts.on === null && facts.through === null) {
    const { targetColumns } = facts
    return [among(asColumns(ownKey(target), targetColumns), targetColumns, keys)]
  }
  const fresh = freshIn([], [target.alias])
  const own = fresh(facts.owner.source.name)
  const from = tableFrom<string, object>(facts.owner.source, own)
  const key = ownKey(from)
  const some = fromNode(from)
    .where(expr<boolean, string>(among(asColumns(key, facts.columns), facts.columns, keys)))
    .where(expr<boolean, string>(linked(facts, key, ownKey(target), fresh)))
  return [some.exists().node]
}

/** What tells of a row where its relation leads: nothing of another member's. */
const startsOf = (
  entity: AnyEntity,
  { member, relation }: Linking,
  one: unknown
): ReadonlyArray<ReadonlyArray<unknown>> => {
  const { columns, owner } = relation
  if (member === null) return [cellsOf(entity, one, columns, "of")]
  const family = entity[ClassId]
  const [own, row] = isOfEntity(one) ? [one[EntityId], one] : rowOfKey(family, one)
  // A key alone is a row's of any member: what leads from it is found by the relation of its own.
  const isIts = own === family ? isMemberRow(member, row) : own === owner
  return isIts ? [cellsOf(owner.class, row, columns, "of")] : []
}

const isMemberRow = ({ by, is: tag }: MemberRows, row: unknown): boolean => {
  const told = isOfEntity(row) && !isRef(row) ? (row as unknown as Row)[by] : undefined
  return told === undefined || told === tag
}
