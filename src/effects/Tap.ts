import * as Context from "effect/Context"
import type { DatabaseError } from "./DatabaseError.ts"

/** One statement as it was sent: its text and how long the server took. Never its values. */
export interface StatementEvent {
  readonly text: string
  readonly parameterCount: number
  /** From sending to the answer, waiting for a connection included. */
  readonly duration_ms: number
  /** Rows given, or matched. */
  readonly rowCount: number
  readonly error: DatabaseError | null
}

/** Listens to statements. Synchronous; must not throw. */
export type Listener = (event: StatementEvent) => void

/**
 * Who hears of each statement sent in this context, BEGIN and COMMIT included; nobody by default.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Effect } from "effect"
 * const shown = Effect.provideService(Effect.void, Database.Tap, (event) =>
 * console.log(event.text))
 * ```
 * @category services
 */
export const Tap: Context.Reference<Listener | null> = Context.Reference<Listener | null>(
  "athanor/Tap",
  {
    defaultValue: () => null
  }
)
