import { type Policy, policyKey, policyValues } from "../algebra/Policy.ts"
import { refuse } from "../algebra/StatementError.ts"
import { StatementCache } from "../compile/StatementCache.ts"
import { type Engine, outsideSession, viewOf } from "./Engine.ts"
import type { Statements } from "./FirstConnect.ts"
import type { Pool } from "./pool/Pool.ts"

/** Texts by the structure of the policies, for each database: tenants share them. */
const caches = new WeakMap<Pool, Map<string, StatementCache>>()

/** Structures of policies one program keeps texts of. */
const maxStructures = 100

const cacheOf = (engine: Engine, policies: ReadonlyArray<Policy>): StatementCache => {
  let known = caches.get(engine.pool)
  if (known === undefined) caches.set(engine.pool, (known = new Map()))
  const key = policyKey(policies)
  let cache = known.get(key)
  if (cache === undefined) {
    const oldest = known.size < maxStructures ? undefined : known.keys().next().value
    if (oldest !== undefined) known.delete(oldest)
    known.set(
      key,
      (cache = StatementCache.make(engine.capabilities, {}, { ...engine.compiling, policies }))
    )
  }
  return cache
}

/** The same texts for everybody, each with one's own values behind the statement's. */
const withValues = (engine: Engine, policies: ReadonlyArray<Policy>): Statements => {
  const values = policyValues(policies)
  let cache: StatementCache | null = null
  return {
    made: () => cache?.made() ?? null,
    get: (node) => {
      // Not before the server's capabilities are known.
      const found = (cache ??= cacheOf(engine, policies)).get(node)
      return found._tag === "Refusal" ? found : { ...found, binds: [...found.binds, ...values] }
    }
  }
}

const under = (engine: Engine, policies: ReadonlyArray<Policy>): Engine =>
  viewOf(engine, { policies, policed: withValues(engine, policies) })

/** The same database, of which policies leave a part to be seen and written. */
export const underPolicies = (engine: Engine, policies: ReadonlyArray<Policy>): Engine =>
  policies.length === 0
    ? engine
    : under(outsideSession(engine, "policies are"), [...engine.policies, ...policies])

/** The same database without one of its policies. */
export const withoutPolicy = (engine: Engine, name: string): Engine =>
  engine.policies.some((policy) => policy.name === name)
    ? under(
        outsideSession(engine, "policies are"),
        engine.policies.filter((policy) => policy.name !== name)
      )
    : refuse(`no policy here is called "${name}"`)
