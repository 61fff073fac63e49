/** The databases a row of faults may name. */
export type Database = "sqlite" | "postgres" | "mariadb"

/** A test that shows something and is not among those that are found by their row. */
export interface Elsewhere {
  readonly file: string
  readonly title: string
  readonly on: ReadonlyArray<Database>
}

/** What goes wrong, on which databases it can, and what must be true beside R0. */
export interface Row {
  readonly number: number
  readonly what: string
  readonly on: ReadonlyArray<Database>
  readonly besides: string
  readonly elsewhere?: ReadonlyArray<Elsewhere>
}

/** What may go wrong between fibers. */
export interface Hazard {
  readonly what: string
  readonly elsewhere?: ReadonlyArray<Elsewhere>
}

const all: ReadonlyArray<Database> = ["sqlite", "postgres", "mariadb"]
const servers: ReadonlyArray<Database> = ["postgres", "mariadb"]

export const rows: ReadonlyArray<Row> = [
  {
    number: 1,
    what: "the server restarts; the file is held or is none",
    on: all,
    besides:
      "`ConnectionLost`; the idle connections are not one error each; served again within 1 s"
  },
  {
    number: 2,
    what: "a session is ended from outside",
    on: servers,
    besides: "what the server said is kept, whatever ROLLBACK meets then"
  },
  {
    number: 3,
    what: "a statement is cancelled, or takes too long",
    on: all,
    besides:
      "`StatementCancelled`, `StatementTimeout`; SQLite's cannot be stopped, its connection goes"
  },
  {
    number: 4,
    what: "the network is cut",
    on: servers,
    besides: "in COMMIT `CommitOutcomeUnknown`, never retried; actions after neither end run"
  },
  {
    number: 5,
    what: "half-open connections",
    on: servers,
    besides: "every round trip has a deadline; one ping tells of all that are older"
  },
  {
    number: 6,
    what: "connecting leads nowhere",
    on: all,
    besides: "`ConnectFailed` in time; nobody else waits for it"
  },
  {
    number: 7,
    what: "the server is slow, the file is held",
    on: all,
    besides: "a slow statement holds up nobody but its connection"
  },
  {
    number: 8,
    what: "no connection is free",
    on: all,
    besides: "`PoolTimeout` or `PoolQueueFull`; in order, each by his own deadline"
  },
  {
    number: 9,
    what: "interruption at any point",
    on: all,
    besides: "at every operation of every public function that runs anything",
    elsewhere: [
      {
        file: "test/faults/interruptionPoints.test.ts",
        title: "lends nothing for ever, leaves nothing open, and stores all or nothing",
        on: all
      }
    ]
  },
  {
    number: 10,
    what: "the program is killed, or its wire in the middle of a message",
    on: all,
    besides: "nothing acknowledged is lost, nothing is there in part",
    elsewhere: [
      {
        file: "test/faults/kill.test.ts",
        title: "again and again: on %s no acknowledged group is lost, none is there in part",
        on: all
      },
      {
        file: "test/faults/byteCuts.test.ts",
        title: "what was acknowledged is there, what was refused is not, nothing by half",
        on: servers
      }
    ]
  },
  {
    number: 12,
    what: "deadlock",
    on: all,
    besides: "nothing commits by itself afterwards; the whole transaction runs again"
  },
  {
    number: 13,
    what: "no serial order",
    on: all,
    besides: "typed and retryable at a statement and at COMMIT"
  },
  {
    number: 14,
    what: "a lock does not come free",
    on: all,
    besides: "one failure; what lives is told by its field"
  },
  {
    number: 15,
    what: "constraint violations",
    on: all,
    besides: "five names on all databases; they cost no connection"
  },
  {
    number: 16,
    what: "storage is full, or for reading only",
    on: all,
    besides: "`StorageFull`, `ReadOnly`; a ROLLBACK that is not needed is no failure"
  },
  {
    number: 17,
    what: "many write the same",
    on: all,
    besides: "they wait beside the program's other work; no write is lost"
  },
  {
    number: 23,
    what: "too many parameters",
    on: all,
    besides: "counted before they are sent; many rows go in several statements"
  },
  { number: 24, what: "one huge value", on: all, besides: "stored, or refused by name" },
  {
    number: 25,
    what: "thousands of prepared statements",
    on: all,
    besides: "a connection keeps a hundred at most"
  },
  {
    number: 26,
    what: "PgBouncer by transactions",
    on: ["postgres"],
    besides:
      "what needs a session is `RequiresSession`; nightly all of PostgreSQL's tests run behind one"
  },
  { number: 28, what: "queries too deep or too wide", on: all, besides: "refused by name, or run" },
  {
    number: 32,
    what: "a stream is left early",
    on: all,
    besides: "its cursor is closed on every path"
  }
]

export const hazards: ReadonlyArray<Hazard> = [
  { what: "a fiber leaks out of its transaction" },
  { what: "a sibling's statement inside a foreign savepoint" },
  { what: "savepoints of siblings share a name" },
  { what: "BEGIN or SAVEPOINT fails: no ROLLBACK follows" },
  {
    what: "COMMIT is refused",
    elsewhere: [
      {
        file: "test/effects/doubles.test.ts",
        title: "a COMMIT that the server answers with ROLLBACK is a failure",
        on: ["postgres"]
      }
    ]
  },
  { what: "ROLLBACK fails: the first failure stays, the connection goes" },
  { what: "interrupted while it waits for a connection" },
  { what: "interrupted during a query: stopped on the server, and kept" },
  { what: "interrupted during COMMIT: it completes, and is known" },
  { what: "two databases in one program" },
  { what: "a load beside a transaction and one inside it share nothing" },
  { what: "one of two who load the same is interrupted" },
  {
    what: "`client.withTransaction` of effect/sql inside our transaction",
    elsewhere: [
      {
        file: "test/conformance/sql-client.test.ts",
        title: "its statements run in the transaction that is open, and are undone with it",
        on: all
      }
    ]
  },
  { what: "a pool of one and work inside work" },
  {
    what: "a stream is left early, or read slowly",
    elsewhere: [
      {
        file: "test/faults/statements.test.ts",
        title: "a stream left early gives its connection back, whatever else it held",
        on: all
      },
      {
        file: "test/faults/streamMemory.test.ts",
        title: "keeps resident memory within 32 MiB of its start [F28.1]",
        on: all
      }
    ]
  },
  {
    what: "ages and idle times by a test's clock",
    elsewhere: [
      {
        file: "test/effects/pool.test.ts",
        title: "a connection idle for long proves that it lives; a fresh one need not",
        on: all
      }
    ]
  }
]
