import { children } from "../../../src/algebra/fold.ts"
import type { Command } from "../../../src/algebra/Command.ts"
import type { Relation } from "../../../src/algebra/Relation.ts"
import type { Scalar } from "../../../src/algebra/Scalar.ts"
import type { Aim } from "./aim.ts"
import { impossible, kinds, pairs } from "./pairs.ts"
import type { Tag } from "./sorts.ts"

type Node = Scalar | Relation | Command

/** How often each node kind and each parent over child was met. */
export interface Coverage {
  readonly nodes: Map<string, number>
  readonly pairs: Map<string, number>
}

export const newCoverage = (): Coverage => ({ nodes: new Map(), pairs: new Map() })

const more = (counts: Map<string, number>, key: string, by = 1): void => {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

const add = (coverage: Coverage, node: Node): void => {
  more(coverage.nodes, node._tag)
  for (const child of children(node)) {
    more(coverage.pairs, `${node._tag} > ${child._tag}`)
    add(coverage, child)
  }
}

/** Statements are asked of several servers, and more than once. */
const known = new WeakMap<Relation | Command, Coverage>()

const coverageOf = (statement: Relation | Command): Coverage => {
  let found = known.get(statement)
  if (found !== undefined) return found
  known.set(statement, (found = newCoverage()))
  add(found, statement)
  for (const cte of statement.ctes) {
    more(found.pairs, `Cte > ${cte.query._tag}`)
    add(found, cte.query)
  }
  return found
}

/** Counts what was counted elsewhere. */
export const addCoverage = (to: Coverage, from: Coverage): void => {
  for (const [key, count] of from.nodes) more(to.nodes, key, count)
  for (const [key, count] of from.pairs) more(to.pairs, key, count)
}

/** Counts a statement's nodes, those of its common table expressions included. */
export const cover = (coverage: Coverage, statement: Relation | Command): void =>
  addCoverage(coverage, coverageOf(statement))

/** Kinds and pairs that could have been met and were not. */
export const missing = (coverage: Coverage): ReadonlyArray<string> => [
  ...kinds.filter((kind) => !coverage.nodes.has(kind)),
  ...pairs.filter((pair) => !coverage.pairs.has(pair))
]

/** Kinds of node that a run of queries never met. */
export const missingInQueries = (coverage: Coverage): ReadonlyArray<string> =>
  kinds.filter((kind) => !commandKinds.has(kind) && !coverage.nodes.has(kind))

const commandKinds: ReadonlySet<string> = new Set([
  "Insert",
  "Update",
  "Delete",
  "Merge",
  "Default"
])

/** Pairs that queries can hold. */
export const queryPairs = pairs.filter((pair) =>
  pair.split(" > ").every((kind) => !commandKinds.has(kind))
)

const countOf = (coverage: Coverage, pair: string): number => coverage.pairs.get(pair) ?? 0

/** The pairs that a run of queries has not met often enough, the rarest first. */
export const tooRare = (coverage: Coverage, often: number): ReadonlyArray<string> =>
  queryPairs
    .filter((pair) => countOf(coverage, pair) < often)
    .toSorted((a, b) => countOf(coverage, a) - countOf(coverage, b))

/** The rarest of some pairs, as aims: so few that a part of a run aims at each some times. */
export const aimsFor = (pairs: ReadonlyArray<string>): ReadonlyArray<Aim> =>
  pairs.slice(0, 40).map((pair) => {
    const [parent, child] = pair.split(" > ") as [Tag, Tag]
    return { parent, child }
  })

/** Pairs that were met although the grammar of the algebra says they cannot be. */
export const unexpected = (coverage: Coverage): ReadonlyArray<string> =>
  [...coverage.pairs.keys()].filter((pair) => !pairs.includes(pair))

/** The counts, for people. */
export const report = (coverage: Coverage, of: ReadonlyArray<string> = pairs): string => {
  const list = [...coverage.nodes]
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${kind} ${count}`)
  const counts = of
    .map((pair) => [pair, countOf(coverage, pair)] as const)
    .toSorted(([, a], [, b]) => a - b)
  const told = counts.slice(0, 8).map(([pair, count]) => `${pair} ${count}`)
  const met = counts.filter(([, count]) => count > 0).length
  return [
    `nodes: ${list.join(", ")}`,
    `pairs: ${met} of ${of.length} possible (${impossible} impossible)`,
    `rarest: ${told.join(", ")}`
  ].join("\n")
}
