import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"
import { heard, logOfFiber } from "./heard.ts"

/**
 * How far something long has come.
 *
 * @category models
 */
export interface ProgressEvent {
  readonly operation: "insert" | "stream" | "copyIn" | "copyOut"
  /** The table written to, or the first one read; null where there is none. */
  readonly table: string | null
  /** Rows written, or read, so far. */
  readonly done: number
  /** How many there will be; null where nobody knows. */
  readonly total: number | null
  /** The last of its events: all is done, or it failed, or was left early. */
  readonly isOver: boolean
}

/**
 * Listens to progress. Synchronous; what it throws is logged once and changes nothing.
 *
 * @category models
 */
export type ProgressListener = (event: ProgressEvent) => void

/**
 * Who hears how far long work in this context has come: inserts of several statements, streams and
 * COPY; nobody by default.
 *
 * **Shape** an event for each statement, or chunk, and one that says that it is over. What is done
 * in a transaction that is not committed yet may still be undone.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Query, Table } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const readings = Table.make("readings", { id: Column.id(), value: Column.integer() })
 * const rows = Array.from({ length: 2500 }, (_, value) => ({ value }))
 * const seen: Array<number> = []
 * const program = Database.create(Catalog.make({ readings })).pipe(
 *   Effect.andThen(Database.run(Query.insert(readings).rows(rows))),
 *   Effect.provideService(Database.Progress, ({ done, isOver }) => {
 *     if (!isOver) seen.push(done)
 *   }))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer()))
 * seen.at(-1) // => 2500
 * ```
 * @category services
 */
export const Progress: Context.Reference<ProgressListener | null> =
  Context.Reference<ProgressListener | null>("athanor/Progress", { defaultValue: () => null })

/** What counts the rows of one piece of work. */
export interface Counter {
  readonly add: (rows: number) => void
  /** Once, however it ends. */
  readonly over: () => void
}

/** A counter for whoever listens; null where nobody does. */
export const counterOf = (
  fiber: Fiber.Fiber<unknown, unknown>,
  operation: ProgressEvent["operation"],
  table: string | null,
  total: number | null
): Counter | null => {
  const listener = fiber.getRef(Progress)
  if (listener === null) return null
  let done = 0
  let isOver = false
  const log = logOfFiber(fiber)
  const tell = (): void =>
    heard(listener, { operation, table, done, total, isOver }, "the listener of progress", log)
  return {
    add: (rows) => {
      done += rows
      if (rows > 0) tell()
    },
    over: () => {
      if (isOver) return
      isOver = true
      tell()
    }
  }
}
