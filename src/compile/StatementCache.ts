import type { Capabilities, Refusal } from "../algebra/Dialect.ts"
import type { Bound, BoundList } from "../algebra/Scalar.ts"
import type { StatementNode } from "../algebra/Statement.ts"
import { statementBinds, statementKey } from "../algebra/statementKey.ts"
import { disagreement, valuesOf } from "./agreement.ts"
import type { Agreement, Compiled } from "./Compiled.ts"
import { listShape } from "./listShape.ts"
import { compileAgreeing, type CompileOptions } from "./compileStatement.ts"

/**
 * A compiled statement with the values of the one asked for: `binds[slot.index]`.
 *
 * @category models
 */
export interface Lookup {
  readonly _tag: "Lookup"
  readonly compiled: Compiled
  readonly binds: ReadonlyArray<Bound | BoundList>
}

/**
 * Compiled statements of one server, found by pointer or by key.
 *
 * **Shape** a statement used again costs a look-up of a key whose hash is known, the last one a
 * comparison of pointers; an equal one built anew costs a key look-up; neither prints. Holds at
 * most `entries` texts and `bytes` of keys and texts, dropping the least recently used half.
 * **Laws** L21: equal keys, equal text and slots.
 * **Source** SQLAlchemy 2.0 "SQL Compilation Caching".
 *
 * @category models
 */
export interface StatementCache {
  readonly capabilities: Capabilities
  readonly get: (node: StatementNode) => Lookup | Refusal
  /**
   * The text of a statement of single values by its key, where it is at hand, holds no value and
   * asks nothing of them; else null, and the node is to be asked for.
   */
  readonly known: (key: string) => Compiled | null
  /** How often a statement was printed. */
  readonly printed: () => number
  /** What the last look-up printed, told once; null where it was found. */
  readonly made: () => Compiled | Refusal | null
  readonly size: () => { readonly entries: number; readonly bytes: number }
}

/**
 * How much a cache holds: by default 2,000 texts and 16,000,000 bytes.
 *
 * @category models
 */
export interface CacheLimits {
  readonly entries?: number
  readonly bytes?: number
}

const makeCache = (
  capabilities: Capabilities,
  limits: CacheLimits = {},
  options: CompileOptions = {}
): StatementCache => {
  const maxEntries = limits.entries ?? 2_000
  const maxBytes = limits.bytes ?? 16_000_000
  // A program asks for one statement again and again, or builds an equal one each time. The latter
  // must not pay for being remembered: an entry in a WeakMap costs more than the look-up it saves.
  let lastNode: StatementNode | null = null
  let lastLookup: Lookup | Refusal | null = null
  const longKeys = new WeakMap<StatementNode, string>()
  /** What a refusal asks of the values. */
  const refusedFor = new WeakMap<Refusal, ReadonlyArray<Agreement>>()
  // Two generations: what is used in the older one moves to the younger, the older is dropped
  // whole.
  let young = new Map<string, Compiled | Refusal>()
  let old = new Map<string, Compiled | Refusal>()
  let youngBytes = 0
  let oldBytes = 0
  let printed = 0
  let lastMade: Compiled | Refusal | null = null

  const remember = (key: string, entry: Compiled | Refusal): void => {
    young.set(key, entry)
    youngBytes += sizeOf(key, entry)
    if (young.size * 2 > maxEntries || youngBytes * 2 > maxBytes) {
      old = young
      oldBytes = youngBytes
      young = new Map()
      youngBytes = 0
    }
  }

  const shape = listShape(capabilities.dialect)

  /** A node's own key, save where common table expressions or lists of many places add theirs. */
  const keyOf = (node: StatementNode): string => {
    const shapes = shape === null ? "" : shape(statementBinds(node))
    if (node.ctes.length === 0) return shapes === "" ? node.key : node.key + shapes
    let key = longKeys.get(node)
    if (key === undefined) longKeys.set(node, (key = statementKey(node)))
    return key + shapes
  }

  const notYoung = (key: string, node: StatementNode): Compiled | Refusal => {
    const older = old.get(key)
    if (older !== undefined) {
      old.delete(key)
      oldBytes -= sizeOf(key, older)
      remember(key, older)
      return older
    }
    printed++
    const { agree, said } = compileAgreeing(node, capabilities, options)
    if (said._tag === "Refusal" && agree.length > 0) refusedFor.set(said, agree)
    remember(key, said)
    return (lastMade = said)
  }

  /** Whether what is said asks something of the values. */
  const asks = (found: Compiled | Refusal): boolean =>
    found._tag === "Refusal"
      ? refusedFor.has(found)
      : found.fixed.length > 0 || found.agree.length > 0

  /** What is said of this statement's values, where it asks something of them. */
  const withValues = (first: Compiled | Refusal, key: string, node: StatementNode) => {
    const binds = statementBinds(node)
    let found = first
    for (let own = key; ; found = young.get(own) ?? notYoung(own, node)) {
      const told = toldOf(found, binds)
      if (told === null) return found
      own += told
    }
  }

  /** In what a statement's values are others than those this was said of; null where in nothing. */
  const toldOf = (
    found: Compiled | Refusal,
    binds: ReadonlyArray<Bound | BoundList>
  ): string | null => {
    if (found._tag === "Refusal") return disagreement(refusedFor.get(found) ?? [], binds)
    const differs = disagreement(found.agree, binds)
    if (differs !== null) return differs
    const values = found.fixed.map(({ position }) => valuesOf(binds[position]!)[0])
    if (found.fixed.every(({ value }, i) => Object.is(value, values[i]))) return null
    return `=${JSON.stringify(values.map((value) => `${typeof value} ${String(value)}`))}`
  }

  const get = (node: StatementNode): Lookup | Refusal => {
    lastMade = null
    if (node === lastNode) return lastLookup!
    const key = keyOf(node)
    const found = young.get(key) ?? notYoung(key, node)
    const entry = asks(found) ? withValues(found, key, node) : found
    lastNode = node
    return (lastLookup =
      entry._tag === "Refusal"
        ? entry
        : { _tag: "Lookup", compiled: entry, binds: statementBinds(node) })
  }

  const known = (key: string): Compiled | null => {
    const found = young.get(key)
    if (found === undefined || found._tag === "Refusal" || asks(found)) return null
    lastMade = null
    return found
  }

  return {
    capabilities,
    get,
    known,
    printed: () => printed,
    made: () => {
      const made = lastMade
      lastMade = null
      return made
    },
    size: () => ({ entries: young.size + old.size, bytes: youngBytes + oldBytes })
  }
}

/**
 * Makes the cache of one server.
 *
 * @example
 * ```ts
 * import { Expr, Query, Type } from "athanor"
 * import { capabilities, StatementCache } from "athanor/compile"
 * const cache = StatementCache.make(capabilities("sqlite"))
 * for (const n of [1, 2, 3]) cache.get(Query.select(Expr.value(n, Type.integer)).node)
 * cache.printed() // => 1
 * ```
 * @category constructors
 */
export const StatementCache = { make: makeCache }

/** Two bytes a character, and the objects around them. */
const sizeOf = (key: string, entry: Compiled | Refusal): number =>
  2 * key.length +
  (entry._tag === "Compiled" ? 2 * entry.text.length + 100 * entry.slots.length : 0) +
  500
