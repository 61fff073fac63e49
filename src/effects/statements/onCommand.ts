import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type { StatementNode } from "../../algebra/Statement.ts"
import { refuse } from "../../algebra/StatementError.ts"
import type { Lookup } from "../../compile/StatementCache.ts"
import type { DatabaseError } from "../DatabaseError.ts"
import { type Engine, onKnown } from "../Engine.ts"
import type { EngineKey } from "../Execution.ts"
import { unsupported } from "./statementRefused.ts"

/** Does something with a command that is compiled; `refused` is what is said of a query. */
export const onCommand = <A>(
  service: EngineKey,
  node: StatementNode,
  refused: string,
  use: (
    engine: Engine,
    command: Lookup,
    fiber: Fiber.Fiber<unknown, unknown>
  ) => Effect.Effect<A, DatabaseError>
): Effect.Effect<A, DatabaseError> =>
  onKnown(service, (engine) =>
    Effect.withFiber((fiber) => {
      const found = engine.statements.get(node)
      if (found._tag === "Refusal") return Effect.fail(unsupported(found))
      const { kind } = found.compiled
      return kind === "query" || kind === "ddl" ? refuse(refused) : use(engine, found, fiber)
    })
  )
