import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Command } from "../algebra/Command.ts"
import { held } from "../algebra/frozen.ts"
import type { Relation } from "../algebra/Relation.ts"
import { isServerSet } from "../algebra/serverMade.ts"
import type { StatementNode } from "../algebra/Statement.ts"
import { refuse, StatementError } from "../algebra/StatementError.ts"
import { isCommand } from "../compile/phases/place.ts"
import { Database } from "../effects/Database.ts"
import type { NotFound, ReadError } from "../effects/DatabaseError.ts"
import type { TransactionOptions } from "../effects/transactions/TransactionOptions.ts"
import { both, TransactionParticipant } from "../effects/transactions/TransactionParticipant.ts"
import {
  type AnyEntity,
  ClassId,
  EntityId,
  isOfEntity,
  type OneOf
} from "../mapping/EntityClass.ts"
import { isDraft } from "../mapping/EntityDraft.ts"
import { cellsIn, homeOf, refIn } from "../mapping/EntityTables.ts"
import { graphEdits, removesOf } from "../mapping/graph.ts"
import type { LoadPlan } from "../mapping/Load.ts"
import type { AnyPath } from "../mapping/pathRelations.ts"
import { readingOf } from "../mapping/PlanSteps.ts"
import type { AnyRelation } from "../mapping/Relation.ts"
import { keyRow, type KnownRef, type Row, rowKeyOf } from "../mapping/RowRef.ts"
import { insertRows } from "./bulk.ts"
import { type Upserting, upsertRows } from "./upsert.ts"
import { byKey, keyParameters } from "./byKey.ts"
import { absorb, isStale, meet, newest, overlaid, refOf, standingOf } from "./edits.ts"
import { additionIn } from "./additions.ts"
import { forgotten } from "./forget.ts"
import { mergedGraphs } from "./merge.ts"
import { filled, hearing } from "./atHand.ts"
import { apart, received } from "./cohorts.ts"
import { hooksOf } from "./hooks.ts"
import * as Members from "./members.ts"
import { givenTo } from "../mapping/givenBeside.ts"
import { loadedPlan, refreshed, type Refreshing, withoutGiven } from "./refresh.ts"
import { changesOf, historyOfValue, knownOf, stateOf } from "./reports.ts"
import { type Cardinality, type Hearing, plannedQuery, plannedStream } from "./plannedQuery.ts"
import { edited, patch } from "./patched.ts"
import { goneHere, staleHere } from "./refusedHere.ts"
import { rowLookup } from "./RowLookup.ts"
import { computed } from "./serverEdits.ts"
import { sessionLoad } from "./sessionLoad.ts"
import {
  isPastMemory,
  merged,
  Options,
  optionsIn,
  type ReadingOptions,
  type SessionOptions
} from "./SessionOptions.ts"
import * as State from "./SessionState.ts"
import type { SessionVerbs } from "./SessionVerbs.ts"
import { tell, tellAll } from "./watch.ts"
import {
  change,
  changeIn,
  engineFor,
  engineIn,
  flush,
  inside,
  inTurn,
  makeUnit,
  type Moment,
  momentOf,
  participantOf,
  planOf,
  type Unit
} from "./Unit.ts"

/** What is changed in a unit of work, at once where nobody is waited for. */
const changing = <A, E>(
  f: (unit: Unit) => Effect.Effect<A, E>
): Effect.Effect<A, E | ReadError, Session> =>
  Effect.withFiber((fiber) => changeIn(unitIn(fiber), fiber, f))

const unitIn = (fiber: Fiber.Fiber<unknown, unknown>): Unit =>
  Context.getUnsafe(fiber.context as Context.Context<Session>, Session)

/** What is done in a unit of work, and when it was begun. */
const withUnit = <A, E, R>(
  f: (unit: Unit, now: Moment) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Session> =>
  Effect.withFiber((fiber) => {
    const unit = unitIn(fiber)
    return f(unit, momentOf(unit, fiber.getRef(unit.engine.current)))
  })

const transact = (effect: Effect.Effect<unknown, unknown, unknown>, options?: TransactionOptions) =>
  Effect.withFiber((fiber) => {
    const context = fiber.context as Context.Context<Database>
    const open = Context.getOption(context, Session)
    const said = optionsIn(fiber)
    if (Option.isSome(open) && open.value.isOpen) return nested(effect, options)
    const unit = makeUnit(Context.getUnsafe(context, Database), said.hooks ?? [], said.listeners)
    const outer = fiber.getRef(TransactionParticipant)
    const participant = participantOf(unit)
    const body = Effect.tap(effect, () => flush(unit))
    const whole = Effect.ensuring(
      Database.transaction(Effect.provideService(body, Session, unit), {
        ...said.transaction,
        ...options
      }),
      Effect.sync(() => {
        unit.isOpen = false
        // Contexts are remembered: who holds one must not hold the rows of an ended session.
        unit.state = State.empty()
        unit.named.clear()
        unit.drafts.clear()
        apart(unit)
      })
    )
    const taking = outer === null ? participant : both(outer, participant)
    return Effect.updateContext(whole, (around: Context.Context<unknown>) =>
      Context.add(
        Context.add(around, TransactionParticipant, taking),
        Database,
        engineFor(unit, said)
      )
    )
  })

/** What was pending before is not the savepoint's to take back; what is made inside is. */
const nested = (
  effect: Effect.Effect<unknown, unknown, unknown>,
  options: TransactionOptions = {}
) =>
  withUnit((unit) => {
    const whole = Effect.tap(effect, () => flush(unit))
    return Effect.andThen(flush(unit), inside(unit, Database.transaction(whole, options)))
  })

/** Options over those that hold already; inside a session its database follows them. */
const withOptions = (
  options: ReadingOptions,
  work: Effect.Effect<unknown, unknown, unknown> | Stream.Stream<unknown, unknown, unknown>
) => {
  const around = Effect.withFiber((fiber) => {
    const said = { ...optionsIn(fiber), ...options }
    const context = fiber.context as Context.Context<unknown>
    const open = Context.getOption(context, Session)
    const told = Context.add(context, Options, said)
    return Effect.succeed(
      Option.isSome(open) && open.value.isOpen
        ? Context.add(told, Database, engineIn(open.value, fiber, said))
        : told
    )
  })
  return Stream.isStream(work)
    ? Stream.unwrap(Effect.map(around, (context) => Stream.provideContext(work, context)))
    : Effect.flatMap(around, (context) => Effect.provideContext(work, context))
}

/** What sessions opened below are like. */
const optionsLayer = (options: SessionOptions): Layer.Layer<never> =>
  Layer.effectContext(
    Effect.withFiber((fiber) =>
      Effect.succeed(Context.make(Options, merged(optionsIn(fiber), options)))
    )
  )

const add = (...drafts: ReadonlyArray<OneOf<string>>) =>
  Effect.withFiber((fiber) =>
    additionIn(unitIn(fiber), fiber, (naming) => graphEdits(drafts, naming))
  )

/** Columns are written as they are, which counts the row's version and fills what updates fill. */
const touch = (value: OneOf<string>, ...columns: ReadonlyArray<string>) =>
  withUnit((unit, now) =>
    Effect.andThen(
      renewed(unit, now, value),
      Effect.flatten(
        change(unit, () => {
          const { label, source } = value[EntityId]
          const ref = refOf(unit, value)
          meet(unit, value, ref)
          const standing = standingOf(unit.state, value[EntityId], ref)
          if (standing._tag === "Gone") return Effect.fail(goneHere(unit, ref))
          const row: Row = standing._tag === "Here" ? standing.row : {}
          const values: Record<string, unknown> = {}
          for (const key of columns) {
            const column = source.byKey.get(key) ?? refuse(`${label} has no column "${key}"`)
            if (isServerSet(column, "update")) refuse(`"${key}" of ${label} is set by the server`)
            if (column.writeOnce) refuse(`"${key}" of ${label} is never changed after insert`)
            values[key] = row[key] ?? refuse(`"${key}" of this ${label} is not known`)
          }
          return edited(unit, value, ref, { values, isForced: true })
        })
      )
    )
  )

/** What the database is known to hold is said, not changed. */
const believe = (value: OneOf<string>, cells: Row) =>
  withUnit((unit) =>
    change(unit, () => {
      const { fixed, label, source, tables } = value[EntityId]
      for (const key of Object.keys(cells))
        if (!source.byKey.has(key) || source.primaryKey.includes(key) || key in fixed)
          refuse(`believe: "${key}" is no column of ${label} that can be other than it was`)
      const ref = refOf(unit, value)
      meet(unit, value, ref)
      for (const table of tables) {
        const own = refIn(table, ref)
        const key = rowKeyOf(own)
        const known = unit.state.rows.row(table, key) ?? keyRow(own)
        unit.state = State.believe(unit.state, table, key, {
          ...known,
          ...cellsIn(table, held(cells))
        })
      }
      tell(unit, [{ ref }])
      return newest(unit, value, ref)
    })
  )

const forget = (...values: ReadonlyArray<OneOf<string>>) =>
  withUnit((unit) =>
    change(unit, () => {
      unit.state = forgotten(unit, values)
      tellAll(unit)
    })
  )

const refresh = (values: OneOf<string> | ReadonlyArray<OneOf<string>>, options: Refreshing = {}) =>
  withUnit((unit, now) => {
    const all = Array.isArray(values)
      ? (values as ReadonlyArray<OneOf<string>>)
      : [values as OneOf<string>]
    return Effect.map(
      Effect.flatMap(refreshed(unit, now, all, options), (read) =>
        options.columns === undefined ? reloaded(unit, now, read) : Effect.succeed(read)
      ),
      (read) => (Array.isArray(values) ? read : read[0]!)
    )
  })

/** Values of one class with the same beside their columns. */
const alike = (values: ReadonlyArray<OneOf<string>>): ReadonlyArray<ReadonlyArray<OneOf<string>>> =>
  [...Map.groupBy(values, (one) => one[EntityId]).values()].flatMap((own) => [
    ...Map.groupBy(own, (one) => JSON.stringify(givenTo(one).map(({ name }) => name))).values()
  ])

/** Loads again what values have loaded. */
const reloaded = (
  unit: Unit,
  since: Moment,
  values: ReadonlyArray<object>
): Effect.Effect<ReadonlyArray<object>, ReadError> => {
  const plans = alike(values as ReadonlyArray<OneOf<string>>).flatMap((own) => {
    const plan = loadedPlan(own[0]![EntityId], own)
    return plan === null ? [] : [{ own, plan }]
  })
  if (plans.length === 0) return Effect.succeed(values)
  return Effect.map(
    Effect.forEach(plans, ({ own, plan }) =>
      Effect.map(
        populate(unit, since, own.map(withoutGiven), plan),
        (loaded) => [own, loaded] as const
      )
    ),
    (pairs) => {
      const now = new Map<object, object>()
      for (const [own, loaded] of pairs) own.forEach((one, at) => now.set(one, loaded[at]!))
      return values.map((one) => now.get(one) ?? one)
    }
  )
}

/** What a session tells of itself. */
const asking = <A>(f: (unit: Unit) => A) =>
  withUnit((unit) => inTurn(unit, () => Effect.sync(() => f(unit))))

const update = (value: OneOf<string>, values: Row) => changing((unit) => patch(unit, value, values))

const modify = (value: OneOf<string>, f: (now: never) => Row) =>
  withUnit((unit, now) =>
    Effect.andThen(
      renewed(unit, now, value),
      Effect.flatten(
        change(unit, () => {
          const ref = refOf(unit, value)
          meet(unit, value, ref)
          return patch(unit, value, f(newest(unit, value, ref) as never))
        })
      )
    )
  )

const compute = (value: OneOf<string>, columns: Row) =>
  withUnit((unit) => computed(unit, value, columns))

/** Reads a row again whose table a command has written past the session. */
const renewed = (unit: Unit, since: Moment, value: OneOf<string>): Effect.Effect<void, ReadError> =>
  Effect.suspend(() => {
    const entity = value[EntityId]
    const { source, tables } = entity
    const isOutdated = tables.some((table) => State.isOutdated(unit.state, table))
    if (!unit.isOpen || isDraft(value) || !isOutdated) return Effect.void
    const ref = refOf(unit, value) as KnownRef
    const now = standingOf(unit.state, entity, ref)
    if (now._tag === "Gone" || (now._tag === "Here" && now.isWhole)) return Effect.void
    const query = { node: byKey(source) }
    return inside(
      unit,
      Effect.map((Database.all as unknown as Verb)(query, keyParameters(ref.key)), (rows) =>
        absorb(unit, since, rows as ReadonlyArray<object>, null)
      )
    )
  })

const remove = (...values: ReadonlyArray<OneOf<string>>) =>
  changing((unit) => {
    const refs = values.map((value) => refOf(unit, value))
    const stale = refs.find((ref, at) => isStale(unit, values[at]!, ref))
    if (stale !== undefined) return Effect.fail(staleHere(unit, stale))
    for (const [at, value] of values.entries()) {
      const ref = refs[at]!
      homeOf(value[EntityId])
      meet(unit, value, ref)
      const edits = removesOf(value[EntityId], ref)
      unit.state = State.editAll(unit.state, edits)
      tell(unit, edits)
    }
    return Effect.void
  })

/** What was found and by which plan, whatever number of rows the verb gives. */
const query =
  (verb: Cardinality) =>
  (statement: { readonly node: StatementNode }, plan?: object, parameters?: unknown) =>
    withUnit((unit, now) =>
      inside(
        unit,
        Effect.withFiber((fiber) => {
          const isNewer = isCommand(statement.node as Relation | Command)
          const since = isNewer ? { ...now, outdated: null } : now
          const hearing = listening(unit, since, now, optionsIn(fiber))
          return plan === undefined
            ? Effect.map((Database[verb] as unknown as Verb)(statement, parameters), (found) =>
                sameNumber(verb, hearing.rows(rowsOf(verb, found)))
              )
            : plannedQuery(verb, statement, plan, [parameters], hearing)
        })
      )
    )

const listening = (unit: Unit, since: Moment, now: Moment, options: ReadingOptions): Hearing => ({
  rows: (rows) => remembered(unit, since, rows, options),
  level: hearing(unit, now, options)
})

/** Rows as the session has them by now: remembered, and what is pending on top. */
const remembered = <A extends object>(
  unit: Unit,
  since: Moment,
  rows: ReadonlyArray<A>,
  { aside = false }: ReadingOptions
): ReadonlyArray<A> => {
  if (aside) return rows
  received(unit, since, rows)
  return overlaid(unit, rows)
}

/** The rows are those of the moment the stream was opened: so is what may be believed of them. */
const stream = (statement: { readonly node: StatementNode }, plan?: object, parameters?: unknown) =>
  Stream.unwrap(
    withUnit((unit, now) =>
      Effect.withFiber((fiber) => {
        const options = optionsIn(fiber)
        const hearing = listening(unit, now, now, options)
        const told =
          plan === undefined
            ? Stream.mapArray(
                (Database.stream as unknown as StreamVerb)(statement, parameters),
                (chunk) => hearing.rows(chunk) as typeof chunk
              )
            : plannedStream(statement, plan, [parameters], hearing)
        return Effect.succeed(Stream.provideService(told, Database, engineIn(unit, fiber, options)))
      })
    )
  )

type StreamVerb = (
  statement: unknown,
  parameters?: unknown
) => Stream.Stream<object, ReadError, Database>

type Verb = (
  statement: unknown,
  parameters?: unknown
) => Effect.Effect<unknown, ReadError, Database>

const rowsOf = (verb: string, found: unknown): ReadonlyArray<object> =>
  verb === "all"
    ? (found as ReadonlyArray<object>)
    : verb === "one"
      ? [found as object]
      : Option.toArray(found as Option.Option<object>)

const sameNumber = (verb: string, rows: ReadonlyArray<object>): unknown =>
  verb === "all" ? rows : verb === "one" ? rows[0] : Option.fromNullishOr(rows[0])

/** Loads what a plan says with values of one entity. */
const populate = (
  unit: Unit,
  since: Moment,
  rows: ReadonlyArray<object>,
  plan: object
): Effect.Effect<ReadonlyArray<object>, ReadError> => {
  const [first] = rows
  if (first === undefined) return Effect.succeed(rows)
  if (!isOfEntity(first)) return Effect.die(refusedPlan)
  const { class: entity } = first[EntityId]
  const reading = readingOf(entity, plan)
  return filled(unit, since, rows, { entity, ...reading }, reading.columns)
}

const refusedPlan = new StatementError("a load plan stands beside a query of one entity, whole")

const find = (entity: AnyEntity, key: unknown, plan?: object) => {
  const found = rowLookup(Session, entity, key, "option") as Looked<Option.Option<object>>
  return plan === undefined
    ? found
    : withUnit((unit, now) =>
        Effect.flatMap(found, (one) =>
          Effect.map(populate(unit, now, Option.toArray(one), plan), ([loaded]) =>
            Option.fromNullishOr(loaded)
          )
        )
      )
}

const get = (entity: AnyEntity, key: unknown, plan?: object) => {
  const found = rowLookup(Session, entity, key, "one") as Looked<object>
  return plan === undefined
    ? found
    : withUnit((unit, now) =>
        Effect.flatMap(found, (one) =>
          Effect.map(populate(unit, now, [one], plan), ([loaded]) => loaded!)
        )
      )
}

type Looked<A> = Effect.Effect<A, ReadError | NotFound, Session>

/** The rows one relation of a value leads to. */
const load = (value: OneOf<string>, relation: AnyRelation) =>
  withUnit((unit, now) =>
    Effect.withFiber((fiber) => {
      const options = optionsIn(fiber)
      const heard = hearing(unit, now, options)
      return sessionLoad(unit, { now, heard, isAlone: isPastMemory(options) }, value, relation)
    })
  )

/** Values with what a plan loads beside them. */
const populateAll = (values: ReadonlyArray<object>, plan: LoadPlan<AnyEntity, unknown>) =>
  withUnit((unit, now) => filled(unit, now, values, plan, null))

const insert = (entity: AnyEntity, rows: ReadonlyArray<Row>) =>
  withUnit((unit, now) => insertRows(unit, now, entity, rows))

const upsert = (entity: AnyEntity, rows: ReadonlyArray<Row>, options: Upserting = {}) =>
  withUnit((unit, now) => upsertRows(unit, now, entity, rows, options))

const merge = (entity: AnyEntity, graph: unknown) =>
  nested(
    withUnit((unit) => {
      const isMany = Array.isArray(graph)
      const graphs = isMany ? (graph as ReadonlyArray<unknown>) : [graph]
      return Effect.map(mergedGraphs(unit, entity, graphs), (values) =>
        isMany ? values : values[0]!
      )
    })
  )

const verbs = {
  transact,
  nested: (effect: Effect.Effect<unknown, unknown, unknown>) => nested(effect),
  with: withOptions,
  options: optionsLayer,
  hooks: hooksOf,
  add,
  update,
  modify,
  compute,
  delete: remove,
  insert,
  upsert,
  merge,
  append: (owner: OneOf<string>, way: AnyRelation, ...members: ReadonlyArray<unknown>) =>
    withUnit((unit) => Members.append(unit, owner, way, members)),
  appendAlong: (owner: OneOf<string>, way: AnyPath, ...members: ReadonlyArray<unknown>) =>
    withUnit((unit) => Members.appendAlong(unit, owner, way, members)),
  remove: (owner: OneOf<string>, way: AnyRelation, ...members: ReadonlyArray<OneOf<string>>) =>
    withUnit((unit) => Members.remove(unit, owner, way, members)),
  replace: (owner: OneOf<string>, way: AnyRelation, members: ReadonlyArray<unknown>) =>
    withUnit((unit) => Members.replace(unit, owner, way, members)),
  touch,
  believe,
  refresh,
  forget,
  stateOf: (value: OneOf<string>) => asking((unit) => stateOf(unit, value)),
  changes: asking(changesOf),
  known: (entity: AnyEntity) => asking((unit) => knownOf(unit, entity[ClassId])),
  history: (value: OneOf<string>) => asking((unit) => historyOfValue(unit, value)),
  get,
  find,
  load,
  populate: populateAll,
  all: query("all"),
  one: query("one"),
  oneOrNone: query("oneOrNone"),
  first: query("first"),
  stream,
  flush: withUnit(flush),
  plan: withUnit(planOf)
}

const base: Context.ServiceClass<Session, "athanor/Session", Unit> & SessionVerbs<Session> =
  Object.assign(Context.Service<Session, Unit>()("athanor/Session"), verbs) as never

/**
 * A unit of work: objects you change, written together.
 *
 * **Shape** one session is one transaction: what it read, what was done to it, and one flush of all
 * of it. Values are immutable; `update` gives the new one. Inside, `Database` is the session's own:
 * the same connection, and its reads write what is pending first where their tables meet.
 * **Errors** at `transact`: what a flush gives, beside what the effect gives.
 * **Source** SQLAlchemy 2.0 "Using the Session", without its states: a value needs its key, nothing
 * more.
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Entity, Query, Session } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect } from "effect"
 * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
 * const ann = Session.add(User.make({ name: "Ann" }))
 * const work = Effect.andThen(ann, Session.all(Query.from(User).select(User.c.name)))
 * const program = Effect.andThen(Database.create(Catalog.make({ User })), Session.transact(work))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => ["Ann"]
 * ```
 * @category services
 */
export class Session extends base {}
