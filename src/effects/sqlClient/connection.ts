import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as SqlConnection from "effect/sql/SqlConnection"
import type { SqlError } from "effect/sql/SqlError"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { DatabaseError } from "../DatabaseError.ts"
import type { Request, Result, ResultColumn, Site } from "../Driver.ts"
import { placeholdersIn, splitScript } from "../drivers/splitScript.ts"
import { type Engine, knowing } from "../Engine.ts"
import { sendAnyhow } from "../Execution.ts"
import { type Level, Root } from "../transactions/Level.ts"
import { changesSchema, noteEnd, opaqueRefusal, sendAlone } from "../statements/opaque.ts"
import { controlRequest } from "../statements/send.ts"
import { told } from "../observability/Tap.ts"
import { logOf } from "../observability/Telemetry.ts"
import { sqlErrorOf } from "./sqlError.ts"
import { parameterOf, readerOf } from "./wire.ts"

type Rows = ReadonlyArray<ReadonlyArray<unknown>>
type Transform = (<A extends object>(rows: ReadonlyArray<A>) => ReadonlyArray<A>) | undefined

/**
 * A connection as effect/sql uses one.
 *
 * **Shape** `pinned` is the level of a reserved connection; without it each statement runs in the
 * transaction open in its fiber, or on any connection of the pool. Streams are read whole.
 */
export const connectionOf = (
  engine: Engine,
  pinned: Level | null = null
): SqlConnection.Connection => {
  const asked =
    <A>(prepared: boolean, shown: (result: Result) => A) =>
    (text: string, given: ReadonlyArray<unknown>): Effect.Effect<A, SqlError> => {
      const parts = partsOf(engine, text)
      const one = Effect.map(run(engine, pinned, text, given, prepared), shown)
      // Each statement's answer by itself, as their client of MySQL gives it.
      const all = () =>
        Effect.map(inTurn(engine, pinned, parts, given), (each) => each.map(shown) as A)
      return Effect.mapError(parts.length > 1 ? Effect.suspend(all) : one, sqlErrorOf)
    }
  const objects = (prepared: boolean) => {
    const records = asked(prepared, (result) => recordsOf(engine, result))
    return (text: string, given: ReadonlyArray<unknown>, transform: Transform) =>
      transform === undefined ? records(text, given) : Effect.map(records(text, given), transform)
  }
  const values = (prepared: boolean) => asked(prepared, (result) => valuesOf(engine, result))
  return {
    execute: objects(true),
    executeUnprepared: objects(false),
    executeValues: values(true),
    executeValuesUnprepared: values(false),
    executeRaw: asked(true, (result) => headerOf(recordsOf(engine, result), result)),
    executeStream: (text, given, transform) =>
      Stream.fromIterableEffect(objects(true)(text, given, transform)) as Stream.Stream<
        unknown,
        SqlError
      >
  }
}

/** The statements of a text, where effect/sql may give several: on MySQL and MariaDB. */
const partsOf = ({ dialect }: Engine, text: string): ReadonlyArray<string> =>
  text.includes(";") && (dialect === "mysql" || dialect === "mariadb") ? splitScript(text) : [text]

/** On one connection, one after the other, each with the values that are its own. */
const inTurn = (
  engine: Engine,
  pinned: Level | null,
  parts: ReadonlyArray<string>,
  given: ReadonlyArray<unknown>
): Effect.Effect<ReadonlyArray<Result>, DatabaseError> => {
  const each = (level: Level | null) => {
    let taken = 0
    return Effect.forEach(parts, (part) => {
      const own = given.slice(taken, (taken += placeholdersIn(part)))
      return run(engine, level, part, own, false)
    })
  }
  return Effect.withFiber((fiber) =>
    pinned !== null || fiber.getRef(engine.current) !== null
      ? each(pinned)
      : Effect.scoped(Effect.flatMap(reserved(engine), each))
  )
}

/** A connection for as long as its scope: one statement at a time, in turns. */
export const reserved = (engine: Engine): Effect.Effect<Level, DatabaseError, Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      knowing(engine, () => engine.pool.enter(restore)),
      (lease) => {
        const { active } = new Root(engine.dialect, lease, engine.deadlines.borrow_ms)
        return Effect.as(
          Effect.addFinalizer(() => {
            active.root.closeDown(active)
            const idle = active.root.takeForEnd(engine.deadlines.control_ms)
            return Effect.andThen(
              idle,
              Effect.sync(() => engine.pool.leave(lease))
            )
          }),
          active
        )
      }
    )
  )

/** What drivers answer a statement with, under the names each of them has for it. */
const headerOf = (rows: ReadonlyArray<object>, { affected }: Result): object => ({
  rows,
  rowCount: affected,
  affectedRows: affected,
  changes: affected
})

const run = (
  engine: Engine,
  pinned: Level | null,
  text: string,
  given: ReadonlyArray<unknown>,
  prepared: boolean
): Effect.Effect<Result, DatabaseError> =>
  knowing(engine, () =>
    Effect.withFiber((fiber) => {
      const open = fiber.getRef(engine.current)
      const gate = pinned ?? open
      // A reserved connection has a gate of its own and no transaction of ours.
      const level = gate === open ? open : null
      const isAgain = level !== null && commitsInside(engine, level, text, fiber.getRef(Theirs))
      const refused = opaqueRefusal(engine, level, text, "a statement of effect/sql", isAgain)
      if (refused !== null) return Effect.fail(refused)
      const { dialect } = engine
      const parameters = given.map((value) => parameterOf(dialect, value))
      const request: Request = {
        text,
        parameters,
        bigints: dialect === "sqlite",
        single: false,
        rowKey: null,
        // Only a prepared statement takes values on MySQL and MariaDB.
        keep: prepared || parameters.length > 0,
        columns: true
      }
      const site: Site = { operation: "script", table: null, inTransaction: level !== null }
      const tap = logOf(fiber, engine)
      const sent =
        gate === null
          ? sendAlone(engine, (alone) => sendAnyhow(engine, alone, request, site))
          : sendAnyhow(engine, gate, request, site)
      const about = {
        ...site,
        text,
        parameterCount: parameters.length,
        sent: { parameters, origin: "raw" as const }
      }
      const heard = tap === null ? sent : told(tap, about, sent)
      const before = engine.before?.(null) ?? null
      const whole = before === null ? heard : Effect.andThen(before, heard)
      if (level === null) return whole
      return isAgain
        ? Effect.tap(whole, () => sendAnyhow(engine, level, beginAgain, site))
        : Effect.tap(whole, () => Effect.sync(() => noteEnd(engine, level)))
    })
  )

/**
 * Migrations of effect/sql change schemas inside transactions, on MySQL and MariaDB too, where that
 * commits. Its users know: there the change is made and the transaction begun again behind it, for
 * a transaction begun their way and in no savepoint. In one of ours it is refused.
 */
export const Theirs: Context.Reference<boolean> = Context.Reference<boolean>(
  "athanor/sql-client/Theirs",
  { defaultValue: () => false }
)

const commitsInside = (engine: Engine, level: Level, text: string, theirs: boolean): boolean =>
  theirs &&
  level.parent === null &&
  !engine.capabilities.transactionalDdl &&
  changesSchema.test(text)

const beginAgain = controlRequest("START TRANSACTION", false)

const readersOf = (engine: Engine, columns: ReadonlyArray<ResultColumn>) =>
  columns.map((column) => readerOf(engine.dialect, column))

const valuesOf = (engine: Engine, { columns = [], rows }: Result): Rows => {
  const readers = readersOf(engine, columns)
  return rows.map((row) => row.map((raw, at) => (raw === null ? null : readers[at]!(raw))))
}

/** Of two columns with one name the later one counts, as everywhere in effect/sql. */
const recordsOf = (engine: Engine, result: Result): ReadonlyArray<Record<string, unknown>> => {
  const names = (result.columns ?? []).map(({ name }) => name)
  return valuesOf(engine, result).map((row) =>
    Object.fromEntries(names.map((name, at) => [name, row[at]]))
  )
}
