import type { Cursor, Done, Result } from "../Driver.ts"

type Row = ReadonlyArray<unknown>

/**
 * A statement that is stepped row by row.
 *
 * **Shape** while it stands open SQLite lets nothing but reads run beside it, and does not say
 * whether it sees what is written meanwhile: before anything else runs its connection calls
 * `keepRest`.
 * **Source** sqlite.org/isolation "No Isolation Between Operations On The Same Database
 * Connection".
 */
export class SqliteCursor implements Cursor {
  readonly #open: () => IterableIterator<Row>
  readonly #over: (cursor: SqliteCursor) => void
  #rows: IterableIterator<Row> | null = null
  /** What was read ahead, and how far it has been given. */
  #kept: ReadonlyArray<Row> = []
  #at = 0
  #begun = false
  #isOver = false
  #failure: { readonly error: unknown } | null = null

  constructor(open: () => IterableIterator<Row>, over: (cursor: SqliteCursor) => void) {
    this.#open = open
    this.#over = over
  }

  fetch = (count: number, done: Done): void => {
    let result: Result
    try {
      result = this.fetchNow(count)
    } catch (error) {
      return done(error, null)
    }
    done(null, result)
  }

  /** Throws the driver's error. One that another process caused leaves it as new. */
  fetchNow(count: number): Result {
    const rows: Array<Row> = []
    while (rows.length < count && this.#at < this.#kept.length) rows.push(this.#kept[this.#at++]!)
    if (rows.length < count) this.#step(count, rows)
    return { rows, affected: rows.length, tag: "" }
  }

  /** Reads what is left at once, so that others may write; a failure on the way is the cursor's. */
  keepRest(): void {
    const rows = this.#kept.slice(this.#at)
    this.#at = 0
    this.#kept = rows
    try {
      this.#step(Infinity, rows)
    } catch (error) {
      this.#failure = { error }
    }
  }

  close = (done: () => void): void => {
    this.#end()
    this.#kept = []
    done()
  }

  #step(count: number, rows: Array<Row>): void {
    if (this.#failure !== null) throw this.#failure.error
    if (this.#isOver) return
    const iterator = (this.#rows ??= this.#open())
    try {
      while (rows.length < count) {
        const next = iterator.next()
        if (next.done === true) return this.#end()
        rows.push(next.value)
      }
    } catch (error) {
      this.#end()
      if (!this.#begun) this.#isOver = false
      throw error
    }
    this.#begun = true
  }

  #end(): void {
    this.#isOver = true
    this.#rows?.return?.()
    this.#rows = null
    this.#over(this)
  }
}
