import type { Group } from "../../../algebra/Relation.ts"
import { constant, type Grouping, type Scalar } from "../../../algebra/Scalar.ts"
import { refuse } from "../../../algebra/StatementError.ts"
import { integerType } from "../../internalTypes.ts"
import type { Block, Column, Item, Query, Term } from "../../Placed.ts"
import { type Draft, draftOf, openItems } from "./Draft.ts"
import type { SaysKey, Scope } from "./Scope.ts"
import { operator } from "./operator.ts"

type Sets = NonNullable<Group["sets"]>

/** Several groupings of one query, one SELECT each, put together; open like a nested block. */
export interface Union {
  readonly blocks: ReadonlyArray<Block>
}

/** What a union of groupings takes from whoever finishes blocks. */
interface Tools {
  readonly freshAlias: () => string
  readonly freshLabel: (
    preferred: string | null,
    items: ReadonlyArray<Item>,
    group: ReadonlyArray<Term>
  ) => string
  readonly blockOf: (draft: Draft, items: ReadonlyArray<Item>) => Block
  /** Completes it when nobody asks for more. */
  readonly opened: (union: Union) => void
  readonly keepKeys: (query: Query) => void
}

/** A key that stands twice would be NULL in one place and a value in the other. */
export const checkSets = (keys: ReadonlyArray<Scalar>): void => {
  if (new Set(keys.map((key) => key.key)).size < keys.length)
    refuse("groupBy: a key stands twice among the keys of grouping sets")
}

/** Where a key that `grouping` asks for stands. */
export const keyAsked = ({ self }: Grouping, keys: ReadonlyArray<Scalar>): number => {
  const index = keys.findIndex((key) => key.key === self.key)
  return index < 0 ? refuse("grouping() of what is no key of groupBy") : index
}

export const flag = (value: 0 | 1): Term => operator(constant(value, integerType), {})

/**
 * Grouping sets where the server has none: a SELECT for each set, the keys it leaves out NULL, in
 * one derived table. It offers keys, aggregates and `grouping` to what stands above, and each is a
 * column as soon as it is asked for.
 *
 * **Laws** L2: the bag of the sets' groups, the set of no keys giving one row also of nothing.
 */
export const unionOfGroupings = (
  draft: Draft,
  nodes: ReadonlyArray<Scalar>,
  keys: ReadonlyArray<Term>,
  sets: Sets,
  outer: Scope | null,
  saysKey: SaysKey,
  tools: Tools
): Draft => {
  const alias = tools.freshAlias()
  const blocks = sets.map((set) =>
    tools.blockOf({ ...draft, group: set.map((at) => keys[at]!), sets: null }, [])
  )
  tools.opened({ blocks })
  const labels = new Map<string, string>()
  const give = (
    key: string | null,
    type: Column["type"],
    term: (set: ReadonlyArray<number>) => Term
  ): Column => {
    let label = key === null ? undefined : labels.get(key)
    if (label === undefined) {
      const made = tools.freshLabel(null, blocks[0]!.items, keys)
      blocks.forEach(({ items }, i) => openItems(items).push({ term: term(sets[i]!), label: made }))
      label = made
      if (key !== null) labels.set(key, label)
    }
    return { _tag: "Column", table: alias, name: label, type, nullable: true, stored: false }
  }
  const inner = draft.scope
  const keyAt = (index: number): Column => {
    const { type } = nodes[index]!
    const none = operator(constant(null, type), {})
    return give(`key ${index}`, type, (set) => (set.includes(index) ? keys[index]! : none))
  }
  const scope: Scope = {
    known: (node) => saysKey(node, keyAt),
    runs: inner.runs,
    visible: inner.visible,
    aggregate: (node) => {
      if (node._tag === "Grouping") {
        const index = keyAsked(node, nodes)
        return give(node.key, node.type, (set) => flag(set.includes(index) ? 0 : 1))
      }
      const term = inner.aggregate!(node)
      return give(node.binds.length === 0 ? node.key : null, node.type, () => term)
    },
    outer
  }
  const query: Query =
    blocks.length === 1
      ? blocks[0]!
      : { _tag: "Compound", op: "unionAll", parts: blocks, order: [], limit: null, offset: null }
  tools.keepKeys(query)
  return draftOf({ _tag: "QueryFrom", query, alias }, scope)
}

/** A key of grouping sets is NULL above those without it. */
export const nullable = (key: Term, sets: Group["sets"]): Term =>
  sets !== null && key._tag === "Column" ? { ...key, nullable: true } : key
