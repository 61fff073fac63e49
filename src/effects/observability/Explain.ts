import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { StatementNode } from "../../algebra/Statement.ts"
import { bind, type Named } from "../statements/bind.ts"
import { type DatabaseError, Unsupported } from "../DatabaseError.ts"
import { type Engine, onKnown } from "../Engine.ts"
import type { EngineKey } from "../Execution.ts"
import { unsupported } from "../statements/statementRefused.ts"
import type { Plan } from "./Plan.ts"
import { explainWords, planThrough } from "./planThrough.ts"
import { transactionIn } from "../transactions/Transaction.ts"

/** The plan of a statement; `run`: as it went when it was run, and undone if it wrote. */
export const explained = (
  service: EngineKey,
  node: StatementNode,
  named: Named | undefined,
  kind: "plan" | "run"
): Effect.Effect<Plan, DatabaseError> =>
  onKnown(service, (engine) =>
    Effect.withFiber((fiber) => {
      const prepared = engine.statements.get(node)
      if (prepared._tag === "Refusal") return Exit.fail(unsupported(prepared))
      const { compiled } = prepared
      if (compiled.kind === "ddl") return Exit.fail(without(engine, "explain", "the plan of a DDL"))
      if (explainWords[engine.dialect][kind] === "")
        return Exit.fail(without(engine, "explainAnalyze", "the plan of a statement that was run"))
      const parameters = bind(compiled, prepared.binds, named, fiber)
      if (!Array.isArray(parameters)) return Exit.fail(parameters as DatabaseError)
      const asked = Effect.withFiber<Plan, DatabaseError>((inside) => {
        const level = inside.getRef(engine.current)
        const gate = level ?? engine.gate
        return planThrough(engine, gate, compiled.text, parameters, level !== null, kind)
      })
      return kind === "run" && compiled.kind !== "query" ? undone(engine, asked) : asked
    })
  )

/** Runs in a transaction or savepoint of its own that is rolled back. */
const undone = (
  engine: Engine,
  asked: Effect.Effect<Plan, DatabaseError>
): Effect.Effect<Plan, DatabaseError> => {
  const found: Array<Plan> = []
  const over = new Error("undone")
  const body = Effect.flatMap(asked, (plan) => {
    found.push(plan)
    return Effect.fail(over)
  })
  return Effect.matchEffect(transactionIn(engine, body, {}), {
    onSuccess: () => Effect.succeed(found[0]!),
    onFailure: (error) =>
      error === over ? Effect.succeed(found[0]!) : Effect.fail(error as DatabaseError)
  })
}

const without = ({ dialect }: Engine, capability: string, construct: string): Unsupported =>
  new Unsupported({
    message: `${dialect} cannot do this: ${construct} (${capability})`,
    dialect,
    operation: "query",
    retryable: false,
    transaction: "alive",
    capability,
    construct
  })
