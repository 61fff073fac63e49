import type * as Effect from "effect/Effect"
import type { DialectName, Version } from "../algebra/Dialect.ts"
import type { RowKey } from "../compile/Compiled.ts"
import type { ConnectFailed, DatabaseError, Operation } from "./DatabaseError.ts"

/** One statement on its way to a server. */
export interface Request {
  readonly text: string
  readonly parameters: ReadonlyArray<unknown>
  /** SQLite: give every integer as a bigint. Servers give exact integers as text anyway. */
  readonly bigints: boolean
  /** At most one row is wanted, and a driver may stop after it. */
  readonly single: boolean
  /** SQLite: a shorter way to the same answer, for a driver that can prove it. */
  readonly rowKey: RowKey | null
  /** Worth preparing and keeping: false for texts that are seen once. */
  readonly keep: boolean
  /** How many rows of an insert it holds: of many a driver may ask which one was refused. */
  readonly rows?: number
  /** The names and types of the result's columns are wanted too. */
  readonly columns?: boolean
}

/** A column of a result, as its server tells of it. */
export interface ResultColumn {
  readonly name: string
  /** PostgreSQL's number of the type, the word MySQL and MariaDB have for it; null on SQLite. */
  readonly type: number | string | null
}

/** What a statement gave: rows by position, or how many rows it matched. */
export interface Result {
  readonly rows: ReadonlyArray<ReadonlyArray<unknown>>
  readonly affected: number
  /**
   * What the server says it did (`COMMIT`, `ROLLBACK`, `Records: 3  Duplicates: 1`), where it says
   * so; else "".
   */
  readonly tag: string
  /** Where they were asked for; none of a statement without rows. */
  readonly columns?: ReadonlyArray<ResultColumn>
}

/** Where the data of a COPY goes. After an error of the server's it goes nowhere. */
export interface CopySink {
  /** `drained` is called when more can be taken. */
  readonly write: (data: string, drained: () => void) => void
  readonly end: () => void
  readonly fail: (reason: string) => void
}

/** Called once, when the connection is ready for its next statement, or dead. */
export type Done = (error: unknown, result: Result | null) => void

/**
 * The rows of one query, some at a time, on one connection.
 *
 * **Shape** opened by the first fetch; one fetch at a time. Other statements may run on the
 * connection between two fetches: where the protocol or the file allows none, the driver first
 * keeps what is left of the rows in memory.
 * **Laws** the rows are those of the moment of the first fetch, whatever is written meanwhile. At
 * its end, and after an error, nothing is open any more.
 */
export interface Cursor {
  /** At most `count` rows; fewer only where no more are left. */
  readonly fetch: (count: number, done: Done) => void
  /**
   * Ends it early, at any time but during a fetch. `done` is called when the connection is proven
   * to owe no rows, or is dead.
   */
  readonly close: (done: () => void) => void
}

/**
 * One connection to one server, used by one fiber at a time.
 *
 * **Shape** raw values by dialect. sqlite: number, or bigint for all integers where asked, string,
 * Buffer, null. postgres: the server's text for every type, null. mysql and mariadb: number for
 * integers up to 32 bits and floats, string for bigint, decimal, temporal, text and JSON, Buffer
 * for binary, null. Parameters are strings, numbers, bigints, Uint8Array, null, and arrays on
 * postgres.
 * **Laws** `done` is called exactly once for each `send`, also after `destroy`.
 */
export interface Connection {
  readonly server: { readonly dialect: DialectName; readonly version: Version }
  /** Answers before it returns and throws the driver's error; null where a server is waited for. */
  readonly sendNow: ((request: Request) => Result) | null
  readonly send: (request: Request, done: Done) => void
  /**
   * COPY … FROM STDIN: `begun` is called when the server asks for data, `done` when it is ready for
   * its next statement, or dead. PostgreSQL only.
   */
  readonly copyIn?: (text: string, begun: (sink: CopySink) => void, done: Done) => void
  /**
   * COPY … TO STDOUT, its rows some at a time. No other statement runs until it is closed, or its
   * last row fetched. PostgreSQL only.
   */
  readonly copyOut?: (text: string) => Cursor
  /** The rows of a query some at a time; on PostgreSQL inside a transaction only. */
  readonly cursor: (request: Request) => Cursor
  /**
   * Prepares a statement without running it. Gives a row for each parameter and column of its
   * result: `parameter` or `column`, the name, the server's name of the type, and whether it may be
   * NULL; each null where the server does not tell.
   */
  readonly describe: (text: string, done: Done) => void
  /** Runs a text of several statements as it is, without parameters; gives no rows. */
  readonly script: (text: string, done: Done) => void
  /**
   * Calls the first for each notification the server sends, with its payload, and the second when
   * the connection is gone: where there are notifications.
   */
  readonly notified?: (heard: (payload: string) => void, gone: () => void) => void
  /** Asks the server to stop what is in flight. Whether it did shows in what `done` gets. */
  readonly cancel: () => void
  /** The socket lives. */
  readonly isAlive: () => boolean
  /** Proven: nothing in flight, no transaction open. */
  readonly isIdle: () => boolean
  /** Null where the protocol does not tell. */
  readonly transaction: () => "none" | "open" | "failed" | null
  /** What a borrower may leave behind in the session; absent where nothing is looked after. */
  readonly session?: Session
  /** Cuts the connection at once; the server rolls back what was open. */
  readonly destroy: () => void
  /** Says goodbye, and cuts the connection when that takes too long. */
  readonly close: () => void
}

/** What statements set beside the data: settings, temporary tables, advisory locks, listening. */
export interface Session {
  /** Something was set since the session was opened or reset, as far as texts tell. */
  readonly isTouched: () => boolean
  /** From here on the session counts as it was opened. */
  readonly begun: () => void
  /** Undoes what was set, prepared statements not. */
  readonly reset: (done: Done) => void
  /** False where what was set when it was opened stays; else that is done again. */
  readonly isWhole?: false
}

/** Where in the program's work an error came up. */
export interface Site {
  readonly operation: Operation
  /** The table written to, or the first one read; null where there is none. */
  readonly table: string | null
  readonly inTransaction: boolean
}

/** A server's address and its database's name, as far as there are such. */
export interface Location {
  readonly address: string | null
  readonly port: number | null
  readonly namespace: string | null
}

/** Not known: the application opened it. */
export const nowhere: Location = { address: null, port: null, namespace: null }

/** How to reach one kind of server and what its errors mean. */
export interface Driver {
  readonly dialect: DialectName
  /** The server in words that may be printed: never an account, never a password. */
  readonly host: string
  /** Where it is, for spans and metrics. */
  readonly location: Location
  /** Bounded by its own deadline; a late success is closed. */
  readonly connect: Effect.Effect<Connection, ConnectFailed>
  readonly classify: (error: unknown, site: Site, connection: Connection | null) => DatabaseError
  /** The statement was stopped because `cancel` asked for it. */
  readonly isCancelled: (error: unknown) => boolean
  /**
   * What asks for the default schema and the default isolation, in one row; absent where nothing is
   * to be asked.
   */
  readonly defaults?: (dialect: DialectName) => string
  /**
   * Does ahead what sending these parameters will take: called while another statement is waited
   * for. They may be sent without it, or not at all.
   */
  readonly ready?: (parameters: ReadonlyArray<unknown>) => void
  /** False where nobody knows what a statement gives before it ran. */
  readonly describes?: false
  /** Null where connections need no proof of life. */
  readonly ping: string | null
  /** Connections that may be open at once; null where the options decide. */
  readonly maxConnections: number | null
  /** How many connections there are where the options do not say. */
  readonly usualSize?: number
  /** SQLite: connections for reading only, beside the one that writes. */
  readonly readers?: {
    readonly size: number
    readonly connect: Effect.Effect<Connection, ConnectFailed>
  }
  /** Connections are another pool's: each is given back after each use. So many at once. */
  readonly borrowed?: number
  /** Waits before a refused statement is tried again because another process holds the file. */
  readonly busyTimeout_ms: number
}

/** How long each step may take before its socket is destroyed. */
export interface Deadlines {
  readonly connect_ms: number
  readonly borrow_ms: number
  readonly ping_ms: number
  readonly control_ms: number
  readonly commit_ms: number
  /** After an interruption: to cancel what is in flight, or to roll back. */
  readonly cancel_ms: number
  readonly close_ms: number
}

export const defaultDeadlines: Deadlines = {
  connect_ms: 5000,
  borrow_ms: 5000,
  ping_ms: 250,
  control_ms: 2000,
  commit_ms: 10_000,
  cancel_ms: 75,
  close_ms: 5000
}
