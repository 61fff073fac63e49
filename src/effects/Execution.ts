import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type { Insert } from "../algebra/Command.ts"
import { type Keyed, keyedOf } from "../algebra/keyed.ts"
import { listsOf } from "../algebra/rowLists.ts"
import type { StatementNode } from "../algebra/Statement.ts"
import type { Compiled, Decode } from "../compile/Compiled.ts"
import { settled } from "../compile/counting.ts"
import { insertBatches, leastBatched } from "../compile/insertBatches.ts"
import { DecodeRefused } from "../compile/DecodeRefused.ts"
import { givesAtMostOne } from "./statements/atMostOne.ts"
import { bind, bindValues, type Named } from "./statements/bind.ts"
import { binderOf } from "./statements/binderOf.ts"
import type { DatabaseError, DecodeFailed } from "./DatabaseError.ts"
import { describe } from "./classify/describe.ts"
import { inStatement } from "./classify/inStatement.ts"
import { drawn } from "./statements/generate.ts"
import { decodeFailed, notFound, rowCount } from "./statements/answerRefused.ts"
import type { Connection, Request, Result, Site } from "./Driver.ts"
import { type Engine, gateForReading } from "./Engine.ts"
import { outsideTransaction } from "./Failure.ts"
import { inRow } from "./drivers/rowPlace.ts"
import { speaksOfTemporary } from "./drivers/SqliteTemporary.ts"
import { handOn, isSuccess } from "./handOn.ts"
import type { Gate } from "./pool/Gate.ts"
import type { Level } from "./transactions/Level.ts"
import type { Probe } from "./classify/missingParent.ts"
import { inTime } from "./statements/inTime.ts"
import { rowStored } from "./classify/rowStored.ts"
import { rowsProof } from "./statements/rowsProof.ts"
import { refusedRow } from "./statements/refusedRow.ts"
import { refusal, unsupported } from "./statements/statementRefused.ts"
import { asIs, controlRequest, entered, retryBusy, sendThrough } from "./statements/send.ts"
import { noOptions, tagged } from "./statements/StatementOptions.ts"
import { counterOf } from "./observability/Progress.ts"
import { type Listener, told } from "./observability/Tap.ts"
import { aboutOf } from "./observability/about.ts"
import { loggedIfSlow } from "./observability/slowLog.ts"
import { listenerOf, Telemetry, type TelemetrySettings } from "./observability/Telemetry.ts"
import { transactionIn } from "./transactions/Transaction.ts"
import { warningOf } from "./observability/unconnected.ts"

/** How many rows are wanted and in what. */
export type Mode = "all" | "one" | "oneOrNone" | "first" | "run"

/** `answer`: not decoded, and of which statement. */
type Answering = Mode | "answer"

interface Answer {
  readonly compiled: Compiled
  readonly result: Result
}

/** A service that holds an engine. */
export type EngineKey = Context.Key<unknown, Engine>

type Outcome = Exit.Exit<unknown, DatabaseError>

/** What is asked of a database. */
export interface Asked {
  readonly service: EngineKey
  readonly node: StatementNode
  /** What it is told by without its node; null where nothing else tells it. */
  readonly keyed: Keyed | null
  readonly named: Named | undefined
  readonly mode: Answering
}

/**
 * One statement to run: an Effect of one primitive.
 *
 * **Shape** evaluated, it reads engine and transaction from the fiber, looks the statement up,
 * binds, sends, decodes by position and gives an Exit. On SQLite all of it happens before
 * `evaluate` returns.
 */
class Execution implements Asked {
  readonly service: EngineKey
  readonly #node: StatementNode | null
  readonly keyed: Keyed | null
  readonly named: Named | undefined
  readonly mode: Answering

  constructor(
    service: EngineKey,
    node: StatementNode | null,
    keyed: Keyed | null,
    named: Named | undefined,
    mode: Answering
  ) {
    this.service = service
    this.#node = node
    this.keyed = keyed
    this.named = named
    this.mode = mode
  }
  get node(): StatementNode {
    return this.#node ?? this.keyed!.node
  }
}

/** What is asked by who runs it; of one class, or all that runs it were slower for all. */
export const asked = (
  service: EngineKey,
  node: StatementNode,
  named: Named | undefined,
  mode: Answering
): Asked => new Execution(service, node, null, named, mode)

/** Runs a node when evaluated. */
export const execution = (
  service: EngineKey,
  node: StatementNode,
  named: Named | undefined,
  mode: Mode
): Effect.Effect<unknown, DatabaseError, unknown> => asked(service, node, named, mode) as never

/** Runs a statement when evaluated; its node is made now, or where nobody needs it never. */
export const executionOf = (
  service: EngineKey,
  statement: { readonly node: StatementNode },
  named: Named | undefined,
  mode: Mode
): Effect.Effect<unknown, DatabaseError, unknown> => {
  const keyed = keyedOf(statement)
  const node = keyed === null ? statement.node : null
  return new Execution(service, node, keyed, named, mode) as never
}

/** What a fiber's context says of one database. */
export interface Surroundings {
  readonly engine: Engine
  readonly level: Level | null
  readonly tap: Listener | null
  /** What is logged of slow statements; null where nothing is. */
  readonly slow: TelemetrySettings | null
  /** Nobody listens, nothing comes before a statement, nothing stops it. */
  readonly isPlain: boolean
  /** Texts of statements that are told by their keys; null where they are asked for by nodes. */
  readonly known: ((key: string) => Compiled | null) | null
}

/** What a fiber says now of a database that is known. */
export const surroundingsOf = (
  fiber: Fiber.Fiber<unknown, unknown>,
  engine: Engine
): Surroundings => {
  const tap = listenerOf(fiber, engine)
  const settings = fiber.getRef(Telemetry)
  const slow = settings.slowAfter_ms === undefined ? null : settings
  const { before, intercept, options } = engine
  const isWatched = tap !== null || slow !== null || intercept !== null
  const isPlain = !isWatched && before === null && options.timeout_ms === undefined
  const known = (isPlain && engine.statements.known) || null
  return { engine, level: fiber.getRef(engine.current), tap, slow, isPlain, known }
}

interface Remembered {
  readonly context: Context.Context<unknown>
  readonly service: EngineKey
  readonly around: Surroundings
}

let last: Remembered | null = null

/**
 * Contexts are immutable, and fibers run statement after statement in the same one: what one says
 * is remembered until another is asked. Null where no connection was made yet.
 */
const surroundings = (
  fiber: Fiber.Fiber<unknown, unknown>,
  service: EngineKey
): Surroundings | null => {
  const context = fiber.context as Context.Context<unknown>
  if (last !== null && last.context === context && last.service === service) return last.around
  const engine = Context.getUnsafe(context, service)
  if (engine.first.told === null) return null
  const around = surroundingsOf(fiber, engine)
  last = { context, service, around }
  return around
}

/**
 * Runs what is asked: for primitives that do more than run a statement, and know where it runs.
 *
 * **Shape** on SQLite it gives an Exit where nobody listens and nobody is in the way.
 */
export const executed = (
  self: Asked,
  around: Surroundings,
  fiber: Fiber.Fiber<unknown, unknown>
): Effect.Effect<unknown, DatabaseError> => {
  const { keyed } = self
  if (keyed !== null) return byKey(self, keyed, around) ?? alone(self, around, fiber)
  const { node } = self
  if (node._tag === "Insert" && node.rowCount > leastBatched) {
    const { capabilities, policies } = around.engine
    const given = drawn(listsOf(node), fiber)
    const batches = insertBatches(node, capabilities, policies.length > 0, given)
    if (batches !== null) return batched(self, batches, around)
  }
  const answer = alone(self, around, fiber)
  return node._tag === "Insert" && node.rowCount > 1 && !isSuccess(answer)
    ? Effect.mapError(answer, (error) => refusedRow(error, node))
    : answer
}

/** Without its node; null where that is needed to run it, or to tell what is wrong with it. */
const byKey = (
  self: Asked,
  { key, values }: Keyed,
  around: Surroundings
): Effect.Effect<unknown, DatabaseError> | null => {
  const compiled = around.known === null || self.named !== undefined ? null : around.known(key)
  if (compiled === null || refusal(around.engine, compiled, around.level) !== null) return null
  const parameters = bindValues(compiled, values)
  return parameters === null ? null : asking(self, around, compiled, parameters)
}

/**
 * Many rows in as few statements as it takes: all of them or none, answered as one.
 *
 * **Shape** the values of a batch are encoded while the server works on the batch before.
 */
const batched = (
  self: Asked,
  batches: ReadonlyArray<Insert>,
  outside: Surroundings
): Effect.Effect<unknown, DatabaseError> => {
  const { engine, level } = outside
  const each = Effect.withFiber((fiber) => {
    const around: Surroundings = { ...outside, level: fiber.getRef(engine.current) }
    const answers: Array<Answer> = []
    const whole = self.node as Insert
    const { conflict, rowCount, table } = whole
    let before = 0
    const progress = counterOf(fiber, "insert", table.name, rowCount)
    let ahead: ((node: Insert) => ReadonlyArray<unknown> | null) | null = null
    let next: ReadonlyArray<unknown> | null = null
    const sent = (at: number): Effect.Effect<unknown, DatabaseError> => {
      const batch = asked(self.service, batches[at]!, self.named, "answer")
      const answer =
        next === null
          ? alone(batch, around, fiber)
          : asking(batch, around, answers[0]!.compiled, next)
      const told = Effect.mapError(answer, (error) => refusedRow(error, whole, before))
      return Effect.map(told, (one) => {
        answers.push(one as Answer)
        before += batches[at]!.rowCount
        // An upsert tells no row that it left as it was: its statements are alike in size.
        const share = (upTo: number): number => Math.round((rowCount * upTo) / batches.length)
        const { affected } = (one as Answer).result
        progress?.add(conflict === null ? affected : share(at + 1) - share(at))
      })
    }
    const readied = (at: number): Effect.Effect<void> =>
      Effect.sync(() => {
        const [first] = answers
        if (first !== undefined) ahead ??= binderOf(first.compiled, batches[0]!, fiber)
        next = at < batches.length && ahead !== null ? ahead(batches[at]!) : null
      })
    const concurrency = engine.driver.maxConnections === 1 ? 1 : 2
    const step = (_: Insert, at: number): Effect.Effect<unknown, DatabaseError> =>
      Effect.all([sent(at), readied(at + 1)], { concurrency })
    const all = Effect.as(Effect.forEach(batches, step, { discard: true }), answers)
    return progress === null ? all : Effect.ensuring(all, Effect.sync(progress.over))
  })
  const answers =
    batches.length === 1
      ? each
      : Effect.mapError(transactionIn(engine, each, {}), (error) =>
          level === null ? outsideTransaction(error) : error
        )
  return Effect.flatMap(answers, (all) => {
    const rows = all.flatMap(({ result }) => result.rows)
    const affected = all.reduce((sum, { result }) => sum + result.affected, 0)
    return given(self, all[0]!.compiled, { rows, affected, tag: "" })
  })
}

const alone = (
  self: Asked,
  around: Surroundings,
  fiber: Fiber.Fiber<unknown, unknown>
): Effect.Effect<unknown, DatabaseError> => {
  const { engine } = around
  const prepared = engine.statements.get(self.node)
  if (prepared._tag === "Refusal") return Exit.fail(unsupported(prepared))
  const { compiled } = prepared
  const refused = refusal(engine, compiled, around.level)
  if (refused !== null) return Exit.fail(refused)
  const parameters = bind(compiled, prepared.binds, self.named, fiber)
  if (!Array.isArray(parameters)) return Exit.fail(parameters as DatabaseError)
  return asking(self, around, compiled, parameters)
}

/** Asks for a statement that is ready to be sent. */
const asking = (
  self: Asked,
  around: Surroundings,
  compiled: Compiled,
  parameters: ReadonlyArray<unknown>
): Effect.Effect<unknown, DatabaseError> => {
  const { engine, level } = around
  const { options } = engine
  const request: Request = {
    text: options === noOptions ? compiled.text : tagged(compiled.text, options.tags),
    parameters,
    bigints: compiled.bigints,
    single: isSingle(self, compiled),
    // Who listens is told what was sent.
    rowKey: around.tap === null && engine.intercept === null ? compiled.rowKey : null,
    keep: compiled.kind !== "ddl",
    rows: rowsOf(self)
  }
  if (!compiled.byHand && compiled.warnings.length === 0)
    return lent(self, around, compiled, request)
  const warning = warningOf(engine, compiled, self.node)
  const proof = rowsProof(engine, level, compiled)
  // On SQLite a statement is over once it is asked for: these come first.
  if (warning === null && proof === null) return lent(self, around, compiled, request)
  return Effect.flatMap(Effect.andThen(warning ?? Effect.void, proof ?? Effect.void), () =>
    lent(self, around, compiled, request)
  )
}

/** Through what lends the connection of a statement. */
const lent = (
  self: Asked,
  around: Surroundings,
  compiled: Compiled,
  request: Request
): Effect.Effect<unknown, DatabaseError> => {
  const { engine, isPlain, level } = around
  const sent = isPlain ? plain : hooked
  const gate = level ?? (compiled.kind === "query" ? gateForReading(engine) : engine.gate)
  const answer = sent(self, around, gate, compiled, request)
  // Raw SQL may write all the same: it was refused before it began.
  return gate === engine.readers
    ? Effect.catchTag(answer, "ReadOnly", () => sent(self, around, engine.gate, compiled, request))
    : answer
}

/** How many rows a failure may be of: of what its key tells one, and no node is made to ask. */
const rowsOf = (self: Asked): number =>
  self.keyed === null && self.node._tag === "Insert" ? self.node.rowCount : 1

/** Whether fetching may stop after one row: the rest is not wanted, or cannot be. */
const isSingle = (self: Asked, compiled: Compiled): boolean => {
  if (compiled.kind !== "query") return false
  if (self.mode === "first") return true
  return (self.mode === "one" || self.mode === "oneOrNone") && givesAtMostOne(self.node, compiled)
}

/** Straight to the connection. */
const plain = (
  self: Asked,
  around: Surroundings,
  gate: Gate,
  compiled: Compiled,
  request: Request
): Effect.Effect<unknown, DatabaseError> => {
  const { engine, level } = around
  const { driver } = engine
  if (driver.maxConnections !== 1)
    return sendThrough(engine, gate, request, siteOf(compiled, level), {
      result: (result) => finish(self, compiled, result),
      failure: (error) =>
        Exit.fail(inStatement(describe(error, self.node, engine.policies), compiled))
    })
  // Who makes what its session keeps enters and leaves, and leaves nothing.
  const isBrief = !(compiled.byHand || compiled.kind === "ddl") || !speaksOfTemporary(compiled.text)
  const lease = isBrief ? gate.peek() : null
  let result: Result | null = null
  if (lease !== null) {
    const { connection } = lease
    try {
      result = connection.sendNow!(request)
    } catch (error) {
      const failure = driver.classify(error, siteOf(compiled, level), connection)
      if (failure._tag !== "Busy" || level !== null) {
        gate.failed(failure)
        return Exit.fail(explained(self, around, compiled, failure, connection))
      }
    }
  }
  return result === null
    ? Effect.flatMap(send(self, around, gate, compiled, request), (later) =>
        finish(self, compiled, later)
      )
    : finish(self, compiled, result)
}

/** What a failure of SQLite is of: it is asked for what it did not say. */
const explained = (
  { node }: Asked,
  { engine }: Pick<Surroundings, "engine">,
  compiled: Compiled,
  failure: DatabaseError,
  connection: Connection
): DatabaseError => {
  const probe = connection.sendNow === null ? null : probeOf(connection)
  const told = describe(failure, node, engine.policies, probe)
  const row = probe === null || node._tag !== "Insert" ? null : rowStored(told, node, probe)
  if (row !== null) inRow(told.driverError, row + 1)
  return inStatement(told, compiled)
}

/** Asks SQLite, on the connection of the statement that failed, before anybody else uses it. */
const probeOf =
  (connection: Connection): Probe =>
  (text, parameters) =>
    connection.sendNow!({ ...controlRequest(text, false), parameters, single: true }).affected > 0

const hooked = (
  self: Asked,
  around: Surroundings,
  gate: Gate,
  compiled: Compiled,
  request: Request
): Effect.Effect<unknown, DatabaseError> => {
  const simply = send(self, around, gate, compiled, request)
  const { engine, level, slow, tap } = around
  const { options } = engine
  const site = siteOf(compiled, level)
  const sent =
    options.timeout_ms === undefined
      ? simply
      : inTime(simply, options.timeout_ms, site, compiled, level)
  const intercepted = engine.intercept === null ? sent : engine.intercept(compiled, sent, options)
  const heard =
    tap === null
      ? intercepted
      : told(tap, { ...site, ...aboutOf(engine, compiled, request) }, intercepted)
  const logged = slow === null ? heard : loggedIfSlow(slow, engine, level, request, heard)
  const finished = Effect.flatMap(logged, (result) => finish(self, compiled, result))
  const before = engine.before === null ? null : engine.before(compiled)
  return before === null ? finished : Effect.andThen(before, finished)
}

const send = (
  self: Asked,
  { engine, level }: Surroundings,
  gate: Gate,
  compiled: Compiled,
  request: Request
): Effect.Effect<Result, DatabaseError> => {
  const site = siteOf(compiled, level)
  if (engine.driver.maxConnections === 1)
    return sendWaiting(engine, gate, request, site, (error, connection) =>
      explained(self, { engine }, compiled, error, connection)
    )
  const sent = sendThrough(engine, gate, request, site, asIs)
  return Effect.mapError(sent, (error) =>
    inStatement(describe(error, self.node, engine.policies), compiled)
  )
}

/** Sends a request as its driver takes it, and gives the answer as it came. */
export const sendAnyhow = (
  engine: Engine,
  gate: Gate,
  request: Request,
  site: Site
): Effect.Effect<Result, DatabaseError> =>
  engine.driver.maxConnections === 1
    ? sendWaiting(engine, gate, request, site, (error) => error)
    : sendThrough(engine, gate, request, site, asIs)

/**
 * On SQLite: waits for the connection, and for other processes to let go of the file. A failure is
 * explained while the connection is held.
 */
const sendWaiting = (
  engine: Engine,
  gate: Gate,
  request: Request,
  site: Site,
  explain: (error: DatabaseError, connection: Connection) => DatabaseError
): Effect.Effect<Result, DatabaseError> =>
  entered(gate, ({ connection }, restore) =>
    Effect.mapError(
      restore(retryBusy(engine, site, connection, () => connection.sendNow!(request))),
      (error) => {
        gate.failed(error)
        return explain(error, connection)
      }
    )
  )

const siteOf = (compiled: Compiled, level: Level | null): Site => ({
  operation: compiled.kind,
  table: compiled.writes[0] ?? compiled.reads[0] ?? null,
  inTransaction: level !== null
})

const finish = (self: Asked, compiled: Compiled, result: Result): Outcome =>
  given(
    self,
    compiled,
    compiled.counting === "matched" ? result : settled(compiled.counting, result)
  )

/** What the caller asked for, of rows that are counted as they should be. */
const given = (self: Asked, compiled: Compiled, answer: Result): Outcome => {
  const { mode } = self
  if (mode === "answer") return Exit.succeed({ compiled, result: answer } satisfies Answer)
  const { affected, rows } = answer
  if (mode === "run") return Exit.succeed(affected)
  const decode = compiled.decode
  if (decode === null) return counted(self, compiled, affected)
  try {
    if (mode === "all") return Exit.succeed(decodeAll(decode, rows))
    if (rows.length === 0) {
      return mode === "one" ? Exit.fail(notFound(compiled)) : Exit.succeed(Option.none())
    }
    if (rows.length > 1 && mode !== "first")
      return Exit.fail(rowCount(compiled, rows.length, "at most one"))
    const row = decode(rows[0]!)
    return Exit.succeed(mode === "one" ? row : Option.some(row))
  } catch (error) {
    if (error instanceof DecodeRefused) return Exit.fail(decodeFailed(compiled, error))
    throw error
  }
}

const decodeAll = (
  decode: Decode<unknown>,
  rows: ReadonlyArray<ReadonlyArray<unknown>>
): ReadonlyArray<unknown> => {
  const decoded = new Array<unknown>(rows.length)
  for (let at = 0; at < rows.length; at++) decoded[at] = decode(rows[at]!)
  return Object.freeze(decoded)
}

/** Fetched rows as values. */
export const decoded = (
  compiled: Compiled,
  rows: ReadonlyArray<ReadonlyArray<unknown>>
): Exit.Exit<ReadonlyArray<unknown>, DecodeFailed> => {
  try {
    return Exit.succeed(compiled.decode === null ? [] : decodeAll(compiled.decode, rows))
  } catch (error) {
    if (error instanceof DecodeRefused) return Exit.fail(decodeFailed(compiled, error))
    throw error
  }
}

/** A command without RETURNING has one row: how many rows it matched. */
const counted = (self: Asked, compiled: Compiled, affected: number): Outcome => {
  switch (self.mode) {
    case "all":
      return Exit.succeed(compiled.kind === "ddl" ? [] : [affected])
    case "one":
      return Exit.succeed(affected)
    default:
      return Exit.succeed(Option.some(affected))
  }
}

/** The first statement of a database: its server is asked what it is before. */
const afterFirst = (
  self: Execution,
  fiber: Fiber.Fiber<unknown, unknown>
): Effect.Effect<unknown, DatabaseError> => {
  const { first } = Context.getUnsafe(fiber.context as Context.Context<unknown>, self.service)
  return Effect.flatMap(first.known, () => self as unknown as Effect.Effect<unknown, DatabaseError>)
}

const proto = Effectable.Prototype<Effect.Effect<unknown, DatabaseError>>({
  label: "Database",
  evaluate(fiber) {
    const self = this as unknown as Execution
    const running = fiber as Fiber.Fiber<unknown, unknown>
    const around = surroundings(running, self.service)
    if (around === null) return afterFirst(self, running)
    const answer = executed(self, around, running)
    return handOn(answer, running) as Effect.Effect<unknown, DatabaseError>
  }
})
Object.defineProperties(Execution.prototype, Object.getOwnPropertyDescriptors(proto))
