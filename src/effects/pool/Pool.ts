import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import { watchPlaces, whoAsks } from "./BorrowPlace.ts"
import type { ConnectFailed, ConnectionError, DatabaseError } from "../DatabaseError.ts"
import type { Connection } from "../Driver.ts"
import { heard } from "../observability/heard.ts"
import type { Gate, Lease, Restore } from "./Gate.ts"
import { wakeUp } from "./wakeUp.ts"
import { Overload } from "./Overload.ts"
import { Entry, isAdmitted } from "./PoolEntry.ts"
import { closedError, fullError, timeoutError } from "./poolErrors.ts"
import type { PooledConnection, PoolEvent, RetireReason, ReturnReason } from "./PoolEvent.ts"
import type { PoolOptions } from "./PoolOptions.ts"
import { nobody, type Waiter } from "./PoolWaiter.ts"

/**
 * What a pool holds now, and what it opened and closed since it began.
 *
 * **Laws** `open = idle + used = created - closed - detached`; those being opened are not open.
 *
 * @category models
 */
export interface PoolStats {
  readonly open: number
  /** Free, or being made ready for the next borrower. */
  readonly idle: number
  readonly used: number
  readonly connecting: number
  readonly waiting: number
  readonly created: number
  readonly closed: number
  readonly detached: number
}

/**
 * Lends connections of one server.
 *
 * **Shape** never more than `size + overflow` open or opening. Connects run side by side, so a slow
 * one delays nobody. A borrow waits at most `borrow_ms`, absolute.
 * **Laws** first come, first served; a connection comes back into the pool only when it is proven
 * idle; `used` is 0 at rest; after `close` nothing is lent and nothing is open.
 * **Source** HikariCP `connectionTimeout`; pgx `Conn.Release`; SQLAlchemy
 * `test_hanging_connect_within_overflow`.
 *
 * @category models
 */
export interface Pool extends Gate<ConnectionError> {
  readonly stats: () => PoolStats
  /** Those that are open, in the order they were opened. */
  readonly connections: () => ReadonlyArray<PooledConnection>
  /** Every connection opened until now is not lent again; borrowers finish their work. */
  readonly invalidate: () => void
  /**
   * One connection is not lent again: `now` cuts its socket, whoever uses it; else it goes when it
   * comes back.
   */
  readonly retire: (id: number, when: "now" | "returned") => void
  /** Takes a lent connection out for good: its borrower closes it; another may be opened. */
  readonly detach: (lease: Lease) => void
}

/** A pool that lives as long as the scope. */
export const make = (options: PoolOptions): Effect.Effect<Pool, never, Scope.Scope> =>
  Effect.withFiber((fiber) => {
    const random = fiber.getRef(Random.Random)
    const pool = new PoolState(
      options,
      fiber.getRef(Clock.Clock),
      () => random.nextDoubleUnsafe(),
      Effect.runForkWith(fiber.context)
    )
    pool.begin()
    return Effect.as(
      Effect.addFinalizer(() => pool.close),
      pool
    )
  })

type Fork = <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>

class PoolState implements Pool {
  readonly options: PoolOptions
  readonly clock: Clock.Clock
  readonly random: () => number
  readonly fork: Fork
  readonly isWatching: boolean
  readonly overload: Overload | null
  readonly idle: Array<Entry> = []
  readonly lent = new Set<Entry>()
  readonly queue: Array<Waiter> = []
  readonly background = new Set<Fiber.Fiber<void>>()
  connecting = 0
  resetting = 0
  isExpiring = false
  created = 0
  closedCount = 0
  detachedCount = 0
  invalidBefore = -1
  generation = 0
  unwatch: (() => void) | null = null
  closed: Deferred.Deferred<void> | null = null

  constructor(options: PoolOptions, clock: Clock.Clock, random: () => number, fork: Fork) {
    this.options = options
    this.clock = clock
    this.random = random
    this.fork = fork
    this.isWatching = options.leakAfter_ms !== Infinity || options.queueLimit === 0
    this.overload = options.overload === null ? null : new Overload(options.overload, this.now())
  }

  /** Warms up, and looks after ages, idle connections and leaks from time to time. */
  begin(): void {
    if (this.isWatching) this.unwatch = watchPlaces()
    const { idleTimeout_ms, leakAfter_ms, minimum } = this.options
    for (let count = 0; count < minimum; count++) this.startConnect()
    const shortest_ms = Math.min(idleTimeout_ms, leakAfter_ms, minimum > 0 ? 1000 : Infinity)
    if (shortest_ms === Infinity) return
    const pause_ms = Math.max(5, Math.min(30_000, shortest_ms / 4))
    this.run(
      Effect.forever(
        Effect.andThen(
          Effect.sleep(pause_ms),
          Effect.sync(() => this.tend())
        )
      )
    )
  }

  now(): number {
    return this.clock.currentTimeMillisUnsafe()
  }

  stats = (): PoolStats => {
    this.sweep()
    const idle = this.idle.length + this.resetting
    const used = this.lent.size - this.resetting
    return {
      open: idle + used,
      idle,
      used,
      connecting: this.connecting,
      waiting: this.queue.length,
      created: this.created,
      closed: this.closedCount,
      detached: this.detachedCount
    }
  }

  connections = (): ReadonlyArray<PooledConnection> =>
    [...this.idle, ...this.lent].sort((one, other) => one.id - other.id)

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
    if (this.overload !== null) this.overload.sheds(0, this.now())
    this.lend(entry)
    return this.admitted(entry, null, 0) ? entry : null
  }

  enter = (restore: Restore): Effect.Effect<Entry, ConnectionError> =>
    Effect.suspend(() => {
      const now = this.tryEnter()
      return now === null ? this.enterSlowly(restore, this.now()) : Effect.succeed(now)
    })

  leave = (lease: Lease, reason: ReturnReason = "normal"): void => {
    const entry = lease as Entry
    if (entry.state !== "used") return
    if (this.options.listeners !== null) {
      const held_ms = this.now() - entry.lentAt
      this.tell({ _tag: "returned", connection: entry, reason, held_ms })
    }
    // What the server cut is seldom alone; what we cut ourselves says nothing of the others.
    if (!entry.connection.isAlive() && reason === "failed")
      for (const other of this.idle.splice(0)) this.discard(other, "invalidated")
    this.back(entry)
  }

  /** A server that says it is going away takes every connection with it. */
  failed = (error: DatabaseError): void => {
    if (error._tag === "ConnectionLost") this.sweep()
  }

  invalidate = (): void => {
    this.invalidBefore = ++this.generation
    this.sweep()
  }

  retire = (id: number, when: "now" | "returned"): void => {
    for (const entry of this.lent) {
      if (entry.id !== id) continue
      entry.generation = -1
      if (when === "now") entry.connection.destroy()
    }
    const at = this.idle.findIndex((entry) => entry.id === id)
    if (at >= 0) this.discard(this.idle.splice(at, 1)[0]!, "invalidated")
  }

  detach = (lease: Lease): void => {
    const entry = lease as Entry
    if (entry.state !== "used") return
    entry.state = "gone"
    this.lent.delete(entry)
    this.detachedCount++
    if (this.options.listeners !== null) this.tell({ _tag: "detached", connection: entry })
    this.grow()
    this.settleClose()
  }

  private tell(event: PoolEvent): void {
    const log = (line: string): void => this.run(Effect.logWarning(line))
    for (const listener of this.options.listeners!)
      heard(listener, event, "the listener of the pool's events", log)
  }

  /** Runs beside, until the pool closes. */
  private run(effect: Effect.Effect<unknown>): void {
    const fiber = this.fork(Effect.asVoid(effect))
    this.background.add(fiber)
    fiber.addObserver(() => this.background.delete(fiber))
  }

  /** The hook may refuse a connection that is about to be lent: another is tried then. */
  private admitted(entry: Entry, who: string | null, waited_ms: number): boolean {
    const { admit, listeners } = this.options
    entry.borrows++
    if (this.isWatching) {
      entry.borrowedBy = who ?? whoAsks()
      entry.isReported = false
    }
    if (this.isWatching || listeners !== null) entry.lentAt = this.now()
    if (admit !== null && !isAdmitted(admit, entry)) {
      this.discard(entry, "refused")
      return false
    }
    if (listeners !== null) this.tell({ _tag: "borrowed", connection: entry, waited_ms })
    return true
  }

  private enterSlowly(restore: Restore, startedAt: number): Effect.Effect<Entry, ConnectionError> {
    const deadline = startedAt + this.options.borrow_ms
    return Effect.suspend(() => {
      if (this.closed !== null) return Effect.fail(closedError(this.options.dialect))
      const entry = this.popStale()
      if (entry === null) return this.wait(restore, startedAt, deadline)
      return Effect.flatMap(this.pinged(restore, entry), (lives) =>
        lives && this.admitted(entry, null, this.now() - startedAt)
          ? Effect.succeed(entry)
          : this.enterSlowly(restore, startedAt)
      )
    })
  }

  /** One that does not answer takes with it all that were opened before. */
  private pinged(restore: Restore, entry: Entry): Effect.Effect<boolean> {
    if (this.isFresh(entry)) return Effect.succeed(true)
    const startedAt = this.now()
    return Effect.onExit(restore(this.options.ping(entry.connection)), (exit) =>
      Effect.sync(() => {
        if (Exit.isSuccess(exit) && exit.value) return
        this.discard(entry, "ping")
        if (Exit.isSuccess(exit)) this.retireOlder(startedAt)
      })
    )
  }

  /** Those opened before: the idle ones now, the lent ones when they come back. */
  private retireOlder(time: number): void {
    for (const entry of [...this.idle, ...this.lent])
      if (entry.openedAt_ms <= time) entry.generation = -1
    this.sweep()
  }

  private wait(
    restore: Restore,
    startedAt: number,
    deadline: number
  ): Effect.Effect<Entry, ConnectionError> {
    const { dialect, overflow, queueLimit, size } = this.options
    // For whom a connection is being opened, he does not stand in the queue of the others.
    const isFull = this.open() >= size + overflow
    const queued = this.queue.length - this.connecting
    if (isFull && queued >= queueLimit)
      return Effect.fail(fullError(dialect, this.queue.length, this.borrowers()))
    const who = this.isWatching ? whoAsks() : null
    const waiter: Waiter = { resume: nobody, since: startedAt, deadline, who, entry: null }
    const waiting = Effect.callback<Entry, ConnectionError>((resume) => {
      waiter.resume = resume
      this.queue.push(waiter)
      this.grow()
      if (!this.isExpiring) this.expire()
    })
    return Effect.onExit(restore(waiting), (exit) =>
      Effect.sync(() => {
        if (Exit.isFailure(exit)) this.forget(waiter)
      })
    )
  }

  /** One clock for all who wait: a timer for each would cost more than a connection's turn. */
  private expire(): void {
    this.isExpiring = true
    const next = Effect.suspend((): Effect.Effect<void> => {
      const now = this.now()
      let earliest = Infinity
      for (const waiter of [...this.queue]) {
        if (waiter.deadline > now) earliest = Math.min(earliest, waiter.deadline)
        else this.refuse(waiter, "deadline")
      }
      this.isExpiring = earliest !== Infinity
      return this.isExpiring ? Effect.andThen(Effect.sleep(earliest - now), next) : Effect.void
    })
    this.run(next)
  }

  /** While it still stands in the queue: it counts itself among those who wait. */
  private refuse(waiter: Waiter, reason: "deadline" | "overload"): void {
    const error = this.timedOut(waiter.since, reason)
    const at = this.queue.indexOf(waiter)
    if (at >= 0) this.queue.splice(at, 1)
    wakeUp(() => waiter.resume(Exit.fail(error)))
  }

  private timedOut(startedAt: number, reason: "deadline" | "overload"): ConnectionError {
    const waited_ms = this.now() - startedAt
    const { dialect } = this.options
    const waiting = this.queue.length
    return timeoutError(dialect, reason, waited_ms, this.lent.size, waiting, this.borrowers())
  }

  private borrowers(): ReadonlyArray<string> {
    return [...this.lent].flatMap(({ borrowedBy }) => (borrowedBy === null ? [] : [borrowedBy]))
  }

  /** A waiter that gives up leaves the queue; what it was handed meanwhile goes to the next. */
  private forget(waiter: Waiter): void {
    const at = this.queue.indexOf(waiter)
    if (at >= 0) this.queue.splice(at, 1)
    if (waiter.entry !== null) this.leave(waiter.entry, "interrupted")
  }

  /** Whether it may go to the next borrower as it is, or why not. */
  private whyNot(entry: Entry): RetireReason | null {
    if (this.closed !== null) return "closing"
    if (!entry.connection.isAlive()) return "dead"
    if (entry.generation < this.invalidBefore || entry.generation < 0) return "invalidated"
    if (this.isTooOld(entry)) return "age"
    return entry.connection.isIdle() ? null : "unclean"
  }

  private isTooOld(entry: Entry): boolean {
    return entry.expiresAt_ms !== Infinity && this.now() >= entry.expiresAt_ms
  }

  private isCurrent(entry: Entry): boolean {
    return entry.generation >= 0 && entry.generation >= this.invalidBefore && !this.isTooOld(entry)
  }

  private isFresh(entry: Entry): boolean {
    if (!entry.connection.isAlive() || !this.isCurrent(entry)) return false
    const { pingAfter_ms } = this.options
    return pingAfter_ms === Infinity || this.now() - entry.idleSince <= pingAfter_ms
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

  private back(entry: Entry): void {
    const reason = this.whyNot(entry)
    if (reason !== null) this.discard(entry, reason)
    else if (entry.connection.session?.isTouched() === true) this.makeReady(entry)
    else this.hand(entry)
  }

  /** Nothing a borrower set in the session is seen by the next one. */
  private makeReady(entry: Entry): void {
    this.resetting++
    this.run(
      Effect.onExit(this.options.reset(entry.connection), (exit) =>
        Effect.sync(() => {
          this.resetting--
          if (entry.state !== "used") return
          if (!Exit.isSuccess(exit) || !exit.value) return this.discard(entry, "unclean")
          if (this.options.listeners !== null) this.tell({ _tag: "reset", connection: entry })
          this.back(entry)
        })
      )
    )
  }

  /** To the first who waits, else to the idle ones; more than the pool keeps is closed. */
  private hand(entry: Entry): void {
    // A pool that keeps none opens one for each borrow, also for who waits.
    if (this.options.size === 0 && entry.borrows > 0) return this.discard(entry, "overflow")
    for (let waiter = this.queue.shift(); waiter !== undefined; waiter = this.queue.shift()) {
      const waited_ms = this.overload === null ? 0 : this.now() - waiter.since
      if (this.overload?.sheds(waited_ms, this.now()) === true) {
        this.refuse(waiter, "overload")
        continue
      }
      this.lend(entry)
      if (!this.admitted(entry, waiter.who, this.now() - waiter.since)) {
        this.queue.unshift(waiter)
        return this.grow()
      }
      waiter.entry = entry
      wakeUp(() => waiter.resume(Exit.succeed(entry)))
      return
    }
    if (this.open() > this.options.size) return this.discard(entry, "overflow")
    this.lent.delete(entry)
    entry.state = "idle"
    entry.idleSince = this.now()
    this.idle.push(entry)
  }

  private open(): number {
    return this.idle.length + this.lent.size + this.connecting
  }

  private discard(entry: Entry, reason: RetireReason): void {
    if (entry.state === "gone") return
    entry.state = "gone"
    this.lent.delete(entry)
    this.closedCount++
    if (this.options.listeners !== null) this.tell({ _tag: "retired", connection: entry, reason })
    if (entry.connection.isAlive() && entry.connection.isIdle()) entry.connection.close()
    else entry.connection.destroy()
    if (this.options.listeners !== null) this.tell({ _tag: "closed", connection: entry })
    this.grow()
    this.settleClose()
  }

  /** Idle connections that died or were invalidated go at once. */
  private sweep(): void {
    for (let at = this.idle.length - 1; at >= 0; at--) {
      const entry = this.idle[at]!
      if (entry.connection.isAlive() && this.isCurrent(entry)) continue
      this.idle.splice(at, 1)
      this.discard(entry, this.whyNot(entry) ?? "dead")
    }
  }

  /** Idle for too long, they go down to the minimum; below it new ones are opened. */
  private tend(): void {
    if (this.closed !== null) return
    const { idleTimeout_ms, leakAfter_ms, minimum } = this.options
    const now = this.now()
    this.sweep()
    while (this.idle.length > 0 && this.open() > minimum) {
      if (now - this.idle[0]!.idleSince < idleTimeout_ms) break
      this.discard(this.idle.shift()!, "idle")
    }
    while (this.open() < minimum) this.startConnect()
    if (leakAfter_ms === Infinity) return
    for (const entry of this.lent) {
      const held_ms = now - entry.lentAt
      if (!entry.isReported && held_ms >= leakAfter_ms) this.report(entry, held_ms)
    }
  }

  private report(entry: Entry, held_ms: number): void {
    entry.isReported = true
    const borrowedBy = entry.borrowedBy ?? "somebody"
    if (this.options.listeners !== null)
      this.tell({ _tag: "leaked", connection: entry, held_ms, borrowedBy })
    this.run(
      Effect.logWarning(
        `athanor: connection ${entry.id} has been lent for ${held_ms} ms, to ${borrowedBy}`
      )
    )
  }

  /** As many connects as there are fibers waiting for one, side by side, within the limit. */
  private grow(): void {
    const { overflow, size } = this.options
    while (
      this.closed === null &&
      this.connecting < this.queue.length &&
      this.open() < size + overflow
    )
      this.startConnect()
  }

  private startConnect(): void {
    this.connecting++
    const generation = this.generation
    const startedAt = this.now()
    this.run(
      Effect.exit(
        Effect.onExit(this.options.connect, (exit) =>
          Effect.sync(() => {
            this.connecting--
            if (Exit.isSuccess(exit)) this.opened(exit.value, generation, startedAt)
            else this.refused(exit)
          })
        )
      )
    )
  }

  private opened(connection: Connection, generation: number, startedAt: number): void {
    const now = this.now()
    const { lifetimeJitter, listeners, maxLifetime_ms } = this.options
    const life_ms =
      lifetimeJitter === 0 ? maxLifetime_ms : maxLifetime_ms * (1 - lifetimeJitter * this.random())
    const entry = new Entry(connection, ++this.created, now, now + life_ms, generation)
    this.lent.add(entry)
    if (listeners !== null)
      this.tell({ _tag: "connected", connection: entry, took_ms: now - startedAt })
    this.back(entry)
  }

  /** One failed connect fails the one who has waited longest; for the others it is tried again. */
  private refused(exit: Exit.Failure<Connection, ConnectFailed>): void {
    const { listeners } = this.options
    if (listeners !== null) {
      for (const reason of exit.cause.reasons)
        if (reason._tag === "Fail") this.tell({ _tag: "connectFailed", error: reason.error })
    }
    const waiter = this.closed === null ? this.queue.shift() : undefined
    if (waiter !== undefined) wakeUp(() => waiter.resume(Exit.failCause(exit.cause)))
    this.grow()
  }

  get close(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const closed = (this.closed = Deferred.makeUnsafe<void>())
      this.unwatch?.()
      for (const waiter of this.queue.splice(0)) {
        wakeUp(() => waiter.resume(Exit.fail(closedError(this.options.dialect))))
      }
      for (const entry of this.idle.splice(0)) this.discard(entry, "closing")
      this.settleClose()
      return Effect.forEach([...this.background], (fiber) => Fiber.interrupt(fiber), {
        concurrency: "unbounded"
      }).pipe(
        Effect.andThen(Effect.timeoutOption(Deferred.await(closed), this.options.close_ms)),
        Effect.andThen(Effect.suspend(() => this.closeLent()))
      )
    })
  }

  private closeLent(): Effect.Effect<void> {
    const lent = [...this.lent]
    const borrowers = this.borrowers()
    for (const entry of lent) {
      if (this.options.listeners !== null) {
        const held_ms = this.now() - entry.lentAt
        this.tell({ _tag: "returned", connection: entry, reason: "leaked", held_ms })
      }
      this.discard(entry, "closing")
    }
    const to = borrowers.length === 0 ? "" : `, to ${borrowers.join("; ")}`
    return lent.length === 0
      ? Effect.void
      : Effect.logWarning(
          `athanor: the pool closed with ${lent.length} connections still lent${to}`
        )
  }

  private settleClose(): void {
    if (this.closed !== null && this.lent.size === 0) Deferred.doneUnsafe(this.closed, Exit.void)
  }
}
