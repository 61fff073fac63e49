/**
 * Names and values of settings a server takes, by name.
 *
 * @category models
 */
export type Settings = Readonly<Record<string, string | number | boolean>>

/**
 * What PostgreSQL alone takes of an index.
 *
 * **Source** PostgreSQL's CREATE INDEX.
 *
 * @category models
 */
export interface PostgresIndex {
  /** The access method: `btree` unless said, `hash`, `gin`, `gist`, `spgist`, `brin`. */
  readonly using?: string
  /** The operator class of each part in turn; null is the type's own. */
  readonly operatorClasses?: ReadonlyArray<string | null>
  /** Storage parameters: `{ fillfactor: 70 }`. */
  readonly with?: Settings
  readonly tablespace?: string
  /** Created after everything else, outside a transaction, while others write the table. */
  readonly concurrently?: boolean
}

/**
 * What MySQL or MariaDB alone takes of an index.
 *
 * **Source** MySQL 8.4, CREATE INDEX; MariaDB, CREATE INDEX.
 *
 * @category models
 */
export interface MysqlIndex {
  readonly kind?: "fulltext" | "spatial"
  readonly using?: "btree" | "hash"
  /** How many characters or bytes of each part in turn; null is all of them. */
  readonly lengths?: ReadonlyArray<number | null>
  /** The plugin that finds words, of a full-text index. */
  readonly parser?: string
}

/**
 * What one dialect alone takes of an index: the others leave it out, and nothing of what the index
 * means may depend on it.
 *
 * @category models
 */
export interface IndexStorage {
  readonly postgres?: PostgresIndex
  readonly mysql?: MysqlIndex
  readonly mariadb?: MysqlIndex
}
