import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Version } from "../../algebra/Dialect.ts"
import { classify, isCancelled } from "../classify/postgres.ts"
import type { ConnectFailed, DriverMissing } from "../DatabaseError.ts"
import type { Connection, CopySink, Cursor, Done, Driver, Request, Session } from "../Driver.ts"
import { connectFailed, connectFailedBy } from "./connectFailed.ts"
import { SessionRequired } from "./SessionRequired.ts"
import { leavesTraces } from "./leavesTraces.ts"
import { loadPackage } from "./loadPackage.ts"
import { PgCopyIn } from "./PgCopyIn.ts"
import { PgCopyOut, type PgCopyOwner } from "./PgCopyOut.ts"
import { PgCursor, type PgCursorOwner, type PgFetch } from "./PgCursor.ts"
import type { PgClient, PgModule, PgProtocol, Wire } from "./pgModule.ts"
import type { PgExchange } from "./PgExchange.ts"
import { namesText, PgDescribe, withNames } from "./PgDescribe.ts"
import { PgStatement, type PgStatementOwner, toWire } from "./PgStatement.ts"
import { Recent } from "./recent.ts"
import type { ServerOptions } from "./ServerOptions.ts"

/** How a session begins: every value arrives as text in one known form, in UTC. */
export const sessionSettings = {
  TimeZone: "UTC",
  DateStyle: "ISO, YMD",
  IntervalStyle: "postgres",
  bytea_output: "hex",
  standard_conforming_strings: "on",
  extra_float_digits: "1"
} as const

export const setSession: ReadonlyArray<string> = Object.entries(sessionSettings).map(
  ([name, value]) => `set ${name} to '${value}'`
)

const version = "select current_setting('server_version_num')"
const sessionText = [...setSession, version].join("; ")

/**
 * Settings a pooler moves from session to session with its client; the others must be so already.
 */
const carried: ReadonlySet<string> = new Set([
  "TimeZone",
  "DateStyle",
  "standard_conforming_strings"
])
const settled = Object.entries(sessionSettings).filter(([name]) => !carried.has(name))

/** How it begins behind a pooler: gives the version, then the settings that were not set. */
const pooledText = [
  ...setSession.filter((_, i) => carried.has(Object.keys(sessionSettings)[i]!)),
  `${version}, ${settled.map(([name]) => `current_setting('${name}')`).join(", ")}`
].join("; ")

/** The first setting that is not as we read values; null where all are. */
const unsettled = (row: ReadonlyArray<unknown>): string | null => {
  const wrong = settled.find(([, value], i) => row[i + 1] !== value)
  return wrong === undefined
    ? null
    : `is behind a pooler, where ${wrong[0]} must be ${wrong[1]} before we come`
}

/** Asks for what a session has where nothing is said. */
export const defaultsText =
  "select current_schema(), current_setting('default_transaction_isolation')"

/** Undoes what a borrower set, but for the statements prepared: they are ours. */
const resetText = [
  "close all",
  "set session authorization default",
  "reset all",
  "unlisten *",
  "select pg_advisory_unlock_all()",
  "discard temp",
  "discard sequences",
  sessionText
].join("; ")

/** Reaches PostgreSQL with pg: the extended protocol, named statements, text results. */
export const postgresDriver = (options: ServerOptions): Effect.Effect<Driver, DriverMissing> =>
  Effect.map(
    loadPackage<PgModule>("postgres", "pg", () => import("pg") as never),
    (module) => ({
      dialect: "postgres",
      host: `PostgreSQL at ${options.host}:${options.port}`,
      location: { address: options.host, port: options.port, namespace: options.database },
      connect: connect(module, options),
      classify,
      isCancelled,
      defaults: () => defaultsText,
      ping: "select 1",
      maxConnections: null,
      busyTimeout_ms: 0
    })
  )

const connect = (
  module: PgModule,
  options: ServerOptions
): Effect.Effect<Connection, ConnectFailed> =>
  Effect.callback((resume) => {
    const host = `PostgreSQL at ${options.host}:${options.port}`
    const client = new module.Client({
      ...options.driverOptions,
      host: options.host,
      port: options.port,
      database: options.database,
      user: options.user,
      password: Redacted.value(options.password),
      ssl: options.tls === false ? false : options.tls === true ? {} : options.tls,
      application_name: options.applicationName,
      keepAlive: true
    })
    let connection: PgConnection | null = null
    let settled = false
    const settle = (effect: Effect.Effect<Connection, ConnectFailed>, keep: boolean): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      if (!keep) cut(client)
      resume(effect)
    }
    const timer = setTimeout(
      () => settle(Effect.fail(connectFailed("postgres", host, "timeout")), false),
      options.deadlines.connect_ms
    )
    // From here to the end of the socket somebody listens: an error nobody hears ends the process.
    client.on("error", (error) => {
      if (connection === null) settle(Effect.fail(connectFailedBy("postgres", host, error)), false)
      else connection.died(error)
    })
    client.on("end", () => connection?.died(new Error("the connection ended")))
    client.connect((error) => {
      if (error) return settle(Effect.fail(connectFailedBy("postgres", host, error)), false)
      const opened = (connection = new PgConnection(module, client, options))
      opened.begin((failed, result) => {
        if (failed !== null || result === null) {
          return settle(Effect.fail(connectFailedBy("postgres", host, failed)), false)
        }
        const wrong = options.pooler === "none" ? null : unsettled(result.rows[0] ?? [])
        if (wrong !== null) {
          const failure = connectFailed("postgres", host, "protocol", undefined, wrong)
          return settle(Effect.fail(failure), false)
        }
        const number = Number(result.rows[0]?.[0])
        opened.server = { dialect: "postgres", version: versionOf(number) }
        opened.session.begun()
        settle(Effect.succeed(opened), true)
      })
    })
    return Effect.sync(() => settle(Effect.interrupt, false))
  })

export const versionOf = (number: number): Version => [
  Math.floor(number / 10_000),
  number % 10_000,
  0
]

const typesIn = (message: unknown): ReadonlyArray<number> =>
  (message as { readonly dataTypeIDs: ReadonlyArray<number> }).dataTypeIDs

const cut = (client: PgClient): void => void client.connection.stream.destroy()

let portals = 0

/**
 * How often this program has changed a schema, on whichever connection. A prepared statement keeps
 * the parameter types that its tables had: a number for a column that was a double would be rounded
 * as one, and nobody would be told.
 */
let schemaChanges = 0
const changesSchema = /\b(?:create(?!\s+(?:(?:local|global)\s+)?temp)|alter|drop)\b/i

/** The server's name of a prepared text. */
interface Prepared {
  readonly name: string
  readonly leavesTraces: boolean
}

/** How a connection ends: its own socket, or back to whom it was borrowed from. */
export interface Ending {
  readonly close: () => void
  readonly cut: () => void
}

const ownEnding = (client: PgClient, { deadlines }: ServerOptions): Ending => ({
  close: () => {
    const timer = setTimeout(() => cut(client), deadlines.control_ms)
    timer.unref()
    client.end(() => clearTimeout(timer))
  },
  cut: () => cut(client)
})

export class PgConnection implements Connection, PgStatementOwner, PgCursorOwner, PgCopyOwner {
  readonly sendNow = null
  server: { dialect: "postgres"; version: Version } = { dialect: "postgres", version: [0, 0, 0] }
  readonly #module: PgModule
  readonly #client: PgClient
  readonly #options: ServerOptions
  readonly #ending: Ending
  readonly #names: Recent<Prepared>
  readonly #closing: Array<{ readonly type: "S" | "P"; readonly name: string }> = []
  #named = 0
  #schemaChanges = schemaChanges
  #isChanging = false
  #isTouched = false
  #begun = true
  #alive = true
  #current: PgStatement | PgExchange | null = null
  #gone: (() => void) | null = null

  constructor(
    module: PgModule,
    client: PgClient,
    options: ServerOptions,
    ending: Ending = ownEnding(client, options)
  ) {
    this.#module = module
    this.#client = client
    this.#options = options
    this.#ending = ending
    this.#names = new Recent(options.statements, ({ name }) => {
      this.#closing.push({ type: "S", name })
    })
    for (const [event, listener] of this.#listeners) client.connection.on(event, listener)
  }

  get #isWithoutSession(): boolean {
    return this.#options.pooler !== "none"
  }

  readonly #listeners: ReadonlyArray<readonly [string, (message: unknown) => void]> = [
    ["readyForQuery", () => this.#current?.ready()],
    [
      "parameterDescription",
      (message) => {
        if (this.#current instanceof PgDescribe) this.#current.takes(typesIn(message))
      }
    ],
    ["parseComplete", () => this.#current?.parseCompleted()],
    ["bindComplete", () => this.#current?.bindCompleted()]
  ]

  /** Hears nothing more of a client that goes on without us. */
  leaves(): void {
    for (const [event, listener] of this.#listeners)
      this.#client.connection.removeListener(event, listener)
    this.#alive = false
  }

  send = (request: Request, done: Done): void =>
    this.#start(request.text, request.parameters, request.keep, done, request.columns)
  script = (text: string, done: Done): void => this.#start(text, null, false, done)

  /** Makes of a new session one of ours. */
  begin(done: Done): void {
    const isPooled = this.#options.pooler !== "none"
    this.#begun = false
    this.#start(isPooled ? pooledText : sessionText, null, false, (error, result) => {
      this.#begun = true
      done(error, result)
    })
  }

  describe = (text: string, done: Done): void => {
    if (!this.#alive) return done(new Error("the connection is closed"), null)
    const named = withNames((values, next) => this.#start(namesText, values, true, next), done)
    const asked = (this.#current = new PgDescribe(text, (error, described) => {
      this.finished()
      named(error, described)
    }))
    this.#client.query(asked)
  }

  #start(
    text: string,
    parameters: ReadonlyArray<unknown> | null,
    keep: boolean,
    done: Done,
    isDescribed = false
  ): void {
    if (!this.#alive) return done(new Error("the connection is closed"), null)
    if (this.#isWithoutSession && this.#begun && leavesTraces(text))
      return done(new SessionRequired(), null)
    let wire: ReadonlyArray<Wire> | null
    try {
      wire = parameters === null ? null : parameters.map(toWire)
    } catch (error) {
      return done(error, null)
    }
    if (this.#schemaChanges !== schemaChanges) this.#forgetAll()
    let name = ""
    let known = false
    if (keep && wire !== null && this.#options.statements > 0 && !this.#isWithoutSession) {
      const found = this.#names.get(text)
      known = found !== undefined
      const prepared = found ?? {
        name: `a${++this.#named}`,
        leavesTraces: leavesTraces(text)
      }
      if (!known) this.#names.set(text, prepared)
      name = prepared.name
      if (prepared.leavesTraces) this.#isTouched = true
    } else if (leavesTraces(text)) this.#isTouched = true
    const again: Done = (error, result) => {
      // Refused before it began, so nothing was done. Inside a transaction it is too late.
      if (statement.isOutdated && this.transaction() === "none")
        this.#start(text, parameters, keep, done, isDescribed)
      else done(error, result)
    }
    const answered = known ? again : this.#changing(text, done)
    const statement = new PgStatement(this, text, wire, name, known, isDescribed, answered)
    this.#current = statement
    this.#client.query(statement)
  }

  /** A change counts when it is made, and when its transaction ends: it may be rolled back. */
  #changing(text: string, done: Done): Done {
    const isChange = changesSchema.test(text)
    if (isChange) this.#isChanging = true
    if (!this.#isChanging) return done
    return (error, result) => {
      const isOver = this.transaction() === "none"
      if (isChange || isOver) schemaChanges++
      if (isOver) this.#isChanging = false
      done(error, result)
    }
  }

  cursor = ({ parameters, text }: Request): Cursor =>
    new PgCursor(this, `athanor_cursor_${++portals}`, text, parameters.map(toWire))

  copyIn = (text: string, begun: (sink: CopySink) => void, done: Done): void => {
    if (!this.#alive) return done(new Error("the connection is closed"), null)
    const copy = (this.#current = new PgCopyIn(text, begun, (error, result) => {
      this.finished()
      done(error, result)
    }))
    this.#client.query(copy)
  }

  copyOut = (text: string): Cursor => new PgCopyOut(this, text)

  copies(copy: PgCopyOut): void {
    if (!this.#alive) return copy.abort(new Error("the connection is closed"))
    this.#current = copy
    this.#client.query(copy)
  }

  submit(fetch: PgFetch, done: Done): void {
    if (!this.#alive) return done(new Error("the connection is closed"), null)
    this.#current = fetch
    fetch.onSettled((error, result) => {
      this.finished()
      done(error, result)
    })
    this.#client.query(fetch)
  }

  closePortal(name: string): void {
    this.#closing.push({ type: "P", name })
  }

  /** What was evicted is closed on the server with the next statement that is sent. */
  closeEvicted(protocol: PgProtocol): void {
    for (const closing of this.#closing.splice(0)) protocol.close(closing)
  }

  forget(text: string): void {
    const prepared = this.#names.get(text)
    if (prepared === undefined) return
    this.#closing.push({ type: "S", name: prepared.name })
    this.#names.delete(text)
  }

  #forgetAll(): void {
    this.#schemaChanges = schemaChanges
    this.#names.clear()
  }

  finished(): void {
    this.#current = null
  }

  readonly session: Session = {
    isTouched: () => this.#isTouched,
    begun: () => {
      this.#isTouched = false
    },
    reset: (done) => this.#start(resetText, null, false, done)
  }

  isAlive = (): boolean => this.#alive
  isIdle = (): boolean => this.#current === null && this.#client.getTransactionStatus() === "I"

  transaction = (): "none" | "open" | "failed" | null => {
    switch (this.#client.getTransactionStatus()) {
      case "I":
        return "none"
      case "T":
        return "open"
      case "E":
        return "failed"
      default:
        return null
    }
  }

  /**
   * A CancelRequest on a connection of its own; its answer is the server closing that connection.
   */
  cancel = (): void => {
    if (!this.#alive || this.#current === null) return
    const { processID, secretKey } = this.#client
    const protocol = new this.#module.Connection({ ssl: this.#client.ssl })
    const stop = (): void => void protocol.stream.destroy()
    const timer = setTimeout(stop, this.#options.deadlines.control_ms)
    timer.unref()
    protocol.on("error", stop)
    protocol.on("end", () => clearTimeout(timer))
    const request = (): void => protocol.cancel(processID, secretKey)
    protocol.on("connect", () => (this.#client.ssl ? protocol.requestSsl() : request()))
    protocol.on("sslconnect", request)
    protocol.connect(this.#options.port, this.#options.host)
  }

  notified = (heard: (payload: string) => void, gone: () => void): void => {
    this.#gone = gone
    this.#client.on("notification", (told) =>
      heard((told as { readonly payload?: string }).payload ?? "")
    )
  }

  died = (error: unknown): void => {
    if (!this.#alive) return
    this.#alive = false
    this.#current?.abort(error)
    this.#gone?.()
  }

  destroy = (): void => {
    this.#ending.cut()
    this.died(new Error("the connection was cut"))
  }

  close = (): void => {
    if (!this.#alive) return
    this.#alive = false
    this.#ending.close()
  }

  /** One statement more after the end, to put things back as they were. */
  last(request: Request, done: Done): void {
    this.#alive = true
    this.send(request, done)
    this.#alive = false
  }
}
