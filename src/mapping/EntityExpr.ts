import type { ColumnValue } from "../algebra/schema/Column.ts"
import { type Expr, isExpr } from "../algebra/Expression.ts"
import type { From } from "../algebra/From.ts"
import { lateExpr } from "../algebra/lateExpr.ts"
import type { Scalar } from "../algebra/Scalar.ts"
import { refuse } from "../algebra/StatementError.ts"
import type { Columns, PatchOf, WholeOf } from "../algebra/schema/Table.ts"
import type { Uses } from "../algebra/Value.ts"
import { type AnyEntity, ClassId, type Mapped, type SideColumns } from "./EntityClass.ts"
import type { ColumnsOf, NameOf } from "./EntityTypes.ts"
import { portable } from "./portable.ts"

/** The columns of an entity under an alias: what a definition is written over. */
export type ColumnsUnder<C, N extends string> = {
  readonly [K in keyof C]: Expr<ColumnValue<C[K]>, N>
}

/**
 * A definition: an expression over the columns, whatever alias they stand under; a subquery within
 * is correlated to `self`.
 */
export type Defined<E extends AnyEntity, A, R extends Needs<E>> = (
  c: ColumnsUnder<ColumnsOf<E>, NameOf<E>>,
  self: From<NameOf<E>, unknown>
) => Expr<A, R>

/** A source with these columns under an alias. */
export interface SourceUnder<C, N extends string> extends From<N, unknown> {
  readonly c: ColumnsUnder<C, N>
}

/** What a definition may need: its own entity. */
export type Needs<E extends AnyEntity> = NameOf<E> | Uses<NameOf<E>>

/**
 * An expression over the columns of an entity, declared with its class: SQL only.
 *
 * **Shape** an expression like any other, of the entity's own rows; `on` gives it of an alias.
 *
 * @category models
 */
export interface EntityExpr<E extends AnyEntity, out A, out R> extends Expr<A, R> {
  /**
   * The same of an alias, or of another source with these columns.
   *
   * @example
   * ```ts
   * import { Column, Entity, Query } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id(), points: Column.integer() }) {
   *   static readonly rich = this.expr((u) => u.points.gt(100))
   * }
   * const other = Query.alias(User, "other")
   * const query = Query.from(other).where(User.rich.on(other))
   * ```
   * @category combinators
   */
  on<N extends string>(source: SourceUnder<ColumnsOf<E>, N>): Expr<A, N>
}

/**
 * One definition with two interpreters: an expression in SQL, and a function of a value.
 *
 * @category models
 */
export interface Hybrid<E extends AnyEntity, out A, out R> extends EntityExpr<E, A, R> {
  /**
   * What it is of a value, without a database.
   *
   * **Laws** equal to the database's answer for the row, NULL in it included.
   * **Errors** `StatementError` for a value that lacks a column, and for a number out of range.
   *
   * @example
   * ```ts
   * import { Column, Entity } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id(), points: Column.integer() }) {
   *   static readonly rich = this.hybrid((u) => u.points.gt(100))
   * }
   * User.rich.of({ id: 1, points: 500 }) // => true
   * ```
   * @category conversions
   */
  of(row: WholeOf<ColumnsOf<E>>): A
}

/**
 * A hybrid that can be set.
 *
 * @category models
 */
export interface SettableHybrid<E extends AnyEntity, A, out R> extends Hybrid<E, A, R> {
  /**
   * The patch that makes it this value: for an update of one value, and for many rows.
   *
   * @example
   * ```ts
   * import { Column, Entity, Query } from "athanor"
   * class User extends Entity<User>()("users", { id: Column.id(), cents: Column.integer() }) {
   *   static readonly doubled = this.hybrid((u) => u.cents.mul(2),
   *     { set: (sum) => ({ cents: Math.trunc(sum / 2) }) })
   * }
   * const command = Query.update(User).set(User.doubled.set(500)).where(User.c.id.eq(1))
   * ```
   * @category combinators
   */
  set(value: A): PatchOf<ColumnsOf<E>>
}

/** What a hybrid takes beside its definition. */
export interface HybridOptions<A, C extends Columns> {
  /** The columns that make it a value. */
  readonly set: (value: A) => PatchOf<C>
}

type Own = From<string, unknown> & { readonly c: SideColumns }
type Get = (c: SideColumns, self: Own) => unknown

const nodeOf = (place: string, made: unknown): Scalar =>
  isExpr(made) ? made.node : refuse(`${place}: its definition is no expression`)

const placeOf = (entity: Mapped, self: object): string => {
  const found = Object.entries(entity.class).find(([, value]) => value === self)
  return found === undefined ? entity.label : `${entity.label}.${found[0]}`
}

/** A declared expression: `of` too, where it is a hybrid. */
export const definedBy = (
  owner: AnyEntity & Own,
  get: Get,
  form: { readonly portable: boolean; readonly set?: unknown }
): object => {
  if (typeof get !== "function") refuse("a definition is not (columns) => expression")
  let interpreted: ((row: object) => unknown) | undefined
  // The class is still being made: its columns' types may not exist yet.
  const interpreter = (node: Scalar) =>
    (interpreted ??= portable(place(), node, owner[ClassId].source))
  const place = (): string => placeOf(owner[ClassId], self)
  const own = (): Scalar => {
    const node = nodeOf(place(), get(owner.c, owner))
    if (form.portable) interpreter(node)
    return node
  }
  const self: object & { readonly node: Scalar } = lateExpr(own, {
    on: (source: Own) => get(source.c, source),
    ...(form.portable ? { of: (row: object) => interpreter(self.node)(row) } : {}),
    ...(form.set === undefined ? {} : { set: form.set })
  })
  return self
}
