import type { Driver } from "../Driver.ts"
import { type Listed, listed } from "../Listed.ts"
import type { ConfigInvalid } from "../DatabaseError.ts"
import { callback, callbacks, choice, configInvalid, number, type OptionKind } from "../Options.ts"
import type { OverloadSettings } from "./Overload.ts"
import type { PooledConnection, PoolListener } from "./PoolEvent.ts"
import type { PoolOptions } from "./PoolOptions.ts"

/**
 * How connections are kept, for every kind of server.
 *
 * **Shape** `size: 0` with an overflow keeps none: each borrow opens and closes its own.
 * `size: 1, queueLimit: 0` is a pool for tests that refuses a second borrower and names the first.
 * **Source** HikariCP, "Configuration"; SQLAlchemy 2.0 "Connection Pooling"; DBConnection's queue.
 *
 * @category models
 */
export interface PoolSettings {
  /** Connections kept open. Default 10; SQLite has one. */
  readonly size?: number
  /** Connections beyond them, closed when they come back. Default 0; `Infinity`: no limit. */
  readonly overflow?: number
  /** Connections opened at the start and not closed for being idle, at most `size`. Default 0. */
  readonly minimum?: number
  /** Fibers that may wait for one. Default 1,000. */
  readonly queueLimit?: number
  /** From asking for a connection to having it. Default 5,000. */
  readonly borrow_ms?: number
  /** Idle for longer, a connection proves that it lives before it is lent. Default 500. */
  readonly pingAfter_ms?: number
  /** Idle for longer, connections are closed down to the minimum. Default 10 minutes. */
  readonly idleTimeout_ms?: number
  /** A connection older than this is not lent again. Default 30 minutes. */
  readonly maxLifetime_ms?: number
  /**
   * The part of its lifetime a connection may lose by chance, so that those opened together do not
   * go together. Default 0.1.
   */
  readonly lifetimeJitter?: number
  /** A borrow held for longer is logged once, with the place it was asked from. Default: none. */
  readonly leakAfter_ms?: number
  /** Which idle connection goes first. Default `lifo`: the others grow old and go. */
  readonly order?: "fifo" | "lifo"
  /** Refuses who has waited too long while the pool is overloaded. Default: nobody. */
  readonly overload?: OverloadSettings
  /** Says no to a connection about to be lent: it is closed and another one is tried. */
  readonly admit?: (connection: PooledConnection) => boolean
  /** Hears of every event; of several each in its turn. */
  readonly listener?: Listed<PoolListener>
}

/** What each option of a pool may be. */
export const poolTable: Readonly<Record<keyof PoolSettings, OptionKind>> = {
  size: number("connections", 10),
  overflow: number("connections", 0),
  minimum: number("connections", 0),
  queueLimit: number("fibers", 1000),
  borrow_ms: number("milliseconds", 5000, 1),
  pingAfter_ms: number("milliseconds", 500),
  idleTimeout_ms: number("milliseconds", 10 * 60 * 1000, 1),
  maxLifetime_ms: number("milliseconds", 30 * 60 * 1000, 1),
  lifetimeJitter: number("part", 0.1, 0, 1),
  leakAfter_ms: number("milliseconds", Infinity, 1),
  order: choice("lifo", "fifo"),
  overload: {
    _tag: "nested",
    options: {
      target_ms: number("milliseconds", 50, 1),
      interval_ms: number("milliseconds", 2000, 1)
    }
  },
  admit: callback,
  listener: callbacks
}

type Numeric = {
  [Name in keyof PoolSettings]-?: PoolSettings[Name] extends number | undefined ? Name : never
}[keyof PoolSettings]

const byDefault = (name: Numeric): number => {
  const kind = poolTable[name]
  return kind._tag === "number" && kind.byDefault !== null ? kind.byDefault : Infinity
}

/** Sizes that are each a number, and together no pool; null where they are one. */
export const wrongSizes = (driver: Driver, settings: PoolSettings = {}): ConfigInvalid | null => {
  if (driver.maxConnections !== null) return null
  const { minimum = 0, overflow = 0, size = driver.usualSize ?? byDefault("size") } = settings
  if (size + overflow < 1)
    return configInvalid("pool.size", "a pool without size and overflow has nothing to lend")
  return minimum > size
    ? configInvalid("pool.minimum", "the option pool.minimum is at most pool.size")
    : null
}

/**
 * Settings with their defaults. A connection of SQLite is its database's whole life: it grows
 * neither old nor idle.
 */
export const completed = (
  settings: PoolSettings,
  driver: Driver
): Omit<PoolOptions, "dialect" | "connect" | "ping" | "reset" | "close_ms"> => {
  const isFixed = driver.maxConnections !== null
  const listeners = listed(settings.listener, () => {})
  const of = (name: Numeric): number => settings[name] ?? byDefault(name)
  const lasting = (name: Numeric): number => (isFixed ? Infinity : of(name))
  return {
    size:
      driver.borrowed === undefined
        ? (driver.maxConnections ?? settings.size ?? driver.usualSize ?? of("size"))
        : 0,
    overflow: isFixed ? 0 : (driver.borrowed ?? of("overflow")),
    minimum: isFixed ? 0 : of("minimum"),
    queueLimit: of("queueLimit"),
    borrow_ms: of("borrow_ms"),
    pingAfter_ms: lasting("pingAfter_ms"),
    idleTimeout_ms: lasting("idleTimeout_ms"),
    maxLifetime_ms: lasting("maxLifetime_ms"),
    lifetimeJitter: of("lifetimeJitter"),
    leakAfter_ms: of("leakAfter_ms"),
    order: settings.order ?? "lifo",
    overload: settings.overload ?? null,
    admit: settings.admit ?? null,
    listeners: listeners.length === 0 ? null : listeners
  }
}
