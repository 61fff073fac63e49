/** The two database servers the tests talk to. SQLite needs no server: it runs in memory. */
export type Engine = "postgres" | "mariadb"

export const engines: ReadonlyArray<Engine> = ["postgres", "mariadb"]

/** The environment variable that names a server to use instead of one of our own. */
export const addressVariable: Readonly<Record<Engine, string>> = {
  postgres: "ATHANOR_TEST_POSTGRES_URL",
  mariadb: "ATHANOR_TEST_MYSQL_URL"
}

/** Where a server program is, and what it calls itself. */
export interface Installation {
  readonly engine: Engine
  readonly version: string
  /** Where the binaries were found, in words a person can act on. */
  readonly origin: string
  /** Folder of `postgres` and `initdb`, or path of `mariadbd`. */
  readonly path: string
}

/** All that differs between the engines when a server is made, started and stopped. */
export interface Recipe {
  readonly engine: Engine
  /** Finds the binaries, or fails with a sentence that says what to do. */
  readonly find: () => Promise<Installation>
  /** Names everything that shapes a fresh cluster, so a cached one is reused only for its like. */
  readonly fingerprint: (installation: Installation) => string
  /** Makes an empty cluster in `directory`, which exists and belongs to the account. */
  readonly initialise: (installation: Installation, directory: string) => Promise<void>
  readonly command: (
    installation: Installation,
    directory: string,
    port: number
  ) => readonly [program: string, args: ReadonlyArray<string>]
  readonly url: (port: number) => string
  /** Opens one connection, asks the version, closes. Rejects while the server is not ready. */
  readonly ping: (url: string) => Promise<string>
  readonly signal: Readonly<Record<StopMode, NodeJS.Signals>>
}

/** `smart` waits for clients, `fast` disconnects them, `immediate` recovers at the next start. */
export type StopMode = "smart" | "fast" | "immediate"
