import { inQuotes } from "../../algebra/inQuotes.ts"
import { createRequire } from "node:module"
import type BetterSqlite3 from "better-sqlite3"
import * as Effect from "effect/Effect"
import type { Version } from "../../algebra/Dialect.ts"
import type { RowKey } from "../../compile/Compiled.ts"
import { sqliteRefusal } from "../../compile/phases/policy/guard.ts"
import { addFunctions } from "./sqliteFunctions.ts"
import { classify, isBusy } from "../classify/sqlite.ts"
import type { ConfigInvalid, ConnectFailed, DriverMissing } from "../DatabaseError.ts"
import {
  type Connection,
  type Cursor,
  type Done,
  type Driver,
  type Request,
  type Result,
  type ResultColumn,
  type Session,
  nowhere
} from "../Driver.ts"
import { connectFailed, endedByOwner } from "./connectFailed.ts"
import { configInvalid } from "../Options.ts"
import { driverMissing, loadPackage } from "./loadPackage.ts"
import { Recent } from "./recent.ts"
import { RowKeys } from "./RowKeys.ts"
import { placed } from "./scriptPlace.ts"
import { prepared } from "./sqlitePrepared.ts"
import { splitScript } from "./splitScript.ts"
import type { SqliteOptions } from "./SqliteOptions.ts"
import { speaksOfTemporary, SqliteTemporary } from "./SqliteTemporary.ts"
import { openThread } from "./sqliteThread.ts"
import { SqliteCursor } from "./SqliteCursor.ts"
import { besideTheirs, InTheirs } from "./sqliteShared.ts"

const packageName = "better-sqlite3"
type Module = typeof BetterSqlite3

/** Opens files with better-sqlite3, one connection each. */
export const sqliteDriver = (
  options: SqliteOptions
): Effect.Effect<Driver, DriverMissing | ConfigInvalid> =>
  Effect.gen(function* () {
    const module = yield* loadPackage<Module>("sqlite", packageName, () => import("better-sqlite3"))
    const version = packageVersion()
    if (version < 13 && Number(process.versions.node.split(".")[0]) >= 24) {
      return yield* driverMissing(
        "sqlite",
        packageName,
        "version 12 aborts Node 24 and later, install version 13 of"
      )
    }
    const file = options.file ?? ":memory:"
    const host = file === ":memory:" ? "SQLite in memory" : `the SQLite file ${file}`
    const wrong = wrongAttached(options)
    if (wrong !== null) return yield* configInvalid("attach", wrong)
    const passed: ReadonlyArray<unknown> = Object.values(options.driverOptions ?? {})
    if (options.threads === true && passed.some((option) => typeof option === "function"))
      return yield* configInvalid("driverOptions", "no function goes into a thread")
    if (options.threads === true)
      return file === ":memory:" || file === ""
        ? yield* configInvalid("threads", "a database in memory is its thread's alone: say a file")
        : threadDriver(file, options, host)
    const opening = (how: SqliteOptions) => opened(host, how, () => openFile(module, file, how))
    const { readers = 0, readOnly = false } = options
    if (readers > 0 && (file === ":memory:" || file === ""))
      return yield* configInvalid("readers", "only a file has connections that read beside another")
    const driver: Driver = {
      ...(readers === 0 || readOnly
        ? {}
        : { readers: { size: readers, connect: opening({ ...options, readOnly: true }) } }),
      dialect: "sqlite",
      host,
      location: { address: null, port: null, namespace: file },
      connect: opening(options),
      classify,
      isCancelled: () => false,
      ping: null,
      maxConnections: 1,
      busyTimeout_ms: options.busyTimeout_ms ?? 5000
    }
    return driver
  })

/**
 * Waits for a file that another connection holds while it becomes a file with a log, and lets the
 * program's other work go on meanwhile.
 */
const opened = (
  host: string,
  { busyTimeout_ms = 5000 }: SqliteOptions,
  open: () => Connection
): Effect.Effect<Connection, ConnectFailed> => {
  const giveUpAt = performance.now() + busyTimeout_ms
  const attempt = (pause_ms: number): Effect.Effect<Connection, ConnectFailed> =>
    Effect.suspend(() => {
      try {
        return Effect.succeed(open())
      } catch (error) {
        if (!isBusy(error)) return Effect.fail(connectFailed("sqlite", host, "file", error))
        if (performance.now() + pause_ms > giveUpAt)
          return Effect.fail(connectFailed("sqlite", host, "timeout", error, held))
        return Effect.andThen(Effect.sleep(pause_ms), attempt(Math.min(100, pause_ms * 2)))
      }
    })
  return attempt(1)
}

const held = "is held by another connection"

const packageVersion = (): number => {
  const found = createRequire(import.meta.url)(`${packageName}/package.json`) as {
    readonly version: string
  }
  return Number(found.version.split(".")[0])
}

/**
 * Uses a database the application has opened, and does not close it.
 *
 * **Shape** while it is used, foreign keys are enforced, LIKE tells cases apart and nothing waits
 * for a lock inside the driver; then foreign keys and the waiting are as they were. A transaction
 * the application has open is its own: statements run in it, and transactions wait for its end.
 */
export const adoptedSqlite = (
  database: BetterSqlite3.Database,
  options: Pick<SqliteOptions, "busyTimeout_ms" | "statements">
): Driver => {
  const host = "the handle of better-sqlite3"
  return {
    dialect: "sqlite",
    host,
    location: nowhere,
    connect: Effect.try({
      try: () => {
        // There foreign keys would stay as they are.
        if (database.inTransaction) throw new InTheirs()
        const kept = ["foreign_keys", "trusted_schema", "busy_timeout"].map(
          (name) => [name, database.pragma(name, { simple: true })] as const
        )
        database.pragma("busy_timeout = 0")
        prepareSession(database)
        return besideTheirs(database, (isOurs) =>
          connectionOf(database, options, () => {
            if (!database.open) return
            if (isOurs()) database.exec("ROLLBACK")
            for (const [name, value] of kept) database.pragma(`${name} = ${String(value)}`)
            database.pragma("case_sensitive_like = OFF")
          })
        )
      },
      catch: (error) =>
        error instanceof InTheirs
          ? connectFailed("sqlite", host, "file", error, error.message)
          : database.open
            ? connectFailed("sqlite", host, "file", error)
            : endedByOwner("sqlite", host, error)
    }),
    classify,
    isCancelled: () => false,
    ping: null,
    maxConnections: 1,
    busyTimeout_ms: options.busyTimeout_ms ?? 5000
  }
}

/** What of the files to be attached cannot be. */
const wrongAttached = ({ attach = {}, readers = 0, threads }: SqliteOptions): string | null => {
  for (const [schema, path] of Object.entries(attach)) {
    const isTaken = ["", "main", "temp"].includes(schema.toLowerCase())
    if (isTaken || schema.includes("\u0000")) return "no file has such a schema"
    if (typeof path !== "string") return "a file is said by its path"
    if ((readers > 0 || threads === true) && (path === "" || path === ":memory:"))
      return "a database in memory is its connection's alone: say a file"
  }
  return null
}

const attached = (
  database: BetterSqlite3.Database,
  { attach = {}, readOnly = false }: SqliteOptions
): void => {
  for (const [schema, path] of Object.entries(attach)) {
    const name = inQuotes(schema, '"')
    database.prepare(`ATTACH ? AS ${name}`).run(path)
    if (path !== "" && path !== ":memory:" && !readOnly)
      database.pragma(`${name}.journal_mode = WAL`)
  }
}

const prepareSession = (database: BetterSqlite3.Database): void => {
  database.pragma("foreign_keys = ON")
  database.pragma("trusted_schema = OFF")
  addFunctions(database)
  database.pragma("case_sensitive_like = ON")
  database.function(sqliteRefusal, { directOnly: true }, (words: unknown) => {
    throw new Error(String(words))
  })
}

const connectionOf = (
  database: BetterSqlite3.Database,
  options: Pick<SqliteOptions, "statements">,
  end: () => void
): Connection => {
  const version = database.prepare("select sqlite_version()").pluck().get() as string
  return new SqliteConnection(database, versionOf(version), options.statements ?? 256, end)
}

export const openFile = (module: Module, file: string, options: SqliteOptions): Connection => {
  const readonly = options.readOnly ?? false
  const database = new module(file, { ...options.driverOptions, readonly, timeout: 0 })
  try {
    prepareSession(database)
    // In a thread of its own the wait for another connection blocks nobody.
    if (options.threads === true) database.pragma(`busy_timeout = ${threadWait_ms(options)}`)
    if (file !== ":memory:" && options.readOnly !== true) database.pragma("journal_mode = WAL")
    attached(database, options)
    const durability = options.durability === "full" ? "FULL" : "NORMAL"
    for (const schema of ["main", ...Object.keys(options.attach ?? {})])
      database.pragma(`${inQuotes(schema, '"')}.synchronous = ${durability}`)
    return connectionOf(database, options, () => database.close())
  } catch (error) {
    database.close()
    throw error
  }
}

/** Shorter than BEGIN's own deadline, so that it is told as what it is. */
const threadWait_ms = (options: SqliteOptions): number =>
  Math.min(options.busyTimeout_ms ?? 1500, 1500)

const threadDriver = (file: string, options: SqliteOptions, host: string): Driver => ({
  dialect: "sqlite",
  host,
  location: { address: null, port: null, namespace: file },
  connect: openThread(file, options, host, 5000),
  classify,
  isCancelled: () => false,
  ping: null,
  maxConnections: null,
  usualSize: 1,
  busyTimeout_ms: 0
})

const versionOf = (text: string): Version => {
  const [major = 0, minor = 0, patch = 0] = text.split(".").map(Number)
  return [major, minor, patch]
}

const noRows: ReadonlyArray<never> = Object.freeze([])
type Prepared = BetterSqlite3.Statement<Array<unknown>, ReadonlyArray<unknown>>

const nothing: Result = { rows: noRows, affected: 0, tag: "" }

/** DDL, and the undoing of it. */
const mayChangeSchema = ({ keep, text }: Request): boolean =>
  keep ? text === "ROLLBACK" : !text.startsWith("SAVEPOINT") && !text.startsWith("RELEASE")

interface Kept {
  readonly statement: Prepared
  readonly reader: boolean
  /** Runs beside open cursors: everything else changes what they would see. */
  readonly beside: boolean
  /** May make a temporary table. */
  readonly temporary: boolean
  bigints: boolean
}

class SqliteConnection implements Connection {
  readonly #database: BetterSqlite3.Database
  readonly #statements: Recent<Kept>
  readonly #rowKeys: RowKeys
  readonly #cursors = new Set<SqliteCursor>()
  readonly #end: () => void
  readonly #temporary: SqliteTemporary
  #alive = true
  readonly server: Connection["server"]

  constructor(database: BetterSqlite3.Database, version: Version, limit: number, end: () => void) {
    this.#database = database
    this.#end = end
    this.server = { dialect: "sqlite", version }
    this.#statements = new Recent(limit, () => {})
    this.#rowKeys = new RowKeys(database)
    this.#temporary = new SqliteTemporary(database)
  }

  readonly session: Session = {
    isTouched: () => this.#temporary.isTouched(),
    begun: () => this.#temporary.begun(),
    reset: (done) => {
      this.#rowKeys.forget()
      this.#keepRests()
      this.#temporary.drop()
      done(null, nothing)
    },
    isWhole: false
  }

  sendNow = (request: Request): Result => {
    try {
      const result = this.#run(request)
      return request.columns === true ? { ...result, columns: this.#columnsOf(request) } : result
    } catch (error) {
      // Some failures roll back by themselves, and with the data the schema.
      this.#rowKeys.forget()
      throw error
    }
  }

  #run(request: Request): Result {
    const { rowKey } = request
    if (rowKey !== null && this.#rowKeys.isProven(rowKey)) return this.#add(request, rowKey)
    const known = this.#prepare(request.text, request.bigints, request.keep)
    const statement = known.statement
    if (this.#cursors.size > 0 && !known.beside) this.#keepRests()
    const parameters = request.parameters as Array<unknown>
    if (!known.reader) {
      if (mayChangeSchema(request)) this.#rowKeys.forget()
      const run = (): number => statement.run(...parameters).changes
      const affected = known.temporary ? this.#temporary.noting(run) : run()
      return { rows: noRows, affected, tag: "" }
    }
    if (request.single) {
      const row =
        parameters.length === 1 ? statement.get(parameters[0]) : statement.get(...parameters)
      return row === undefined ? nothing : { rows: [row], affected: 1, tag: "" }
    }
    const rows =
      parameters.length === 1 ? statement.all(parameters[0]) : statement.all(...parameters)
    return { rows, affected: rows.length, tag: "" }
  }

  /** The row was added, or a trigger or a conflict clause kept it out: then nothing is given. */
  #add(request: Request, { count, text }: RowKey): Result {
    const { statement } = this.#prepare(text, request.bigints, request.keep)
    if (this.#cursors.size > 0) this.#keepRests()
    const { changes, lastInsertRowid } = statement.run(...(request.parameters as Array<unknown>))
    if (changes === 0) return nothing
    const row = count === 1 ? [lastInsertRowid] : new Array<unknown>(count).fill(lastInsertRowid)
    return { rows: [row], affected: 1, tag: "" }
  }

  #columnsOf({ bigints, keep, text }: Request): ReadonlyArray<ResultColumn> {
    const { reader, statement } = this.#prepare(text, bigints, keep)
    return reader ? statement.columns().map(({ name }) => ({ name, type: null })) : []
  }

  #prepare(text: string, bigints: boolean, keep: boolean): Kept {
    const known = this.#statements.get(text)
    if (known !== undefined) {
      if (known.bigints !== bigints) known.statement.safeIntegers((known.bigints = bigints))
      return known
    }
    const statement = this.#made(text, bigints)
    const reader = statement.reader
    const temporary = speaksOfTemporary(text)
    const beside = reader && statement.readonly
    const kept: Kept = { statement, reader, beside, temporary, bigints }
    if (keep) this.#statements.set(text, kept)
    return kept
  }

  #made(text: string, bigints: boolean): Prepared {
    const statement = prepared(this.#database, text)
    if (statement.reader) statement.raw(true)
    if (bigints) statement.safeIntegers(true)
    return statement
  }

  /** On a statement of its own: one that is being stepped cannot be run by others. */
  cursor = (request: Request): Cursor => {
    const { bigints, parameters, text } = request
    const over = (ended: SqliteCursor): void => void this.#cursors.delete(ended)
    const open = (): IterableIterator<ReadonlyArray<unknown>> => {
      if (!this.#alive) throw new Error("the connection is closed")
      const rows = this.#made(text, bigints).iterate(...parameters)
      this.#cursors.add(cursor)
      return rows
    }
    const cursor = new SqliteCursor(open, over)
    return cursor
  }

  #keepRests(): void {
    for (const cursor of this.#cursors) cursor.keepRest()
  }

  send = (request: Request, done: Done): void => this.#attempt(() => this.sendNow(request), done)

  describe = (text: string, done: Done): void =>
    this.#attempt(() => {
      const statement = prepared(this.#database, text)
      const columns = statement.reader ? statement.columns() : []
      const rows = columns.map(({ column, database, name, table, type }) => [
        "column",
        name,
        type,
        column === null || table === null ? null : this.#mayBeNull(database, table, column)
      ])
      return { rows, affected: rows.length, tag: "" }
    }, done)

  /** The key of a row is never NULL, though the table does not say so. */
  #mayBeNull(database: string | null, table: string, column: string): boolean | null {
    const found = this.#database
      .prepare<Array<unknown>, { readonly required: number; readonly isRowid: number }>(
        `select "notnull" as required, pk > 0 and upper(type) = 'INTEGER' as isRowid ` +
          "from pragma_table_info(?, ?) where name = ?"
      )
      .get(table, database ?? "main", column)
    return found === undefined ? null : found.required === 0 && found.isRowid === 0
  }

  script = (text: string, done: Done): void =>
    this.#attempt(() => {
      this.#rowKeys.forget()
      this.#keepRests()
      const statements = splitScript(text, "sqlite")
      statements.forEach((statement, at) => {
        const run = (): unknown => this.#database.exec(statement)
        try {
          if (speaksOfTemporary(statement)) this.#temporary.noting(run)
          else run()
        } catch (error) {
          throw statements.length > 1 ? placed(error, at + 1) : error
        }
      })
      return { rows: noRows, affected: 0, tag: "" }
    }, done)

  #attempt(run: () => Result, done: Done): void {
    let result: Result
    try {
      result = run()
    } catch (error) {
      return done(error, null)
    }
    done(null, result)
  }

  cancel = (): void => {}
  isAlive = (): boolean => this.#alive
  transaction = (): "none" | "open" => (this.#database.inTransaction ? "open" : "none")

  /**
   * A transaction left open is rolled back here: with the connection a database in memory would go.
   */
  isIdle = (): boolean => {
    if (!this.#database.inTransaction) return true
    this.#rowKeys.forget()
    try {
      this.#keepRests()
      this.#database.exec("ROLLBACK")
    } catch {
      return false
    }
    return !this.#database.inTransaction
  }

  destroy = (): void => {
    this.#alive = false
    for (const cursor of this.#cursors) cursor.close(() => {})
    this.#end()
  }
  close = (): void => this.destroy()
}
