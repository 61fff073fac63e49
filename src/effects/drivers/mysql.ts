import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { classify, isCancelled } from "../classify/mysql.ts"
import type { ConnectFailed, DriverMissing } from "../DatabaseError.ts"
import type {
  Connection,
  Cursor,
  Done,
  Driver,
  Request,
  Result,
  ResultColumn,
  Session
} from "../Driver.ts"
import { isNested } from "./isNested.ts"
import { connectFailed, connectFailedBy } from "./connectFailed.ts"
import { leavesTraces } from "./leavesTraces.ts"
import { loadPackage } from "./loadPackage.ts"
import { MysqlCursor } from "./MysqlCursor.ts"
import { executeMade, makeMessage } from "./MysqlMessage.ts"
import type {
  Answer,
  MysqlColumn,
  MysqlCommand,
  MysqlConnection,
  MysqlModule
} from "./mysqlModule.ts"
import { tooLarge } from "./mysqlPacket.ts"
import { defaultsText, greetingText, sessionText, toldIn } from "./mysqlSession.ts"
import { notNullFlag, typeNameOf } from "./mysqlTypes.ts"
import { readDatesFast } from "./mysqlDates.ts"
import { cutShort, hearWarnings, type Warned, warnedOf } from "./mysqlWarnings.ts"
import type { ServerOptions } from "./ServerOptions.ts"
import { isOfOneRow, rowDiagnosed, tellsRows } from "./mysqlRows.ts"
import { inRow } from "./rowPlace.ts"
import { placed } from "./scriptPlace.ts"
import { splitScript } from "./splitScript.ts"

/** Reaches MariaDB and MySQL with mysql2: prepared statements only, nothing interpolated. */
export const mysqlDriver = (options: ServerOptions): Effect.Effect<Driver, DriverMissing> =>
  Effect.map(
    loadPackage<MysqlModule>("mysql", "mysql2", () => import("mysql2") as never),
    (module) => ({
      dialect: "mysql",
      host: hostOf(options),
      location: { address: options.host, port: options.port, namespace: options.database },
      connect: connect(module, options),
      classify: (error, site, connection) =>
        classify(connection?.server.dialect ?? "mysql", error, site, connection),
      isCancelled: (error) => error === neverSent || isCancelled(error),
      defaults: defaultsText,
      ready: makeMessage,
      ping: "do 0",
      maxConnections: null,
      busyTimeout_ms: 0
    })
  )

const hostOf = (options: ServerOptions): string =>
  `the MySQL or MariaDB server at ${options.host}:${options.port}`

/** Values as the server gives them: for a connection, or for one statement of somebody else's. */
const rawValues = {
  rowsAsArray: true,
  dateStrings: true,
  supportBigNumbers: true,
  // Text only beyond 2^53: the driver makes it by long division.
  bigNumberStrings: false,
  jsonStrings: true,
  decimalNumbers: false,
  nestTables: false,
  typeCast: true,
  timezone: "Z"
} as const

const asConfigured = {}

const configOf = (options: ServerOptions): object => ({
  ...options.driverOptions,
  host: options.host,
  port: options.port,
  user: options.user,
  database: options.database,
  password: Redacted.value(options.password),
  connectTimeout: options.deadlines.connect_ms,
  ...(options.tls === false
    ? {}
    : { ssl: options.tls === true ? { rejectUnauthorized: true } : options.tls }),
  ...rawValues,
  charset: "utf8mb4_bin",
  multipleStatements: false,
  flags: ["FOUND_ROWS", "-LOCAL_FILES"],
  maxPreparedStatements: Math.max(1, options.statements),
  enableKeepAlive: true
})

const connect = (
  module: MysqlModule,
  options: ServerOptions
): Effect.Effect<Connection, ConnectFailed> =>
  Effect.callback((resume) => {
    const host = hostOf(options)
    const raw = module.createConnection(configOf(options))
    let opened: MysqlConnectionOf | null = null
    let settled = false
    const settle = (effect: Effect.Effect<Connection, ConnectFailed>, keep: boolean): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      if (!keep) raw.stream.destroy()
      resume(effect)
    }
    const fail = (error: unknown): void =>
      settle(Effect.fail(connectFailedBy("mysql", host, error)), false)
    const timer = setTimeout(
      () => settle(Effect.fail(connectFailed("mysql", host, "timeout")), false),
      options.deadlines.connect_ms
    )
    // From here to the end of the socket somebody listens: an error nobody hears ends the process.
    raw.on("error", (error) => (opened === null ? fail(error) : opened.died(error)))
    raw.on("end", () => opened?.died(new Error("the connection ended")))
    raw.connect((error) => {
      if (error) return fail(error)
      raw.query({ sql: greetingText, rowsAsArray: true }, (failed, rows) => {
        if (failed) return fail(failed)
        const { server, packet } = toldIn(rows)
        raw.query({ sql: sessionText(server.dialect === "mariadb") }, (refused) => {
          if (refused) return fail(refused)
          opened = new MysqlConnectionOf(module, raw, options, server, packet)
          settle(Effect.succeed(opened), true)
        })
      })
    })
    return Effect.sync(() => settle(Effect.interrupt, false))
  })

/** What the server answers a statement without rows. */
interface Header {
  readonly affectedRows: number
  readonly info: string
  readonly serverStatus: number
}

const columnOf = (column: MysqlColumn): ResultColumn => ({
  name: column.name,
  type: typeNameOf(column)
})

const inTransaction = 1
const noAnswer: Header = { affectedRows: 0, info: "", serverStatus: 0 }
const noRows: ReadonlyArray<never> = Object.freeze([])

/** How a connection ends: its own socket, or back to whom it was borrowed from. */
export interface Ending {
  readonly close: () => void
  readonly cut: () => void
}

const ownEnding = (raw: MysqlConnection, { deadlines }: ServerOptions): Ending => {
  const cut = (): void => void raw.stream.destroy()
  const close = (): void => {
    const timer = setTimeout(cut, deadlines.control_ms)
    timer.unref()
    // What `end` calls back is that the goodbye was sent, not that anybody heard it.
    raw.stream.once("close", () => clearTimeout(timer))
    raw.end(() => {})
  }
  return { close, cut }
}

export class MysqlConnectionOf implements Connection {
  readonly sendNow = null
  readonly server: Connection["server"]
  readonly #module: MysqlModule
  readonly #raw: MysqlConnection
  readonly #options: ServerOptions
  readonly #ending: Ending
  /** Bytes of the largest packet its server takes. */
  readonly #packet: number
  /** Said of each statement where the connection is not configured so; a part of its name too. */
  readonly #values: object
  #alive = true
  #current: Done | null = null
  /** Owes rows: nothing else can be sent before they are read. */
  #cursor: MysqlCursor | null = null
  /** What waits for the end of a cursor that is being stopped. */
  #stopping: Array<() => void> | null = null
  /** Refuses what waits and was not sent yet. */
  #refuse: ((error: unknown) => void) | null = null
  #isTouched = false
  /** What was sent last. */
  #text = ""
  /** The server's status flags, as its last answer without rows gave them; null after an error. */
  #status: number | null = 0

  constructor(
    module: MysqlModule,
    raw: MysqlConnection,
    options: ServerOptions,
    server: Connection["server"],
    packet: number,
    ending?: Ending
  ) {
    this.#packet = packet
    this.#ending = ending ?? ownEnding(raw, options)
    this.#values = ending === undefined ? asConfigured : rawValues
    this.#module = module
    this.#raw = raw
    this.#options = options
    this.server = server
  }

  send = (request: Request, answered: Done): void => {
    const refused = tooLarge(this.#packet, request.text, request.parameters)
    if (refused !== null) return answered(refused, null)
    this.#text = request.text
    if (leavesTraces(request.text)) this.#isTouched = true
    const warned = warnedOf(request.text)
    const cut = warned === null ? answered : this.#unlessCut(answered, warned)
    const done = (request.rows ?? 1) > 1 && tellsRows(this.server) ? this.#withRow(cut) : cut
    const values = wireOf(request)
    const settle: Done = (error, result) => {
      if (this.#alive) this.#raw.unprepare({ ...this.#values, sql: request.text })
      done(error, result)
    }
    this.#start(this.#isOnce(request) ? settle : done, (answer) => {
      const told: Answer = request.columns === true ? answer : (error, rows) => answer(error, rows)
      const execute = (): MysqlCommand =>
        this.#raw.execute({ ...this.#values, sql: request.text, values }, told)
      const { dialect } = this.server
      if (request.keep) {
        const command = executeMade(dialect, this.#raw, request.parameters, execute)
        readDatesFast(command)
        if (warned !== null) hearWarnings(command, warned)
      } else this.#raw.query({ ...this.#values, sql: request.text }, told)
    })
  }

  #isOnce({ keep, text }: Request): boolean {
    if (!keep) return false
    return this.#options.statements === 0 || (this.server.dialect === "mariadb" && isNested(text))
  }

  cursor = (request: Request): Cursor =>
    new MysqlCursor({
      begin: (cursor) => this.#begin(cursor, request),
      pause: () => this.#raw.pause(),
      resume: () => this.#raw.resume(),
      stop: (stopped) => this.#stop(stopped)
    })

  #begin(cursor: MysqlCursor, request: Request): void {
    if (!this.#alive) return cursor.failed(new Error("the connection is closed"))
    const refused = tooLarge(this.#packet, request.text, request.parameters)
    if (refused !== null) return cursor.failed(refused)
    if (this.#isOwed()) {
      const refuse = (error: unknown): void => cursor.failed(error)
      return this.#afterRows(refuse, () => this.#begin(cursor, request))
    }
    this.#cursor = cursor
    this.#text = request.text
    let failure: { readonly error: unknown } | null = null
    const warned = warnedOf(request.text)
    const over = (): void => {
      if (this.#cursor !== cursor) return
      this.#cursor = null
      if (this.#alive && this.#isOnce(request))
        this.#raw.unprepare({ ...this.#values, sql: request.text })
      if (failure !== null) return cursor.failed(failure.error)
      if (warned !== null) {
        const ended: Done = (error) => (error === null ? cursor.ended() : cursor.failed(error))
        return this.#unlessCut(ended, warned)(null, nothing)
      }
      cursor.ended()
    }
    try {
      const command = this.#raw.execute({
        ...this.#values,
        sql: request.text,
        values: wireOf(request)
      })
      readDatesFast(command)
      if (warned !== null) hearWarnings(command, warned)
      command.on("result", (row) => cursor.took(row))
      command.on("error", (error) => {
        failure = { error }
        this.#refused(error)
      })
      command.on("end", over)
    } catch (error) {
      failure = { error }
      over()
    }
  }

  /** A KILL that came too late may still hit what is sent next: that is a statement of nobody. */
  #stop(stopped: () => void): void {
    const waiting: Array<() => void> = (this.#stopping = [])
    const deadline = setTimeout(this.destroy, this.#options.deadlines.control_ms)
    const settle = (): void => {
      clearTimeout(deadline)
      this.#stopping = null
      stopped()
      for (const go of waiting) go()
    }
    const absorb = (): void =>
      this.#sent(settle, (answer) => this.#raw.query({ sql: "do 0" }, answer))
    this.#kill(() => (this.#cursor === null ? absorb() : this.#cursor.keepRest(absorb)))
  }

  #isOwed(): boolean {
    return this.#cursor !== null || this.#stopping !== null
  }

  /** One at a time: whoever sends has the connection to itself. */
  #afterRows(refuse: (error: unknown) => void, go: () => void): void {
    this.#refuse = refuse
    const gone = (): void => {
      if (this.#refuse !== refuse) return
      this.#refuse = null
      go()
    }
    if (this.#stopping !== null) this.#stopping.push(gone)
    else this.#cursor!.keepRest(gone)
  }

  describe = (text: string, done: Done): void =>
    this.#start(done, (answer) =>
      this.#raw.prepare({ sql: text }, (error, statement) => {
        if (error != null) return answer(error, null)
        const rows = [
          ...statement.parameters.map(() => ["parameter", null, null, null]),
          ...statement.columns.map((column) => [
            "column",
            column.name,
            typeNameOf(column),
            (column.flags & notNullFlag) === 0
          ])
        ]
        // mysql2 keeps what it has prepared by its text: none that is closed must be found.
        this.#raw.unprepare({ sql: text })
        answer(null, rows)
      })
    )

  /** A text or list of a group that was cut is valid and wrong: only a warning tells. */
  #unlessCut(done: Done, warned: Warned): Done {
    return (error, result) => {
      if (error !== null || result === null || !this.#alive || warned.count === 0)
        return done(error, result)
      this.#start(
        (failed, warnings) => {
          const refused = failed ?? cutShort(warnings!)
          done(refused, refused === null ? result : null)
        },
        (answer) => this.#raw.query({ sql: "show warnings", rowsAsArray: true }, answer)
      )
    }
  }

  /** Which of many rows was refused is known until the next statement. */
  #withRow(done: Done): Done {
    return (error, result) => {
      if (!isOfOneRow(error) || !this.#alive) return done(error, result)
      const refused = (row: unknown): void => done(inRow(error, Number(row)), null)
      const read: Done = (_, told) => refused(told?.rows[0]?.[0])
      this.#start(
        () =>
          this.#start(read, (answer) =>
            this.#raw.query({ sql: "select @athanor_row", rowsAsArray: true }, answer)
          ),
        (answer) => this.#raw.query({ sql: rowDiagnosed }, answer)
      )
    }
  }

  script = (text: string, done: Done): void => {
    this.#text = text
    if (leavesTraces(text)) this.#isTouched = true
    const statements = splitScript(text)
    const next = (at: number, affected: number): void => {
      if (at === statements.length) return done(null, { rows: noRows, affected, tag: "" })
      const fail = (error: unknown): void =>
        done(statements.length > 1 ? placed(error, at + 1) : error, null)
      const refused = tooLarge(this.#packet, statements[at]!, [])
      if (refused !== null) return fail(refused)
      this.#start(
        (error, result) => {
          if (error !== null || result === null) fail(error)
          else next(at + 1, affected + result.affected)
        },
        (answer) => this.#raw.query({ sql: statements[at]! }, answer)
      )
    }
    next(0, 0)
  }

  #start(done: Done, begin: Begin): void {
    if (!this.#alive) return done(new Error("the connection is closed"), null)
    if (this.#isOwed()) {
      const refuse = (error: unknown): void => done(error, null)
      return this.#afterRows(refuse, () => this.#start(done, begin))
    }
    this.#sent(done, begin)
  }

  #sent(done: Done, begin: Begin): void {
    if (!this.#alive) return done(new Error("the connection is closed"), null)
    this.#current = done
    const settle = (error: unknown, result: Result | null): void => {
      if (this.#current !== done) return
      this.#current = null
      done(error, result)
    }
    try {
      begin((error, answer, columns) => {
        if (error != null) {
          this.#refused(error)
          return settle(error, null)
        }
        settle(null, this.#resultOf(answer, columns))
      })
    } catch (error) {
      settle(error, null)
    }
  }

  /**
   * An error does not tell the transaction's state. Where there was none, there is none, unless the
   * text held statements of its own.
   */
  #refused(error: unknown): void {
    if (this.transaction() !== "none" || blocks.test(this.#text)) this.#status = null
    if (isFatal(error)) this.died(error)
  }

  #resultOf(answer: unknown, columns: ReadonlyArray<MysqlColumn> | undefined): Result {
    if (Array.isArray(answer)) {
      const result = { rows: answer, affected: answer.length, tag: "" }
      return columns === undefined ? result : { ...result, columns: columns.map(columnOf) }
    }
    const header = answer as Header
    this.#status = header.serverStatus
    return { rows: noRows, affected: header.affectedRows, tag: header.info }
  }

  readonly session: Session = {
    isTouched: () => this.#isTouched,
    begun: () => {
      this.#isTouched = false
    },
    // The names and their collation go back to the server's own too.
    reset: (done) =>
      this.#start(
        (failed) => {
          if (failed !== null) return done(failed, null)
          const session = sessionText(this.server.dialect === "mariadb")
          this.script(`set names utf8mb4 collate utf8mb4_bin; ${session}`, done)
        },
        (answer) => this.#raw.reset((error) => answer(error, noAnswer))
      )
  }

  isAlive = (): boolean => this.#alive
  isIdle = (): boolean =>
    this.#current === null &&
    !this.#isOwed() &&
    this.#status !== null &&
    (this.#status & inTransaction) === 0
  transaction = (): "none" | "open" | null =>
    this.#status === null ? null : (this.#status & inTransaction) === 0 ? "none" : "open"

  cancel = (): void => {
    const refuse = this.#refuse
    this.#refuse = null
    // What waits for another's rows was never sent: those rows are not its to stop.
    if (refuse !== null) refuse(neverSent)
    else this.#kill(() => {})
  }

  /** KILL QUERY from a connection of its own. */
  #kill(answered: () => void): void {
    if (!this.#alive || !this.#isAtWork()) return answered()
    const side = this.#module.createConnection(configOf(this.#options))
    let settled = false
    const stop = (): void => {
      side.stream.destroy()
      clearTimeout(timer)
      if (settled) return
      settled = true
      answered()
    }
    const timer = setTimeout(stop, this.#options.deadlines.control_ms)
    timer.unref()
    side.on("error", stop)
    side.on("end", stop)
    side.connect((error) => {
      if (error || !this.#isAtWork()) return stop()
      side.query({ sql: `kill query ${this.#raw.threadId}` }, stop)
    })
  }

  #isAtWork(): boolean {
    return this.#current !== null || this.#cursor?.isReading === true
  }

  died = (error: unknown): void => {
    this.#alive = false
    const current = this.#current
    const cursor = this.#cursor
    this.#current = null
    this.#cursor = null
    cursor?.failed(error)
    current?.(error, null)
  }

  destroy = (): void => {
    this.#ending.cut()
    if (this.#alive) this.died(new Error("the connection was cut"))
  }

  close = (): void => {
    if (!this.#alive) return
    this.#alive = false
    this.#ending.close()
  }
}

const nothing: Result = { rows: noRows, affected: 0, tag: "" }

type Begin = (answer: Answer) => void

/** Why a statement did not run that was stopped while it waited for another's rows. */
const neverSent = new Error("the statement was stopped before it was sent")

/** A packet that was too large (1153) is the last the server read. */
const isFatal = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  (("fatal" in error && error.fatal === true) || ("errno" in error && error.errno === 1153))

/** What may begin a transaction and then fail. */
const blocks = /(?:^|;)\s*(?:call|execute|begin)\b/i

const wireOf = ({ parameters }: Request): ReadonlyArray<unknown> =>
  parameters.some(isBare) ? parameters.map(toWire) : parameters

/** Bytes the driver would take for a JSON document. */
const isBare = (value: unknown): value is Uint8Array =>
  typeof value === "object" && value instanceof Uint8Array && !Buffer.isBuffer(value)

const toWire = (value: unknown): unknown =>
  isBare(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
