import type { Generator } from "./Generator.ts"
import type { Relation } from "./Relation.ts"
import type { Scalar } from "./Scalar.ts"
import type { AnyType } from "./Type.ts"

/** One column of a table: its type and the facts the server and the mapper need. */
export interface ColumnNode {
  /** Property in TypeScript. */
  readonly key: string
  /** Name in the database. */
  readonly name: string
  readonly type: AnyType
  readonly nullable: boolean
  /** Made by the server as the next integer: AUTOINCREMENT, IDENTITY, AUTO_INCREMENT. */
  readonly identity: boolean
  /** Made by the client when an insert leaves the column out. */
  readonly default: Generator | null
  /** Made by the server when an insert leaves the column out, as constant SQL. */
  readonly serverDefault: Scalar | null
  /** Made by the client when an update leaves the column out. */
  readonly onUpdate: Generator | null
  /** Never changed after insert. */
  readonly writeOnce: boolean
  /** Counts updates of the row: optimistic locking. */
  readonly version: boolean
}

/** What happens to referring rows when the key they refer to goes. */
export type ReferentialAction = "no action" | "restrict" | "cascade" | "set null" | "set default"

/** A foreign key: tuples of columns from the start. */
export interface ForeignKey {
  readonly name: string
  /** Column keys of the referring table. */
  readonly columns: ReadonlyArray<string>
  readonly target: TableSource
  /** Column keys of the target. */
  readonly targetColumns: ReadonlyArray<string>
  readonly onDelete: ReferentialAction
  readonly onUpdate: ReferentialAction
}

/** A unique constraint over columns, by key. */
export interface UniqueNode {
  readonly name: string
  readonly columns: ReadonlyArray<string>
}

/** An index over columns, by key. */
export interface IndexNode {
  readonly name: string
  readonly columns: ReadonlyArray<string>
  readonly unique: boolean
}

/** A check constraint: a row is refused where the predicate is false. */
export interface CheckNode {
  readonly name: string
  readonly predicate: Scalar
}

/**
 * A link from one table to another as the compiler sees it: which of the target's rows belong to a row.
 *
 * **Shape** `columns` of this side equal `targetColumns`; with `through`, by way of a link table.
 */
export interface JoinSource {
  readonly toMany: boolean
  readonly target: TableSource
  readonly columns: ReadonlyArray<string>
  readonly targetColumns: ReadonlyArray<string>
  readonly through: {
    readonly table: TableSource
    /** Columns of the link table that refer to this side's `columns`. */
    readonly near: ReadonlyArray<string>
    /** Columns of the link table that refer to the target's `targetColumns`. */
    readonly far: ReadonlyArray<string>
  } | null
}

/** A base table by identity: two tables are the same only when they are one value. */
export interface TableSource {
  readonly _tag: "TableSource"
  /** Distinguishes tables in statement keys; never printed. */
  readonly id: number
  readonly name: string
  readonly schema: string | null
  readonly columns: ReadonlyArray<ColumnNode>
  readonly byKey: ReadonlyMap<string, ColumnNode>
  /** Column keys of the primary key; empty without one. */
  readonly primaryKey: ReadonlyArray<string>
  readonly primaryKeyName: string
  /** Thunks: read after every table exists. */
  readonly foreignKeys: () => ReadonlyArray<ForeignKey>
  readonly uniques: () => ReadonlyArray<UniqueNode>
  readonly indexes: () => ReadonlyArray<IndexNode>
  readonly checks: () => ReadonlyArray<CheckNode>
  /** Relations by name; empty for a plain table. */
  readonly relations: () => ReadonlyMap<string, JoinSource>
  /** Class of the rows, as its prototype; plain objects where null. */
  readonly prototype: object | null
}

/** A query in parentheses, used as a table. */
export interface DerivedSource {
  readonly _tag: "DerivedSource"
  readonly query: Relation
}

/** A common table expression: a named query, by identity. */
export interface CteSource {
  readonly _tag: "CteSource"
  readonly name: string
  readonly query: Relation
}

/** Where the columns of an alias come from. */
export type Source = TableSource | DerivedSource | CteSource
