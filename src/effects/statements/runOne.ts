import * as Effect from "effect/Effect"
import type { StatementNode } from "../../algebra/Statement.ts"
import type { DatabaseError } from "../DatabaseError.ts"
import { type EngineKey, execution } from "../Execution.ts"
import { outsideTransaction } from "../Failure.ts"
import type { Named } from "./bind.ts"
import { rowCount } from "./answerRefused.ts"
import { onCommand } from "./onCommand.ts"
import { transactionIn } from "../transactions/Transaction.ts"

/**
 * Runs a command that is of exactly one row, and undoes it where it was of none or of several.
 *
 * **Shape** in a transaction of its own, or a savepoint of the one around it: the server says how
 * many rows it were when they are written.
 */
export const runOne = (
  service: EngineKey,
  node: StatementNode,
  named: Named | undefined
): Effect.Effect<void, DatabaseError> =>
  onCommand(service, node, "runOne: only a command writes rows", (engine, { compiled }, fiber) => {
    const ran = execution(service, node, named, "run") as Effect.Effect<number, DatabaseError>
    const once = Effect.flatMap(ran, (actual) =>
      actual === 1 ? Effect.void : Effect.fail(rowCount(compiled, actual, "exactly one"))
    )
    const all = transactionIn(engine, once, {})
    return fiber.getRef(engine.current) === null ? Effect.mapError(all, outsideTransaction) : all
  })
