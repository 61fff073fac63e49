import type * as Schedule from "effect/Schedule"
import { type DatabaseError, Unsupported } from "../DatabaseError.ts"
import type { Begin, Characteristics, Isolation } from "./Characteristics.ts"
import type { Engine } from "../Engine.ts"
import { checkOptions, choice, flag, nested, object, type OptionTable } from "../Options.ts"
import { statementTable, type StreamOptions } from "../statements/StatementOptions.ts"

/**
 * What a transaction is to be.
 *
 * **Shape** inside another transaction only a savepoint is made: what is asked for must hold of the
 * open one, or is `Unsupported`; `retry` counts at the outermost only.
 *
 * @example
 * ```ts
 * import { Database } from "athanor"
 * import { Schedule } from "effect"
 * const options = { isolation: "serializable", retry: Schedule.recurs(3) } as const
 * const program = Database.transaction(Database.script("delete from drafts"), options)
 * ```
 * @category models
 */
export interface TransactionOptions {
  /** The server's default where left out. */
  readonly isolation?: Isolation
  /** Writes fail with `ReadOnly`. Default false. */
  readonly readOnly?: boolean
  /**
   * Serializable and for reading only, after waiting for a snapshot no other transaction can fail.
   * PostgreSQL has it.
   */
  readonly deferrable?: boolean
  /** SQLite only. Default `immediate`; `deferred` where `readOnly`. */
  readonly begin?: Begin
  /**
   * Runs the whole transaction again after a failure that says `retryable`, never after one whose
   * outcome is unknown. `Database.attempt` counts.
   */
  readonly retry?: Schedule.Schedule<unknown, DatabaseError>
  /** What its statements and streams are sent with, where nothing nearer says otherwise. */
  readonly statement?: StreamOptions
}

const table: OptionTable = {
  isolation: choice("read committed", "read uncommitted", "repeatable read", "serializable"),
  readOnly: flag(false),
  deferrable: flag(false),
  begin: choice("immediate", "deferred", "exclusive"),
  retry: object,
  statement: nested(statementTable)
} satisfies Readonly<Record<keyof TransactionOptions, unknown>>

/** Options as they were given, or a `StatementError` for what means nothing. */
export const checkedOptions = (options: TransactionOptions = {}): TransactionOptions => {
  checkOptions(options, table)
  return options
}

/** What is asked for, completed; or why this database has no such transaction. */
export const characteristicsOf = (
  engine: Engine,
  options: TransactionOptions
): Characteristics | Unsupported => {
  const { deferrable = false, isolation = null } = options
  const readOnly = engine.readOnly || (options.readOnly ?? deferrable)
  const begin = options.begin ?? (readOnly ? "deferred" : "immediate")
  if (engine.dialect === "sqlite" && isolation !== null && !isolationsOfSqlite.has(isolation))
    return refused(engine, "isolationLevel", `a transaction that is ${isolation}`)
  if (engine.dialect !== "sqlite" && options.begin !== undefined)
    return refused(engine, "beginMode", `a transaction that begins ${begin}`)
  if (!deferrable) return { isolation, readOnly, deferrable, begin }
  if (engine.dialect !== "postgres")
    return refused(engine, "deferrableTransactions", "a deferrable transaction")
  if (!readOnly || (isolation !== null && isolation !== "serializable"))
    return refused(
      engine,
      "deferrableTransactions",
      "a deferrable transaction that writes or is not serializable"
    )
  return { isolation: "serializable", readOnly, deferrable, begin }
}

const isolationsOfSqlite: ReadonlySet<Isolation> = new Set(["read uncommitted", "serializable"])

const strength: Readonly<Record<Begin, number>> = { deferred: 0, immediate: 1, exclusive: 2 }

/** Why what is asked for does not hold of the transaction that is open; null where it does. */
export const unlikeOpen = (
  engine: Engine,
  open: Characteristics,
  options: TransactionOptions
): Unsupported | null => {
  const { begin, deferrable, isolation, readOnly } = options
  const inside = (what: string): Unsupported =>
    refused(engine, "openTransaction", `${what} inside a transaction that is not`)
  if (isolation !== undefined && isolation !== open.isolation) return inside(isolation)
  if (readOnly === true && !open.readOnly) return inside("for reading only")
  if (deferrable === true && !open.deferrable) return inside("deferrable")
  if (begin !== undefined && strength[begin] > strength[open.begin]) return inside(`begun ${begin}`)
  return null
}

const refused = (engine: Engine, capability: string, construct: string): Unsupported =>
  new Unsupported({
    message: `${engine.dialect} cannot do this: ${construct} (${capability})`,
    dialect: engine.dialect,
    operation: "begin",
    retryable: false,
    transaction: "alive",
    capability,
    construct
  })
