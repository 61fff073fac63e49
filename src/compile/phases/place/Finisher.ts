import type { Scalar } from "../../../algebra/Scalar.ts"
import type { Block, Item, Query, Term } from "../../Placed.ts"
import type { Draft } from "./Draft.ts"
import type { Group } from "../../../algebra/Relation.ts"
import type { SaysKey, Scope } from "./Scope.ts"

/** Turns drafts into queries, and queries into the sources of further drafts. */
export interface Finisher {
  readonly query: (draft: Draft, rows: "row" | "any") => Query
  /** The draft as a derived table whose scope stays usable from outside. */
  readonly nest: (draft: Draft, outer: Scope | null) => Draft
  /** The same, still in order: no server promises that of a derived table. */
  readonly nestSorted: (draft: Draft, outer: Scope | null) => Draft
  /** What is said of a draft whose columns are fixed: those, values, and what is outside. */
  readonly closed: (draft: Draft, outer: Scope | null) => Scope
  /** Grouping sets as a union of groupings. */
  readonly groupings: (
    draft: Draft,
    nodes: ReadonlyArray<Scalar>,
    keys: ReadonlyArray<Term>,
    sets: NonNullable<Group["sets"]>,
    outer: Scope | null,
    saysKey: SaysKey
  ) => Draft
  /** A query as one arm of a set operation. */
  readonly arm: (query: Query, index: number) => Query
  /** A query as a derived table around itself, with the same columns. */
  readonly wrap: (query: Query) => Block
  /** A user's text whose columns another clause takes by position: there they go by their names. */
  readonly byName: (query: Query) => Query
  /** A query in an expression, with a FROM where the server needs one. */
  readonly ground: (query: Query) => Query
  /** A query in which something is sought, as the server answers it rightly. */
  readonly sought: (query: Query) => Query
  /** A query of one column whose second row is an error, where the server would forget it. */
  readonly sole: (query: Query) => Block
  /** Keeps a server from merging a query into the one around it. */
  readonly settle: (query: Query) => void
  /** Keeps the keys of a grouped query that becomes a derived table. */
  readonly keepKeys: (query: Query) => void
  /** Adds a column that is TRUE in each row; gives its label. */
  readonly flag: (query: Query) => string
  /** A projected expression as ORDER BY names it from outside; null where it is not projected. */
  readonly labelOf: (draft: Draft, key: Scalar) => (() => Term) | null
  /** An alias q1, q2, … of its own. */
  readonly alias: () => string
  /** The draft with these columns, and those somebody still asks for. */
  readonly open: (draft: Draft, items: ReadonlyArray<Item>) => Block
  /** Completes blocks nobody asked a column of. */
  readonly seal: () => void
}
