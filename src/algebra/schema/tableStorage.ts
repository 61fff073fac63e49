import type { Settings } from "./storage.ts"

/**
 * What SQLite does with a row that breaks a constraint: ends the statement and undoes it (`abort`,
 * as everywhere), undoes the transaction, keeps what was done before (`fail`), leaves the row out,
 * or takes the rows away that it clashes with.
 *
 * **Source** SQLite, ON CONFLICT clause.
 *
 * @category models
 */
export type OnConflict = "abort" | "rollback" | "fail" | "ignore" | "replace"

/**
 * What SQLite alone takes of a table.
 *
 * **Source** SQLite's CREATE TABLE, "STRICT Tables", "Clustered Indexes and the WITHOUT ROWID
 * Optimization", "SQLite Autoincrement".
 *
 * @category models
 */
export interface SqliteTable {
  /** Each value is of its column's type, or refused: `Unsupported` for a type without a word. */
  readonly strict?: boolean
  /** Rows are kept by their primary key, which nobody counts then. */
  readonly withoutRowid?: boolean
  /** The number of a row that went is not given again. */
  readonly autoincrement?: boolean
  /** What becomes of a row with a NULL where none may be, by column key. */
  readonly ifNull?: Readonly<Record<string, OnConflict>>
}

/**
 * Which rows go together: by ranges of values, by lists of them, or spread evenly.
 *
 * @category models
 */
export interface Partitioning {
  readonly by: "range" | "list" | "hash"
  /** Columns by key. */
  readonly columns: ReadonlyArray<string>
}

/**
 * The rows of one partition. NULL bounds nothing: below `from`, or above `to`, is none left out.
 *
 * @category models
 */
export type PostgresPart =
  | { readonly from: ReadonlyArray<unknown>; readonly to: ReadonlyArray<unknown> }
  | { readonly in: ReadonlyArray<unknown> }
  | { readonly modulus: number; readonly remainder: number }
  /** Those no other partition has. */
  | "default"

/**
 * What PostgreSQL takes of a table, but for the tables it comes from.
 *
 * @category models
 */
export interface PostgresStorage {
  /** The access method: `heap` unless said. */
  readonly using?: string
  /** Storage parameters: `{ fillfactor: 70 }`. */
  readonly with?: Settings
  readonly tablespace?: string
  /** Its rows are gone after a crash, and it is written faster. */
  readonly unlogged?: boolean
  /** Its rows are kept in partitions: tables that say `partitionOf`. */
  readonly partition?: Partitioning
}

/**
 * One partition of a table of MySQL or MariaDB by ranges or lists: the values below a bound, where
 * NULL bounds nothing, or those listed.
 *
 * @category models
 */
export type MysqlPart =
  | { readonly name: string; readonly below: ReadonlyArray<unknown> }
  | { readonly name: string; readonly in: ReadonlyArray<unknown> }

/**
 * What MySQL or MariaDB alone takes of a table.
 *
 * **Shape** texts compare as ADR 0022 has it where `collation` is not said. `with` holds what else
 * the server takes by name: `{ KEY_BLOCK_SIZE: 8 }`.
 * **Source** MySQL 8.4, CREATE TABLE; MariaDB, CREATE TABLE.
 *
 * @category models
 */
export interface MysqlTable {
  readonly engine?: string
  readonly characterSet?: string
  readonly collation?: string
  readonly rowFormat?: "default" | "dynamic" | "compact" | "compressed" | "redundant"
  readonly with?: Settings
  /** A number of partitions where rows are spread evenly, else each by name. */
  readonly partition?: Partitioning & { readonly parts: number | ReadonlyArray<MysqlPart> }
}

/** The same with what a table keeps of the tables it comes from. */
interface PostgresKept extends PostgresStorage {
  readonly part?: PostgresPart
  readonly onCommit?: OnCommit
}

/** What one dialect alone takes of a table: the others leave it out. */
export interface TableStorage {
  readonly sqlite?: SqliteTable
  readonly postgres?: PostgresKept
  readonly mysql?: MysqlTable
  readonly mariadb?: MysqlTable
}

/**
 * What becomes of a temporary table of PostgreSQL when a transaction commits; its rows stay unless
 * said.
 *
 * @category models
 */
export type OnCommit = "preserve rows" | "delete rows" | "drop"
