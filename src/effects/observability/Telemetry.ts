import * as Context from "effect/Context"
import * as Clock from "effect/Clock"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import type { DialectName } from "../../algebra/Dialect.ts"
import type { DatabaseError } from "../DatabaseError.ts"
import type { Engine } from "../Engine.ts"
import { type Echo, echoOf, type EchoSettings } from "./echo.ts"
import { heard, logOfFiber } from "./heard.ts"
import { type Listener, type StatementEvent, Tap, tell } from "./Tap.ts"

/**
 * What is measured of statements, and which of them are logged.
 *
 * @category models
 */
export interface TelemetrySettings {
  /** Counts and times statements in Effect's metrics. Default false. */
  readonly metrics?: boolean
  /** Logs every statement, its values hidden unless asked for. Default false. */
  readonly echo?: boolean | EchoSettings
  /** A statement that took longer is logged as a warning. Default never. */
  readonly slowAfter_ms?: number
  /** The log of a slow statement shows its plan: it is explained, not run again. Default true. */
  readonly slowPlan?: boolean
}

/**
 * How statements of this context are observed beside tracing: metrics and the log of the slow ones.
 *
 * **Shape** spans need nothing said: they are made where a tracer is installed. Names, attributes
 * and units are OpenTelemetry's; texts have placeholders, values are nowhere. Nobody listening,
 * nothing is built.
 * **Source** OpenTelemetry semantic conventions 1.34, "Database client spans" and "metrics".
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Sqlite } from "athanor/sqlite"
 * import { Effect, Layer } from "effect"
 * const observed = Layer.succeed(Database.Telemetry, { metrics: true, slowAfter_ms: 200 })
 * const program = Database.script("select 1").pipe(Effect.provide(observed))
 * await Effect.runPromise(Effect.provide(program, Sqlite.layer())) // => undefined
 * ```
 * @category services
 */
export const Telemetry: Context.Reference<TelemetrySettings> = Context.Reference<TelemetrySettings>(
  "athanor/Telemetry",
  { defaultValue: () => silent }
)

const silent: TelemetrySettings = {}

type AnyFiber = Fiber.Fiber<unknown, unknown>

/** The program's own: what it does wrong is in the log, and the statement is as it was. */
const tapOf = (fiber: AnyFiber): Listener | null => {
  const tap = fiber.getRef(Tap)
  if (tap === null) return null
  const log = logOfFiber(fiber)
  return (event) => heard(tap, event, "the listener of statements", log)
}

/** Who hears of statements in a fiber: its tap, its tracer, its metrics; null without any. */
export const listenerOf = (fiber: AnyFiber, engine: Engine): Listener | null => {
  const tap = tapOf(fiber)
  const isTraced = fiber.cache.tracer !== undefined && fiber.cache.tracerEnabled
  const { echo = false, metrics } = fiber.getRef(Telemetry)
  if (!isTraced && metrics !== true && echo === false) return tap
  const { context } = fiber
  return together([
    ...(tap === null ? [] : [tap]),
    ...(isTraced ? [spans(fiber, engine)] : []),
    ...(metrics === true ? [measures(context, engine)] : []),
    ...(echo === false ? [] : [echoOf(context, engine, echo === true ? {} : echo)])
  ])
}

/** Of those the tap and the log: for statements whose spans are made elsewhere. */
export const logOf = (fiber: AnyFiber, engine: Engine): Listener | null => {
  const tap = tapOf(fiber)
  const { echo = false } = fiber.getRef(Telemetry)
  if (echo === false) return tap
  const log = echoOf(fiber.context, engine, echo === true ? {} : echo)
  return tap === null ? log : together([tap, log])
}

const together = (listeners: ReadonlyArray<Listener>): Echo => {
  const echo: Echo["echo"] = (event, sent) => {
    for (const listener of listeners) tell(listener, event, sent)
  }
  return Object.assign((event: StatementEvent) => echo(event, undefined), { echo })
}

const systems: Readonly<Record<DialectName, string>> = {
  sqlite: "sqlite",
  postgres: "postgresql",
  mysql: "mysql",
  mariadb: "mariadb"
}

/** What both spans and metrics say. */
const attributesOf = (
  engine: Engine,
  { error, isInterrupted, operation, table, text }: StatementEvent
): Record<string, unknown> => {
  const { location } = engine.driver
  const name = operationName(operation, text)
  const code = error === null ? null : statusCode(error)
  return {
    "db.system.name": systems[engine.dialect],
    ...(location.namespace === null ? {} : { "db.namespace": location.namespace }),
    ...(location.address === null ? {} : { "server.address": location.address }),
    ...(location.port === null ? {} : { "server.port": location.port }),
    ...(name === null ? {} : { "db.operation.name": name }),
    ...(table === null ? {} : { "db.collection.name": table }),
    ...(engine.options.name === undefined ? {} : { "athanor.name": engine.options.name }),
    ...(error === null ? {} : { "error.type": error._tag }),
    ...(error === null && isInterrupted ? { "error.type": "interrupted" } : {}),
    ...(code === null ? {} : { "db.response.status_code": code })
  }
}

const verbs: Readonly<Record<string, string>> = {
  query: "SELECT",
  insert: "INSERT",
  update: "UPDATE",
  delete: "DELETE"
}

/** The statement's first word; of a script, which may hold several, none. */
const operationName = (operation: StatementEvent["operation"], text: string): string | null =>
  operation === "script"
    ? null
    : (verbs[operation] ?? /^[a-z]+/i.exec(text)?.[0].toUpperCase() ?? null)

/** SQLSTATE, or the server's number. */
const statusCode = ({ driverError }: DatabaseError): string | null => {
  if (typeof driverError !== "object" || driverError === null) return null
  if ("errno" in driverError && typeof driverError.errno === "number")
    return String(driverError.errno)
  return "code" in driverError && typeof driverError.code === "string" ? driverError.code : null
}

/** A span for each statement, made when it is over: nothing of it is known to be a child. */
const spans = (fiber: AnyFiber, engine: Engine): Listener => {
  const { span: parent, tracer } = fiber.cache
  const clock = fiber.getRef(Clock.Clock)
  const attempt = fiber.getRef(engine.current)?.root.traits.attempt ?? 0
  return (event) => {
    const { duration_ms, error, isInterrupted, operation, parameterCount, rowCount, text } = event
    const attributes = attributesOf(engine, event)
    const words = [attributes["db.operation.name"], attributes["db.collection.name"]]
    const summary = words.filter((word) => word !== undefined).join(" ") || operation
    const endTime = clock.currentTimeNanosUnsafe()
    const span = (tracer ?? Tracer.nativeTracer).span({
      name: summary,
      parent: Option.fromUndefinedOr(parent),
      annotations: Context.empty(),
      links: [],
      startTime: endTime - BigInt(Math.round(duration_ms * 1e6)),
      kind: "client",
      root: false,
      sampled: parent?.sampled ?? true
    })
    for (const [name, value] of Object.entries(attributes)) span.attribute(name, value)
    span.attribute("db.query.summary", summary)
    // A script is as its author wrote it: values stand in it.
    if (operation !== "script") span.attribute("db.query.text", text)
    if (error === null) span.attribute("db.response.returned_rows", rowCount)
    if (parameterCount > 0) span.attribute("athanor.parameter_count", parameterCount)
    if (attempt > 0) span.attribute("athanor.transaction.attempt", attempt)
    span.end(
      endTime,
      error !== null ? Exit.fail(error) : isInterrupted ? Exit.interrupt() : Exit.void
    )
  }
}

const duration = Metric.histogram("db.client.operation.duration", {
  description: "Duration of database client operations, in seconds.",
  boundaries: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]
})

const returned = Metric.histogram("db.client.response.returned_rows", {
  description: "Rows given or matched by database client operations.",
  boundaries: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]
})

const measures =
  (context: Context.Context<never>, engine: Engine): Listener =>
  (event) => {
    const attributes = Object.fromEntries(
      Object.entries(attributesOf(engine, event)).map(([name, value]) => [name, String(value)])
    )
    Metric.withAttributes(duration, attributes).updateUnsafe(event.duration_ms / 1000, context)
    if (event.error === null && !event.isInterrupted)
      Metric.withAttributes(returned, attributes).updateUnsafe(event.rowCount, context)
  }
