/**
 * Where SQLite keeps its data and how.
 *
 * @category models
 */
export interface SqliteOptions {
  /** A path, or `:memory:`, the default. */
  readonly file?: string
  readonly readOnly?: boolean
  /**
   * Further files by the schema their tables are in: `{ archive: "/data/archive.db" }`. Each
   * connection attaches them as it opens; a database in memory only where there is but one.
   */
  readonly attach?: Readonly<Record<string, string>>
  /**
   * `normal`: a power cut may lose the last commits, never the file. `full`: every commit is on the
   * disk before it is acknowledged.
   */
  readonly durability?: "normal" | "full"
  /** How long a statement waits for another process to let go of the file. Default 5,000. */
  readonly busyTimeout_ms?: number
  /** Prepared statements kept. Default 256. */
  readonly statements?: number
  /**
   * Connections of a file that read while another fiber's transaction writes, beside the one for
   * everything. They see what is committed, and no temporary table. Default 0: reads wait.
   */
  readonly readers?: number
  /**
   * Connections of a file each in a thread of its own, so that a long statement blocks nobody;
   * `pool.size` says how many, one where left out. Default false.
   */
  readonly threads?: boolean
  /**
   * Passed on to better-sqlite3 as they are, where nothing here says otherwise; in threads no
   * functions.
   */
  readonly driverOptions?: object
}
