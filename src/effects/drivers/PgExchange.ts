import type { PgProtocol } from "./pgModule.ts"

/**
 * One exchange with the server, as pg's client drives it.
 *
 * **Shape** settles once: when the server is ready for the next, so that the state it reports is
 * known, or when the connection is gone.
 */
export abstract class PgExchange {
  #error: unknown = null
  #isSettled = false
  /** pg gives its own callback to statements without one. */
  readonly callback = (): void => {}

  abstract submit(protocol: PgProtocol): Error | null
  /** How it ended: null where it succeeded. */
  protected abstract settle(error: unknown): void

  /** Nothing more of it is wanted: the server has refused it, or it is over. */
  get isOver(): boolean {
    return this.#isSettled || this.#error !== null
  }

  handleRowDescription(_message: unknown): void {}
  handleDataRow(_message: unknown): void {}
  handleCommandComplete(_message: unknown): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleReadyForQuery(): void {}
  handleCopyData(_message: unknown): void {}
  handleCopyInResponse(protocol: PgProtocol): void {
    protocol.sendCopyFail("no data to copy")
  }
  /** The server goes on to say that it is ready; until then the connection belongs to this one. */
  handleError(error: unknown): void {
    this.#error = error ?? new Error("the statement failed")
  }
  parseCompleted(): void {}
  bindCompleted(): void {}

  ready(): void {
    this.#end(this.#error)
  }

  /** The connection is gone: what the server said last is the better reason. */
  abort(error: unknown): void {
    this.#end(this.#error ?? error)
  }

  #end(error: unknown): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.settle(error)
  }
}
