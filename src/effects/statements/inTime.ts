import * as Effect from "effect/Effect"
import type { Compiled } from "../../compile/Compiled.ts"
import { type DatabaseError, StatementTimeout } from "../DatabaseError.ts"
import type { Result, Site } from "../Driver.ts"
import { shownText } from "../classify/inStatement.ts"
import type { Level } from "../transactions/Level.ts"

/** Interrupted when its time is over: that cancels it on the server. */
export const inTime = (
  sent: Effect.Effect<Result, DatabaseError>,
  timeout_ms: number,
  { operation }: Site,
  compiled: Compiled,
  level: Level | null
): Effect.Effect<Result, DatabaseError> =>
  Effect.timeoutOrElse(sent, {
    duration: timeout_ms,
    orElse: () =>
      Effect.suspend(() => {
        const refusal = level === null ? null : level.refusal(operation)
        const error = new StatementTimeout({
          message:
            `the statement took longer than its ${timeout_ms} ms and was stopped, in ` +
            shownText(compiled),
          dialect: compiled.dialect,
          operation,
          retryable: true,
          transaction: level === null ? "ended" : (refusal?.transaction ?? "alive")
        })
        return Effect.fail(level === null ? error : level.because(error))
      })
  })
