import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type { Command } from "../algebra/Command.ts"
import type { TableSource } from "../algebra/Source.ts"
import { withJsonText } from "../algebra/types/jsonText.ts"
import { Database } from "../effects/Database.ts"
import {
  StaleRow,
  Unbreakable,
  UnexpectedDriverError,
  Unsupported,
  type WriteError
} from "../effects/DatabaseError.ts"
import type { Engine } from "../effects/Engine.ts"
import { draw } from "../effects/statements/generate.ts"
import { type LoadRequest, type Rewrite, survey } from "../mapping/flush/demand.ts"
import { fill } from "../mapping/flush/fill.ts"
import type { Edit } from "../mapping/flush/diff.ts"
import { plan } from "../mapping/flush/plan.ts"
import { type Settlement, settlement } from "../mapping/flush/settle.ts"
import { absorb, toCommand } from "../mapping/flush/toCommand.ts"
import {
  type FlushPlan,
  type Resolved,
  type Step,
  statementCount,
  statements,
  type StepStatement,
  unresolved
} from "../mapping/FlushPlan.ts"
import type { Row } from "../mapping/RowRef.ts"
import type { KnownRow } from "../mapping/KnownRows.ts"
import { applied, type Hooks } from "./hooks.ts"
import { modelOf } from "./reach.ts"
import { listedUpdates } from "./listedUpdates.ts"
import { asStatement, rowsByKey, wholeKeys } from "./rowsByKey.ts"
import * as State from "./SessionState.ts"
import type { SessionState } from "./SessionState.ts"

/**
 * What a flush can give: what writing can, no order of statements, a row that changed meanwhile.
 */
export type FlushError = WriteError | Unbreakable | StaleRow

/** Everything planned: what would be done, and what is known after the loads it needed. */
export interface Planned {
  readonly plan: FlushPlan
  readonly state: SessionState
  /** What was read on the way, in its order. */
  readonly loads: ReadonlyArray<LoadRequest>
}

/** Hears of the rows planning has loaded. */
export type Heard = (rows: ReadonlyArray<KnownRow>) => void

const editsOf = (state: SessionState): ReadonlyArray<Edit> =>
  [...HashMap.values(state.edits)].flat()

const tablesOf = (edits: ReadonlyArray<Edit>): ReadonlySet<TableSource> =>
  new Set(edits.map(({ ref }) => ref.table))

/**
 * diff, demand, expand, plan: loads what is missing until nothing is, then orders the statements.
 *
 * **Shape** writes nothing. `before` is a kept state; the one it gives knows what was loaded on the
 * way.
 */
export const planned = (
  engine: Engine,
  before: SessionState,
  heard: Heard,
  hooks: ReadonlyArray<Hooks>
): Effect.Effect<Planned, FlushError, Database> =>
  Effect.gen(function* () {
    let state = before
    const edits = editsOf(before)
    const model = modelOf(tablesOf(edits))
    const loaded = new Set<string>()
    const loads: Array<LoadRequest> = []
    const rewrite: Rewrite | undefined =
      hooks.length === 0 ? undefined : (set) => applied(set, hooks)
    for (;;) {
      const { changes, requests } = survey(model, state.rows, edits, loaded, rewrite)
      if (requests.length === 0) {
        const clock = yield* Clock.Clock
        const random = yield* Random.Random
        const now = clock.currentTimeMillisUnsafe()
        const filled = fill(changes, (column, generator) =>
          draw(generator, column.type, now, () => random.nextDoubleUnsafe())
        )
        const result = plan(model, engine.capabilities, filled)
        if (Result.isSuccess(result)) return { plan: result.success, state, loads }
        return yield* Effect.fail(refusalOf(engine, result.failure))
      }
      for (const request of requests) {
        const rows = yield* rowsByKey(engine, request)
        loads.push(request)
        state = State.complete(state, rows)
        heard(rows)
        for (const id of request.ids) loaded.add(id)
      }
    }
  })

const facts = (engine: Engine, message: string) =>
  ({
    message,
    dialect: engine.dialect,
    operation: "flush",
    retryable: false,
    transaction: "alive"
  }) as const

const refusalOf = (
  engine: Engine,
  failure: Extract<ReturnType<typeof plan>, { readonly _tag: "Failure" }>["failure"]
): Unbreakable | Unsupported =>
  failure._tag === "Unbreakable"
    ? new Unbreakable({
        ...facts(engine, failure.message),
        tables: [...new Set(failure.ring.map(({ from }) => from.table.name))]
      })
    : new Unsupported({
        ...facts(engine, `${failure.construct}: ${failure.dialect} has no ${failure.capability}`),
        capability: failure.capability,
        construct: failure.construct
      })

/**
 * The statement found another number of rows than it was made for: somebody changed them meanwhile.
 */
const stale = (engine: Engine, { rows, step }: StepStatement): StaleRow =>
  new StaleRow({
    ...facts(engine, `a row of "${step.table.name}" was changed or removed since it was read`),
    table: step.table.name,
    key: rows.map(({ ref }) => ref.id.slice(ref.id.indexOf(":") + 1)).join(", ")
  })

/**
 * MySQL gives a key it made only as the connection's last insert id, which no driver verb gives
 * yet.
 */
const withoutReturning = (engine: Engine, { table }: Step): Unsupported =>
  new Unsupported({
    ...facts(engine, `a key that ${engine.dialect} makes for "${table.name}" cannot be read back`),
    capability: "insertReturning",
    construct: `INSERT INTO "${table.name}" of a session`
  })

const returnsRows = ({ matching }: Step): boolean =>
  matching._tag === "single" || matching._tag === "columns"

const runStatement = (
  engine: Engine,
  statement: StepStatement,
  resolved: Map<string, Row>
): Effect.Effect<void, FlushError, Database> =>
  Effect.suspend(() => {
    const { step } = statement
    if (step.matching._tag === "insertId") return Effect.fail(withoutReturning(engine, step))
    const node = toCommand(statement, resolved)
    if (returnsRows(step)) {
      return Effect.flatMap(Database.all(asStatement(node)), (rows) =>
        take(engine, statement, rows, resolved)
      )
    }
    return Effect.flatMap(Database.run(asStatement(node)), (count) =>
      count === statement.rows.length ? Effect.void : Effect.fail(stale(engine, statement))
    )
  })

const take = (
  engine: Engine,
  statement: StepStatement,
  rows: ReadonlyArray<Row>,
  resolved: Map<string, Row>
): Effect.Effect<void, FlushError> => {
  const matched = absorb(statement, rows, resolved)
  if (Result.isSuccess(matched)) {
    for (const [id, row] of matched.success) resolved.set(id, row)
    return Effect.void
  }
  return Effect.fail(
    rows.length !== statement.rows.length
      ? stale(engine, statement)
      : new UnexpectedDriverError({ ...facts(engine, matched.failure.message), code: "UNMATCHED" })
  )
}

const listOf = (engine: Engine, step: Step, resolved: Resolved): ReadonlyArray<Command> | null => {
  const said = () => listedUpdates(step, resolved, engine.capabilities)
  return engine.json === null ? said() : withJsonText(engine.json, said)
}

/** Whether it could be said at all: a value of a type that no list holds goes by itself. */
const runListed = (
  engine: Engine,
  step: Step,
  listed: ReadonlyArray<Command>
): Effect.Effect<boolean, FlushError, Database> =>
  Effect.gen(function* () {
    if (listed.some((node) => engine.statements.get(node)._tag === "Refusal")) return false
    let matched = 0
    for (const node of listed) matched += yield* Database.run(asStatement(node))
    return matched === step.rows.length || (yield* missing(engine, step))
  })

/** Names the rows of a list that are not there. */
const missing = (engine: Engine, step: Step): Effect.Effect<never, FlushError, Database> => {
  const keys = step.rows.map(({ key }) => key)
  return Effect.flatMap(rowsByKey(engine, wholeKeys(step.table, keys)), (found) => {
    const there = new Set(found.map(({ ref }) => ref.id))
    const rows = step.rows.filter(({ ref }) => !there.has(ref.id))
    return Effect.fail(stale(engine, { step, rows: rows.length === 0 ? step.rows : rows }))
  })
}

const runAll = (engine: Engine, plan: FlushPlan): Effect.Effect<Resolved, FlushError, Database> =>
  Effect.gen(function* () {
    const resolved = new Map<string, Row>()
    for (const step of plan.steps) {
      const listed = listOf(engine, step, resolved)
      if (listed !== null && (yield* runListed(engine, step, listed))) continue
      for (const statement of statements(step)) yield* runStatement(engine, statement, resolved)
    }
    return resolved
  })

/** Makes a part of an uninterruptible effect interruptible again. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/**
 * Writes what is pending and gives what that settles.
 *
 * **Shape** all or nothing: the statements run in a savepoint, so that a refused or interrupted
 * flush leaves database and session as before. On SQLite one statement alone is atomic by itself,
 * and nothing can come between it and its result. To be run uninterruptibly: what was written and
 * what the session believes must not part. `before` is a kept state.
 */
export const flushed = (
  engine: Engine,
  before: SessionState,
  heard: Heard,
  hooks: ReadonlyArray<Hooks>,
  restore: Restore
): Effect.Effect<Settlement, FlushError, Database> =>
  Effect.flatMap(restore(planned(engine, before, heard, hooks)), ({ plan, state }) => {
    const settle = (resolved: Resolved): Settlement => settlement(state.rows, plan, resolved)
    if (plan.steps.length === 0) return Effect.succeed(settle(unresolved))
    const all = runAll(engine, plan)
    // Only the statements may be interrupted: once the savepoint is released, the state must
    // follow.
    const guarded =
      statementCount(plan) === 1 && engine.dialect === "sqlite"
        ? all
        : (Database.transaction(restore(all)) as Effect.Effect<Resolved, FlushError, Database>)
    return Effect.map(guarded, settle)
  })
