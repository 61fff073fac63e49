import * as Effect from "effect/Effect"
import type { DatabaseError } from "../DatabaseError.ts"
import type { Site } from "../Driver.ts"
import { type Engine, onKnown } from "../Engine.ts"
import type { EngineKey } from "../Execution.ts"
import { told } from "../observability/Tap.ts"
import { listenerOf } from "../observability/Telemetry.ts"
import { noteEnd, opaqueRefusal, sendAlone } from "./opaque.ts"
import { scriptThrough } from "./send.ts"

/** Runs a text of several statements as it stands. */
export const script = (service: EngineKey, text: string): Effect.Effect<void, DatabaseError> =>
  onKnown(service, (engine) => scriptIn(engine, text, aScript))

/** Runs a text of ours that changes a table: its words hold no value of anybody's. */
export const change = (
  service: EngineKey,
  text: string,
  table: string
): Effect.Effect<void, DatabaseError> =>
  onKnown(service, (engine) => scriptIn(engine, text, { operation: "ddl", table }))

const aScript = { operation: "script", table: null } as const

const scriptIn = (
  engine: Engine,
  text: string,
  what: Pick<Site, "operation" | "table">
): Effect.Effect<void, DatabaseError> =>
  Effect.withFiber((fiber) => {
    const level = fiber.getRef(engine.current)
    const refused = opaqueRefusal(engine, level, text, "a script")
    if (refused !== null) return Effect.fail(refused)
    const tap = listenerOf(fiber, engine)
    const site = { ...what, inTransaction: level !== null }
    const sent =
      level === null
        ? sendAlone(engine, (gate) => scriptThrough(engine, gate, text, site))
        : scriptThrough(engine, level, text, site)
    const heard = tap === null ? sent : told(tap, { ...site, text, parameterCount: 0 }, sent)
    const before = engine.before?.(null) ?? null
    return Effect.map(before === null ? heard : Effect.andThen(before, heard), () => {
      if (level !== null) noteEnd(engine, level)
    })
  })
