import * as Effect from "effect/Effect"
import type { Capabilities } from "../algebra/Dialect.ts"
import { Database } from "../effects/Database.ts"
import type { ReadError } from "../effects/DatabaseError.ts"
import type { Engine } from "../effects/Engine.ts"
import type { Pool } from "../effects/pool/Pool.ts"
import type { Mapped, RelationFacts } from "../mapping/EntityClass.ts"
import { construct } from "../mapping/construct.ts"
import { attach, isAmbiguous, type Level, levelOf, withValues } from "../mapping/PlanAttach.ts"
import { decoding } from "./decoding.ts"
import { loadQuery, unexpected } from "./loadQuery.ts"
import { memberRows } from "./memberRows.ts"
import { linkMark, type LinkMark } from "../mapping/linkMark.ts"
import { gathered, type Item, itemsOf } from "../mapping/PlanItems.ts"
import { withGiven } from "../mapping/givenBeside.ts"
import { filledIn, missingIn, type PlanColumns } from "../mapping/PlanColumns.ts"
import {
  farQueries,
  isListable,
  linkQueries,
  listedLevel,
  listedLinks
} from "../mapping/PlanListed.ts"
import { columnQueries, queriesOf } from "../mapping/PlanQueries.ts"
import { grown } from "../mapping/PlanTree.ts"
import { isInline, withSteps } from "../mapping/PlanStatement.ts"
import type { AnySelect } from "../mapping/PlanSources.ts"
import type { LinkKeys } from "../mapping/LinkKeys.ts"
import { keysOf, linkOf, type LoadStep, type Reading, type StepRow } from "../mapping/PlanSteps.ts"

/** Hears of the rows each step found, before anything is attached to them. */
export type Heard = (values: ReadonlyArray<object>) => void

const placeOf = ({ relation }: LoadStep): string => `${relation.owner.label}.${relation.name}`

/** Rows with all a plan reads of them, each a value of its own class. */
export const completed = (
  entity: Mapped,
  rows: ReadonlyArray<object>,
  columns: PlanColumns | null,
  capabilities: Capabilities,
  heard: Heard = () => {}
): Effect.Effect<ReadonlyArray<object>, ReadError, Database> => {
  const read = withMissing(entity, rows, columns, capabilities, heard)
  return entity.members !== null && columns !== null && columns.isWhole
    ? Effect.flatMap(read, (found) => memberRows(entity, found, capabilities))
    : read
}

/** What is missing of some rows is read by their keys, and heard. */
const withMissing = (
  entity: Mapped,
  rows: ReadonlyArray<object>,
  columns: PlanColumns | null,
  capabilities: Capabilities,
  heard: Heard
): Effect.Effect<ReadonlyArray<object>, ReadError, Database> => {
  const missing = columns === null ? null : missingIn(entity, columns, rows)
  if (missing === null) return Effect.succeed(rows)
  const { label, source } = entity
  const keyOf = (row: object): LinkMark => linkMark(source, source.primaryKey, row as Cells) ?? ""
  const queries = columnQueries(entity, missing, rows, capabilities)
  const read = Effect.forEach(queries, (query) => loadQuery(query))
  return Effect.flatMap(read, (lists) => {
    heard(lists.flat())
    const found = new Map(lists.flat().map((row) => [keyOf(row), row]))
    const absent = rows.find((row) => !found.has(keyOf(row)))
    if (absent !== undefined)
      return Effect.fail(unexpected(capabilities, label, "its row", "it went meanwhile"))
    const whole = rows.map((row) =>
      withGiven(construct(entity, filledIn(entity, row, found.get(keyOf(row))!)), row)
    )
    return Effect.succeed(whole)
  })
}

type Cells = Readonly<Record<string, unknown>>

/**
 * How many links led to each row of a relation, the last time there were many.
 *
 * **Shape** it decides how the next are asked for, never what is found: which of two queries is
 * quicker follows from what the tables of one database hold.
 */
type Shares = WeakMap<RelationFacts, number>

const shares = new WeakMap<Pool, Shares>()

const sharesIn = ({ pool }: Engine): Shares => {
  let own = shares.get(pool)
  if (own === undefined) shares.set(pool, (own = new WeakMap()))
  return own
}

/** Below two links a row a list of them costs more than the rows it saves. */
const mostlyShared = 4

/** Fewer links say little, and are quick either way. */
const fewLinks = 100

const met = (own: Shares, relation: RelationFacts, links: number, rows: number): void => {
  if (links >= fewLinks) own.set(relation, links / rows)
}

/** The same by the links and the rows they lead to, each once. */
const listed = (
  step: LoadStep,
  keys: LinkKeys,
  rows: ReadonlyArray<object>,
  own: Shares,
  capabilities: Capabilities,
  heard: Heard
): Effect.Effect<Level, ReadError, Database> =>
  Effect.flatMap(asked(linkQueries(step, keys, capabilities)), (lists) => {
    const links = listedLinks(step, lists)
    const far = farQueries(step, links, capabilities)
    // Each list of rows has an order of its own.
    if (far.length > 1) return linkByLink(step, keys, rows, own, capabilities, heard)
    return Effect.flatMap(asked(far), (found) => {
      met(own, step.relation, links.near.length, found.length)
      return whole(listedLevel(step, links, found), rows, null, capabilities, heard)
    })
  })

/** The rows of some queries, one after another. */
const asked = (
  queries: ReadonlyArray<AnySelect>
): Effect.Effect<ReadonlyArray<StepRow>, ReadError, Database> =>
  queries.length === 1
    ? loadQuery(queries[0]!)
    : Effect.map(
        Effect.forEach(queries, (query) => loadQuery(query)),
        (lists) => lists.flat()
      )

/** Finds what one step says belongs to rows, and below it what its own steps say. */
const level = (
  step: LoadStep,
  rows: ReadonlyArray<object>,
  capabilities: Capabilities,
  heard: Heard
): Effect.Effect<Level, ReadError, Database> => {
  const keys = keysOf(step, rows)
  if (!isListable(step)) return linkByLink(step, keys, rows, null, capabilities, heard)
  return Effect.flatMap(Database, (engine) => {
    const own = sharesIn(engine)
    return (own.get(step.relation) ?? 0) >= mostlyShared
      ? listed(step, keys, rows, own, capabilities, heard)
      : linkByLink(step, keys, rows, own, capabilities, heard)
  })
}

/** The same by a row for each link. */
const linkByLink = (
  step: LoadStep,
  keys: LinkKeys,
  rows: ReadonlyArray<object>,
  own: Shares | null,
  capabilities: Capabilities,
  heard: Heard
): Effect.Effect<Level, ReadError, Database> => {
  const { relation, steps } = step
  const row = linkOf(relation).isBeside ? "row" : null
  const queries = queriesOf(step, keys, capabilities)
  const isAlone = !steps.some(isInline)
  const read = asked(isAlone ? queries : queries.map((query) => withSteps(query.node, row, steps)))
  return Effect.flatMap(read, (found) =>
    decoding(capabilities, () => {
      if (isAlone) {
        const shown = levelOf(step, found)
        if (own !== null) met(own, relation, found.length, shown.values.length)
        return whole(shown, rows, null, capabilities, heard)
      }
      const items = itemsOf(relation.related, steps, found)
      const inside = levelOf(
        step,
        items.map(({ value }) => value)
      )
      const above = row === null ? items : items.map((item) => ({ ...item, value: inRow(item) }))
      return whole(inside, rows, above, capabilities, heard)
    })
  )
}

/** A level with what is below it; of a tree, put together. */
const whole = (
  found: Level,
  rows: ReadonlyArray<object>,
  items: ReadonlyArray<Item> | null,
  capabilities: Capabilities,
  heard: Heard
): Effect.Effect<Level, ReadError, Database> => {
  const all = filled(found, items, capabilities, heard)
  if (found.step.tree === null) return all
  return Effect.flatMap(all, (shown) => {
    const tree = grown(shown, rows, found.values)
    const rings = "its rows lead back to themselves"
    return tree === null
      ? Effect.fail(unexpected(capabilities, placeOf(found.step), "a tree", rings))
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
    return Effect.fail(unexpected(capabilities, placeOf(found.step), "at most one row", several))
  }
  const { columns, relation } = found.step
  const { related } = relation
  // Only values of a family's members are to be heard of.
  return related.members === null || columns === null
    ? below(found, items, capabilities, heard)
    : Effect.flatMap(completed(related, found.values, columns, capabilities), (values) =>
        below(withValues(found, values), items, capabilities, heard)
      )
}

const below = (
  found: Level,
  items: ReadonlyArray<Item> | null,
  capabilities: Capabilities,
  heard: Heard
): Effect.Effect<Level, ReadError, Database> => {
  heard(found.values)
  const { columns, relation, steps } = found.step
  return steps.length === 0 && columns === null
    ? Effect.succeed(found)
    : Effect.map(
        populatedFrom(relation.related, found.values, items, found.step, capabilities, heard),
        (values) => withValues(found, values)
      )
}

/** The same of values that brought rows with them. */
export const populatedFrom = (
  entity: Mapped,
  rows: ReadonlyArray<object>,
  items: ReadonlyArray<Item> | null,
  { columns, steps }: Reading,
  capabilities: Capabilities,
  heard: Heard
): Effect.Effect<ReadonlyArray<object>, ReadError, Database> =>
  rows.length === 0 || (steps.length === 0 && columns === null)
    ? Effect.succeed(rows)
    : Effect.map(
        Effect.forEach(steps, (step, at) => {
          if (items === null || !isInline(step)) return level(step, rows, capabilities, heard)
          const found = gathered(step, at, items)
          return filled(found.level, found.items, capabilities, heard)
        }),
        (levels) => attach(entity, rows, levels, columns)
      )

/**
 * Values with everything a plan reads below them: one query a relation and level, whatever the
 * number of rows.
 *
 * **Laws** the values keep their order; what was loaded before stays.
 */
export const populated = (
  entity: Mapped,
  rows: ReadonlyArray<object>,
  reading: Reading,
  capabilities: Capabilities,
  heard: Heard
): Effect.Effect<ReadonlyArray<object>, ReadError, Database> =>
  populatedFrom(entity, rows, null, reading, capabilities, heard)

/** What one step says belongs to rows, by link: the server's limits are known by when it runs. */
export const leveled = (
  step: LoadStep,
  rows: ReadonlyArray<object>,
  database: { readonly capabilities: Capabilities },
  heard: Heard
): Effect.Effect<Level, ReadError, Database> =>
  Effect.suspend(() => level(step, rows, database.capabilities, heard))
