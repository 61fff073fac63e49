import type * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import type { DialectName } from "../algebra/Dialect.ts"

/**
 * What was being done when something failed.
 *
 * @category models
 */
export type Operation =
  | "configure"
  | "connect"
  | "borrow"
  | "compile"
  | "encode"
  | "decode"
  | "query"
  | "insert"
  | "update"
  | "delete"
  | "merge"
  | "ddl"
  | "script"
  | "lock"
  | "begin"
  | "commit"
  | "prepare"
  | "rollback"
  | "savepoint"
  | "release"
  | "flush"

/**
 * What a failure did to the transaction around it.
 *
 * **Shape** `alive`: it goes on. `doomed`: only its rollback is possible. `ended`: the server
 * rolled it back already; so for a statement of its own, of which nothing is done. `unknown`: what
 * was asked may be done or not.
 *
 * @category models
 */
export type Fate = "alive" | "doomed" | "ended" | "unknown"

/**
 * What every failure says.
 *
 * @category models
 */
export interface Facts {
  /** One line that names the culprit; never a value, never a secret. */
  readonly message: string
  /** Null where no server is known yet. */
  readonly dialect: DialectName | null
  readonly operation: Operation
  /** The same work, begun again, may succeed. */
  readonly retryable: boolean
  readonly transaction: Fate
  /** Which of many sets of parameters it was, counted from 0. */
  readonly set?: number
  /** Which of a script's statements it was, counted from 1. */
  readonly statement?: number
  /**
   * Which rows of an insert of many hold what was refused, counted from 0: at most ten. One, where
   * it is known to be that one. Absent where neither we nor the server can tell.
   */
  readonly rows?: ReadonlyArray<number>
}

const driverErrors = new WeakMap<object, unknown>()
const FailureId = "~athanor/Failure"

/** Any of ours, of whatever kind. */
export const isFailure = (value: unknown): value is Failure<string> =>
  typeof value === "object" && value !== null && FailureId in value

/**
 * The instance side of every failure.
 *
 * @category models
 */
export interface Failure<Tag extends string> extends Cause.YieldableError, Facts {
  readonly _tag: Tag
  readonly message: string
  /** Where it is written of: `docs/errors.md#uniqueviolation`. */
  readonly page: string
  /** The driver's own error, with whatever it holds: values too. Never printed nor serialised. */
  readonly driverError: unknown
}

/** The base class of one kind of failure. */
export const failure = <Tag extends string>(
  tag: Tag
): new <Extra extends object = {}>(
  facts: Facts & Extra,
  driverError?: unknown
) => Failure<Tag> & Readonly<Extra> => {
  class Base extends Data.TaggedError(tag)<Facts> {
    constructor(facts: Facts, driverError?: unknown) {
      super(facts)
      if (driverError !== undefined) driverErrors.set(this, driverError)
    }
    get [FailureId](): true {
      return true
    }
    get page(): string {
      return `docs/errors.md#${tag.toLowerCase()}`
    }
    get driverError(): unknown {
      return driverErrors.get(this)
    }
  }
  // The class cannot know its extra fields: the constructor's type adds what `super` assigned.
  return Base as never
}

/**
 * A failure as seen from outside the savepoint that was rolled back because of it: what it doomed
 * is
 * undone, the transaction goes on.
 */
export const outsideSavepoint = <E>(error: E): E =>
  isFailure(error) && error.transaction === "doomed" ? withFate(error, "alive") : error

/** A failure as seen by who began no transaction: the one that was begun for it is over. */
export const outsideTransaction = <E>(error: E): E =>
  isFailure(error) && (error.transaction === "doomed" || error.transaction === "alive")
    ? withFate(error, "ended")
    : error

/** A failure that says which of many sets of parameters it is of. */
export const ofSet = <E>(error: E, set: number): E =>
  isFailure(error) ? again(error, { set, message: `set ${set}: ${error.message}` }) : error

/** A failure that says which of a script's statements it is of. */
export const ofStatement = <E>(error: E, statement: number | null): E =>
  isFailure(error) && statement !== null
    ? again(error, { statement, message: `statement ${statement}: ${error.message}` })
    : error

/** A failure that says which rows of an insert it is of. */
export const ofRows = <E>(error: E, rows: ReadonlyArray<number>): E => {
  if (!isFailure(error) || rows.length === 0) return error
  const which = rows.length === 1 ? `row ${rows[0]!}` : `rows ${rows.join(", ")}`
  return again(error, { rows, message: `${which}: ${error.message}` })
}

/** The same failure in other words. */
export const withMessage = <E>(error: E & Failure<string>, message: string): E =>
  again(error, { message })

/** The same failure of a table by the name it goes by, where it was made under another. */
export const ofTable = <E>(error: E, made: string, name: string): E => {
  if (!isFailure(error)) return error
  const table = "table" in error && error.table === made ? { table: name } : {}
  return again(error, { message: error.message.replaceAll(made, name), ...table })
}

const withFate = <E>(error: E & Failure<string>, transaction: Fate): E =>
  again(error, { transaction })

const again = <E>(error: E & Failure<string>, facts: Partial<Facts>): E => {
  const kind = error.constructor as new (facts: Facts, driverError: unknown) => Failure<string>
  const seen = new kind(
    Object.assign({}, error as Facts, { message: error.message }, facts),
    error.driverError
  )
  if (error.stack !== undefined) seen.stack = error.stack
  return seen as E
}
