import type { DialectName } from "../../algebra/Dialect.ts"
import type { Characteristics, Isolation } from "./Characteristics.ts"

/** The statements around a transaction. */
export interface Boundaries {
  readonly begin: ReadonlyArray<string>
  readonly keep: ReadonlyArray<string>
  readonly keepOperation: "commit" | "prepare"
  /** Sent before `undo`; may fail. */
  readonly beforeUndo: ReadonlyArray<string>
  readonly undo: string
  /** What the transaction changed of its connection, taken back. */
  readonly after: ReadonlyArray<string>
  /** The connection can do nothing else once the transaction is kept. */
  readonly retires: boolean
}

/** Those of a transaction that is committed. */
export const boundariesOf = (dialect: DialectName, asked: Characteristics): Boundaries => ({
  begin: beginTexts(dialect, asked),
  keep: commit,
  keepOperation: "commit",
  beforeUndo: nothing,
  undo: "ROLLBACK",
  after: dialect === "sqlite" ? pragmas(asked).map((name) => `PRAGMA ${name} = OFF`) : nothing,
  retires: false
})

const commit: ReadonlyArray<string> = ["COMMIT"]
const nothing: ReadonlyArray<string> = []

/** Looked up, never spliced: the caller's text does not reach the server. */
const isolations: Readonly<Record<Isolation, string>> = {
  "read uncommitted": "READ UNCOMMITTED",
  "read committed": "READ COMMITTED",
  "repeatable read": "REPEATABLE READ",
  serializable: "SERIALIZABLE"
}

const begins = {
  deferred: "BEGIN DEFERRED",
  immediate: "BEGIN IMMEDIATE",
  exclusive: "BEGIN EXCLUSIVE"
} as const

/** How a transaction begins, statement by statement. */
export const beginTexts = (dialect: DialectName, asked: Characteristics): ReadonlyArray<string> => {
  const { begin, deferrable, readOnly } = asked
  switch (dialect) {
    case "sqlite":
      return [...pragmas(asked).map((name) => `PRAGMA ${name} = ON`), begins[begin]]
    case "postgres":
      return [
        `BEGIN${levelText(asked)}${readOnly ? " READ ONLY" : ""}${deferrable ? " DEFERRABLE" : ""}`
      ]
    case "mysql":
    case "mariadb": {
      const start = readOnly ? "START TRANSACTION READ ONLY" : "START TRANSACTION"
      return asked.isolation === null ? [start] : [`SET TRANSACTION${levelText(asked)}`, start]
    }
  }
}

const levelText = ({ isolation }: Characteristics): string =>
  isolation === null ? "" : ` ISOLATION LEVEL ${isolations[isolation]}`

/** SQLite has neither transactions for reading nor levels: its connection has. */
const pragmas = ({ isolation, readOnly }: Characteristics): ReadonlyArray<string> => [
  ...(readOnly ? ["query_only"] : []),
  ...(isolation === "read uncommitted" ? ["read_uncommitted"] : [])
]
