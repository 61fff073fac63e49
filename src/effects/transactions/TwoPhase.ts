import { randomBytes } from "node:crypto"
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { make as makeCatalog } from "../../algebra/schema/Catalog.ts"
import * as Column from "../../algebra/schema/Column.ts"
import * as Query from "../../algebra/Query.ts"
import { refuse } from "../../algebra/StatementError.ts"
import * as Table from "../../algebra/schema/Table.ts"
import { acted } from "./boundary.ts"
import {
  CommitPending,
  CommitOutcomeUnknown,
  type DatabaseError,
  type NotFound,
  type SyntaxOrUndefined,
  TransactionClosed,
  type TransactionError,
  type WriteError
} from "../DatabaseError.ts"
import { type Engine, onKnown } from "../Engine.ts"
import { isFailure } from "../Failure.ts"
import { makeVerbs } from "../makeVerbs.ts"
import {
  type PreparedBranch,
  commitPreparedIn,
  preparedIn,
  preparedNamesIn,
  rollbackPreparedIn
} from "./Prepared.ts"

/**
 * What a coordinator decides on, durably: one row for each transaction that is not over.
 *
 * **Shape** `begun` until its databases have prepared; then `commit`, once and for all, or
 * `rollback` by a recovery that found it abandoned.
 *
 * @category models
 */
export const decisions = Table.make("athanor_decisions", {
  id: Column.varchar(64).primaryKey(),
  decision: Column.varchar(10).default("begun"),
  begunAt: Column.timestamp().default(Column.now)
})

type Service = Context.Key<unknown, Engine>
type IdOf<S> = S extends Context.Key<infer Self, Engine> ? Self : never

/**
 * The databases of a coordinator, by the names they have in its transactions.
 *
 * @category models
 */
export type Databases = Readonly<Record<string, Service>>

/**
 * What a coordinator is made of.
 *
 * @category models
 */
export interface CoordinatorOptions<Log extends Service, D extends Databases> {
  /** Its transactions are called so: unlike every other coordinator's of these servers. */
  readonly name: string
  /** Keeps the decisions, as durably as it keeps what is committed. May be one of `databases`. */
  readonly log: Log
  readonly databases: D
}

/**
 * What a recovery did.
 *
 * @category models
 */
export interface Recovered {
  readonly committed: ReadonlyArray<string>
  readonly rolledBack: ReadonlyArray<string>
  /** Those that are too young to be called abandoned. */
  readonly active: ReadonlyArray<string>
}

/**
 * Transactions over several databases.
 *
 * @category models
 */
export interface Coordinator<Self> {
  /**
   * Makes the table of decisions in the log.
   *
   * @category verbs
   */
  readonly create: Effect.Effect<void, WriteError | TransactionError, Self>
  /**
   * Runs an effect in one transaction on each of the databases: all are committed, or none.
   *
   * **Errors** what the effect gives, and what beginning and preparing do: nothing is kept then;
   * `TransactionClosed`, retryable, where a recovery took it for abandoned; `CommitOutcomeUnknown`
   * where the log did not answer the decision; `CommitPending` where it is decided and a database
   * did not answer: `recover` finishes both.
   *
   * @category verbs
   */
  readonly transaction: <A, E, R>(
    effect: Effect.Effect<A, E, R>
  ) => Effect.Effect<
    A,
    E | WriteError | TransactionError | SyntaxOrUndefined | CommitPending,
    R | Self
  >
  /**
   * Finishes what was left by coordinators that died: commits what was decided, rolls everything
   * else back that is older than `olderThan_ms`, one minute where left out. To be run when a
   * program starts, and now and then.
   *
   * **Errors** what asking the log and the databases gives: what could not be finished is left.
   *
   * @category verbs
   */
  readonly recover: (options?: {
    readonly olderThan_ms?: number
  }) => Effect.Effect<Recovered, WriteError | TransactionError, Self>
}

/**
 * A coordinator of transactions over several databases, that commits all of them or none.
 *
 * **Shape** presumed abort: each database prepares under a name of its own; one row of the log,
 * turned from `begun` to `commit`, decides; then each commits. Whoever dies meanwhile leaves rows
 * and prepared transactions that `recover` finishes the same way. The databases, not the log, must
 * have two-phase commit: PostgreSQL and MariaDB do.
 * **Laws** no database keeps what another one rolled back.
 * **Source** Gray and Lamport, "Consensus on Transaction Commit", 2; X/Open XA.
 *
 * @example
 * ```ts
 * import { Database, TwoPhase } from "athanor"
 * import { Effect } from "effect"
 * class Orders extends Database.Service<Orders>()("orders") {}
 * class Stock extends Database.Service<Stock>()("stock") {}
 * const both = TwoPhase.make({ name: "shop", log: Orders, databases: { Orders, Stock } })
 * const buy = both.transaction(Effect.andThen(
 *   Orders.script("insert into orders values (1)"),
 *   Stock.script("update stock set amount = amount - 1")))
 * ```
 * @category constructors
 */
export const make = <const Log extends Service, const D extends Databases>({
  databases,
  log,
  name
}: CoordinatorOptions<Log, D>): Coordinator<IdOf<Log> | IdOf<D[keyof D]>> => {
  const branches = Object.entries(databases)
  for (const [branch] of branches) {
    if (Buffer.byteLength(branchId(idOf(name), branch)) > 64)
      refuse(`the names ${name} and ${branch} are longer than 40 bytes together`)
  }
  const parts: Parts = { name, branches, log: makeVerbs(log) }
  const coordinator = {
    create: parts.log.create(makeCatalog({ decisions })),
    transaction: (effect: Effect.Effect<unknown>) => coordinated(parts, effect),
    recover: ({ olderThan_ms = 60_000 } = {}) => recovered(parts, olderThan_ms)
  }
  return coordinator as never
}

interface Parts {
  readonly name: string
  readonly branches: ReadonlyArray<readonly [name: string, service: Service]>
  readonly log: ReturnType<typeof makeVerbs<never>>
}

type Failing = WriteError | TransactionError | SyntaxOrUndefined | NotFound

const idOf = (name: string): string => `${name}:${randomBytes(16).toString("base64url")}`
const branchId = (id: string, branch: string): string => `${id}:${branch}`

const coordinated = <A, E>(
  parts: Parts,
  effect: Effect.Effect<A, E>
): Effect.Effect<A, E | Failing | CommitPending> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const id = idOf(parts.name)
      const engines = yield* Effect.forEach(parts.branches, ([, service]) =>
        onKnown(service, Effect.succeed)
      )
      yield* restore(parts.log.run(Query.insert(decisions).values({ id })))
      const prepared: Array<PreparedBranch<unknown>> = []
      const work = parts.branches.reduceRight<Effect.Effect<unknown, E | Failing>>(
        (inner, [branch], at) =>
          Effect.map(preparedIn(engines[at]!, branchId(id, branch), inner, {}), (one) => {
            prepared.push(one)
            return one.value
          }),
        effect
      )
      const exit = yield* Effect.exit(restore(work))
      if (Exit.isFailure(exit)) {
        yield* undone(parts, engines, id, prepared)
        return yield* Effect.failCause(exit.cause)
      }
      const decided = yield* Effect.exit(decide(parts, id, "commit"))
      if (Exit.isFailure(decided)) {
        const error = failureIn(decided.cause)
        if (error?.transaction === "unknown")
          return yield* Effect.fail(undecided(engines[0]!, error))
        yield* undone(parts, engines, id, prepared)
        return yield* Effect.failCause(decided.cause)
      }
      if (decided.value === 0) {
        yield* undone(parts, engines, id, prepared)
        return yield* Effect.fail(abandoned(engines[0]!, id))
      }
      const left: Array<string> = []
      for (const [at, [branch]] of parts.branches.entries()) {
        const finished = yield* Effect.exit(
          once(commitPreparedIn(engines[at]!, branchId(id, branch)))
        )
        if (Exit.isFailure(finished)) left.push(branch)
      }
      if (left.length > 0) return yield* Effect.fail(pending(engines[0]!, id, left))
      yield* Effect.ignore(forget(parts, id))
      yield* acted(
        prepared.flatMap(({ afterCommit }) => afterCommit),
        null
      )
      return exit.value as A
    })
  )

/** Rolls back on every database what may be prepared there; what does not answer is recovered. */
const undone = Effect.fnUntraced(function* (
  parts: Parts,
  engines: ReadonlyArray<Engine>,
  id: string,
  prepared: ReadonlyArray<PreparedBranch<unknown>>
) {
  let isDone = true
  for (const [at, [branch]] of parts.branches.entries()) {
    const exit = yield* Effect.exit(once(rollbackPreparedIn(engines[at]!, branchId(id, branch))))
    isDone &&= Exit.isSuccess(exit)
  }
  if (isDone) yield* Effect.ignore(forget(parts, id))
  yield* acted(
    prepared.flatMap(({ afterRollback }) => afterRollback),
    null
  )
})

/** Somebody else may have finished it: the decision was the same. */
const once = (
  finishing: Effect.Effect<void, TransactionError | NotFound>
): Effect.Effect<void, TransactionError> =>
  Effect.catchTag(finishing, "NotFound", () => Effect.void) as Effect.Effect<void, TransactionError>

const decide = (
  { log }: Parts,
  id: string,
  decision: "commit" | "rollback"
): Effect.Effect<number, WriteError> =>
  log.run(
    Query.update(decisions)
      .set({ decision })
      .where(decisions.c.id.eq(id).and(decisions.c.decision.eq("begun")))
  )

const forget = ({ log }: Parts, id: string): Effect.Effect<number, WriteError> =>
  log.run(Query.deleteFrom(decisions).where(decisions.c.id.eq(id)))

interface Row {
  readonly id: string
  readonly decision: string
  readonly begunAt: DateTime.Utc
}

const recovered: (
  parts: Parts,
  olderThan_ms: number
) => Effect.Effect<Recovered, WriteError | TransactionError> = Effect.fnUntraced(
  function* (parts, olderThan_ms) {
    const engines = yield* Effect.forEach(parts.branches, ([, service]) =>
      onKnown(service, Effect.succeed)
    )
    const listed = Effect.forEach(engines, preparedNamesIn)
    // Asked before the rows: a name that is listed had its row then, and has it still unless its
    // databases were told to finish it.
    const before = yield* listed
    const found: ReadonlyArray<Row> = yield* parts.log.all(Query.from(decisions))
    const rows = found.filter(({ id }) => id.startsWith(`${parts.name}:`))
    const known = new Set(rows.map(({ id }) => id))
    const orphans = before
      .flatMap((names, at) => idsOf(parts, names, at))
      .filter((id) => !known.has(id))
    const outcomes = new Map<string, Outcome>(orphans.map((id) => [id, "rolledBack"]))
    const now = yield* Clock.currentTimeMillis
    for (const row of rows) {
      const isAbandoned = now - row.begunAt.epochMilliseconds >= olderThan_ms
      outcomes.set(row.id, yield* outcomeOf(parts, row, isAbandoned))
    }
    // And after them: what is decided was prepared before, and is listed until it is finished.
    const after = yield* listed
    for (const [id, outcome] of outcomes) {
      if (outcome === "active") continue
      const finish = outcome === "committed" ? commitPreparedIn : rollbackPreparedIn
      for (const [at, [branch]] of parts.branches.entries()) {
        const name = branchId(id, branch)
        if (after[at]!.includes(name)) yield* once(finish(engines[at]!, name))
      }
      if (known.has(id)) yield* forget(parts, id)
    }
    const those = (outcome: Outcome) =>
      [...outcomes].filter(([, one]) => one === outcome).map(([id]) => id)
    return {
      committed: those("committed"),
      rolledBack: those("rolledBack"),
      active: those("active")
    }
  }
)

type Outcome = keyof Recovered

const outcomeOf = (
  parts: Parts,
  { decision, id }: Row,
  isAbandoned: boolean
): Effect.Effect<Outcome, WriteError> => {
  if (decision !== "begun")
    return Effect.succeed(decision === "commit" ? "committed" : "rolledBack")
  return isAbandoned
    ? // Its coordinator may be deciding now: one of us does.
      Effect.map(decide(parts, id, "rollback"), (count) => (count === 0 ? "active" : "rolledBack"))
    : Effect.succeed("active")
}

/** The transactions whose branch of one database is among its prepared names. */
const idsOf = (
  { branches, name }: Parts,
  names: ReadonlyArray<string>,
  at: number
): ReadonlyArray<string> => {
  const ending = `:${branches[at]![0]}`
  return names
    .filter((one) => one.startsWith(`${name}:`) && one.endsWith(ending))
    .map((one) => one.slice(0, -ending.length))
}

const failureIn = (cause: Cause.Cause<DatabaseError>): DatabaseError | null => {
  for (const reason of cause.reasons)
    if (reason._tag === "Fail" && isFailure(reason.error)) return reason.error
  return null
}

const undecided = ({ dialect }: Engine, error: DatabaseError): CommitOutcomeUnknown =>
  new CommitOutcomeUnknown(
    {
      message: "the log did not answer whether the transaction is decided: recover will tell",
      dialect,
      operation: "commit",
      retryable: false,
      transaction: "unknown"
    },
    error
  )

const abandoned = ({ dialect }: Engine, id: string): TransactionClosed =>
  new TransactionClosed({
    message: `a recovery took the transaction ${id} for abandoned and rolled it back`,
    dialect,
    operation: "commit",
    retryable: true,
    transaction: "ended"
  })

const pending = (
  { dialect }: Engine,
  id: string,
  databases: ReadonlyArray<string>
): CommitPending =>
  new CommitPending({
    message: `decided to be committed, and not yet on ${databases.join(", ")}: ${id}`,
    dialect,
    operation: "commit",
    retryable: false,
    transaction: "unknown",
    id,
    databases
  })
