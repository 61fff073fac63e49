import { isCancelled } from "../classify/postgres.ts"
import type { Cursor, Done, Result } from "../Driver.ts"
import { PgExchange } from "./PgExchange.ts"
import type { PgProtocol } from "./pgModule.ts"

/** The connection rows are copied from. */
export interface PgCopyOwner {
  readonly copies: (copy: PgCopyOut) => void
  readonly cancel: () => void
  readonly destroy: () => void
  readonly finished: () => void
}

/**
 * COPY … TO STDOUT: the server sends rows until there are none left.
 *
 * **Shape** begun by the first fetch. While nobody fetches, the socket is not read: what has come
 * is held, and the server waits. Closed early, the server is asked to stop, and what is still under
 * way is thrown away.
 * **Source** PostgreSQL manual, "COPY Operations" of the message flow; COPY, "Text Format".
 */
export class PgCopyOut extends PgExchange implements Cursor {
  readonly #owner: PgCopyOwner
  readonly #text: string
  #rows: Array<ReadonlyArray<unknown>> = []
  #protocol: PgProtocol | null = null
  #state: "new" | "open" | "over" = "new"
  #failure: unknown = null
  #wanted = 0
  #done: Done | null = null
  #closed: (() => void) | null = null

  constructor(owner: PgCopyOwner, text: string) {
    super()
    this.#owner = owner
    this.#text = text
  }

  fetch = (count: number, done: Done): void => {
    this.#wanted = count
    this.#done = done
    if (this.#state === "new") {
      this.#state = "open"
      this.#owner.copies(this)
    } else this.#give()
  }

  close = (done: () => void): void => {
    if (this.#state !== "open") return done()
    this.#rows = []
    this.#closed = done
    this.#owner.cancel()
    this.#protocol?.stream.resume?.()
  }

  submit(protocol: PgProtocol): Error | null {
    this.#protocol = protocol
    protocol.query(this.#text)
    return null
  }

  override handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    if (this.#closed !== null) return
    this.#rows.push(fieldsOf(chunk.toString("utf8")))
    if (this.#rows.length >= this.#wanted) this.#give()
  }

  protected settle(error: unknown): void {
    this.#state = "over"
    this.#owner.finished()
    this.#protocol?.stream.resume?.()
    if (this.#closed !== null) {
      // Not by our asking: the request may yet come, and stop what comes next.
      if (!isCancelled(error)) this.#owner.destroy()
      return this.#closed()
    }
    this.#failure = error
    this.#give()
  }

  /** As many rows as are wanted, or what is left; else the socket is read on. */
  #give(): void {
    const done = this.#done
    if (done !== null && (this.#state === "over" || this.#rows.length >= this.#wanted)) {
      this.#done = null
      if (this.#failure !== null) return done(this.#failure, null)
      return done(null, result(this.#rows.splice(0, this.#wanted)))
    }
    if (done === null) this.#protocol?.stream.pause?.()
    else this.#protocol?.stream.resume?.()
  }
}

const result = (rows: ReadonlyArray<ReadonlyArray<unknown>>): Result => ({
  rows,
  affected: rows.length,
  tag: ""
})

/** The fields of one line, each the text that a query would have given. */
const fieldsOf = (line: string): ReadonlyArray<string | null> =>
  line
    .slice(0, -1)
    .split("\t")
    .map((field) =>
      field === "\\N"
        ? null
        : field.includes("\\")
          ? field.replace(/\\(.)/g, (_, letter: string) => escaped[letter] ?? letter)
          : field
    )

const escaped: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v"
}
