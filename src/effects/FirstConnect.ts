import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Capabilities, DialectName, Version } from "../algebra/Dialect.ts"
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

/** What compiles statements and remembers them. */
export type Statements = Pick<StatementCache, "get" | "made">

/** That, and what compiles for it. */
export interface Told {
  readonly facts: ServerFacts
  readonly statements: Statements
}

/**
 * What the first connection tells, asked when it is first needed.
 *
 * **Laws** told once, however many ask at once; a failure is told to those who waited for it and
 * not remembered; who goes away leaves the asking to the next one who waits.
 */
export class FirstConnect {
  readonly #ask: Effect.Effect<Told, ConnectionError>
  #told: Told | null
  #flight: Deferred.Deferred<Told | null, ConnectionError> | null = null

  constructor(ask: Effect.Effect<Told, ConnectionError>, told: Told | null = null) {
    this.#ask = ask
    this.#told = told
  }

  get isMade(): boolean {
    return this.#told !== null
  }

  /** Null before. */
  get facts(): ServerFacts | null {
    return this.#told === null ? null : this.#told.facts
  }

  /** For what runs after `known` only. */
  get now(): Told {
    if (this.#told === null)
      throw new Error("no connection has told of the server yet: Database.server asks for one")
    return this.#told
  }

  readonly known: Effect.Effect<ServerFacts, ConnectionError> = Effect.uninterruptibleMask(
    (restore): Effect.Effect<ServerFacts, ConnectionError> => {
      if (this.#told !== null) return Effect.succeed(this.#told.facts)
      if (this.#flight !== null)
        return Effect.flatMap(restore(Deferred.await(this.#flight)), (told) =>
          told === null ? restore(this.known) : Effect.succeed(told.facts)
        )
      const flight = (this.#flight = Deferred.makeUnsafe<Told | null, ConnectionError>())
      const asked = Effect.onExit(restore(this.#ask), (exit) =>
        Effect.sync(() => {
          this.#flight = null
          if (Exit.isSuccess(exit)) this.#told = exit.value
          const isGone = Exit.isFailure(exit) && Exit.hasInterrupts(exit)
          Deferred.doneUnsafe(flight, isGone ? Exit.succeed(null) : exit)
        })
      )
      return Effect.map(asked, ({ facts }) => facts)
    }
  )
}
