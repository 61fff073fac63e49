import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { Relation } from "../algebra/Relation.ts"
import type { Statement } from "../algebra/Statement.ts"
import { refuse } from "../algebra/StatementError.ts"
import { Database } from "../effects/Database.ts"
import { NotFound, RowCount } from "../effects/DatabaseError.ts"
import type { Engine } from "../effects/Engine.ts"
import type { TransactionOptions } from "../effects/transactions/TransactionOptions.ts"
import { TransactionParticipant } from "../effects/transactions/TransactionParticipant.ts"
import {
  type AnyEntity,
  ClassId,
  EntityId,
  type Mapped,
  type OneOf
} from "../mapping/EntityClass.ts"
import { keyValues, rowOfKey } from "../mapping/EntityRef.ts"
import { type LoadStep, readingOf } from "../mapping/PlanSteps.ts"
import type { AnyRelation } from "../mapping/Relation.ts"
import { type Row, rowOf } from "../mapping/RowRef.ts"
import {
  askedOf,
  homeOf,
  homeOfGraph,
  isPlainList,
  loadedAcross,
  onDatabase,
  type OpenSessions,
  populatedAcross
} from "./acrossDatabases.ts"
import { bind, type Binding, type Bindings, bindingsOf, chosen, namesOf, shard } from "./Binding.ts"
import type { DatabasesVerbs } from "./DatabasesVerbs.ts"
import { takenAlong } from "./takenAlong.ts"
import { entityIn } from "./plannedQuery.ts"
import type { FlushError } from "./flush.ts"
import { Session } from "./Session.ts"
import { relationIn, stepOf } from "./sessionLoad.ts"

/** The databases by name, and what stands where. */
export interface Bound {
  readonly bindings: Bindings
  readonly engines: ReadonlyMap<string, Engine>
}

/**
 * The sessions that `Databases.transact` opens.
 *
 * @category services
 */
export class DatabaseSessions extends Context.Service<DatabaseSessions, OpenSessions>()(
  "athanor/DatabaseSessions"
) {}

interface Query {
  readonly node: Relation
}
interface Options {
  readonly load?: object
  readonly merge?: (lists: ReadonlyArray<ReadonlyArray<unknown>>) => ReadonlyArray<unknown>
}

const open = <A, E, R>(f: (sessions: OpenSessions) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(DatabaseSessions, f)

/** Who reads sees what changes take along in other databases, as after a flush. */
const settled = Effect.tap(DatabaseSessions, takenAlong)

/** One session on each database, one within the other. */
const transact = (
  work: Effect.Effect<unknown, unknown, unknown>,
  options: TransactionOptions = {}
): Effect.Effect<unknown, unknown, unknown> =>
  Effect.flatMap(Databases, ({ bindings, engines }) =>
    Effect.withFiber((fiber) => {
      const outer = fiber.getRef(TransactionParticipant)
      const sessions: OpenSessions = {
        bindings,
        byName: new Map(),
        homes: new WeakMap(),
        seenTo: new WeakMap()
      }
      // Everything is written before anything is committed.
      const whole = Effect.tap(work, () => flushed(sessions))
      let inside: typeof work = Effect.provideService(whole, DatabaseSessions, sessions)
      for (const [name, engine] of [...engines].toReversed()) {
        const next = inside
        const begun = Effect.withFiber((own) => {
          const context = own.context as Context.Context<Session | Database>
          sessions.byName.set(name, {
            unit: Context.get(context, Session),
            engine: Context.get(context, Database),
            participant: own.getRef(TransactionParticipant),
            level: own.getRef(Context.get(context, Database).current)
          })
          return next
        })
        const session: typeof work = Session.transact(begun, options)
        inside = Effect.updateContext(
          session,
          (around: Context.Context<unknown>) =>
            Context.omit(Session)(around as Context.Context<Session>).pipe(
              Context.add(Database, engine),
              Context.add(TransactionParticipant, outer)
            ) as typeof around
        )
      }
      return inside
    })
  )

const flushed = (sessions: OpenSessions): Effect.Effect<void, FlushError> =>
  Effect.andThen(
    takenAlong(sessions),
    Effect.forEach(sessions.bindings.names, (name) => onDatabase(sessions, name, Session.flush), {
      discard: true
    })
  )

const keyCells = (mapped: Mapped, key: unknown): Row => {
  const values = keyValues(mapped, key)
  return rowOf(Object.fromEntries(mapped.source.primaryKey.map((name, at) => [name, values[at]])))
}

/** The databases that may hold the row of a key. */
const keyNames = ({ bindings }: OpenSessions, entity: AnyEntity, key: unknown) => {
  const [mapped, own] = rowOfKey(entity[ClassId], key)
  const { source } = mapped
  const name = chosen(bindings, source, keyCells(mapped, own))
  return name === null ? namesOf(bindings, source) : [name]
}

const find = Effect.fnUntraced(function* (entity: AnyEntity, key: unknown, plan?: object) {
  const sessions = yield* settled
  const names = keyNames(sessions, entity, key)
  const found = yield* Effect.forEach(
    names,
    (name) => onDatabase(sessions, name, Session.find(entity, key as never)),
    { concurrency: "unbounded" }
  )
  const values = found.flatMap((one) => Option.toArray(one))
  if (values.length > 1) return yield* Effect.fail(twice(sessions, entity, values.length))
  const steps = plan === undefined ? [] : stepsIn(entity, plan)
  const [value] = yield* populatedAcross(sessions, entity[ClassId], values, steps)
  return Option.fromNullishOr(value)
})

/** Rows of several databases are read whole: below them a plan says columns as anywhere. */
const stepsIn = (entity: AnyEntity, plan: object): ReadonlyArray<LoadStep> => {
  const { columns, steps } = readingOf(entity, plan)
  return columns === null
    ? steps
    : refuse(`databases: rows of ${entity[ClassId].label} are read whole, by no choice of columns`)
}

const get = (entity: AnyEntity, key: unknown, plan?: object) =>
  open((sessions) =>
    Effect.flatMap(find(entity, key, plan), (found) =>
      Option.isSome(found)
        ? Effect.succeed(found.value)
        : Effect.fail(
            new NotFound({
              ...facts(sessions, `there is no ${entity[ClassId].label} with this key`),
              subject: entity[ClassId].label
            })
          )
    )
  )

const facts = ({ byName }: OpenSessions, message: string) =>
  ({
    message,
    dialect: byName.values().next().value!.engine.dialect,
    operation: "query",
    retryable: false,
    transaction: "alive"
  }) as const

const twice = (sessions: OpenSessions, entity: AnyEntity, actual: number): RowCount =>
  new RowCount({
    ...facts(sessions, `a ${entity[ClassId].label} of this key stands in ${actual} databases`),
    expected: 1,
    actual
  })

const all = Effect.fnUntraced(function* (query: Query, { load: plan, merge }: Options = {}) {
  const sessions = yield* settled
  const names = yield* askedOf(sessions, query.node)
  if (names.length > 1 && merge === undefined && !isPlainList(query.node))
    refuse("databases: rows of several that are ordered, cut or counted need a merge")
  const lists = yield* Effect.forEach(
    names,
    (name) => onDatabase(sessions, name, Session.all(query as Statement<object> & Query)),
    { concurrency: "unbounded" }
  )
  const rows = (merge === undefined ? lists.flat() : merge(lists)) as ReadonlyArray<object>
  if (plan === undefined || rows.length === 0) return rows
  const entity = entityIn(query.node)
  return yield* populatedAcross(sessions, entity, rows, stepsIn(entity.class, plan))
})

const add = (...drafts: ReadonlyArray<OneOf<string>>) =>
  open((sessions) =>
    Effect.forEach(
      Map.groupBy(drafts, (draft) => homeOfGraph(sessions, draft)),
      ([name, own]) => onDatabase(sessions, name, Session.add(...own)),
      { discard: true }
    )
  )

const update = (value: OneOf<string>, patch: Row) =>
  open((sessions) => {
    const home = homeOf(sessions, value)
    const { label, source } = value[EntityId]
    const cells = rowOf(value as unknown as Row, patch)
    const now = chosen(sessions.bindings, source, cells)
    if (now !== null && now !== home)
      refuse(`databases: this ${label} would stand in "${now}" then, and stands in "${home}"`)
    return onDatabase(sessions, home, Session.update(value as never, patch as never))
  })

const remove = (...values: ReadonlyArray<OneOf<string>>) =>
  open((sessions) =>
    Effect.forEach(
      Map.groupBy(values, (value) => homeOf(sessions, value)),
      ([name, own]) => onDatabase(sessions, name, Session.delete(...own)),
      { discard: true }
    )
  )

const load = (value: OneOf<string>, relation: AnyRelation) =>
  Effect.flatMap(settled, (sessions) =>
    loadedAcross(sessions, stepOf(relationIn(value, relation)), value)
  )

const on = (name: string, work: Effect.Effect<unknown, unknown, unknown>) =>
  Effect.flatMap(settled, (sessions) => onDatabase(sessions, name, work))

const layer = (
  services: Readonly<Record<string, Context.Key<unknown, Engine>>>,
  bindings: ReadonlyArray<Binding<string>>
): Layer.Layer<Databases, never, unknown> =>
  Layer.effect(
    Databases,
    Effect.map(
      Effect.forEach(Object.entries(services), ([name, service]) =>
        Effect.map(service as unknown as Effect.Effect<Engine>, (engine) => [name, engine] as const)
      ),
      (engines) => ({
        bindings: bindingsOf(Object.keys(services), bindings),
        engines: new Map(engines)
      })
    )
  )

const verbs = {
  bind,
  shard,
  layer,
  transact,
  on,
  get,
  find,
  all,
  add,
  update,
  delete: remove,
  load
}

const base: Context.ServiceClass<Databases, "athanor/Databases", Bound> &
  DatabasesVerbs<Databases, DatabaseSessions> = Object.assign(
  Context.Service<Databases, Bound>()("athanor/Databases"),
  verbs
) as never

/**
 * Several databases as one: what stands in which is said once, and verbs go where rows stand.
 *
 * **Shape** entities are bound to databases by name, or spread over several by a function of the
 * row. `transact` opens a session on each: one key in two databases is two entities. A relation
 * from one database to another is read by statements of its own; a join across is refused.
 * **Source** SQLAlchemy 2.0 "Session with Multiple Engines", "Horizontal Sharding".
 *
 * @example
 * ```ts
 * import { Catalog, Column, Database, Databases, Entity, Query } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect, Layer } from "effect"
 * class Reports extends Database.Service<Reports>()("reports") {}
 * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
 * class Report extends Entity<Report>()("reports", { id: Column.id(), title: Column.text() }) {}
 * const work = Effect.gen(function* () {
 *   yield* Databases.add(User.make({ name: "Ann" }), Report.make({ title: "June" }))
 *   return (yield* Databases.all(Query.from(Report))).map(({ title }) => title)
 * })
 * const program = Database.create(Catalog.make({ User })).pipe(
 *   Effect.andThen(Reports.create(Catalog.make({ Report }))),
 *   Effect.andThen(Databases.transact(work)))
 * const databases = Databases.layer({ main: Database, reports: Reports }, [
 *   Databases.bind(Report, "reports")])
 * const opened = Layer.merge(Sqlite.layer(), Sqlite.layerOf(Reports, {}))
 * const layer = Layer.provideMerge(databases, opened)
 * await Effect.runPromise(Effect.provide(program, layer)) // => ["June"]
 * ```
 * @category services
 */
export class Databases extends base {}
