import type BetterSqlite3 from "better-sqlite3"
import type { RowKey } from "../../compile/Compiled.ts"

/** Of one table: its column is the rowid, as of a version of the schema. */
interface Proof {
  readonly column: string
  readonly version: number
  readonly holds: boolean
}

/**
 * Which keys are their table's rowid on one connection, so that `last_insert_rowid` is what
 * RETURNING would give.
 *
 * **Shape** asks the stored schema, never the program's: a base table, found under one name only,
 * not WITHOUT ROWID, whose whole primary key is the column and has no index of its own (only the
 * rowid has none; `INTEGER PRIMARY KEY DESC` has one).
 * **Laws** a proof is used as long as nobody can have changed the schema: a database in memory has
 * no other connection, and in a transaction a file's schema is fixed and has a version. What this
 * connection changes or rolls back itself is told by `forget`.
 * **Source** sqlite.org/lang_createtable "ROWIDs and the INTEGER PRIMARY KEY".
 */
export class RowKeys {
  readonly #database: BetterSqlite3.Database
  readonly #isAlone: boolean
  readonly #proofs = new Map<string, Proof>()
  #last: RowKey | null = null
  #ask: BetterSqlite3.Statement<[string, string, string], number> | null = null
  #version: BetterSqlite3.Statement<[], number> | null = null

  constructor(database: BetterSqlite3.Database) {
    this.#database = database
    this.#isAlone = database.memory
  }

  isProven(key: RowKey): boolean {
    if (this.#isAlone) return key === this.#last || this.#isProven(key, 0)
    return this.#database.inTransaction && this.#isProven(key, this.#schemaVersion())
  }

  forget(): void {
    this.#last = null
    this.#proofs.clear()
  }

  #isProven(key: RowKey, version: number): boolean {
    let proof = this.#proofs.get(key.table)
    if (proof === undefined || proof.version !== version || proof.column !== key.column) {
      proof = { column: key.column, version, holds: this.#prove(key) }
      this.#proofs.set(key.table, proof)
    }
    if (proof.holds) this.#last = key
    return proof.holds
  }

  #prove({ column, table }: RowKey): boolean {
    this.#ask ??= this.#database.prepare<[string, string, string], number>(question).pluck()
    return this.#ask.get(table, column, table) === 1
  }

  #schemaVersion(): number {
    this.#version ??= this.#database.prepare<[], number>("PRAGMA main.schema_version").pluck()
    return this.#version.get()!
  }
}

const question = `
SELECT (SELECT group_concat(type || wr || schema) FROM pragma_table_list
    WHERE name = ? COLLATE NOCASE) = 'table0main'
  AND (SELECT group_concat(name) FROM pragma_table_info(t.name, 'main') WHERE pk > 0)
    = ? COLLATE NOCASE
  AND NOT EXISTS (SELECT 1 FROM pragma_index_list(t.name, 'main') WHERE origin = 'pk')
FROM (SELECT ? AS name) AS t`
