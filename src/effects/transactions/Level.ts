import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { DialectName } from "../../algebra/Dialect.ts"
import {
  ConnectionLost,
  type DatabaseError,
  type Operation,
  PoolTimeout,
  TransactionClosed,
  TransactionDoomed
} from "../DatabaseError.ts"
import type { Gate, Lease, Restore } from "../pool/Gate.ts"
import { wakeUp } from "../pool/wakeUp.ts"
import { type Characteristics, plain } from "./Characteristics.ts"

interface Waiter {
  readonly level: Level
  granted: boolean
  wake: (exit: Exit.Exit<void, DatabaseError>) => void
}

/** What a transaction was begun as. */
export interface Traits {
  readonly characteristics: Characteristics
  /** 1, and one more each time the whole transaction is run again. */
  readonly attempt: number
  /**
   * A test's, rolled back whatever happens: what begins in it takes itself for a whole transaction.
   */
  readonly isTrial: boolean
}

const ordinary: Traits = { characteristics: plain, attempt: 1, isTrial: false }

/** What is done when a level has ended, in the transaction it then finds itself in. */
export type Action = (around: Level | null) => Effect.Effect<unknown>

/**
 * One transaction on one connection.
 *
 * **Shape** `active` is the innermost open level; only its statements run, one at a time. `fatal`
 * is what ended the transaction on the server.
 */
export class Root {
  readonly dialect: DialectName
  readonly lease: Lease
  readonly borrow_ms: number
  readonly traits: Traits
  /** What the session holds for the transaction and must let go of when it has ended. */
  readonly releases = new Set<string>()
  active: Level
  fatal: DatabaseError | null = null
  #busy = false
  /** Ends of levels that wait for what is in flight: they go before every statement. */
  readonly #endings: Array<() => void> = []
  #savepoints = 0
  readonly #queue: Array<Waiter> = []

  constructor(dialect: DialectName, lease: Lease, borrow_ms: number, traits: Traits = ordinary) {
    this.dialect = dialect
    this.lease = lease
    this.borrow_ms = borrow_ms
    this.traits = traits
    this.active = new Level(this, null, "")
  }

  nextSavepoint(): string {
    return `athanor_${++this.#savepoints}`
  }

  isFree(level: Level): boolean {
    return !this.#busy && this.active === level
  }

  /** Free for a statement of `level` at once. */
  take(level: Level): boolean {
    if (this.#busy || this.active !== level) return false
    return (this.#busy = true)
  }

  free(): void {
    const ending = this.#endings.shift()
    if (ending !== undefined) return ending()
    this.#busy = false
    this.pump()
  }

  /**
   * Ends `level` and every savepoint a leaked fiber left below it: who waits there is refused.
   *
   * **Shape** gives the outermost of those savepoints: what was done in it failed its fiber, so it
   * must be undone before what holds it is kept. Its actions after a rollback become the level's.
   */
  closeDown(level: Level): Level | null {
    let orphan: Level | null = null
    for (let below = this.active; below !== level; below = below.parent!) {
      below.open = false
      level.afterRollbackBelow.push(...below.afterRollback.splice(0))
      below.afterCommit.length = 0
      orphan = below
    }
    level.open = false
    this.active = level
    this.pump()
    return orphan
  }

  /** Takes the connection for the end of a level, past all who wait, once nothing is in flight. */
  takeForEnd(deadline_ms: number): Effect.Effect<void> {
    if (!this.#busy) {
      this.#busy = true
      return Effect.void
    }
    return Effect.callback((resume) => {
      const timer = setTimeout(() => this.lease.connection.destroy(), deadline_ms)
      this.#endings.push(() => {
        clearTimeout(timer)
        resume(Effect.void)
      })
    })
  }

  /**
   * Grants the connection to the first waiter whose level is the active one; refuses the closed.
   */
  pump(): void {
    for (let at = 0; at < this.#queue.length; at++) {
      const waiter = this.#queue[at]!
      const refusal = waiter.level.refusal("query")
      if (refusal === null && (this.#busy || waiter.level !== this.active)) continue
      this.#queue.splice(at--, 1)
      if (refusal === null) {
        this.#busy = true
        waiter.granted = true
      }
      wakeUp(() => waiter.wake(refusal === null ? Exit.void : Exit.fail(refusal)))
    }
  }

  /**
   * Waits for its turn, not past the borrow deadline: a fiber below may be waiting for this one.
   */
  wait(level: Level, restore: Restore): Effect.Effect<void, DatabaseError> {
    return Effect.suspend(() => {
      const waiter: Waiter = { level, granted: false, wake: () => {} }
      const waiting = Effect.callback<void, DatabaseError>((resume) => {
        waiter.wake = resume
        this.#queue.push(waiter)
        this.pump()
      })
      const startedAt = performance.now()
      return Effect.onExit(
        restore(
          Effect.timeoutOrElse(waiting, {
            duration: this.borrow_ms,
            orElse: () => Effect.fail(this.#timeout(performance.now() - startedAt))
          })
        ),
        (exit) =>
          Effect.sync(() => {
            if (Exit.isSuccess(exit)) return
            const at = this.#queue.indexOf(waiter)
            if (at >= 0) this.#queue.splice(at, 1)
            if (waiter.granted) this.free()
          })
      )
    })
  }

  #timeout(waited: number): PoolTimeout {
    const waited_ms = Math.round(waited)
    return new PoolTimeout({
      message: `a statement or savepoint of another fiber held the transaction for ${waited_ms} ms`,
      dialect: this.dialect,
      operation: "borrow",
      retryable: true,
      transaction: "alive",
      reason: "deadline",
      waited_ms,
      inUse: 1,
      waiting: this.#queue.length
    })
  }
}

/**
 * A transaction's own level, or a savepoint's: the gate of every statement begun under it.
 *
 * **Laws** a statement of a closed level is refused, never run elsewhere. While a savepoint is
 * open, statements of the levels above wait: they cannot fall into it and be undone with it.
 */
export class Level implements Gate {
  readonly root: Root
  readonly parent: Level | null
  /** The savepoint's name; of the transaction's own level "". */
  readonly name: string
  open = true
  /** What left this level only its rollback. */
  doomed: DatabaseError | null = null
  readonly afterCommit: Array<Action> = []
  readonly afterRollback: Array<Action> = []
  /** Of savepoints that were left open below and are undone, however this level ends. */
  readonly afterRollbackBelow: Array<Action> = []

  constructor(root: Root, parent: Level | null, name: string) {
    this.root = root
    this.parent = parent
    this.name = name
  }

  peek = (): Lease | null => (this.#admits() && this.root.isFree(this) ? this.root.lease : null)

  tryEnter = (): Lease | null => (this.#admits() && this.root.take(this) ? this.root.lease : null)

  enter = (restore: Restore): Effect.Effect<Lease, DatabaseError> =>
    Effect.suspend(() => {
      const refusal = this.refusal("query")
      if (refusal !== null) return Effect.fail(refusal)
      return this.root.take(this)
        ? Effect.succeed(this.root.lease)
        : Effect.as(this.root.wait(this, restore), this.root.lease)
    })

  leave = (_lease: Lease): void => this.root.free()

  failed = (error: DatabaseError): void => {
    if (error.transaction === "doomed") this.doomed ??= error
    else if (error.transaction !== "alive") this.root.fatal ??= error
  }

  /** What this level was told it was doomed by, in place of how it was done. */
  because<E extends DatabaseError>(reason: E): E {
    if (this.root.fatal !== null) this.root.fatal = reason
    else if (this.doomed !== null) this.doomed = reason
    return reason
  }

  #admits(): boolean {
    return (
      this.open &&
      this.root.fatal === null &&
      this.doomed === null &&
      this.root.lease.connection.isAlive()
    )
  }

  /** Why no statement of this level may run now or ever; null where one may. */
  refusal(operation: Operation): DatabaseError | null {
    if (!this.open) return this.closed(operation)
    if (!this.root.lease.connection.isAlive()) this.root.fatal ??= this.#lost(operation)
    const reason = this.root.fatal ?? this.#doom()
    return reason === null ? null : this.doomedError(reason, operation)
  }

  /** A level above that is doomed dooms what is below it. */
  #doom(): DatabaseError | null {
    return this.doomed ?? (this.parent === null ? null : this.parent.#doom())
  }

  doomedError(reason: DatabaseError, operation: Operation): TransactionDoomed {
    return new TransactionDoomed({
      message: `only its rollback is left of the transaction: ${reason._tag}, ${reason.message}`,
      dialect: this.root.dialect,
      operation,
      retryable: reason.retryable,
      transaction: this.root.fatal === null ? "doomed" : "ended",
      reason
    })
  }

  closed(operation: Operation): TransactionClosed {
    return new TransactionClosed({
      message: "the transaction this fiber began in has ended",
      dialect: this.root.dialect,
      operation,
      retryable: false,
      transaction: "ended"
    })
  }

  #lost(operation: Operation): ConnectionLost {
    return new ConnectionLost({
      message: "the connection was lost",
      dialect: this.root.dialect,
      operation,
      retryable: true,
      transaction: "ended"
    })
  }
}
