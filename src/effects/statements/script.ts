import * as Effect from "effect/Effect"
import type { DatabaseError } from "../DatabaseError.ts"
import { type Engine, onKnown } from "../Engine.ts"
import type { EngineKey } from "../Execution.ts"
import { told } from "../observability/Tap.ts"
import { listenerOf } from "../observability/Telemetry.ts"
import { noteEnd, opaqueRefusal } from "./opaque.ts"
import { scriptThrough } from "./send.ts"

/** Runs a text of several statements as it stands. */
export const script = (service: EngineKey, text: string): Effect.Effect<void, DatabaseError> =>
  onKnown(service, (engine) => scriptIn(engine, text))

const scriptIn = (engine: Engine, text: string): Effect.Effect<void, DatabaseError> =>
  Effect.withFiber((fiber) => {
    const level = fiber.getRef(engine.current)
    const refused = opaqueRefusal(engine, level, text, "a script")
    if (refused !== null) return Effect.fail(refused)
    const tap = listenerOf(fiber, engine)
    const site = { operation: "script" as const, table: null, inTransaction: level !== null }
    const sent = scriptThrough(engine, level ?? engine.gate, text, site)
    const heard = tap === null ? sent : told(tap, { ...site, text, parameterCount: 0 }, sent)
    const before = engine.before?.(null) ?? null
    return Effect.map(before === null ? heard : Effect.andThen(before, heard), () => {
      if (level !== null) noteEnd(engine, level)
    })
  })
