import * as Context from "effect/Context"
import type { DatabaseError } from "./DatabaseError.ts"

/**
 * One statement as it was sent: its text and how long the server took. Never its values.
 *
 * @category models
 */
export interface StatementEvent {
  readonly text: string
  readonly parameterCount: number
  /** From sending to the answer, waiting for a connection included. */
  readonly duration_ms: number
  /** Rows given, or matched. */
  readonly rowCount: number
  readonly error: DatabaseError | null
}

/**
 * Listens to statements. Synchronous; must not throw.
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
