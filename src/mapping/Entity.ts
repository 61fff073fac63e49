import type { Expr } from "../algebra/Expression.ts"
import type { ColumnValue } from "../algebra/schema/Column.ts"
import type { TableItem } from "../algebra/schema/Constraint.ts"
import type { EntityMatch, From, EntityColumnsId } from "../algebra/From.ts"
import type { TableSource } from "../algebra/Source.ts"
import { foreignKeys } from "../algebra/schema/tableRules.ts"
import { tableRefs, tableSource } from "../algebra/schema/tableSource.ts"
import type { Columns, InsertOf, PatchOf, TableOptions, WholeOf } from "../algebra/schema/Table.ts"
import type { Writable } from "../algebra/schema/Writable.ts"
import type { EntityBase } from "./EntityBase.ts"
import { type AnyEntity, type ClassId, type EntityFacts, type OneOf } from "./EntityClass.ts"
import type { Draft as DraftOf, New as NewRow } from "./EntityDraft.ts"
import type { Ref as RowRef } from "./EntityRef.ts"
import type { KeyOf, NameOf, ValueNames } from "./EntityTypes.ts"
import { baseOver } from "./baseOver.ts"
import type { Late } from "./EntityDeclaration.ts"

declare const PatchId: unique symbol

/** What `match` takes of an entity: its columns by value, its relations by nesting. */
type MatchRecord<C extends Columns> = { readonly [K in keyof C]?: ColumnValue<C[K]> } & {
  readonly [relation: string]: unknown
}

/**
 * What every value of an entity has beside its columns: what it is.
 *
 * @category models
 */
export interface EntityValue<out N extends string, C extends Columns>
  extends OneOf<N>, EntityMatch<MatchRecord<C>> {
  readonly [EntityColumnsId]?: WholeOf<C>
  readonly [PatchId]?: PatchOf<C>
}

/**
 * What an update takes of a value: its columns that may change, each optional.
 *
 * @category models
 */
export type PatchOfValue<V> =
  V extends EntityValue<any, infer C>
    ? [keyof PatchOf<C>] extends [never]
      ? ReadOnlyPatch
      : PatchOf<C>
    : never

/**
 * What an update takes of a value none of whose columns changes: nothing.
 *
 * @category models
 */
export interface ReadOnlyPatch {
  readonly "~nothing of it changes"?: never
}

/**
 * What the server may compute of a value: expressions over its own columns, and values beside them.
 *
 * @category models
 */
export type ComputedOfValue<V> =
  V extends EntityValue<infer N, infer C> ? ComputedOf<PatchOf<C>, N> : never
type ComputedOf<P, N extends string> = {
  readonly [K in keyof P]?: P[K] | Expr<Exclude<P[K], undefined>, N>
}

/**
 * What `new` would take: nothing is made by it.
 *
 * @category models
 */
export interface UseMake {
  readonly "~use make": never
}

/**
 * The statics of an entity class: its columns under `.c`, and what makes it a source.
 *
 * @category models
 */
export interface EntityStatics<N extends string, Self, C extends Columns>
  extends ReadStatics<N, Self, C>, Writable<InsertOf<C>, PatchOf<C>> {}

/**
 * The same of a class that no command writes.
 *
 * @category models
 */
export interface ReadStatics<N extends string, Self, C extends Columns> extends From<N, Self> {
  /** Values come from queries and sessions; `make` gives a row to be. */
  new (_: UseMake): WholeOf<C> & EntityValue<N, C>
  readonly [ClassId]: EntityFacts<N, C>
  /** The columns, as expressions. */
  readonly c: { readonly [K in keyof C]: Expr<ColumnValue<C[K]>, N> } & {}
}

type Items<N extends string, C extends Columns> = (
  c: EntityStatics<N, unknown, C>["c"]
) => ReadonlyArray<TableItem>

/**
 * The class an entity extends.
 *
 * @category models
 */
export type EntityClass<N extends string, Self, C extends Columns> = typeof EntityBase &
  EntityStatics<N, Self, C>

/**
 * The class of an entity: its table, its columns, and what makes its rows values of a class.
 *
 * **Shape** the type argument is the class itself: `class User extends Entity<User>()("users", …)`.
 * Columns are under `User.c`; relations are statics, declared by `this.belongsTo`, `this.hasMany`,
 * `this.manyToMany`; getters and methods are those of every value. Values are frozen. `User.make`
 * gives a row to be, `User.ref` stands for a row by its key; other statics are free. The third
 * argument gives indexes, unique and check constraints, as for `Table.make`.
 * **Errors** `StatementError` for what `Table.make` refuses, and at their first use for relations
 * whose columns do not exist or are not clear.
 * **Source** SQLAlchemy 2.0 "ORM Mapped Class Configuration".
 *
 * @example
 * ```ts
 * import { Column, Entity, Query } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id(), name: Column.varchar(50) }) {
 *   static readonly posts = this.hasMany(() => Post, { children: "delete" })
 *   get greeting() { return `Hello, ${this.name}` }
 * }
 * class Post extends Entity<Post>()("posts", {
 *   id: Column.id(), title: Column.varchar(200), authorId: Column.integer()
 * }) {
 *   static readonly author = this.belongsTo(() => User)
 * }
 * const alice = User.make({ name: "Alice", posts: [{ title: "The furnace is lit" }] })
 * const query = Query.from(Post).where(Post.c.authorId.eq(1))
 * ```
 * @category constructors
 */
export const Entity =
  <Self>() =>
  <const N extends string, C extends Columns>(
    name: N,
    columns: C,
    items?: Items<N, C>,
    options: TableOptions = {}
  ): EntityClass<N, Self, C> => {
    const rulesOf = (own: TableSource) => items?.(tableRefs(own, name) as never) ?? []
    const source = (late: Late): TableSource => {
      const own: TableSource = tableSource({
        name,
        columns,
        exact: false,
        options,
        items: () => rulesOf(own),
        get prototype() {
          return late.prototype()
        },
        extraReferences: late.foreignKeys,
        relations: late.relations,
        queriedBy: late.queriedBy,
        rules: late.rules
      })
      return own
    }
    const declaredKeys = (own: TableSource) => foreignKeys(columns, own, rulesOf(own), [])
    return baseOver({ name, columns, declaredKeys, source }) as never
  }

/**
 * The types of an entity's parts.
 *
 * @category models
 */
export declare namespace Entity {
  /**
   * Any entity class.
   *
   * @category models
   */
  type Any = AnyEntity
  /**
   * A row to be: what `make` gives.
   *
   * @category models
   */
  type Draft<E extends Any> = DraftOf<E>
  /**
   * What `make` takes.
   *
   * @category models
   */
  type New<E extends Any> = NewRow<E>
  /**
   * A row by its key: what `ref` gives.
   *
   * @category models
   */
  type Ref<E extends Any> = RowRef<NameOf<E>>
  /**
   * The key of a row.
   *
   * @category models
   */
  type Key<E extends Any> = KeyOf<E>
  /**
   * A value, a draft or a reference.
   *
   * @category models
   */
  type One<E extends Any> = OneOf<ValueNames<E>>
}
