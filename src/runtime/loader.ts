import * as Effect from "effect/Effect"
import type { Capabilities } from "../algebra/Dialect.ts"
import type { Select } from "../algebra/Select.ts"
import { Database } from "../effects/Database.ts"
import { DecodeFailed, type ReadError } from "../effects/DatabaseError.ts"
import { askedBy } from "../effects/Engine.ts"
import type { Mapped } from "../mapping/EntityClass.ts"
import { attach, isAmbiguous, type Level, levelOf, withValues } from "../mapping/PlanAttach.ts"
import { gathered, type Item, itemsOf } from "../mapping/PlanItems.ts"
import { queriesOf } from "../mapping/PlanQueries.ts"
import { grown } from "../mapping/PlanTree.ts"
import { isInline, withSteps } from "../mapping/PlanStatement.ts"
import { keysOf, linkOf, type LoadStep, type StepRow } from "../mapping/PlanSteps.ts"

/** Hears of the rows each step found, before anything is attached to them. */
export type Heard = (values: ReadonlyArray<object>) => void

/** A relation's query, which an interceptor is told from the program's own. */
const run = (query: Select<StepRow, never, string>) =>
  Effect.flatMap(Database, (engine) => {
    const asking = askedBy(engine, "load")
    const rows = Database.all(query)
    return asking === engine ? rows : Effect.provideService(rows, Database, asking)
  })

/** What was found where something else was expected. */
const unexpected = (
  { relation }: LoadStep,
  { dialect }: Capabilities,
  expected: string,
  found: string
): DecodeFailed => {
  const path = `${relation.owner.label}.${relation.name}`
  return new DecodeFailed({
    message: `${path}: expected ${expected}; ${found}`,
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
): Effect.Effect<Level, ReadError, Database> => {
  const { relation, steps } = step
  const row = linkOf(relation).isBeside ? "row" : null
  const queries = queriesOf(step, keysOf(step, rows), capabilities)
  const isAlone = !steps.some(isInline)
  const all = Effect.flatMap(
    Effect.forEach(queries, (query) => run(isAlone ? query : withSteps(query.node, row, steps))),
    (lists) => {
      if (isAlone) return filled(levelOf(step, lists.flat()), null, capabilities, heard)
      const items = lists.flatMap((records) => itemsOf(relation.related, steps, records))
      const found = levelOf(
        step,
        items.map(({ value }) => value)
      )
      const above = row === null ? items : items.map((item) => ({ ...item, value: inRow(item) }))
      return filled(found, above, capabilities, heard)
    }
  )
  return step.tree === null
    ? all
    : Effect.flatMap(all, (found) => {
        const tree = grown(found, rows)
        return tree === null
          ? Effect.fail(
              unexpected(step, capabilities, "a tree", "its rows lead back to themselves")
            )
          : Effect.succeed(tree)
      })
}

const inRow = ({ value }: Item): object => (value as { readonly row: object }).row

/** What was found, and below it what its steps say; what came with it is not asked for again. */
const filled = (
  found: Level,
  items: ReadonlyArray<Item> | null,
  capabilities: Capabilities,
  heard: Heard
): Effect.Effect<Level, ReadError, Database> => {
  if (isAmbiguous(found)) {
    const several = "its condition is true of several"
    return Effect.fail(unexpected(found.step, capabilities, "at most one row", several))
  }
  heard(found.values)
  const { relation, steps } = found.step
  return steps.length === 0
    ? Effect.succeed(found)
    : Effect.map(
        populatedFrom(relation.related, found.values, items, steps, capabilities, heard),
        (values) => withValues(found, values)
      )
}

/** The same of values that brought rows with them. */
export const populatedFrom = (
  entity: Mapped,
  rows: ReadonlyArray<object>,
  items: ReadonlyArray<Item> | null,
  steps: ReadonlyArray<LoadStep>,
  capabilities: Capabilities,
  heard: Heard
): Effect.Effect<ReadonlyArray<object>, ReadError, Database> =>
  rows.length === 0 || steps.length === 0
    ? Effect.succeed(rows)
    : Effect.map(
        Effect.forEach(steps, (step, at) => {
          if (items === null || !isInline(step)) return level(step, rows, capabilities, heard)
          const found = gathered(step, at, items)
          return filled(found.level, found.items, capabilities, heard)
        }),
        (levels) => attach(entity, rows, levels)
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
  populatedFrom(entity, rows, null, steps, capabilities, heard)

/** What one step says belongs to rows, by link: the server's limits are known by when it runs. */
export const leveled = (
  step: LoadStep,
  rows: ReadonlyArray<object>,
  database: { readonly capabilities: Capabilities },
  heard: Heard
): Effect.Effect<Level, ReadError, Database> =>
  Effect.suspend(() => level(step, rows, database.capabilities, heard))
