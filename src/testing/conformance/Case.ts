import * as BigDecimal from "effect/BigDecimal"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Inspectable from "effect/Inspectable"
import { type Catalog, make, type Members } from "../../algebra/schema/Catalog.ts"
import type { Capabilities } from "../../algebra/Dialect.ts"
import { Database } from "../../effects/Database.ts"
import type { DatabaseError } from "../../effects/DatabaseError.ts"

/**
 * A dialect does not do what a case of the suite asks.
 *
 * @category errors
 */
export class ConformanceFailed extends Data.TaggedError("ConformanceFailed")<{
  /** The case's id. */
  readonly case: string
  readonly message: string
}> {}

/** What a case runs: its own tables are there, and empty, when it begins. */
export type Check = Effect.Effect<void, ConformanceFailed | DatabaseError, Database>

/**
 * One question of the suite: what every dialect answers alike, or refuses by name.
 *
 * @category models
 */
export interface Case {
  /** `group.what`: stays the same from version to version. */
  readonly id: string
  readonly says: string
  /** The capability without which a statement of the case is `Unsupported` by that name. */
  readonly needs: Need | null
  readonly catalog: Catalog
  readonly check: Check
}

/** How a case says what it expects. */
export interface Expecting {
  /** Equal by content: rows, lists, decimals, moments, bytes. */
  readonly same: (
    actual: unknown,
    expected: unknown,
    what?: string
  ) => Effect.Effect<void, ConformanceFailed>
  /** The typed failure of an effect. */
  readonly fails: <A, E extends { readonly _tag: string }, R>(
    effect: Effect.Effect<A, E, R>,
    tag: DatabaseError["_tag"]
  ) => Effect.Effect<E, ConformanceFailed, R>
}

const shown = (value: unknown): string => Inspectable.toStringUnknown(plain(value), 0)

/** Written so that a difference is seen: decimals by their digits. */
const plain = (value: unknown): unknown =>
  BigDecimal.isBigDecimal(value)
    ? BigDecimal.format(value)
    : Array.isArray(value)
      ? value.map(plain)
      : value

const expectingIn = (id: string): Expecting => {
  const failed = (message: string) =>
    Effect.fail(new ConformanceFailed({ case: id, message: `${id}: ${message}` }))
  return {
    same: (actual, expected, what = "the answer") =>
      Equal.equals(actual, expected)
        ? Effect.void
        : failed(`${what} is ${shown(actual)}, not ${shown(expected)}`),
    fails: (effect, tag) =>
      Effect.matchEffect(effect, {
        onSuccess: (value) => failed(`${tag} was expected, it gave ${shown(value)}`),
        onFailure: (error) =>
          error._tag === tag
            ? Effect.succeed(error)
            : failed(`${tag} was expected, it failed with ${error._tag}`)
      })
  }
}

/** A case over tables of its own. */
export const conforms = (
  id: string,
  says: string,
  members: Members,
  check: (expecting: Expecting) => Check,
  needs: Need | null = null
): Case => {
  const expecting = expectingIn(id)
  return { id, says, needs, catalog: make(members), check: Effect.suspend(() => check(expecting)) }
}

/** What came of a case. */
export type Outcome = "held" | "refused"

/** What a case may need: a capability, or what a dialect has or has not whatever its version. */
export type Need = keyof Capabilities | "sequences"

const has = (capabilities: Capabilities, needed: Need): boolean => {
  if (needed === "sequences") return ["postgres", "mariadb"].includes(capabilities.dialect)
  const granted = capabilities[needed]
  return granted !== false && granted !== "none" && granted !== null
}

/** Runs a case on the database in scope; its tables are gone afterwards. */
export const run = (
  one: Case
): Effect.Effect<Outcome, ConformanceFailed | DatabaseError, Database> =>
  Effect.flatMap(Database.server, ({ capabilities }) => {
    const { fails, same } = expectingIn(one.id)
    const { needs } = one
    const ran = Effect.acquireUseRelease(
      Database.create(one.catalog),
      () => one.check,
      () => Effect.orDie(Database.drop(one.catalog))
    )
    if (needs === null || has(capabilities, needs)) return Effect.as(ran, "held" as const)
    // A capability a server lacks is a typed refusal, never half an answer.
    return Effect.gen(function* () {
      const error = yield* fails(ran, "Unsupported")
      const told = "capability" in error ? error.capability : null
      yield* same(told, needs, "the capability of the refusal")
      return "refused" as const
    })
  })
