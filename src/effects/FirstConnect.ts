import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Capabilities, DialectName, Version } from "../algebra/Dialect.ts"
import type { CompileOptions } from "../compile/compileStatement.ts"
import type { StatementCache } from "../compile/StatementCache.ts"
import type { ConnectionError } from "./DatabaseError.ts"
import type { Isolation } from "./transactions/Characteristics.ts"

/**
 * What a server told of itself at the first connection.
 *
 * @category models
 */
export interface ServerFacts {
  readonly dialect: DialectName
  readonly version: Version
  readonly capabilities: Capabilities
  /** Where a table without a schema's name is made; null where there is none. */
  readonly schema: string | null
  /** Of a transaction that says nothing; null where the server was not asked. */
  readonly isolation: Isolation | null
}

/**
 * What compiles statements and remembers them; `known` where the node's key alone says the text and
 * its values.
 */
export type Statements = Pick<StatementCache, "get" | "made"> &
  Partial<Pick<StatementCache, "known">>

/** That, and what compiles for it. */
export interface Told {
  readonly facts: ServerFacts
  readonly statements: Statements
  /** How statements are compiled beside its own: under policies. */
  readonly compiling: CompileOptions
}

/**
 * What the first connection tells, asked when it is first needed.
 *
 * **Laws** told once, however many ask at once; a failure is told to those who waited for it and
 * not remembered; who goes away leaves the asking to the next one who waits. Who asked goes on
 * first, then those who waited, in their order: the pool serves them as they came.
 */
export interface FirstConnect {
  /** Null before. */
  readonly told: Told | null
  readonly known: Effect.Effect<ServerFacts, ConnectionError>
}

/** Asks so; `told` is what was asked already. */
export const firstConnect = (
  ask: Effect.Effect<Told, ConnectionError>,
  told: Told | null = null
): FirstConnect => {
  let flight: Deferred.Deferred<Told | null, ConnectionError> | null = null
  // A plain field: every statement reads it.
  const first: { told: Told | null; readonly known: FirstConnect["known"] } = {
    told,
    known: Effect.uninterruptibleMask((restore): FirstConnect["known"] => {
      if (first.told !== null) return Effect.succeed(first.told.facts)
      if (flight !== null)
        return Effect.flatMap(restore(Deferred.await(flight)), (answer) =>
          answer === null ? restore(first.known) : Effect.succeed(answer.facts)
        )
      const own = (flight = Deferred.makeUnsafe<Told | null, ConnectionError>())
      const asked = Effect.onExit(restore(ask), (exit) =>
        Effect.sync(() => {
          flight = null
          if (Exit.isSuccess(exit)) first.told = exit.value
          const isGone = Exit.isFailure(exit) && Exit.hasInterrupts(exit)
          // Woken here they would borrow before this fiber does, whose connect it was.
          queueMicrotask(() => Deferred.doneUnsafe(own, isGone ? Exit.succeed(null) : exit))
        })
      )
      return Effect.map(asked, ({ facts }) => facts)
    })
  }
  return first
}
