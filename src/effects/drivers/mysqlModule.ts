/** What is used of the package mysql2, so that our declarations need none of its types. */
export interface MysqlModule {
  readonly createConnection: (config: object) => MysqlConnection
}

/** Columns come with rows, and with nothing else. */
export type Answer = (error: unknown, rows: unknown, columns?: ReadonlyArray<MysqlColumn>) => void

export interface MysqlConnection {
  readonly threadId: number
  readonly stream: {
    readonly destroy: () => void
    readonly once: (event: "close", heard: () => void) => void
  }
  readonly connect: (done: (error: unknown) => void) => void
  readonly query: (
    statement: { readonly sql: string; readonly rowsAsArray?: boolean },
    done: Answer
  ) => void
  readonly execute: (
    statement: { readonly sql: string; readonly values: ReadonlyArray<unknown> },
    done?: Answer
  ) => MysqlCommand
  readonly pause: () => void
  readonly resume: () => void
  readonly prepare: (
    statement: { readonly sql: string },
    done: (error: unknown, statement: MysqlPrepared) => void
  ) => unknown
  /** Forgets a prepared statement, here and on the server. */
  readonly unprepare: (statement: { readonly sql: string }) => void
  /** COM_RESET_CONNECTION: what was prepared is gone too. */
  readonly reset: (done: (error: unknown) => void) => void
  readonly end: (done: () => void) => void
  readonly on: (event: "error" | "end", listener: (error: unknown) => void) => void
  readonly removeListener: (event: "error" | "end", listener: (error: unknown) => void) => void
}

/** A statement without a callback: its rows one by one, and its end, after an error too. */
export interface MysqlCommand {
  readonly on: (
    event: "result" | "error" | "end",
    listener: (value: ReadonlyArray<unknown>) => void
  ) => void
}

/** A column or a parameter, as the protocol describes it. */
export interface MysqlColumn {
  readonly name: string
  readonly columnType: number
  readonly flags: number
  /** 63 is binary. */
  readonly characterSet: number
}

export interface MysqlPrepared {
  readonly columns: ReadonlyArray<MysqlColumn>
  readonly parameters: ReadonlyArray<MysqlColumn>
  readonly close: () => void
}
