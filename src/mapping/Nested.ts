import { refuse } from "../algebra/StatementError.ts"
import {
  type AnyEntity,
  ClassId,
  EntityId,
  isOfEntity,
  type Mapped,
  type RelationFacts
} from "./EntityClass.ts"
import type { KindOf, RelationNames, TargetOf } from "./EntityTypes.ts"
import { construct } from "./construct.ts"
import { linkMark, type LinkMark } from "./linkMark.ts"
import type { Some } from "./Some.ts"

type Cells = Readonly<Record<string, unknown>>

/**
 * Which part of a row each relation is filled from, and what below it.
 *
 * **Shape** `{ posts: "post" }`, or `{ posts: ["post", { tags: "tag" }] }`.
 *
 * @category models
 */
export type Filling<E extends AnyEntity, Row> = {
  readonly [K in RelationNames<E>]?: keyof Row | readonly [keyof Row, Filling<TargetOf<E[K]>, Row>]
}

type Filled<E extends AnyEntity, Row, V, F> = V & {
  readonly [K in keyof F]: KindOf<E[K & keyof E]> extends "belongsTo" | "hasOne" | "relatesToOne"
    ? Member<TargetOf<E[K & keyof E]>, Row, F[K]> | null
    : Some<Member<TargetOf<E[K & keyof E]>, Row, F[K]>>
}

type Member<T extends AnyEntity, Row, F> = F extends readonly [infer P, infer Below]
  ? Filled<T, Row, NonNullable<Row[P & keyof Row]>, Below>
  : NonNullable<Row[F & keyof Row]>

interface Fill {
  readonly relation: RelationFacts
  readonly from: string
  readonly below: ReadonlyArray<Fill>
}

const fillsOf = (entity: Mapped, filling: object): ReadonlyArray<Fill> =>
  Object.entries(filling).map(([name, said]: [string, unknown]) => {
    const relation =
      entity.relations().get(name) ?? refuse(`nested: ${entity.label} has no relation "${name}"`)
    const [from, below] = Array.isArray(said) ? (said as [unknown, unknown]) : [said, {}]
    return typeof from === "string" && typeof below === "object" && below !== null
      ? { relation, from, below: fillsOf(relation.related, below) }
      : refuse(`nested: ${entity.label}.${name} is filled from a part of the row, by its name`)
  })

/** Rows by the value they hold in a part, in the order of the first of each; without it, none. */
const apart = (
  entity: Mapped,
  from: string,
  rows: ReadonlyArray<Cells>
): ReadonlyArray<ReadonlyArray<Cells>> => {
  const { label, source } = entity
  if (source.primaryKey.length === 0) refuse(`nested: ${label} has no key to tell its rows by`)
  const groups = new Map<LinkMark | undefined, Array<Cells>>()
  for (const row of rows) {
    const value = row[from]
    if (value === null) continue
    if (!isOfEntity(value) || value[EntityId] !== entity)
      refuse(`nested: "${from}" of a row is no ${label}`)
    const key = linkMark(source, source.primaryKey, value as unknown as Cells)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return [...groups.values()]
}

const valuesOf = (
  entity: Mapped,
  from: string,
  fills: ReadonlyArray<Fill>,
  rows: ReadonlyArray<Cells>
): ReadonlyArray<object> =>
  apart(entity, from, rows).map((group) => {
    const value = group[0]![from] as Cells
    if (fills.length === 0) return value
    const cells: Record<string, unknown> = Object.create(null) as Record<string, unknown>
    for (const key of Object.keys(value)) cells[key] = value[key]
    for (const { below, from: part, relation } of fills) {
      const found = Object.freeze(valuesOf(relation.related, part, below, group))
      if (!relation.toMany && found.length > 1)
        refuse(`nested: ${entity.label}.${relation.name} leads to one row, and several were joined`)
      cells[relation.name] = relation.toMany ? Object.freeze({ some: found }) : (found[0] ?? null)
    }
    return construct(entity, cells)
  })

/**
 * Values whose relations are filled from the rows of a join written by hand.
 *
 * **Shape** the rows are records of entities, as `select({ user: User, post: Post })` gives them;
 * the values of one part come once each, in the order of their first rows, with what stood beside
 * them. A relation to many is a part, `posts.some`: what the join left out is not missing, and
 * nothing takes it for removed. An absent entity of an outer join fills nothing.
 * **Laws** of a left join without conditions, level after level: the tree of `Load.all`.
 * **Errors** `StatementError` for a name that is no relation, a part of the row that is another
 * entity, and several rows for a relation to one.
 * **Source** SQLAlchemy 2.0 `contains_eager`.
 *
 * @example
 * ```ts
 * import { Along, Catalog, Column, Database, Entity, Load, Query } from "athanor"
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
 * const liked = Query.from(User).join(Post, Along.on(User, "posts"))
 *   .where(Post.c.stars.gt(1)).orderBy(Post.c.id).select({ user: User, post: Post })
 * const program = Effect.gen(function* () {
 *   yield* Database.create(Catalog.make({ User, Post }))
 *   yield* Database.run(Query.insert(User).values({}))
 *   yield* Database.run(Query.insert(Post).rows([1, 2, 3].map((stars) => ({ userId: 1, stars }))))
 *   const users = Load.nested(yield* Database.all(liked), User, "user", { posts: "post" })
 *   return users.map(({ posts }) => posts.some.map(({ stars }) => stars))
 * })
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => [[2, 3]]
 * ```
 * @category constructors
 */
export const nested = <
  Row extends object,
  E extends AnyEntity,
  const P extends keyof Row & string,
  const F extends Filling<E, Row>
>(
  rows: ReadonlyArray<Row>,
  entity: E,
  part: P,
  filling: F
): ReadonlyArray<Filled<E, Row, NonNullable<Row[P]>, F>> => {
  const facts = entity[ClassId]
  return Object.freeze(
    valuesOf(facts, part, fillsOf(facts, filling), rows as ReadonlyArray<Cells>)
  ) as never
}
