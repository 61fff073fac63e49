import * as Effect from "effect/Effect"
import type { ReadError } from "../effects/DatabaseError.ts"
import { type AnyEntity, ClassId, soleEntity } from "../mapping/EntityClass.ts"
import { wholeColumns } from "../mapping/PlanColumns.ts"
import type { Reading } from "../mapping/PlanSteps.ts"
import { received } from "./cohorts.ts"
import { absorb, overlaid } from "./edits.ts"
import { completed, populated } from "./loader.ts"
import { optionsIn, type ReadingOptions } from "./SessionOptions.ts"
import { inside, type Moment, type Unit } from "./Unit.ts"

/** Who hears of the rows that were loaded. */
export const hearing =
  (unit: Unit, since: Moment, { aside = false }: ReadingOptions) =>
  (values: ReadonlyArray<object>): void => {
    if (!aside) received(unit, since, values)
  }

/** Values at hand with what is read of them and below them; of `shown` they keep no more. */
export const filled = (
  unit: Unit,
  since: Moment,
  rows: ReadonlyArray<object>,
  { columns, entity, steps }: Reading & { readonly entity: AnyEntity },
  shown: Reading["columns"]
): Effect.Effect<ReadonlyArray<object>, ReadError> => {
  const mapped = entity[ClassId]
  return inside(
    unit,
    Effect.withFiber((fiber) => {
      const options = optionsIn(fiber)
      const { capabilities } = unit.engine
      const { aside = false } = options
      const wanted = columns ?? wholeColumns(mapped, steps)
      const more = completed(mapped, rows, wanted, capabilities, (found) => {
        // The values may be older than what is known by now: only what was read is news.
        if (!aside) absorb(unit, since, found, soleEntity(found))
      })
      return Effect.flatMap(more, (read) =>
        populated(
          mapped,
          read === rows || aside ? read : overlaid(unit, read),
          { columns: shown, steps },
          capabilities,
          hearing(unit, since, options)
        )
      )
    })
  )
}
