import { windows } from "../../../algebra/block.ts"
import type { CombineOperator, CustomRelation, Group, HintForm } from "../../../algebra/Relation.ts"
import type { RowShape } from "../../../algebra/RowShape.ts"
import type { Scalar } from "../../../algebra/Scalar.ts"
import type { Block, From, Item, PlacedLock, Query, Sort, Term } from "../../Placed.ts"
import { booleanType } from "../../internalTypes.ts"
import type { Scope } from "./Scope.ts"

/** One projected expression and, when asked for, its place in the block. */
export interface Field {
  readonly node: Scalar
  readonly term: () => Term
  /** A set operation's: its value is not always that of the expression. */
  readonly combined: boolean
}

/** What the rows come from: one SELECT, several combined, or a user's text around one. */
export type Core =
  | { readonly _tag: "Block" }
  | {
      readonly _tag: "Compound"
      readonly op: CombineOperator
      readonly parts: ReadonlyArray<Query>
      readonly list?: boolean
    }
  | {
      readonly _tag: "CustomQuery"
      readonly node: CustomRelation
      readonly self: Query
      readonly args: ReadonlyArray<Term>
    }

/** A SELECT being put together, inside out. */
export interface Draft {
  readonly core: Core
  readonly from: From | null
  readonly where: ReadonlyArray<Term>
  /** Conditions of joins that read a query outside and are said in no ON yet. */
  readonly outward: ReadonlyArray<Term>
  readonly group: ReadonlyArray<Term> | null
  readonly sets: Group["sets"]
  readonly having: ReadonlyArray<Term>
  readonly distinct: boolean
  /** So many of the first sort keys. */
  readonly distinctOn: number | null
  readonly order: ReadonlyArray<Sort>
  readonly limit: Term | null
  readonly offset: Term | null
  readonly ties: boolean
  readonly lock: PlacedLock | null
  readonly hints: ReadonlyArray<HintForm>
  readonly fields: ReadonlyArray<Field> | null
  readonly shape: RowShape | null
  /** What an expression above may say. */
  readonly scope: Scope
}

const block: Core = Object.freeze({ _tag: "Block" })
const none: ReadonlyArray<never> = Object.freeze([])

/** What sources bring with them: conditions that wait, and what the first of them selects. */
export type Brought = Pick<Draft, "where" | "outward" | "fields" | "shape">

const nothing: Brought = Object.freeze({ where: none, outward: none, fields: null, shape: null })

/** A draft over sources alone. */
export const draftOf = (from: From | null, scope: Scope, brought: Brought = nothing): Draft => ({
  core: block,
  from,
  where: brought.where,
  outward: brought.outward,
  group: null,
  sets: null,
  having: none,
  distinct: false,
  distinctOn: null,
  order: none,
  limit: null,
  offset: null,
  ties: false,
  lock: null,
  hints: none,
  fields: brought.fields,
  shape: brought.shape,
  scope
})

/** A SELECT of no columns yet, without clauses. */
export const emptyBlock: Omit<Block, "items"> = {
  _tag: "Block",
  from: null,
  where: null,
  group: null,
  sets: null,
  having: null,
  outermost: false,
  distinct: false,
  distinctOn: null,
  order: [],
  limit: null,
  offset: null,
  ties: false,
  lock: null,
  hints: []
}

/** Some of its rows are left out already, by their order. */
export const isSliced = (draft: Draft): boolean =>
  draft.limit !== null || draft.offset !== null || draft.distinctOn !== null

/** Its columns are settled: of the scope only projected expressions stay. */
export const isSettled = (draft: Draft): boolean => draft.distinct || draft.core._tag !== "Block"

/** Sources and joins, and a WHERE that can still move. */
export const isUngrouped = (draft: Draft): boolean =>
  draft.group === null && !isSettled(draft) && !isSliced(draft)

/** Nothing but sources and joins. */
export const isBare = (draft: Draft): boolean => isUngrouped(draft) && draft.where.length === 0

/** A function of no argument that runs once. */
export const once = <A>(make: () => A): (() => A) => {
  let made: { readonly value: A } | null = null
  return () => (made ??= { value: make() }).value
}

/** The items of a placed block, open while a block around it may still ask for more. */
export const openItems = (items: ReadonlyArray<Item>): Array<Item> => items as Array<Item>

/** A window in a projection sees the rows below it, and not what is left of them above. */
export const isWindowed = ({ fields }: Draft): boolean =>
  fields?.some((field) => windows(field.node)) === true

/** Its SELECT, with these columns. */
export const blockOf = (draft: Draft, items: ReadonlyArray<Item>): Block => ({
  _tag: "Block",
  from: draft.from,
  where: junctionOf([...draft.where, ...draft.outward]),
  group: draft.group,
  sets: draft.sets,
  having: junctionOf(draft.having),
  outermost: draft.scope.outer === null,
  distinct: draft.distinct,
  distinctOn: draft.distinctOn,
  items,
  order: draft.order,
  limit: draft.limit,
  offset: draft.offset,
  ties: draft.ties,
  lock: draft.lock,
  hints: draft.hints
})

/** Terms that must all hold; null for none. */
export const junctionOf = (parts: ReadonlyArray<Term>): Term | null =>
  parts.length === 0
    ? null
    : parts.length === 1
      ? parts[0]!
      : {
          _tag: "And",
          node: { _tag: "And", parts: [], type: booleanType, key: "", binds: [], ctes: [] },
          kids: { parts }
        }
