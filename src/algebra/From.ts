import type { Equal } from "effect/Equal"
import type { Expr } from "./Expression.ts"
import type { Relation } from "./Relation.ts"
import type { RowShape } from "./RowShape.ts"
import type { Scalar } from "./Scalar.ts"
import type { Source } from "./Source.ts"

/** Where a source keeps its data. */
export const FromId: unique symbol = Symbol.for("athanor/From")
export type FromId = typeof FromId

/** What FROM needs of a source: its relation, its alias and how a whole row of it is built. */
export interface FromNode<out N extends string, out Row> {
  readonly row?: Row
  readonly alias: N
  readonly source: Source
  readonly relation: Relation
  readonly fields: ReadonlyArray<Scalar>
  readonly shape: RowShape
}

/**
 * Anything that stands in FROM: a table, an entity, an alias, a derived table, a CTE.
 *
 * **Shape** `N` is its alias, `Row` what is fetched when it is selected whole. Its columns are
 * under
 * `.c` and nowhere else.
 *
 * @category models
 */
export interface From<out N extends string, out Row> {
  readonly [FromId]: FromNode<N, Row>
}

/** A JSON value: a leaf of a row, never a nested record. */
export interface JsonLeaf {
  readonly "~json"?: true
}

declare const EntityColumnsId: unique symbol

/**
 * What an entity's rows remember of their columns: getters, methods and relations are not columns.
 */
export interface HasColumns<out Cols> {
  readonly [EntityColumnsId]?: Cols
}
export type EntityColumnsId = typeof EntityColumnsId

type Leaf =
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
  | ((...args: any) => any)

/**
 * The columns a row gives to an outer query: a nested record stays a nested record of references,
 * each nullable where the record may be absent.
 */
export type Refs<Row, N extends string, Null = never> = {
  readonly [K in keyof Row as K extends string ? K : never]-?: RefOf<Row[K], N, Null>
} & {}

type RefOf<A, N extends string, Null> = [NonNullable<A>] extends [HasColumns<infer Cols>]
  ? unknown extends Cols
    ? LeafRef<A, N, Null>
    : Refs<Cols, N, Null | Extract<A, null>>
  : LeafRef<A, N, Null>

type LeafRef<A, N extends string, Null> = [NonNullable<A>] extends [Leaf]
  ? Expr<A | Null, N>
  : string extends keyof NonNullable<A>
    ? Expr<A | Null, N>
    : Refs<NonNullable<A>, N, Null | Extract<A, null>>

declare const EntityMatchId: unique symbol

/** What `match` takes on an entity. */
export interface EntityMatch<out M> {
  readonly [EntityMatchId]?: M
}
export type EntityMatchId = typeof EntityMatchId
