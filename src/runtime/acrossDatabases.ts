import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Relation } from "../algebra/Relation.ts"
import type { TableSource } from "../algebra/Source.ts"
import { refuse } from "../algebra/StatementError.ts"
import { tablesRead } from "../algebra/tablesRead.ts"
import { Database } from "../effects/Database.ts"
import { type ReadError, Unsupported } from "../effects/DatabaseError.ts"
import type { Engine } from "../effects/Engine.ts"
import type { Level as TransactionLevel } from "../effects/transactions/Level.ts"
import {
  type Participant,
  TransactionParticipant
} from "../effects/transactions/TransactionParticipant.ts"
import { EntityId, isOfEntity, type Mapped, type OneOf } from "../mapping/EntityClass.ts"
import { type DraftFacts, DraftId, isDraft } from "../mapping/EntityDraft.ts"
import { isRef } from "../mapping/EntityRef.ts"
import { attach, type Level, levelOf, withValues } from "../mapping/PlanAttach.ts"
import { queriesOf } from "../mapping/PlanQueries.ts"
import { keysOf, type LoadStep } from "../mapping/PlanSteps.ts"
import { keyRow, type Row, rowOf } from "../mapping/RowRef.ts"
import { type Bindings, chosen, namesOf } from "./Binding.ts"
import { type Beside, Elsewhere } from "./Elsewhere.ts"
import { Session } from "./Session.ts"
import type { Unit } from "./Unit.ts"

/** One of the sessions that are open together. */
export interface OpenSession {
  readonly unit: Unit
  readonly engine: Engine
  readonly participant: Participant | null
  /** Where its transaction began: within a nested scope a fiber has another one. */
  readonly level: TransactionLevel | null
}

/** Sessions on several databases, and which of them each value came from. */
export interface OpenSessions {
  readonly bindings: Bindings
  readonly byName: Map<string, OpenSession>
  readonly homes: WeakMap<object, string>
  /** Of which changes of a session it is done what they take with them in other databases. */
  readonly seenTo: WeakMap<Unit, number>
}

type Work<A, E, R> = Effect.Effect<A, E, R>

/** The other databases in which rows of a table that hold these cells may stand. */
export const standsAlso = (
  { bindings }: OpenSessions,
  home: string,
  table: TableSource,
  cells: Row
): ReadonlyArray<string> => {
  const binding = bindings.byTable.get(table)
  // Of a table that is not bound nothing is said: it may be beside any other.
  if (binding === undefined) return []
  const told = chosen(bindings, table, cells)
  return (told === null ? binding.names : [told]).filter((name) => name !== home)
}

/** Runs on one of the databases: its session, its connection; what it gives is known to be its. */
export const onDatabase = <A, E, R>(
  open: OpenSessions,
  name: string,
  work: Work<A, E, R>,
  isLooking = false
): Work<A, E, Exclude<R, Session | Database>> => {
  const beside: Beside = {
    isAway: (table) => open.bindings.byTable.get(table)?.names.includes(name) === false,
    isAlso: (table, cells) => standsAlso(open, name, table, cells).length > 0,
    isSeenTo: ({ edition }) => isLooking || open.seenTo.get(unit) === edition
  }
  const { engine, participant, unit } =
    open.byName.get(name) ?? refuse(`databases: there is none called "${name}"`)
  const there = Effect.updateContext(work, (around: Context.Context<unknown>) =>
    around.pipe(
      Context.add(Session, unit),
      Context.add(Database, engine),
      Context.add(TransactionParticipant, participant),
      Context.add(Elsewhere, beside)
    )
  ) as Work<A, E, Exclude<R, Session | Database>>
  return Effect.tap(there, (value) => Effect.sync(() => remember(open, name, value)))
}

const remember = ({ homes }: OpenSessions, name: string, value: unknown): void => {
  const queue: Array<unknown> = [value]
  for (let at = 0; at < queue.length; at++) {
    const one = queue[at]
    if (typeof one !== "object" || one === null || homes.has(one)) continue
    const isPlain = Array.isArray(one) || Object.getPrototypeOf(one) === Object.prototype
    if (!isPlain && !isOfEntity(one) && !isOption(one)) continue
    if (isOfEntity(one)) homes.set(one, name)
    queue.push(...Object.values(one))
  }
}

const isOption = (value: object): boolean => "_tag" in value && value._tag === "Some"

const cellsOf = (one: OneOf<string>): Row =>
  isDraft(one) ? one[DraftId].values : isRef(one) ? keyRow(one) : (one as unknown as Row)

/** The database of a row that is to be written. */
export const homeOf = (open: OpenSessions, one: OneOf<string>): string => {
  const { label, source } = one[EntityId]
  const told = open.homes.get(one) ?? (isDraft(one) ? homeOfDraft(open, one[DraftId]) : null)
  const found = told ?? chosen(open.bindings, source, cellsOf(one))
  return found ?? refuse(`databases: nothing tells which of them this ${label} stands in`)
}

/** A new row stands with its parents, where it does not tell by itself. */
const homeOfDraft = (
  open: OpenSessions,
  { entity, parents, values }: DraftFacts
): string | null => {
  const cells = rowOf(values)
  for (const [name, parent] of parents) {
    const relation = entity.relations().get(name)!
    const row = parent === null ? {} : cellsOf(parent)
    relation.columns.forEach((column, at) => {
      cells[column] ??= row[relation.targetColumns[at]!]
    })
  }
  const own = chosen(open.bindings, entity.source, cells)
  if (own !== null) return own
  const names = namesOf(open.bindings, entity.source)
  for (const parent of parents.values()) {
    const home = parent === null ? null : homeOf(open, parent)
    if (home !== null && names.includes(home)) return home
  }
  return null
}

/** A graph of drafts is written by one session: all of it stands in one database. */
export const homeOfGraph = (open: OpenSessions, root: OneOf<string>): string => {
  const home = homeOf(open, root)
  const queue = [root]
  const seen = new Set<object>(queue)
  for (const one of queue) {
    if (!isDraft(one)) continue
    const { children, parents } = one[DraftId]
    // A row that is there has its key: who refers to it may stand elsewhere.
    const made = [...parents.values()].filter(isDraft)
    for (const next of [...made, ...[...children.values()].flat()]) {
      if (seen.has(next)) continue
      seen.add(next)
      const { label, source } = next[EntityId]
      const isThere = namesOf(open.bindings, source).includes(home)
      const own = isDraft(next) ? homeOfDraft(open, next[DraftId]) : homeOf(open, next)
      if (!isThere || (own !== null && own !== home))
        refuse(
          `databases: a ${label} of another database than the ${root[EntityId].label} it is with`
        )
      queue.push(next)
    }
  }
  return home
}

const across = (open: OpenSessions, construct: string): Unsupported =>
  new Unsupported({
    message: `${construct}: its tables stand in several databases, which no statement can join`,
    dialect: open.byName.values().next().value!.engine.dialect,
    operation: "query",
    retryable: false,
    transaction: "alive",
    capability: "joinAcrossDatabases",
    construct
  })

/** The databases a query is to be asked of: those that hold all of its tables. */
export const askedOf = (
  open: OpenSessions,
  node: Relation
): Effect.Effect<ReadonlyArray<string>, Unsupported> => {
  const tables = [...tablesRead(node)]
  const lists = tables.map((table) => namesOf(open.bindings, table))
  const [first = open.bindings.names.slice(0, 1), ...others] = lists
  const isSame = others.every((names) => names.toSorted().join() === first.toSorted().join())
  return isSame
    ? Effect.succeed(first)
    : Effect.fail(across(open, `a query of ${tables.map(({ name }) => `"${name}"`).join(", ")}`))
}

/** Where the rows a relation leads to stand, for one row. */
const targetsOf = (open: OpenSessions, { relation }: LoadStep, row: OneOf<string>) => {
  const { columns, target, targetColumns, through } = relation
  const names = namesOf(open.bindings, target)
  const home = homeOf(open, row)
  const cells = rowOf()
  if (through === null)
    targetColumns.forEach((column, at) => {
      cells[column] = (row as unknown as Row)[columns[at]!]
    })
  const told = chosen(open.bindings, target, cells)
  if (told !== null) return [told]
  return names.includes(home) ? [home] : names
}

/** The tables one statement of a step reads must stand where its target does. */
const besideTarget = ({ owner, on, through }: LoadStep["relation"]): ReadonlyArray<TableSource> =>
  on === null ? (through === null ? [] : [through.table]) : [owner.source]

const levelFrom = (
  open: OpenSessions,
  step: LoadStep,
  names: ReadonlyArray<string>,
  rows: ReadonlyArray<object>
): Effect.Effect<Level, ReadError> => {
  const { relation, steps } = step
  const strange = besideTarget(relation).some(
    (table) => !names.every((name) => namesOf(open.bindings, table).includes(name))
  )
  if (strange)
    return Effect.fail(across(open, `the relation "${relation.name}" of ${relation.owner.label}`))
  const plain = { ...step, via: "selectIn", steps: [] } as const
  const asked = Effect.forEach(
    names,
    (name) => {
      const { capabilities } = open.byName.get(name)!.engine
      const queries = queriesOf(step, keysOf(step, rows), capabilities)
      return onDatabase(
        open,
        name,
        Effect.forEach(queries, (query) => Session.all(query))
      )
    },
    { concurrency: "unbounded" }
  )
  return Effect.flatMap(asked, (lists) => {
    const level = levelOf(plain, lists.flat(2))
    const below = populatedAcross(open, relation.related, level.values, steps)
    return Effect.map(below, (values) => withValues(level, values))
  })
}

/** Values with what steps load, each relation from the databases its rows stand in. */
export const populatedAcross = (
  open: OpenSessions,
  entity: Mapped,
  rows: ReadonlyArray<object>,
  steps: ReadonlyArray<LoadStep>
): Effect.Effect<ReadonlyArray<object>, ReadError> => {
  if (rows.length === 0 || steps.length === 0) return Effect.succeed(rows)
  const attached = Effect.reduce(
    steps,
    () => rows,
    (now, step) =>
      Effect.map(
        Effect.forEach(
          Map.groupBy(now, (row) => targetsOf(open, step, row as OneOf<string>).join()),
          ([names, own]) =>
            Effect.map(levelFrom(open, step, names.split(","), own), (level) =>
              attach(entity, own, [level]).map((value, at) => [own[at]!, value] as const)
            )
        ),
        (pairs) => {
          const made = new Map(pairs.flat())
          return now.map((row) => {
            const value = made.get(row)!
            open.homes.set(value, homeOf(open, row as OneOf<string>))
            return value
          })
        }
      )
  )
  return attached
}

/** What one relation leads to, from wherever it stands. */
export const loadedAcross = (
  open: OpenSessions,
  step: LoadStep,
  value: OneOf<string>
): Effect.Effect<unknown, ReadError> =>
  Effect.map(
    populatedAcross(open, value[EntityId], [value], [step]),
    ([loaded]) => (loaded as Row)[step.relation.name]
  )

/** Do the rows mean the same where several lists of them are put together? */
export const isPlainList = (node: Relation): boolean => {
  switch (node._tag) {
    case "Project":
    case "Filter":
      return isPlainList(node.self)
    case "Join":
      return isPlainList(node.left) && isPlainList(node.right)
    case "Table":
      return true
    // The rows of a family's members, each of one table or of several that stand together.
    case "Derived":
      return node.source._tag === "DerivedSource" && isPlainList(node.source.query)
    case "Combine":
      return node.op === "unionAll" && node.parts.every(isPlainList)
    default:
      return false
  }
}
