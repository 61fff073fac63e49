import type { DialectName } from "../../src/algebra/Dialect.ts"
import type { RowShape } from "../../src/algebra/RowShape.ts"
import type { Scalar } from "../../src/algebra/Scalar.ts"
import type { CteSource, SelfSource, TableSource } from "../../src/algebra/Source.ts"
import { outside, type Value } from "./Value.ts"

/** Rows of a base table, by column key. */
export type TableRow = Readonly<Record<string, Value>>

/** A database: each base table with its rows, in no meaningful order. */
export type Database = ReadonlyMap<TableSource, ReadonlyArray<TableRow>>

/** A result row: the values of the projected fields by position, and how they become one value. */
export interface Result {
  readonly fields: ReadonlyArray<Scalar>
  readonly values: ReadonlyArray<Value>
  readonly shape: RowShape
}

/** What an alias stands for: a row of a base table, or a result row of a query. */
export type AliasRow =
  | { readonly _tag: "Base"; readonly row: TableRow }
  | { readonly _tag: "Result"; readonly result: Result }

/**
 * One element of a relation's meaning.
 *
 * `rows` maps each alias to its row, or to null where an outer join left it absent. `members` are
 * the scopes of a group. Above DISTINCT and set operations only what was projected has a value:
 * `closed` is then that result row, in which expressions are found.
 */
export interface Scope {
  readonly rows: ReadonlyMap<string, AliasRow | null>
  readonly members: ReadonlyArray<Scope> | null
  readonly result: Result | null
  readonly closed: Result | null
  /** Keys of grouping sets that are NULL in this group. */
  readonly left: ReadonlyArray<Scalar>
  /** Keys of grouping sets that have their value here, though others in them be NULL. */
  readonly kept: ReadonlyArray<Scalar>
  /** The values it was sorted by. */
  readonly sorted: ReadonlyArray<Value> | null
}

/** The scope without aliases. */
export const emptyScope: Scope = {
  rows: new Map(),
  members: null,
  result: null,
  closed: null,
  left: [],
  kept: [],
  sorted: null
}

/** Meaning of SQL text a user wrote: by name for custom nodes, by parts joined with `?` for raw. */
export interface UserMeanings {
  readonly scalar: Readonly<Record<string, (args: ReadonlyArray<Value>) => Value>>
  readonly relation: Readonly<
    Record<string, (scopes: ReadonlyArray<Scope>) => ReadonlyArray<Scope>>
  >
}

/** All that a statement's meaning depends on. */
export interface World {
  readonly database: Database
  readonly dialect: DialectName
  /** Values of named parameters. */
  readonly parameters: Readonly<Record<string, unknown>>
  readonly users: UserMeanings
  /** Results of common table expressions, computed once per statement; of a recursion, the last. */
  readonly ctes: Map<CteSource | SelfSource, ReadonlyArray<Result>>
  /** Rows looked at so far. */
  readonly effort: { rows: number }
}

/** The scopes an expression sees, innermost first: its own query's, then the enclosing ones'. */
export interface Env {
  readonly world: World
  readonly scopes: ReadonlyArray<Scope>
  /** All scopes of the relation, the innermost among them, where a window may look at them. */
  readonly around: ReadonlyArray<Scope> | null
}

/** The environment with one more scope inside. */
export const inside = (
  env: Env,
  scope: Scope,
  around: ReadonlyArray<Scope> | null = null
): Env => ({
  world: env.world,
  scopes: [scope, ...env.scopes],
  around
})

/** The environment of an aggregate's argument: the group's scope replaced by one of its members. */
export const member = (env: Env, scope: Scope): Env => ({
  world: env.world,
  scopes: [scope, ...env.scopes.slice(1)],
  around: null
})

/** More rows than these nobody looks at to see one statement right. */
const most = 50_000

/** Counts rows that are looked at: a statement over too many of them has no meaning here. */
export const looked = ({ world }: Env, rows: number): void => {
  world.effort.rows += rows
  if (world.effort.rows > most) outside("more rows than are looked at for one statement")
}
