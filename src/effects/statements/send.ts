import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { build } from "../classify/build.ts"
import { isBusy } from "../classify/sqlite.ts"
import { CommitOutcomeUnknown, type DatabaseError } from "../DatabaseError.ts"
import type { Connection, Deadlines, Driver, Request, Result, Site } from "../Driver.ts"
import { placeOf } from "../drivers/scriptPlace.ts"
import { ofStatement } from "../Failure.ts"
import type { Gate, Lease, Restore } from "../pool/Gate.ts"
import type { ReturnReason } from "../pool/PoolEvent.ts"

/** What sending needs to know of a database. */
export interface Sender {
  readonly driver: Driver
  readonly deadlines: Deadlines
}

type Send = (connection: Connection, done: (error: unknown, result: Result | null) => void) => void

/** What becomes of a statement's answer. */
export interface Receiver<A, E> {
  readonly result: (result: Result) => Exit.Exit<A, E>
  readonly failure: (error: DatabaseError) => Exit.Exit<A, E>
}

/**
 * Sends one statement through a gate: enters, sends, leaves.
 *
 * **Shape** one primitive when a connection is free at once. Interrupted, it asks the server to
 * stop and waits for the proof; without it in time the connection is destroyed.
 */
export const sendThrough = <A, E>(
  sender: Sender,
  gate: Gate,
  request: Request,
  site: Site,
  receiver: Receiver<A, E>
): Effect.Effect<A, E | DatabaseError> =>
  through(sender, gate, site, (connection, done) => connection.send(request, done), receiver)

/** Has the next rows of a cursor fetched through a gate. */
export const fetchThrough = <A, E>(
  sender: Sender,
  gate: Gate,
  fetch: Send,
  site: Site,
  receiver: Receiver<A, E>
): Effect.Effect<A, E | DatabaseError> => through(sender, gate, site, fetch, receiver)

/** Runs a script through a gate. */
export const scriptThrough = (
  sender: Sender,
  gate: Gate,
  text: string,
  site: Site
): Effect.Effect<Result, DatabaseError> =>
  through(sender, gate, site, (connection, done) => connection.script(text, done), ofScript)

const ofScript: Receiver<Result, DatabaseError> = {
  result: Exit.succeed,
  failure: (error) => Exit.fail(ofStatement(error, placeOf(error.driverError)))
}

/** Has a statement described through a gate. */
export const describeThrough = (
  sender: Sender,
  gate: Gate,
  text: string,
  site: Site
): Effect.Effect<Result, DatabaseError> =>
  through(sender, gate, site, (connection, done) => connection.describe(text, done), asIs)

/** The answer as it came. */
export const asIs: Receiver<Result, DatabaseError> = { result: Exit.succeed, failure: Exit.fail }

const through = <A, E>(
  sender: Sender,
  gate: Gate,
  site: Site,
  send: Send,
  receiver: Receiver<A, E>
): Effect.Effect<A, E | DatabaseError> =>
  Effect.callback((resume) => {
    const lease = gate.tryEnter()
    if (lease === null) return void resume(slowly(sender, gate, site, send, receiver))
    return start(sender, gate, lease, site, send, receiver, resume, true)
  })

/** Waits for its turn; the bracket leaves on every path. */
const slowly = <A, E>(
  sender: Sender,
  gate: Gate,
  site: Site,
  send: Send,
  receiver: Receiver<A, E>
): Effect.Effect<A, E | DatabaseError> =>
  entered(gate, (lease, restore) =>
    restore(
      Effect.callback<A, E>((resume) =>
        start(sender, gate, lease, site, send, receiver, resume, false)
      )
    )
  )

/** Inside a gate for as long as `use` takes, and out of it on every path. */
export const entered = <A, E, R, E2>(
  gate: Gate<E2>,
  use: (lease: Lease, restore: Restore) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | E2, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(gate.enter(restore), (lease) =>
      Effect.onExit(use(lease, restore), (exit) =>
        Effect.sync(() => gate.leave(lease, reasonOf(exit)))
      )
    )
  )

const reasonOf = (exit: Exit.Exit<unknown, unknown>): ReturnReason =>
  Exit.isSuccess(exit) ? "normal" : Exit.hasInterrupts(exit) ? "interrupted" : "failed"

const start = <A, E>(
  sender: Sender,
  gate: Gate,
  lease: Lease,
  site: Site,
  send: Send,
  receiver: Receiver<A, E>,
  resume: (effect: Effect.Effect<A, E>) => void,
  leaves: boolean
): Effect.Effect<void> | void => {
  const connection = lease.connection
  let settled = false
  let onSettled: ((confirmed: boolean) => void) | null = null
  send(connection, (error, result) => {
    settled = true
    const failure = error === null ? null : sender.driver.classify(error, site, connection)
    if (failure !== null) gate.failed(failure)
    // Nobody wants the answer: the connection stays only if the server confirmed that it stopped.
    if (onSettled !== null && !sender.driver.isCancelled(error)) connection.destroy()
    if (leaves)
      gate.leave(lease, onSettled !== null ? "interrupted" : failure === null ? "normal" : "failed")
    if (onSettled !== null) onSettled(true)
    else resume(failure === null ? receiver.result(result!) : receiver.failure(failure))
  })
  if (settled) return
  return Effect.callback<void>((stopped) => {
    if (settled) return stopped(Effect.void)
    const timer = setTimeout(() => connection.destroy(), sender.deadlines.cancel_ms)
    onSettled = () => {
      clearTimeout(timer)
      stopped(Effect.void)
    }
    connection.cancel()
  })
}

/**
 * Sends a control statement on a connection that is ours: BEGIN, SAVEPOINT, COMMIT, ping.
 *
 * **Shape** not past its deadline: then the socket is destroyed. Interrupted, where it may be, the
 * socket is destroyed too.
 */
export const control = (
  sender: Sender,
  connection: Connection,
  text: string,
  site: Site,
  deadline_ms: number
): Effect.Effect<Result, DatabaseError> => {
  if (connection.sendNow !== null)
    return Effect.suspend(() => controlNow(sender, connection, text, site))
  return Effect.callback((resume) => {
    let settled = false
    const timer = setTimeout(() => connection.destroy(), deadline_ms)
    connection.send(controlRequest(text, false), (error, result) => {
      settled = true
      clearTimeout(timer)
      resume(
        error === null
          ? Exit.succeed(result!)
          : Exit.fail(classified(sender, error, site, connection))
      )
    })
    return Effect.sync(() => {
      if (!settled) connection.destroy()
    })
  })
}

const controlNow = (
  sender: Sender,
  connection: Connection,
  text: string,
  site: Site
): Exit.Exit<Result, DatabaseError> => {
  try {
    return Exit.succeed(connection.sendNow!(controlRequest(text, isFrequent.has(text))))
  } catch (error) {
    return Exit.fail(classified(sender, error, site, connection))
  }
}

/** A statement without values and rows. */
export const controlRequest = (text: string, keep: boolean): Request => ({
  text,
  parameters: [],
  bigints: false,
  single: false,
  rowKey: null,
  keep
})

/** Prepared once on SQLite; savepoints have names of their own. */
const isFrequent: ReadonlySet<string> = new Set([
  "BEGIN IMMEDIATE",
  "BEGIN DEFERRED",
  "COMMIT",
  "ROLLBACK"
])

const classified = (
  sender: Sender,
  error: unknown,
  site: Site,
  connection: Connection
): DatabaseError => {
  const failure = sender.driver.classify(error, site, connection)
  const { operation } = site
  return (operation === "commit" || operation === "prepare") && failure._tag === "ConnectionLost"
    ? new CommitOutcomeUnknown(
        {
          message: `the connection was lost in ${operation.toUpperCase()}: done or not is unknown`,
          dialect: failure.dialect,
          operation,
          retryable: false,
          transaction: "unknown"
        },
        error
      )
    : failure
}

/**
 * Runs a synchronous statement, again while another process holds SQLite's file, with longer and
 * longer pauses that let other fibers work.
 */
export const retryBusy = <A>(
  sender: Sender,
  site: Site,
  connection: Connection,
  run: () => A
): Effect.Effect<A, DatabaseError> => {
  const giveUpAt = performance.now() + sender.driver.busyTimeout_ms
  const attempt = (pause_ms: number): Effect.Effect<A, DatabaseError> =>
    Effect.suspend((): Effect.Effect<A, DatabaseError> => {
      try {
        return Exit.succeed(run())
      } catch (error) {
        if (!isBusy(error)) return Exit.fail(sender.driver.classify(error, site, connection))
        if (performance.now() + pause_ms > giveUpAt) {
          return Exit.fail(
            build(
              "sqlite",
              "Busy",
              site,
              { code: "SQLITE_BUSY", fate: site.inTransaction ? "alive" : "ended" },
              error
            )
          )
        }
        return Effect.andThen(sleep(pause_ms), attempt(Math.min(100, pause_ms * 2)))
      }
    })
  return attempt(1)
}

/** By the machine's clock: another process does not wait for a test's. */
const sleep = (ms: number): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const timer = setTimeout(() => resume(Effect.void), ms)
    return Effect.sync(() => clearTimeout(timer))
  })
