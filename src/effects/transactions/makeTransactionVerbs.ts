import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { advisoryLockIn, type LockOptions } from "./AdvisoryLock.ts"
import { autocommitIn } from "./autocommit.ts"
import { placed } from "../pool/BorrowPlace.ts"
import type { TransactionClosed } from "../DatabaseError.ts"
import { type Engine, onKnown, withOptions } from "../Engine.ts"
import type { EngineKey } from "../Execution.ts"
import type { Action, Level } from "./Level.ts"
import { commitPreparedIn, preparedIn, preparedNamesIn, rollbackPreparedIn } from "./Prepared.ts"
import { transactionIn } from "./Transaction.ts"
import { checkedOptions, type TransactionOptions } from "./TransactionOptions.ts"
import type { TransactionVerbs } from "./TransactionVerbs.ts"

/** What begins, bounds and follows transactions of the database a service holds. */
export const makeTransactionVerbs = <Self>(service: EngineKey): TransactionVerbs<Self> => {
  const within = (effect: Effect.Effect<unknown>, options: TransactionOptions) =>
    onKnown(service, (one) => begun(one, effect, options, transactionIn))
  /** With the options of its statements, where it has some. */
  const begun = <A>(
    one: Engine,
    effect: Effect.Effect<unknown>,
    options: TransactionOptions,
    run: (one: Engine, effect: Effect.Effect<unknown>, options: TransactionOptions) => A
  ): A => {
    if (options.statement === undefined) return run(one, effect, options)
    const view = withOptions(one, options.statement)
    return run(view, Effect.provideService(effect, service, view), options)
  }
  const transaction = (first?: unknown, second?: TransactionOptions): unknown => {
    if (Effect.isEffect(first))
      return placed(within(first as Effect.Effect<unknown>, checkedOptions(second)), transaction)
    const options = checkedOptions(first as TransactionOptions | undefined)
    const last = (effect: Effect.Effect<unknown>) => placed(within(effect, options), last)
    return last
  }
  const verbs = {
    transaction,
    attempt: atLevel(service, (level) =>
      Exit.succeed(level === null ? 0 : Math.max(1, level.root.traits.attempt))
    ),
    afterCommit: (action: Effect.Effect<unknown>) =>
      atLevel(service, (level, one, context) =>
        level === null
          ? Effect.asVoid(action)
          : registered(level, level.afterCommit, action, one, context)
      ),
    afterRollback: (action: Effect.Effect<unknown>) =>
      atLevel(service, (level, one, context) =>
        level === null ? Effect.void : registered(level, level.afterRollback, action, one, context)
      ),
    autocommit: (effect: Effect.Effect<unknown>) =>
      onKnown(service, (one) => autocommitIn(service as never, one, effect)),
    lock: (name: string, options: LockOptions = {}) =>
      onKnown(service, (one) => advisoryLockIn(one, name, options)),
    prepare: (id: string, effect: Effect.Effect<unknown>, given?: TransactionOptions) => {
      const options = checkedOptions(given)
      return onKnown(service, (one) =>
        begun(one, effect, options, (on, work) => preparedIn(on, id, work, options))
      )
    },
    prepared: onKnown(service, preparedNamesIn),
    commitPrepared: (id: string) => onKnown(service, (one) => commitPreparedIn(one, id)),
    rollbackPrepared: (id: string) => onKnown(service, (one) => rollbackPreparedIn(one, id))
  }
  return verbs as unknown as TransactionVerbs<Self>
}

type Surrounding = Context.Context<unknown>

const atLevel = <A, E>(
  service: EngineKey,
  use: (level: Level | null, engine: Engine, context: Surrounding) => Effect.Effect<A, E>
): Effect.Effect<A, E> =>
  Effect.withFiber((fiber) => {
    const context = fiber.context as Surrounding
    const engine = Context.getUnsafe(context, service)
    const level = fiber.getRef(engine.current)
    return use(level === null || isTrial(level) ? null : level, engine, context)
  })

/** What is tested believes that no transaction is open. */
const isTrial = (level: Level): boolean => level.root.traits.isTrial && level.parent === null

/** For later, in the context of now but for the transaction, which will have ended. */
const registered = (
  level: Level,
  actions: Array<Action>,
  action: Effect.Effect<unknown>,
  { current }: Engine,
  context: Surrounding
): Effect.Effect<void, TransactionClosed> => {
  if (!level.open) return Exit.fail(level.closed("query"))
  actions.push((around) => Effect.provideContext(action, Context.add(context, current, around)))
  return Effect.void
}
