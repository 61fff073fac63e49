import type { Bound, BoundList } from "./Scalar.ts"
import type { StatementNode } from "./Statement.ts"

/**
 * A statement told by its key and the values it holds, before anybody asked for its node.
 *
 * **Shape** programs make the same command again and again with other values: its text is found by
 * the key, and of a node that nobody reads nothing is made.
 * **Laws** `key` is the node's; `values` are those of its `binds`, in their order; it has no common
 * table expressions.
 */
export class Keyed {
  readonly key: string
  readonly values: ReadonlyArray<unknown>
  readonly #statement: { readonly node: StatementNode }
  constructor(
    key: string,
    values: ReadonlyArray<unknown>,
    statement: { readonly node: StatementNode }
  ) {
    this.key = key
    this.values = values
    this.#statement = statement
  }
  get node(): StatementNode {
    return this.#statement.node
  }
}

/** Gives what a statement is told by; null where only its node says it. */
export const KeyedId: unique symbol = Symbol("athanor/Keyed")

interface Telling {
  readonly [KeyedId]?: () => Keyed | null
}

/** A statement by its key and values; null where only its node tells it. */
export const keyedOf = (statement: object): Keyed | null =>
  (statement as Telling)[KeyedId]?.() ?? null

/** Values, and those of binds behind them; null where one of these is a list. */
export const withBinds = (
  values: ReadonlyArray<unknown>,
  binds: ReadonlyArray<Bound | BoundList>
): ReadonlyArray<unknown> | null => {
  const { length } = values
  const all = new Array<unknown>(length + binds.length)
  for (let i = 0; i < length; i++) all[i] = values[i]
  for (let i = 0; i < binds.length; i++) {
    const bind = binds[i]!
    if (bind._tag !== "Bound") return null
    all[length + i] = bind.value
  }
  return all
}
