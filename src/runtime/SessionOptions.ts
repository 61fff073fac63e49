import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"
import type { LockStrength } from "../algebra/Relation.ts"
import type { Hooks } from "./hooks.ts"
import type { StateListener } from "./watch.ts"
import type { TransactionOptions } from "../effects/transactions/TransactionOptions.ts"

/**
 * How a session reads.
 *
 * @category models
 */
export interface ReadingOptions {
  /** What is pending is written before a read its tables meet. Default true. */
  readonly autoflush?: boolean
  /** `get` and `find` ask the database for what is known, too. Default false. */
  readonly fresh?: boolean
  /**
   * Reads neither take from the session's memory nor add to it: values are what the database holds.
   * Default false.
   */
  readonly aside?: boolean
  /**
   * `get` and `find` lock the row until the transaction ends, and ask the database for it: of a
   * family what each of its tables has of it.
   */
  readonly lock?: LockStrength
}

/**
 * What sessions opened below are like.
 *
 * @category models
 */
export interface SessionOptions extends ReadingOptions {
  readonly transaction?: TransactionOptions
  /** What is done to changes before each flush, in this order; a layer adds to those around it. */
  readonly hooks?: ReadonlyArray<Hooks>
  /** Hear of every change of state of a row, once; a layer adds to those around it. */
  readonly listeners?: ReadonlyArray<StateListener>
}

/** Options over others: hooks and listeners are added, all else is replaced. */
export const merged = (outer: SessionOptions, inner: SessionOptions): SessionOptions => ({
  ...outer,
  ...inner,
  hooks: [...(outer.hooks ?? []), ...(inner.hooks ?? [])],
  listeners: [...(outer.listeners ?? []), ...(inner.listeners ?? [])]
})

const none: SessionOptions = {}

/** What was said of sessions in this context. */
export const Options: Context.Reference<SessionOptions> = Context.Reference<SessionOptions>(
  "athanor/Session/Options",
  { defaultValue: () => none }
)

/** What a fiber's reads are to be like. */
export const optionsIn = (fiber: Fiber.Fiber<unknown, unknown>): SessionOptions =>
  fiber.getRef(Options)

/** Is more asked for than what memory knows? */
export const isPastMemory = ({ aside = false, fresh = false, lock }: ReadingOptions): boolean =>
  aside || fresh || lock !== undefined
