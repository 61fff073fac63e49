import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { refuse } from "../../algebra/StatementError.ts"
import { dialects } from "../../compile/dialects.ts"
import { acted, command, type Run } from "./boundary.ts"
import {
  type DatabaseError,
  NotFound,
  type ReadError,
  type SyntaxOrUndefined,
  type TransactionError,
  Unsupported
} from "../DatabaseError.ts"
import type { Site } from "../Driver.ts"
import type { Engine } from "../Engine.ts"
import type { Action, Level } from "./Level.ts"
import { asIs, controlRequest, entered, sendThrough } from "../statements/send.ts"
import { bounded, runOf } from "./Transaction.ts"
import { characteristicsOf, type TransactionOptions } from "./TransactionOptions.ts"
import { type Boundaries, boundariesOf } from "./transactionTexts.ts"

/**
 * A transaction that is done but for its end: durable, its locks held, its rows not seen yet. It
 * outlives its connection, its program and the server.
 *
 * @category models
 */
export interface Prepared<A> {
  readonly id: string
  /** What its effect gave. */
  readonly value: A
  /** `commitPrepared` of it, then its actions after commit. */
  readonly commit: Effect.Effect<void, TransactionError | NotFound>
  /** `rollbackPrepared` of it, then its actions after rollback. */
  readonly rollback: Effect.Effect<void, TransactionError | NotFound>
}

/** The same for a coordinator, which acts once all its databases have. */
export interface PreparedBranch<A> extends Prepared<A> {
  readonly afterCommit: ReadonlyArray<Action>
  readonly afterRollback: ReadonlyArray<Action>
}

/** Runs an effect in a transaction and prepares it under a name instead of committing it. */
export const preparedIn = <A, E, R>(
  engine: Engine,
  id: string,
  effect: Effect.Effect<A, E, R>,
  options: TransactionOptions
): Effect.Effect<PreparedBranch<A>, E | TransactionError | SyntaxOrUndefined, R> =>
  Effect.withFiber((fiber) => {
    const refused = refusal(engine, fiber.getRef(engine.current), "prepare")
    if (refused !== null) return Exit.fail(refused)
    const characteristics = characteristicsOf(engine, options)
    if ("_tag" in characteristics) return Exit.fail(characteristics)
    const boundaries = preparing(engine, id, boundariesOf(engine.dialect, characteristics))
    const traits = { characteristics, attempt: 1, isTrial: false }
    const body = Effect.withFiber<readonly [A, Level], E, R>((inside) => {
      const level = inside.getRef(engine.current)!
      return Effect.map(effect, (value) => [value, level] as const)
    })
    return Effect.flatMap(runOf(engine), (run) =>
      Effect.map(bounded(run, body, traits, boundaries), ([value, level]) => ({
        id,
        value,
        afterCommit: level.afterCommit,
        afterRollback: level.afterRollback,
        commit: Effect.andThen(commitPreparedIn(engine, id), acted(level.afterCommit, null)),
        rollback: Effect.andThen(rollbackPreparedIn(engine, id), acted(level.afterRollback, null))
      }))
    ).pipe(Effect.mapError((error) => asRefused(engine, error)))
  })

const preparing = ({ dialect }: Engine, id: string, local: Boundaries): Boundaries => {
  const name = nameOf(dialect, id)
  if (dialect === "postgres")
    return { ...local, keep: [`PREPARE TRANSACTION ${name}`], keepOperation: "prepare" }
  const [start, ...before] = local.begin.toReversed()
  return {
    ...local,
    begin: [
      ...before.toReversed(),
      // XA START has no options: they are set for the transaction it begins.
      ...(start!.endsWith("READ ONLY") ? ["SET TRANSACTION READ ONLY"] : []),
      `XA START ${name}`
    ],
    keep: [`XA END ${name}`, `XA PREPARE ${name}`],
    keepOperation: "prepare",
    beforeUndo: [`XA END ${name}`],
    undo: `XA ROLLBACK ${name}`,
    retires: true
  }
}

const nameOf = (dialect: Engine["dialect"], id: string): string => {
  const bytes = Buffer.from(id)
  if (bytes.length === 0 || bytes.length > 64 || id.includes("\0"))
    refuse("a prepared transaction's name is 1 to 64 bytes of text")
  return dialects[dialect][dialect === "postgres" ? "textLiteral" : "bytesLiteral"](
    dialect === "postgres" ? id : bytes.toString("hex")
  )
}

/** Keeps a prepared transaction, whoever prepared it. */
export const commitPreparedIn = (
  engine: Engine,
  id: string
): Effect.Effect<void, TransactionError | NotFound> =>
  finished(engine, id, "commit", engine.dialect === "postgres" ? "COMMIT PREPARED" : "XA COMMIT")

/** Undoes a prepared transaction, whoever prepared it. */
export const rollbackPreparedIn = (
  engine: Engine,
  id: string
): Effect.Effect<void, TransactionError | NotFound> =>
  finished(
    engine,
    id,
    "rollback",
    engine.dialect === "postgres" ? "ROLLBACK PREPARED" : "XA ROLLBACK"
  )

const finished = (
  engine: Engine,
  id: string,
  operation: "commit" | "rollback",
  words: string
): Effect.Effect<void, TransactionError | NotFound> =>
  Effect.withFiber((fiber) => {
    const refused = refusal(engine, fiber.getRef(engine.current), operation)
    if (refused !== null) return Exit.fail(refused)
    const text = `${words} ${nameOf(engine.dialect, id)}`
    const giveUpAt = performance.now() + engine.deadlines.control_ms
    return Effect.flatMap(runOf(engine), (run) => attempted(run, id, operation, text, giveUpAt))
  })

const attempted = (
  run: Run,
  id: string,
  operation: "commit" | "rollback",
  text: string,
  giveUpAt: number
): Effect.Effect<void, TransactionError | NotFound> => {
  const { engine } = run
  const { commit_ms } = engine.deadlines
  const sent = entered(engine.gate, ({ connection }) =>
    command(run, connection, text, operation, commit_ms)
  )
  return Effect.matchEffect(sent, {
    onSuccess: () => Effect.void,
    onFailure: (error): Effect.Effect<void, TransactionError | NotFound> => {
      const code = codeOf(error)
      // MariaDB gives a branch that wrote nothing up when its connection goes (trans_xa_detach).
      if (code === 1402) return Effect.void
      if (!isUnknownName.has(code)) return Effect.fail(error)
      const listed = Effect.mapError(preparedNamesIn(engine), (e) => e as TransactionError)
      return Effect.flatMap(listed, (names) => {
        if (!names.includes(id)) return Effect.fail(notFound(engine, id, operation))
        // Its connection has not ended yet, or another one is finishing it.
        return performance.now() > giveUpAt
          ? Effect.fail(error)
          : Effect.andThen(pause, attempted(run, id, operation, text, giveUpAt))
      })
    }
  })
}

const pause: Effect.Effect<void> = Effect.callback((resume) => {
  const timer = setTimeout(() => resume(Effect.void), 10)
  return Effect.sync(() => clearTimeout(timer))
})

/** PostgreSQL: no such name; busy with it. MariaDB: XAER_NOTA, also of one still connected. */
const isUnknownName: ReadonlySet<unknown> = new Set(["42704", "55000", 1397])

/** The server's number for it. */
const codeOf = (error: DatabaseError): unknown => {
  const { driverError } = error
  if (typeof driverError !== "object" || driverError === null) return undefined
  return "errno" in driverError && typeof driverError.errno === "number"
    ? driverError.errno
    : "code" in driverError
      ? driverError.code
      : undefined
}

const site: Site = { operation: "query", table: null, inTransaction: false }

const listing = {
  postgres: "select gid from pg_prepared_xacts where database = current_database() order by 1",
  mariadb: "xa recover"
} as const

/** The names of all that is prepared and waits for its end. */
export const preparedNamesIn = (engine: Engine): Effect.Effect<ReadonlyArray<string>, ReadError> =>
  Effect.suspend(() => {
    const refused = refusal(engine, null, "query")
    if (refused !== null) return Effect.fail(refused)
    const isPostgres = engine.dialect === "postgres"
    const request = controlRequest(isPostgres ? listing.postgres : listing.mariadb, false)
    return Effect.map(sendThrough(engine, engine.gate, request, site, asIs), ({ rows }) =>
      isPostgres ? rows.map(([name]) => String(name)) : rows.flatMap(nameOfBranch)
    )
  }) as Effect.Effect<ReadonlyArray<string>, ReadError>

/** `formatID, gtrid_length, bqual_length, data`; of other transaction managers nothing. */
const nameOfBranch = ([format, , qualifier, data]: ReadonlyArray<unknown>): ReadonlyArray<string> =>
  Number(format) === 1 && Number(qualifier) === 0
    ? [Buffer.isBuffer(data) ? data.toString() : String(data)]
    : []

const refusal = (
  engine: Engine,
  open: Level | null,
  operation: "prepare" | "commit" | "rollback" | "query"
): Unsupported | null => {
  const refused = (capability: string, construct: string): Unsupported =>
    new Unsupported({
      message: `${engine.dialect} cannot do this: ${construct} (${capability})`,
      dialect: engine.dialect,
      operation,
      retryable: false,
      transaction: "alive",
      capability,
      construct
    })
  if (engine.dialect === "sqlite") return refused("twoPhaseCommit", "a prepared transaction")
  return open === null
    ? null
    : refused("openTransaction", `${operation} of a prepared transaction inside another one`)
}

/** PostgreSQL says so where max_prepared_transactions is 0. */
const asRefused = <E>(engine: Engine, error: E): E | Unsupported =>
  error instanceof Error &&
  "_tag" in error &&
  error._tag === "SyntaxOrUndefined" &&
  codeOf(error as never) === "55000"
    ? new Unsupported({
        message: "postgres cannot do this: max_prepared_transactions is 0 (twoPhaseCommit)",
        dialect: engine.dialect,
        operation: "prepare",
        retryable: false,
        transaction: "ended",
        capability: "twoPhaseCommit",
        construct: "a prepared transaction"
      })
    : error

const notFound = (engine: Engine, id: string, operation: "commit" | "rollback"): NotFound =>
  new NotFound({
    message: `no prepared transaction is called "${id}"`,
    dialect: engine.dialect,
    operation,
    retryable: false,
    transaction: "ended",
    subject: id
  })
