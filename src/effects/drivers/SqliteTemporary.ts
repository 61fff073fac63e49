import type BetterSqlite3 from "better-sqlite3"

/** Whether a text may make what lives as long as its connection. */
export const speaksOfTemporary = (text: string): boolean => /\btemp(?:orary)?\b/i.test(text)

interface Made {
  readonly type: string
  readonly name: string
}

/**
 * The temporary tables, views and triggers that a borrower of a connection has made.
 *
 * **Laws** what was there before, `onConnect`'s and the application's own, stays.
 */
export class SqliteTemporary {
  readonly #database: BetterSqlite3.Database
  readonly #made = new Map<string, Made>()

  constructor(database: BetterSqlite3.Database) {
    this.#database = database
  }

  isTouched(): boolean {
    return this.#made.size > 0
  }

  begun(): void {
    this.#made.clear()
  }

  /** Runs what may make some, and notes them. */
  noting<A>(run: () => A): A {
    const before = new Set(this.#list().map(({ name }) => name))
    try {
      return run()
    } finally {
      for (const one of this.#list()) if (!before.has(one.name)) this.#made.set(one.name, one)
    }
  }

  /** Those that cannot be dropped now are at the next return: the data must not go with them. */
  drop(): void {
    for (const [name, { type }] of [...this.#made].reverse()) {
      try {
        this.#database.exec(`DROP ${type} IF EXISTS temp."${name.replaceAll('"', '""')}"`)
        this.#made.delete(name)
      } catch {
        continue
      }
    }
  }

  #list(): ReadonlyArray<Made> {
    return this.#database
      .prepare<[], Made>(
        "SELECT type, name FROM temp.sqlite_schema WHERE type IN ('table', 'view', 'trigger') " +
          "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
      )
      .all()
  }
}
