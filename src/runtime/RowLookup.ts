import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { Database } from "../effects/Database.ts"
import { NotFound, type ReadError } from "../effects/DatabaseError.ts"
import { asked, executed, type Surroundings, surroundingsOf } from "../effects/Execution.ts"
import { handOn, isSuccess } from "../effects/handOn.ts"
import { type AnyEntity, ClassId, type Mapped } from "../mapping/EntityClass.ts"
import { entityKey, keyValues, rowOfKey } from "../mapping/EntityRef.ts"
import { classOf, fits, rowsOf } from "../mapping/EntityTables.ts"
import {
  isPromisedCell,
  known,
  type KnownRef,
  ofRow,
  ownKey,
  type Row,
  rowKeyOfRow
} from "../mapping/RowRef.ts"
import { byKey, keyParameters } from "./byKey.ts"
import { absorb, standingOf, valueOver } from "./edits.ts"
import { lookPast } from "./lookPast.ts"
import { isPastMemory, optionsIn, type ReadingOptions } from "./SessionOptions.ts"
import * as State from "./SessionState.ts"
import { tell } from "./watch.ts"
import type { SessionState } from "./SessionState.ts"
import { mayHang } from "./hanging.ts"
import { engineIn, flush, inTurn, isInTurn, type Moment, momentOf, type Unit } from "./Unit.ts"

/** What is given of a row: itself or `NotFound`, or an option of it. */
export type Wanted = "one" | "option"

/** A service that holds a unit of work. */
export type UnitKey = Context.Key<unknown, Unit>

/**
 * One row by its key: an Effect of one primitive.
 *
 * **Shape** evaluated, it looks into the session's memory and gives what is whole there, else runs
 * the table's one query by key and believes what it finds. On SQLite all of it happens before
 * `evaluate` returns.
 */
class RowLookup {
  readonly service: UnitKey
  readonly entity: AnyEntity
  readonly key: unknown
  readonly wanted: Wanted

  constructor(service: UnitKey, entity: AnyEntity, key: unknown, wanted: Wanted) {
    this.service = service
    this.entity = entity
    this.key = key
    this.wanted = wanted
  }
}

/** Looks a row up when evaluated. */
export const rowLookup = (
  service: UnitKey,
  entity: AnyEntity,
  key: unknown,
  wanted: Wanted
): Effect.Effect<unknown, ReadError | NotFound, unknown> =>
  new RowLookup(service, entity, key, wanted) as never

/** What a fiber's context says of its session. */
interface Here {
  readonly context: Context.Context<unknown>
  readonly service: UnitKey
  readonly unit: Unit
  /** Where a statement runs while nothing is pending: nothing is to be done before it. */
  readonly plain: Surroundings
  /** Where it runs while something is. */
  readonly hooked: Surroundings
  /** How it is to read. */
  readonly options: ReadingOptions
  readonly isPast: boolean
}

let last: Here | null = null

/** Contexts are immutable: what one says is remembered until another is asked. */
const hereOf = (fiber: Fiber.Fiber<unknown, unknown>, service: UnitKey): Here => {
  const context = fiber.context as Context.Context<unknown>
  if (last !== null && last.context === context && last.service === service) return last
  const unit = Context.getUnsafe(context, service)
  const options = optionsIn(fiber)
  const engine = engineIn(unit, fiber, options)
  const hooked = surroundingsOf(fiber, engine)
  const isOwn = engine === unit.hooked || engine === unit.quiet
  const plain = isOwn ? surroundingsOf(fiber, unit.engine) : hooked
  return (last = {
    context,
    service,
    unit,
    plain,
    hooked,
    options,
    isPast: isPastMemory(options)
  })
}

type Found = Effect.Effect<unknown, ReadError | NotFound>

const evaluate = (self: RowLookup, fiber: Fiber.Fiber<unknown, unknown>): Found => {
  const here = hereOf(fiber, self.service)
  if (here.isPast) return lookLater(self, here, fiber)
  return isInTurn(here.unit, here.plain.level)
    ? look(self, here, fiber)
    : lookLater(self, here, fiber)
}

/** Apart, as all that makes closures: a function pays for what they hold whenever it is called. */
const lookLater = (self: RowLookup, here: Here, fiber: Fiber.Fiber<unknown, unknown>): Found =>
  inTurn(here.unit, () => (here.isPast ? past(self, here) : look(self, here, fiber)))

const past = (self: RowLookup, { options, plain, unit }: Here): Found => {
  const began = momentOf(unit, plain.level)
  const [mapped, key] = rowOfKey(self.entity[ClassId], self.key)
  const found = lookPast(unit, began, mapped, key, options)
  return Effect.flatMap(found, (value) => given(self, unit, value))
}

const look = (self: RowLookup, here: Here, fiber: Fiber.Fiber<unknown, unknown>): Found => {
  const { unit } = here
  const { state } = unit
  const mapped = self.entity[ClassId]
  if (mapped.source.over !== null) return lookOver(self, here)
  const table = mapped.source
  // A whole number is its row's key as it stands, before the row is read and after.
  const own = ownKey(table, self.key)
  const isPending = State.isPending(state)
  const held = isPending
    ? heldUnderEdits(state, known(table, keyValues(mapped, self.key)))
    : state.rows.row(table, own ?? entityKey(mapped, self.key))
  if (held === null) return given(self, unit, null)
  if (held !== undefined && State.isWhole(table, held))
    return isToHang(here, mapped) ? lookAgain(self, here) : given(self, unit, valueOf(mapped, held))
  const named = own === undefined ? keyParameters(keyValues(mapped, self.key)) : { key0: own }
  const sent = executed(
    asked(Database, byKey(table), named, "one"),
    isPending ? here.hooked : here.plain,
    fiber
  ) as Effect.Effect<Row, ReadError | NotFound>
  if (isSuccess(sent)) {
    const row = sent.value
    unit.state = State.learn(state, table, own ?? rowKeyOfRow(table, row), row)
    if (unit.watch !== null) tell(unit, [{ ref: ofRow(table, row)! }])
    return self.wanted === "one" && !isPending ? sent : read(self, unit, mapped, row)
  }
  return readLater(self, unit, momentOf(unit, here.plain.level), sent)
}

/** May what memory has of a row be other when what was removed is written? */
const isToHang = ({ options, unit }: Here, { tables }: Mapped): boolean =>
  options.autoflush !== false && mayHang(unit.state, tables)

/** Looks when what is pending is written: whom rows that go take along, the flush finds out. */
const lookAgain = (self: RowLookup, here: Here): Found =>
  Effect.flatMap(flush(here.unit), () =>
    rowLookup(self.service, self.entity, self.key, self.wanted)
  ) as Found

/** A row that is kept in tables other classes are over, too. */
const lookOver = (self: RowLookup, here: Here): Found => {
  const { options, plain, unit } = here
  const [mapped, key] = rowOfKey(self.entity[ClassId], self.key)
  if (mapped.tables.length > 0) {
    const ref = known(rowsOf(mapped), keyValues(mapped, key))
    const now = standingOf(unit.state, mapped, ref)
    if (now._tag === "Gone") return given(self, unit, null)
    const entity = now._tag === "Here" ? classOf(mapped, now.row) : mapped
    if (now._tag === "Here" && isHeldBy(entity, unit, ref))
      return isToHang(here, entity)
        ? lookAgain(self, here)
        : given(self, unit, valueOver(entity, standingRow(unit, entity, ref), null))
  }
  const found = lookPast(unit, momentOf(unit, plain.level), mapped, key, options)
  return Effect.flatMap(found, (value) => given(self, unit, value))
}

const standingRow = (unit: Unit, entity: Mapped, ref: KnownRef): Row => {
  const now = standingOf(unit.state, entity, ref)
  return now._tag === "Here" ? now.row : {}
}

/** Is all of a row known, and has it the tag of its class? */
const isHeldBy = (entity: Mapped, unit: Unit, ref: KnownRef): boolean => {
  const now = standingOf(unit.state, entity, ref)
  return (
    entity.members === null &&
    now._tag === "Here" &&
    now.isWhole &&
    fits(entity, now.row) &&
    !Object.values(now.row).some(isPromisedCell)
  )
}

const readLater = (
  self: RowLookup,
  unit: Unit,
  began: Moment,
  sent: Effect.Effect<Row, ReadError | NotFound>
): Found =>
  Effect.matchEffect(sent, {
    onSuccess: (row) => {
      absorb(unit, began, [row], null)
      return read(self, unit, self.entity[ClassId], row)
    },
    onFailure: (error) => (error._tag === "NotFound" ? given(self, unit, null) : Exit.fail(error))
  })

/** What memory holds of a row that may be edited: null where it goes, undefined where one reads. */
const heldUnderEdits = (state: SessionState, ref: KnownRef): Row | null | undefined => {
  const now = State.standing(state, ref)
  if (now._tag === "Gone") return null
  const isHeld = now._tag === "Here" && now.isWhole && !Object.values(now.row).some(isPromisedCell)
  return isHeld ? now.row : undefined
}

/** What is given of a row that was read: edits lie on top of it. */
const read = (self: RowLookup, unit: Unit, mapped: Mapped, row: Row): Found => {
  if (!State.isPending(unit.state)) return given(self, unit, row)
  const now = State.standingOver(unit.state, ofRow(mapped.source, row)!, row)
  return given(self, unit, now._tag === "Here" ? valueOf(mapped, now.row) : null)
}

/** A row that was read is a value of its class already; one that was changed is made anew. */
const valueOf = (mapped: Mapped, row: Row): object =>
  Object.getPrototypeOf(row) === mapped.prototype &&
  Object.keys(row).length === mapped.source.whole.length + mapped.source.queried.length
    ? row
    : valueOver(mapped, row, null)

const given = (self: RowLookup, unit: Unit, value: object | null): Found => {
  if (self.wanted === "option") return Exit.succeed(Option.fromNullishOr(value))
  return value === null ? Exit.fail(missing(unit, self.entity)) : Exit.succeed(value)
}

const missing = (unit: Unit, entity: AnyEntity): NotFound => {
  const { label } = entity[ClassId]
  return new NotFound({
    message: `there is no ${label} with this key`,
    dialect: unit.engine.dialect,
    operation: "query",
    retryable: false,
    transaction: "alive",
    subject: label
  })
}

const proto = Effectable.Prototype<Effect.Effect<unknown, ReadError | NotFound>>({
  label: "Session",
  evaluate(fiber) {
    const running = fiber as Fiber.Fiber<unknown, unknown>
    return handOn(evaluate(this as unknown as RowLookup, running), running) as Found
  }
})
Object.defineProperties(RowLookup.prototype, Object.getOwnPropertyDescriptors(proto))
