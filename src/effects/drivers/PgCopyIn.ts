import type { CopySink, Done } from "../Driver.ts"
import { PgExchange } from "./PgExchange.ts"
import type { PgProtocol } from "./pgModule.ts"

/**
 * COPY … FROM STDIN: the server asks for data, and takes it until it is told that there is no more.
 *
 * **Shape** a row the server refuses ends it at once; what is still sent is thrown away there.
 * **Source** PostgreSQL manual, "COPY Operations" of the message flow.
 */
export class PgCopyIn extends PgExchange {
  readonly #text: string
  readonly #begun: (sink: CopySink) => void
  readonly #done: Done
  #tag = ""

  constructor(text: string, begun: (sink: CopySink) => void, done: Done) {
    super()
    this.#text = text
    this.#begun = begun
    this.#done = done
  }

  submit(protocol: PgProtocol): Error | null {
    protocol.query(this.#text)
    return null
  }

  override handleCopyInResponse(protocol: PgProtocol): void {
    const isOver = (): boolean => this.isOver
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

  override handleCommandComplete(message: { readonly text: string }): void {
    this.#tag = message.text
  }

  protected settle(error: unknown): void {
    if (error !== null) return this.#done(error, null)
    this.#done(null, { rows: [], affected: Number(this.#tag.split(" ")[1] ?? 0), tag: this.#tag })
  }
}
