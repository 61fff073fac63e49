import * as Effect from "effect/Effect"
import type { Capabilities } from "../algebra/Dialect.ts"
import type { Select } from "../algebra/Select.ts"
import { Database } from "../effects/Database.ts"
import { DecodeFailed, type ReadError } from "../effects/DatabaseError.ts"
import type { Mapped } from "../mapping/EntityClass.ts"
import { attach, isAmbiguous, type Level, levelOf, withValues } from "../mapping/PlanAttach.ts"
import { queriesOf } from "../mapping/PlanQueries.ts"
import { keysOf, type LoadStep, type StepRow } from "../mapping/PlanSteps.ts"

/** Hears of the rows each step found, before anything is attached to them. */
export type Heard = (values: ReadonlyArray<object>) => void

const run = (query: Select<StepRow, never, string>) => Database.all(query)

const ambiguous = ({ relation }: LoadStep, { dialect }: Capabilities): DecodeFailed => {
  const path = `${relation.owner.label}.${relation.name}`
  const expected = "at most one row"
  return new DecodeFailed({
    message: `${path}: expected ${expected}; its condition is true of several`,
    dialect,
    operation: "decode",
    retryable: false,
    transaction: "alive",
    path,
    expected
  })
}

/** Finds what one step says belongs to rows, and below it what its own steps say. */
const level = (
  step: LoadStep,
  rows: ReadonlyArray<object>,
  capabilities: Capabilities,
  heard: Heard
): Effect.Effect<Level, ReadError, Database> =>
  Effect.flatMap(
    Effect.forEach(queriesOf(step, keysOf(step, rows), capabilities), run),
    (lists) => {
      const found = levelOf(step, lists.flat())
      if (isAmbiguous(found)) return Effect.fail(ambiguous(step, capabilities))
      heard(found.values)
      return step.steps.length === 0
        ? Effect.succeed(found)
        : Effect.map(
            populated(step.relation.related, found.values, step.steps, capabilities, heard),
            (values) => withValues(found, values)
          )
    }
  )

/**
 * Values with everything their steps say: one query a relation and level, whatever the number of
 * rows.
 *
 * **Laws** the values keep their order; what was loaded before stays.
 */
export const populated = (
  entity: Mapped,
  rows: ReadonlyArray<object>,
  steps: ReadonlyArray<LoadStep>,
  capabilities: Capabilities,
  heard: Heard
): Effect.Effect<ReadonlyArray<object>, ReadError, Database> =>
  rows.length === 0 || steps.length === 0
    ? Effect.succeed(rows)
    : Effect.map(
        Effect.forEach(steps, (step) => level(step, rows, capabilities, heard)),
        (levels) => attach(entity, rows, levels)
      )

/** What one relation of one row leads to. */
export const related = (
  step: LoadStep,
  row: object,
  capabilities: Capabilities,
  heard: Heard
): Effect.Effect<ReadonlyArray<object>, ReadError, Database> =>
  Effect.map(level(step, [row], capabilities, heard), ({ values }) => values)
