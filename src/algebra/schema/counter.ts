import { refuse } from "../StatementError.ts"
import type { DialectName } from "../Dialect.ts"
import type { SqlType } from "../SqlType.ts"

/**
 * How a server counts: where it begins, by how much it goes on, where it ends.
 *
 * **Shape** whole numbers. Upwards from 1 by 1 unless said; downwards from −1 where `increment` is
 * below 0. `cycle` begins anew at the other bound; without it the end is an error.
 * **Source** SQL:2016 part 2, 11.72 sequence generator definition.
 *
 * @category models
 */
export interface CounterOptions {
  readonly start?: number | bigint
  readonly increment?: number | bigint
  readonly minimum?: number | bigint
  readonly maximum?: number | bigint
  readonly cycle?: boolean
  /** How many values a connection takes at once; those it does not use are lost. */
  readonly cache?: number | bigint
}

/** The same, checked; null is as the server has it. */
export interface Counter {
  readonly start: bigint | null
  readonly increment: bigint | null
  readonly minimum: bigint | null
  readonly maximum: bigint | null
  readonly cycle: boolean
  readonly cache: bigint | null
}

/** A counter from its options. */
export const counterOf = (options: CounterOptions, what: string): Counter => {
  const whole = (name: keyof CounterOptions): bigint | null => {
    const value = options[name]
    if (value === undefined) return null
    if (typeof value === "bigint") return value
    return typeof value === "number" && Number.isSafeInteger(value)
      ? BigInt(value)
      : refuse(`${what}: ${name} is not a whole number`)
  }
  const increment = whole("increment")
  if (increment === 0n) refuse(`${what}: it goes on by nothing`)
  const cache = whole("cache")
  if (cache !== null && cache < 1n) refuse(`${what}: cache is below 1`)
  return Object.freeze({
    start: whole("start"),
    increment,
    minimum: whole("minimum"),
    maximum: whole("maximum"),
    cycle: options.cycle === true,
    cache
  })
}

/** Whether nothing was said. */
export const isUsual = (counter: Counter): boolean =>
  !counter.cycle &&
  [counter.start, counter.increment, counter.minimum, counter.maximum, counter.cache].every(
    (one) => one === null
  )

/**
 * A counter as a server holds it.
 *
 * @category models
 */
export interface SnapshotCounter {
  readonly start: bigint
  readonly increment: bigint
  readonly minimum: bigint
  readonly maximum: bigint
  readonly cycle: boolean
  readonly cache: bigint
}

const limits: Readonly<Record<string, bigint>> = {
  Smallint: 2n ** 15n,
  Integer: 2n ** 31n
}

/** What a server makes of a counter over a type of whole numbers. */
export const heldCounter = (
  counter: Counter | null,
  sql: SqlType,
  usualCache: bigint,
  highest = (limits[sql._tag] ?? 2n ** 63n) - 1n
): SnapshotCounter => {
  const increment = counter?.increment ?? 1n
  const minimum = counter?.minimum ?? (increment > 0n ? 1n : -highest - 1n)
  const maximum = counter?.maximum ?? (increment > 0n ? highest : -1n)
  return {
    start: counter?.start ?? (increment > 0n ? minimum : maximum),
    increment,
    minimum,
    maximum,
    cycle: counter?.cycle ?? false,
    cache: counter?.cache ?? usualCache
  }
}

/** The same of a sequence: MariaDB keeps both ends of 64 bits, and takes a thousand at once. */
export const heldSequence = (counter: Counter, dialect: DialectName): SnapshotCounter =>
  dialect === "mariadb"
    ? heldCounter(counter, { _tag: "Bigint" }, 1000n, 2n ** 63n - 2n)
    : heldCounter(counter, { _tag: "Bigint" }, 1n)
