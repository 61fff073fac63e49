import type { CopySink, Done } from "../Driver.ts"
import type { PgProtocol } from "./pgModule.ts"

/**
 * COPY … FROM STDIN: the server asks for data, and takes it until it is told that there is no more.
 *
 * **Shape** a row the server refuses ends it at once; what is still sent is thrown away there.
 * **Source** PostgreSQL manual, "COPY Operations" of the message flow.
 */
export class PgCopyIn {
  readonly #text: string
  readonly #begun: (sink: CopySink) => void
  readonly #done: Done
  #tag = ""
  #error: unknown = null
  #settled = false
  /** pg gives its own callback to statements without one. */
  readonly callback = (): void => {}

  constructor(text: string, begun: (sink: CopySink) => void, done: Done) {
    this.#text = text
    this.#begun = begun
    this.#done = done
  }

  submit(protocol: PgProtocol): Error | null {
    protocol.query(this.#text)
    return null
  }

  handleCopyInResponse(protocol: PgProtocol): void {
    const isOver = (): boolean => this.#settled || this.#error !== null
    this.#begun({
      write: (data, drained) => {
        if (isOver()) return drained()
        protocol.sendCopyFromChunk(Buffer.from(data))
        if (protocol.stream.writableNeedDrain === true) protocol.stream.once?.("drain", drained)
        else drained()
      },
      end: () => {
        if (!isOver()) protocol.endCopyFrom()
      },
      fail: (reason) => {
        if (!isOver()) protocol.sendCopyFail(reason)
      }
    })
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(message: { readonly text: string }): void {
    this.#tag = message.text
  }
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleReadyForQuery(): void {}
  handleCopyData(): void {}
  handleError(error: unknown): void {
    this.#error = error ?? new Error("the copy failed")
  }
  parseCompleted(): void {}

  ready(): void {
    this.#settle(this.#error)
  }

  /** The connection is gone: what the server said last is the better reason. */
  abort(error: unknown): void {
    this.#settle(this.#error ?? error)
  }

  #settle(error: unknown): void {
    if (this.#settled) return
    this.#settled = true
    if (error !== null) return this.#done(error, null)
    this.#done(null, { rows: [], affected: Number(this.#tag.split(" ")[1] ?? 0), tag: this.#tag })
  }
}
