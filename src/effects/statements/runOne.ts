import * as Effect from "effect/Effect"
import type { StatementNode } from "../../algebra/Statement.ts"
import { refuse } from "../../algebra/StatementError.ts"
import { shownText } from "../classify/inStatement.ts"
import type { Named } from "./bind.ts"
import { type DatabaseError, RowCount } from "../DatabaseError.ts"
import { onKnown } from "../Engine.ts"
import { type EngineKey, execution, unsupported } from "../Execution.ts"
import { outsideTransaction } from "../Failure.ts"
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
  onKnown(service, (engine) =>
    Effect.withFiber((fiber) => {
      const prepared = engine.statements.get(node)
      if (prepared._tag === "Refusal") return Effect.fail(unsupported(prepared))
      const { compiled } = prepared
      if (compiled.kind === "query" || compiled.kind === "ddl")
        return refuse("runOne: only a command writes rows")
      const ran = execution(service, node, named, "run") as Effect.Effect<number, DatabaseError>
      const once = Effect.flatMap(ran, (actual) =>
        actual === 1
          ? Effect.void
          : Effect.fail(
              new RowCount({
                message: `${actual} rows where exactly one was to be, in ${shownText(compiled)}`,
                dialect: compiled.dialect,
                operation: compiled.kind,
                retryable: false,
                transaction: "alive",
                expected: 1,
                actual
              })
            )
      )
      const all = transactionIn(engine, once, {})
      return fiber.getRef(engine.current) === null ? Effect.mapError(all, outsideTransaction) : all
    })
  )
