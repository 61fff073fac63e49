import { expr } from "../algebra/Expression.ts"
import { type From, FromId } from "../algebra/From.ts"
import type { Given } from "./PlanColumns.ts"

/**
 * The expressions a plan read beside the columns of values: who asks for the newest of a value
 * asks for them too, and of the value itself nobody could tell what they were.
 */
const beside = new WeakMap<object, ReadonlyArray<Given>>()
/** Most programs never ask for one. */
let isAny = false

const none: ReadonlyArray<Given> = Object.freeze([])

/** What a plan read of a value by expressions of its own. */
export const givenTo = (value: object): ReadonlyArray<Given> =>
  isAny ? (beside.get(value) ?? none) : none

/** Remembers of a value what the one it was made of was given, and what it was given now. */
export const withGiven = <V extends object>(
  value: V,
  before: object,
  now: ReadonlyArray<Given> = none
): V => {
  if (now.length > 0) isAny = true
  else if (!isAny) return value
  const names = new Set(now.map(({ name }) => name))
  const kept = givenTo(before).filter(({ name }) => !names.has(name))
  const all = [...kept, ...now].filter(({ name }) => Object.hasOwn(value, name))
  if (all.length > 0) beside.set(value, all)
  return value
}

/** The same as a plan says it. */
export const givenPlan = (all: ReadonlyArray<Given>): object =>
  Object.fromEntries(
    all.map(({ name, under }) => [
      name,
      (_: unknown, self: From<string, unknown>) => expr(under(self[FromId].alias))
    ])
  )
