import type { Utc } from "effect/DateTime"
import type { Equal } from "effect/Equal"
import type { Expr } from "./Expression.ts"
import type { Relation } from "./Relation.ts"
import type { RowShape } from "./RowShape.ts"
import type { Scalar } from "./Scalar.ts"
import type { Source as SourceNode } from "./Source.ts"

/** Where a source keeps its data. */
export const FromId: unique symbol = Symbol.for("athanor/From")
export type FromId = typeof FromId

/** What FROM needs of a source: its relation, its alias and how a whole row of it is built. */
export interface FromNode<out N extends string, out Row> {
  readonly row?: Row
  readonly alias: N
  readonly source: SourceNode
  readonly relation: Relation
  readonly fields: ReadonlyArray<Scalar>
  readonly shape: RowShape
}

/** Anything whose row can be selected whole. */
export interface Source<out N extends string, out Row> {
  readonly [FromId]: FromNode<N, Row>
}

/**
 * Anything that stands in FROM: a table, an entity, an alias, a derived table, a CTE.
 *
 * **Shape** `N` is its alias, `Row` what is fetched when it is selected whole, `P` the named
 * parameters in it. Its columns are under `.c` and nowhere else.
 *
 * @category models
 */
export interface From<out N extends string, out Row, out P = never> extends Source<N, Row> {
  /** A query that speaks of an outer one stands in a lateral join only. */
  readonly "~correlated to"?: P
}

/** A JSON value: a leaf of a row, never a nested record. */
export interface JsonLeaf {
  readonly "~json"?: true
}

export declare const EntityColumnsId: unique symbol

/**
 * What an entity's rows remember of their columns: getters, methods and relations are not columns.
 */
export interface HasColumns<out Cols> {
  readonly [EntityColumnsId]?: Cols
}
export type EntityColumnsId = typeof EntityColumnsId

/** A value of one column: never a record of them. */
export type Leaf =
  | string
  | number
  | bigint
  | boolean
  | symbol
  | ReadonlyArray<any>
  | Uint8Array
  | Date
  | JsonLeaf
  | Equal
  | Utc
  | ((...args: never) => unknown)

/**
 * The columns a row gives to an outer query: a nested record stays a nested record of references,
 * each nullable where the record may be absent.
 *
 * @category models
 */
export type Refs<Row, N extends string, Null = never> = RefsOf<ColumnsIn<Row>, N, Null>

type RefsOf<Cols, N extends string, Null> = {
  readonly [K in keyof Cols as K extends string ? K : never]-?: RefOf<Cols[K], N, Null>
} & {}

/** The columns of a row: those its class says it has, else all of it. */
export type ColumnsIn<Row> =
  Row extends HasColumns<infer Cols> ? (unknown extends Cols ? Row : Cols) : Row

type RefOf<A, N extends string, Null> = [NonNullable<A>] extends [HasColumns<infer Cols>]
  ? unknown extends Cols
    ? LeafRef<A, N, Null>
    : RefsOf<Cols, N, Null | Extract<A, null>>
  : LeafRef<A, N, Null>

type LeafRef<A, N extends string, Null> = [NonNullable<A>] extends [Leaf]
  ? Expr<A | Null, N>
  : string extends keyof NonNullable<A>
    ? Expr<A | Null, N>
    : Refs<NonNullable<A>, N, Null | Extract<A, null>>

declare const EntityMatchId: unique symbol

/** What `match` takes on rows of an entity whose class is not known. */
export interface EntityMatch<out M> {
  readonly [EntityMatchId]?: M
}
export type EntityMatchId = typeof EntityMatchId

/** Where the types keep the class a relation leads to. */
export declare const RelatedId: unique symbol

/** A static of a class that leads to another class: `match` follows it. */
export interface Related<out T> {
  readonly [RelatedId]: T
}

declare const EachId: unique symbol

/** A class whose rows are values of several: `match` follows what each of those leads to. */
export interface OfEach<out M> {
  readonly [EachId]: M
}

/** The relations among the statics of a class, by name. */
export type Relations<E> = { readonly [K in RelationNames<E>]: E[K] }
/** A union of its own: the checker asks for the keys of a mapped type with `as` again each time. */
export type RelationNames<E> = E extends unknown
  ? {
      [K in Exclude<keyof E, Reserved>]: E[K] extends Related<unknown> ? Sound<E[K], K> : never
    }[Exclude<keyof E, Reserved>]
  : never
/** Statics that every such class has: not asked, which spares the checker their types. */
type Reserved = "c" | "make" | "ref" | "prototype" | symbol
/** A static of type `never` or `any` would match everything. */
type Sound<T, K> = [T] extends [never] ? never : 0 extends 1 & T ? never : K

declare const OfId: unique symbol

/**
 * The class a query's rows are of.
 *
 * **Shape** a value does not know its class's statics, and relations are statics: so the query
 * carries the class beside its row, for `match` and load plans. Fetched rows do not: see `Fetched`.
 */
export interface Of<out E> {
  readonly [OfId]?: E
}

/** A query's rows as they are fetched. */
export type Fetched<Row> =
  Row extends Of<infer E>
    ? unknown extends E
      ? Row
      : E extends { readonly prototype: infer V }
        ? V
        : Row
    : Row

/** A source that is a class: its rows are values of it. */
export interface ClassFrom<out N extends string> extends From<N, unknown> {
  readonly prototype: unknown
}
