import * as Effect from "effect/Effect"
import type { StatementNode } from "../../algebra/Statement.ts"
import { statementKey } from "../../algebra/statementKey.ts"
import type { Compiled } from "../../compile/Compiled.ts"
import { lint } from "../../compile/lint.ts"
import { Unsupported } from "../DatabaseError.ts"
import type { Engine } from "../Engine.ts"

/** Shapes remembered as told; when there are more, they are told again. */
const maxTold = 1_000

/**
 * What is to be done before a statement is sent of which something is seldom meant; null where
 * there is nothing to say.
 *
 * **Shape** a warning in the log, once for each shape of statement and database; where the options
 * refuse such statements, a failure.
 */
export const warningOf = (
  engine: Engine,
  compiled: Compiled,
  node: StatementNode
): Effect.Effect<void, Unsupported> | null => {
  if (compiled.warnings.length === 0) return null
  const { unconnected = "warn" } = engine.options
  if (unconnected === "allow") return null
  // The text is shared by statements with other values, of which one may be a limit of one row.
  const warnings = lint({ node })
  if (warnings.length === 0) return null
  const { kind } = compiled
  const groups = warnings.map((one) => one.groups.map((names) => names.join(", ")).join(" | "))
  const message =
    "no condition connects sources of one FROM, so each row of one meets each row of the other: " +
    `${groups.join("; ")}; crossJoin says that it is meant`
  if (unconnected === "refuse")
    return Effect.fail(
      new Unsupported({
        message,
        dialect: engine.dialect,
        operation: kind,
        retryable: false,
        transaction: "alive",
        capability: "unconnected",
        construct: groups.join("; ")
      })
    )
  const shape = statementKey(node)
  if (engine.warned.has(shape)) return null
  if (engine.warned.size === maxTold) engine.warned.clear()
  engine.warned.add(shape)
  return Effect.logWarning(`athanor: ${message}`).pipe(
    Effect.annotateLogs({ "db.operation.name": kind, "athanor.unconnected": groups.join("; ") })
  )
}
