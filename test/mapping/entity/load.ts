import * as Effect from "effect/Effect"
import type { Capabilities } from "../../../src/algebra/Dialect.ts"
import type { Select } from "../../../src/algebra/Select.ts"
import { type AnyEntity, ClassId, type Mapped } from "../../../src/mapping/EntityClass.ts"
import type { ValueOf } from "../../../src/mapping/EntityTypes.ts"
import type { Checked, Loaded, Plan } from "../../../src/mapping/Load.ts"
import { attach, type Level, levelOf, withValues } from "../../../src/mapping/PlanAttach.ts"
import { queriesOf } from "../../../src/mapping/PlanQueries.ts"
import { keysOf, type LoadStep, readingOf } from "../../../src/mapping/PlanSteps.ts"

type Rows = ReadonlyArray<object>

/** Runs the queries of one step. */
export type Run<E, R> = (query: Select<object, never, string>) => Effect.Effect<Rows, E, R>

/** The plainest interpreter of plans: step after step, level after level. */
export const loader = <Err, R>(capabilities: Capabilities, run: Run<Err, R>) => {
  const level = (step: LoadStep, rows: Rows): Effect.Effect<Level, Err, R> =>
    Effect.gen(function* () {
      const found: Array<object> = []
      for (const query of queriesOf(step, keysOf(step, rows), capabilities)) {
        found.push(...(yield* run(query)))
      }
      const level = levelOf(step, found)
      return withValues(level, yield* below(step.relation.related, level.values, step.steps))
    })
  const below = (
    entity: Mapped,
    rows: Rows,
    steps: ReadonlyArray<LoadStep>
  ): Effect.Effect<Rows, Err, R> =>
    Effect.map(
      Effect.forEach(steps, (step) => level(step, rows)),
      (levels) => attach(entity, rows, levels)
    )
  return <E extends AnyEntity, const P extends Plan<E>>(
    entity: E,
    rows: ReadonlyArray<ValueOf<E>>,
    plan: P & Checked<E, P>
  ): Effect.Effect<ReadonlyArray<Loaded<E, P>>, Err, R> =>
    below(entity[ClassId], rows, readingOf(entity, plan).steps) as never
}
