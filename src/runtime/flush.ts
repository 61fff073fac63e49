import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type { TableSource } from "../algebra/Source.ts"
import { withJsonText } from "../algebra/types/jsonText.ts"
import { Database } from "../effects/Database.ts"
import {
  type ReadError,
  StaleRow,
  Unbreakable,
  UnexpectedDriverError,
  Unsupported,
  type WriteError
} from "../effects/DatabaseError.ts"
import type { Engine } from "../effects/Engine.ts"
import { draw } from "../effects/statements/generate.ts"
import type { Change, ChangeSet } from "../mapping/ChangeSet.ts"
import type { ConstraintModel } from "../mapping/ConstraintModel.ts"
import { type LoadRequest, type Rewrite, rewritten, surveyOf } from "../mapping/flush/demand.ts"
import { fill } from "../mapping/flush/fill.ts"
import { diffRows, type Edit } from "../mapping/flush/diff.ts"
import { plan } from "../mapping/flush/plan.ts"
import { sameCell } from "../mapping/flush/canonical.ts"
import { type Settlement, settlement } from "../mapping/flush/settle.ts"
import { absorb, toCommand } from "../mapping/flush/toCommand.ts"
import {
  type FlushPlan,
  type Resolved,
  rowByRow,
  type Step,
  type StepRow,
  statements,
  type StepStatement,
  unresolved
} from "../mapping/FlushPlan.ts"
import { isPromisedCell, known, type Row } from "../mapping/RowRef.ts"
import type { KnownRow } from "../mapping/KnownRows.ts"
import { type Beyond, beyondOf } from "./beyond.ts"
import { Elsewhere } from "./Elsewhere.ts"
import { applied, type Hooks } from "./hooks.ts"
import { modelOf } from "./reach.ts"
import { brokenChange } from "./brokenRules.ts"
import { type ListedUpdate, listedUpdates, statementOf } from "./listedUpdates.ts"
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
  /** What the changes take with them in other databases. */
  readonly beyond: ReadonlyArray<Beyond>
}

/** Hears of the rows planning has loaded. */
export type Heard = (rows: ReadonlyArray<KnownRow>) => void

const tablesOf = (rows: ReadonlyArray<ReadonlyArray<Edit>>): ReadonlySet<TableSource> => {
  const tables = new Set<TableSource>()
  rows.forEach((edits) => tables.add(edits[0]!.ref.table))
  return tables
}

/**
 * diff, demand, expand, plan: loads what is missing until nothing is, then orders the statements.
 *
 * **Shape** writes nothing. `before` is a kept state; the one it gives knows what was loaded on the
 * way.
 */
export const planned: (
  engine: Engine,
  before: SessionState,
  heard: Heard,
  hooks: ReadonlyArray<Hooks>
) => Effect.Effect<Planned, FlushError, Database> =
  // A generator function made for each flush would hold its rows until memory is swept as a whole.
  Effect.fnUntraced(function* (engine, before, heard, hooks) {
    let state = before
    const beside = yield* Elsewhere
    const edits = [...before.edits.values()]
    const model = modelOf(tablesOf(edits))
    const loaded = new Set<string>()
    const loads: Array<LoadRequest> = []
    const rewrite: Rewrite | undefined =
      hooks.length === 0 ? undefined : (set) => applied(set, hooks)
    let made: ChangeSet | undefined
    for (;;) {
      made ??= rewritten(diffRows(state.rows, edits), rewrite)
      const found = surveyOf(model, state.rows, made, loaded, rewrite)
      let isMoreKnown = false
      for (const request of found.requests) {
        for (const id of request.ids) loaded.add(id)
        if (beside.isAway(request.table)) continue
        const rows = yield* rowsByKey(engine, request)
        loads.push(request)
        if (rows.some(({ ref }) => State.editsOf(before, ref).length > 0)) made = undefined
        state = State.complete(state, rows)
        heard(rows)
        isMoreKnown ||= rows.length > 0
      }
      // What is asked for and not there entails nothing.
      if (isMoreKnown) continue
      const beyond = beyondOf(model, found.changes, beside)
      const unseen = beside.isSeenTo(before) ? undefined : beyond[0]
      if (unseen !== undefined) return yield* Effect.fail(outOfReach(engine, unseen))
      const absent = found.changes.changes.find((change) => isAbsent(model, change))
      if (absent !== undefined) return yield* Effect.fail(notThere(engine, absent))
      return { plan: yield* planOf(engine, model, found.changes), state, loads, beyond }
    }
  })

/** What a change takes with it stands in another database: no flush reads or writes there. */
export const outOfReach = (
  engine: Engine,
  { key, reference: { columns, owner } }: Beyond
): Unsupported => {
  const construct = `"${owner.name}" by ${columns.map((one) => `"${one}"`).join()}`
  return new Unsupported({
    message:
      `${construct} stands in another database, where rows ` +
      (key === null ? "refer to a key that changes or is not known" : "refer to one that goes") +
      ": Databases.delete outside of a nested scope sees to them, and a relation that says " +
      '{ children: "database" } leaves them to the program',
    dialect: engine.dialect,
    operation: "query",
    retryable: false,
    transaction: "alive",
    capability: "joinAcrossDatabases",
    construct
  })
}

/** Is its version needed and still not known, where all that can be has been loaded? */
const isAbsent = (model: ConstraintModel, change: Change): boolean => {
  if (change._tag !== "Update") return false
  const { version } = model.of(change.ref.table)
  return (
    version !== null && version.version !== "server" && change.before[version.key] === undefined
  )
}

const notThere = (engine: Engine, { ref }: Change): StaleRow =>
  new StaleRow({
    ...facts(engine, `a row of "${ref.table.name}" that is to be changed is not there`),
    table: ref.table.name,
    key: ref.id.slice(ref.id.indexOf(":") + 1)
  })

/** The plan of changes that are all there are: values the client makes are filled in. */
const planOf = (
  engine: Engine,
  model: ConstraintModel,
  changes: ChangeSet
): Effect.Effect<FlushPlan, FlushError> =>
  Effect.withFiber((fiber): Effect.Effect<FlushPlan, FlushError> => {
    const now = fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
    const random = fiber.getRef(Random.Random)
    const filled = fill(changes, (column, generator) =>
      draw(generator, column.type, now, () => random.nextDoubleUnsafe())
    )
    const broken = brokenChange(engine, filled)
    if (broken !== null) return Effect.fail(broken)
    const result = plan(model, engine.capabilities, filled)
    return Result.isSuccess(result)
      ? Effect.succeed(result.success)
      : Effect.fail(refusalOf(engine, result.failure))
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

/** Why the statements of a plan are undone, where their errors do not say it. */
type Undone =
  /** The rows that came back are not those that were given. */
  | { readonly _tag: "NotTold"; readonly message: string }
  /** Fewer rows were found than the statement is for. */
  | { readonly _tag: "NotFound"; readonly statement: StepStatement }

const countIs = (statement: StepStatement, count: number): Effect.Effect<void, Undone> =>
  count === statement.rows.length ? Effect.void : Effect.fail({ _tag: "NotFound", statement })

const listOf = (
  engine: Engine,
  step: Step,
  resolved: Resolved
): ReadonlyArray<ListedUpdate> | null => {
  const said = () => listedUpdates(step, resolved, engine.capabilities)
  return engine.json === null ? said() : withJsonText(engine.json, said)
}

/** Whether it could be said at all: a value of a type that no list holds goes by itself. */
const runListed: (
  engine: Engine,
  step: Step,
  listed: ReadonlyArray<ListedUpdate>
) => Effect.Effect<boolean, FlushError | Undone, Database> = Effect.fnUntraced(
  function* (engine, step, listed) {
    const isRefused = (one: ListedUpdate): boolean =>
      one.isNew && engine.statements.get(one.node)._tag === "Refusal"
    if (listed.some(isRefused)) return false
    let matched = 0
    for (const one of listed) matched += yield* Database.run(statementOf(one))
    yield* countIs({ step, rows: step.rows }, matched)
    return true
  }
)

/**
 * The rows that a statement did not find, told when it is undone: those that are gone, and those of
 * another version than was known.
 */
const unfound = (
  engine: Engine,
  { rows, step }: StepStatement
): Effect.Effect<ReadonlyArray<StepRow>, ReadError, Database> => {
  const { keyColumns, table } = step
  const old = rows.filter(({ key }) => !key.some(isPromisedCell))
  if (rows.length === 1 || old.length === 0) return Effect.succeed(rows)
  const keyOf = ({ key }: StepRow) =>
    table.primaryKey.map((column) => key[keyColumns.indexOf(column)])
  const request = wholeKeys(table, old.map(keyOf))
  return Effect.map(rowsByKey(engine, request, { columns: keyColumns }), (found) => {
    const byId = new Map(found.map(({ ref, row }) => [ref.id, row]))
    const isThere = (one: StepRow): boolean => {
      const row = byId.get(known(table, keyOf(one)).id)
      const isSame = (column: string, at: number): boolean =>
        sameCell(table.byKey.get(column)!.type, row![column], one.key[at])
      return row !== undefined && keyColumns.every(isSame)
    }
    const left = old.filter((one) => !isThere(one))
    return left.length === 0 ? rows : left
  })
}

const runStatement = (
  engine: Engine,
  statement: StepStatement,
  resolved: Map<string, Row>
): Effect.Effect<void, FlushError | Undone, Database> =>
  Effect.suspend((): Effect.Effect<void, FlushError | Undone, Database> => {
    const { rows, step } = statement
    if (step.matching._tag === "insertId") return Effect.fail(withoutReturning(engine, step))
    const node = asStatement(toCommand(statement, resolved))
    if (!returnsRows(step))
      return Effect.flatMap(Database.run(node), (count) => countIs(statement, count))
    return Effect.flatMap(Database.all(node), (back): Effect.Effect<void, FlushError | Undone> => {
      if (back.length !== rows.length) return Effect.fail(stale(engine, statement))
      const matched = absorb(statement, back, resolved)
      if (Result.isFailure(matched))
        return Effect.fail({ _tag: "NotTold", message: matched.failure.message })
      matched.success.forEach((one) => resolved.set(one[0], one[1]))
      return Effect.void
    })
  })

const runAll: (
  engine: Engine,
  plan: FlushPlan
) => Effect.Effect<Resolved, FlushError | Undone, Database> = Effect.fnUntraced(
  function* (engine, plan) {
    const resolved = new Map<string, Row>()
    for (const step of plan.steps) {
      const listed = listOf(engine, step, resolved)
      if (listed !== null && (yield* runListed(engine, step, listed))) continue
      for (const statement of statements(step)) yield* runStatement(engine, statement, resolved)
    }
    return resolved
  }
)

/**
 * A plan in a savepoint, which makes it all or nothing. On SQLite a statement for one row is that
 * by itself, and nothing can come between it and its result.
 */
const inSavepoint = (
  engine: Engine,
  plan: FlushPlan,
  restore: Restore
): Effect.Effect<Resolved, FlushError | Undone, Database> => {
  const all = runAll(engine, plan)
  const isOneRow = plan.steps.length === 1 && plan.steps[0]!.rows.length === 1
  if (isOneRow && engine.dialect === "sqlite") return all
  // Only the statements may be interrupted: once the savepoint is released, the state must follow.
  return Database.transaction(restore(all)) as Effect.Effect<
    Resolved,
    FlushError | Undone,
    Database
  >
}

/**
 * Runs a plan. Where the rows that come back are not those that were given, as a trigger's may be,
 * it is undone and every new row goes alone.
 */
const guarded = (
  engine: Engine,
  plan: FlushPlan,
  restore: Restore
): Effect.Effect<Resolved, FlushError, Database> => {
  const told = Effect.catchTag(inSavepoint(engine, plan, restore), "NotTold", () =>
    Effect.catchTag(inSavepoint(engine, rowByRow(plan), restore), "NotTold", ({ message }) =>
      Effect.fail(new UnexpectedDriverError({ ...facts(engine, message), code: "UNMATCHED" }))
    )
  )
  return Effect.catchTag(told, "NotFound", ({ statement }) =>
    Effect.flatMap(restore(unfound(engine, statement)), (rows) =>
      Effect.fail(stale(engine, { ...statement, rows }))
    )
  )
}

/** Makes a part of an uninterruptible effect interruptible again. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/**
 * Writes what is pending and gives what that settles, worked out when it is asked for.
 *
 * **Shape** all or nothing: the statements run in a savepoint, so that a refused or interrupted
 * flush leaves database and session as before. To be run uninterruptibly: what was written and
 * what the session believes must not part. `before` is a kept state.
 */
export const flushed = (
  engine: Engine,
  before: SessionState,
  heard: Heard,
  hooks: ReadonlyArray<Hooks>,
  restore: Restore
): Effect.Effect<() => Settlement, FlushError, Database> =>
  Effect.flatMap(restore(planned(engine, before, heard, hooks)), ({ plan, state }) => {
    const settle = (resolved: Resolved) => (): Settlement => settlement(state.rows, plan, resolved)
    if (plan.steps.length === 0) return Effect.succeed(settle(unresolved))
    return Effect.map(guarded(engine, plan, restore), settle)
  })
