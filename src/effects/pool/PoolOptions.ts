import type * as Effect from "effect/Effect"
import type { DialectName } from "../../algebra/Dialect.ts"
import type { ConnectFailed } from "../DatabaseError.ts"
import type { Connection } from "../Driver.ts"
import type { OverloadSettings } from "./Overload.ts"
import type { PooledConnection, PoolListener } from "./PoolEvent.ts"

/** Every option of a pool, complete: `PoolSettings` says what each means. */
export interface PoolOptions {
  readonly dialect: DialectName
  readonly connect: Effect.Effect<Connection, ConnectFailed>
  /** True when the server answers; bounded by its own deadline. */
  readonly ping: (connection: Connection) => Effect.Effect<boolean>
  /** True when the session is again as it was opened; bounded by its own deadline. */
  readonly reset: (connection: Connection) => Effect.Effect<boolean>
  readonly size: number
  readonly overflow: number
  readonly minimum: number
  readonly queueLimit: number
  readonly borrow_ms: number
  readonly pingAfter_ms: number
  readonly idleTimeout_ms: number
  readonly maxLifetime_ms: number
  readonly lifetimeJitter: number
  readonly leakAfter_ms: number
  /** How long closing waits for what is lent. */
  readonly close_ms: number
  readonly order: "fifo" | "lifo"
  readonly overload: OverloadSettings | null
  readonly admit: ((connection: PooledConnection) => boolean) | null
  /** Null without any. */
  readonly listeners: ReadonlyArray<PoolListener> | null
}
