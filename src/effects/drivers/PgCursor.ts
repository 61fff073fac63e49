import type { Cursor, Done } from "../Driver.ts"
import { PgExchange } from "./PgExchange.ts"
import type { PgProtocol, Wire } from "./pgModule.ts"
import { asIs } from "./PgStatement.ts"

/** The connection a portal is open on. */
export interface PgCursorOwner {
  readonly submit: (fetch: PgFetch, done: Done) => void
  /** Closes the portal on the server with the next message that is sent. */
  readonly closePortal: (name: string) => void
  readonly closeEvicted: (protocol: PgProtocol) => void
}

/**
 * A portal: a statement bound to its values and executed some rows at a time, inside a transaction.
 *
 * **Source** PostgreSQL manual, "Extended Query": a named portal lasts until the end of the
 * transaction.
 */
export class PgCursor implements Cursor {
  readonly #owner: PgCursorOwner
  readonly #portal: string
  readonly #text: string
  readonly #parameters: ReadonlyArray<Wire>
  #state: "new" | "open" | "over" = "new"

  constructor(owner: PgCursorOwner, portal: string, text: string, parameters: ReadonlyArray<Wire>) {
    this.#owner = owner
    this.#portal = portal
    this.#text = text
    this.#parameters = parameters
  }

  fetch = (count: number, done: Done): void => {
    if (this.#state === "over") return done(null, { rows: [], affected: 0, tag: "" })
    const text = this.#state === "new" ? this.#text : null
    const fetch = new PgFetch(this.#owner, this.#portal, text, this.#parameters, count)
    this.#state = "open"
    this.#owner.submit(fetch, (error, result) => {
      if (error !== null) this.#state = "over"
      else if (result!.rows.length < count) this.#end()
      done(error, result)
    })
  }

  close = (done: () => void): void => {
    if (this.#state === "open") this.#end()
    done()
  }

  #end(): void {
    this.#state = "over"
    this.#owner.closePortal(this.#portal)
  }
}

/** The next rows of a portal, opened first where `text` is given. */
export class PgFetch extends PgExchange {
  readonly #owner: PgCursorOwner
  readonly #portal: string
  readonly #text: string | null
  readonly #parameters: ReadonlyArray<Wire>
  readonly #count: number
  readonly #rows: Array<ReadonlyArray<unknown>> = []
  #done: Done | null = null

  constructor(
    owner: PgCursorOwner,
    portal: string,
    text: string | null,
    parameters: ReadonlyArray<Wire>,
    count: number
  ) {
    super()
    this.#owner = owner
    this.#portal = portal
    this.#text = text
    this.#parameters = parameters
    this.#count = count
  }

  onSettled(done: Done): void {
    this.#done = done
  }

  submit(protocol: PgProtocol): Error | null {
    const portal = this.#portal
    protocol.stream.cork?.()
    try {
      this.#owner.closeEvicted(protocol)
      if (this.#text !== null) {
        protocol.parse({ name: "", text: this.#text, types: [] })
        const values = this.#parameters
        protocol.bind({ portal, statement: "", values, binary: false, valueMapper: asIs })
      }
      protocol.execute({ portal, rows: this.#count })
      protocol.sync()
    } finally {
      protocol.stream.uncork?.()
    }
    return null
  }

  override handleDataRow(message: { readonly fields: ReadonlyArray<unknown> }): void {
    this.#rows.push(message.fields)
  }

  protected settle(error: unknown): void {
    if (error !== null) this.#done?.(error, null)
    else this.#done?.(null, { rows: this.#rows, affected: this.#rows.length, tag: "" })
  }
}
