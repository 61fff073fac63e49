import * as Effect from "effect/Effect"
import type { Capabilities } from "../algebra/Dialect.ts"
import type { Select } from "../algebra/Select.ts"
import { Database } from "../effects/Database.ts"
import { DecodeFailed } from "../effects/DatabaseError.ts"
import { askedBy } from "../effects/Engine.ts"
import type { StepRow } from "../mapping/PlanSteps.ts"

/** A plan's own query, which an interceptor is told from the program's. */
export const loadQuery = (query: Select<StepRow, never, string>) =>
  Effect.flatMap(Database, (engine) => {
    const asking = askedBy(engine, "load")
    const rows = Database.all(query)
    return asking === engine ? rows : Effect.provideService(rows, Database, asking)
  })

/** What was found is not what it should be. */
export const unexpected = (
  { dialect }: Capabilities,
  path: string,
  expected: string,
  but: string
): DecodeFailed =>
  new DecodeFailed({
    message: `${path}: expected ${expected}; ${but}`,
    dialect,
    operation: "decode",
    retryable: false,
    transaction: "alive",
    path,
    expected
  })
