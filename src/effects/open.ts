import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import type { JsonText } from "../algebra/types/jsonText.ts"
import type { DialectName } from "../algebra/Dialect.ts"
import { currentVersions } from "../compile/capabilities.ts"
import type { OwnDialect } from "../compile/Dialect.ts"
import { StatementCache } from "../compile/StatementCache.ts"
import { askedOf, type Speech, toldBy } from "./askServer.ts"
import type { ConfigInvalid, ConnectFailed, OpenError } from "./DatabaseError.ts"
import { type Connection, type Deadlines, defaultDeadlines, type Driver } from "./Driver.ts"
import { asReadOnly, type Engine, type Intercept, makeCurrent, makeEngine } from "./Engine.ts"
import { type FirstConnect, firstConnect } from "./FirstConnect.ts"
import { type Listed, listed } from "./Listed.ts"
import { type OnConnect, prepared } from "./pool/onConnect.ts"
import {
  callback,
  callbacks,
  configInvalid,
  flag,
  nested,
  number,
  object,
  type OptionKind,
  text
} from "./Options.ts"
import * as Pool from "./pool/Pool.ts"
import { readingOnly } from "./pool/readingOnly.ts"
import type { PoolOptions } from "./pool/PoolOptions.ts"
import { completed, poolTable, type PoolSettings, wrongSizes } from "./pool/PoolSettings.ts"
import { control, entered, type Sender } from "./statements/send.ts"
import { noOptions, statementTable, type StreamOptions } from "./statements/StatementOptions.ts"

/**
 * What every way to open a database takes.
 *
 * @category models
 */
export interface OpenSettings {
  /** What the log calls this database, where every statement is logged. */
  readonly name?: string
  readonly pool?: PoolSettings
  /** How long each step may take before its socket is destroyed. */
  readonly deadlines?: Partial<Deadlines>
  /** Wraps the sending of every statement; of several the first is outermost. */
  readonly intercept?: Listed<Intercept>
  /** What each statement is sent with, where nothing nearer says otherwise. */
  readonly statement?: StreamOptions
  /** Done on each new connection before it is lent; several one after the other. */
  readonly onConnect?: Listed<OnConnect>
  /** What the server speaks and can do, where it is none of ours. */
  readonly speaks?: OwnDialect
  /** Refuses what writes, here and on the server: for a replica. Default false. */
  readonly readOnly?: boolean
  /** What reads and prints the text of JSON, before and after the schema of its column. */
  readonly json?: JsonText
}

/** What each of them may be. */
export const openTable: Readonly<Record<keyof OpenSettings, OptionKind>> = {
  name: text(null),
  pool: nested(poolTable),
  deadlines: nested(
    Object.fromEntries(
      Object.entries(defaultDeadlines).map(([name, ms]) => [name, number("milliseconds", ms, 1)])
    )
  ),
  intercept: callbacks,
  statement: nested(statementTable),
  onConnect: callbacks,
  speaks: object,
  readOnly: flag(false),
  json: nested({ parse: callback, print: callback })
}

export const deadlinesOf = (settings: OpenSettings): Deadlines => ({
  ...defaultDeadlines,
  ...settings.deadlines
})

/**
 * Makes a database: its pool, and what asks its first connection for flavour, version and defaults
 * when a statement first needs them.
 *
 * **Errors** what the driver's own making gives; nothing is connected to yet.
 */
export const open = <E>(
  makeDriver: Effect.Effect<Driver, E>,
  settings: OpenSettings,
  make: Speech["make"] = (able, compiling) => StatementCache.make(able, {}, compiling)
): Effect.Effect<Engine, E | ConfigInvalid, Scope.Scope> =>
  Effect.gen(function* () {
    const driver = yield* makeDriver
    const foreign = settings.speaks === undefined ? null : foreignTo(driver, settings.speaks)
    const wrong = foreign ?? wrongSizes(driver, settings.pool)
    if (wrong !== null) return yield* Effect.fail(wrong)
    const deadlines = deadlinesOf(settings)
    const speech: Speech = { own: settings.speaks ?? null, make }
    const sender: Sender = { driver, deadlines }
    const current = makeCurrent()
    const intercepts = listed(settings.intercept, (_, next) => next)
    const setting = settingUp(settings, driver.dialect)
    const engineOn = (
      first: FirstConnect,
      pool: Pool.Pool,
      readers: Pool.Pool | null = null
    ): Engine =>
      makeEngine({
        ...sender,
        first,
        name: settings.name ?? null,
        policed: null,
        policies: [],
        pool,
        gate: pool,
        readers,
        current,
        json: settings.json ?? null,
        intercepts,
        origin: "program",
        before: null,
        options: settings.statement ?? noOptions,
        readOnly: false,
        warned: new Set()
      })
    const setUp = (connection: Connection): Effect.Effect<Connection, ConnectFailed> => {
      if (setting === null) return Effect.succeed(connection)
      const told = toldBy(connection, speech)
      const own = (pool: Pool.Pool) => engineOn(firstConnect(Effect.succeed(told), told), pool)
      return prepared(driver, connection, setting, own)
    }
    const pool = yield* Pool.make(poolOptions(sender, settings.pool ?? {}, setUp))
    const readers = yield* readersOf(sender, settings, setUp)
    const first = firstConnect(
      entered(pool, ({ connection }, restore) => restore(askedOf(sender, connection, speech)))
    )
    const engine = engineOn(first, pool, readers)
    return settings.readOnly === true ? asReadOnly(engine) : engine
  })

/** Types, errors and protocol are those of the dialect whose words are changed. */
const foreignTo = ({ dialect }: Driver, { capabilities, words }: OwnDialect) => {
  const family = (name: DialectName): string => (name === "mariadb" ? "mysql" : name)
  const names = [words.name, capabilities(currentVersions[words.name]).dialect]
  const other = names.find((name) => family(name) !== family(dialect))
  return other === undefined
    ? null
    : configInvalid("speaks", `the option speaks is a dialect of ${other}, the driver's ${dialect}`)
}

/** A pool of those that read while another writes. */
const readersOf = (
  sender: Sender,
  settings: OpenSettings,
  setUp: SetUp
): Effect.Effect<Pool.Pool | null, never, Scope.Scope> => {
  const { readers } = sender.driver
  if (readers === undefined) return Effect.succeed(null)
  const driver: Driver = {
    ...sender.driver,
    maxConnections: readers.size,
    connect: readers.connect
  }
  return Pool.make(poolOptions({ ...sender, driver }, settings.pool ?? {}, setUp))
}

/** What is done on a new connection, and again when what a borrower set in it was undone. */
const settingUp = (
  { onConnect, readOnly }: OpenSettings,
  dialect: DialectName
): OnConnect | null => {
  const reading = readOnly === true ? readingOnly(dialect) : null
  const own = listed(onConnect, () => Effect.void)
  const steps = reading === null ? own : [...own, reading]
  if (steps.length < 2) return steps[0] ?? null
  return (session) => Effect.forEach(steps, (step) => step(session), { discard: true })
}

type SetUp = (connection: Connection) => Effect.Effect<Connection, ConnectFailed>

const poolOptions = (sender: Sender, settings: PoolSettings, setUp: SetUp): PoolOptions => {
  const { deadlines, driver } = sender
  return {
    ...completed({ borrow_ms: deadlines.borrow_ms, ...settings }, driver),
    dialect: driver.dialect,
    connect: Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(restore(driver.connect), (connection) =>
        Effect.onExit(restore(setUp(connection)), (exit) =>
          Effect.sync(() => {
            if (Exit.isFailure(exit)) connection.destroy()
          })
        )
      )
    ),
    ping: (connection) => ping(sender, connection),
    reset: (connection) =>
      Effect.flatMap(reset(deadlines, connection), (isReset) =>
        isReset && connection.session?.isWhole !== false
          ? Effect.match(setUp(connection), { onSuccess: () => true, onFailure: () => false })
          : Effect.succeed(isReset)
      ),
    close_ms: deadlines.close_ms
  }
}

/** Not past its deadline: then the socket is destroyed. */
const reset = (deadlines: Deadlines, connection: Connection): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const { session } = connection
    if (session === undefined) return resume(Effect.succeed(true))
    const timer = setTimeout(() => connection.destroy(), deadlines.control_ms)
    session.reset((error) => {
      clearTimeout(timer)
      if (error === null) session.begun()
      resume(Effect.succeed(error === null))
    })
    return Effect.sync(() => {
      clearTimeout(timer)
      connection.destroy()
    })
  })

const ping = (sender: Sender, connection: Connection): Effect.Effect<boolean> =>
  sender.driver.ping === null
    ? Effect.succeed(true)
    : Effect.match(
        control(
          sender,
          connection,
          sender.driver.ping,
          { operation: "borrow", table: null, inTransaction: false },
          sender.deadlines.ping_ms
        ),
        { onSuccess: () => true, onFailure: () => false }
      )

export type { OpenError }
