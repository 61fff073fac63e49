import type { SnapshotCounter } from "./counter.ts"
import type { DialectName } from "../Dialect.ts"
import type { Deferral, Match, ReferentialAction } from "../nodes.ts"
import type { SqlType } from "../SqlType.ts"
import type { OnConflict } from "./tableStorage.ts"

export type { SnapshotCounter } from "./counter.ts"

/**
 * A schema as one server holds it: what reflection reads, and what a catalog becomes there.
 *
 * **Shape** plain data, fit for JSON. Types, defaults and expressions are texts in the dialect's
 * normal form (`compile/schema`), so that equal schemas are equal values.
 * **Source** SQL:2016 part 11, the information schema.
 *
 * @category models
 */
export interface Snapshot {
  readonly dialect: DialectName
  /** By schema and name, in that order. */
  readonly tables: ReadonlyArray<SnapshotTable>
  readonly views: ReadonlyArray<SnapshotView>
  readonly sequences: ReadonlyArray<SnapshotSequence>
  /** PostgreSQL: types of labels. */
  readonly enums: ReadonlyArray<SnapshotEnum>
  /** PostgreSQL: types cut to what passes their checks. */
  readonly domains: ReadonlyArray<SnapshotDomain>
}

/**
 * One base table.
 *
 * @category models
 */
export interface SnapshotTable {
  /** Null for the one that names without a schema mean. */
  readonly schema: string | null
  readonly name: string
  /** In the table's order. */
  readonly columns: ReadonlyArray<SnapshotColumn>
  readonly primaryKey: SnapshotKey | null
  readonly uniques: ReadonlyArray<SnapshotUnique>
  readonly foreignKeys: ReadonlyArray<SnapshotForeignKey>
  readonly checks: ReadonlyArray<SnapshotCheck>
  readonly exclusions: ReadonlyArray<SnapshotExclusion>
  /** Without those the server keeps for keys and unique constraints. */
  readonly indexes: ReadonlyArray<SnapshotIndex>
  readonly comment: string | null
  /** What else the server says of the table: engine, strictness, storage, partitions. */
  readonly options: Readonly<Record<string, string>>
}

/**
 * One column.
 *
 * @category models
 */
export interface SnapshotColumn {
  readonly name: string
  /** The dialect's own spelling. */
  readonly type: string
  /** The same as athanor knows it; null for a type it does not. */
  readonly sql: SqlType | null
  readonly nullable: boolean
  /** What stands where an insert leaves it out. */
  readonly default: string | null
  readonly computed: { readonly expression: string; readonly stored: boolean } | null
  /** `auto`: in the server's usual way; on PostgreSQL by a sequence of its own, a serial. */
  readonly identity: "auto" | "always" | "by default" | null
  /** PostgreSQL: how it counts. */
  readonly counter: SnapshotCounter | null
  /** Where it is not the table's. */
  readonly collation: string | null
  /** SQLite: what becomes of a row with NULL in it, where it is not refused. */
  readonly ifNull?: OnConflict
  /** MySQL and MariaDB: what else stands in its definition, as `on update current_timestamp()`. */
  readonly attributes?: string
  readonly comment: string | null
}

/**
 * A primary key or unique constraint.
 *
 * @category models
 */
export interface SnapshotKey {
  /** Null where the server knows none. */
  readonly name: string | null
  readonly columns: ReadonlyArray<string>
  /** SQLite: what becomes of a row that breaks it, where it is not refused. */
  readonly conflict?: OnConflict
  /**
   * PostgreSQL: the column in which rows that are alike in the others do not overlap; of a foreign
   * key, the one that those referred to cover. MariaDB: the period, whose columns are the last two.
   */
  readonly period?: string
  readonly comment: string | null
}

/**
 * A unique constraint.
 *
 * @category models
 */
export interface SnapshotUnique extends SnapshotKey {
  /** Columns kept beside the key. */
  readonly include: ReadonlyArray<string>
  /** Two rows with a NULL in the same place clash. */
  readonly nullsEqual: boolean
  readonly deferrable: Deferral
}

/**
 * A foreign key.
 *
 * @category models
 */
export interface SnapshotForeignKey extends SnapshotKey {
  readonly target: { readonly schema: string | null; readonly table: string }
  readonly targetColumns: ReadonlyArray<string>
  readonly onDelete: ReferentialAction
  /** PostgreSQL: the columns that SET NULL and SET DEFAULT of `onDelete` set, where not all. */
  readonly setsOnDelete?: ReadonlyArray<string>
  readonly onUpdate: ReferentialAction
  readonly deferrable: Deferral
  readonly match: Match
  /** PostgreSQL: rows that were there before it may break it. */
  readonly notValid?: true
  /** PostgreSQL: nothing is held to it. */
  readonly notEnforced?: true
}

/**
 * A check constraint.
 *
 * @category models
 */
export interface SnapshotCheck {
  readonly name: string | null
  /** As the server holds it: PostgreSQL, MySQL and MariaDB write it anew. */
  readonly predicate: string
  /** PostgreSQL: rows that were there before it may break it. */
  readonly notValid?: true
  /** PostgreSQL: nothing is held to it. */
  readonly notEnforced?: true
  /** PostgreSQL: tables that inherit the table do not inherit it. */
  readonly noInherit?: true
  readonly comment: string | null
}

/**
 * An exclusion constraint.
 *
 * @category models
 */
export interface SnapshotExclusion {
  readonly name: string | null
  readonly using: string
  readonly parts: ReadonlyArray<{
    readonly column: string | null
    readonly expression: string | null
    readonly operator: string
  }>
  readonly where: string | null
  readonly deferrable: Deferral
  readonly comment: string | null
}

/**
 * An index.
 *
 * @category models
 */
export interface SnapshotIndex {
  readonly name: string
  readonly unique: boolean
  readonly parts: ReadonlyArray<SnapshotIndexPart>
  /** The condition of a partial index. */
  readonly where: string | null
  /** `btree`, `gin`, `fulltext` …; null where the server has one kind only. */
  readonly method: string | null
  /** Columns kept beside the key. */
  readonly include: ReadonlyArray<string>
  /** Two rows with a NULL in the same place clash. */
  readonly nullsEqual: boolean
  /** Storage parameters, the tablespace, the parser of words. */
  readonly options: Readonly<Record<string, string>>
  readonly comment: string | null
}

/**
 * One column or expression of an index.
 *
 * @category models
 */
export interface SnapshotIndexPart {
  readonly column: string | null
  readonly expression: string | null
  readonly descending: boolean
  /** PostgreSQL: where it is not the type's own. */
  readonly operatorClass: string | null
  /** PostgreSQL: where NULL stands, if not last in an ascending and first in a descending one. */
  readonly nulls?: "first" | "last"
  /** MySQL and MariaDB: how many characters or bytes of it; null is all. */
  readonly length: number | null
}

/**
 * A view.
 *
 * @category models
 */
export interface SnapshotView {
  readonly schema: string | null
  readonly name: string
  readonly materialized: boolean
  readonly definition: string
  readonly columns: ReadonlyArray<Pick<SnapshotColumn, "name" | "type" | "sql" | "nullable">>
}

/**
 * A sequence that no column owns.
 *
 * @category models
 */
export interface SnapshotSequence extends SnapshotCounter {
  readonly schema: string | null
  readonly name: string
}

/**
 * A type of labels, in their order.
 *
 * @category models
 */
export interface SnapshotEnum {
  readonly schema: string | null
  readonly name: string
  readonly values: ReadonlyArray<string>
}

/**
 * A type that is another one, cut to the values that pass its checks.
 *
 * @category models
 */
export interface SnapshotDomain {
  readonly schema: string | null
  readonly name: string
  /** Its base, in the dialect's own spelling. */
  readonly type: string
  /** The same as athanor knows it; null for a type it does not. */
  readonly sql: SqlType | null
  readonly nullable: boolean
  readonly default: string | null
  readonly checks: ReadonlyArray<Omit<SnapshotCheck, "comment">>
}
