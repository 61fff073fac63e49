import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type ConnectionError, ConnectionLost, PoolClosed, PoolTimeout } from "../DatabaseError.ts"
import type { Engine } from "../Engine.ts"
import type { Gate, Lease, Restore } from "../pool/Gate.ts"
import { wakeUp } from "../pool/wakeUp.ts"

/**
 * One connection for all statements outside a transaction, one at a time, first come, first served.
 *
 * **Laws** once closed it lends nothing: who waits is refused.
 */
export class Pinned implements Gate<ConnectionError> {
  readonly #engine: Engine
  readonly #lease: Lease
  readonly #queue: Array<(exit: Exit.Exit<Lease, ConnectionError>) => void> = []
  #isBusy = false
  #isOpen = true

  constructor(engine: Engine, lease: Lease) {
    this.#engine = engine
    this.#lease = lease
  }

  peek = (): Lease | null => (this.#isFree() ? this.#lease : null)

  tryEnter = (): Lease | null => {
    if (!this.#isFree()) return null
    this.#isBusy = true
    return this.#lease
  }

  enter = (restore: Restore): Effect.Effect<Lease, ConnectionError> =>
    Effect.suspend(() => {
      const refusal = this.#refusal()
      if (refusal !== null) return Effect.fail(refusal)
      const now = this.tryEnter()
      return now === null ? this.#wait(restore) : Effect.succeed(now)
    })

  leave = (_lease: Lease): void => {
    this.#isBusy = false
    this.#pump()
  }

  failed = (): void => {}

  /** Says goodbye to the connection: what its session was told goes with it. */
  close(): void {
    if (!this.#isBusy) this.#lease.connection.close()
    this.release()
  }

  /** Lends it no more; a statement that is still in flight would not be its next user's. */
  release(): void {
    this.#isOpen = false
    if (this.#isBusy) this.#lease.connection.destroy()
    this.#pump()
  }

  #isFree(): boolean {
    return this.#isOpen && !this.#isBusy && this.#lease.connection.isAlive()
  }

  #pump(): void {
    while (!this.#isBusy && this.#queue.length > 0) {
      const refusal = this.#refusal()
      const wake = this.#queue.shift()!
      this.#isBusy = refusal === null
      wake(refusal === null ? Exit.succeed(this.#lease) : Exit.fail(refusal))
    }
  }

  #wait(restore: Restore): Effect.Effect<Lease, ConnectionError> {
    const startedAt = performance.now()
    let granted = false
    let wake: (exit: Exit.Exit<Lease, ConnectionError>) => void
    const waiting = Effect.callback<Lease, ConnectionError>((resume) => {
      wake = (exit) => {
        granted = Exit.isSuccess(exit)
        wakeUp(() => resume(exit))
      }
      this.#queue.push(wake)
    })
    return Effect.onExit(
      restore(
        Effect.timeoutOrElse(waiting, {
          duration: this.#engine.deadlines.borrow_ms,
          orElse: () => Effect.fail(this.#timeout(performance.now() - startedAt))
        })
      ),
      (exit) =>
        Effect.sync(() => {
          if (Exit.isSuccess(exit)) return
          const at = this.#queue.indexOf(wake)
          if (at >= 0) this.#queue.splice(at, 1)
          if (granted) this.leave(this.#lease)
        })
    )
  }

  #refusal(): ConnectionError | null {
    const facts = {
      dialect: this.#engine.dialect,
      operation: "borrow",
      transaction: "ended"
    } as const
    if (!this.#isOpen)
      return new PoolClosed({
        ...facts,
        message: "the connection this fiber ran on has been given back",
        retryable: false
      })
    return this.#lease.connection.isAlive()
      ? null
      : new ConnectionLost({ ...facts, message: "the connection was lost", retryable: true })
  }

  #timeout(waited: number): PoolTimeout {
    const waited_ms = Math.round(waited)
    const waiting = this.#queue.length
    return new PoolTimeout({
      message: `another fiber held the connection for ${waited_ms} ms`,
      dialect: this.#engine.dialect,
      operation: "borrow",
      retryable: true,
      transaction: "ended",
      reason: "deadline",
      waited_ms,
      inUse: 1,
      waiting
    })
  }
}
