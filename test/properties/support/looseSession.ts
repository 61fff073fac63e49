import { Session } from "athanor"
import type { Database } from "athanor"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"

type Work<A> = Effect.Effect<A, unknown, Session | Database>

/** A session's verbs for classes that are drawn: what types would say is what a law asks. */
export interface LooseSession {
  readonly add: (...drafts: ReadonlyArray<object>) => Work<void>
  readonly update: (value: object, patch: object) => Work<object>
  readonly modify: (value: object, f: (now: object) => object) => Work<object>
  readonly delete: (...values: ReadonlyArray<object>) => Work<void>
  readonly touch: (value: object, ...columns: ReadonlyArray<string>) => Work<object>
  readonly refresh: (value: object) => Work<object>
  readonly forget: (...values: ReadonlyArray<object>) => Work<void>
  readonly get: (entity: object, key: unknown, plan?: object) => Work<object>
  readonly find: (entity: object, key: unknown, plan?: object) => Work<Option.Option<object>>
  readonly load: (value: object, relation: object) => Work<object | ReadonlyArray<object> | null>
  readonly populate: (values: ReadonlyArray<object>, plan: object) => Work<ReadonlyArray<object>>
  readonly all: (query: object, plan?: object) => Work<ReadonlyArray<object>>
  readonly append: (owner: object, way: object, ...members: ReadonlyArray<object>) => Work<void>
  readonly remove: (owner: object, way: object, ...members: ReadonlyArray<object>) => Work<void>
  readonly replace: (owner: object, way: object, members: ReadonlyArray<object>) => Work<void>
  readonly merge: (entity: object, graph: object) => Work<object>
  readonly upsert: (entity: object, rows: ReadonlyArray<object>) => Work<ReadonlyArray<object>>
  readonly nested: <A>(work: Work<A>) => Work<A>
  readonly flush: Work<void>
}

export const loose = Session as unknown as LooseSession
