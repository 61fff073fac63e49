import * as Effect from "effect/Effect"
import type { DatabaseError } from "../DatabaseError.ts"
import type { Request, Result } from "../Driver.ts"
import type { Engine } from "../Engine.ts"
import type { Level } from "../transactions/Level.ts"
import { planThrough } from "./planThrough.ts"
import type { TelemetrySettings } from "./Telemetry.ts"
import { transactionIn } from "../transactions/Transaction.ts"

/** Logs a statement that took too long: its text without values, its rows, its plan. */
export const loggedIfSlow = (
  { slowAfter_ms = Infinity, slowPlan = true }: TelemetrySettings,
  engine: Engine,
  level: Level | null,
  { parameters, text }: Request,
  sent: Effect.Effect<Result, DatabaseError>
): Effect.Effect<Result, DatabaseError> =>
  Effect.suspend(() => {
    const startedAt = performance.now()
    const { name } = engine.options
    const named = name === undefined ? {} : { "athanor.name": name }
    const logged = (
      outcome: Readonly<Record<string, unknown>>,
      plan: Effect.Effect<string>
    ): Effect.Effect<void> =>
      Effect.suspend(() => {
        const duration_ms = Math.round(performance.now() - startedAt)
        return duration_ms < slowAfter_ms
          ? Effect.void
          : Effect.flatMap(plan, (tree) =>
              Effect.logWarning(`athanor: a statement took ${duration_ms} ms\n${text}${tree}`).pipe(
                Effect.annotateLogs({ "db.query.text": text, duration_ms, ...named, ...outcome })
              )
            )
      })
    return sent.pipe(
      Effect.tap(({ affected }) =>
        logged(
          { "db.response.returned_rows": affected },
          slowPlan ? planText(engine, level, text, parameters) : nothing
        )
      ),
      Effect.tapError(({ _tag }) => logged({ "error.type": _tag }, nothing))
    )
  })

const nothing = Effect.succeed("")

/** In a savepoint where a transaction is open: a plan that fails must not doom it. */
const planText = (
  engine: Engine,
  level: Level | null,
  text: string,
  parameters: ReadonlyArray<unknown>
): Effect.Effect<string> => {
  const asked = Effect.withFiber((fiber) => {
    const within = fiber.getRef(engine.current)
    return planThrough(engine, within ?? engine.gate, text, parameters, within !== null)
  })
  return Effect.match(level === null ? asked : transactionIn(engine, asked, {}), {
    onSuccess: (plan) => `\n${plan.text}`,
    onFailure: () => ""
  })
}
