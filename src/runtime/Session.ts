import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type { StatementNode } from "../algebra/Statement.ts"
import { Database } from "../effects/Database.ts"
import { NotFound } from "../effects/DatabaseError.ts"
import { both, TransactionParticipant } from "../effects/TransactionParticipant.ts"
import { type AnyEntity, ClassId, EntityId, type OneOf } from "../mapping/EntityClass.ts"
import { entityRef } from "../mapping/EntityRef.ts"
import { graphEdits } from "../mapping/graph.ts"
import type { KnownRef, Row } from "../mapping/RowRef.ts"
import { byKey } from "./byKey.ts"
import { absorb, construct, isDraft, meet, patchCells, refOf } from "./edits.ts"
import { planned } from "./flush.ts"
import * as State from "./SessionState.ts"
import type { SessionVerbs } from "./SessionVerbs.ts"
import { change, flush, makeUnit, namingOf, participantOf, type Unit } from "./Unit.ts"

const withUnit = <A, E, R>(f: (unit: Unit) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Session> =>
  // Read late: the class is declared below its verbs.
  Effect.suspend(() => Effect.flatMap(Session, f))

/** Runs on the session's own view of the database: its connection, its flush before reads. */
const inside = <A, E, R>(unit: Unit, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, Exclude<R, Database>> =>
  Effect.provideService(effect, Database, unit.hooked)

const transact = (effect: Effect.Effect<unknown, unknown, unknown>) =>
  Effect.gen(function*() {
    const open = yield* Effect.serviceOption(Session)
    if (Option.isSome(open) && open.value.isOpen) return yield* nested(effect)
    const unit = makeUnit(yield* Database)
    const outer = yield* TransactionParticipant
    const participant = participantOf(unit)
    const body = Effect.tap(effect, () => flush(unit))
    return yield* Effect.ensuring(
      Database.transaction(Effect.provideService(body, Session, unit)),
      Effect.sync(() => {
        unit.isOpen = false
      })
    ).pipe(
      Effect.provideService(TransactionParticipant, outer === null ? participant : both(outer, participant)),
      Effect.provideService(Database, unit.hooked)
    )
  })

const nested = (effect: Effect.Effect<unknown, unknown, unknown>) =>
  withUnit((unit) => inside(unit, Database.transaction(effect)))

const add = (...drafts: ReadonlyArray<OneOf<string>>) =>
  withUnit((unit) =>
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const random = yield* Random.Random
      yield* change(unit, () => {
        const naming = namingOf(unit, clock.currentTimeMillisUnsafe(), () => random.nextDoubleUnsafe())
        for (const edit of graphEdits(drafts, naming)) unit.state = State.edit(unit.state, edit)
      })
    })
  )

/** Writes a patch on top of the newest state; gives the newest value. */
const patch = (unit: Unit, value: OneOf<string>, patch: Row): object => {
  const entity = value[EntityId]
  const ref = refOf(unit, value)
  const cells = patchCells(unit, entity, patch)
  meet(unit, value, ref)
  if (Object.keys(cells).length > 0) {
    unit.state = State.edit(unit.state, { _tag: "Patch", ref, values: cells })
  }
  return isDraft(value) ? value : newest(unit, value, ref)
}

const newest = (unit: Unit, value: OneOf<string>, ref: ReturnType<typeof refOf>): object => {
  const now = State.standing(unit.state, ref)
  return now._tag === "Here" ? construct(value[EntityId], now.row, value) : value
}

const update = (value: OneOf<string>, values: Row) =>
  withUnit((unit) => change(unit, () => patch(unit, value, values)))

const modify = (value: OneOf<string>, f: (now: never) => Row) =>
  withUnit((unit) =>
    change(unit, () => {
      const ref = refOf(unit, value)
      meet(unit, value, ref)
      return patch(unit, value, f(newest(unit, value, ref) as never))
    })
  )

const remove = (...values: ReadonlyArray<OneOf<string>>) =>
  withUnit((unit) =>
    change(unit, () => {
      for (const value of values) {
        const ref = refOf(unit, value)
        meet(unit, value, ref)
        unit.state = State.edit(unit.state, { _tag: "Remove", ref })
      }
    })
  )

const query = (verb: "all" | "one" | "oneOrNone" | "first") =>
  (statement: { readonly node: StatementNode }, plan?: unknown, parameters?: unknown) =>
    withUnit((unit) =>
      inside(unit, Effect.flatMap(
        (Database[verb] as (s: unknown, p?: unknown) => Effect.Effect<unknown, unknown, Database>)(statement, parameters),
        (found) => {
          const rows = verb === "all" ? found as ReadonlyArray<unknown> : verb === "one" ? [found] : Option.toArray(found as Option.Option<unknown>)
          absorb(unit, rows)
          if (plan === undefined) return Effect.succeed(found)
          return Effect.map(populateAll(unit, rows, plan), (loaded) =>
            verb === "all" ? loaded : verb === "one" ? loaded[0] : Option.fromNullishOr(loaded[0]))
        }
      ))
    )

const populateAll = (
  _unit: Unit,
  rows: ReadonlyArray<unknown>,
  _plan: unknown
): Effect.Effect<ReadonlyArray<unknown>, never, never> => Effect.succeed(rows)

/** What the session holds of a row: from its own memory where it is whole, else read. */
const lookUp = (unit: Unit, entity: AnyEntity, key: unknown): Effect.Effect<object | null, unknown, never> =>
  Effect.suspend(() => {
    const mapped = entity[ClassId]
    const ref = entityRef(mapped, key) as KnownRef
    const now = State.standing(unit.state, ref)
    if (now._tag === "Gone") return Effect.succeed(null)
    if (now._tag === "Here" && now.isWhole) return Effect.succeed(valueOf(mapped, now.row))
    return inside(unit, Effect.map(Database.all(byKey(mapped, ref.key)), (rows) => {
      const row = rows[0]
      if (row === undefined) return null
      absorb(unit, [row])
      const after = State.standing(unit.state, ref)
      return after._tag === "Here" ? valueOf(mapped, after.row) : null
    }))
  })

/** A row that was read is a value of its class already; one that was changed is made anew. */
const valueOf = (mapped: AnyEntity[ClassId], row: Row): object =>
  Object.getPrototypeOf(row) === mapped.prototype &&
    Object.keys(row).length === mapped.source.columns.length
    ? row
    : construct(mapped, row, null)

const find = (entity: AnyEntity, key: unknown, _plan?: unknown) =>
  withUnit((unit) => Effect.map(lookUp(unit, entity, key), Option.fromNullishOr))

const get = (entity: AnyEntity, key: unknown, _plan?: unknown) =>
  withUnit((unit) =>
    Effect.flatMap(lookUp(unit, entity, key), (value) =>
      value === null
        ? Effect.fail(new NotFound({
          message: `there is no ${entity[ClassId].label} with this key`,
          dialect: unit.engine.dialect,
          operation: "query",
          retryable: false,
          transaction: "alive",
          subject: entity[ClassId].label
        }))
        : Effect.succeed(value))
  )

const plan = withUnit((unit) =>
  Effect.map(
    Effect.provideService(planned(unit.engine, unit.state), Database, unit.engine),
    ({ plan }) => plan
  )
)

const verbs = {
  transact,
  nested,
  add,
  update,
  modify,
  delete: remove,
  get,
  find,
  all: query("all"),
  one: query("one"),
  oneOrNone: query("oneOrNone"),
  first: query("first"),
  flush: withUnit(flush),
  plan
}

const base: Context.ServiceClass<Session, "athanor/Session", Unit> & SessionVerbs<Session> = Object.assign(
  Context.Service<Session, Unit>()("athanor/Session"),
  verbs
) as never

/**
 * A unit of work: objects you change, written together.
 *
 * **Shape** one session is one transaction: what it read, what was done to it, and one flush of all of
 * it. Values are immutable; `update` gives the new one. Inside, `Database` is the session's own: the
 * same connection, and its reads write what is pending first where their tables meet.
 * **Errors** at `transact`: what a flush gives, beside what the effect gives.
 * **Source** SQLAlchemy 2.0 "Using the Session", without its states: a value needs its key, nothing more.
 *
 * @example
 * ```ts
 * import { Column, Entity, Session } from "athanor"
 * class User extends Entity<User>()("users", { id: Column.id(), name: Column.text() }) {}
 * const program = Session.transact(Session.add(User.make({ name: "Alice" })))
 * ```
 * @category services
 */
export class Session extends base {}
