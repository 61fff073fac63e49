import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { DialectName } from "../algebra/Dialect.ts"
import {
  type ConnectFailed,
  type ConnectionError,
  type DatabaseError,
  PoolClosed,
  PoolQueueFull,
  PoolTimeout
} from "./DatabaseError.ts"
import type { Connection } from "./Driver.ts"
import type { Gate, Lease, Restore } from "./Gate.ts"

export interface PoolOptions {
  readonly dialect: DialectName
  readonly connect: Effect.Effect<Connection, ConnectFailed>
  /** True when the server answers; bounded by its own deadline. */
  readonly ping: (connection: Connection) => Effect.Effect<boolean>
  /** Connections open at once, those being opened included. */
  readonly size: number
  /** Fibers that may wait; the next is refused. */
  readonly queueLimit: number
  /** From asking to having, whatever happens in between. */
  readonly borrow_ms: number
  /** A connection idle for longer proves that it lives before it is lent. */
  readonly pingAfter_ms: number
  /** A connection older than this is not lent again. */
  readonly maxLifetime_ms: number
  /** How long closing waits for what is lent. */
  readonly close_ms: number
  /** Which idle connection goes first; who waits is always served first come, first served. */
  readonly order: "fifo" | "lifo"
}

/** `open = idle + used`; `connecting` are not open yet. */
export interface PoolStats {
  readonly open: number
  readonly idle: number
  readonly used: number
  readonly connecting: number
  readonly waiting: number
}

interface Entry extends Lease {
  readonly openedAt: number
  /** How many invalidations had been when its connect began. */
  readonly generation: number
  idleSince: number
  state: "idle" | "used" | "gone"
}

interface Waiter {
  readonly deferred: Deferred.Deferred<Entry, ConnectionError>
  entry: Entry | null
}

/**
 * Lends connections of one server.
 *
 * **Shape** never more than `size` open or opening. Connects run side by side, so a slow one delays
 * nobody. A borrow waits at most `borrow_ms`, absolute.
 * **Laws** first come, first served; a connection comes back into the pool only when it is proven
 * idle; `used` is 0 at rest; after `close` nothing is lent and nothing is open.
 * **Source** HikariCP `connectionTimeout`; pgx `Conn.Release`; SQLAlchemy
 * `test_hanging_connect_within_overflow`.
 */
export interface Pool extends Gate<ConnectionError> {
  readonly stats: () => PoolStats
  /** Every connection opened until now is not lent again. */
  readonly invalidate: () => void
}

/** A pool that lives as long as the scope. */
export const make = (options: PoolOptions): Effect.Effect<Pool, never, Scope.Scope> =>
  Effect.withFiber((fiber) => {
    const pool = new PoolState(
      options,
      fiber.getRef(Clock.Clock),
      Effect.runForkWith(fiber.context)
    )
    return Effect.as(
      Effect.addFinalizer(() => pool.close),
      pool
    )
  })

type Fork = <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>

class PoolState implements Pool {
  readonly options: PoolOptions
  readonly clock: Clock.Clock
  readonly fork: Fork
  readonly idle: Array<Entry> = []
  readonly lent = new Set<Entry>()
  readonly queue: Array<Waiter> = []
  readonly connects = new Set<Fiber.Fiber<void>>()
  connecting = 0
  invalidBefore = -1
  generation = 0
  closed: Deferred.Deferred<void> | null = null

  constructor(options: PoolOptions, clock: Clock.Clock, fork: Fork) {
    this.options = options
    this.clock = clock
    this.fork = fork
  }

  stats = (): PoolStats => {
    this.sweep()
    const idle = this.idle.length
    const used = this.lent.size
    return {
      open: idle + used,
      idle,
      used,
      connecting: this.connecting,
      waiting: this.queue.length
    }
  }

  peek = (): Entry | null => {
    if (this.closed !== null || this.idle.length === 0) return null
    const entry = this.idle[0]!
    return this.isFresh(entry) ? entry : null
  }

  tryEnter = (): Entry | null => {
    if (this.closed !== null || this.idle.length === 0) return null
    const entry = this.options.order === "lifo" ? this.idle.at(-1)! : this.idle[0]!
    if (!this.isFresh(entry)) return null
    if (this.options.order === "lifo") this.idle.pop()
    else this.idle.shift()
    return this.lend(entry)
  }

  enter = (restore: Restore): Effect.Effect<Entry, ConnectionError> =>
    Effect.suspend(() => {
      const now = this.tryEnter()
      return now === null
        ? this.enterSlowly(restore, this.clock.currentTimeMillisUnsafe())
        : Effect.succeed(now)
    })

  leave = (lease: Lease): void => {
    const entry = lease as Entry
    if (entry.state !== "used") return
    if (this.isReusable(entry)) this.hand(entry)
    else this.discard(entry)
  }

  /** A server that says it is going away takes every connection with it. */
  failed = (error: DatabaseError): void => {
    if (error._tag === "ConnectionLost") this.sweep()
  }

  invalidate = (): void => {
    this.invalidBefore = ++this.generation
    this.sweep()
  }

  private enterSlowly(restore: Restore, startedAt: number): Effect.Effect<Entry, ConnectionError> {
    const deadline = startedAt + this.options.borrow_ms
    return Effect.suspend(() => {
      if (this.closed !== null) return Effect.fail(this.closedError())
      const entry = this.popStale()
      if (entry === null) return this.wait(restore, startedAt, deadline)
      return Effect.flatMap(
        Effect.onExit(restore(this.options.ping(entry.connection)), (exit) =>
          Effect.sync(() => {
            if (Exit.isFailure(exit) || !exit.value) this.discard(entry)
          })
        ),
        (lives) => (lives ? Effect.succeed(entry) : this.enterSlowly(restore, startedAt))
      )
    })
  }

  private wait(
    restore: Restore,
    startedAt: number,
    deadline: number
  ): Effect.Effect<Entry, ConnectionError> {
    if (this.queue.length >= this.options.queueLimit) return Effect.fail(this.fullError())
    const waiter: Waiter = { deferred: Deferred.makeUnsafe(), entry: null }
    this.queue.push(waiter)
    this.grow()
    const left = Math.max(0, deadline - this.clock.currentTimeMillisUnsafe())
    return Effect.onExit(
      restore(
        Effect.timeoutOrElse(Deferred.await(waiter.deferred), {
          duration: left,
          orElse: () => Effect.suspend(() => Effect.fail(this.timeoutError(startedAt)))
        })
      ),
      (exit) =>
        Effect.sync(() => {
          if (Exit.isFailure(exit)) this.forget(waiter)
        })
    )
  }

  /** A waiter that gives up leaves the queue; what it was handed meanwhile goes to the next. */
  private forget(waiter: Waiter): void {
    const at = this.queue.indexOf(waiter)
    if (at >= 0) this.queue.splice(at, 1)
    if (waiter.entry !== null) this.leave(waiter.entry)
  }

  private isReusable(entry: Entry): boolean {
    return (
      this.closed === null &&
      this.isCurrent(entry) &&
      entry.connection.isAlive() &&
      entry.connection.isIdle()
    )
  }

  private isCurrent(entry: Entry): boolean {
    if (entry.generation < this.invalidBefore) return false
    return (
      this.options.maxLifetime_ms === Infinity ||
      this.clock.currentTimeMillisUnsafe() - entry.openedAt < this.options.maxLifetime_ms
    )
  }

  private isFresh(entry: Entry): boolean {
    if (!entry.connection.isAlive() || !this.isCurrent(entry)) return false
    return (
      this.options.pingAfter_ms === Infinity ||
      this.clock.currentTimeMillisUnsafe() - entry.idleSince <= this.options.pingAfter_ms
    )
  }

  /** The next idle connection that lives as far as one can tell without asking. */
  private popStale(): Entry | null {
    this.sweep()
    const entry = this.options.order === "lifo" ? this.idle.pop() : this.idle.shift()
    return entry === undefined ? null : this.lend(entry)
  }

  private lend(entry: Entry): Entry {
    entry.state = "used"
    this.lent.add(entry)
    return entry
  }

  /** To the first who waits, else to the idle ones. */
  private hand(entry: Entry): void {
    const waiter = this.queue.shift()
    if (waiter !== undefined) {
      this.lend(entry)
      waiter.entry = entry
      Deferred.doneUnsafe(waiter.deferred, Exit.succeed(entry))
      return
    }
    this.lent.delete(entry)
    entry.state = "idle"
    if (this.options.pingAfter_ms !== Infinity)
      entry.idleSince = this.clock.currentTimeMillisUnsafe()
    this.idle.push(entry)
  }

  private discard(entry: Entry): void {
    if (entry.state === "gone") return
    entry.state = "gone"
    this.lent.delete(entry)
    if (entry.connection.isAlive() && entry.connection.isIdle()) entry.connection.close()
    else entry.connection.destroy()
    this.grow()
    this.settleClose()
  }

  /** Idle connections that died or were invalidated go at once. */
  private sweep(): void {
    for (let at = this.idle.length - 1; at >= 0; at--) {
      const entry = this.idle[at]!
      if (entry.connection.isAlive() && this.isCurrent(entry)) continue
      this.idle.splice(at, 1)
      this.discard(entry)
    }
  }

  /** As many connects as there are fibers waiting for one, side by side, within the size. */
  private grow(): void {
    while (
      this.closed === null &&
      this.connecting < this.queue.length &&
      this.idle.length + this.lent.size + this.connecting < this.options.size
    )
      this.startConnect()
  }

  private startConnect(): void {
    this.connecting++
    const generation = this.generation
    const fiber = this.fork(
      Effect.onExit(this.options.connect, (exit) =>
        Effect.sync(() => {
          this.connecting--
          if (Exit.isSuccess(exit)) this.opened(exit.value, generation)
          else this.refused(exit)
        })
      ).pipe(Effect.exit, Effect.asVoid)
    )
    this.connects.add(fiber)
    fiber.addObserver(() => this.connects.delete(fiber))
  }

  private opened(connection: Connection, generation: number): void {
    const now = this.clock.currentTimeMillisUnsafe()
    const entry: Entry = { connection, generation, openedAt: now, idleSince: now, state: "used" }
    this.lent.add(entry)
    this.leave(entry)
  }

  /** One failed connect fails the one who has waited longest; for the others it is tried again. */
  private refused(exit: Exit.Failure<Connection, ConnectFailed>): void {
    const waiter = this.closed === null ? this.queue.shift() : undefined
    if (waiter !== undefined) Deferred.doneUnsafe(waiter.deferred, Exit.failCause(exit.cause))
    this.grow()
  }

  get close(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const closed = (this.closed = Deferred.makeUnsafe<void>())
      for (const waiter of this.queue.splice(0)) {
        Deferred.doneUnsafe(waiter.deferred, Exit.fail(this.closedError()))
      }
      for (const entry of this.idle.splice(0)) this.discard(entry)
      this.settleClose()
      return Effect.forEach([...this.connects], (fiber) => Fiber.interrupt(fiber), {
        concurrency: "unbounded"
      }).pipe(
        Effect.andThen(Effect.timeoutOption(Deferred.await(closed), this.options.close_ms)),
        Effect.andThen(Effect.suspend(() => this.closeLent()))
      )
    })
  }

  private closeLent(): Effect.Effect<void> {
    const count = this.lent.size
    for (const entry of [...this.lent]) this.discard(entry)
    return count === 0
      ? Effect.void
      : Effect.logWarning(`athanor: the pool closed with ${count} connections still lent`)
  }

  private settleClose(): void {
    if (this.closed !== null && this.lent.size === 0) Deferred.doneUnsafe(this.closed, Exit.void)
  }

  private closedError(): PoolClosed {
    return new PoolClosed({
      message: "the database's scope has ended",
      dialect: this.options.dialect,
      operation: "borrow",
      retryable: false,
      transaction: "ended"
    })
  }

  private fullError(): PoolQueueFull {
    const waiting = this.queue.length
    return new PoolQueueFull({
      message: `${waiting} are waiting for a connection already`,
      dialect: this.options.dialect,
      operation: "borrow",
      retryable: true,
      transaction: "ended",
      waiting
    })
  }

  private timeoutError(startedAt: number): PoolTimeout {
    const waited_ms = this.clock.currentTimeMillisUnsafe() - startedAt
    const inUse = this.lent.size
    const waiting = this.queue.length
    return new PoolTimeout({
      message: `no connection came free in ${waited_ms} ms: ${inUse} in use, ${waiting} waiting`,
      dialect: this.options.dialect,
      operation: "borrow",
      retryable: true,
      transaction: "ended",
      waited_ms,
      inUse,
      waiting
    })
  }
}
