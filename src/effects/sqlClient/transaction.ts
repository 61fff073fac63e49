import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { Reactivity } from "effect/reactivity/Reactivity"
import { BeginTransaction } from "effect/sql/SqlClient"
import { SqlError, UnknownError } from "effect/sql/SqlError"
import { Database } from "../Database.ts"
import type { DatabaseError } from "../DatabaseError.ts"
import type { Engine } from "../Engine.ts"
import type { Isolation } from "../transactions/Characteristics.ts"
import type { TransactionOptions } from "../transactions/TransactionOptions.ts"
import { Theirs } from "./connection.ts"
import { sqlErrorOf } from "./sqlError.ts"

/** A failure of the body, told from those of the transaction around it, which may look alike. */
class OfBody<E> {
  readonly error: E
  constructor(error: E) {
    this.error = error
  }
}

/** A transaction of ours, its failures as effect/sql says them. */
export const withTransaction =
  (engine: Engine) =>
  <R, E, A>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R> =>
    Effect.withFiber((fiber) => {
      const options = optionsOf(fiber.getRef(BeginTransaction))
      if (options instanceof SqlError) return Effect.fail(options)
      const reactivity = Context.getOrUndefined(fiber.context, Reactivity)
      const body =
        reactivity === undefined
          ? effect
          : Effect.provideService(effect, Reactivity, deferred(reactivity, engine))
      const isOutermost = fiber.getRef(engine.current) === null
      const marked = isOutermost ? Effect.provideService(body, Theirs, true) : body
      const told = Effect.mapError(marked, (error) => new OfBody(error))
      return Database.transaction(told, options).pipe(
        Effect.provideService(Database, engine as never),
        Effect.mapError((error) =>
          error instanceof OfBody ? error.error : sqlErrorOf(error as DatabaseError)
        )
      ) as Effect.Effect<A, E | SqlError, R>
    })

/** What a transaction changed is told when it is true. */
const deferred = (reactivity: Reactivity, engine: Engine): Reactivity => {
  const invalidate: Reactivity["invalidate"] = (keys) =>
    afterCommit(engine)(Effect.sync(() => reactivity.invalidateUnsafe(keys)))
  return {
    ...reactivity,
    invalidate,
    mutation: (keys, effect) => Effect.tap(effect, invalidate(keys))
  }
}

/** Actions of ours; one registered when its transaction has ended is a defect there. */
export const afterCommit =
  (engine: Engine) =>
  <R>(effect: Effect.Effect<void, never, R>): Effect.Effect<void, never, R> =>
    Effect.orDie(
      Effect.provideService(Database.afterCommit(effect), Database, engine as never)
    ) as Effect.Effect<void, never, R>

const isolations: ReadonlyArray<Isolation> = [
  "read uncommitted",
  "read committed",
  "repeatable read",
  "serializable"
]

/** What a BEGIN of the program's asks for, where it asks for what a transaction of ours can be. */
const optionsOf = (begin: string | undefined): TransactionOptions | SqlError => {
  if (begin === undefined) return {}
  const words = begin.trim().toLowerCase().replace(/\s+/g, " ")
  const rest = words.replace(/^(begin|start)( transaction| work| immediate)?/, "").trim()
  const isolation = isolations.find((one) => rest.includes(`isolation level ${one}`))
  const readOnly = rest.includes("read only")
  const known = rest
    .replace(`isolation level ${isolation}`, "")
    .replace("read only", "")
    .replace("read write", "")
    .replaceAll(",", "")
    .trim()
  if (known !== "") {
    const message = `a transaction of ours cannot begin with: ${known}`
    return new SqlError({
      reason: new UnknownError({ cause: message, message, operation: "begin" })
    })
  }
  return isolation === undefined ? { readOnly } : { isolation, readOnly }
}
