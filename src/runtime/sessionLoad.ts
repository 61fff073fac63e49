import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { refuse } from "../algebra/StatementError.ts"
import type { ReadError } from "../effects/DatabaseError.ts"
import { EntityId, type OneOf, type RelationFacts } from "../mapping/EntityClass.ts"
import { rowsOf } from "../mapping/EntityTables.ts"
import { relationOf } from "../mapping/familyRelations.ts"
import { linkMark, type LinkMark } from "../mapping/linkMark.ts"
import { linkedIn } from "../mapping/links.ts"
import type { Level } from "../mapping/PlanAttach.ts"
import type { LoadStep } from "../mapping/PlanSteps.ts"
import type { AnyRelation } from "../mapping/Relation.ts"
import type { Row, RowKey } from "../mapping/RowRef.ts"
import { type Cohort, cohortWith, keyOf, window } from "./cohorts.ts"
import { overlaid } from "./edits.ts"
import { type Heard, leveled } from "./loader.ts"
import { isOfNow, stands } from "./sharing.ts"
import { inside, type Moment, type Unit } from "./Unit.ts"

type Found = Effect.Effect<Level, ReadError>

/** Who asks, when, and who hears of the answer. */
interface Asking {
  readonly now: Moment
  readonly heard: Heard
  /** Past the session's memory nothing is asked for others, and nothing kept for them. */
  readonly isAlone: boolean
}

/** What fibers have asked of one relation, and what will answer all of them. */
interface Batch {
  readonly values: Array<object>
  /** The members of each that are asked for. */
  readonly cohorts: Map<Cohort, ReadonlyArray<object>>
  readonly answer: Deferred.Deferred<Level, ReadError>
  fiber: Fiber.Fiber<unknown, unknown> | null
  waiting: number
}

/** Batches that have not been sent, by relation and by the savepoint they are asked in. */
type Open = Map<RelationFacts, Map<Moment["level"], Batch>>

const opened = new WeakMap<Unit, Open>()

const steps = new WeakMap<RelationFacts, LoadStep>()

/** One step a relation: the queries of it are made once. */
export const stepOf = (relation: RelationFacts): LoadStep => {
  let step = steps.get(relation)
  if (step === undefined)
    steps.set(
      relation,
      (step = Object.freeze({
        relation,
        member: null,
        part: null,
        columns: null,
        tree: null,
        via: "selectIn",
        steps: []
      }))
    )
  return step
}

/** The relation of this value's entity that a static of its class stands for. */
export const relationIn = (value: OneOf<string>, relation: AnyRelation): RelationFacts => {
  const entity = value[EntityId]
  return relationOf(entity, relation) ?? refuse(`this is no relation of ${entity.label}`)
}

/**
 * What one relation of a value leads to, asked for all values that came with it.
 *
 * **Shape** fibers that ask at once ask together. What was found for the others is theirs, once
 * each, until something is written that it depends on.
 */
export const sessionLoad = (
  unit: Unit,
  asking: Asking,
  value: OneOf<string>,
  relation: AnyRelation
): Effect.Effect<unknown, ReadError> =>
  Effect.suspend(() => {
    const facts = relationIn(value, relation)
    if (facts.isLarge)
      refuse(`load: ${facts.owner.label}.${facts.name} is large: ask for its rows by Along.of`)
    const { label, source } = facts.owner
    const unknown = facts.columns.find((key) => (value as unknown as Row)[key] === undefined)
    if (unknown !== undefined)
      refuse(`${label}.${facts.name}: this value was loaded without its "${unknown}"`)
    const mark = linkMark(source, facts.columns, value as unknown as Row)
    if (mark === undefined) return Effect.succeed(facts.toMany ? [] : null)
    if (asking.isAlone) {
      const alone = leveled(stepOf(facts), [value], unit.engine, asking.heard)
      return Effect.map(inside(unit, alone), (level) => answerIn(level, mark))
    }
    const table = rowsOf(value[EntityId])
    const key = keyOf(table, value)
    const cohort = cohortWith(unit, value, table)
    const shared = cohort.shared.get(facts)
    if (shared !== undefined && stands(facts, shared, unit.state)) {
      if (shared.left.delete(key) && shared.asked.has(mark)) {
        const found = linkedIn(shared.level.links, shared.level.values, mark)
        return Effect.succeed(answerOf(facts, overlaid(unit, found)))
      }
    }
    return Effect.map(asked(unit, asking, facts, cohort, value, key), (level) => {
      cohort.shared.get(facts)?.left.delete(key)
      return answerIn(level, mark)
    })
  })

const answerIn = ({ links, step, values }: Level, mark: LinkMark): unknown =>
  answerOf(step.relation, linkedIn(links, values, mark))

const answerOf = ({ toMany }: RelationFacts, found: ReadonlyArray<unknown>): unknown =>
  toMany ? Object.freeze(found) : (found[0] ?? null)

/** Joins the batch that is about to be sent, or begins one. */
const asked = (
  unit: Unit,
  asking: Asking,
  facts: RelationFacts,
  cohort: Cohort,
  value: object,
  key: RowKey
): Found =>
  Effect.suspend(() => {
    const batch = batchFor(unit, asking, facts)
    if (!batch.cohorts.has(cohort)) batch.cohorts.set(cohort, window(cohort, facts, key))
    // What it says of itself may be newer than what it came with.
    batch.values.push(value)
    batch.waiting++
    const answered = Effect.onInterrupt(Deferred.await(batch.answer), () => {
      batch.waiting--
      if (batch.waiting > 0 || batch.fiber === null) return Effect.void
      close(unit, asking, facts, batch)
      return Fiber.interrupt(batch.fiber)
    })
    if (batch.fiber !== null) return answered
    return Effect.flatMap(Effect.forkDetach(sent(unit, asking, facts, batch)), (fiber) => {
      batch.fiber = fiber
      return answered
    })
  })

/** Nobody joins it any more. */
const close = (
  unit: Unit,
  { now: { level } }: Asking,
  facts: RelationFacts,
  batch: Batch
): void => {
  const levels = opened.get(unit)?.get(facts)
  if (levels?.get(level) === batch) levels.delete(level)
}

const batchFor = (unit: Unit, { now: { level } }: Asking, facts: RelationFacts): Batch => {
  let open = opened.get(unit)
  if (open === undefined) opened.set(unit, (open = new Map()))
  let levels = open.get(facts)
  if (levels === undefined) open.set(facts, (levels = new Map()))
  let batch = levels.get(level)
  if (batch === undefined) {
    batch = {
      values: [],
      cohorts: new Map(),
      answer: Deferred.makeUnsafe(),
      fiber: null,
      waiting: 0
    }
    levels.set(level, batch)
  }
  return batch
}

/** Waits for whoever else asks at this moment, then asks for all of them. */
const sent = (
  unit: Unit,
  asking: Asking,
  facts: RelationFacts,
  batch: Batch
): Effect.Effect<void> =>
  Effect.flatMap(
    Effect.exit(Effect.andThen(Effect.yieldNow, found(unit, asking, facts, batch))),
    (exit) => {
      close(unit, asking, facts, batch)
      return Effect.asVoid(Deferred.done(batch.answer, exit))
    }
  )

const found = (unit: Unit, asking: Asking, facts: RelationFacts, batch: Batch): Found =>
  Effect.suspend(() => {
    close(unit, asking, facts, batch)
    const before = unit.state
    const rows = [...[...batch.cohorts.values()].flat(), ...batch.values]
    const read = leveled(stepOf(facts), rows, unit.engine, asking.heard)
    return Effect.map(inside(unit, read), (level) => {
      if (isOfNow(facts, before, unit.state)) share(unit, facts, batch, level, rows)
      return level
    })
  })

/** Keeps for the other members of the cohorts what was found for them. */
const share = (
  unit: Unit,
  facts: RelationFacts,
  { cohorts }: Batch,
  level: Level,
  rows: ReadonlyArray<object>
): void => {
  const asked = new Set<LinkMark>()
  for (const row of rows) {
    const mark = linkMark(facts.owner.source, facts.columns, row as Row)
    if (mark !== undefined) asked.add(mark)
  }
  const { state } = unit
  const { length: seen } = state.log
  for (const [{ keys, shared, table }, members] of cohorts) {
    if (keys.size < 2) continue
    const left = new Set(members.map((row) => keyOf(table, row)))
    shared.set(facts, { level, asked, state, seen, width: left.size, left })
  }
}
