import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { DatabaseError } from "../DatabaseError.ts"
import type { Result, Site } from "../Driver.ts"
import type { Operation } from "../Failure.ts"

/**
 * One statement as it was sent: its text and how long the server took. Never its values.
 *
 * @category models
 */
export interface StatementEvent {
  readonly text: string
  readonly operation: Operation
  /** The table written to, or the first one read; null where there is none. */
  readonly table: string | null
  readonly parameterCount: number
  /** From sending to the answer, waiting for a connection included. */
  readonly duration_ms: number
  /** Rows given, or matched. */
  readonly rowCount: number
  readonly error: DatabaseError | null
  /** Nobody waited for the answer any more. */
  readonly isInterrupted: boolean
}

/**
 * Listens to statements. Synchronous; what it throws is logged once and changes nothing.
 *
 * @category models
 */
export type Listener = (event: StatementEvent) => void

/**
 * Who hears of each statement sent in this context, BEGIN and COMMIT included; nobody by default.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * const texts: Array<string> = []
 * const heard = Effect.provideService(
 *   Database.script("select 1"), Database.Tap, (event) => texts.push(event.text))
 * const program = Effect.map(heard, () => texts.length)
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => 1
 * ```
 * @category services
 */
export const Tap: Context.Reference<Listener | null> = Context.Reference<Listener | null>(
  "athanor/Tap",
  {
    defaultValue: () => null
  }
)

/** What of a statement is for the log of those alone who asked for it. */
export interface Sent {
  readonly parameters: ReadonlyArray<unknown>
  /**
   * How its text came to be. `uncacheable`: it holds values, and is for these only. `raw`: by hand.
   */
  readonly origin: "reused" | "newly compiled" | "uncacheable" | "raw"
}

/** What is known of a statement before it is sent. */
export type About = Pick<Site, "operation" | "table"> &
  Pick<StatementEvent, "text" | "parameterCount"> & { readonly sent?: Sent }

/** Tells a listener of a statement; what was bound is told only to who may hear it. */
export const tell = (tap: Listener, event: StatementEvent, sent: Sent | undefined): void => {
  if ("echo" in tap)
    (tap.echo as (event: StatementEvent, sent: Sent | undefined) => void)(event, sent)
  else tap(event)
}

/** Tells the listener of a statement once, however it ends. */
export const told = (
  tap: Listener,
  about: About,
  answered: Effect.Effect<Result, DatabaseError>
): Effect.Effect<Result, DatabaseError> =>
  Effect.suspend(() => {
    const { operation, parameterCount, table, text } = about
    const startedAt = performance.now()
    return Effect.onExit(answered, (exit) =>
      Effect.sync(() =>
        tell(
          tap,
          {
            text,
            operation,
            table,
            parameterCount,
            duration_ms: performance.now() - startedAt,
            rowCount: Exit.isSuccess(exit) ? exit.value.affected : 0,
            error: failureOf(exit),
            isInterrupted: Exit.isFailure(exit) && Cause.hasInterrupts(exit.cause)
          },
          about.sent
        )
      )
    )
  })

const failureOf = (exit: Exit.Exit<unknown, DatabaseError>): DatabaseError | null => {
  if (Exit.isSuccess(exit)) return null
  for (const reason of exit.cause.reasons) if (reason._tag === "Fail") return reason.error
  return null
}
