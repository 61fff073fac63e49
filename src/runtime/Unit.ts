import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Semaphore from "effect/Semaphore"
import type { ColumnNode, TableSource } from "../algebra/Source.ts"
import type { StatementNode } from "../algebra/Statement.ts"
import type { Compiled } from "../compile/Compiled.ts"
import { Database } from "../effects/Database.ts"
import { type DatabaseError, type ReadError, TransactionClosed } from "../effects/DatabaseError.ts"
import { askedBy, type Before, type Engine, withBefore } from "../effects/Engine.ts"
import { draw } from "../effects/statements/generate.ts"
import type { Level } from "../effects/transactions/Level.ts"
import { entered } from "../effects/statements/send.ts"
import type { Participant } from "../effects/transactions/TransactionParticipant.ts"
import { type Naming } from "../mapping/graph.ts"
import { promisedCell, rowKeyOf, type RowRef } from "../mapping/RowRef.ts"
import type { KnownRow } from "../mapping/KnownRows.ts"
import { type FlushPlan, plannedLoad, textsOf } from "./FlushPlan.ts"
import { type FlushError, flushed, type Planned, planned } from "./flush.ts"
import type { Hooks } from "./hooks.ts"
import { optionsIn, type ReadingOptions } from "./SessionOptions.ts"
import { goesAlong } from "./anew.ts"
import { withChildren } from "./hanging.ts"
import { modelOf } from "./reach.ts"
import { changeableIn } from "./rekeying.ts"
import * as State from "./SessionState.ts"
import type { SessionState } from "./SessionState.ts"
import { rename, type StateListener, tell, tellAll, tellBack, type Watch } from "./watch.ts"

/**
 * One unit of work: the state of a session and the database it works on.
 *
 * **Shape** `state` is the only thing that changes, and only as a whole. `engine` is the database
 * without the session; `hooked` the same database with a flush before the reads that need one.
 */
export interface Unit {
  state: SessionState
  /** The state becomes another one when it is next asked for: after the last flush nobody asks. */
  readonly settle: (settled: (before: SessionState) => SessionState) => void
  isOpen: boolean
  isFlushing: boolean
  promises: number
  readonly engine: Engine
  readonly hooked: Engine
  /** The same without a flush before reads: before commands there is one all the same. */
  readonly quiet: Engine
  readonly lock: Semaphore.Semaphore
  /**
   * The ref a draft got when it was added. Outlives a rollback: the state says whether it holds.
   */
  readonly drafts: Map<object, RowRef>
  /** The draft behind a promise, to tell of rows that have no key yet. */
  readonly named: Map<number, object>
  /** What is done to changes before they are planned. */
  readonly hooks: ReadonlyArray<Hooks>
  /** Who hears of what becomes of its rows; null where nobody does. */
  readonly watch: Watch | null
}

/**
 * A unit of work on a database. Its reads write what is pending first, where it matters to them.
 */
export const makeUnit = (
  engine: Engine,
  hooks: ReadonlyArray<Hooks>,
  listeners: ReadonlyArray<StateListener> = []
): Unit => {
  const before: Before = (compiled) => autoflush(unit, compiled)
  let state = State.empty()
  let settling: ((before: SessionState) => SessionState) | null = null
  const unit: Unit = {
    get state() {
      if (settling !== null) {
        const settled = settling
        settling = null
        state = settled(state)
      }
      return state
    },
    set state(now) {
      settling = null
      state = now
    },
    settle: (settled) => {
      state = unit.state
      settling = settled
    },
    isOpen: true,
    isFlushing: false,
    promises: 0,
    engine,
    hooked: withBefore(engine, before),
    quiet: withBefore(engine, (compiled) =>
      compiled !== null && isRead(compiled) ? null : before(compiled)
    ),
    lock: Semaphore.makeUnsafe(1),
    drafts: new Map(),
    named: new Map(),
    hooks,
    watch: listeners.length === 0 ? null : { listeners, told: new Map() }
  }
  return unit
}

const isRead = ({ kind, writes }: Compiled): boolean => kind !== "ddl" && writes.length === 0

/** The state of now, to be asked later. */
const keep = (unit: Unit): SessionState => (unit.state = State.kept(unit.state))

/**
 * Takes the state back where the database takes its rows back.
 *
 * **Shape** a level that ends takes those below it with it: a fiber that was left in one of them
 * and ends it later has nothing to take back any more.
 */
export const participantOf = (unit: Unit): Participant => {
  const open: Array<{ readonly saved: SessionState }> = []
  return {
    snapshot: () => {
      const level = { saved: keep(unit) }
      open.push(level)
      return (outcome) => {
        const at = open.indexOf(level)
        if (at < 0) return
        open.length = at
        if (outcome !== "rolledBack") return
        const before = unit.state
        unit.state = State.takenBack(level.saved, before)
        tellBack(unit, before)
      }
    }
  }
}

/** What a verb gives in a fiber that outlived its session. */
export const closed = (unit: Unit): TransactionClosed =>
  new TransactionClosed({
    message: "the session has ended: this fiber outlived it",
    dialect: unit.engine.dialect,
    operation: "flush",
    retryable: false,
    transaction: "ended"
  })

/** The database as these options have it: with a flush before the reads that need one, or none. */
export const engineFor = (unit: Unit, { autoflush = true }: ReadingOptions): Engine =>
  autoflush ? unit.hooked : unit.quiet

/** The same, with what `Database.with` says around a fiber. */
export const engineIn = (
  unit: Unit,
  fiber: Fiber.Fiber<unknown, unknown>,
  options: ReadingOptions
): Engine => {
  const wanted = engineFor(unit, options)
  const { before } = wanted
  const context = fiber.context as Context.Context<unknown>
  const around = Option.getOrUndefined(Context.getOption(context, Database))
  const isOurs =
    around?.current === unit.engine.current &&
    (around.before === unit.hooked.before || around.before === unit.quiet.before)
  if (!isOurs || before === null) return wanted
  return around.before === before ? around : withBefore(around, before)
}

/** Runs on the session's own view of the database: its connection, its flush before reads. */
export const inside = <A, E, R>(
  unit: Unit,
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, E, Exclude<R, Database>> =>
  Effect.withFiber((fiber) =>
    Effect.provideService(effect, Database, engineIn(unit, fiber, optionsIn(fiber)))
  )

/** When a read began. */
export interface Moment {
  readonly level: Level | null
  /** Null for a command: what it gives back is newer than what it made outdated. */
  readonly outdated: ReadonlySet<string> | null
}

export const momentOf = (unit: Unit, level: Level | null): Moment => ({
  level,
  outdated: unit.state.outdated
})

/**
 * May what a read gave of this table be believed? Not where a command past the session was begun
 * since, for it may have run later than the read; nor where the savepoint it ran in has ended.
 */
export const holdsSince = (unit: Unit, { level, outdated }: Moment, table: TableSource): boolean =>
  (level === null || level.open) &&
  (outdated === null || outdated === unit.state.outdated || !State.isOutdated(unit.state, table))

/** Is the session open, and no savepoint of another fiber? */
export const isInTurn = (unit: Unit, level: Level | null): boolean =>
  unit.isOpen && (level === null || level.root.active === level)

/**
 * Runs when no savepoint of another fiber is open: what happens in one may be taken back, and what
 * happens beside it may not.
 */
export const inTurn = <A, E, R>(
  unit: Unit,
  f: () => Effect.Effect<A, E, R>
): Effect.Effect<A, E | ReadError, R> =>
  Effect.withFiber((fiber) => {
    if (!unit.isOpen) return Effect.fail(closed(unit))
    const level = fiber.getRef(unit.engine.current)
    if (isInTurn(unit, level)) return f()
    const turn = entered(level!, () => Effect.void) as Effect.Effect<void, ReadError>
    return Effect.andThen(turn, Effect.suspend(f))
  })

/** Changes the state at once, or after the flush that is running. */
export const change = <A>(unit: Unit, f: (unit: Unit) => A): Effect.Effect<A, ReadError> =>
  inTurn(unit, () =>
    unit.isFlushing ? unit.lock.withPermits(1)(Effect.sync(() => f(unit))) : Effect.succeed(f(unit))
  )

/** The same, which may fail: without an effect of its own where nobody is waited for. */
export const changeIn = <A, E>(
  unit: Unit,
  fiber: Fiber.Fiber<unknown, unknown>,
  f: (unit: Unit) => Effect.Effect<A, E>
): Effect.Effect<A, E | ReadError> =>
  !unit.isFlushing && isInTurn(unit, fiber.getRef(unit.engine.current))
    ? f(unit)
    : Effect.flatten(change(unit, f))

/** Writes what is pending; nothing where nothing is. */
export const flush = (unit: Unit): Effect.Effect<void, FlushError> =>
  inTurn(unit, () =>
    State.isPending(unit.state) ? unit.lock.withPermits(1)(flushNow(unit)) : Effect.void
  )

/** What a flush would do. */
export const planOf = (unit: Unit): Effect.Effect<FlushPlan, FlushError> =>
  Effect.map(plannedOf(unit), ({ loads, plan }) => ({
    ...plan,
    loads: loads.map(plannedLoad),
    texts: textsOf(plan, unit.engine.capabilities, (node) => textOf(unit.engine, node))
  }))

/** What pending changes take with them in other databases. */
export const beyond = (unit: Unit): Effect.Effect<Planned["beyond"], FlushError> =>
  Effect.map(plannedOf(unit), (found) => found.beyond)

const plannedOf = (unit: Unit): Effect.Effect<Planned, FlushError> =>
  unit.isOpen
    ? Effect.provideService(
        planned(unit.engine, keep(unit), learning(unit), unit.hooks),
        Database,
        askedBy(unit.engine, "flush")
      )
    : Effect.fail(closed(unit))

const textOf = (engine: Engine, node: StatementNode): string => {
  const found = engine.statements.get(node)
  return found._tag === "Refusal"
    ? `-- ${found.construct}: not on ${found.dialect}`
    : found.compiled.text
}

/** Believes rows that were read for a plan, unless somebody writes past the session meanwhile. */
export const learning = (unit: Unit): ((rows: ReadonlyArray<KnownRow>) => void) => {
  const began = momentOf(unit, null)
  return (rows) => {
    const held = rows.filter(({ ref }) => holdsSince(unit, began, ref.table))
    unit.state = State.complete(unit.state, held)
    tell(unit, held)
  }
}

const flushNow = (unit: Unit): Effect.Effect<void, FlushError> =>
  Effect.uninterruptibleMask((restore) => {
    if (!State.isPending(unit.state)) return Effect.void
    unit.isFlushing = true
    const written = flushed(unit.engine, keep(unit), learning(unit), unit.hooks, restore)
    return Effect.ensuring(
      Effect.map(
        Effect.provideService(written, Database, askedBy(unit.engine, "flush")),
        (settled) => {
          // Other fibers have read meanwhile, and written past the session: that is not undone.
          if (unit.watch === null) {
            unit.settle((now) => State.settled(now, settled()))
            return
          }
          const settlement = settled()
          unit.state = State.settled(unit.state, settlement)
          rename(unit, settlement.keys)
          tell(unit, settlement.written)
          tellAll(unit)
        }
      ),
      Effect.sync(() => {
        unit.isFlushing = false
      })
    )
  })

/** Must pending work be written before this statement? */
const meets = (unit: Unit, { kind, reads, writes }: Compiled): boolean => {
  if (kind === "ddl") return true
  for (const table of touched(unit.state)) {
    const name = State.nameOf(table)
    if (reads.includes(name) || writes.includes(name)) return true
  }
  return false
}

/** The tables that refer to what is changed of these rows, and those that refer to them by it. */
const following = ({ edited, rekeyed }: SessionState): ReadonlySet<TableSource> => {
  const tables = new Set(rekeyed)
  const model = modelOf(edited)
  for (const table of tables)
    for (const { foreignKey, owner } of model.of(table).referrers)
      if (foreignKey.targetColumns.some((key) => changeableIn(table).has(key))) tables.add(owner)
  return tables
}

/**
 * The tables pending edits write: their own, those that follow a key, and below a removed row all
 * that can hang on it.
 */
export const touched = (state: SessionState): ReadonlySet<TableSource> => {
  const { edited, rekeyed, removals } = state
  const all = rekeyed.size === 0 ? edited : new Set([...edited, ...following(state)])
  return removals === 0 ? all : withChildren(all)
}

const autoflush = (
  unit: Unit,
  compiled: Compiled | null
): Effect.Effect<void, DatabaseError> | null => {
  const isDue = State.isPending(unit.state) && (compiled === null || meets(unit, compiled))
  const written = compiled === null ? State.everything : compiled.writes
  if (written.length === 0) return isDue ? flush(unit) : null
  return Effect.andThen(
    isDue ? flush(unit) : Effect.void,
    inTurn(unit, () =>
      Effect.sync(() => {
        // A command past the session changes rows it believes to know.
        unit.state = State.forget(unit.state, written)
        tellAll(unit)
      })
    )
  )
}

/** The ref of a draft that was added, and not taken back by a rollback since. */
export const refOfDraft = (unit: Unit, draft: object): RowRef | undefined => {
  const ref = unit.drafts.get(draft)
  return ref !== undefined && isHeld(unit.state, ref) ? State.resolve(unit.state, ref) : undefined
}

/** One that was deleted again is added anew, as is one that goes with its parent. */
const refThatStays = (unit: Unit, draft: object): RowRef | undefined => {
  const ref = refOfDraft(unit, draft)
  if (ref === undefined || State.standing(unit.state, ref)._tag === "Gone") return undefined
  return goesAlong(unit.state, ref) ? undefined : ref
}

/** A draft added in a savepoint that was rolled back is new again. */
const isHeld = (state: SessionState, ref: RowRef): boolean =>
  state.edits.has(ref.id) ||
  state.keys.has(ref.id) ||
  state.rows.row(ref.table, rowKeyOf(ref)) !== undefined

/** How the drafts of one graph get their refs in this unit. */
export const namingOf = (unit: Unit, fiber: Fiber.Fiber<unknown, unknown>): Naming =>
  new UnitNaming(unit, fiber)

class UnitNaming implements Naming {
  readonly #unit: Unit
  readonly #fiber: Fiber.Fiber<unknown, unknown>
  /** Promises up to this one are of earlier graphs. */
  readonly #before: number
  /** New rows of this graph whose keys are known. */
  #keyed: Set<object> | null = null
  #epochMillis: number | null = null

  constructor(unit: Unit, fiber: Fiber.Fiber<unknown, unknown>) {
    this.#unit = unit
    this.#fiber = fiber
    this.#before = unit.promises
  }

  refOf(draft: object): RowRef | undefined {
    const ref = this.#unit.drafts.get(draft)
    if (ref === undefined) return undefined
    const isFresh =
      ref._tag === "Promised" ? ref.promise > this.#before : this.#keyed?.has(draft) === true
    return isFresh ? ref : refThatStays(this.#unit, draft)
  }

  register(draft: object, ref: RowRef): void {
    this.#unit.drafts.set(draft, ref)
    if (ref._tag === "Promised") this.#unit.named.set(ref.promise, draft)
    else (this.#keyed ??= new Set()).add(draft)
  }

  nextPromise(): number {
    return ++this.#unit.promises
  }

  /** One graph is made at one time. */
  makeKey({ default: made, type }: ColumnNode): unknown {
    if (made === null) return undefined
    const now = (this.#epochMillis ??= this.#fiber.getRef(Clock.Clock).currentTimeMillisUnsafe())
    const random = this.#fiber.getRef(Random.Random)
    return draw(made, type, now, () => random.nextDoubleUnsafe())
  }

  cellOf(ref: RowRef, column: string): unknown {
    const now = State.standing(this.#unit.state, ref)
    const value = now._tag === "Here" ? now.row[column] : undefined
    return value === undefined && ref._tag === "Promised" ? promisedCell(ref, column) : value
  }
}
