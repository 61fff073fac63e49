import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { Insert } from "../algebra/Command.ts"
import { type Keyed, keyedOf } from "../algebra/keyed.ts"
import { listsOf } from "../algebra/rowLists.ts"
import type { StatementNode } from "../algebra/Statement.ts"
import type { Compiled } from "../compile/Compiled.ts"
import { settled } from "../compile/counting.ts"
import { insertBatches, isBatched } from "../compile/insertBatches.ts"
import { type Answer, type Answering, given, type Mode, type Outcome } from "./statements/answer.ts"
import { givesAtMostOne } from "./statements/atMostOne.ts"
import { bind, bindValues, type Named } from "./statements/bind.ts"
import { binderOf, boundLists } from "./statements/binderOf.ts"
import type { DatabaseError } from "./DatabaseError.ts"
import { describe } from "./classify/describe.ts"
import { explained } from "./classify/explained.ts"
import { inStatement } from "./classify/inStatement.ts"
import { drawn } from "./statements/generate.ts"
import type { Connection, Request, Result, Site } from "./Driver.ts"
import { type Engine, gateForReading, knowing } from "./Engine.ts"
import { checkRows, intercepted, ofAny, readBy, type Way } from "./Intercept.ts"
import { outsideTransaction } from "./Failure.ts"
import { speaksOfTemporary } from "./drivers/SqliteTemporary.ts"
import { handOn, isSuccess } from "./handOn.ts"
import type { Gate } from "./pool/Gate.ts"
import type { Level } from "./transactions/Level.ts"
import { inTime } from "./statements/inTime.ts"
import { mayBeWrong, rowsProof } from "./statements/rowsProof.ts"
import { refusedRow } from "./statements/refusedRow.ts"
import { ruleRefused } from "./statements/ruleRefused.ts"
import { refusal, unsupported } from "./statements/statementRefused.ts"
import { asIs, entered, retryBusy, sendThrough } from "./statements/send.ts"
import { noOptions, tagged } from "./statements/StatementOptions.ts"
import { counterOf } from "./observability/Progress.ts"
import { type Listener, told } from "./observability/Tap.ts"
import { aboutOf } from "./observability/about.ts"
import { loggedIfSlow } from "./observability/slowLog.ts"
import { listenerOf, Telemetry, type TelemetrySettings } from "./observability/Telemetry.ts"
import { transactionIn } from "./transactions/Transaction.ts"
import { warningOf } from "./observability/unconnected.ts"

/** A service that holds an engine. */
export type EngineKey = Context.Key<unknown, Engine>

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
  const { before, intercepts, options } = engine
  const isWatched = tap !== null || slow !== null || intercepts.length > 0
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
  const known = keyed === null ? null : byKey(self, keyed, around)
  if (known !== null) return known
  const { node } = self
  const broken = ruleRefused(node, around.engine.dialect)
  if (broken !== null) return Exit.fail(broken)
  const { capabilities, policies } = around.engine
  if (node._tag === "Insert" && isBatched(node, capabilities)) {
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
        if (next !== null) engine.driver.ready?.(next)
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
    return given(self.mode, ofAny(all[0]!.compiled), { rows, affected, tag: "" })
  })
}

/** What is done with a statement that is ready. */
type Ready<A> = (
  self: Asked,
  around: Surroundings,
  compiled: Compiled,
  parameters: ReadonlyArray<unknown>
) => Effect.Effect<A, DatabaseError>

const alone = (
  self: Asked,
  around: Surroundings,
  fiber: Fiber.Fiber<unknown, unknown>
): Effect.Effect<unknown, DatabaseError> => ready(self, around, fiber, asking)

const ready = <A>(
  self: Asked,
  around: Surroundings,
  fiber: Fiber.Fiber<unknown, unknown>,
  use: Ready<A>
): Effect.Effect<A, DatabaseError> => {
  const { engine } = around
  const listed = boundLists(self, engine.statements)
  if (listed !== null && refusal(engine, listed.compiled, around.level) === null)
    return use(self, around, listed.compiled, listed.parameters)
  const prepared = engine.statements.get(self.node)
  if (prepared._tag === "Refusal") return Exit.fail(unsupported(prepared))
  const { compiled } = prepared
  const refused = refusal(engine, compiled, around.level)
  if (refused !== null) return Exit.fail(refused)
  const parameters = bind(compiled, prepared.binds, self.named, fiber)
  if (!Array.isArray(parameters)) return Exit.fail(parameters as DatabaseError)
  return use(self, around, compiled, parameters)
}

const requestOf = (
  self: Asked,
  { engine, tap }: Surroundings,
  compiled: Compiled,
  parameters: ReadonlyArray<unknown>
): Request => {
  const { intercepts, options } = engine
  return {
    text: options === noOptions ? compiled.text : tagged(compiled.text, options.tags),
    parameters,
    bigints: compiled.bigints,
    single: isSingle(self, compiled),
    // Who listens is told what was sent.
    rowKey: tap === null && intercepts.length === 0 ? compiled.rowKey : null,
    keep: compiled.kind !== "ddl",
    rows: rowsOf(self)
  }
}

/** Asks for a statement that is ready to be sent. */
const asking: Ready<unknown> = (self, around, compiled, parameters) => {
  const { engine, level } = around
  const request = requestOf(self, around, compiled, parameters)
  if (!mayBeWrong(compiled) && compiled.warnings.length === 0)
    return lent(self, around, compiled, request)
  const warning = warningOf(engine, compiled, self.node)
  const proof = rowsProof(engine, level, compiled, self.node)
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
  const { engine, isPlain } = around
  const sent = isPlain ? plain : hooked
  const gate = gateOf(around, compiled)
  const answer = sent(self, around, gate, compiled, request)
  // Raw SQL may write all the same: it was refused before it began.
  return gate === engine.readers
    ? Effect.catchTag(answer, "ReadOnly", () => sent(self, around, engine.gate, compiled, request))
    : answer
}

const gateOf = ({ engine, level }: Surroundings, { kind }: Compiled): Gate =>
  level ?? (kind === "query" ? gateForReading(engine) : engine.gate)

/** How many rows a failure may be of: of what its key tells one, and no node is made to ask. */
const rowsOf = (self: Asked): number =>
  self.keyed === null && self.node._tag === "Insert" ? self.node.rowCount : 1

/** Whether fetching may stop after one row: the rest is not wanted, or cannot be. */
const isSingle = (self: Asked, compiled: Compiled): boolean => {
  if (compiled.kind !== "query") return false
  if (self.mode === "first") return true
  return (self.mode === "one" || self.mode === "oneOrNone") && givesAtMostOne(self, compiled)
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
  const isBrief =
    (compiled.byHand === null && compiled.kind !== "ddl") || !speaksOfTemporary(compiled.text)
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
        return Exit.fail(explained(self.node, engine, compiled, failure, connection))
      }
    }
  }
  return result === null
    ? Effect.flatMap(send(self, around, gate, compiled, request), (later) =>
        finish(self, compiled, later)
      )
    : finish(self, compiled, result)
}

const hooked = (
  self: Asked,
  around: Surroundings,
  gate: Gate,
  compiled: Compiled,
  request: Request
): Effect.Effect<unknown, DatabaseError> => {
  const { engine, level, slow } = around
  const isAsked = engine.intercepts.length > 0
  const heard = isAsked
    ? Effect.suspend(() => intercepted(wayOf(self, around, gate, compiled, request)))
    : timed(self, around, gate, compiled, request)
  const logged = slow === null ? heard : loggedIfSlow(slow, engine, level, request, heard)
  const finished = Effect.flatMap(logged, (result) =>
    isAsked ? given(self.mode, ofAny(compiled), result) : finish(self, compiled, result)
  )
  const before = engine.before === null ? null : engine.before(compiled)
  return before === null ? finished : Effect.andThen(before, finished)
}

/** Sent within the time it has; who listens hears of it. */
const timed = (
  self: Asked,
  around: Surroundings,
  gate: Gate,
  compiled: Compiled,
  request: Request
): Effect.Effect<Result, DatabaseError> => {
  const { engine, level, tap } = around
  const { timeout_ms } = engine.options
  const site = siteOf(compiled, level)
  const about = tap === null ? null : { ...site, ...aboutOf(engine, compiled, request) }
  const simply = send(self, around, gate, compiled, request)
  const sent = timeout_ms === undefined ? simply : inTime(simply, timeout_ms, site, compiled, level)
  return tap === null || about === null ? sent : told(tap, about, sent)
}

/** A statement on its way through interceptors, who see what is counted as it should be. */
const wayOf = (
  self: Asked,
  around: Surroundings,
  gate: Gate,
  compiled: Compiled,
  request: Request
): Way => ({
  engine: around.engine,
  node: self.node,
  compiled,
  send: Effect.map(timed(self, around, gate, compiled, request), (result) =>
    settled(compiled.counting, result)
  ),
  instead: (node) => insteadOf(self, around, node),
  on: (database, node) => elsewhere(self, database, node)
})

/** Another statement, to be sent from where one would have been, after what comes before it. */
const insteadOf = (
  self: Asked,
  around: Surroundings,
  node: StatementNode
): Effect.Effect<Way, DatabaseError> =>
  Effect.withFiber((fiber) => {
    checkRows(self.node, node)
    const other = asked(self.service, node, self.named, self.mode)
    return ready(other, around, fiber, (_, __, compiled, parameters) => {
      const { engine, level } = around
      const request = requestOf(other, around, compiled, parameters)
      const way = wayOf(other, around, gateOf(around, compiled), compiled, request)
      const before = [rowsProof(engine, level, compiled, node), engine.before?.(compiled) ?? null]
      return Effect.as(
        Effect.forEach(before, (one) => one ?? Effect.void, { discard: true }),
        { ...way, send: Effect.map(way.send, (result) => readBy(result, compiled)) }
      )
    })
  })

/** The answer another database gives, through its own transaction, interceptors and listeners. */
const elsewhere = (
  self: Asked,
  database: Engine,
  node: StatementNode
): Effect.Effect<Result, DatabaseError> =>
  knowing(database, () =>
    Effect.withFiber((fiber) => {
      checkRows(self.node, node)
      const other = asked(self.service, node, self.named, "answer")
      const answer = executed(other, surroundingsOf(fiber, database), fiber)
      return Effect.map(answer, (one) => {
        const { compiled, result } = one as Answer
        return readBy(result, compiled)
      })
    })
  )

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
      explained(self.node, engine, compiled, error, connection)
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
    self.mode,
    compiled,
    compiled.counting === "matched" ? result : settled(compiled.counting, result)
  )

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
