import type { Cursor, Done } from "../Driver.ts"

type Row = ReadonlyArray<unknown>

/** The connection whose rows are read. */
export interface MysqlCursorOwner {
  /** Sends the statement: its rows come until `pause`, and go on after `resume`. */
  readonly begin: (cursor: MysqlCursor) => void
  readonly pause: () => void
  readonly resume: () => void
  /** Has the server stop; calls back when that can hit no later statement any more. */
  readonly stop: (stopped: () => void) => void
}

/** What is left of a short result is here before the server could be told to stop. */
const grace_ms = 10

/**
 * A statement whose rows are taken off the socket as they are asked for.
 *
 * **Shape** until the last row has been read the server hears nothing else: `keepRest` reads them
 * all, `close` has the server stop. A socket that nobody reads fills up, and the server waits.
 */
export class MysqlCursor implements Cursor {
  readonly #owner: MysqlCursorOwner
  #state: "new" | "reading" | "paused" | "over" = "new"
  #rows: Array<Row> = []
  #at = 0
  /** Rows to have before reading pauses, and rows to give then. */
  #wanted = 0
  #count = 0
  #done: Done | null = null
  #failure: { readonly error: unknown } | null = null
  #isUnwanted = false
  readonly #whenOver: Array<() => void> = []

  constructor(owner: MysqlCursorOwner) {
    this.#owner = owner
  }

  /** The server is at work for it, or its rows are on their way. */
  get isReading(): boolean {
    return this.#state === "reading"
  }

  fetch = (count: number, done: Done): void => {
    this.#done = done
    this.#count = count
    if (this.#state === "over" || this.#left() >= count) return this.#give()
    if (this.#state !== "reading") this.#wanted = count
    this.#read()
  }

  /** Reads what is left, so that something else can be sent; a failure on the way is its own. */
  keepRest(done: () => void): void {
    this.#wanted = Infinity
    this.#end(done)
  }

  close = (done: () => void): void => {
    this.#isUnwanted = true
    this.#rows = []
    if (this.#state === "new") this.#state = "over"
    if (this.#state === "over") return done()
    this.#wanted = Infinity
    let isStopping = false
    const timer = setTimeout(() => {
      isStopping = true
      this.#owner.stop(() => this.#end(done))
    }, grace_ms)
    this.#end(() => {
      clearTimeout(timer)
      if (!isStopping) done()
    })
  }

  took(row: Row): void {
    if (this.#isUnwanted) return
    this.#rows.push(row)
    if (this.#left() < this.#wanted) return
    this.#state = "paused"
    this.#owner.pause()
    this.#settle()
  }

  failed(error: unknown): void {
    this.#failure ??= { error }
    this.ended()
  }

  ended(): void {
    if (this.#state === "over") return
    this.#state = "over"
    this.#settle()
    for (const done of this.#whenOver.splice(0)) done()
  }

  #left(): number {
    return this.#rows.length - this.#at
  }

  #end(done: () => void): void {
    if (this.#state === "over") return done()
    this.#whenOver.push(done)
    this.#read()
  }

  #read(): void {
    const state = this.#state
    this.#state = "reading"
    if (state === "new") this.#owner.begin(this)
    else if (state === "paused") this.#owner.resume()
  }

  /** Not in the middle of a packet: whoever waits may ask for more at once. */
  #settle(): void {
    if (this.#done !== null) queueMicrotask(() => this.#give())
  }

  #give(): void {
    const done = this.#done
    const count = this.#count
    if (done === null) return
    this.#done = null
    if (this.#failure !== null && this.#left() < count) return done(this.#failure.error, null)
    const rows =
      this.#at === 0 && this.#rows.length <= count
        ? this.#rows
        : this.#rows.slice(this.#at, this.#at + count)
    this.#at += rows.length
    if (this.#left() === 0) {
      this.#rows = []
      this.#at = 0
    }
    done(null, { rows, affected: rows.length, tag: "" })
  }
}
