import { Worker } from "node:worker_threads"
import * as Effect from "effect/Effect"
import type { Version } from "../../algebra/Dialect.ts"
import type { ConnectFailed } from "../DatabaseError.ts"
import type { Connection, Cursor, Done, Request, Result, Session } from "../Driver.ts"
import { isBusy } from "../classify/sqlite.ts"
import { connectFailed } from "./connectFailed.ts"
import { leavesTraces } from "./leavesTraces.ts"
import type { SqliteOptions } from "./SqliteOptions.ts"
import { type Answered, type Asked, type Begun, heard, type WorkerStart } from "./sqliteMessages.ts"

/** Beside this file, in the language this file is in. */
const workerUrl = new URL(
  `./sqliteWorker.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`,
  import.meta.url
)

/**
 * Opens a file in a thread of its own: a long statement blocks nobody here.
 *
 * **Shape** about 40 microseconds more for each statement. Nothing can stop a statement inside
 * SQLite, as better-sqlite3 has no `sqlite3_interrupt` and a thread ends between two calls only:
 * who interrupts goes on at once, the connection is given up, and its thread ends with the
 * statement. In a transaction that rolls it back; a write of its own is done all the same.
 */
export const openThread = (
  file: string,
  options: SqliteOptions,
  host: string,
  connect_ms: number
): Effect.Effect<Connection, ConnectFailed> =>
  Effect.callback((resume) => {
    const workerData: WorkerStart = { file, options: sentOf(options) }
    const worker = new Worker(workerUrl, { workerData })
    let isSettled = false
    const settle = (effect: Effect.Effect<Connection, ConnectFailed>, keep: boolean): void => {
      if (isSettled) return
      isSettled = true
      clearTimeout(timer)
      if (!keep) void worker.terminate()
      resume(effect)
    }
    const timer = setTimeout(
      () => settle(Effect.fail(connectFailed("sqlite", host, "timeout")), false),
      connect_ms
    )
    const failed = (error: unknown): void => {
      const reason = isBusy(error) ? "timeout" : "file"
      settle(Effect.fail(connectFailed("sqlite", host, reason, error)), false)
    }
    worker.once("error", failed)
    worker.once("message", (begun: Begun) => {
      if (begun._tag === "refused") return failed(heard(begun.error))
      worker.off("error", failed)
      settle(Effect.succeed(new ThreadConnection(worker, begun.version)), true)
    })
    return Effect.sync(() => settle(Effect.interrupt, false))
  })

/** What a thread needs to know: hooks and what else is a function stay here. */
const sentOf = (options: SqliteOptions): SqliteOptions =>
  Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(sent, name)))

const sent: Readonly<Record<keyof SqliteOptions, true>> = {
  file: true,
  attach: true,
  readOnly: true,
  durability: true,
  busyTimeout_ms: true,
  statements: true,
  readers: true,
  threads: true,
  driverOptions: true
}

const ended = (): Error =>
  Object.assign(new Error("the thread of the connection has ended"), {
    code: "SQLITE_THREAD_ENDED"
  })

let cursors = 0

class ThreadConnection implements Connection {
  readonly sendNow = null
  readonly server: Connection["server"]
  readonly #worker: Worker
  /** Answers come in the order of the questions. */
  readonly #waiting: Array<Done> = []
  #alive = true
  #transaction: "none" | "open" = "none"
  #isTouched = false

  constructor(worker: Worker, version: Version) {
    this.#worker = worker
    this.server = { dialect: "sqlite", version }
    worker.on("message", (answered: Answered) => this.#hear(answered))
    worker.on("error", (error) => this.#died(error))
    worker.on("exit", () => this.#died(ended()))
  }

  /** SQLite undoes nothing of a connection by itself: another one is opened. */
  readonly session: Session = {
    isTouched: () => this.#isTouched,
    begun: () => {
      this.#isTouched = false
    },
    reset: (done) => done(ended(), null)
  }

  send = (request: Request, done: Done): void => {
    this.#isTouched ||= leavesTraces(request.text)
    this.#ask({ _tag: "send", request }, done)
  }
  script = (text: string, done: Done): void => {
    this.#isTouched ||= leavesTraces(text)
    this.#ask({ _tag: "script", text }, done)
  }
  describe = (text: string, done: Done): void => this.#ask({ _tag: "describe", text }, done)

  cursor = (request: Request): Cursor => {
    const cursor = ++cursors
    return {
      fetch: (count, done) => this.#ask({ _tag: "fetch", cursor, request, count }, done),
      close: (done) => this.#ask({ _tag: "close", cursor }, () => done())
    }
  }

  cancel = (): void => {}
  isAlive = (): boolean => this.#alive
  isIdle = (): boolean => this.#waiting.length === 0 && this.#transaction === "none"
  transaction = (): "none" | "open" => this.#transaction

  destroy = (): void => {
    this.#died(ended())
    void this.#worker.terminate()
  }

  close = (): void => this.destroy()

  #ask(asked: Asked, done: Done): void {
    if (!this.#alive) return done(ended(), null)
    this.#waiting.push(done)
    try {
      // A thread has no origin.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      this.#worker.postMessage(asked)
    } catch (error) {
      this.#waiting.pop()
      done(error, null)
    }
  }

  #hear({ error, result, transaction }: Answered): void {
    this.#transaction = transaction
    const done = this.#waiting.shift()
    if (done === undefined) return
    if (error !== null) done(heard(error), null)
    else done(null, result === null ? null : withBuffers(result))
  }

  #died(error: unknown): void {
    if (!this.#alive) return
    this.#alive = false
    for (const done of this.#waiting.splice(0)) done(error, null)
  }
}

/** Bytes arrive as plain arrays of them: the driver gives Buffers. */
const withBuffers = (result: Result): Result => ({
  ...result,
  rows: result.rows.map((row) => row.map(asBuffer))
})

const asBuffer = (value: unknown): unknown =>
  value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : value
