import type { ColumnValue } from "../algebra/schema/Column.ts"
import type { Columns, RowOf } from "../algebra/schema/Table.ts"
import * as E from "../algebra/Expr.ts"
import type { Expr, Ordering } from "../algebra/Expression.ts"
import type { From } from "../algebra/From.ts"
import type { RowRule } from "../algebra/RuleBroken.ts"
import { refuse } from "../algebra/StatementError.ts"
import { tuple } from "../algebra/Tuple.ts"
import { refused } from "../algebra/types/make.ts"
import type { AnyEntity, SideColumns } from "./EntityClass.ts"
import { ReadingId, RuleId } from "./EntityRule.ts"
import type { ColumnsOf, NameOf } from "./EntityTypes.ts"
import type { SourceUnder } from "./EntityExpr.ts"

/** Columns of an entity by the names of the parts they hold. */
export type Parts<C> = Readonly<Record<string, keyof C & string>>

/** A value whose parts are all there. */
export type WholeOf<C extends Columns, P extends Parts<C>> = {
  readonly [K in keyof P]: NonNullable<ColumnValue<C[P[K]]>>
}

/** Null where every column may be NULL: then all of them are, or none. */
type AbsentOf<C extends Columns, P extends Parts<C>> = [
  { [K in keyof P]: null extends ColumnValue<C[P[K]]> ? never : K }[keyof P]
] extends [never]
  ? null
  : never

/** The columns that hold a value. */
type CellsOf<C extends Columns, P extends Parts<C>> = {
  readonly [K in P[keyof P]]: ColumnValue<C[K]>
}

/**
 * One value over several columns, as expressions of one alias.
 *
 * **Shape** ordered by its parts in turn; an absent one is equal to none, and is sorted as NULL is.
 *
 * @category models
 */
export interface CompositeUnder<C extends Columns, P extends Parts<C>, N extends string> {
  /** The columns by the names of the parts: to be selected, or compared by themselves. */
  readonly parts: { readonly [K in keyof P]: Expr<ColumnValue<C[P[K]]>, N> }
  readonly eq: (value: WholeOf<C, P>) => Expr<boolean | AbsentOf<C, P>, N>
  readonly ne: (value: WholeOf<C, P>) => Expr<boolean | AbsentOf<C, P>, N>
  readonly lt: (value: WholeOf<C, P>) => Expr<boolean | AbsentOf<C, P>, N>
  readonly lte: (value: WholeOf<C, P>) => Expr<boolean | AbsentOf<C, P>, N>
  readonly gt: (value: WholeOf<C, P>) => Expr<boolean | AbsentOf<C, P>, N>
  readonly gte: (value: WholeOf<C, P>) => Expr<boolean | AbsentOf<C, P>, N>
  readonly in: (values: ReadonlyArray<WholeOf<C, P>>) => Expr<boolean | AbsentOf<C, P>, N>
  readonly isNull: () => Expr<boolean, N>
  /** Keys to order by, to be spread. */
  readonly asc: () => ReadonlyArray<Ordering<N>>
  readonly desc: () => ReadonlyArray<Ordering<N>>
}

/**
 * One value over several columns, declared with its class.
 *
 * @category models
 */
export interface Composite<
  E extends AnyEntity,
  P extends Parts<ColumnsOf<E>>
> extends CompositeUnder<ColumnsOf<E>, P, NameOf<E>> {
  /**
   * The value of a row: frozen, null where all its columns are.
   *
   * **Errors** `StatementError` for a row that lacks one of them.
   *
   * @example
   * ```ts
   * import { Column, Entity } from "athanor"
   * const at = { x: Column.integer(), y: Column.integer() }
   * class Town extends Entity<Town>()("towns", { id: Column.id(), ...at }) {
   *   static readonly place = this.composite({ x: "x", y: "y" })
   * }
   * Town.place.of(Town.of({ id: 1, x: 2, y: 3 })) // => { x: 2, y: 3 }
   * ```
   * @category conversions
   */
  of(
    row: Pick<RowOf<ColumnsOf<E>>, P[keyof P]>
  ): WholeOf<ColumnsOf<E>, P> | AbsentOf<ColumnsOf<E>, P>
  /**
   * The columns that make it a value: for `make`, updates and inserts. Null is absence.
   *
   * @example
   * ```ts
   * import { Column, Entity, Query } from "athanor"
   * const at = { x: Column.integer().nullable(), y: Column.integer().nullable() }
   * class Town extends Entity<Town>()("towns", { id: Column.id(), ...at }) {
   *   static readonly place = this.composite({ x: "x", y: "y" })
   * }
   * const town = Town.make(Town.place.set({ x: 2, y: 3 }))
   * const command = Query.update(Town).set(Town.place.set(null)).where(Town.place.parts.x.lt(0))
   * ```
   * @category combinators
   */
  set(value: WholeOf<ColumnsOf<E>, P> | AbsentOf<ColumnsOf<E>, P>): CellsOf<ColumnsOf<E>, P>
  /**
   * The same of an alias, or of another source with these columns.
   *
   * @example
   * ```ts
   * import { Column, Entity, Query } from "athanor"
   * const at = { x: Column.integer(), y: Column.integer() }
   * class Town extends Entity<Town>()("towns", { id: Column.id(), ...at }) {
   *   static readonly place = this.composite({ x: "x", y: "y" })
   * }
   * const other = Query.alias(Town, "other")
   * const query = Query.from(other).where(Town.place.on(other).eq({ x: 2, y: 3 }))
   * ```
   * @category combinators
   */
  on<N extends string>(source: SourceUnder<ColumnsOf<E>, N>): CompositeUnder<ColumnsOf<E>, P, N>
}

type Cells = Readonly<Record<string, unknown>>
type Own = From<string, unknown> & { readonly c: SideColumns }

const whole = "all of its columns or none"

/** The comparisons of a value under one alias. */
const under = (
  names: ReadonlyArray<string>,
  columns: () => SideColumns,
  keys: ReadonlyArray<string>
) => {
  const parts = () => keys.map((key) => columns()[key] ?? refuse(`composite: there is no "${key}"`))
  const listed = (value: unknown): ReadonlyArray<never> => {
    if (typeof value !== "object" || value === null)
      return refuse("composite: it is compared with a record of its parts; absence is isNull()")
    const strange = Object.keys(value).find((name) => !names.includes(name))
    if (strange !== undefined) refuse(`composite: "${strange}" is none of its parts`)
    return names.map((name) => (value as Cells)[name] as never)
  }
  const side = () => tuple(...(parts() as unknown as readonly [Expr<unknown, string>]))
  const compared =
    (op: "eq" | "gt" | "gte" | "lt" | "lte" | "ne") =>
    (value: unknown): unknown =>
      side()[op](listed(value) as never)
  return {
    get parts() {
      const all = parts()
      return Object.fromEntries(names.map((name, at) => [name, all[at]!]))
    },
    eq: compared("eq"),
    ne: compared("ne"),
    lt: compared("lt"),
    lte: compared("lte"),
    gt: compared("gt"),
    gte: compared("gte"),
    in: (values: ReadonlyArray<unknown>) => side().in(values.map(listed) as never),
    isNull: () => E.and(...parts().map((part) => part.isNull())),
    asc: () => parts().map((part) => part.asc()),
    desc: () => parts().map((part) => part.desc())
  }
}

/** A composite of the columns of a class. **Errors** `StatementError` for fewer than two. */
export const compositeOf = (owner: Own, columns: Readonly<Record<string, string>>): object => {
  const names = Object.keys(columns)
  const keys = Object.values(columns)
  if (names.length < 2 || new Set(keys).size < keys.length)
    return refuse("composite: two different columns at least make one value")
  const isSound = (row: Cells): boolean => {
    // A part of a row says nothing of the rest.
    if (keys.some((key) => row[key] === undefined)) return true
    const nulls = keys.filter((key) => row[key] === null).length
    return nulls === 0 || nulls === keys.length
  }
  const rule: RowRule = Object.freeze({
    columns: Object.freeze(keys),
    rule: (row: unknown) => (isSound(row as Cells) ? null : { path: [], expected: whole })
  })
  const of = (row: Cells): unknown => {
    const missing = keys.find((key) => row[key] === undefined)
    if (missing !== undefined) return refuse(`composite: the row lacks "${missing}"`)
    if (!isSound(row)) return refuse(`composite: some of ${keys.join(", ")} is null`)
    if (row[keys[0]!] === null) return null
    return Object.freeze(Object.fromEntries(names.map((name, at) => [name, row[keys[at]!]])))
  }
  const set = (value: unknown): Cells => {
    if (value !== null && typeof value !== "object")
      return refuse("composite: it is set to a record of its parts, or null")
    const given = value === null ? null : (value as Cells)
    const missing = given === null ? undefined : names.find((name) => given[name] === undefined)
    if (missing !== undefined) refuse(`composite: its "${missing}" is missing`)
    return Object.freeze(
      Object.fromEntries(names.map((name, at) => [keys[at]!, given === null ? null : given[name]]))
    )
  }
  return Object.freeze(
    Object.defineProperties(
      {
        of,
        set,
        on: (source: Own) => Object.freeze(under(names, () => source.c, keys)),
        [RuleId]: rule,
        [ReadingId]: (row: Cells) => (isSound(row) ? {} : refused(whole))
      },
      Object.getOwnPropertyDescriptors(under(names, () => owner.c, keys))
    )
  )
}
